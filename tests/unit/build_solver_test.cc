// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <random>

#include "build/solver.h"

namespace race::build {
namespace {

constexpr size_t kNumbers = kLastHeldOut + 1;  // variants that are solved from or proved on

// Layouts as an SDK has them: wide, and the sizes of a type of one remainder.
class SolverTest : public testing::Test {
 protected:
  // An offset.
  size_t Field(const std::string& aggregate, const std::string& field, uint64_t true_value) {
    return Add(aggregate, field, true_value, 8, [&] { return 8 + random_() % kWide * 8; });
  }
  // A size.
  size_t Size(const std::string& aggregate, uint64_t true_value, uint64_t align = 8) {
    return Add(aggregate, "", true_value, align,
               [&] { return true_value % 1024 + (1 + random_() % kWide) * 1024; });
  }
  template <typename Draw>
  size_t Add(const std::string& aggregate, const std::string& field, uint64_t true_value,
             uint64_t align, const Draw& draw) {
    LayoutAtom atom{aggregate, field, {}, true_value, align, true_value};
    for (size_t v = 0; v < kVariantCount; v++) atom.values.push_back(draw());
    sdk_.atoms.push_back(atom);
    return sdk_.atoms.size() - 1;
  }
  // sum of coefficient * atom, plus constant, as it is over the variants.
  std::vector<int64_t> Values(const std::vector<std::pair<size_t, int64_t>>& terms,
                              int64_t constant) {
    std::vector<int64_t> values;
    for (size_t v = 0; v < kNumbers; v++) {
      int64_t value = constant;
      for (auto [atom, times] : terms)
        value += times * static_cast<int64_t>(sdk_.atoms[atom].values[v]);
      values.push_back(value);
    }
    return values;
  }
  void SetUp() override {
    lock_ = Size("lock", 24);
    done_ = Size("done", 32);
    data_ = Field("file", "data", 20);
    next_ = Field("list", "next", 0);
    narrow_ = Size("narrow", 52, 4);
  }
  std::mt19937_64 random_{7};
  Sdk sdk_;
  size_t lock_ = 0, done_ = 0, data_ = 0, next_ = 0, narrow_ = 0;
};

TEST_F(SolverTest, NoLayoutIsANumber) {
  Solver solver(sdk_);
  auto solved = solver.Solve(std::vector<int64_t>(kNumbers, 7), Use::kLength);
  ASSERT_TRUE(solved);
  EXPECT_EQ(*solved, (Expression{7, {}}));
  EXPECT_EQ(solver.proved(), 0u);
}

TEST_F(SolverTest, OneField) {
  Solver solver(sdk_);
  auto solved = solver.Solve(Values({{data_, 1}}, 0), Use::kOffset);
  ASSERT_TRUE(solved);
  EXPECT_EQ(*solved, (Expression{0, {{data_, 1, 0, {}}}}));
  EXPECT_EQ(solver.BaseValue(*solved), 20);
  EXPECT_EQ(solver.Spell(*solved), "off(file.data)");
  EXPECT_EQ(solver.proved(), 1u);
}

TEST_F(SolverTest, OneFieldNegativeAndWithAConstant) {
  Solver solver(sdk_);
  auto solved = solver.Solve(Values({{data_, -1}}, 3), Use::kOffset);
  ASSERT_TRUE(solved);
  EXPECT_EQ(*solved, (Expression{3, {{data_, -1, 0, {}}}}));
  EXPECT_EQ(solver.BaseValue(*solved), -17);
}

TEST_F(SolverTest, SeveralOfOne) {
  Solver solver(sdk_);
  auto solved = solver.Solve(Values({{lock_, 3}}, 8), Use::kLength);
  ASSERT_TRUE(solved);
  EXPECT_EQ(*solved, (Expression{8, {{lock_, 3, 0, {}}}}));
}

TEST_F(SolverTest, SumsAndDifferencesOfTwoWhereTheProgramHasOneOfThem) {
  Solver solver(sdk_);
  EXPECT_FALSE(solver.Solve(Values({{data_, 1}, {next_, 1}}, 0), Use::kOffset));
  solver.SetHeld({}, {"file"}, {"file", "list"});
  auto nested = solver.Solve(Values({{data_, 1}, {next_, 1}}, 0), Use::kOffset);
  ASSERT_TRUE(nested);
  EXPECT_EQ(*nested, (Expression{0, {{data_, 1, 0, {}}, {next_, 1, 0, {}}}}));
  auto between = solver.Solve(Values({{data_, 1}, {next_, -1}}, 4), Use::kOffset);
  ASSERT_TRUE(between);
  EXPECT_EQ(*between, (Expression{4, {{data_, 1, 0, {}}, {next_, -1, 0, {}}}}));
}

TEST_F(SolverTest, ThreeOnlyOfWhatOwnTypesHold) {
  size_t third = Size("third", 40);
  std::vector<int64_t> values = Values({{lock_, 1}, {done_, 1}, {third, 1}}, 24);
  EXPECT_FALSE(Solver(sdk_).Solve(values, Use::kLength));
  Solver solver(sdk_);
  solver.SetHeld({"lock", "done", "third"});
  auto solved = solver.Solve(values, Use::kLength);
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(*solved, (Expression{24, {{lock_, 1, 0, {}}, {done_, 1, 0, {}}, {third, 1, 0, {}}}}));
}

TEST_F(SolverTest, AsManyAsOneOwnTypeHolds) {
  std::vector<std::pair<size_t, int64_t>> terms;
  std::vector<AtomTerm> expected;
  std::set<std::string> names;
  for (int i = 0; i < 8; i++) {
    const std::string name = "kind" + std::to_string(i);
    terms.emplace_back(Size(name, 16), 1);
    expected.push_back({terms.back().first, 1, 0, {}});
    names.insert(name);
  }
  Solver solver(sdk_);
  solver.SetHeld(names);
  auto solved = solver.Solve(Values(terms, 16), Use::kLength);
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(*solved, (Expression{16, expected}));
}

// What follows a type that is aligned to less than a word may be rounded up: its size stays.
TEST_F(SolverTest, KeepsASizeThatAnOwnTypeMayRoundUp) {
  Solver solver(sdk_);
  ASSERT_TRUE(solver.Solve(Values({{narrow_, 1}}, 0), Use::kLength));
  ASSERT_TRUE(solver.Solve(Values({{lock_, 1}}, 8), Use::kLength));
  EXPECT_TRUE(solver.pinned().empty());
  auto sum = solver.Solve(Values({{narrow_, 1}}, 4), Use::kLength);
  ASSERT_TRUE(sum);
  EXPECT_EQ(solver.BaseValue(*sum), 56);
  EXPECT_EQ(solver.pinned().count("narrow"), 1u);
}

// Drivers give a lock more room than some kernels have for one.
TEST_F(SolverTest, TheRoomOfALockIsWhatDriversAlignItTo) {
  size_t spin = Size("spinlock", 8, 4);
  sdk_.atoms[spin].true_value = 4;
  Solver solver(sdk_);
  auto length = solver.Solve(Values({{spin, 1}}, 0), Use::kLength);
  ASSERT_TRUE(length);
  EXPECT_EQ(solver.BaseValue(*length), 4);
  auto place = solver.Solve(Values({{spin, 1}}, 0), Use::kOffset);
  ASSERT_TRUE(place);
  EXPECT_EQ(solver.BaseValue(*place), 8);
}

TEST_F(SolverTest, RefusesWhatIsNoSum) {
  Solver solver(sdk_);
  std::vector<int64_t> values(kNumbers, 3);
  values[1] = 999;
  auto solved = solver.Solve(values, Use::kLength);
  ASSERT_FALSE(solved);
  EXPECT_EQ(solved.error().code, Code::kUnsolved);
  EXPECT_NE(solved.error().message.find("3, 999, 3"), std::string::npos);
}

TEST_F(SolverTest, RefusesWhatAVariantHeldOutDoesNotConfirm) {
  for (const char* held_out : {"v6", "v7"}) {
    Solver solver(sdk_);
    std::vector<int64_t> values = Values({{data_, 1}}, 0);
    values[VariantIndex(held_out)] += 8;
    auto solved = solver.Solve(values, Use::kOffset);
    ASSERT_FALSE(solved);
    EXPECT_EQ(solved.error().code, Code::kProofFailed);
    EXPECT_NE(solved.error().message.find(held_out), std::string::npos);
    EXPECT_EQ(solver.proved(), 0u);
  }
}

TEST_F(SolverTest, RefusesTwoAnswers) {
  sdk_.atoms.push_back(sdk_.atoms[data_]);
  sdk_.atoms.back().field = "twin";
  auto same = Solver(sdk_).Solve(Values({{data_, 1}}, 0), Use::kOffset);
  ASSERT_FALSE(same);
  EXPECT_EQ(same.error().code, Code::kUnsolved);
  EXPECT_NE(same.error().message.find("both"), std::string::npos);
}

// A longer explanation that fits all variants is a second one, too.
TEST_F(SolverTest, RefusesASecondAnswerOfAnyLength) {
  size_t sum = Field("c", "f", 3);
  for (size_t v = 0; v < kVariantCount; v++)
    sdk_.atoms[sum].values[v] = sdk_.atoms[lock_].values[v] + sdk_.atoms[done_].values[v] + 16;
  Solver solver(sdk_);
  solver.SetHeld({"lock", "done"}, {});
  auto solved = solver.Solve(Values({{sum, 1}}, 0), Use::kOffset);
  ASSERT_FALSE(solved);
  EXPECT_EQ(solved.error().code, Code::kUnsolved);
}

// The lowest bits of a size are those of many: only what the source asks for counts.
TEST_F(SolverTest, SolvesTheLowestBitsOfWhatIsAskedFor) {
  std::vector<int64_t> values = Values({{data_, 1}}, 0);
  for (int64_t& value : values) value &= 0xffff;
  Solver solver(sdk_);
  EXPECT_FALSE(solver.SolveNarrow(values, 16));
  solver.SetAsked({"file"});
  auto solved = solver.SolveNarrow(values, 16);
  ASSERT_TRUE(solved);
  EXPECT_EQ(*solved, (Expression{0, {{data_, 1, 0, {}}}}));
}

TEST_F(SolverTest, KnowsWhatANumberIsUnderOtherLayouts) {
  Solver solver(sdk_);
  EXPECT_EQ(solver.ValuesUnder(Values({{lock_, 2}}, 1), {"true", {}}), (std::set<int64_t>{49}));
  EXPECT_TRUE(
      solver.ValuesUnder(std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 9}, {"true", {}}).empty());
  // The place of what follows it in an own type, which p2 may order otherwise.
  solver.SetHeld({"lock"});
  EXPECT_TRUE(solver.ValuesUnder(Values({{lock_, 2}}, 1), {"true", {}}).empty());
}

TEST(ExpressionTest, TermsAddUpAndCancel) {
  Expression a{3, {{1, 2, 0, {}}, {4, 1, 8, {}}}}, b{5, {{1, 2, 0, {}}, {4, 1, 0, {}}}};
  EXPECT_EQ(Add(a, b), (Expression{8, {{1, 4, 0, {}}, {4, 1, 0, {}}, {4, 1, 8, {}}}}));
  EXPECT_EQ(Add(a, b, -1), (Expression{-2, {{4, -1, 0, {}}, {4, 1, 8, {}}}}));
  EXPECT_EQ(Add(a, a, -1), (Expression{0, {}}));
}

TEST(ExpressionTest, RoundsUpWhatIsNoMultipleInAnyCase) {
  const std::vector<LayoutAtom> atoms = {{"word", "", {}, 16, 8, 16}, {"half", "", {}, 28, 4, 28}};
  const Expression words{12, {{0, 2, 0, {}}}};
  EXPECT_EQ(RoundUp(words, 8, atoms), (Expression{16, {{0, 2, 0, {}}}}));
  const Expression half{0, {{1, 1, 0, {}}}};
  EXPECT_EQ(RoundUp(half, 4, atoms), half);
  EXPECT_EQ(RoundUp(half, 8, atoms), (Expression{0, {{1, 1, 8, {}}}}));
  // Behind a u32: up(4 + size, 8), of which 8 whole bytes stay outside.
  const Expression behind{12, {{0, 1, 0, {}}, {1, 1, 0, {}}}};
  const Expression rounded = RoundUp(behind, 8, atoms);
  EXPECT_EQ(Spell(rounded, atoms), "size(word) + up(size(half) + 4, 8) + 8");
  auto true_value = [&](size_t atom) { return static_cast<int64_t>(atoms[atom].true_value); };
  EXPECT_EQ(Evaluate(rounded, true_value), 16 + 32 + 8);
  EXPECT_EQ(LinearPart(rounded), (Expression{0, {{0, 1, 0, {}}, {1, 1, 0, {}}}}));
}

// core's limit of [T; n]: (isize::MAX + 1 - align) / size.
TEST_F(SolverTest, TheMostElementsOfAnArray) {
  Solver solver(sdk_);
  std::vector<int64_t> values;
  for (int64_t size : Values({{lock_, 1}}, 16)) values.push_back((INT64_MAX - 7) / size);
  auto solved = solver.SolveQuotient(values);
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(solved->numerator, static_cast<uint64_t>(INT64_MAX) - 7);
  EXPECT_EQ(solved->divisor, (Expression{16, {{lock_, 1, 0, {}}}}));
}

TEST_F(SolverTest, SmallNumbersAndSizesAreNoQuotients) {
  Solver solver(sdk_);
  EXPECT_FALSE(solver.SolveQuotient(Values({{lock_, 1}}, 16)));
  EXPECT_FALSE(solver.SolveQuotient({-1, -2, -3, -4, -5, -6, -7, -8}));
  EXPECT_FALSE(solver.SolveQuotient({INT64_MAX, INT64_MAX - 1, INT64_MAX, INT64_MAX, INT64_MAX,
                                     INT64_MAX, INT64_MAX, INT64_MAX}));
}

TEST_F(SolverTest, AQuotientOfWhatIsNoSizeIsRefused) {
  Solver solver(sdk_);
  std::vector<int64_t> values;
  for (int64_t size : {100, 203, 377, 1009, 5003, 6001, 70, 8003})
    values.push_back((INT64_MAX - 7) / size);
  auto solved = solver.SolveQuotient(values);
  ASSERT_FALSE(solved);
  EXPECT_EQ(solved.error().code, Code::kUnsolved);
}

}  // namespace
}  // namespace race::build
