// SPDX-License-Identifier: GPL-2.0-only
#include "build/forwarders.h"

#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>

#include "rcrate/rust_path.h"

namespace race::build {
namespace {

// What the System V convention for x86-64 passes in registers.
constexpr size_t kRegisterParameters = 6;
constexpr unsigned kRegisterBits = 64;

bool InOneRegister(const llvm::Type* type) {
  return type->isPointerTy() ||
         (type->isIntegerTy() && type->getIntegerBitWidth() <= kRegisterBits);
}

bool PassesOn(const llvm::CallBase& call, const llvm::Function& function) {
  const llvm::Function* callee = call.getCalledFunction();
  if (callee == nullptr || !callee->isDeclaration() || callee->isIntrinsic() ||
      callee->isVarArg() || call.arg_size() != function.arg_size() ||
      function.arg_size() > kRegisterParameters || call.getType() != function.getReturnType())
    return false;
  if (!call.getType()->isVoidTy() && !InOneRegister(call.getType())) return false;
  for (unsigned i = 0; i < call.arg_size(); i++)
    if (call.getArgOperand(i) != function.getArg(i) ||
        !InOneRegister(function.getArg(i)->getType()))
      return false;
  return true;
}

// The C function that this one forwards to, or nullptr.
llvm::Function* Forwards(const llvm::Function& function) {
  if (function.isDeclaration() || function.size() != 1 || !function.hasExternalLinkage() ||
      !function.hasFnAttribute(llvm::Attribute::NoInline))
    return nullptr;
  const llvm::CallBase* only = nullptr;
  for (const llvm::Instruction& instruction : function.getEntryBlock()) {
    // Parameters are stored where a debugger would look for them.
    if (llvm::isa<llvm::AllocaInst>(instruction) || llvm::isa<llvm::DbgInfoIntrinsic>(instruction))
      continue;
    if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction);
        store != nullptr && llvm::isa<llvm::AllocaInst>(store->getPointerOperand()))
      continue;
    if (auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction)) {
      if (only != nullptr || !PassesOn(*call, function)) return nullptr;
      only = call;
      continue;
    }
    auto* result = llvm::dyn_cast<llvm::ReturnInst>(&instruction);
    if (result == nullptr || only == nullptr) return nullptr;
    if (result->getReturnValue() != nullptr && result->getReturnValue() != only) return nullptr;
  }
  return only == nullptr ? nullptr : only->getCalledFunction();
}

}  // namespace

std::map<std::string, std::string> ReplaceForwarders(llvm::Module* module) {
  std::map<std::string, std::string> paths;
  std::vector<llvm::Function*> replaced;
  for (llvm::Function& function : *module) {
    std::optional<std::string> path = rcrate::RustPath(function.getName());
    if (!path || !path->starts_with("kernel::")) continue;
    llvm::Function* callee = Forwards(function);
    if (callee == nullptr || !path->ends_with("::" + callee->getName().str())) continue;
    paths[callee->getName().str()] = *path;
    function.replaceAllUsesWith(callee);
    replaced.push_back(&function);
  }
  for (llvm::Function* function : replaced) function->eraseFromParent();
  return paths;
}

}  // namespace race::build
