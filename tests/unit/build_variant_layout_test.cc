// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>

#include "build/sdk_small_layout.h"
#include "build/variant_layout.h"

namespace race::build {
namespace {

constexpr const char* kText = R"(
#[repr(C)]
pub struct inner {
    pub a: u32,
}
#[repr(C)]
pub struct outer {
    pub first: u64,
    pub held: inner,
    pub last: u8,
}
#[repr(C)]
pub union either {
    pub word: u64,
    pub byte: u8,
}
#[repr(C)]
pub struct empty {}
#[repr(C)]
pub struct kept {
    pub a: u64,
    pub of: part,
}
#[repr(C)]
pub struct part {
    pub b: u32,
}
#[repr(C, packed)]
pub struct wire {
    pub c: u16,
}
)";

std::string Escaped(std::string text) {
  for (size_t at = 0; (at = text.find_first_of("[]{}", at)) != text.npos; at += 2)
    text.insert(at, "\\");
  return text;
}

// Whether fields may begin at 0 in it, and types be empty, as in the base kernel.
bool IsCloseToTheBase(size_t variant) {
  return variant == kSmallVariant || kVariants[variant].form == VariantForm::kLike;
}

class VariantLayout : public testing::Test {
 protected:
  VariantLayout() : bindings_(ParseBindings(kText)) {
    std::set<std::string> frozen = {"kept"};
    CloseFrozen(bindings_, &frozen);
    layouts_ = ChooseLayouts(bindings_, frozen);
  }
  const LayoutAtom* Atom(const std::string& aggregate, const std::string& field) {
    for (const LayoutAtom& atom : layouts_.atoms)
      if (atom.aggregate == aggregate && atom.field == field) return &atom;
    return nullptr;
  }
  Bindings bindings_;
  VariantLayouts layouts_;
};

TEST_F(VariantLayout, GivesEachNumberAVectorOfItsOwn) {
  EXPECT_TRUE(layouts_.indistinct.empty());
  std::map<std::vector<int64_t>, std::string> seen;
  for (const LayoutAtom& atom : layouts_.atoms) {
    std::vector<int64_t> differences;
    for (size_t v = 1; v < kVariantCount; v++)
      if (kVariants[v].use == VariantUse::kSolve)
        differences.push_back(static_cast<int64_t>(atom.values[v] - atom.values[0]));
    auto [other, fresh] = seen.emplace(differences, atom.aggregate + "." + atom.field);
    EXPECT_TRUE(fresh) << atom.aggregate << "." << atom.field << " and " << other->second;
  }
  ASSERT_NE(Atom("outer", "held"), nullptr);
  EXPECT_EQ(Atom("outer", "held")->true_value, 8u);
}

TEST_F(VariantLayout, LeavesNoFieldAtZeroAndNoTypeEmpty) {
  for (const LayoutAtom& atom : layouts_.atoms)
    for (size_t v = 0; v < kVariantCount; v++) {
      if (IsCloseToTheBase(v)) continue;
      EXPECT_GT(atom.values[v], 0u) << atom.aggregate << "." << atom.field;
    }
  ASSERT_NE(Atom("empty", ""), nullptr);
  EXPECT_EQ(Atom("empty", "")->true_value, 0u);
}

// What follows a type in a driver's own struct, and where rustc puts the type,
// must not change from one variant to the other.
TEST_F(VariantLayout, KeepsThePowerOfTwoThatDividesASize) {
  for (const LayoutAtom& atom : layouts_.atoms) {
    if (!atom.field.empty()) continue;
    std::set<uint64_t> powers;
    for (size_t v = 0; v < kVariantCount; v++) {
      if (IsCloseToTheBase(v)) continue;
      uint64_t size = atom.values[v];
      if (kVariants[v].form == VariantForm::kPowersOfTwo) {
        EXPECT_EQ(size & (size - 1), 0u) << atom.aggregate;
        continue;
      }
      EXPECT_EQ(size % 1024, atom.true_value % 1024)
          << atom.aggregate << " in " << kVariants[v].name;
      powers.insert(size & -size);
    }
    EXPECT_EQ(powers.size(), 1u) << atom.aggregate;
  }
}

TEST_F(VariantLayout, LeavesFrozenAndPackedTypesAlone) {
  for (const char* name : {"kept", "part", "wire"})
    for (const LayoutAtom& atom : layouts_.atoms) EXPECT_NE(atom.aggregate, name);
}

TEST_F(VariantLayout, WritesWhatItChose) {
  for (size_t v = 0; v < kVariantCount; v++) {
    if (IsCloseToTheBase(v)) continue;
    std::string text = RewriteBindings(bindings_, layouts_.engines[v]);
    // In front of each field and of the end, on lines that are there.
    for (const char* line :
         {",     pub first: u64,", ",     pub held: inner,", ",     pub last: u8,", ", }"})
      EXPECT_TRUE(std::regex_search(text, std::regex("__race_pad_[^\n]*" + Escaped(line)))) << line;
    EXPECT_NE(text.find("pub struct empty { pub __race_pad_0_0: "), std::string::npos);
    EXPECT_NE(text.find("pub __race_pad: [u64; "), std::string::npos);
    size_t lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
    EXPECT_EQ(lines, bindings_.lines.size());
    EXPECT_NE(text.find("pub struct kept {\n    pub a: u64,\n"), std::string::npos);
  }
}

TEST_F(VariantLayout, IsTheSameEachTime) {
  std::set<std::string> frozen = {"kept", "part"};
  VariantLayouts again = ChooseLayouts(bindings_, frozen);
  ASSERT_EQ(again.atoms.size(), layouts_.atoms.size());
  for (size_t a = 0; a < again.atoms.size(); a++)
    EXPECT_EQ(again.atoms[a].values, layouts_.atoms[a].values);
}

constexpr const char* kLarge = R"(
#[repr(C)]
pub struct held {
    pub x: u64,
    pub y: u64,
    pub z: u64,
}
#[repr(C)]
pub struct large {
    pub first: u64,
    pub call: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut large) -> ffi::c_int,
    >,
    pub wide: [u32; 64usize],
    pub inner: held,
    pub last: u16,
}
#[repr(C)]
pub struct bytes {
    pub name: [u8; 100usize],
}
#[repr(C)]
pub union any {
    pub words: [u64; 8usize],
    pub word: u64,
}
#[repr(C)]
pub struct two_words {
    pub a: u64,
    pub b: u64,
}
#[repr(C)]
pub struct flags {
    pub before: [u64; 8usize],
    pub _bitfield_align_1: [u32; 0],
    pub _bitfield_1: __BindgenBitfieldUnit<[u8; 4usize]>,
}
#[repr(C)]
pub struct fixed {
    pub a: [u64; 8usize],
}
)";

class SmallLayout : public testing::Test {
 protected:
  SmallLayout() : bindings_(ParseBindings(kLarge)) {
    layouts_ = ChooseLayouts(bindings_, {"fixed"}, &needed_);
  }
  Layout Small(const std::string& name) {
    return layouts_.engines[kSmallVariant].Of(bindings_.aggregates[bindings_.index.at(name)]);
  }
  std::set<FieldName> needed_ = {{"large", "inner"}, {"large", "last"}};
  Bindings bindings_;
  VariantLayouts layouts_;
};

TEST_F(SmallLayout, LeavesOutWhatIsNotNamed) {
  Layout large = Small("large");
  EXPECT_EQ(large.offsets, (std::vector<uint64_t>{0, 0, 0, 0, 24}));
  EXPECT_EQ(large.size, 32u);
  // The numbers that a range begins with.
  for (const LayoutAtom& atom : layouts_.atoms)
    if (atom.aggregate == "large" && atom.field == "last") {
      EXPECT_EQ(atom.values[kSmallVariant], 24u);
      EXPECT_EQ(atom.true_value, 296u);
    }
}

TEST_F(SmallLayout, KeepsLargerThanTwoWordsWhatIsLarger) {
  EXPECT_EQ(Small("held").size, 24u);
  EXPECT_EQ(Small("bytes").size, 17u);
  EXPECT_EQ(Small("any").size, 24u);
  EXPECT_EQ(Small("two_words").size, 16u);
  EXPECT_EQ(Small("two_words").offsets, (std::vector<uint64_t>{0, 8}));
}

TEST_F(SmallLayout, KeepsAlignments) {
  LayoutEngine truth(bindings_);
  for (const Aggregate& aggregate : bindings_.aggregates)
    EXPECT_EQ(Small(aggregate.name).align, truth.Of(aggregate).align) << aggregate.name;
}

TEST_F(SmallLayout, KeepsTheUnitsOfBitFieldsAndFrozenTypes) {
  EXPECT_EQ(Small("flags").offsets, (std::vector<uint64_t>{0, 0, 0}));
  EXPECT_EQ(Small("flags").size, 24u);
  EXPECT_EQ(Small("fixed").size, 64u);
}

TEST_F(SmallLayout, RenamesWhatItLeavesOut) {
  std::string text = RewriteBindings(bindings_, layouts_.engines[kSmallVariant]);
  EXPECT_NE(text.find("    pub __race_left_out_first: [u64; 0],\n"), std::string::npos);
  EXPECT_NE(text.find("pub __race_left_out_call: [::core::option::Option< unsafe extern \"C\" "
                      "fn(arg1: *mut large) -> ffi::c_int, >; 0],\n\n\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("    pub inner: held,\n"), std::string::npos);
  EXPECT_NE(text.find("pub _bitfield_1: "), std::string::npos);
  EXPECT_EQ(text.find("pub first"), std::string::npos);
  size_t lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  EXPECT_EQ(lines, bindings_.lines.size());
}

TEST_F(SmallLayout, IsTheBaseKernelsWhereNothingIsKnownOfNames) {
  VariantLayouts layouts = ChooseLayouts(bindings_, {});
  for (const LayoutAtom& atom : layouts.atoms)
    EXPECT_EQ(atom.values[kSmallVariant], atom.true_value) << atom.aggregate << "." << atom.field;
}

// What small leaves out changes nothing about the numbers that tell atoms apart.
TEST_F(SmallLayout, LeavesTheOtherVariantsAlone) {
  VariantLayouts layouts = ChooseLayouts(bindings_, {"fixed"});
  ASSERT_EQ(layouts.atoms.size(), layouts_.atoms.size());
  for (size_t a = 0; a < layouts.atoms.size(); a++)
    for (size_t v = 0; v < kVariantCount; v++) {
      if (v == kSmallVariant) continue;
      EXPECT_EQ(layouts.atoms[a].values[v], layouts_.atoms[a].values[v]);
    }
}

TEST(NoteFields, StandBetweenThePaddingAndTheField) {
  const Bindings bindings = ParseBindings(
      "#[repr(C)]\npub struct t {\n    pub a: u32,\n    pub b: u64,\n    pub c: u8,\n}\n");
  // As a rewritten type may be: a padded field, one that is left out, one as it was.
  const std::string text =
      NoteFields(bindings,
                 "#[repr(C)]\npub struct t {\n__race_pad_0_0: [u32; 3],     pub a: u32,\n"
                 "    pub __race_left_out_b: [u64; 0],\n    pub c: u8,\n}\n");
  EXPECT_EQ(text,
            "#[repr(C)]\npub struct t {\n__race_pad_0_0: [u32; 3], "
            "#[deprecated(note = \"race:t.a\")]     pub a: u32,\n"
            "    pub __race_left_out_b: [u64; 0],\n"
            "#[deprecated(note = \"race:t.c\")]     pub c: u8,\n}\n");
}

TEST(FieldsMissing, ReadsRustcsErrors) {
  Bindings bindings = ParseBindings(kLarge);
  std::set<FieldName> needed;
  std::string messages =
      "error[E0609]: no field `first` on type `bindings_raw::large`\n"
      "  --> a.rs:1:2\n"
      "error[E0609]: no field `x` on type `&core::mem::ManuallyDrop<bindings_raw::held>`\n"
      "error[E0560]: struct `bindings_raw::large` has no field named `call`\n"
      "error[E0026]: struct `held` does not have fields named `y`, `z`\n"
      "error[E0609]: no field `first` on type `bindings_raw::large`\n";
  EXPECT_EQ(FieldsMissing(bindings, messages, &needed), 5u);
  EXPECT_EQ(
      needed,
      (std::set<FieldName>{
          {"large", "first"}, {"large", "call"}, {"held", "x"}, {"held", "y"}, {"held", "z"}}));
  EXPECT_EQ(FieldsMissing(bindings, messages, &needed), 0u);
}

TEST(FieldsMissing, TakesNothingFromOtherErrors) {
  Bindings bindings = ParseBindings(kLarge);
  std::set<FieldName> needed;
  EXPECT_EQ(FieldsMissing(bindings,
                          "error[E0609]: no field `no_such` on type `bindings_raw::large`\n"
                          "error[E0609]: no field `first` on type `the_drivers_own`\n"
                          "error[E0609]: no field\n"
                          "error[E0599]: no method named `x` found for struct `held`\n"
                          "note: no field `first` on type `bindings_raw::large`\n",
                          &needed),
            0u);
  EXPECT_TRUE(needed.empty());
}

constexpr const char* kLocks = R"(
#[repr(C)]
#[derive(Copy, Clone)]
pub struct spinlock {
    pub _bindgen_opaque_blob: u32,
}
#[repr(C)]
pub struct holder {
    pub count: u16,
    pub lock: spinlock,
}
#[repr(C)]
pub struct other {
    pub count: u16,
    pub number: u32,
}
)";

// As on kernels where it has pointers in it: so no target demands more.
TEST(RaisedAlignment, IsThatOfTheKernelWithTheMost) {
  const Bindings bindings = ParseBindings(kLocks);
  const std::set<FieldName> needed;
  for (const std::set<FieldName>* small :
       {&needed, static_cast<const std::set<FieldName>*>(nullptr)})
    for (LayoutEngine& engine : ChooseLayouts(bindings, {}, small).engines) {
      EXPECT_EQ(engine.Of(bindings.aggregates[0]).align, 8u);
      EXPECT_EQ(engine.Of(bindings.aggregates[0]).size % 8, 0u);
      EXPECT_EQ(engine.Of(bindings.aggregates[1]).align, 8u);
      EXPECT_EQ(engine.Of(bindings.aggregates[1]).offsets[1] % 8, 0u);
      EXPECT_EQ(engine.Of(bindings.aggregates[2]).align, 4u);
      const std::string text = RewriteBindings(bindings, engine);
      EXPECT_NE(text.find("#[repr(align(8))] pub struct spinlock {\n"), text.npos) << text;
      EXPECT_EQ(text.find("repr(align(8))] pub struct holder"), text.npos);
    }
}

// The code is compared with that of the true layout, and has the alignment as a number.
TEST(RaisedAlignment, IsTheTrueLayoutsToo) {
  const Bindings bindings = ParseBindings(kLocks);
  LayoutEngine truth = TrueLayout(bindings, ChooseLayouts(bindings, {}).engines[0]);
  EXPECT_EQ(truth.Of(bindings.aggregates[0]).align, 8u);
  EXPECT_EQ(truth.Of(bindings.aggregates[1]).size, 16u);
  EXPECT_NE(RewriteBindings(bindings, truth).find("#[repr(align(8))]"), std::string::npos);
}

TEST(RaisedAlignment, IsNotThatOfTheBaseKernelOrOfAFrozenType) {
  const Bindings bindings = ParseBindings(kLocks);
  VariantLayouts layouts = ChooseLayouts(bindings, {});
  for (const LayoutAtom& atom : layouts.atoms)
    EXPECT_EQ(atom.align, 4u) << atom.aggregate << "." << atom.field;
  for (LayoutEngine& engine : ChooseLayouts(bindings, {"spinlock"}).engines)
    EXPECT_EQ(engine.Of(bindings.aggregates[0]).align, 4u);
}

TEST_F(VariantLayout, TheTrueLayoutHasPaddingsOfNoLength) {
  const LayoutEngine& padded = layouts_.engines[0];
  LayoutEngine engine = TrueLayout(bindings_, padded), truth(bindings_);
  const std::string text = RewriteBindings(bindings_, engine);
  const std::string other = RewriteBindings(bindings_, padded);
  for (const Aggregate& aggregate : bindings_.aggregates) {
    EXPECT_EQ(engine.Of(aggregate).offsets, truth.Of(aggregate).offsets) << aggregate.name;
    EXPECT_EQ(engine.Of(aggregate).size, truth.Of(aggregate).size) << aggregate.name;
  }
  auto fields = [](const std::string& rust) {
    std::multiset<std::string> names;
    const std::regex field("__race_pad_[0-9]+_[0-9]+");
    for (std::sregex_iterator it(rust.begin(), rust.end(), field), end; it != end; ++it)
      names.insert(it->str());
    return names;
  };
  // Unions and empty types have none there.
  EXPECT_FALSE(fields(text).empty());
  for (const std::string& name : fields(text))
    EXPECT_LE(fields(text).count(name), fields(other).count(name));
}

// Of the variants that follow a real kernel, the first.
constexpr size_t kLikeVariant = VariantIndex("like0");

constexpr const char* kFollowing = R"(
#[repr(C)]
pub struct lock {
    pub owner: u64,
}
#[repr(C)]
pub struct holder {
    pub a: u32,
    pub held: lock,
    pub b: u32,
    pub c: u64,
}
#[repr(C)]
pub union either {
    pub word: u64,
    pub byte: u8,
}
#[repr(C)]
pub struct other {
    pub a: u64,
    pub b: u64,
    pub c: u64,
}
)";

class LikeLayout : public testing::Test {
 protected:
  Layout In(const std::string& name, const std::vector<KernelLayouts>& like) {
    VariantLayouts layouts = ChooseLayouts(bindings_, {}, nullptr, like);
    return layouts.engines[kLikeVariant].Of(bindings_.aggregates[bindings_.index.at(name)]);
  }
  Bindings bindings_ = ParseBindings(kFollowing);
  // `b` comes in front of `held` there, which a padding cannot say.
  KernelLayouts kernel_ = {{"lock", {24, {{"owner", 8}}}},
                           {"holder", {72, {{"a", 0}, {"b", 4}, {"held", 16}, {"c", 56}}}},
                           {"either", {24, {}}}};
};

TEST_F(LikeLayout, HasFieldsWhereTheKernelHasThem) {
  const Layout lock = In("lock", {kernel_}), holder = In("holder", {kernel_});
  EXPECT_EQ(lock.offsets, (std::vector<uint64_t>{8}));
  EXPECT_EQ(lock.size, 24u);
  EXPECT_EQ(holder.offsets, (std::vector<uint64_t>{0, 16, 40, 56}));
  EXPECT_EQ(holder.size, 72u);
  EXPECT_EQ(In("either", {kernel_}).size, 24u);
}

TEST_F(LikeLayout, IsTheBaseKernelsOfTypesThatTheKernelDoesNotHave) {
  const Layout other = In("other", {kernel_});
  EXPECT_EQ(other.offsets, (std::vector<uint64_t>{0, 8, 16}));
  EXPECT_EQ(other.size, 24u);
}

TEST_F(LikeLayout, IsANearOneWithoutAKernel) {
  const Layout other = In("other", {});
  EXPECT_GE(other.size, 24u);
  EXPECT_LE(other.size, 24u + 4 * 8 * (kNear - 1));
}

// A program that has not the kernels at hand chooses the other variants' layouts like one
// that has.
TEST_F(LikeLayout, LeavesTheOtherVariantsAlone) {
  const VariantLayouts with = ChooseLayouts(bindings_, {}, nullptr, {kernel_}),
                       without = ChooseLayouts(bindings_, {});
  ASSERT_EQ(with.atoms.size(), without.atoms.size());
  for (size_t a = 0; a < with.atoms.size(); a++)
    for (size_t v = 0; v < kVariantCount; v++) {
      if (kVariants[v].form == VariantForm::kLike) continue;
      EXPECT_EQ(with.atoms[a].values[v], without.atoms[a].values[v]);
    }
}

}  // namespace
}  // namespace race::build
