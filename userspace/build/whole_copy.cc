// SPDX-License-Identifier: GPL-2.0-only
#include "build/whole_copy.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/IntrinsicInst.h>

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

namespace race::build {
namespace {

constexpr const char* kMetadata = "race.whole_copy";

// A place in memory: what a chain of constant offsets begins at, and their sum in bytes.
struct Place {
  llvm::Value* base = nullptr;
  int64_t offset = 0;
};

Place PlaceOf(llvm::Value* pointer, const llvm::DataLayout& layout) {
  llvm::APInt offset(64, 0);
  llvm::Value* base = pointer->stripAndAccumulateConstantOffsets(layout, offset, true);
  return {base, offset.getSExtValue()};
}

// A mark that is read at one place and written, as it is, at another.
struct Mark {
  Place from, to;
  llvm::LoadInst* load = nullptr;
  llvm::StoreInst* store = nullptr;
};

std::optional<Mark> MarkAt(llvm::Instruction& instruction, const llvm::DataLayout& layout) {
  auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
  if (load == nullptr || !load->hasOneUse() || load->isVolatile()) return std::nullopt;
  if (!load->getType()->isFloatTy() && !load->getType()->isDoubleTy()) return std::nullopt;
  auto* store = llvm::dyn_cast<llvm::StoreInst>(*load->user_begin());
  if (store == nullptr || store->getValueOperand() != load ||
      store->getParent() != load->getParent())
    return std::nullopt;
  return Mark{PlaceOf(load->getPointerOperand(), layout),
              PlaceOf(store->getPointerOperand(), layout), load, store};
}

// One value that is copied in parts: its marks, first the two floats.
struct Parts {
  std::vector<Mark> marks;

  const Mark& first() const { return marks.front(); }
  int64_t distance() const { return first().to.offset - first().from.offset; }
  bool Holds(const Mark& mark) const {
    return mark.from.base == first().from.base && mark.to.base == first().to.base &&
           mark.to.offset - mark.from.offset == distance();
  }
  // Bytes from the source's base: where the value ends.
  int64_t end() const { return marks.back().from.offset + 8; }
  // The first padding is float, float, ..., double; the others double, ..., double.
  bool IsWhole() const {
    if (marks.size() < 3 || marks.size() % 2 == 0) return false;
    for (size_t i = 0; i < marks.size(); i++) {
      if (marks[i].load->getType()->isFloatTy() != (i < 2)) return false;
      if (i > 0 && marks[i].from.offset <= marks[i - 1].from.offset) return false;
    }
    return true;
  }
  int64_t BytesBetweenMarks() const {
    int64_t bytes = marks[2].from.offset - first().from.offset - 8;
    for (size_t i = 3; i < marks.size(); i += 2)
      bytes += marks[i + 1].from.offset - marks[i].from.offset - 8;
    return bytes;
  }
  // Whether `size` bytes from that offset of the source's base are padding.
  bool IsPadding(int64_t offset, int64_t size) const {
    for (size_t i = 0; i + 1 < marks.size(); i = i == 0 ? 3 : i + 2) {
      const Mark& last = marks[i == 0 ? 2 : i + 1];
      if (offset >= marks[i].from.offset && offset + size <= last.from.offset + 8) return true;
    }
    return false;
  }
};

std::vector<Parts> PartsOf(llvm::BasicBlock& block, const llvm::DataLayout& layout) {
  std::vector<Parts> found;
  for (llvm::Instruction& instruction : block) {
    std::optional<Mark> mark = MarkAt(instruction, layout);
    if (!mark) continue;
    auto same = std::find_if(found.rbegin(), found.rend(),
                             [&](const Parts& parts) { return parts.Holds(*mark); });
    const bool begins = mark->load->getType()->isFloatTy() &&
                        (same == found.rend() || same->marks.size() != 1);
    if (begins) {
      found.push_back({{*mark}});
    } else if (same != found.rend()) {
      same->marks.push_back(*mark);
    }
  }
  std::erase_if(found, [](const Parts& parts) { return !parts.IsWhole(); });
  return found;
}

// A move of bytes of known number; rustc may move them through a slot of their own.
const llvm::ConstantInt* LengthOf(const llvm::MemCpyInst& move) {
  return llvm::dyn_cast<llvm::ConstantInt>(move.getLength());
}

// The slot's other move when it is one between the source and the destination, and
// *all: everything that speaks of it.
llvm::MemCpyInst* MoveOutOf(llvm::AllocaInst* slot, const llvm::MemCpyInst* into,
                            std::vector<llvm::Instruction*>* all) {
  llvm::MemCpyInst* out = nullptr;
  for (llvm::User* user : slot->users()) {
    auto* instruction = llvm::cast<llvm::Instruction>(user);
    if (instruction != into && !instruction->isLifetimeStartOrEnd()) {
      auto* move = llvm::dyn_cast<llvm::MemCpyInst>(instruction);
      if (move == nullptr || out != nullptr || move->getRawSource() != slot) return nullptr;
      out = move;
    }
    all->push_back(instruction);
  }
  all->push_back(slot);
  return out;
}

// The moves of the bytes between marks; nothing when they are not all of them.
std::optional<std::vector<llvm::Instruction*>> MovesOfPaddings(const Parts& parts,
                                                               llvm::BasicBlock& block,
                                                               const llvm::DataLayout& layout) {
  std::vector<llvm::Instruction*> moves;
  int64_t missing = parts.BytesBetweenMarks();
  for (llvm::Instruction& instruction : block) {
    auto* move = llvm::dyn_cast<llvm::MemCpyInst>(&instruction);
    if (move == nullptr || LengthOf(*move) == nullptr) continue;
    const Place from = PlaceOf(move->getRawSource(), layout);
    const int64_t size = LengthOf(*move)->getSExtValue();
    if (from.base != parts.first().from.base || !parts.IsPadding(from.offset, size)) continue;
    auto goes_there = [&](const llvm::MemCpyInst& last) {
      const Place to = PlaceOf(last.getRawDest(), layout);
      return to.base == parts.first().to.base && to.offset - from.offset == parts.distance();
    };
    if (goes_there(*move)) {
      moves.push_back(move);
      missing -= size;
      continue;
    }
    std::vector<llvm::Instruction*> all;
    auto* slot = llvm::dyn_cast<llvm::AllocaInst>(move->getRawDest());
    llvm::MemCpyInst* out = slot == nullptr ? nullptr : MoveOutOf(slot, move, &all);
    if (out == nullptr || !goes_there(*out) || LengthOf(*out) != LengthOf(*move)) continue;
    moves.insert(moves.end(), all.begin(), all.end());
    missing -= size;
  }
  if (missing != 0) return std::nullopt;
  return moves;
}

// In front of the first store, where the destination lives, and the source still does.
bool SourceLives(const Parts& parts) {
  for (const llvm::Instruction* at = parts.first().load; at != parts.first().store;
       at = at->getNextNode())
    if (auto* end = llvm::dyn_cast<llvm::LifetimeIntrinsic>(at);
        end != nullptr && end->getIntrinsicID() == llvm::Intrinsic::lifetime_end &&
        end->getArgOperand(end->arg_size() - 1) == parts.first().from.base)
      return false;
  return true;
}

llvm::Value* Address(llvm::IRBuilder<>& builder, const Place& place) {
  if (place.offset == 0) return place.base;
  return builder.CreateInBoundsGEP(builder.getInt8Ty(), place.base,
                                   builder.getInt64(static_cast<uint64_t>(place.offset)));
}

void Rewrite(const Parts& parts, llvm::BasicBlock& block, const llvm::DataLayout& layout) {
  std::optional<std::vector<llvm::Instruction*>> moves = MovesOfPaddings(parts, block, layout);
  if (!moves) return;
  std::vector<llvm::Instruction*>& gone = *moves;
  for (const Mark& mark : parts.marks) {
    gone.push_back(mark.store);
    gone.push_back(mark.load);
  }
  llvm::IRBuilder<> builder(parts.first().store);
  llvm::Value* to = Address(builder, parts.first().to);
  llvm::Value* from = Address(builder, parts.first().from);
  llvm::CallInst* whole = builder.CreateMemCpy(
      to, llvm::Align(8), from, llvm::Align(8),
      builder.getInt64(static_cast<uint64_t>(parts.end() - parts.first().from.offset)));
  whole->setMetadata(kMetadata, llvm::MDNode::get(whole->getContext(), {}));
  std::set<llvm::Instruction*> addresses;
  for (llvm::Instruction* instruction : gone)
    for (llvm::Value* operand : instruction->operands())
      if (auto* address = llvm::dyn_cast<llvm::GetElementPtrInst>(operand))
        addresses.insert(address);
  for (llvm::Instruction* instruction : gone) instruction->eraseFromParent();
  for (llvm::Instruction* address : addresses)
    if (address->use_empty()) address->eraseFromParent();
}

}  // namespace

void CopyWhole(llvm::Module* module) {
  const llvm::DataLayout& layout = module->getDataLayout();
  for (llvm::Function& function : *module)
    for (llvm::BasicBlock& block : function)
      for (const Parts& parts : PartsOf(block, layout))
        if (SourceLives(parts)) Rewrite(parts, block, layout);
}

bool IsWholeCopy(const llvm::Instruction& instruction) {
  return instruction.hasMetadata(kMetadata);
}

}  // namespace race::build
