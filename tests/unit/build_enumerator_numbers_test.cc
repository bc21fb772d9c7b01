// SPDX-License-Identifier: GPL-2.0-only
#include <llvm/IR/Verifier.h>

#include "build/enumerator_numbers.h"
#include "build_ir.h"

namespace race::build {
namespace {

// As they are read from an SDK: what is a flag there is told by the values alone.
Enumerator Make(const std::string& type, const std::string& name, EnumeratorValues values) {
  Enumerator made;
  made.constant = type + "_" + name;
  made.type = type;
  made.name = name;
  made.values = values;
  return made;
}

class EnumeratorNumbers : public testing::Test {
 protected:
  // The numbers of the function under the true and other sets of values: the last
  // variant's are those of the first.
  Result<EnumeratorUses> Uses(std::vector<std::string> texts) {
    views_.clear();
    texts.push_back(texts[1]);
    for (const std::string& text : texts) views_.push_back(modules_.Parse(text));
    return FindEnumeratorUses(views_, Solver(), layouts_);
  }
  EnumeratorSolver Solver() const { return EnumeratorSolver(all_, named_); }

  std::vector<Enumerator> all_ = {
      Make("state", "UP", {4, 104, 1004, 104}),   Make("state", "DOWN", {5, 125, 1215, 125}),
      Make("mode", "READ", {1, 64, 16, 64}),      Make("mode", "WRITE", {2, 512, 128, 512}),
      Make("twin", "UP", {7, 107, 1007, 107}),    Make("", "___GFP_ZERO_BIT", {8, 3, 20, 3}),
      Make("", "___GFP_IO_BIT", {6, 11, 17, 11}), Make("state", "STAYS", {9, 9, 9, 9}),
  };
  std::set<std::string> named_ = {"state_UP"};
  MatchResult layouts_;
  Modules modules_;
  std::vector<llvm::Module*> views_;
};

TEST_F(EnumeratorNumbers, AreAnEnumeratorAndANumber) {
  auto solved = Solver().Solve({8, 128, 1218, 128});
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(*solved, (EnumeratorNumber{3, {{&all_[1], false, 1}}}));
  solved = Solver().Solve({-6, -126, -1216, -126});
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(*solved, (EnumeratorNumber{-1, {{&all_[1], false, -1}}}));
}

TEST_F(EnumeratorNumbers, OfSeveralAreTheOneThatIsNamed) {
  auto solved = Solver().Solve({4, 104, 1004, 104});
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(solved->terms[0].enumerator, &all_[0]);
  named_ = {"state_UP", "twin_UP"};
  EXPECT_EQ(Solver().Solve({4, 104, 1004, 104}).error().code, Code::kUnsolved);
  named_.clear();
  EXPECT_EQ(Solver().Solve({4, 104, 1004, 104}).error().code, Code::kUnsolved);
}

TEST_F(EnumeratorNumbers, AreProvedOnAllVariants) {
  EXPECT_EQ(Solver().Solve({5, 125, 1215, 124}).error().code, Code::kUnsolved);
  EXPECT_EQ(Solver().Solve({3, 64 + 512, 16 + 128, 64 + 513}).error().code, Code::kUnsolved);
  EXPECT_EQ(Solver().Solve({5, 125, 1216, 125}).error().code, Code::kUnsolved);
  EXPECT_EQ(Solver().Solve({3, 64 + 512, 16 + 129, 64 + 512}).error().code, Code::kUnsolved);
}

TEST_F(EnumeratorNumbers, AreFlags) {
  auto solved = Solver().Solve({3 + 32, 64 + 512 + 32, 16 + 128 + 32, 64 + 512 + 32});
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(*solved, (EnumeratorNumber{32, {{&all_[2], false, 1}, {&all_[3], false, 1}}}));
}

// C may have a name for a set of flags, which is another set in other kernels.
TEST_F(EnumeratorNumbers, AreFlagsOrTheSetOfThemThatIsNamed) {
  all_.push_back(Make("mode", "BOTH", {3, 64 + 512, 16 + 128, 64 + 512}));
  all_.push_back(Make("mode", "SYNC", {4, 32, 256, 32}));
  const EnumeratorValues both = {3, 64 + 512, 16 + 128, 64 + 512};
  named_ = {"mode_READ", "mode_WRITE"};
  auto solved = Solver().Solve(both);
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(*solved, (EnumeratorNumber{0, {{&all_[2], false, 1}, {&all_[3], false, 1}}}));
  named_ = {"mode_BOTH", "mode_SYNC"};
  solved = Solver().Solve(both);
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(*solved, (EnumeratorNumber{0, {{&all_[8], false, 1}}}));
  // With a flag more: BOTH | SYNC is no three flags.
  EXPECT_EQ(Solver().Solve({7, 64 + 512 + 32, 16 + 128 + 256, 64 + 512 + 32}).error().code,
            Code::kUnsolved);
  named_ = {"mode_READ", "mode_WRITE", "mode_BOTH"};
  EXPECT_EQ(Solver().Solve(both).error().code, Code::kUnsolved);
}

TEST_F(EnumeratorNumbers, AreMasksOfBits) {
  auto solved = Solver().Solve({1 << 8, 1 << 3, 1 << 20, 1 << 3});
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(*solved, (EnumeratorNumber{0, {{&all_[5], true, 1}}}));
  // All but two of them.
  solved = Solver().Solve({~((1 << 8) | (1 << 6)), ~((1 << 3) | (1 << 11)),
                           ~((1 << 20) | (1 << 17)), ~((1 << 3) | (1 << 11))});
  ASSERT_TRUE(solved) << solved.error().message;
  EXPECT_EQ(*solved, (EnumeratorNumber{-1, {{&all_[5], true, -1}, {&all_[6], true, -1}}}));
}

std::string Stores(const std::string& number) {
  return "define void @f(ptr %p) {\n  store i32 " + number + ", ptr %p\n  ret void\n}\n";
}

TEST_F(EnumeratorNumbers, AreFoundWhereTheCodeHasThem) {
  auto uses = Uses({Stores("5"), Stores("125"), Stores("1215")});
  ASSERT_TRUE(uses) << uses.error().message;
  ASSERT_EQ(uses->code.size(), 1u);
  EXPECT_EQ(uses->code[0].number.terms[0].enumerator, &all_[1]);
  EXPECT_EQ(uses->code[0].site.instruction->getOpcode(), llvm::Instruction::Store);
}

TEST_F(EnumeratorNumbers, WhatDependsOnALayoutAsWellIsRefused) {
  auto uses = Uses({Stores("5"), Stores("125"), Stores("1215")});
  ASSERT_TRUE(uses);
  // The same site again, as one of a layout.
  Modules again;
  std::vector<llvm::Module*> views = {again.Parse(Stores("5")), again.Parse(Stores("125")),
                                      again.Parse(Stores("1215")), again.Parse(Stores("125"))};
  Site site;
  site.instruction = &views[0]->getFunction("f")->front().front();
  site.operand = 0;
  layouts_.sites.push_back(site);
  auto refused = FindEnumeratorUses(views, Solver(), layouts_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnsolved);
}

std::string Table(const std::string& number, const std::string& last) {
  return "@table = constant <{ [4 x i32], ptr, i8 }> <{ [4 x i32] [i32 1, i32 " + number +
         ", i32 3, i32 4], ptr @f, i8 " + last + " }>\n" +
         "define i32 @f() {\n  %v = load i32, ptr @table\n  ret i32 %v\n}\n";
}

TEST_F(EnumeratorNumbers, AreFoundInStatics) {
  auto uses = Uses({Table("5", "1"), Table("125", "1"), Table("1215", "1")});
  ASSERT_TRUE(uses) << uses.error().message;
  EXPECT_TRUE(uses->code.empty());
  ASSERT_EQ(uses->statics.size(), 1u);
  EXPECT_EQ(uses->statics[0].variable, views_[0]->getNamedGlobal("table"));
  ASSERT_EQ(uses->statics[0].words.size(), 1u);
  EXPECT_EQ(uses->statics[0].words[0].offset, 4u);
  EXPECT_EQ(uses->statics[0].words[0].length, 4u);
  EXPECT_EQ(uses->statics[0].words[0].number.terms[0].enumerator, &all_[1]);
}

TEST_F(EnumeratorNumbers, OfAStaticMustBeTold) {
  auto uses = Uses({Table("5", "1"), Table("125", "9"), Table("1215", "1")});
  ASSERT_FALSE(uses);
  EXPECT_EQ(uses.error().code, Code::kUnsolved);
  EXPECT_NE(uses.error().message.find("table: its byte 24"), std::string::npos)
      << uses.error().message;
}

TEST_F(EnumeratorNumbers, OfAStaticThatMovesAreRefused) {
  views_ = {modules_.Parse(Table("5", "1")), modules_.Parse(Table("125", "1")),
            modules_.Parse(Table("1215", "1")), modules_.Parse(Table("125", "1"))};
  layouts_.statics.push_back({views_[0]->getNamedGlobal("table")});
  auto uses = FindEnumeratorUses(views_, Solver(), layouts_);
  ASSERT_FALSE(uses);
  EXPECT_EQ(uses.error().code, Code::kUnsolved);
}

std::string Switches(const std::string& one, const std::string& two) {
  return "define i32 @f(i32 %x) {\n"
         "start:\n"
         "  switch i32 %x, label %none [ i32 " +
         one + ", label %both\n    i32 " + two +
         ", label %both\n    i32 77, label %last ]\n"
         "both:\n  %a = phi i32 [ 1, %start ], [ 1, %start ]\n  br label %last\n"
         "last:\n  %b = phi i32 [ 3, %start ], [ %a, %both ]\n  ret i32 %b\n"
         "none:\n  ret i32 0\n}\n";
}

TEST_F(EnumeratorNumbers, MakeASwitchComparisons) {
  auto uses = Uses({Switches("4", "5"), Switches("104", "125"), Switches("1004", "1215")});
  ASSERT_TRUE(uses) << uses.error().message;
  ASSERT_EQ(uses->code.size(), 2u);
  EXPECT_EQ(uses->code[0].number.terms[0].enumerator, &all_[0]);
  EXPECT_EQ(uses->code[1].number.terms[0].enumerator, &all_[1]);
  llvm::Function* function = views_[0]->getFunction("f");
  size_t comparisons = 0;
  for (llvm::BasicBlock& block : *function) {
    EXPECT_FALSE(llvm::isa<llvm::SwitchInst>(block.getTerminator()));
    for (llvm::Instruction& instruction : block)
      comparisons += llvm::isa<llvm::ICmpInst>(instruction);
  }
  EXPECT_EQ(comparisons, 3u);
  EXPECT_FALSE(llvm::verifyFunction(*function, &llvm::errs()));
}

TEST_F(EnumeratorNumbers, LeaveOtherSwitchesAlone) {
  auto uses = Uses({Switches("1", "2"), Switches("1", "2"), Switches("1", "2")});
  ASSERT_TRUE(uses) << uses.error().message;
  EXPECT_TRUE(uses->code.empty());
  EXPECT_TRUE(llvm::isa<llvm::SwitchInst>(views_[0]->getFunction("f")->front().getTerminator()));
}

TEST_F(EnumeratorNumbers, ThatMakeAnotherProgramAreRefused) {
  const std::string other =
      "define void @f(ptr %p) {\n  store i32 125, ptr %p\n"
      "  store i32 1, ptr %p\n  ret void\n}\n";
  auto uses = Uses({Stores("5"), other, Stores("1215")});
  ASSERT_FALSE(uses);
  EXPECT_EQ(uses.error().code, Code::kShapeDiffers);
}

}  // namespace
}  // namespace race::build
