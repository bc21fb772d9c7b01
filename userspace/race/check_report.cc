// SPDX-License-Identifier: GPL-2.0-only
#include "race/check_report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "race/commands.h"

namespace race {
namespace {

using Json = nlohmann::ordered_json;

// By Verdict; the JSON has the same words.
constexpr const char* kVerdicts[] = {"fits", "refused", "trouble"};

const char* NameOf(Verdict verdict) { return kVerdicts[static_cast<int>(verdict)]; }

const char* NameOfKind(const rcrate::Contract& contract) {
  switch (contract.kind) {
    case RACE_CONTRACT_FIELD:
      return "field";
    case RACE_CONTRACT_SIZE:
      return "size";
    case RACE_CONTRACT_BITFIELD:
      return "bits";
    default:
      return contract.is_mask ? "mask" : "enumerator";
  }
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

struct Totals {
  size_t by_verdict[std::size(kVerdicts)] = {};
  explicit Totals(const std::vector<KernelCheck>& checks) {
    for (const KernelCheck& check : checks) ++by_verdict[static_cast<int>(check.verdict())];
  }
  size_t Of(Verdict verdict) const { return by_verdict[static_cast<int>(verdict)]; }
};

// Two images of one release are told apart by their names.
std::vector<std::string> RowNames(const std::vector<KernelCheck>& checks) {
  std::map<std::string, int> count;
  for (const KernelCheck& check : checks) ++count[check.report.release];
  std::vector<std::string> names;
  for (const KernelCheck& check : checks)
    names.push_back(check.error || count[check.report.release] > 1 ? check.target
                                                                   : check.report.release);
  return names;
}

// "RACE-E0403  field x of struct y (driver.rs:12), and 2 more".
std::string ShortReason(const KernelCheck& check) {
  if (check.error) return resolve::CodeName(*check.error) + "  " + FirstLine(check.error->message);
  if (check.report.problems.empty()) return "";
  const resolve::Problem& first = check.report.problems.front();
  std::string reason = resolve::CodeName(first.error) + "  ";
  // Only contracts have a name that says something by itself.
  const bool is_contract = !first.source.empty() || check.report.problems.size() > 1;
  reason += is_contract ? first.contract : FirstLine(first.error.message);
  if (!first.source.empty()) reason += " (" + first.source + ")";
  if (size_t more = check.report.problems.size() - 1)
    reason += ", and " + std::to_string(more) + " more";
  return reason;
}

Json ToJson(const rcrate::RcrateFile& file, const KernelCheck& check) {
  if (check.error)
    return {{"target", check.target},
            {"verdict", NameOf(check.verdict())},
            {"code", resolve::CodeName(*check.error)},
            {"error", check.error->Text()}};
  Json problems = Json::array();
  for (const resolve::Problem& problem : check.report.problems)
    problems.push_back({{"code", resolve::CodeName(problem.error)},
                        {"contract", problem.contract},
                        {"source", problem.source},
                        {"message", problem.error.message}});
  Json json = {{"target", check.report.target},
               {"release", check.report.release},
               {"verdict", NameOf(check.verdict())},
               {"fits", check.report.problems.empty()},
               {"problems", problems},
               {"notes", check.report.notes}};
  for (const CheckedValue& value : check.values) {
    const rcrate::Contract& contract = file.rcrate[value.contract];
    json["values"].push_back({{"kind", NameOfKind(contract)},
                              {"root", contract.root},
                              {"path", contract.path},
                              {"value", value.value ? Json(*value.value) : Json()},
                              {"holds", value.holds},
                              {"source", contract.source}});
  }
  return json;
}

}  // namespace

Verdict KernelCheck::verdict() const {
  if (error) return Verdict::kTrouble;
  for (const resolve::Problem& problem : report.problems)
    if (ExitStatusOf(problem.error) != kExitRefused) return Verdict::kTrouble;
  return report.problems.empty() ? Verdict::kFits : Verdict::kRefused;
}

void PrintInFull(const rcrate::RcrateFile& file, const KernelCheck& check, std::ostream& out) {
  const resolve::CheckReport& report = check.report;
  out << report.target << " (" << report.release << "): ";
  if (report.problems.empty())
    out << file.path << " fits\n";
  else
    out << report.problems.size()
        << (report.problems.size() == 1 ? " contract does" : " contracts do") << " not hold\n";
  for (const resolve::Problem& problem : report.problems)
    out << "  " << problem.error.Text() << '\n';
  for (const std::string& note : report.notes) out << "  note: " << note << '\n';
  for (const CheckedValue& value : check.values) {
    const rcrate::Contract& contract = file.rcrate[value.contract];
    out << '\t' << (value.value ? std::to_string(*value.value) : "-") << '\t'
        << NameOfKind(contract) << '\t' << contract.root << '\t' << contract.path << '\t'
        << (value.holds ? "holds" : "does not hold") << '\n';
  }
}

void PrintRows(const rcrate::RcrateFile& file, const std::vector<KernelCheck>& checks,
               std::ostream& out) {
  const std::vector<std::string> names = RowNames(checks);
  size_t width = 0;
  for (const std::string& name : names) width = std::max(width, name.size());
  out << file.path << '\n';
  for (size_t i = 0; i < checks.size(); ++i) {
    const std::string verdict = NameOf(checks[i].verdict());
    const std::string reason = ShortReason(checks[i]);
    out << "  " << names[i] << std::string(width - names[i].size(), ' ') << "  " << verdict;
    if (!reason.empty()) out << std::string(9 - verdict.size(), ' ') << reason;
    out << '\n';
  }
  const Totals totals(checks);
  out << checks.size() << (checks.size() == 1 ? " kernel: " : " kernels: ")
      << totals.Of(Verdict::kFits) << " fit, " << totals.Of(Verdict::kRefused) << " refused, "
      << totals.Of(Verdict::kTrouble) << " cannot be judged\n";
}

void PrintJson(const rcrate::RcrateFile& file, const std::vector<KernelCheck>& checks,
               std::ostream& out) {
  const Totals totals(checks);
  Json all = {{"rcrate", file.path},
              {"targets", Json::array()},
              {"totals",
               {{"kernels", checks.size()},
                {"fits", totals.Of(Verdict::kFits)},
                {"refused", totals.Of(Verdict::kRefused)},
                {"trouble", totals.Of(Verdict::kTrouble)}}}};
  for (const KernelCheck& check : checks) all["targets"].push_back(ToJson(file, check));
  // File names need not be UTF-8.
  out << all.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace race
