// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/solver.h"

namespace race::build {
namespace {

// v0 to v3 solve, v4 is held out, p2 is not solved from.
class SolverTest : public testing::Test {
 protected:
  size_t Atom(const std::string& aggregate, const std::string& field, std::vector<uint64_t> values,
              uint64_t true_value, uint64_t align = 8) {
    sdk_.atoms.push_back(
        {aggregate, field, std::move(values), true_value, align, (true_value + 7) / 8 * 8});
    return sdk_.atoms.size() - 1;
  }
  void SetUp() override {
    lock_ = Atom("lock", "", {40, 1080, 2120, 3160, 9000, 64}, 24);
    done_ = Atom("done", "", {56, 728, 3432, 1400, 7000, 128}, 32);
    data_ = Atom("file", "data", {104, 1008, 760, 520, 4096, 80}, 20);
    next_ = Atom("list", "next", {16, 336, 96, 248, 1000, 24}, 0);
    spin_ = Atom("spin", "", {72, 1104, 2128, 712, 4232, 128}, 4, 4);
  }
  // sum of coefficient * atom, plus constant, as it is over the variants.
  std::vector<int64_t> Values(const std::vector<std::pair<size_t, int64_t>>& terms,
                              int64_t constant) {
    std::vector<int64_t> values;
    for (size_t v = 0; v < 5; v++) {
      int64_t value = constant;
      for (auto [atom, times] : terms)
        value += times * static_cast<int64_t>(sdk_.atoms[atom].values[v]);
      values.push_back(value);
    }
    return values;
  }
  Sdk sdk_;
  size_t lock_ = 0, done_ = 0, data_ = 0, next_ = 0, spin_ = 0;
};

TEST_F(SolverTest, NoLayoutIsANumber) {
  Solver solver(sdk_);
  auto solved = solver.Solve({7, 7, 7, 7, 7}, Use::kLength);
  ASSERT_TRUE(solved);
  EXPECT_EQ(*solved, (Expression{7, {}}));
  EXPECT_EQ(solver.proved(), 0u);
}

TEST_F(SolverTest, OneField) {
  Solver solver(sdk_);
  auto solved = solver.Solve(Values({{data_, 1}}, 0), Use::kOffset);
  ASSERT_TRUE(solved);
  EXPECT_EQ(*solved, (Expression{0, {{data_, 1, 0}}}));
  EXPECT_EQ(solver.BaseValue(*solved), 20);
  EXPECT_EQ(solver.Spell(*solved), "off(file.data)");
  EXPECT_EQ(solver.proved(), 1u);
}

TEST_F(SolverTest, OneFieldNegativeAndWithAConstant) {
  Solver solver(sdk_);
  auto solved = solver.Solve(Values({{data_, -1}}, 3), Use::kOffset);
  ASSERT_TRUE(solved);
  EXPECT_EQ(*solved, (Expression{3, {{data_, -1, 0}}}));
  EXPECT_EQ(solver.BaseValue(*solved), -17);
}

TEST_F(SolverTest, SeveralOfOne) {
  Solver solver(sdk_);
  auto solved = solver.Solve(Values({{lock_, 3}}, 8), Use::kLength);
  ASSERT_TRUE(solved);
  EXPECT_EQ(*solved, (Expression{8, {{lock_, 3, 8}}}));
}

TEST_F(SolverTest, SumsAndDifferencesOfTwo) {
  Solver solver(sdk_);
  auto nested = solver.Solve(Values({{data_, 1}, {next_, 1}}, 0), Use::kOffset);
  ASSERT_TRUE(nested);
  EXPECT_EQ(*nested, (Expression{0, {{data_, 1, 0}, {next_, 1, 0}}}));
  auto between = solver.Solve(Values({{data_, 1}, {next_, -1}}, 4), Use::kOffset);
  ASSERT_TRUE(between);
  EXPECT_EQ(*between, (Expression{4, {{data_, 1, 0}, {next_, -1, 0}}}));
}

TEST_F(SolverTest, ThreeOnlyOfWhatOwnTypesHold) {
  std::vector<int64_t> values = Values({{lock_, 1}, {done_, 1}, {spin_, 1}}, 24);
  EXPECT_FALSE(Solver(sdk_).Solve(values, Use::kLength));
  Solver solver(sdk_);
  solver.SetHeld({"lock", "done", "spin"});
  auto solved = solver.Solve(values, Use::kLength);
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(*solved, (Expression{24, {{lock_, 1, 8}, {done_, 1, 8}, {spin_, 1, 8}}}));
}

TEST_F(SolverTest, AsManyAsOneOwnTypeHolds) {
  std::vector<std::pair<size_t, int64_t>> terms;
  std::vector<AtomTerm> expected;
  std::set<std::string> names;
  constexpr uint64_t kSizes[][5] = {
      {20424, 8384, 11760, 22640, 21376}, {17384, 960, 15272, 8176, 21280},
      {1712, 5152, 3720, 12192, 15384},   {8088, 12488, 17832, 3352, 18816},
      {8184, 440, 23968, 7112, 13384},    {9168, 5976, 12776, 5240, 2368},
      {4560, 20264, 20248, 14592, 4160},  {4344, 72, 184, 6872, 7072},
  };
  for (const auto& sizes : kSizes) {
    const std::string name = "kind" + std::to_string(expected.size());
    std::vector<uint64_t> values(std::begin(sizes), std::end(sizes));
    values.push_back(16);
    terms.emplace_back(Atom(name, "", std::move(values), 16), 1);
    expected.push_back({terms.back().first, 1, 8});
    names.insert(name);
  }
  Solver solver(sdk_);
  solver.SetHeld(names);
  auto solved = solver.Solve(Values(terms, 16), Use::kLength);
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(*solved, (Expression{16, expected}));
}

TEST_F(SolverTest, RefusesASumThatFitsByChance) {
  size_t a = Atom("a", "f", {10, 20, 50, 110, 400, 9}, 1);
  size_t b = Atom("b", "f", {10, 90, 30, 170, 500, 9}, 2);
  std::vector<int64_t> values = Values({{a, 1}, {b, 1}}, 0);
  values[4]++;
  auto solved = Solver(sdk_).Solve(values, Use::kOffset);
  ASSERT_FALSE(solved);
  // It is no proof that failed: it never was an explanation.
  EXPECT_EQ(solved.error().code, Code::kUnsolved);
}

// An own type gives a kernel type room in multiples of 8; a length that is the
// type's own is exact.
TEST_F(SolverTest, RoundsWhatOwnTypesHold) {
  Solver solver(sdk_);
  auto length = solver.Solve(Values({{spin_, 1}}, 0), Use::kLength);
  ASSERT_TRUE(length);
  EXPECT_EQ(length->terms[0].round, 0u);
  EXPECT_EQ(solver.BaseValue(*length), 4);
  auto place = solver.Solve(Values({{spin_, 1}}, 0), Use::kOffset);
  ASSERT_TRUE(place);
  EXPECT_EQ(place->terms[0].round, 8u);
  EXPECT_EQ(solver.BaseValue(*place), 8);
  auto own = solver.Solve(Values({{spin_, 1}}, 8), Use::kLength);
  ASSERT_TRUE(own);
  EXPECT_EQ(solver.BaseValue(*own), 16);
}

// In a static the place may be one in an array, which rounds nothing.
TEST_F(SolverTest, RoundsNothingInAStaticArray) {
  Solver solver(sdk_);
  const std::vector<int64_t> values = Values({{spin_, 2}}, 4);
  auto array = solver.SolvePlace(values, {true, "spin", {"spin"}});
  ASSERT_TRUE(array);
  EXPECT_EQ(solver.BaseValue(*array), 12);
  auto none = solver.SolvePlace(values, {true, "", {"lock"}});
  ASSERT_TRUE(none);
  EXPECT_EQ(solver.BaseValue(*none), 20);
  // One beside other things, and a static of which nothing is known.
  for (const StaticArrays& unclear : {StaticArrays{true, "", {"spin"}}, StaticArrays{}}) {
    auto solved = solver.SolvePlace(values, unclear);
    ASSERT_FALSE(solved);
    EXPECT_EQ(solved.error().code, Code::kUnsolved);
    EXPECT_TRUE(solver.SolvePlace(Values({{lock_, 2}}, 4), unclear));  // a multiple of 8
  }
}

TEST_F(SolverTest, RefusesAnArrayThatMayBeAnOwnType) {
  Solver solver(sdk_);
  auto solved = solver.Solve(Values({{spin_, 3}}, 0), Use::kLength);
  ASSERT_FALSE(solved);
  EXPECT_EQ(solved.error().code, Code::kUnsolved);
  EXPECT_TRUE(solver.Solve(Values({{lock_, 3}}, 0), Use::kLength));
}

TEST_F(SolverTest, RefusesWhatIsNoSum) {
  Solver solver(sdk_);
  auto solved = solver.Solve({1, 50, 3, 999, 4}, Use::kLength);
  ASSERT_FALSE(solved);
  EXPECT_EQ(solved.error().code, Code::kUnsolved);
  EXPECT_NE(solved.error().message.find("1, 50, 3, 999, 4"), std::string::npos);
}

TEST_F(SolverTest, RefusesWhatTheVariantHeldOutDoesNotConfirm) {
  Solver solver(sdk_);
  std::vector<int64_t> values = Values({{data_, 1}}, 0);
  values[4] += 8;
  auto solved = solver.Solve(values, Use::kOffset);
  ASSERT_FALSE(solved);
  EXPECT_EQ(solved.error().code, Code::kProofFailed);
  EXPECT_NE(solved.error().message.find("v4"), std::string::npos);
  EXPECT_EQ(solver.proved(), 0u);
}

TEST_F(SolverTest, RefusesTwoAnswers) {
  Atom("twin", "a", {104, 1008, 760, 520, 4096, 80}, 40);
  auto same = Solver(sdk_).Solve(Values({{data_, 1}}, 0), Use::kOffset);
  ASSERT_FALSE(same);
  EXPECT_EQ(same.error().code, Code::kUnsolved);
  // Two pairs with one sum under all variants.
  size_t a = Atom("a", "f", {10, 20, 50, 110, 400, 9}, 1);
  size_t b = Atom("b", "f", {10, 90, 30, 170, 500, 9}, 2);
  Atom("c", "f", {10, 40, 70, 100, 310, 9}, 3);
  Atom("d", "f", {10, 70, 10, 180, 590, 9}, 4);
  auto pairs = Solver(sdk_).Solve(Values({{a, 1}, {b, 1}}, 0), Use::kOffset);
  ASSERT_FALSE(pairs);
  EXPECT_EQ(pairs.error().code, Code::kUnsolved);
  EXPECT_NE(pairs.error().message.find("both"), std::string::npos);
}

TEST_F(SolverTest, TheVariantHeldOutTellsWhichOfTwo) {
  size_t a = Atom("a", "f", {10, 20, 50, 110, 400, 9}, 1);
  size_t b = Atom("b", "f", {10, 90, 30, 170, 500, 9}, 2);
  Atom("c", "f", {10, 40, 70, 100, 333, 9}, 3);
  Atom("d", "f", {10, 70, 10, 180, 590, 9}, 4);
  auto pairs = Solver(sdk_).Solve(Values({{a, 1}, {b, 1}}, 0), Use::kOffset);
  ASSERT_TRUE(pairs) << pairs.error().message;
  EXPECT_EQ(*pairs, (Expression{0, {{a, 1, 0}, {b, 1, 0}}}));
}

// -1*size(c) + size(d) fits by chance, and the program has neither type.
TEST_F(SolverTest, PrefersWhatOwnTypesHoldToTypesThatNobodyMentions) {
  size_t a = Atom("a", "", {10, 20, 50, 110, 400, 9}, 1);
  size_t b = Atom("b", "", {10, 90, 30, 170, 500, 9}, 2);
  Atom("c", "", {10, 30, 45, 150, 310, 9}, 3);
  Atom("d", "", {10, 120, 105, 410, 1190, 9}, 4);
  const std::vector<int64_t> values = Values({{a, 1}, {b, 1}}, 0);
  auto solve = [&](const std::set<std::string>& held, const std::set<std::string>& mentioned) {
    Solver solver(sdk_);
    solver.SetHeld(held, mentioned);
    return solver.Solve(values, Use::kLength);
  };
  auto solved = solve({"a", "b"}, {"a", "b", "file"});
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(*solved, (Expression{0, {{a, 1, 8}, {b, 1, 8}}}));
  EXPECT_FALSE(solve({"a", "b"}, {"a", "b", "c", "d"})) << "the program may hold the others";
  EXPECT_FALSE(solve({"a"}, {"a", "b"})) << "one of them is not held";
  EXPECT_FALSE(solve({"a", "b"}, {})) << "nothing is known of what the program has";
  // A difference is no sum of what lies in front of something.
  EXPECT_FALSE(solve({"c", "d"}, {"c", "d"}));
}

TEST_F(SolverTest, KnowsWhatANumberIsUnderOtherLayouts) {
  Solver solver(sdk_);
  const LayoutAtom* atom = solver.Plain(Values({{spin_, 1}}, 0));
  ASSERT_NE(atom, nullptr);
  EXPECT_EQ(solver.ValueUnder(*atom, "true"), 8);
  EXPECT_EQ(solver.ValueUnder(*atom, "p2"), 128);
  EXPECT_EQ(solver.Plain(Values({{spin_, 1}}, 8)), nullptr);
  // The place of what follows it in an own type, which p2 may order otherwise.
  solver.SetHeld({"spin"});
  EXPECT_EQ(solver.Plain(Values({{spin_, 1}}, 0)), nullptr);
}

TEST(Expression, TermsAddUpAndCancel) {
  Expression a{3, {{1, 2, 0}, {4, 1, 8}}}, b{5, {{1, 2, 0}, {4, 1, 0}}};
  EXPECT_EQ(Add(a, b), (Expression{8, {{1, 4, 0}, {4, 1, 0}, {4, 1, 8}}}));
  EXPECT_EQ(Add(a, b, -1), (Expression{-2, {{4, -1, 0}, {4, 1, 8}}}));
  EXPECT_EQ(Add(a, a, -1), (Expression{0, {}}));
}

// core's limit of [T; n]: (isize::MAX + 1 - align) / size.
TEST_F(SolverTest, TheMostElementsOfAnArray) {
  Solver solver(sdk_);
  std::vector<int64_t> values;
  for (int64_t size : Values({{lock_, 1}}, 16)) values.push_back((INT64_MAX - 7) / size);
  auto solved = solver.SolveQuotient(values);
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(solved->numerator, static_cast<uint64_t>(INT64_MAX) - 7);
  EXPECT_EQ(solved->divisor, (Expression{16, {{lock_, 1, 8}}}));
}

TEST_F(SolverTest, SmallNumbersAndSizesAreNoQuotients) {
  Solver solver(sdk_);
  EXPECT_FALSE(solver.SolveQuotient(Values({{lock_, 1}}, 16)));
  EXPECT_FALSE(solver.SolveQuotient({-1, -2, -3, -4, -5}));
  EXPECT_FALSE(solver.SolveQuotient({INT64_MAX, INT64_MAX - 1, INT64_MAX, INT64_MAX, INT64_MAX}));
}

TEST_F(SolverTest, AQuotientOfWhatIsNoSizeIsRefused) {
  Solver solver(sdk_);
  std::vector<int64_t> values;
  for (int64_t size : {100, 203, 377, 1009, 5003}) values.push_back((INT64_MAX - 7) / size);
  auto solved = solver.SolveQuotient(values);
  ASSERT_FALSE(solved);
  EXPECT_EQ(solved.error().code, Code::kUnsolved);
}

}  // namespace
}  // namespace race::build
