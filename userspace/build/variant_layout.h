// SPDX-License-Identifier: GPL-2.0-only
//
// Choosing kernels that do not exist: for every variant a padding of every C
// type, such that the numbers that depend on a layout tell which one they are.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "build/bindings_model.h"

namespace race::build {

// The variants of an SDK, in this order.
//   solve     constants are solved from these
//   held out  every solution is proved on these
//   shape     compared for the shape of the code only, since types differ from
//             the others in what rustc orders its own structs by (rule 16)
enum class VariantUse { kSolve, kHeldOut, kShape };

enum class VariantForm {
  kPadded,       // sizes are never powers of two
  kPowersOfTwo,  // sizes are powers of two
  kSmall,        // no paddings: what no code names takes no room
  kLike,         // close to the base kernel's: where a real kernel has it, or a little further
};

struct VariantPlan {
  const char* name;
  VariantUse use;
  uint32_t most_units;   // paddings are drawn from 1 to this, in units
  uint32_t most_blocks;  // and the last one has less than this many KiB more
  VariantForm form;
};

// How many values a padding, and the part of a size that is free, have in a wide variant.
// Each of these variants makes it this much less likely that a wrong explanation of a
// number fits (ChanceOfWrongExplanation()).  More would make statics larger than rustc
// should have to evaluate.
inline constexpr uint32_t kWide = 4096;

// Paddings of a layout that is close to the base kernel's, where no real kernel is known.
inline constexpr uint32_t kNear = 3;

// The first one is narrow, and the code is generated from it; with it a predicate on a
// size that holds in all of them is one on a very wide range.
inline constexpr VariantPlan kVariants[] = {
    {"v0", VariantUse::kSolve, 12, 4, VariantForm::kPadded},
    {"v1", VariantUse::kSolve, kWide, kWide, VariantForm::kPadded},
    {"v2", VariantUse::kSolve, kWide, kWide, VariantForm::kPadded},
    {"v3", VariantUse::kSolve, kWide, kWide, VariantForm::kPadded},
    {"v4", VariantUse::kSolve, kWide, kWide, VariantForm::kPadded},
    {"v5", VariantUse::kSolve, kWide, kWide, VariantForm::kPadded},
    {"v6", VariantUse::kHeldOut, kWide, kWide, VariantForm::kPadded},
    {"v7", VariantUse::kHeldOut, kWide, kWide, VariantForm::kPadded},
    {"p2", VariantUse::kShape, 24, 1, VariantForm::kPowersOfTwo},
    {"like0", VariantUse::kShape, kNear, 1, VariantForm::kLike},
    {"like1", VariantUse::kShape, kNear, 1, VariantForm::kLike},
    {"small", VariantUse::kShape, 0, 0, VariantForm::kSmall},
};
inline constexpr size_t kVariantCount = sizeof kVariants / sizeof kVariants[0];

constexpr size_t VariantIndex(std::string_view name) {
  size_t v = 0;
  while (v < kVariantCount && kVariants[v].name != name) v++;
  return v;
}
inline constexpr size_t kSmallVariant = VariantIndex("small");
// The last that a number is proved on.
inline constexpr size_t kLastHeldOut = VariantIndex("v7");

// A number of the kernel's layouts: the offset of a field or the size of a type.
struct LayoutAtom {
  std::string aggregate;         // bindgen's name
  std::string field;             // empty: the size
  std::vector<uint64_t> values;  // bytes, one a variant
  uint64_t true_value = 0;       // bytes, in the real kernel
  uint64_t align = 1;            // bytes, of the aggregate, in the real kernel
  uint64_t raised_value = 0;     // bytes, in the real kernel but for raised alignments
};

struct VariantLayouts {
  std::vector<LayoutEngine> engines;  // one a variant
  std::vector<LayoutAtom> atoms;      // all whose values differ between variants
  // Pairs of atoms that the solving variants cannot tell apart.
  std::vector<std::pair<size_t, size_t>> indistinct;
};

// C types whose alignment is not the same in all kernels, and the largest that is known,
// in bytes: locks, which have pointers in them on realtime kernels and where they are
// debugged.  Drivers align them so everywhere, which is right for all that demand less.
// These are all that the base kernel's types and those of Debian's kernels differ in.
inline constexpr std::pair<const char*, uint64_t> kRaisedTypes[] = {
    {"spinlock", 8},          {"rwlock", 8},          {"seqcount_mutex", 8},
    {"seqcount_spinlock", 8}, {"seqcount_rwlock", 8}, {"seqcount_raw_spinlock", 8},
};

// Aligns those of `bindings` so, but for `frozen` ones.
void RaiseAlignments(const Bindings& bindings, const std::set<std::string>& frozen,
                     LayoutEngine* engine);

// Whether a padding may be given to this aggregate at all.
bool MayPad(const Aggregate& aggregate);

// Whether it is made of one or two pointers to data and nothing else, like list_head:
// rustc keeps a value of it in registers.
bool IsPointerOrPair(const Bindings& bindings, const Aggregate& aggregate);

// Whether it is of two words or less (and not empty), and neither it nor anything in it is
// of kRaisedTypes: rustc may keep a value of it in registers, and a larger one in memory,
// which is another program.
bool IsTwoWordsOrLess(const Bindings& bindings, LayoutEngine* truth, const Aggregate& aggregate);

// log2 of the chance that one wrong explanation of a number fits all variants that numbers
// are solved from and proved on, as far as the atoms' own vectors tell: the most likely of
// another type's size, and of the field beside the right one.
double ChanceOfWrongExplanation(const std::vector<LayoutAtom>& atoms);

// Adds to `frozen` what the named types contain by value.
void CloseFrozen(const Bindings& bindings, std::set<std::string>* frozen);

// A type and one of its fields, by bindgen's names.
using FieldName = std::pair<std::string, std::string>;

// Where another kernel has a type's fields, in bytes.
struct KnownLayout {
  uint64_t size = 0;
  std::map<std::string, uint64_t, std::less<>> offsets;  // by bindgen's names
};
// By bindgen's names of the types.
using KernelLayouts = std::map<std::string, KnownLayout, std::less<>>;

// How many variants may follow a real kernel's layouts.
inline constexpr size_t kLikeCount = [] {
  size_t count = 0;
  for (const VariantPlan& plan : kVariants) count += plan.form == VariantForm::kLike ? 1 : 0;
  return count;
}();

// `needed`: the fields that must have their place in the small variant too;
// nullptr: all of them, and it is the base kernel's layout.
// `like`: kernels whose layouts the variants of that form follow, one after the other.  Fields
// keep their order, and none comes before its place in the base kernel.
VariantLayouts ChooseLayouts(const Bindings& bindings, const std::set<std::string>& frozen,
                             const std::set<FieldName>* needed = nullptr,
                             const std::vector<KernelLayouts>& like = {});

// The layout that C gives the types, but for alignments that `padded` raises, where those
// that it pads have as many paddings, of no length: the code is the same but for what
// paddings are for.
LayoutEngine TrueLayout(const Bindings& bindings, const LayoutEngine& padded);

// The text of bindings_generated.rs with the paddings of one variant.
std::string RewriteBindings(const Bindings& bindings, const LayoutEngine& engine);

}  // namespace race::build
