// SPDX-License-Identifier: GPL-2.0-only
#include "build/shape_check.h"

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Instructions.h>
#include <llvm/Support/raw_ostream.h>

#include <map>
#include <set>

#include "build/module_assembly.h"
#include "build/static_image.h"
#include "build/whole_copy.h"

namespace race::build {
namespace {

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

// Without what there is because of paddings.
std::vector<const llvm::Instruction*> Essential(const llvm::BasicBlock& block) {
  std::vector<const llvm::Instruction*> instructions;
  for (const llvm::Instruction& instruction : block)
    if (!IsConstantOffset(instruction) && !IsDebugSpill(instruction) && !IsWholeCopy(instruction))
      instructions.push_back(&instruction);
  return instructions;
}

// The static that a constant address lies in.
const llvm::GlobalVariable* StaticOf(const llvm::Value* value) {
  if (!value->getType()->isPointerTy()) return nullptr;
  return llvm::dyn_cast<llvm::GlobalVariable>(value->stripInBoundsConstantOffsets());
}

// Whether the operand is the distance of a pointer's byte_add() and the like: an address
// computation like any other.
bool IsDistance(const llvm::Instruction& instruction, unsigned operand) {
  auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction);
  if (call == nullptr || call->getCalledFunction() == nullptr || operand >= call->arg_size())
    return false;
  const llvm::StringRef name = call->getCalledFunction()->getName();
  if (!name.contains("4core3ptr")) return false;
  for (const char* method :
       {"8byte_add", "8byte_sub", "11byte_offset", "17wrapping_byte_add", "17wrapping_byte_sub"})
    if (name.contains(method)) return true;
  return false;
}

class Checker {
 public:
  Checker(const MatchResult& match, Solver* solver, const llvm::Module& other,
          const std::string& other_name)
      : solver_(solver),
        other_name_(other_name),
        layout_(solver->LayoutOf(other_name, OwnLayouts::TypesOf(other))) {
    for (const Site& site : match.sites)
      if (site.kind == SiteKind::kOperand) sites_[{site.instruction, site.operand}] = &site;
    for (const StaticMatch& statics : match.statics) moving_[statics[0]] = &statics;
  }

  Status CheckFunction(const llvm::Function& mine, const llvm::Function& other) {
    auto block = other.begin();
    for (const llvm::BasicBlock& first : mine) {
      if (block == other.end()) return Differs(first.front(), nullptr);
      std::vector<const llvm::Instruction*> left = Essential(first), right = Essential(*block);
      for (size_t i = 0; i < std::max(left.size(), right.size()); i++) {
        if (i >= left.size()) return Differs(*left.back(), right[i]);
        if (i >= right.size() || left[i]->getOpcode() != right[i]->getOpcode())
          return Differs(*left[i], i < right.size() ? right[i] : nullptr);
        RACE_TRY(CheckOperands(*left[i], *right[i]));
      }
      ++block;
    }
    if (block != other.end()) return Differs(mine.back().back(), &block->front());
    return Ok{};
  }

 private:
  Error Differs(const llvm::Instruction& at, const llvm::Instruction* there) const {
    return Fail(Code::kShapeDiffers)
           << "the code depends on a layout in more than numbers: "
           << llvm::demangle(at.getFunction()->getName().str()) << "\n  at " << SourceOf(at)
           << ": another instruction under the layout '" << other_name_ << "'\n    " << Print(at)
           << "\n    " << (there == nullptr ? "  (none)" : Print(*there)) << kShapeAdvice;
  }

  // What a number that is `values` under the solving layouts must be here.
  Status CheckNumber(const std::vector<int64_t>& values, int64_t here, const std::string& where) {
    // The same numbers are in many places.
    auto known = expected_.find(values);
    if (known == expected_.end())
      known = expected_.emplace(values, solver_->ValuesUnder(values, layout_)).first;
    const std::set<int64_t>& expected = known->second;
    if (expected.empty() || expected.contains(here)) return Ok{};
    const Result<Expression> solved = solver_->Solve(values, Use::kLength);
    return Fail(Code::kProofFailed)
           << where << ": solved to " << (solved ? solver_->Spell(*solved) : "nothing")
           << ", which is " << *expected.begin() << " under the layout '" << other_name_
           << "', where the number is " << here;
  }

  Status CheckOperands(const llvm::Instruction& mine, const llvm::Instruction& other) {
    if (mine.getNumOperands() != other.getNumOperands()) return Differs(mine, &other);
    for (unsigned i = 0; i < mine.getNumOperands(); i++) {
      const llvm::Value* value = mine.getOperand(i);
      const llvm::Value* other_value = other.getOperand(i);
      auto site = sites_.find({&mine, i});
      auto* number = llvm::dyn_cast<llvm::ConstantInt>(value);
      auto* other_number = llvm::dyn_cast<llvm::ConstantInt>(other_value);
      if ((number == nullptr) != (other_number == nullptr)) return Differs(mine, &other);
      if (number != nullptr) {
        if (site == sites_.end() && number != other_number && !IsDistance(mine, i))
          return Differs(mine, &other);
        if (site != sites_.end())
          RACE_TRY(CheckNumber(
              site->second->values, other_number->getSExtValue(),
              llvm::demangle(mine.getFunction()->getName().str()) + "\n  at " + SourceOf(mine)));
        continue;
      }
      const llvm::GlobalVariable* variable = StaticOf(value);
      const llvm::GlobalVariable* other_variable = StaticOf(other_value);
      if (variable != nullptr && other_variable != nullptr) {
        RACE_TRY(CheckStatic(*variable, *other_variable, SourceOf(mine)));
        continue;
      }
      // Of one context, equal assembly is one.
      if (llvm::isa<llvm::InlineAsm>(value) || llvm::isa<llvm::InlineAsm>(other_value)) {
        if (value != other_value) return Differs(mine, &other);
        continue;
      }
      auto* constant = llvm::dyn_cast<llvm::Constant>(value);
      auto* other_constant = llvm::dyn_cast<llvm::Constant>(other_value);
      if ((constant == nullptr) != (other_constant == nullptr)) return Differs(mine, &other);
      if (constant == nullptr || site != sites_.end()) continue;
      // Of one context, equal constants are one.  What has a name is another
      // module's.
      bool data =
          llvm::isa<llvm::ConstantData>(constant) || llvm::isa<llvm::ConstantData>(other_constant);
      if (data && constant != other_constant) return Differs(mine, &other);
    }
    auto* call = llvm::dyn_cast<llvm::CallBase>(&mine);
    auto* other_call = llvm::dyn_cast<llvm::CallBase>(&other);
    if (call == nullptr || call->getCalledFunction() == nullptr) return Ok{};
    if (other_call->getCalledFunction() == nullptr ||
        call->getCalledFunction()->getName() != other_call->getCalledFunction()->getName())
      return Differs(mine, &other);
    return Ok{};
  }

  Status CheckStatic(const llvm::GlobalVariable& mine, const llvm::GlobalVariable& other,
                     const std::string& where) {
    if (!seen_.insert({&mine, &other}).second) return Ok{};
    auto differs = [&](const std::string& what) -> Error {
      return Fail(Code::kShapeDiffers)
             << where << ": static " << llvm::demangle(mine.getName().str()) << ": " << what
             << " under the layout '" << other_name_
             << "': its contents were computed from a layout at compile time";
    };
    if (mine.hasInitializer() != other.hasInitializer()) return differs("not the same kind");
    if (!mine.hasInitializer()) return Ok{};
    RACE_ASSIGN(image, ReadStatic(mine));
    RACE_ASSIGN(other_image, ReadStatic(other));
    if (image.addresses.size() != other_image.addresses.size())
      return differs("another number of addresses");
    auto moving = moving_.find(&mine);
    if (moving == moving_.end()) {
      if (image.bytes != other_image.bytes) return differs("other bytes");
    } else if (image.bytes.size() == other_image.bytes.size()) {
      RACE_TRY(CheckNumbers(*moving->second, other_image, where));
    }
    for (size_t a = 0; a < image.addresses.size(); a++) {
      auto* target = llvm::dyn_cast<llvm::GlobalVariable>(image.addresses[a].target);
      auto* other_target = llvm::dyn_cast<llvm::GlobalVariable>(other_image.addresses[a].target);
      // Where a static's own layout moves, its addresses may change their order.
      if (moving != moving_.end() && image.bytes.size() != other_image.bytes.size()) break;
      if ((target == nullptr) != (other_target == nullptr)) return differs("another target");
      if (target != nullptr) RACE_TRY(CheckStatic(*target, *other_target, where));
    }
    return Ok{};
  }

  // A table of numbers: each word by itself.
  Status CheckNumbers(const StaticMatch& statics, const StaticImage& here,
                      const std::string& where) {
    std::vector<StaticImage> images;
    for (const llvm::GlobalVariable* variable : statics) {
      RACE_ASSIGN(image, ReadStatic(*variable));
      if (image.bytes.size() != here.bytes.size()) return Ok{};
      images.push_back(std::move(image));
    }
    for (uint64_t at = 0; at < here.bytes.size(); at += 8) {
      uint64_t length = std::min<uint64_t>(8, here.bytes.size() - at);
      std::vector<int64_t> values;
      for (const StaticImage& image : images) values.push_back(WordAt(image.bytes, at, length));
      RACE_TRY(CheckNumber(values, WordAt(here.bytes, at, length),
                           where + ": static " + llvm::demangle(statics[0]->getName().str()) +
                               ", the number at byte " + std::to_string(at)));
    }
    return Ok{};
  }

  Solver* solver_;
  const std::string& other_name_;
  const Solver::Layout layout_;
  std::map<std::vector<int64_t>, std::set<int64_t>> expected_;
  std::map<std::pair<const llvm::Instruction*, unsigned>, const Site*> sites_;
  std::map<const llvm::GlobalVariable*, const StaticMatch*> moving_;
  std::set<std::pair<const llvm::GlobalVariable*, const llvm::GlobalVariable*>> seen_;
};

}  // namespace

Status CheckShape(const llvm::Module& first, const llvm::Module& other, const MatchResult& match,
                  Solver* solver, const std::string& other_name, const llvm::Function** at) {
  Checker checker(match, solver, other, other_name);
  if (at != nullptr) *at = nullptr;
  RACE_TRY(CheckSameAssembly(first, other));
  for (const llvm::Function& function : first) {
    if (function.isDeclaration()) continue;
    if (at != nullptr) *at = &function;
    const llvm::Function* same = other.getFunction(function.getName());
    if (same == nullptr || same->isDeclaration())
      return Fail(Code::kShapeDiffers)
             << "the code depends on a layout in more than numbers: "
             << llvm::demangle(function.getName().str()) << "\n  at "
             << SourceOf(function.front().front()) << ": this function does not exist under the "
             << "layout '" << other_name << "': a type or constant depends on a layout"
             << kShapeAdvice;
    RACE_TRY(checker.CheckFunction(function, *same));
  }
  if (at != nullptr) *at = nullptr;
  return Ok{};
}

}  // namespace race::build
