// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>

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
    for (uint64_t value : atom.values) EXPECT_GT(value, 0u) << atom.aggregate << "." << atom.field;
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
      uint64_t size = atom.values[v];
      if (kVariants[v].powers_of_two) {
        EXPECT_EQ(size & (size - 1), 0u) << atom.aggregate;
        continue;
      }
      EXPECT_EQ(size % 8, 0u) << atom.aggregate << " in " << kVariants[v].name;
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

}  // namespace
}  // namespace race::build
