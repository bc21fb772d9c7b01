// SPDX-License-Identifier: GPL-2.0-only
//
// What a driver's questions make of the contracts.
#include <algorithm>

#include "build/contract_builder.h"
#include "build/questions.h"

namespace race::build {
namespace {

// What the contract speaks of is what is asked for.
bool IsAbout(const rcrate::Contract& question, const rcrate::Contract& contract) {
  const bool any_enum = question.kind == RACE_CONTRACT_EXISTS_ENUMERATOR && question.root.empty();
  return (any_enum || question.root == contract.root) && question.path == contract.path;
}

}  // namespace

// Fills in what the base kernel knows of it.  The type is the one that the driver's code was
// compiled with: a field or a function of another type is of no use to it.
bool ContractBuilder::DescribeQuestion(rcrate::Contract* contract) {
  if (contract->kind == RACE_CONTRACT_EXISTS_FUNCTION ||
      contract->kind == RACE_CONTRACT_EXISTS_VARIABLE) {
    const bool is_function = contract->kind == RACE_CONTRACT_EXISTS_FUNCTION;
    const std::optional<steg::NodeId> declared = Declared(contract->root);
    if (!declared ||
        is_function != ((*base_)[steg::SkipQualifiers(*base_, *declared)].kind == STEG_PROTO))
      return false;
    if (is_function) contract->type = steg::Index(copier_->Copy(*declared, false));
    return true;
  }
  if (contract->kind == RACE_CONTRACT_EXISTS_ENUMERATOR && contract->root.empty()) {
    const std::vector<steg::NodeId> enums = steg::AllEnums(*base_);
    return std::any_of(enums.begin(), enums.end(), [&](steg::NodeId id) {
      return steg::FindEnumerator((*base_)[id], contract->path) != nullptr;
    });
  }
  const std::vector<steg::NodeId> roots = steg::FindRoot(*base_, contract->root);
  if (roots.empty() || ((*base_)[roots[0]].flags & STEG_INCOMPLETE) != 0) return false;
  if (contract->kind == RACE_CONTRACT_EXISTS_TYPE) return true;
  if (contract->kind == RACE_CONTRACT_EXISTS_ENUMERATOR) {
    if (steg::FindEnumerator((*base_)[roots[0]], contract->path) == nullptr) return false;
    contract->type = steg::Index(copier_->Copy(roots[0], false));
    return true;
  }
  steg::Place place;
  if (!steg::FindMember(*base_, roots[0], contract->path, &place, nullptr)) return false;
  // Of a bit field only the name: its declared type is not its own.
  if (place.bits == 0) contract->type = steg::Index(copier_->Copy(place.type, false));
  return true;
}

// As the grammar has it, where no other question has that name.
std::string ContractBuilder::NameAnswer(const rcrate::Contract& contract) const {
  const size_t space = contract.root.find(' ');
  std::string what = space == std::string::npos ? contract.root : contract.root.substr(space + 1);
  if (contract.kind == RACE_CONTRACT_EXISTS_FIELD) what += "." + contract.path;
  if (contract.kind == RACE_CONTRACT_EXISTS_ENUMERATOR) what = contract.path;
  if (contract.kind == RACE_CONTRACT_EXISTS_FUNCTION) what += "()";
  const std::string name = std::string(kQuestionPrefix) + what;
  const auto& all = rcrate_.symbols;
  const bool taken =
      std::any_of(all.begin(), all.end(), [&](const auto& symbol) { return symbol.name == name; });
  return taken ? RACE_SYMBOL_PREFIX "expr:" + std::to_string(rcrate_.exprs.size()) : name;
}

Result<ContractBuilder::Asked> ContractBuilder::AddQuestion(const std::string& question,
                                                            const std::string& source) {
  Result<Question> parsed = ParseQuestion(question);
  if (!parsed) return Fail(parsed.error().code) << source << ": " << parsed.error().message;
  rcrate::Contract contract;
  contract.kind = parsed->kind;
  contract.root = parsed->root;
  contract.path = parsed->path;
  contract.high = 1;
  contract.source = source;
  const bool in_base = DescribeQuestion(&contract);
  contract.base_value = in_base ? 1 : 0;
  Asked asked{NameAnswer(contract), rcrate::Describe(contract), in_base};
  const rcrate::ContractId id = rcrate_.Add(std::move(contract));
  questions_[question] = id;
  rcrate_.symbols.push_back({asked.symbol, rcrate_.Add(rcrate::Expr{0, {{1, id, 0}}}), 0, 1});
  return asked;
}

// A contract has one guard.  Of several answers the one to a question for the very thing says
// most, then one about the same type, then the innermost.
void ContractBuilder::Guard(rcrate::Contract* contract, const Answers& answers) const {
  int best_rank = -1;
  for (const Answer& answer : answers) {
    const rcrate::ContractId question = questions_.at(answer.question);
    int rank = 0;
    if (answer.yes && rcrate_[question].root == contract->root) rank = 1;
    if (answer.yes && IsAbout(rcrate_[question], *contract)) rank = 2;
    if (rank < best_rank) continue;
    best_rank = rank;
    contract->guard = question;
    contract->is_unless = !answer.yes;
  }
}

void ContractBuilder::AddGuards() {
  for (uint32_t i = 0; i < rcrate_.contracts.size(); i++) {
    rcrate::Contract& contract = rcrate_.contracts[i];
    if (contract.guard || rcrate::IsExists(contract.kind)) continue;
    auto needed = needed_with_.find(i);
    if (needed == needed_with_.end() ||
        Needing(rcrate::ContractId{i}) != std::set<const Adapter*>{nullptr})
      continue;
    Guard(&contract, needed->second);
  }
}

}  // namespace race::build
