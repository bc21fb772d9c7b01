// SPDX-License-Identifier: GPL-2.0-only
#include "build/shape_check.h"

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Instructions.h>
#include <llvm/Support/raw_ostream.h>

#include <set>

namespace race::build {
namespace {

using Sites = std::set<std::pair<const llvm::Instruction*, unsigned>>;

std::string Print(const llvm::Instruction& instruction) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  instruction.print(stream);
  return text.substr(0, 200);
}

// What an offset of 0 leaves out.
bool IsConstantOffset(const llvm::Instruction& instruction) {
  auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(&instruction);
  return gep != nullptr && gep->hasAllConstantIndices();
}

// A copy for the debugger alone, which rustc makes of an address that is new.
bool IsDebugSpill(const llvm::Instruction& instruction) {
  const llvm::Value* slot = &instruction;
  if (auto* store = llvm::dyn_cast<llvm::StoreInst>(&instruction))
    slot = store->getPointerOperand();
  return llvm::isa<llvm::AllocaInst>(slot) && slot->getName().contains(".dbg.spill");
}

std::vector<const llvm::Instruction*> Essential(const llvm::BasicBlock& block) {
  std::vector<const llvm::Instruction*> instructions;
  for (const llvm::Instruction& instruction : block)
    if (!IsConstantOffset(instruction) && !IsDebugSpill(instruction))
      instructions.push_back(&instruction);
  return instructions;
}

// Numbers that are not known to depend on a layout, and callees.
bool SameOperands(const llvm::Instruction& mine, const llvm::Instruction& other,
                  const Sites& sites) {
  if (mine.getNumOperands() != other.getNumOperands()) return false;
  for (unsigned i = 0; i < mine.getNumOperands(); i++) {
    auto* number = llvm::dyn_cast<llvm::ConstantInt>(mine.getOperand(i));
    auto* other_number = llvm::dyn_cast<llvm::ConstantInt>(other.getOperand(i));
    if ((number == nullptr) != (other_number == nullptr)) return false;
    if (number != other_number && sites.count({&mine, i}) == 0) return false;
  }
  auto* call = llvm::dyn_cast<llvm::CallBase>(&mine);
  auto* other_call = llvm::dyn_cast<llvm::CallBase>(&other);
  if (call == nullptr || call->getCalledFunction() == nullptr) return true;
  return other_call->getCalledFunction() != nullptr &&
         call->getCalledFunction()->getName() == other_call->getCalledFunction()->getName();
}

Status CheckFunction(const llvm::Function& mine, const llvm::Function& other, const Sites& sites,
                     const char* other_name) {
  auto differs = [&](const llvm::Instruction& at, const llvm::Instruction* there) -> Error {
    return Fail(Code::kShapeDiffers)
           << "the code depends on a layout in more than numbers: "
           << llvm::demangle(mine.getName().str()) << "\n  at " << SourceOf(at)
           << ": another instruction under the layout '" << other_name << "'\n    " << Print(at)
           << "\n    " << (there == nullptr ? "  (none)" : Print(*there))
           << "\n  a size or offset is used where a type, a branch or a static decision is made at "
              "compile time; such a driver cannot be made layout-independent";
  };
  auto block = other.begin();
  for (const llvm::BasicBlock& first : mine) {
    if (block == other.end()) return differs(first.front(), nullptr);
    std::vector<const llvm::Instruction*> left = Essential(first), right = Essential(*block);
    for (size_t i = 0; i < std::max(left.size(), right.size()); i++) {
      if (i >= left.size()) return differs(*left.back(), right[i]);
      if (i >= right.size() || left[i]->getOpcode() != right[i]->getOpcode() ||
          !SameOperands(*left[i], *right[i], sites))
        return differs(*left[i], i < right.size() ? right[i] : nullptr);
    }
    ++block;
  }
  if (block != other.end()) return differs(mine.back().back(), &block->front());
  return Ok{};
}

}  // namespace

Status CheckShape(const llvm::Module& first, const llvm::Module& other, const MatchResult& match,
                  const char* other_name) {
  Sites sites;
  for (const Site& site : match.sites)
    if (site.kind == SiteKind::kOperand && site.path.empty())
      sites.insert({site.instruction, site.operand});
  for (const llvm::Function& function : first) {
    if (function.isDeclaration()) continue;
    const llvm::Function* same = other.getFunction(function.getName());
    if (same == nullptr || same->isDeclaration())
      return Fail(Code::kShapeDiffers)
             << llvm::demangle(function.getName().str()) << ": this function does not exist under "
             << "the layout '" << other_name << "': a type or constant depends on a layout";
    RACE_TRY(CheckFunction(function, *same, sites, other_name));
  }
  return Ok{};
}

}  // namespace race::build
