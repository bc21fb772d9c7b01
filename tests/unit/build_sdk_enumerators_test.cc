// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "build/sdk_enumerators.h"

namespace race::build {
namespace {

const std::vector<std::string> kBindings = {
    "pub type _bindgen_ty_5 = ffi::c_uint;",
    "pub const ___GFP_DMA_BIT: _bindgen_ty_5 = 0;",
    "pub const ___GFP_IO_BIT: _bindgen_ty_5 = 1;",
    "pub const ___GFP_ZERO_BIT: _bindgen_ty_5 = 2;",
    "pub const ___GFP_LAST_BIT: _bindgen_ty_5 = 3;",
    "pub const phy_state_PHY_DOWN: phy_state = 0;",
    "pub const phy_state_PHY_UP: phy_state = 4;",
    "pub const phy_state_PHY_BEST: phy_state = 4;",
    "pub type phy_state = ffi::c_uint;",
    "pub const mode_READ: mode = 1;",
    "pub const mode_WRITE: mode = 2;",
    "pub const mode_SEEK: mode = 4;",
    "pub const mode_ALL: mode = 7;",
    "pub type mode = ffi::c_uint;",
    "pub const sign_MINUS: sign = -1;",
    "pub const sign_PLUS: sign = 1;",
    "pub type sign = ffi::c_int;",
    "pub type gfp_t = ffi::c_uint;",
    "pub const GFP_KERNEL: gfp_t = 6;",
    "pub const XA_FLAGS_ALLOC: gfp_t = 12;",
    "pub const PAGE_SIZE: u32 = 4096;",
    "pub const other_thing: phy_state = 9;",
};

std::vector<Enumerator> Chosen() {
  std::vector<Enumerator> all = EnumeratorsOf(kBindings);
  ChooseValues(&all);
  return all;
}

const Enumerator& Of(const std::vector<Enumerator>& all, const std::string& name) {
  auto found = std::find_if(all.begin(), all.end(),
                            [&](const Enumerator& each) { return each.name == name; });
  EXPECT_NE(found, all.end()) << name;
  return found == all.end() ? all.front() : *found;
}

TEST(SdkEnumerators, AreConstantsOfAnEnumsType) {
  const std::vector<Enumerator> all = Chosen();
  ASSERT_EQ(all.size(), 13u);
  EXPECT_TRUE(Of(all, "___GFP_IO_BIT").unnamed);
  EXPECT_EQ(Of(all, "PHY_UP").constant, "phy_state_PHY_UP");
  EXPECT_EQ(Of(all, "PHY_UP").type, "phy_state");
  EXPECT_FALSE(Of(all, "PHY_UP").unnamed);
  EXPECT_EQ(Of(all, "PHY_UP").line, 6u);
}

TEST(SdkEnumerators, AreLargerOnceInTheReverseOrder) {
  const std::vector<Enumerator> all = Chosen();
  const Enumerator &down = Of(all, "PHY_DOWN"), &up = Of(all, "PHY_UP"),
                   &best = Of(all, "PHY_BEST");
  EXPECT_GT(down.values[1], up.values[1]);
  EXPECT_GT(up.values[1], best.values[1]);
  EXPECT_LT(4, best.values[1]);
  // Odd where the true one is even, and so on.
  for (const Enumerator* each : {&down, &up, &best})
    EXPECT_EQ((each->values[0] ^ each->values[1]) & 31, 31) << each->name;
}

TEST(SdkEnumerators, AreSmallerOnceWhereTheyCanBe) {
  std::vector<std::string> lines;
  for (int i = 0; i < 200; i++)
    lines.push_back("pub const state_S" + std::to_string(i) +
                    ": state = " + std::to_string(std::min(i, 198)) + ";");
  lines.push_back("pub type state = ffi::c_uint;");
  std::vector<Enumerator> all = EnumeratorsOf(lines);
  ChooseValues(&all);
  ASSERT_EQ(all.size(), 200u);
  for (size_t v = 0; v < all[0].values.size(); v++) {
    std::set<int64_t> values;
    for (const Enumerator& each : all) values.insert(each.values[v]);
    // Those of one value, too.
    EXPECT_EQ(values.size(), v == 0 ? 199u : 200u);
  }
  for (const Enumerator& each : all) {
    const int64_t value = each.values[0];
    EXPECT_EQ(each.Least(), value / 2) << each.name;
    EXPECT_LT(value, each.Greatest()) << each.name;
    if (value == 0) continue;
    EXPECT_NE(each.values[2] < value, each.values[3] < value) << each.name;
  }
}

TEST(SdkEnumerators, OfSmallTypesStay) {
  const std::vector<std::string> lines = {
      "pub const tiny_A: tiny = 1;",       "pub type tiny = ffi::c_uchar;",
      "pub const way_TO_DEVICE: way = 1;", "pub type way = i32;",
      "pub const large_B: large = 7;",     "pub type large = ffi::c_ulong;",
  };
  std::vector<Enumerator> all = EnumeratorsOf(lines);
  ChooseValues(&all);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_FALSE(Of(all, "A").Moves());
  EXPECT_TRUE(Of(all, "TO_DEVICE").Moves());
  EXPECT_FALSE(Of(all, "B").Moves());
}

// One more would be a set of flags: 0, 1, 2 and 4.
TEST(SdkEnumerators, ThatCountAreNoMasks) {
  std::vector<std::string> lines;
  for (int i = 0; i < 8; i++)
    lines.push_back("pub const count_N" + std::to_string(i) + ": count = " + std::to_string(i) +
                    ";");
  lines.push_back("pub type count = ffi::c_uint;");
  std::vector<Enumerator> all = EnumeratorsOf(lines);
  ChooseValues(&all);
  ASSERT_EQ(all.size(), 8u);
  for (const Enumerator& each : all) {
    EXPECT_FALSE(each.is_flag) << each.name;
    EXPECT_TRUE(each.Moves()) << each.name;
  }
}

TEST(SdkEnumerators, OfMasksMoveByTheirBits) {
  const std::vector<Enumerator> all = Chosen();
  const Enumerator &read = Of(all, "READ"), &write = Of(all, "WRITE"), &seek = Of(all, "SEEK");
  for (size_t v = 1; v < read.values.size(); v++) {
    for (const Enumerator* each : {&read, &write, &seek}) {
      EXPECT_TRUE(each->is_flag);
      EXPECT_EQ(each->values[v] & (each->values[v] - 1), 0);
      EXPECT_NE(each->values[v], each->values[0]);
    }
    EXPECT_EQ(Of(all, "ALL").values[v], read.values[v] | write.values[v] | seek.values[v]);
  }
}

TEST(SdkEnumerators, ThatAreNegativeStay) {
  const std::vector<Enumerator> all = Chosen();
  EXPECT_FALSE(Of(all, "MINUS").Moves());
  EXPECT_TRUE(Of(all, "PLUS").Moves());
}

TEST(SdkEnumerators, MakeAllocationFlagsAndMarks) {
  const std::vector<Enumerator> all = Chosen();
  const std::vector<DerivedConstant> derived = DerivedConstantsOf(kBindings, all);
  ASSERT_EQ(derived.size(), 2u);
  EXPECT_EQ(derived[0].constant, "GFP_KERNEL");
  EXPECT_EQ(derived[0].enumerators, (std::vector<std::string>{"___GFP_IO_BIT", "___GFP_ZERO_BIT"}));
  EXPECT_EQ(derived[1].constant, "XA_FLAGS_ALLOC");
  EXPECT_EQ(derived[1].enumerators, (std::vector<std::string>{"___GFP_LAST_BIT"}));
  for (size_t v = 0; v < derived[0].values.size(); v++) {
    EXPECT_EQ(derived[0].values[v], (int64_t{1} << Of(all, "___GFP_IO_BIT").values[v]) |
                                        (int64_t{1} << Of(all, "___GFP_ZERO_BIT").values[v]));
    // The mark moves, and the flag below it does not.
    EXPECT_EQ(derived[1].values[v], 4 | (int64_t{1} << Of(all, "___GFP_LAST_BIT").values[v]));
  }
}

TEST(SdkEnumerators, AreOtherNumbersInTheBindings) {
  std::string text;
  for (const std::string& line : kBindings) text += line + "\n";
  const std::vector<Enumerator> all = Chosen();
  std::set<std::string> texts = {text};
  for (size_t e = 0; e < kEnumeratorVariants.size(); e++) {
    const std::string moved = MoveEnumerators(text, e);
    EXPECT_TRUE(texts.insert(moved).second);
    EXPECT_EQ(std::count(moved.begin(), moved.end(), '\n'),
              std::count(text.begin(), text.end(), '\n'));
    EXPECT_NE(moved.find("pub const phy_state_PHY_UP: phy_state = " +
                         std::to_string(Of(all, "PHY_UP").values[e + 1]) + ";\n"),
              std::string::npos);
    for (const char* stays :
         {"pub const PAGE_SIZE: u32 = 4096;\n", "pub const other_thing: phy_state = 9;\n",
          "pub const sign_MINUS: sign = -1;\n"})
      EXPECT_NE(moved.find(stays), std::string::npos) << stays;
    // Chosen by the text alone, and read back from it.
    EXPECT_EQ(moved, MoveEnumerators(text, e));
    std::vector<Enumerator> read = EnumeratorsOf(kBindings);
    ReadValues(LinesOf(moved), e, &read);
    for (size_t i = 0; i < all.size(); i++)
      EXPECT_EQ(read[i].values[e + 1], all[i].values[e + 1]) << all[i].name;
  }
}

}  // namespace
}  // namespace race::build
