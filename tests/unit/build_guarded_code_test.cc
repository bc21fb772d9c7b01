// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>
#include <llvm/IR/InstIterator.h>

#include "build/guarded_code.h"
#include "build_ir.h"

namespace race::build {
namespace {

constexpr const char* kQuestions = R"(
declare i1 @"race:exists:fn:a"()
declare i1 @"race:exists:struct:b"()
declare void @import()
declare void @other()
)";

// A module's beginning: the question a, what is behind the answer yes, and what follows.
std::string AsksA(const std::string& yes, const std::string& end = "") {
  return R"(
define void @init_module(ptr %p) {
  %a = call i1 @"race:exists:fn:a"()
  br i1 %a, label %yes, label %end
yes:
  )" + yes +
         R"(
  br label %end
end:
  )" + end +
         R"(
  ret void
}
)";
}

class GuardedCodeTest : public ::testing::Test {
 protected:
  // "a", "!a b": what is known at all uses of an import of that module.
  std::string KnownAt(const std::string& text, const char* import = "import") {
    llvm::Module* module = modules_.Parse(kQuestions + text);
    if (module == nullptr) return "";
    const GuardedCode guarded(*module);
    return Spell(guarded.OfUses(*module->getFunction(import)));
  }
  static std::string Spell(const Answers& answers) {
    std::string text;
    for (const Answer& answer : answers)
      text += (text.empty() ? "" : " ") + std::string(answer.yes ? "" : "!") +
              answer.question.substr(answer.question.rfind(':') + 1);
    return text;
  }
  Modules modules_;
};

TEST_F(GuardedCodeTest, KnowsTheAnswerBehindTheBranch) {
  EXPECT_EQ(KnownAt(AsksA("call void @import()", "call void @other()")), "a");
}

TEST_F(GuardedCodeTest, KnowsTheOppositeOnTheOtherSide) {
  const char* text = R"(
define void @init_module() {
  %a = call i1 @"race:exists:fn:a"()
  %none = xor i1 %a, true
  br i1 %none, label %without, label %with
without:
  call void @other()
  ret void
with:
  call void @import()
  ret void
})";
  EXPECT_EQ(KnownAt(text), "a");
  EXPECT_EQ(KnownAt(text, "other"), "!a");
}

TEST_F(GuardedCodeTest, KnowsNothingWhereBothSidesMeet) {
  EXPECT_EQ(KnownAt(R"(
define void @init_module(i1 %else) {
  %a = call i1 @"race:exists:fn:a"()
  br i1 %a, label %yes, label %no
yes:
  br label %end
no:
  br i1 %else, label %end, label %out
end:
  call void @import()
  ret void
out:
  ret void
})"),
            "");
}

TEST_F(GuardedCodeTest, NamesTheInnermostQuestionLast) {
  EXPECT_EQ(KnownAt(R"(
define void @init_module() {
  %b = call i1 @"race:exists:struct:b"()
  br i1 %b, label %outer, label %end
outer:
  %a = call i1 @"race:exists:fn:a"()
  br i1 %a, label %inner, label %end
inner:
  call void @import()
  ret void
end:
  ret void
})"),
            "b a");
}

TEST_F(GuardedCodeTest, OneUseElsewhereIsEnough) {
  EXPECT_EQ(KnownAt(AsksA("call void @import()") + R"(
define void @cleanup_module() {
  call void @import()
  ret void
})"),
            "");
}

TEST_F(GuardedCodeTest, TwoQuestionsOfWhichEitherLeadsThere) {
  EXPECT_EQ(KnownAt(R"(
define void @init_module() {
  %a = call i1 @"race:exists:fn:a"()
  br i1 %a, label %yes, label %or
or:
  %b = call i1 @"race:exists:struct:b"()
  br i1 %b, label %yes, label %end
yes:
  call void @import()
  br label %end
end:
  ret void
})"),
            "");
}

// Through functions that call one another, and a table that only guarded code uses.
TEST_F(GuardedCodeTest, FollowsWhatOnlyGuardedCodeRefersTo) {
  EXPECT_EQ(KnownAt(AsksA("call void @register(ptr @table)") + R"(
@table = constant [1 x ptr] [ptr @first]
declare void @register(ptr)
define void @first() {
  call void @second()
  ret void
}
define void @second() {
  call void @import()
  call void @first()
  ret void
})"),
            "a");
}

TEST_F(GuardedCodeTest, OfAFunctionThatIsAlsoCalledElsewhereNothing) {
  EXPECT_EQ(KnownAt(AsksA("call void @first()", R"(%entry = load ptr, ptr @table
  call void %entry())") +
                    R"(
@table = constant [1 x ptr] [ptr @first]
define void @first() {
  call void @import()
  ret void
})"),
            "");
}

// The answer went through memory: it is not followed, and nothing is concluded.
TEST_F(GuardedCodeTest, OfAnAnswerThatIsKeptNothing) {
  EXPECT_EQ(KnownAt(R"(
define void @init_module() {
  %slot = alloca i1
  %a = call i1 @"race:exists:fn:a"()
  store i1 %a, ptr %slot
  %again = load i1, ptr %slot
  br i1 %again, label %yes, label %end
yes:
  call void @import()
  br label %end
end:
  ret void
})"),
            "");
}

TEST_F(GuardedCodeTest, OfAnImportThatNothingRefersToNothing) { EXPECT_EQ(KnownAt(AsksA("")), ""); }

TEST_F(GuardedCodeTest, TellsOfInstructions) {
  llvm::Module* module =
      modules_.Parse(kQuestions + AsksA("store i8 1, ptr %p", "store i8 2, ptr %p"));
  ASSERT_NE(module, nullptr);
  const GuardedCode guarded(*module);
  std::vector<std::string> known;
  for (const llvm::Instruction& instruction :
       llvm::instructions(module->getFunction("init_module")))
    if (llvm::isa<llvm::StoreInst>(instruction)) known.push_back(Spell(guarded.At(instruction)));
  EXPECT_EQ(known, (std::vector<std::string>{"a", ""}));
}

}  // namespace
}  // namespace race::build
