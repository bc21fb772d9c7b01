// SPDX-License-Identifier: GPL-2.0-only
#include "build/layout_code.h"

#include <llvm/CodeGen/MachineFunction.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/Passes.h>
#include <llvm/CodeGen/TargetInstrInfo.h>
#include <llvm/CodeGen/TargetPassConfig.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/IR/ConstantRange.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Operator.h>
#include <llvm/Pass.h>
#include <llvm/PassRegistry.h>

#include <map>
#include <vector>

#include "race/rcrate.h"

namespace race::build {
namespace {

bool IsLayoutSymbol(const llvm::Value* value) {
  auto* symbol = llvm::dyn_cast<llvm::GlobalVariable>(value);
  return symbol != nullptr && symbol->getName().starts_with(RACE_SYMBOL_PREFIX);
}

bool IsFieldAddress(const llvm::GetElementPtrInst& gep) {
  return gep.getNumIndices() == 1 && gep.getSourceElementType()->isIntegerTy(8) &&
         gep.getType()->isPointerTy() && IsLayoutNumber(gep.getOperand(1));
}

// Reads or writes at the address itself.
bool Accesses(const llvm::Instruction& user, const llvm::Value* address) {
  if (llvm::isa<llvm::LoadInst>(user)) return true;
  if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&user))
    return store->getPointerOperand() == address && store->getValueOperand() != address;
  return false;
}

// Loads of layout numbers by the pseudo-instruction that LLVM itself takes for the
// address of a symbol in the low 4 GB.
class NarrowLoads : public llvm::MachineFunctionPass {
 public:
  static char ID;
  NarrowLoads() : llvm::MachineFunctionPass(ID) {}

  bool runOnMachineFunction(llvm::MachineFunction& function) override {
    const llvm::TargetInstrInfo* target = function.getSubtarget().getInstrInfo();
    if (!FindOpcodes(*target)) return false;
    bool changed = false;
    for (llvm::MachineBasicBlock& block : function)
      for (llvm::MachineInstr& instruction : block) {
        if (instruction.getOpcode() != wide_) continue;
        const llvm::MachineOperand& number = instruction.getOperand(1);
        if (!number.isGlobal() || !IsLayoutSymbol(number.getGlobal())) continue;
        auto range = number.getGlobal()->getAbsoluteSymbolRange();
        if (!range || range->getUnsignedMax().ugt(0x7fffffff)) continue;
        instruction.setDesc(target->get(narrow_));
        changed = true;
      }
    return changed;
  }
  llvm::StringRef getPassName() const override { return "narrow loads of layout numbers"; }

 private:
  // LLVM does not install the header that numbers them.
  bool FindOpcodes(const llvm::TargetInstrInfo& target) {
    if (wide_ != 0 && narrow_ != 0) return true;
    for (unsigned opcode = 0; opcode < target.getNumOpcodes(); opcode++) {
      if (target.getName(opcode) == "MOV64ri") wide_ = opcode;
      if (target.getName(opcode) == "MOV32ri64") narrow_ = opcode;
    }
    return wide_ != 0 && narrow_ != 0;
  }
  unsigned wide_ = 0, narrow_ = 0;
};
char NarrowLoads::ID = 0;

}  // namespace

bool IsLayoutNumber(const llvm::Value* value) {
  auto* expression = llvm::dyn_cast<llvm::ConstantExpr>(value);
  return expression != nullptr && expression->getOpcode() == llvm::Instruction::PtrToInt &&
         IsLayoutSymbol(expression->getOperand(0));
}

void SinkFieldAddresses(llvm::Module* module) {
  for (llvm::Function& function : *module) {
    std::vector<llvm::GetElementPtrInst*> addresses;
    for (llvm::Instruction& instruction : llvm::instructions(function))
      if (auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(&instruction);
          gep != nullptr && IsFieldAddress(*gep))
        addresses.push_back(gep);
    for (llvm::GetElementPtrInst* gep : addresses) {
      std::map<llvm::BasicBlock*, llvm::Instruction*> copies;
      std::vector<llvm::Use*> uses;
      for (llvm::Use& use : gep->uses()) uses.push_back(&use);
      for (llvm::Use* use : uses) {
        auto* user = llvm::cast<llvm::Instruction>(use->getUser());
        if (user->getParent() == gep->getParent() || !Accesses(*user, gep)) continue;
        llvm::Instruction*& copy = copies[user->getParent()];
        // One copy for all accesses of a block: before the first of them.
        if (copy == nullptr) {
          copy = gep->clone();
          copy->insertBefore(user->getParent()->getFirstInsertionPt());
        }
        use->set(copy);
      }
      if (gep->use_empty()) gep->eraseFromParent();
    }
  }
}

std::unique_ptr<llvm::RegisterTargetPassConfigCallback> NarrowLayoutLoads() {
  static llvm::RegisterPass<NarrowLoads> registered("race-narrow-loads",
                                                    "narrow loads of layout numbers");
  return std::make_unique<llvm::RegisterTargetPassConfigCallback>(
      [](llvm::TargetMachine&, llvm::legacy::PassManagerBase&, llvm::TargetPassConfig* config) {
        config->insertPass(&llvm::FinalizeISelID, &NarrowLoads::ID);
      });
}

}  // namespace race::build
