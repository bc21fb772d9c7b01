// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/name_alignment.h"
#include "build_ir.h"

namespace race::build {
namespace {

// With a number as the generic argument of a type of the kernel crate, of a function of
// it, and of one of the driver's.
std::string Next(const std::string& hex) {
  return "_RNvMNtCs1_6kernel4listINtB2_4IterlKj" + hex + "_E4next";
}
std::string OfKernel(const std::string& hex) { return "_RINvCs1_6kernel4viewKj" + hex + "_E"; }
std::string OfDriver(const std::string& hex) { return "_RINvCs1_8mydriver4viewKj" + hex + "_E"; }

TEST(NameAlignment, NumbersOfTheKernelCratesGenericsAreLeftOut) {
  EXPECT_EQ(NameWithoutNumbers(Next("f8")), "<kernel::list::Iter<i32, _>>::next");
  EXPECT_EQ(NameWithoutNumbers(Next("1a0")), NameWithoutNumbers(Next("f8")));
  EXPECT_EQ(NameWithoutNumbers(OfKernel("8")), "kernel::view::<_>");
}

TEST(NameAlignment, OthersStay) {
  EXPECT_EQ(NameWithoutNumbers(OfDriver("8")), "");
  EXPECT_EQ(NameWithoutNumbers("memcpy"), "");
  EXPECT_EQ(NameWithoutNumbers(""), "");
}

class NameAlignmentTest : public testing::Test {
 protected:
  llvm::Module* With(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += "define void @" + name + "() {\n ret void\n}\n";
    return modules_.Parse(text);
  }
  Modules modules_;
};

TEST_F(NameAlignmentTest, TheOnlyOneGetsTheName) {
  llvm::Module* first = With({Next("f8"), "same"});
  llvm::Module* other = With({Next("1a0"), "same"});
  AlignNames(*first, other);
  EXPECT_NE(other->getFunction(Next("f8")), nullptr);
  EXPECT_EQ(other->getFunction(Next("1a0")), nullptr);
}

TEST_F(NameAlignmentTest, OfSeveralNoneDoes) {
  llvm::Module* first = With({Next("f8"), Next("f0")});
  llvm::Module* other = With({Next("1a0"), Next("1b0")});
  AlignNames(*first, other);
  EXPECT_EQ(other->getFunction(Next("f8")), nullptr);
  EXPECT_NE(other->getFunction(Next("1b0")), nullptr);
}

TEST_F(NameAlignmentTest, TheDriversOwnDoNot) {
  llvm::Module* first = With({OfDriver("8")});
  llvm::Module* other = With({OfDriver("10")});
  AlignNames(*first, other);
  EXPECT_EQ(other->getFunction(OfDriver("8")), nullptr);
}

}  // namespace
}  // namespace race::build
