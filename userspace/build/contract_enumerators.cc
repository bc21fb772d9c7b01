// SPDX-License-Identifier: GPL-2.0-only
//
// What the code's use of C's enumerators makes of the contracts (rule 9): symbols where the
// numbers are known that come from them, and elsewhere the values of the base kernel.
#include <algorithm>

#include "build/contract_builder.h"
#include "build/enumerator_numbers.h"

namespace race::build {
namespace {

// C's type of what says how to allocate.
constexpr const char* kAllocationFlags = "gfp_t";

}  // namespace

bool ContractBuilder::TakesAllocationFlags(steg::NodeId prototype) const {
  for (const steg::Edge& edge : (*base_)[prototype].edges)
    if (edge.kind == STEG_EDGE_PARAM && (*base_)[edge.target].name == kAllocationFlags) return true;
  return false;
}

std::set<std::string> ContractBuilder::EnumeratorsOf(
    const std::map<std::string, std::string>& names) const {
  std::set<std::string> parts;  // C's names
  for (const DerivedConstant& derived : derived_)
    if (names.count(derived.constant) != 0)
      parts.insert(derived.enumerators.begin(), derived.enumerators.end());
  std::set<std::string> constants;
  for (const Enumerator& enumerator : enumerators_)
    if (names.count(enumerator.constant) != 0 || parts.count(enumerator.name) != 0)
      constants.insert(enumerator.constant);
  return constants;
}

// In the base kernel's types, with the same value; none where C has no such enumerator (a
// constant of the same form that a macro gives).
std::optional<steg::NodeId> ContractBuilder::EnumOf(const Enumerator& enumerator) const {
  std::optional<steg::NodeId> found;
  const auto [first, last] = enums_.equal_range(enumerator.name);
  for (auto at = first; at != last; ++at) {
    const auto& [id, value] = at->second;
    if (value != enumerator.values[0]) continue;
    if ((*base_)[id].name == enumerator.type) return id;
    // A typedef of an enum without a name is one for bindgen.
    if (!found && (*base_)[id].name.empty()) found = id;
  }
  return found;
}

void ContractBuilder::FindEnums() {
  for (const steg::NodeId id : steg::AllEnums(*base_))
    for (const steg::Edge& edge : (*base_)[id].edges)
      enums_.emplace(edge.name, std::pair(id, static_cast<int64_t>(edge.value)));
  std::erase_if(enumerators_, [&](const Enumerator& each) { return !EnumOf(each); });
}

// Also of one that is another contract's, with a range or as a mask.
std::optional<rcrate::ContractId> ContractBuilder::AddEnumerator(const Enumerator& enumerator,
                                                                 bool is_mask, bool moves,
                                                                 const std::string& source) {
  const std::optional<steg::NodeId> id = EnumOf(enumerator);
  if (!id) return std::nullopt;
  const std::string key = std::string(is_mask ? "mask " : "enumerator ") +
                          (moves ? "moving " : "exact ") + enumerator.constant;
  if (auto known = contracts_.find(key); known != contracts_.end())
    return rcrate::ContractId{known->second};
  rcrate::Contract contract;
  contract.kind = RACE_CONTRACT_ENUMERATOR;
  contract.path = enumerator.name;
  contract.is_mask = is_mask;
  if (!(*base_)[*id].name.empty()) {
    contract.root = "enum " + std::string((*base_)[*id].name);
    contract.type = steg::Index(copier_->Copy(*id, false));
  }
  const int64_t value = enumerator.values[0];
  contract.base_value = static_cast<uint64_t>(is_mask ? int64_t{1} << value : value);
  // What the code was compiled with is what it is for (rule 16).
  contract.low = moves ? (is_mask ? 1 : enumerator.Least()) : contract.base_value;
  contract.high = moves ? enumerator.Greatest() : contract.base_value;
  contract.source = source;
  const rcrate::ContractId added = rcrate_.Add(std::move(contract));
  contracts_[key] = rcrate::Index(added);
  return added;
}

// The kernel crate's flags (GFP_KERNEL and its like) are made of the enumerators
// ___GFP_*_BIT, which a configuration can move.
void ContractBuilder::AddAllocationFlags(const std::string& source) {
  if (allocation_flags_ || enumerators_move_) return;
  allocation_flags_ = true;
  for (const DerivedConstant& derived : derived_)
    if (!derived.constant.starts_with("XA_")) AddEnumerators(derived, source, nullptr);
}

void ContractBuilder::AddEnumerators(const DerivedConstant& derived, const std::string& source,
                                     const Answers* known) {
  for (const std::string& name : derived.enumerators)
    for (const Enumerator& enumerator : enumerators_) {
      if (enumerator.name != name) continue;
      const auto added = AddEnumerator(enumerator, false, false, source);
      if (added && known != nullptr) needed_with_[rcrate::Index(*added)] = *known;
    }
}

void ContractBuilder::AddEnumerators(const std::map<std::string, std::string>& names,
                                     const std::map<std::string, Answers>& answers) {
  auto known_of = [&](const std::string& name) {
    const auto known = answers.find(name);
    return known == answers.end() ? nullptr : &known->second;
  };
  for (const Enumerator& enumerator : enumerators_) {
    const auto named = names.find(enumerator.constant);
    if (named == names.end() || (enumerators_move_ && enumerator.Moves())) continue;
    const auto added = AddEnumerator(enumerator, false, false, named->second);
    const Answers* known = known_of(named->first);
    if (added && known != nullptr) needed_with_[rcrate::Index(*added)] = *known;
  }
  if (enumerators_move_) return;
  for (const DerivedConstant& derived : derived_)
    if (const auto named = names.find(derived.constant); named != names.end())
      AddEnumerators(derived, named->second, known_of(named->first));
}

Result<std::string> ContractBuilder::AddSymbol(const EnumeratorNumber& number,
                                               const std::string& source, int64_t low,
                                               int64_t high) {
  rcrate::Expr expr{number.constant, {}};
  for (const EnumeratorTerm& term : number.terms) {
    const auto contract = AddEnumerator(*term.enumerator, term.is_mask, true, source);
    if (!contract)
      return Fail(Code::kUnsupported)
             << source << ": the base kernel's debug information has no enumerator "
             << term.enumerator->name;
    // For whose code it is may be new.
    NoteUse(*contract);
    expr.terms.push_back({term.coefficient, *contract, 0});
  }
  if (auto known = enumerator_symbols_.find(number); known != enumerator_symbols_.end())
    return known->second;
  const bool single =
      expr.constant == 0 && expr.terms.size() == 1 && expr.terms[0].coefficient == 1;
  const rcrate::ExprId id = rcrate_.Add(std::move(expr));
  std::string name = RACE_SYMBOL_PREFIX "expr:" + std::to_string(rcrate::Index(id));
  if (single)
    name = (number.terms[0].is_mask ? RACE_SYMBOL_PREFIX "mask:" : RACE_SYMBOL_PREFIX "enum:") +
           number.terms[0].enumerator->name;
  rcrate_.symbols.push_back({name, id, low, high});
  enumerator_symbols_[number] = name;
  return name;
}

}  // namespace race::build
