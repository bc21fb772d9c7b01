// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/needed_modules.h"

#include <set>

#include "kernel/modules.h"
#include "steg/btf_reader.h"

namespace race::resolve {
namespace {

using rcrate::Contract;

class Search {
 public:
  Search(const rcrate::RcrateFile& file, const kernel::Target& target)
      : file_(file), target_(target) {}

  NeededModules Run() {
    FindExporters();
    if (exporters_.empty() && found_.empty()) return std::move(needed_);
    needed_.target = target_;
    for (const auto& [symbol, entry] : found_) needed_.target->exports.emplace(symbol, entry);
    if (!target_.modules) return std::move(needed_);
    for (const std::string& module : WithDependencies()) AddTypes(module);
    return std::move(needed_);
  }

 private:
  static bool IsImport(const Contract& contract) {
    return contract.kind == RACE_CONTRACT_FUNCTION || contract.kind == RACE_CONTRACT_VARIABLE;
  }

  void FindExporters() {
    for (const Contract& contract : file_.rcrate.contracts) {
      if (!IsImport(contract)) continue;
      auto known = target_.exports.find(contract.root);
      if (known != target_.exports.end()) {
        // Of the running kernel, loaded modules' exports are known already.
        if (!known->second.module.empty()) exporters_.insert(known->second.module);
        continue;
      }
      if (!target_.modules) continue;
      auto entry = target_.modules->FindExport(contract.root);
      if (!entry) {
        needed_.failures.emplace(contract.root, entry.error());
      } else if (*entry) {
        exporters_.insert((*entry)->module);
        found_.emplace(contract.root, std::move(**entry));
      }
    }
  }

  void AddTypes(const std::string& module) {
    kernel::Target& target = *needed_.target;
    kernel::AddedModule added{.name = module, .untyped = {}, .btf = {}};
    auto types = target.modules->ReadTypes(module);
    auto range = types ? steg::AddSplitBtf(types->btf, types->distilled_base, &target.types)
                       : Result<steg::SplitTypes>(types.error());
    if (range) {
      added.btf = std::make_shared<const std::string>(std::move(range->bytes));
      added.first_node = range->first;
      added.end_node = range->end;
    } else {
      added.untyped = range.error();
    }
    target.added_modules.push_back(std::move(added));
  }

  // The exporting modules and all that they depend on.
  std::set<std::string> WithDependencies() const {
    std::set<std::string> all = exporters_;
    std::vector<std::string> open(all.begin(), all.end());
    while (!open.empty()) {
      std::string module = std::move(open.back());
      open.pop_back();
      // One that cannot be read has no types to find; what is not found is said.
      auto depends = target_.modules->Depends(module);
      if (!depends) continue;
      for (std::string& dependency : *depends)
        if (all.insert(dependency).second) open.push_back(std::move(dependency));
    }
    return all;
  }

  const rcrate::RcrateFile& file_;
  const kernel::Target& target_;
  std::set<std::string> exporters_;
  std::map<std::string, kernel::Export> found_;
  NeededModules needed_;
};

}  // namespace

NeededModules FindNeededModules(const rcrate::RcrateFile& file, const kernel::Target& target) {
  return Search(file, target).Run();
}

bool IsAboutType(const rcrate::Contract& contract) {
  switch (contract.kind) {
    case RACE_CONTRACT_FIELD:
    case RACE_CONTRACT_SIZE:
    case RACE_CONTRACT_FROZEN:
    case RACE_CONTRACT_BITFIELD:
    case RACE_CONTRACT_ALIGN:
    case RACE_CONTRACT_EXISTS_FIELD:
    case RACE_CONTRACT_EXISTS_TYPE:
      return true;
    case RACE_CONTRACT_ENUMERATOR:
    case RACE_CONTRACT_EXISTS_ENUMERATOR:
      return !contract.root.empty();
    default:
      return false;
  }
}

std::string NorModules(const kernel::Target& target) {
  std::string names, reasons;
  for (const kernel::AddedModule& module : target.added_modules) {
    names += (names.empty() ? "" : ", ") + module.name;
    if (module.untyped) reasons += "; " + module.untyped->message;
  }
  if (names.empty()) return "";
  return ", nor do the modules that the driver needs (" + names + ")" + reasons;
}

}  // namespace race::resolve
