// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/contract_resolution.h"

#include <map>
#include <optional>

#include "resolve/import_binding.h"
#include "resolve/needed_modules.h"
#include "resolve/type_binding.h"

namespace race::resolve {
namespace {

using rcrate::Contract;
using rcrate::ContractId;

// The contracts of one root type held against one candidate of the target.
struct Attempt {
  steg::NodeId candidate;
  std::vector<std::pair<ContractId, int64_t>> values;
  std::vector<std::pair<ContractId, Error>> errors;
};

class Resolver {
 public:
  // `target` is what `modules` has made of it.
  Resolver(const rcrate::RcrateFile& file, const kernel::Target& target,
           const NeededModules& modules)
      : file_(file), target_(target), modules_(modules) {
    resolution_.values.resize(file.rcrate.contracts.size(), 0);
    resolution_.holds.resize(file.rcrate.contracts.size(), false);
    resolution_.types.resize(file.rcrate.contracts.size(), steg::NodeId::kVoid);
  }

  Resolution Resolve() {
    AskExistence();
    TakeSubstitutes();
    BindRoots();
    BindOthers();
    CheckRooms();
    return std::move(resolution_);
  }

 private:
  const Contract& At(ContractId id) const { return file_.rcrate[id]; }

  void AddProblem(ContractId id, Error error) {
    resolution_.problems.push_back({rcrate::Describe(At(id)), At(id).source, std::move(error)});
  }

  bool IsSubstituted(ContractId id) const {
    return rcrate::IsSubstituted(file_.rcrate, resolution_.values, id);
  }
  bool IsLive(ContractId id) const { return rcrate::IsLive(file_.rcrate, resolution_.values, id); }

  // What exists decides which of the other contracts count.
  void AskExistence() {
    for (uint32_t i = 0; i < file_.rcrate.contracts.size(); ++i) {
      const ContractId id{i};
      if (!rcrate::IsExists(At(id).kind)) continue;
      auto answer = Exists(At(id));
      if (!answer) {
        AddProblem(id, answer.error());
        continue;
      }
      if (Status known = IsKnown(At(id), *answer); !known) {
        AddProblem(id, known.error());
        continue;
      }
      SetValue(id, *answer ? 1 : 0);
      if (Status range = CheckRange(At(id), *answer ? 1 : 0); !range) AddProblem(id, range.error());
    }
  }

  // What the driver brings itself is not looked for in the target.
  void TakeSubstitutes() {
    for (uint32_t i = 0; i < file_.rcrate.contracts.size(); ++i) {
      const ContractId id{i};
      if (!IsLive(id) || !IsSubstituted(id)) continue;
      const Contract& contract = At(id);
      if (contract.kind == RACE_CONTRACT_FUNCTION) resolution_.substituted.insert(contract.root);
      SetValue(id, static_cast<int64_t>(contract.base_value));
    }
  }

  Result<bool> Exists(const Contract& contract) const {
    if (IsAboutType(contract)) return ExistsInRoot(contract);
    if (contract.kind == RACE_CONTRACT_EXISTS_ENUMERATOR)
      return EnumeratorExists(file_, contract, target_.types, Enums());
    Contract import = contract;
    import.kind = contract.kind == RACE_CONTRACT_EXISTS_VARIABLE ? RACE_CONTRACT_VARIABLE
                                                                 : RACE_CONTRACT_FUNCTION;
    if (contract.kind == RACE_CONTRACT_LACKS_FUNCTION) return !BindImport(file_, import, target_);
    return static_cast<bool>(BindImport(file_, import, target_));
  }

  // The third answer: what was not found is absent only if all was seen that may have it.
  Status IsKnown(const Contract& contract, bool answer) const {
    const bool is_about_types =
        IsAboutType(contract) || contract.kind == RACE_CONTRACT_EXISTS_ENUMERATOR;
    if (answer || !is_about_types) return Ok{};
    for (const kernel::AddedModule& module : target_.added_modules) {
      if (!module.untyped) continue;
      return Fail(module.untyped->code)
             << Prefix(contract) << "whether it exists is not known: the module " << module.name
             << ", which the driver needs, may have it, and its types are not known: "
             << module.untyped->message
             << "; note: name a target whose modules have BTF (CONFIG_DEBUG_INFO_BTF_MODULES), or "
             << "let the driver ask for a function, as exports are known without types";
    }
    return Ok{};
  }

  // Several types of one name that give different answers: those count in which
  // everything else holds that is needed of the type in any case.
  Result<bool> ExistsInRoot(const Contract& contract) const {
    bool yes = false, no = false;
    const std::vector<steg::NodeId> candidates = steg::FindRoot(target_.types, contract.root);
    for (bool all : {true, false}) {
      yes = no = false;
      for (steg::NodeId candidate : candidates)
        if (all || HoldsUnguarded(contract.root, candidate))
          (ExistsIn(file_, contract, target_.types, candidate) ? yes : no) = true;
      if (!yes || !no) return yes;
    }
    return Fail(Code::kTypeAmbiguous)
           << Prefix(contract) << "the target has " << candidates.size() << " types of that name, "
           << "in some of which it exists and in others not";
  }

  bool HoldsUnguarded(std::string_view root, steg::NodeId candidate) const {
    for (const Contract& contract : file_.rcrate.contracts)
      if (IsAboutType(contract) && contract.root == root && !contract.guard &&
          !rcrate::IsExists(contract.kind) &&
          !BindToType(file_, contract, target_.types, candidate))
        return false;
    return true;
  }

  // All numbers of one root must come from one type of the target: two of the
  // same name mixed up would give each field a place in another object.
  void BindRoots() {
    std::vector<std::pair<std::string_view, std::vector<ContractId>>> roots;
    std::map<std::string_view, size_t> index;
    for (uint32_t i = 0; i < file_.rcrate.contracts.size(); ++i) {
      const Contract& contract = file_.rcrate.contracts[i];
      if (!IsAboutType(contract)) continue;
      auto [at, is_new] = index.try_emplace(contract.root, roots.size());
      if (is_new) roots.push_back({contract.root, {}});
      roots[at->second].second.push_back(ContractId{i});
    }
    for (const auto& [root, ids] : roots) BindRoot(root, Needed(ids));
  }

  // Those that count; none when nothing is asked but whether something exists.
  std::vector<ContractId> Needed(const std::vector<ContractId>& ids) const {
    std::vector<ContractId> live;
    bool asks_only = true;
    for (ContractId id : ids) {
      if (!IsLive(id) || IsSubstituted(id)) continue;
      live.push_back(id);
      asks_only = asks_only && rcrate::IsExists(At(id).kind);
    }
    return asks_only ? std::vector<ContractId>{} : live;
  }

  void BindRoot(std::string_view root, const std::vector<ContractId>& ids) {
    if (ids.empty()) return;
    std::vector<steg::NodeId> candidates = steg::FindRoot(target_.types, root);
    if (candidates.empty()) {
      for (ContractId id : ids)
        if (!rcrate::IsExists(At(id).kind))
          AddProblem(id, Fail(Code::kTypeMissing)
                             << Prefix(At(id)) << "expected " << root
                             << "; the target has no type of that name" << WhyNotInModules());
      return;
    }

    std::optional<Attempt> fit, best;
    steg::NodeId taken = candidates.front();
    for (steg::NodeId candidate : candidates) {
      Attempt attempt = Try(candidate, ids);
      if (!attempt.errors.empty()) {
        if (best && attempt.errors.size() >= best->errors.size()) continue;
        if (!fit) taken = candidate;
        best = std::move(attempt);
        continue;
      }
      std::string why;
      if (fit && !steg::SameLayout(target_.types, fit->candidate, target_.types, candidate, &why)) {
        Take(taken, ids);
        for (ContractId id : ids)
          AddProblem(id, Fail(Code::kTypeAmbiguous)
                             << Prefix(At(id)) << "expected one " << root << "; the target has "
                             << candidates.size()
                             << " of that name, and two that fit but differ: " << why);
        return;
      }
      if (fit) continue;
      taken = candidate;
      fit = std::move(attempt);
    }
    Take(taken, ids);
    if (!fit) {
      // What holds by itself is no number yet: the type is not the driver's.
      for (auto& [id, error] : best->errors) {
        if (candidates.size() > 1)
          error.message += "; the target has " + std::to_string(candidates.size()) +
                           " types of that name, this is the nearest";
        AddProblem(id, std::move(error));
      }
      return;
    }
    for (const auto& [id, value] : fit->values) SetValue(id, value);
  }

  void Take(steg::NodeId type, const std::vector<ContractId>& ids) {
    for (ContractId id : ids) resolution_.types[Index(id)] = type;
  }

  std::string WhyNotInModules() const {
    // Who has no modules at hand may have the type in one of them all the same.
    if (!target_.modules) return " (its modules, one of which may have it, are not known)";
    if (modules_.failures.empty()) return NorModules(target_);
    return "; a module that may have it cannot be used, as the driver's imports show";
  }

  Attempt Try(steg::NodeId candidate, const std::vector<ContractId>& ids) const {
    Attempt attempt{candidate, {}, {}};
    std::map<uint8_t, std::pair<ContractId, int64_t>> units;
    for (ContractId id : ids) {
      if (rcrate::IsExists(At(id).kind)) {
        const bool answer = resolution_.values[Index(id)] != 0;
        if (ExistsIn(file_, At(id), target_.types, candidate) != answer)
          attempt.errors.push_back({id, Fail(Code::kTypeAmbiguous)
                                            << Prefix(At(id))
                                            << "the target has several types of that name, and "
                                            << "the one that is to be used gives another answer"});
        continue;
      }
      auto value = BindToType(file_, At(id), target_.types, candidate);
      if (!value) {
        attempt.errors.push_back({id, value.error()});
        continue;
      }
      attempt.values.push_back({id, *value});
      if (At(id).unit == 0) continue;
      auto [unit, is_new] = units.try_emplace(At(id).unit, id, *value);
      if (!is_new && unit->second.second != *value)
        attempt.errors.push_back({id, OtherUnit(id, *value, unit->second)});
    }
    return attempt;
  }

  // The code has one address for all bit fields of a unit, and for all members of a union.
  Error OtherUnit(ContractId id, int64_t value, std::pair<ContractId, int64_t> first) const {
    if (At(id).kind == RACE_CONTRACT_FIELD)
      return Fail(Code::kBitfieldUnit)
             << Prefix(At(id)) << "expected at the same place as " << At(first.first).path
             << ", as in a union; on the target that one is at byte " << first.second
             << ", this one at " << value;
    return Fail(Code::kBitfieldUnit)
           << Prefix(At(id)) << "expected in one storage unit with " << At(first.first).path
           << "; on the target that one's begins at byte " << first.second << ", this one's at "
           << value;
  }

  void SetValue(ContractId id, int64_t value) {
    resolution_.values[Index(id)] = value;
    resolution_.holds[Index(id)] = true;
  }

  void BindOthers() {
    for (uint32_t i = 0; i < file_.rcrate.contracts.size(); ++i) {
      const ContractId id{i};
      const Contract& contract = At(id);
      if (IsAboutType(contract) || rcrate::IsExists(contract.kind) || !IsLive(id) ||
          IsSubstituted(id))
        continue;
      if (contract.kind == RACE_CONTRACT_ENUMERATOR) {
        auto value = BindEnumerator(file_, contract, target_.types, Enums());
        if (value)
          SetValue(id, *value);
        else
          AddProblem(id, value.error());
        continue;
      }
      if (contract.kind == RACE_CONTRACT_CONFIG) {
        Status status = BindConfig(contract, target_);
        if (status)
          resolution_.holds[i] = true;
        else
          AddProblem(id, status.error());
        continue;
      }
      auto failure = modules_.failures.find(contract.root);
      if (failure != modules_.failures.end()) {
        AddProblem(id, Fail(failure->second.code) << Prefix(contract) << failure->second.message);
        continue;
      }
      auto import = BindImport(file_, contract, target_);
      if (!import) {
        AddProblem(id, import.error());
        continue;
      }
      resolution_.holds[i] = true;
      const std::string symbol = rcrate::SymbolOf(contract);
      if (import->symbol != symbol) resolution_.renamed[symbol] = import->symbol;
      if (!import->module.empty()) resolution_.depends.insert(import->module);
    }
  }

  // A room is only judged when all its numbers are known: one problem, one message.
  void CheckRooms() {
    for (const rcrate::Room& room : file_.rcrate.rooms) {
      bool known = true;
      for (const rcrate::ContractId id : rcrate::ContractsOf(file_.rcrate, room.expr))
        known = known && resolution_.holds[Index(id)];
      if (!known) continue;
      const std::string spelled = rcrate::Spell(file_.rcrate, room.expr);
      auto need = rcrate::Evaluate(file_.rcrate, resolution_.values, room.expr);
      if (need && *need >= 0 && static_cast<uint64_t>(*need) <= room.bound) continue;
      Error error = need ? (Fail(Code::kRoomExceeded)
                            << (room.source.empty() ? "" : room.source + ": ") << spelled
                            << ": expected at most " << room.bound << " bytes, which the driver's "
                            << "code reserves on the stack; on the target it is " << *need)
                               .Take()
                         : need.error();
      resolution_.problems.push_back({"room for " + spelled, room.source, std::move(error)});
    }
  }

  // Looked for when the first enumerator asks for them.
  const std::vector<steg::NodeId>& Enums() const {
    if (!enums_) enums_ = steg::AllEnums(target_.types);
    return *enums_;
  }

  const rcrate::RcrateFile& file_;
  const kernel::Target& target_;
  const NeededModules& modules_;
  mutable std::optional<std::vector<steg::NodeId>> enums_;
  Resolution resolution_;
};

}  // namespace

Resolution ResolveContracts(const rcrate::RcrateFile& file, const kernel::Target& target) {
  NeededModules modules = FindNeededModules(file, target);
  Resolution resolution =
      Resolver(file, modules.target ? *modules.target : target, modules).Resolve();
  if (modules.target)
    resolution.with_modules = std::make_shared<kernel::Target>(std::move(*modules.target));
  return resolution;
}

std::string Prefix(const Contract& contract) {
  return (contract.source.empty() ? "" : contract.source + ": ") + rcrate::Describe(contract) +
         ": ";
}

}  // namespace race::resolve
