// SPDX-License-Identifier: GPL-2.0-only
//
// C's enumerators among the constants of the bindings, and other values for them: three
// variants of the kernel crate have the layouts of the first and differ from it in what
// depends on an enumerator, and in nothing else (rule 9).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace race::build {

// The variants with other values: in the first each number is larger than the true one and
// has none of its lowest bits, in the others every second number is smaller.  So a decision
// that was made while compiling (is it at least 100? is it odd?) is another program in one of
// them, or holds for all numbers between the least and the greatest.
inline constexpr std::array<const char*, 3> kEnumeratorVariants = {"e0", "e1", "e2"};
// The variant whose layouts they have.
inline constexpr const char* kEnumeratorLayouts = "v0";

// Values: the true one, then one a variant of kEnumeratorVariants.
using EnumeratorValues = std::array<int64_t, 1 + kEnumeratorVariants.size()>;

struct Enumerator {
  std::string constant;  // of the bindings: "phy_state_PHY_UP"
  std::string type;      // of the bindings: "phy_state"
  std::string name;      // C's: "PHY_UP"
  bool unnamed = false;  // its enum has no name in C
  bool is_word = false;  // its type has 32 bits
  bool is_flag = false;  // of an enum of flags, whose bits are moved
  EnumeratorValues values{};
  size_t line = 0;  // of the bindings, from 0

  // Whether the code tells where it is used: else its value is a contract wherever it is named.
  bool Moves() const { return values[1] != values[0]; }
  // The least and the greatest number that the code was compiled with, and that it is for.
  // What is made of bits has no order, and is for all.
  int64_t Least() const;
  int64_t Greatest() const;
  // What C makes masks of, in macros: ___GFP_ZERO_BIT is the number of a bit of gfp_t.
  bool IsBit() const;
};

// Those of bindings_generated.rs, with the true values in all variants.
std::vector<Enumerator> EnumeratorsOf(const std::vector<std::string>& lines);

// Other values, chosen by their places alone: the same file gives the same.  What is negative
// or larger than 2^20, and no flag, keeps its value, and so do those of other types than of
// 32 bits.
void ChooseValues(std::vector<Enumerator>* enumerators);

// The values of the variant `index` of kEnumeratorVariants, from its bindings.
void ReadValues(const std::vector<std::string>& lines, size_t index,
                std::vector<Enumerator>* enumerators);

// A constant of the bindings that a macro of C made of enumerators: a mask of bits of gfp_t,
// or the flags of an XArray, whose marks follow the last of those.
struct DerivedConstant {
  std::string constant;
  EnumeratorValues values{};
  std::vector<std::string> enumerators;  // C's names of those that it is made of
  size_t line = 0;
};
std::vector<DerivedConstant> DerivedConstantsOf(const std::vector<std::string>& lines,
                                                const std::vector<Enumerator>& enumerators);

std::vector<std::string> LinesOf(const std::string& text);

// bindings_generated.rs with the values of the variant `index` of kEnumeratorVariants.
std::string MoveEnumerators(const std::string& text, size_t index);

}  // namespace race::build
