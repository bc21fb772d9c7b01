// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/contract_resolution.h"

#include <map>
#include <optional>

#include "resolve/import_binding.h"
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
  Resolver(const rcrate::RcrateFile& file, const kernel::Target& target)
      : file_(file), target_(target) {
    resolution_.values.resize(file.rcrate.contracts.size(), 0);
    bound_.resize(file.rcrate.contracts.size(), false);
  }

  Resolution Resolve() {
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

  static bool IsAboutRoot(const Contract& contract) {
    switch (contract.kind) {
      case RACE_CONTRACT_FIELD:
      case RACE_CONTRACT_SIZE:
      case RACE_CONTRACT_FROZEN:
        return true;
      case RACE_CONTRACT_ENUMERATOR:
        return !contract.root.empty();
      default:
        return false;
    }
  }

  // All numbers of one root must come from one type of the target: two of the
  // same name mixed up would give each field a place in another object.
  void BindRoots() {
    std::vector<std::pair<std::string_view, std::vector<ContractId>>> roots;
    std::map<std::string_view, size_t> index;
    for (uint32_t i = 0; i < file_.rcrate.contracts.size(); ++i) {
      const Contract& contract = file_.rcrate.contracts[i];
      if (!IsAboutRoot(contract)) continue;
      auto [at, is_new] = index.try_emplace(contract.root, roots.size());
      if (is_new) roots.push_back({contract.root, {}});
      roots[at->second].second.push_back(ContractId{i});
    }
    for (const auto& [root, ids] : roots) BindRoot(root, ids);
  }

  void BindRoot(std::string_view root, const std::vector<ContractId>& ids) {
    std::vector<steg::NodeId> candidates = steg::FindRoot(target_.types, root);
    if (candidates.empty()) {
      for (ContractId id : ids)
        AddProblem(id, Fail(Code::kTypeMissing) << Prefix(At(id)) << "expected " << root
                                                << "; the target has no type of that name");
      return;
    }

    std::optional<Attempt> fit, best;
    for (steg::NodeId candidate : candidates) {
      Attempt attempt = Try(candidate, ids);
      if (!attempt.errors.empty()) {
        if (!best || attempt.errors.size() < best->errors.size()) best = std::move(attempt);
        continue;
      }
      std::string why;
      if (fit && !steg::SameLayout(target_.types, fit->candidate, target_.types, candidate, &why)) {
        for (ContractId id : ids)
          AddProblem(id, Fail(Code::kTypeAmbiguous)
                             << Prefix(At(id)) << "expected one " << root << "; the target has "
                             << candidates.size()
                             << " of that name, and two that fit but differ: " << why);
        return;
      }
      if (!fit) fit = std::move(attempt);
    }
    if (!fit) {
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

  Attempt Try(steg::NodeId candidate, const std::vector<ContractId>& ids) const {
    Attempt attempt{candidate, {}, {}};
    for (ContractId id : ids) {
      auto value = BindToType(file_, At(id), target_.types, candidate);
      if (value)
        attempt.values.push_back({id, *value});
      else
        attempt.errors.push_back({id, value.error()});
    }
    return attempt;
  }

  void SetValue(ContractId id, int64_t value) {
    resolution_.values[Index(id)] = value;
    bound_[Index(id)] = true;
  }

  void BindOthers() {
    for (uint32_t i = 0; i < file_.rcrate.contracts.size(); ++i) {
      const ContractId id{i};
      const Contract& contract = At(id);
      if (IsAboutRoot(contract)) continue;
      if (contract.kind == RACE_CONTRACT_ENUMERATOR) {
        auto value = BindEnumerator(contract, target_.types);
        if (value)
          SetValue(id, *value);
        else
          AddProblem(id, value.error());
        continue;
      }
      if (contract.kind == RACE_CONTRACT_CONFIG) {
        if (Status status = BindConfig(contract, target_); !status) AddProblem(id, status.error());
        continue;
      }
      auto import = BindImport(file_, contract, target_);
      if (!import) {
        AddProblem(id, import.error());
        continue;
      }
      if (import->symbol != contract.root) resolution_.renamed[contract.root] = import->symbol;
      if (!import->module.empty()) resolution_.depends.insert(import->module);
    }
  }

  // A room is only judged when all its numbers are known: one problem, one message.
  void CheckRooms() {
    for (const rcrate::Room& room : file_.rcrate.rooms) {
      bool known = true;
      for (const rcrate::Term& term : file_.rcrate[room.expr].terms)
        known = known && bound_[Index(term.contract)];
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

  const rcrate::RcrateFile& file_;
  const kernel::Target& target_;
  std::vector<bool> bound_;
  Resolution resolution_;
};

}  // namespace

Resolution ResolveContracts(const rcrate::RcrateFile& file, const kernel::Target& target) {
  return Resolver(file, target).Resolve();
}

std::string Prefix(const Contract& contract) {
  return (contract.source.empty() ? "" : contract.source + ": ") + rcrate::Describe(contract) +
         ": ";
}

}  // namespace race::resolve
