// SPDX-License-Identifier: GPL-2.0-only
#include "build/aligned_types.h"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/DebugInfoMetadata.h>

#include "build/mir_text.h"

namespace race::build {
namespace {

bool InBindings(const llvm::DIType* type) {
  for (const llvm::DIScope* scope = type->getScope(); scope != nullptr; scope = scope->getScope())
    if (auto* space = llvm::dyn_cast<llvm::DINamespace>(scope))
      if (space->getName() == "bindings") return true;
  return false;
}

void Collect(const llvm::DIType* type, std::set<const llvm::DIType*>* seen,
             std::set<std::string>* names) {
  if (type == nullptr || !seen->insert(type).second) return;
  if (auto* derived = llvm::dyn_cast<llvm::DIDerivedType>(type)) {
    const unsigned tag = derived->getTag();
    if ((tag == llvm::dwarf::DW_TAG_member && !derived->isStaticMember()) ||
        tag == llvm::dwarf::DW_TAG_typedef)
      Collect(derived->getBaseType(), seen, names);
    return;
  }
  auto* composite = llvm::dyn_cast<llvm::DICompositeType>(type);
  if (composite == nullptr) return;
  if (InBindings(composite)) {
    names->insert(composite->getName().str());
    return;
  }
  if (composite->getTag() == llvm::dwarf::DW_TAG_array_type)
    Collect(composite->getBaseType(), seen, names);
  for (const llvm::DINode* node : composite->getElements())
    Collect(llvm::dyn_cast_if_present<llvm::DIType>(node), seen, names);
}

// "Own" of "[[a::Own; 2]; 3]".
std::string ElementOf(std::string type) {
  while (type.starts_with("[")) {
    const size_t end = type.rfind(type.find("; ") == type.npos ? "]" : "; ");
    if (end == type.npos) break;
    type = type.substr(1, end - 1);
  }
  return MirPlainType(type);
}

}  // namespace

std::map<std::string, std::string> KernelTypesIn(
    const llvm::Module& module, const std::map<std::string, std::string>& aligned) {
  std::map<std::string, std::string> places, found;
  for (const auto& [type, place] : aligned) places.emplace(ElementOf(type), place);
  if (places.empty()) return found;
  llvm::DebugInfoFinder finder;
  finder.processModule(module);
  for (const llvm::DIType* type : finder.types()) {
    const auto asked = places.find(MirPlainType(type->getName().str()));
    if (asked == places.end()) continue;
    std::set<const llvm::DIType*> seen;
    std::set<std::string> names;
    Collect(type, &seen, &names);
    for (const std::string& name : names) found.emplace(name, asked->second);
  }
  return found;
}

}  // namespace race::build
