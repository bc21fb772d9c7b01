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
struct MarkCopy {
  Place from, to;
  llvm::LoadInst* load = nullptr;
  llvm::StoreInst* store = nullptr;
};

std::optional<MarkCopy> MarkAt(llvm::Instruction& instruction, const llvm::DataLayout& layout) {
  auto* load = llvm::dyn_cast<llvm::LoadInst>(&instruction);
  if (load == nullptr || !load->hasOneUse() || load->isVolatile()) return std::nullopt;
  if (!load->getType()->isFloatTy() && !load->getType()->isDoubleTy()) return std::nullopt;
  auto* store = llvm::dyn_cast<llvm::StoreInst>(*load->user_begin());
  if (store == nullptr || store->getValueOperand() != load ||
      store->getParent() != load->getParent())
    return std::nullopt;
  return MarkCopy{PlaceOf(load->getPointerOperand(), layout),
                  PlaceOf(store->getPointerOperand(), layout), load, store};
}

// Whether a place is the whole of what a reference points to: a closure holds one to
// each field that it copies.
bool IsReference(const Place& place) {
  return place.offset == 0 && llvm::isa<llvm::LoadInst>(place.base);
}

// One value that is copied in parts: its marks, first the two floats.
struct Parts {
  std::vector<MarkCopy> marks;

  const MarkCopy& first() const { return marks.front(); }
  // Bytes of the whole: a padding is the last part of every type.
  int64_t size() const { return marks.back().to.offset + 8 - first().to.offset; }
  // Whether what is copied belongs to this value: it goes to the same place within the
  // other one, or it comes through a reference as the first mark does.
  bool Holds(const Place& from, const Place& to) const {
    if (to.base != first().to.base) return false;
    if (from.base == first().from.base)
      return to.offset - from.offset == first().to.offset - first().from.offset;
    return IsReference(first().from) && IsReference(from);
  }
  // The first padding is float, float, ..., double; the others double, ..., double.
  bool IsWhole() const {
    if (marks.size() < 3 || marks.size() % 2 == 0) return false;
    for (size_t i = 0; i < marks.size(); i++) {
      if (marks[i].load->getType()->isFloatTy() != (i < 2)) return false;
      if (i > 0 && marks[i].to.offset <= marks[i - 1].to.offset) return false;
    }
    return true;
  }
  // The marks at the ends of each padding.
  std::vector<std::pair<const MarkCopy*, const MarkCopy*>> Paddings() const {
    std::vector<std::pair<const MarkCopy*, const MarkCopy*>> paddings = {{&marks[0], &marks[2]}};
    for (size_t i = 3; i < marks.size(); i += 2) paddings.emplace_back(&marks[i], &marks[i + 1]);
    return paddings;
  }
  int64_t BytesBetweenMarks() const {
    int64_t bytes = 0;
    for (auto [begin, end] : Paddings()) bytes += end->to.offset - begin->to.offset - 8;
    return bytes;
  }
  // Whether `size` bytes from that offset of the destination's base are padding.
  bool IsPadding(int64_t offset, int64_t size) const {
    for (auto [begin, end] : Paddings())
      if (offset >= begin->to.offset && offset + size <= end->to.offset + 8) return true;
    return false;
  }
};

std::vector<Parts> PartsOf(llvm::BasicBlock& block, const llvm::DataLayout& layout) {
  std::vector<Parts> found;
  for (llvm::Instruction& instruction : block) {
    std::optional<MarkCopy> mark = MarkAt(instruction, layout);
    if (!mark) continue;
    auto same = std::find_if(found.rbegin(), found.rend(),
                             [&](const Parts& parts) { return parts.Holds(mark->from, mark->to); });
    const bool begins =
        mark->load->getType()->isFloatTy() && (same == found.rend() || same->marks.size() != 1);
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
    auto goes_there = [&](const llvm::MemCpyInst& last) {
      const Place to = PlaceOf(last.getRawDest(), layout);
      return parts.Holds(from, to) && parts.IsPadding(to.offset, size);
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

// Where the whole may be copied: in front of the first store, if the source still lives
// there; else in front of the first load, if nothing speaks of the destination up to
// then.  nullptr: nowhere.
llvm::Instruction* PlaceForWhole(const Parts& parts, const llvm::DataLayout& layout) {
  bool source_lives = true, destination_is_free = true;
  for (llvm::Instruction* at = parts.first().load; at != parts.first().store;
       at = at->getNextNode()) {
    auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(at);
    if (llvm::isa<llvm::CallBase>(at) && intrinsic == nullptr) destination_is_free = false;
    for (llvm::Value* operand : at->operands()) {
      if (!operand->getType()->isPointerTy()) continue;
      const llvm::Value* base = PlaceOf(operand, layout).base;
      if (base == parts.first().to.base) destination_is_free = false;
      if (base == parts.first().from.base && intrinsic != nullptr &&
          intrinsic->getIntrinsicID() == llvm::Intrinsic::lifetime_end)
        source_lives = false;
    }
  }
  if (source_lives) return parts.first().store;
  const llvm::Value* base = parts.first().to.base;
  if (!llvm::isa<llvm::AllocaInst>(base) && !llvm::isa<llvm::Argument>(base)) return nullptr;
  return destination_is_free ? parts.first().load : nullptr;
}

llvm::Value* Address(llvm::IRBuilder<>& builder, const Place& place) {
  if (place.offset == 0) return place.base;
  return builder.CreateInBoundsGEP(builder.getInt8Ty(), place.base,
                                   builder.getInt64(static_cast<uint64_t>(place.offset)));
}

void Mark(llvm::Instruction* instruction) {
  instruction->setMetadata(kMetadata, llvm::MDNode::get(instruction->getContext(), {}));
}

// What an instruction has its addresses from: constant offsets, and references.
void AddAddresses(const llvm::Instruction& instruction, std::set<llvm::Instruction*>* addresses) {
  for (llvm::Value* operand : instruction.operands()) {
    auto* address = llvm::dyn_cast<llvm::Instruction>(operand);
    if (address != nullptr && address->getType()->isPointerTy() &&
        (llvm::isa<llvm::GetElementPtrInst>(address) || llvm::isa<llvm::LoadInst>(address)))
      addresses->insert(address);
  }
}

void EraseUnused(std::set<llvm::Instruction*> addresses) {
  while (!addresses.empty()) {
    llvm::Instruction* address = *addresses.begin();
    addresses.erase(addresses.begin());
    if (!address->use_empty()) continue;
    AddAddresses(*address, &addresses);
    address->eraseFromParent();
  }
}

void Rewrite(const Parts& parts, llvm::BasicBlock& block, const llvm::DataLayout& layout) {
  llvm::Instruction* place = PlaceForWhole(parts, layout);
  if (place == nullptr) return;
  std::optional<std::vector<llvm::Instruction*>> moves = MovesOfPaddings(parts, block, layout);
  if (!moves) return;
  std::vector<llvm::Instruction*>& gone = *moves;
  for (const MarkCopy& mark : parts.marks) {
    gone.push_back(mark.store);
    gone.push_back(mark.load);
  }
  llvm::IRBuilder<> builder(place);
  llvm::Value* to = Address(builder, parts.first().to);
  llvm::Value* from = Address(builder, parts.first().from);
  llvm::CallInst* whole =
      builder.CreateMemCpy(to, llvm::Align(8), from, llvm::Align(8),
                           builder.getInt64(static_cast<uint64_t>(parts.size())));
  Mark(whole);
  std::set<llvm::Instruction*> addresses;
  for (llvm::Instruction* instruction : gone) AddAddresses(*instruction, &addresses);
  for (llvm::Instruction* instruction : gone) instruction->eraseFromParent();
  EraseUnused(std::move(addresses));
  // The closure's reference to the first padding is the one to the whole.  One that is used for
  // other things as well is of the program as it is: the value of a loop.
  if (IsReference(parts.first().from) && parts.first().from.base->hasOneUse())
    Mark(llvm::cast<llvm::LoadInst>(parts.first().from.base));
}

}  // namespace

void CopyWhole(llvm::Module* module) {
  const llvm::DataLayout& layout = module->getDataLayout();
  for (llvm::Function& function : *module)
    for (llvm::BasicBlock& block : function)
      for (const Parts& parts : PartsOf(block, layout)) Rewrite(parts, block, layout);
}

bool IsWholeCopy(const llvm::Instruction& instruction) {
  return instruction.hasMetadata(kMetadata);
}

}  // namespace race::build
