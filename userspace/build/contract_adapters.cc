// SPDX-License-Identifier: GPL-2.0-only
//
// What adapters make of the contracts.
#include <algorithm>

#include "build/contract_builder.h"
#include "build/contract_removal.h"
#include "build/prototype_check.h"

namespace race::build {
namespace {

bool IsImport(const rcrate::Contract& contract) {
  return contract.kind == RACE_CONTRACT_FUNCTION || contract.kind == RACE_CONTRACT_VARIABLE;
}

bool IsOneOf(const std::string& name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

// The first of its functions that the driver imports stands for all.
Status ContractBuilder::AddAbsence(const Adapter& adapter) {
  for (std::string_view function : adapter.functions) {
    auto lead = std::find_if(
        rcrate_.contracts.begin(), rcrate_.contracts.end(), [&](const rcrate::Contract& contract) {
          return contract.kind == RACE_CONTRACT_FUNCTION && rcrate::SymbolOf(contract) == function;
        });
    if (lead == rcrate_.contracts.end()) continue;
    rcrate::Contract absence = *lead;
    absence.kind = RACE_CONTRACT_LACKS_FUNCTION;
    absence.base_value = absence.low = 0;
    absence.high = 1;
    lacks_.emplace(&adapter, rcrate_.Add(std::move(absence)));
    return AddEnumerators(adapter);
  }
  return Ok{};
}

// What the code of the adapter was compiled with, and the driver's was not.
Status ContractBuilder::AddEnumerators(const Adapter& adapter) {
  if (enumerators_move_) return Ok{};
  for (std::string_view name : adapter.enumerators) {
    const auto& all = rcrate_.contracts;
    if (std::any_of(all.begin(), all.end(), [&](const rcrate::Contract& contract) {
          return contract.kind == RACE_CONTRACT_ENUMERATOR && contract.path == name;
        }))
      continue;
    const auto enumerator = std::find_if(enumerators_.begin(), enumerators_.end(),
                                         [&](const Enumerator& each) { return each.name == name; });
    std::optional<rcrate::ContractId> id;
    if (enumerator != enumerators_.end())
      id = AddEnumerator(*enumerator, false, false, std::string(adapter.crate));
    if (!id)
      return Fail(Code::kUnsupported)
             << adapter.crate << ": the bindings have no enumerator " << name;
    rcrate_.contracts[rcrate::Index(*id)].guard = lacks_.at(&adapter);
  }
  return Ok{};
}

// Those whose code needs a number: nullptr for the driver, and the adapters that
// are linked in.
std::set<const Adapter*> ContractBuilder::Needing(rcrate::ContractId id) const {
  auto scopes = scopes_.find(rcrate::Index(id));
  if (scopes == scopes_.end()) return {nullptr};
  std::set<const Adapter*> needing = scopes->second;
  std::erase_if(needing,
                [&](const Adapter* scope) { return scope != nullptr && !lacks_.contains(scope); });
  return needing;
}

// An adapter's source and the table declare a former prototype each: they must agree.
Status ContractBuilder::CheckFormer(const rcrate::Contract& contract,
                                    const llvm::Module& module) const {
  const std::string symbol = rcrate::SymbolOf(contract);
  const llvm::Function* function = module.getFunction(symbol);
  if (function != nullptr && contract.type != RACE_NO_TYPE &&
      CallsAs(*function->getFunctionType(), *graph_, steg::NodeId{contract.type}))
    return Ok{};
  return Fail(Code::kProofFailed) << symbol << ": what the adapter calls is not what C declares, "
                                  << (contract.type == RACE_NO_TYPE
                                          ? "nothing"
                                          : steg::Spell(*graph_, steg::NodeId{contract.type}));
}

Status ContractBuilder::FinishAdapters(const llvm::Module& module,
                                       const std::set<const Adapter*>& adapters) {
  const std::map<std::string, const Adapter*> only = ImportsOfAdapters(module);
  for (const Adapter* adapter : adapters) RACE_TRY(AddAbsence(*adapter));
  std::set<rcrate::ContractId> unneeded;
  for (uint32_t i = 0; i < rcrate_.contracts.size(); i++) {
    rcrate::Contract& contract = rcrate_.contracts[i];
    if (contract.kind == RACE_CONTRACT_LACKS_FUNCTION) continue;
    if (contract.is_former)
      RACE_TRY(CheckFormer(contract, module));
    else
      for (const auto& [adapter, absence] : lacks_)
        if (IsOneOf(contract.root, IsImport(contract) ? adapter->functions : adapter->types))
          contract.substitute = absence;
    if (contract.substitute) continue;
    const Adapter* needed_by = nullptr;
    if (IsImport(contract)) {
      auto found = only.find(rcrate::SymbolOf(contract));
      if (found != only.end()) needed_by = found->second;
    } else {
      const std::set<const Adapter*> needing = Needing(rcrate::ContractId{i});
      if (needing.empty()) unneeded.insert(rcrate::ContractId{i});
      if (needing.size() == 1) needed_by = *needing.begin();
    }
    auto absence = lacks_.find(needed_by);
    if (absence == lacks_.end()) continue;
    contract.guard = absence->second;
    // What needs it is what the adapter stands in for.
    if (contract.is_former) contract.source = rcrate_[absence->second].source;
  }
  AddGuards();
  // Of adapters whose functions nothing called any more when all was optimised.
  RemoveContracts(std::move(unneeded), &rcrate_);
  return Ok{};
}

}  // namespace race::build
