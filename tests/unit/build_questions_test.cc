// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>
#include <llvm/IR/Verifier.h>

#include "build/questions.h"
#include "build_ir.h"

namespace race::build {
namespace {

std::string Spell(const char* name) {
  const Result<Question> question = ParseQuestion(std::string(kQuestionPrefix) + name);
  if (!question) return question.error().code == Code::kUnsupported ? "refused" : "?";
  return std::to_string(question->kind) + " " + question->root + "|" + question->path;
}

TEST(Questions, AreReadFromTheNamesThatTheCrateMakes) {
  EXPECT_EQ(Spell("struct:file.f_llist"), "10 struct file|f_llist");
  EXPECT_EQ(Spell("struct:device.driver_override.name"), "10 struct device|driver_override.name");
  EXPECT_EQ(Spell("typedef:kuid_t.val"), "10 kuid_t|val");
  EXPECT_EQ(Spell("union:u"), "11 union u|");
  EXPECT_EQ(Spell("enum:phy_state"), "11 enum phy_state|");
  EXPECT_EQ(Spell("enum:phy_state::PHY_UP"), "12 enum phy_state|PHY_UP");
  EXPECT_EQ(Spell("enum:::PHY_UP"), "12 |PHY_UP");
  EXPECT_EQ(Spell("fn:misc_register"), "13 misc_register|");
  EXPECT_EQ(Spell("static:jiffies"), "14 jiffies|");
}

TEST(Questions, OfOtherNamesAreRefused) {
  for (const char* name :
       {"", "fn", "fn:", "fn:a.b", "fn:a b", "struct:", "struct:.a", "struct:a.", "struct:a..b",
        "enum:a::", "enum:::", "enum:a.b", "static:a::b", "field:a", "struct:a:b"})
    EXPECT_EQ(Spell(name), "refused") << name;
  EXPECT_FALSE(ParseQuestion("race:"));
}

constexpr const char* kAsks = R"(
declare zeroext i1 @"race:exists:fn:a"()
define zeroext i1 @asks() {
  %first = call zeroext i1 @"race:exists:fn:a"()
  %second = call zeroext i1 @"race:exists:fn:a"()
  %both = and i1 %first, %second
  ret i1 %both
}
)";

TEST(Questions, BecomeTheLowestBitOfAnAbsoluteSymbol) {
  Modules modules;
  llvm::Module* module = modules.Parse(kAsks);
  ASSERT_NE(module, nullptr);
  const auto questions = FindQuestions(*module);
  ASSERT_TRUE(questions);
  ASSERT_EQ(questions->size(), 1u);
  EXPECT_EQ(questions->begin()->first, "race:exists:fn:a");
  ReplaceQuestions(module, {{"race:exists:fn:a", "race:exists:a()"}});
  EXPECT_FALSE(llvm::verifyModule(*module, &llvm::errs()));
  const std::string text = Modules::Print(*module);
  EXPECT_NE(
      text.find("@\"race:exists:a()\" = extern_weak dso_local unnamed_addr constant [0 x i8], "
                "align 1, !absolute_symbol"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("and i1 ptrtoint (ptr @\"race:exists:a()\" to i1), ptrtoint"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("!{i64 0, i64 2}"), std::string::npos) << text;
  EXPECT_EQ(text.find("race:exists:fn:a"), std::string::npos) << text;
}

TEST(Questions, ThatAreNotCalledAreRefused) {
  for (const char* use :
       {"@table = constant ptr @\"race:exists:fn:a\"",
        "define i1 @f(ptr %p) {\n  store ptr @\"race:exists:fn:a\", ptr %p\n  ret i1 true\n}"}) {
    Modules modules;
    llvm::Module* module = modules.Parse("declare i1 @\"race:exists:fn:a\"()\n" + std::string(use));
    ASSERT_NE(module, nullptr);
    const auto questions = FindQuestions(*module);
    ASSERT_FALSE(questions) << use;
    EXPECT_EQ(questions.error().code, Code::kUnsupported);
  }
}

TEST(Questions, ThatAreNoBoolAreRefused) {
  Modules modules;
  llvm::Module* module = modules.Parse(
      "declare i32 @\"race:exists:fn:a\"()\n"
      "define i32 @f() {\n  %a = call i32 @\"race:exists:fn:a\"()\n  ret i32 %a\n}");
  ASSERT_NE(module, nullptr);
  EXPECT_FALSE(FindQuestions(*module));
}

}  // namespace
}  // namespace race::build
