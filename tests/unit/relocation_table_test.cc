// SPDX-License-Identifier: GPL-2.0-only
//
// Every kind of layout symbol, each where it must come out as a number and where
// it must be refused.  `build/unit-tests --gtest_filter='*RelocationTable*'` shows
// the table by name.
#include "relocation_table.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "rcrate/rcrate_file.h"
#include "resolve/pipeline.h"
#include "support/file.h"

namespace race::relocation {

void PrintTo(const Case& test, std::ostream* out);
void PrintTo(const Case& test, std::ostream* out) { *out << test.name << " on " << test.target; }

namespace {

std::vector<Case> Cases(bool refused) {
  std::vector<Case> cases;
  for (Case& test : ReadCases())
    if (test.code.empty() != refused) cases.push_back(std::move(test));
  return cases;
}

class RelocationTable : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    auto assembled = Assemble(GetParam());
    ASSERT_TRUE(assembled) << assembled.error().Text();
    rcrate_ = std::move(*assembled);
    auto target = TargetOf(GetParam().target);
    ASSERT_TRUE(target) << target.error().Text();
    target_ = *target;
    // For those who want the files: seeds of the fuzzer.
    if (const char* folder = std::getenv("RACE_RELOCATION_FILES")) {
      ASSERT_TRUE(WriteFileAtomically(folder + ("/" + GetParam().name) + ".rcrate", rcrate_));
    }
  }
  Result<resolve::ResolvedModule> Resolve() const {
    RACE_ASSIGN(file, rcrate::ParseRcrate(rcrate_, GetParam().name));
    return resolve::Resolve(file, *target_, {}, nullptr);
  }

  std::string rcrate_;
  const kernel::Target* target_ = nullptr;
};

using MustPass = RelocationTable;
TEST_P(MustPass, WithTheseNumbers) {
  const std::vector<Expectation> expected = ReadExpectations(rcrate_);
  EXPECT_FALSE(expected.empty()) << "a case that expects nothing cannot fail";
  auto module = Resolve();
  ASSERT_TRUE(module) << module.error().Text();
  EXPECT_EQ(Compare(module->bytes, expected), "");
}

using MustBeRefused = RelocationTable;
TEST_P(MustBeRefused, WithThisCode) {
  auto module = Resolve();
  ASSERT_FALSE(module) << "a module was made";
  const std::string text = module.error().Text();
  EXPECT_EQ(text.substr(0, text.find(':')), "RACE-" + GetParam().code) << text;
  EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
}

std::string NameOf(const testing::TestParamInfo<Case>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(RelocationTable, MustPass, testing::ValuesIn(Cases(false)), NameOf);
INSTANTIATE_TEST_SUITE_P(RelocationTable, MustBeRefused, testing::ValuesIn(Cases(true)), NameOf);

// A case that is lost, or stands there twice, is noticed.
TEST(RelocationTableItself, IsWhole) {
  std::set<std::string> names;
  for (const Case& test : ReadCases())
    EXPECT_TRUE(names.insert(test.name).second) << test.name << " is there twice";
  const size_t pass = Cases(false).size(), refused = Cases(true).size();
  std::cout << "relocation table: " << pass << " must pass, " << refused << " must be refused\n";
  EXPECT_GE(pass, 100u);
  EXPECT_GE(refused, 50u);
}

}  // namespace
}  // namespace race::relocation
