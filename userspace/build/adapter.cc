// SPDX-License-Identifier: GPL-2.0-only
#include "build/adapter.h"

#include <llvm/IR/Instructions.h>
#include <llvm/Transforms/Utils/ModuleUtils.h>

#include <algorithm>

#include "build/adapter_atomic_source.h"
#include "build/adapter_sources.h"
#include "race/rcrate.h"

namespace race::build {
namespace {

constexpr std::string_view kFwnodeFunctions[] = {"fwnode_get_name_prefix"};
constexpr std::string_view kDevresFunctions[] = {"devres_node_add", "devres_node_init",
                                                 "devres_set_node_dbginfo", "devres_node_remove"};
constexpr std::string_view kDevresTypes[] = {"struct devres_node"};
constexpr std::string_view kDevresEnumerators[] = {"___GFP_NOFAIL_BIT"};
constexpr std::string_view kAcpiFunctions[] = {"acpi_of_match_device",
                                               "rust_helper_to_acpi_device_node"};
constexpr std::string_view kPlatformFunctions[] = {"__platform_driver_register"};
constexpr std::string_view kPlatformFormer[] = {
    "int race_former___platform_driver_register(struct platform_driver *, struct module *);"};
constexpr std::string_view kAtomicByteFunctions[] = {
    "rust_helper_atomic_i8_read",
    "rust_helper_atomic_i8_read_acquire",
    "rust_helper_atomic_i8_set",
    "rust_helper_atomic_i8_set_release",
    "rust_helper_atomic_i8_xchg",
    "rust_helper_atomic_i8_xchg_acquire",
    "rust_helper_atomic_i8_xchg_release",
    "rust_helper_atomic_i8_xchg_relaxed",
    "rust_helper_atomic_i8_try_cmpxchg",
    "rust_helper_atomic_i8_try_cmpxchg_acquire",
    "rust_helper_atomic_i8_try_cmpxchg_release",
    "rust_helper_atomic_i8_try_cmpxchg_relaxed",
};

constexpr Adapter kAdapters[] = {
    {"race_adapter_fwnode", kFwnodeFunctions, {}, {}, {}, kFwnodeAdapter},
    {"race_adapter_devres", kDevresFunctions, kDevresTypes, kDevresEnumerators, {}, kDevresAdapter},
    {"race_adapter_acpi", kAcpiFunctions, {}, {}, {}, kAcpiAdapter},
    {"race_adapter_platform", kPlatformFunctions, {}, {}, kPlatformFormer, kPlatformAdapter},
    {"race_adapter_atomic_byte", kAtomicByteFunctions, {}, {}, {}, kAtomicByteAdapter},
};

std::string StandIn(std::string_view function) {
  return std::string(RACE_ADAPTER_PREFIX).append(function);
}

// The functions whose code refers to the value, also through constants.
void FindUsers(const llvm::Value& value, std::set<const llvm::Function*>* users, bool* elsewhere) {
  for (const llvm::User* user : value.users()) {
    if (auto* instruction = llvm::dyn_cast<llvm::Instruction>(user))
      users->insert(instruction->getFunction());
    else if (llvm::isa<llvm::GlobalValue>(user))
      *elsewhere = true;
    else
      FindUsers(*user, users, elsewhere);
  }
}

}  // namespace

std::span<const Adapter> Adapters() { return kAdapters; }

std::string FormerDeclarations() {
  std::string text;
  for (const Adapter& adapter : kAdapters)
    for (std::string_view declaration : adapter.former) text.append(declaration) += '\n';
  return text;
}

std::set<std::string> FormerNames() {
  std::set<std::string> names;
  for (const Adapter& adapter : kAdapters)
    for (std::string_view declaration : adapter.former) {
      const size_t begin = declaration.find(RACE_FORMER_PREFIX);
      names.emplace(declaration.substr(begin, declaration.find('(') - begin));
    }
  return names;
}

const Adapter* AdapterOf(const llvm::Function& function) {
  const llvm::StringRef name = function.getName();
  for (const Adapter& adapter : kAdapters) {
    // An identifier of a v0 symbol has its length before it.
    if (name.contains(std::to_string(adapter.crate.size()) + std::string(adapter.crate)))
      return &adapter;
    for (std::string_view replaced : adapter.functions)
      if (name == StandIn(replaced)) return &adapter;
  }
  return nullptr;
}

std::set<const Adapter*> DeclareAdapters(llvm::Module* module) {
  std::set<const Adapter*> needed;
  for (const Adapter& adapter : kAdapters) {
    for (std::string_view name : adapter.functions) {
      const llvm::Function* import = module->getFunction(name);
      if (import == nullptr || !import->isDeclaration() || import->use_empty()) continue;
      needed.insert(&adapter);
      module->getOrInsertFunction(StandIn(name), import->getFunctionType());
    }
  }
  return needed;
}

std::set<llvm::GlobalValue*> StandIns(llvm::Module* module) {
  std::set<llvm::GlobalValue*> found;
  for (const Adapter& adapter : kAdapters)
    for (std::string_view name : adapter.functions)
      if (llvm::Function* function = module->getFunction(StandIn(name));
          function != nullptr && !function->isDeclaration())
        found.insert(function);
  return found;
}

void DropUnusedAdapters(llvm::Module* module) {
  std::set<llvm::Constant*> unused;
  for (llvm::GlobalValue* function : StandIns(module)) {
    const llvm::Function* import = module->getFunction(
        function->getName().substr(llvm::StringRef(RACE_ADAPTER_PREFIX).size()));
    if (import == nullptr || import->use_empty()) unused.insert(function);
  }
  llvm::removeFromUsedLists(*module,
                            [&](llvm::Constant* constant) { return unused.contains(constant); });
}

std::map<std::string, const Adapter*> ImportsOfAdapters(const llvm::Module& module) {
  std::map<std::string, const Adapter*> imports;
  for (const llvm::Function& import : module) {
    if (!import.isDeclaration() || import.isIntrinsic()) continue;
    std::set<const llvm::Function*> users;
    bool elsewhere = false;
    FindUsers(import, &users, &elsewhere);
    if (users.empty() || elsewhere) continue;
    std::set<const Adapter*> adapters;
    for (const llvm::Function* user : users) adapters.insert(AdapterOf(*user));
    if (adapters.contains(nullptr)) continue;
    imports[import.getName().str()] = adapters.size() == 1 ? *adapters.begin() : nullptr;
  }
  return imports;
}

}  // namespace race::build
