// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/contract_difference.h"

#include <map>
#include <set>

#include "resolve/contract_facts.h"

namespace race::resolve {
namespace {

using rcrate::Contract;
using rcrate::ContractId;
using Detail = ContractDifference::Detail;

const char* NameOfValue(const Contract& contract) {
  switch (contract.kind) {
    case RACE_CONTRACT_FIELD:
      return "offset";
    case RACE_CONTRACT_SIZE:
      return "size";
    default:
      return "value";
  }
}

std::string SpellValue(const Fact& fact) {
  if (fact.bits != 0) return "a bit field of " + std::to_string(fact.bits) + " bits";
  return fact.value ? std::to_string(*fact.value) : "not at a byte";
}

class Comparison {
 public:
  Comparison(const rcrate::RcrateFile& file, const kernel::Target& old_target,
             const CheckReport& old_report, const kernel::Target& new_target,
             const CheckReport& new_report)
      : file_(file),
        old_(old_target),
        new_(new_target),
        old_report_(old_report),
        new_report_(new_report),
        old_codes_(CodesOf(old_report)),
        new_codes_(CodesOf(new_report)) {}

  std::vector<ContractDifference> Compare() {
    for (uint32_t i = 0; i < file_.rcrate.contracts.size(); ++i) CompareContract(ContractId{i});
    AddOthers(old_report_);
    AddOthers(new_report_);
    return std::move(differences_);
  }

 private:
  // By what the problem is about, and where.
  using Key = std::pair<std::string, std::string>;
  using Codes = std::map<Key, std::string>;

  static Codes CodesOf(const CheckReport& report) {
    Codes codes;
    for (const Problem& problem : report.problems)
      codes.try_emplace({problem.contract, problem.source}, CodeName(problem.error));
    return codes;
  }

  static std::string CodeIn(const Codes& codes, const Key& key) {
    auto found = codes.find(key);
    return found == codes.end() ? "" : found->second;
  }

  void CompareContract(ContractId id) {
    const Contract& contract = file_.rcrate[id];
    const Key key{rcrate::Describe(contract), contract.source};
    known_.insert(key);
    const Fact before = FindFact(file_, id, old_, old_report_.resolution);
    const Fact after = FindFact(file_, id, new_, new_report_.resolution);
    ContractDifference difference{key.first, key.second, Details(contract, before, after),
                                  CodeIn(old_codes_, key), CodeIn(new_codes_, key)};
    // Whatever was not compared above has made one of the two refuse.
    if (difference.details.empty() && difference.old_code.empty() != difference.new_code.empty())
      difference.details.push_back(Holding(difference));
    if (!difference.details.empty()) differences_.push_back(std::move(difference));
  }

  std::vector<Detail> Details(const Contract& contract, const Fact& before,
                              const Fact& after) const {
    std::vector<Detail> details;
    if (!before.from_target && !after.from_target) return details;
    auto word = [](const Fact& fact) {
      return fact.from_target ? fact.is_present ? "the kernel's" : "missing" : fact.text;
    };
    if (before.from_target != after.from_target) return {{"", word(before), word(after)}};
    auto presence = [](const Fact& fact) { return fact.is_present ? "there" : "missing"; };
    if (before.is_present != after.is_present) return {{"", presence(before), presence(after)}};
    if (!before.is_present) return details;
    if (before.value != after.value || before.bits != after.bits)
      details.push_back({NameOfValue(contract), SpellValue(before), SpellValue(after)});
    if (before.text != after.text) details.push_back({"", before.text, after.text});
    AddTypes(contract, before, after, &details);
    return details;
  }

  // With the types of modules, where the driver needs any.
  static const steg::Graph& Types(const kernel::Target& target, const CheckReport& report) {
    const auto& extended = report.resolution.with_modules;
    return extended ? extended->types : target.types;
  }

  // A size's own type is a matter of its fields, which are contracts themselves.
  void AddTypes(const Contract& contract, const Fact& before, const Fact& after,
                std::vector<Detail>* details) const {
    if (contract.kind == RACE_CONTRACT_SIZE) return;
    if (!before.type || !after.type) {
      auto described = [](const Fact& fact) { return fact.type ? "described" : "not described"; };
      if (before.type || after.type)
        details->push_back({"type", described(before), described(after)});
      return;
    }
    std::string why;
    if (contract.kind == RACE_CONTRACT_FROZEN) {
      if (!steg::SameLayout(Types(old_, old_report_), *before.type, Types(new_, new_report_),
                            *after.type, &why))
        details->push_back({"layout", "one", "another: " + why});
      return;
    }
    if (!steg::Compatible(Types(old_, old_report_), *before.type, Types(new_, new_report_),
                          *after.type, &why))
      details->push_back({"type", steg::Spell(Types(old_, old_report_), *before.type),
                          steg::Spell(Types(new_, new_report_), *after.type)});
  }

  static Detail Holding(const ContractDifference& difference) {
    auto holds = [](const std::string& code) { return code.empty() ? "holds" : "does not hold"; };
    return {"", holds(difference.old_code), holds(difference.new_code)};
  }

  void AddOthers(const CheckReport& report) {
    for (const Problem& problem : report.problems) {
      const Key key{problem.contract, problem.source};
      if (!known_.insert(key).second) continue;
      ContractDifference difference{
          key.first, key.second, {}, CodeIn(old_codes_, key), CodeIn(new_codes_, key)};
      if (!difference.old_code.empty() && !difference.new_code.empty()) continue;
      // Where contracts do not hold, the rest was not tried.
      auto holds = [](const std::string& code, const CheckReport& of) {
        if (!code.empty()) return "does not hold";
        return of.problems.empty() ? "holds" : "not known";
      };
      difference.details.push_back(
          {"", holds(difference.old_code, old_report_), holds(difference.new_code, new_report_)});
      differences_.push_back(std::move(difference));
    }
  }

  const rcrate::RcrateFile& file_;
  const kernel::Target &old_, &new_;
  const CheckReport &old_report_, &new_report_;
  Codes old_codes_, new_codes_;
  std::set<Key> known_;
  std::vector<ContractDifference> differences_;
};

}  // namespace

std::vector<ContractDifference> CompareContracts(const rcrate::RcrateFile& file,
                                                 const kernel::Target& old_target,
                                                 const CheckReport& old_report,
                                                 const kernel::Target& new_target,
                                                 const CheckReport& new_report) {
  return Comparison(file, old_target, old_report, new_target, new_report).Compare();
}

}  // namespace race::resolve
