// SPDX-License-Identifier: GPL-2.0-only
#include "race/contract_diff.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "resolve/contract_difference.h"
#include "resolve/pipeline.h"

namespace race {
namespace {

using resolve::CheckReport;
using resolve::ContractDifference;
using Json = nlohmann::ordered_json;

// Two images of one release are told apart by their names.
struct Names {
  std::string before, after;
  Names(const CheckReport& a, const CheckReport& b)
      : before(a.release == b.release ? a.target : a.release),
        after(a.release == b.release ? b.target : b.release) {}
};

std::string Verdict(const CheckReport& a, const CheckReport& b) {
  const bool old_fits = a.problems.empty(), new_fits = b.problems.empty();
  if (old_fits && new_fits) return "the driver fits both";
  const Names names(a, b);
  if (old_fits) return "the driver fits only " + names.before;
  if (new_fits) return "the driver fits only " + names.after;
  return "the driver fits neither";
}

std::string Line(const ContractDifference& difference, const Names& names) {
  std::string line = difference.source.empty() ? "" : difference.source + ": ";
  line += difference.contract + ": ";
  const char* separator = "";
  for (const ContractDifference::Detail& detail : difference.details) {
    line += separator + detail.what + (detail.what.empty() ? "" : " ") + detail.before + " -> " +
            detail.after;
    separator = ", ";
  }
  if (!difference.old_code.empty())
    line += "; " + names.before + " is refused, " + difference.old_code;
  if (!difference.new_code.empty())
    line += "; " + names.after + " is refused, " + difference.new_code;
  return line;
}

void PrintText(const CheckReport& a, const CheckReport& b, size_t contracts,
               const std::vector<ContractDifference>& differences) {
  const Names names(a, b);
  for (const ContractDifference& difference : differences)
    std::cout << Line(difference, names) << '\n';
  std::cout << contracts << " contracts, " << differences.size()
            << (differences.size() == 1 ? " differs: " : " differ: ") << Verdict(a, b) << '\n';
}

Json SideToJson(const CheckReport& report) {
  Json codes = Json::array();
  for (const resolve::Problem& problem : report.problems)
    codes.push_back({{"code", resolve::CodeName(problem.error)},
                     {"contract", problem.contract},
                     {"source", problem.source},
                     {"message", problem.error.message}});
  return {{"target", report.target},
          {"release", report.release},
          {"fits", report.problems.empty()},
          {"problems", codes}};
}

void PrintJson(const std::string& rcrate, const CheckReport& a, const CheckReport& b,
               size_t contracts, const std::vector<ContractDifference>& differences) {
  Json all = {{"rcrate", rcrate},
              {"old", SideToJson(a)},
              {"new", SideToJson(b)},
              {"contracts", contracts},
              {"differences", Json::array()}};
  for (const ContractDifference& difference : differences) {
    Json details = Json::array();
    for (const ContractDifference::Detail& detail : difference.details)
      details.push_back({{"what", detail.what}, {"old", detail.before}, {"new", detail.after}});
    all["differences"].push_back({{"contract", difference.contract},
                                  {"source", difference.source},
                                  {"details", details},
                                  {"old_code", difference.old_code},
                                  {"new_code", difference.new_code}});
  }
  std::cout << all.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace

Result<bool> DiffForDriver(const std::string& rcrate, const std::string& old_name,
                           const std::string& new_name, bool json, Metrics* metrics) {
  RACE_ASSIGN(file, rcrate::OpenRcrate(rcrate));
  RACE_ASSIGN(old_target, kernel::ReadTarget(old_name, metrics));
  RACE_ASSIGN(new_target, kernel::ReadTarget(new_name, metrics));

  const CheckReport before = resolve::Check(file, *old_target, metrics);
  const CheckReport after = resolve::Check(file, *new_target, metrics);
  Phase phase(metrics, "compare");
  const auto differences = resolve::CompareContracts(file, *old_target, before, *new_target, after);
  if (json)
    PrintJson(rcrate, before, after, file.rcrate.contracts.size(), differences);
  else
    PrintText(before, after, file.rcrate.contracts.size(), differences);
  std::cout.flush();
  metrics->Count("differences", differences.size());
  return !differences.empty();
}

}  // namespace race
