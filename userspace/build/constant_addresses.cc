// SPDX-License-Identifier: GPL-2.0-only
#include "build/constant_addresses.h"

#include <llvm/IR/Constants.h>
#include <llvm/IR/DataLayout.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Operator.h>

namespace race::build {
namespace {

// The same address by bytes; nullptr when it is of that form already, or is none.
llvm::Constant* Flattened(llvm::Constant* address, const llvm::DataLayout& layout) {
  auto* outer = llvm::dyn_cast<llvm::GEPOperator>(address);
  if (outer == nullptr || !llvm::isa<llvm::ConstantExpr>(address)) return nullptr;
  const bool is_flat = outer->getSourceElementType()->isIntegerTy(8) &&
                       llvm::isa<llvm::GlobalVariable>(outer->getPointerOperand());
  if (is_flat) return nullptr;
  llvm::APInt offset(64, 0);
  llvm::Value* base = address->stripAndAccumulateConstantOffsets(layout, offset, true);
  auto* variable = llvm::dyn_cast<llvm::GlobalVariable>(base);
  if (variable == nullptr) return nullptr;
  llvm::Type* byte = llvm::Type::getInt8Ty(address->getContext());
  llvm::Constant* bytes = llvm::ConstantInt::get(address->getContext(), offset);
  return llvm::ConstantExpr::getGetElementPtr(
      byte, variable, bytes,
      outer->isInBounds() ? llvm::GEPNoWrapFlags::inBounds() : llvm::GEPNoWrapFlags::none());
}

}  // namespace

void FlattenConstantAddresses(llvm::Module* module) {
  const llvm::DataLayout& layout = module->getDataLayout();
  for (llvm::Function& function : *module)
    for (llvm::Instruction& instruction : llvm::instructions(function))
      for (llvm::Use& operand : instruction.operands())
        if (auto* constant = llvm::dyn_cast<llvm::Constant>(operand.get()))
          if (llvm::Constant* flat = Flattened(constant, layout)) operand.set(flat);
}

}  // namespace race::build
