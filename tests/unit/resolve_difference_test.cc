// SPDX-License-Identifier: GPL-2.0-only
//
// What differs between two kernels for one driver: numbers, types, presence, and
// nothing else.
#include <gtest/gtest.h>

#include "rcrate_sample.h"
#include "resolve/contract_difference.h"
#include "resolve/contract_facts.h"

namespace race::resolve {
namespace {

class DifferenceTest : public testing::Test {
 protected:
  using Differences = std::vector<ContractDifference>;

  Differences Compare(const kernel::Target& a, const kernel::Target& b) {
    const rcrate::RcrateFile file = driver_.File();
    return CompareContracts(file, a, Check(file, a, nullptr), b, Check(file, b, nullptr));
  }
  // The only one, and its only detail in words.
  static std::string Text(const Differences& differences) {
    EXPECT_EQ(differences.size(), 1u);
    if (differences.empty()) return "";
    const ContractDifference& only = differences[0];
    EXPECT_EQ(only.details.size(), 1u);
    std::string text = only.source + ": " + only.contract + ": " + only.details[0].what + ' ' +
                       only.details[0].before + " -> " + only.details[0].after;
    for (const std::string& code : {only.old_code, only.new_code}) text += " [" + code + ']';
    return text;
  }

  SampleRcrate driver_;
  SampleTarget old_, new_;
};

TEST_F(DifferenceTest, FindsNoneBetweenEqualKernels) {
  EXPECT_TRUE(Compare(old_.Make(), new_.Make()).empty());
}

TEST_F(DifferenceTest, FindsAFieldThatMoved) {
  new_.types.private_data_at = 64;
  EXPECT_EQ(Text(Compare(old_.Make(), new_.Make())),
            "driver.rs:10: field private_data of struct file: offset 56 -> 64 [] []");
}

TEST_F(DifferenceTest, FindsANumberOutOfRange) {
  new_.types.miscdevice_size = 1008;
  EXPECT_EQ(Text(Compare(old_.Make(), new_.Make())),
            "driver.rs:20: size of struct miscdevice: size 88 -> 1008 [] [RACE-E0407]");
  EXPECT_EQ(Text(Compare(new_.target, old_.target)),
            "driver.rs:20: size of struct miscdevice: size 1008 -> 88 [RACE-E0407] []");
}

TEST_F(DifferenceTest, FindsAnEnumeratorsValue) {
  new_.types.io_bit = 9;
  EXPECT_EQ(Text(Compare(old_.Make(), new_.Make())),
            "driver.rs:22: enumerator ___GFP_IO_BIT: value 7 -> 9 [] []");
}

TEST_F(DifferenceTest, FindsAnExportThatIsMissing) {
  new_.target.exports.erase("misc_register");
  EXPECT_EQ(Text(Compare(old_.Make(), new_.Make())),
            "driver.rs:21: function misc_register:  there -> missing [] [RACE-E0411]");
}

TEST_F(DifferenceTest, FindsAnExportUnderOtherTerms) {
  new_.target.exports["misc_register"].gpl_only = false;
  EXPECT_EQ(Text(Compare(old_.Make(), new_.Make())),
            "driver.rs:21: function misc_register:  exported, GPL only -> exported [] []");
}

TEST_F(DifferenceTest, FindsAnotherPrototype) {
  const kernel::Target& changed = new_.Make([](SampleTypes* t) {
    t->Function("misc_register", t->build.Proto(t->type_int, {t->pointer, t->pointer}));
  });
  const std::string text = Text(Compare(old_.Make(), changed));
  EXPECT_EQ(text.rfind("driver.rs:21: function misc_register: type int (struct miscdevice *) -> "
                       "int (void *, void *)",
                       0),
            0u)
      << text;
  EXPECT_NE(text.find("[] [RACE-E0412]"), std::string::npos) << text;
}

TEST_F(DifferenceTest, FindsAFrozenLayoutThatChanged) {
  old_.Make();
  new_.Make();
  const steg::NodeId message = new_.target.types.Find(STEG_STRUCT, "pm_message").front();
  new_.target.types.Mutable(message).size = 8;
  const std::string text = Text(Compare(old_.target, new_.target));
  EXPECT_NE(text.find("exact layout of struct pm_message: layout one -> another"),
            std::string::npos)
      << text;
}

// Rooms are no contracts, and known only where all their numbers are.
TEST_F(DifferenceTest, FindsARoomThatIsTooSmall) {
  new_.types.miscdevice_size = 200;
  Differences differences = Compare(old_.Make(), new_.Make());
  ASSERT_EQ(differences.size(), 2u);
  EXPECT_EQ(differences[0].contract, "size of struct miscdevice");
  EXPECT_EQ(differences[0].new_code, "");
  EXPECT_EQ(differences[1].contract.rfind("room for ", 0), 0u) << differences[1].contract;
  EXPECT_EQ(differences[1].details[0].after, "does not hold");
  EXPECT_EQ(differences[1].new_code, "RACE-E0408");
}

TEST_F(DifferenceTest, LeavesOutWhatBothLackAlike) {
  old_.target.exports.erase("misc_register");
  new_.target.exports.erase("misc_register");
  EXPECT_TRUE(Compare(old_.Make(), new_.Make()).empty());
}

// A number is shown also where it is refused, and none where there is none.
TEST_F(DifferenceTest, FactsAreTheTargets) {
  new_.types.private_data_at = 8192;
  const kernel::Target& target = new_.Make();
  const rcrate::RcrateFile file = driver_.File();
  Resolution resolution = ResolveContracts(file, target);
  EXPECT_FALSE(resolution.holds[Index(driver_.private_data)]);
  Fact fact = FindFact(file, driver_.private_data, target, resolution);
  EXPECT_TRUE(fact.is_present);
  EXPECT_EQ(fact.value, 8192);

  driver_.rcrate.contracts[0].path = "gone";
  const rcrate::RcrateFile other = driver_.File();
  resolution = ResolveContracts(other, target);
  fact = FindFact(other, driver_.private_data, target, resolution);
  EXPECT_FALSE(fact.is_present);
  EXPECT_FALSE(fact.value);
}

}  // namespace
}  // namespace race::resolve
