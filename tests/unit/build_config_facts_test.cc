// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/cfg_scopes.h"
#include "build/config_facts.h"
#include "build/rust_text.h"

namespace race::build {
namespace {

TEST(ConfigFacts, AreWhatCfgNames) {
  const auto questions = ConfigQuestions(
      "// #[cfg(CONFIG_COMMENT)]\n"
      "#[cfg(all(CONFIG_OF, not(CONFIG_USB = \"m\")))]\n"
      "fn a() { if cfg!(CONFIG_SMP) {} }\n"
      "#[cfg_attr(not(CONFIG_ACPI), allow(unused))]\n"
      "const CONFIG_SPACE: u32 = CONFIG_OTHER;\n"
      "const X: u32 = my_cfg(CONFIG_NOT) + PCI_CONFIG_SIZE;\n");
  std::set<std::string> names;
  for (const auto& [name, question] : questions) names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{"CONFIG_OF", "CONFIG_USB", "CONFIG_SMP", "CONFIG_ACPI"}));
  EXPECT_EQ(questions.at("CONFIG_OF").line, 2u);
  EXPECT_EQ(questions.at("CONFIG_SMP").line, 3u);
  EXPECT_TRUE(questions.at("CONFIG_USB").by_value);
  EXPECT_FALSE(questions.at("CONFIG_OF").by_value);
}

TEST(ConfigFacts, ABracketThatNobodyClosesEndsWithTheText) {
  EXPECT_EQ(ConfigQuestions("#[cfg(CONFIG_A").count("CONFIG_A"), 1u);
  EXPECT_TRUE(ConfigQuestions("cfg").empty());
  EXPECT_TRUE(ConfigQuestions("").empty());
}

TEST(CodeOnly, BlanksCommentsAndStrings) {
  EXPECT_EQ(CodeOnly("a // {\nb"), "a     \nb");
  EXPECT_EQ(CodeOnly("a/*{/*}*/{*/b"), "a           b");
  EXPECT_EQ(CodeOnly("f(\"{ \\\" }\")"), "f(\"      \")");
  EXPECT_EQ(CodeOnly("r#\"{\"\n}\"# x"), "r    \n    x");
  EXPECT_EQ(CodeOnly("br\"\\\" x"), "br    x");
  EXPECT_EQ(CodeOnly("'{' '\\'' x"), "' ' '  ' x");
  EXPECT_EQ(CodeOnly("'\u00e9' x").size(), std::string("'\u00e9' x").size());
}

TEST(CodeOnly, LeavesLifetimesAndRawNames) {
  for (const char* same : {"fn f<'a, 'b>(x: &'a str) {}", "r#type + bar\n", "&'static (u8, &'_ T)"})
    EXPECT_EQ(CodeOnly(same), same);
}

TEST(CodeOnly, WhatNobodyClosesEndsWithTheText) {
  for (const char* open : {"\"{", "/* {", "r#\"{\"", "'\\", "\"\\"})
    EXPECT_EQ(CodeOnly(open).find('{'), std::string::npos) << open;
  EXPECT_EQ(CodeOnly(""), "");
  EXPECT_EQ(CodeOnly("'"), "'");
}

// "OPTION FIRST-LAST" of each, in the order of the text.
std::vector<std::string> Scopes(std::string_view rust) {
  std::vector<std::string> all;
  for (const CfgScope& scope : CfgScopes(rust))
    all.push_back(scope.option.substr(7) + (scope.by_value ? "= " : " ") +
                  std::to_string(scope.first) + "-" + std::to_string(scope.last));
  return all;
}
using Lines = std::vector<std::string>;

TEST(CfgScopes, AnItemReachesToItsEnd) {
  EXPECT_EQ(Scopes("#[cfg(CONFIG_A)]\n"
                   "/// text }\n"
                   "#[inline]\n"
                   "pub fn f<T, U>(a: [u8; 3], b: T) -> U {\n"
                   "  { \"}\" }\n"
                   "}\n"
                   "fn g() {}\n"),
            Lines{"A 1-6"});
  EXPECT_EQ(Scopes("impl X {\n"
                   "  #[cfg(CONFIG_A)]\n"
                   "  const Y: Z = Z {\n"
                   "    a: 1,\n"
                   "  };\n"
                   "  #[cfg(CONFIG_B)]\n"
                   "  pub(crate) const fn f() {\n"
                   "  }\n"
                   "}\n"),
            (Lines{"A 2-5", "B 6-8"}));
  EXPECT_EQ(Scopes("#[cfg(CONFIG_A)]\n"
                   "struct A(u8,\n"
                   "  u8);\n"
                   "#[cfg(CONFIG_B)]\n"
                   "impl<const N: usize> F<{ N }> for X {\n"
                   "}\n"
                   "#[cfg(CONFIG_C)]\n"
                   "mod c;\n"),
            (Lines{"A 1-3", "B 4-6", "C 7-8"}));
}

TEST(CfgScopes, FieldsAndArmsEndWithTheirComma) {
  EXPECT_EQ(Scopes("struct S {\n"
                   "  #[cfg(CONFIG_A)]\n"
                   "  a: u8,\n"
                   "  #[cfg(CONFIG_B)]\n"
                   "  b: u8\n"
                   "}\n"
                   "struct T(#[cfg(CONFIG_C)] u8, u8);\n"
                   "const V: F = F {\n"
                   "  #[cfg(CONFIG_D)]\n"
                   "  d: if X { 1 } else {\n"
                   "    2\n"
                   "  },\n"
                   "  e: 1,\n"
                   "};\n"),
            (Lines{"A 2-3", "B 4-6", "C 7-7", "D 9-12"}));
}

TEST(CfgScopes, WithinAFunctionItIsTheWholeFunction) {
  EXPECT_EQ(Scopes("fn before() {}\n"
                   "fn f() {\n"
                   "  #[cfg(not(any(CONFIG_A, CONFIG_B = \"y\")))]\n"
                   "  {\n"
                   "  }\n"
                   "  if cfg!(CONFIG_C) {\n"
                   "  }\n"
                   "}\n"
                   "fn after() {}\n"),
            (Lines{"A 2-8", "B= 2-8", "C 2-8"}));
  // The innermost; a type is none, and a declaration has no body.
  EXPECT_EQ(Scopes("fn outer() {\n"
                   "  fn inner(f: fn(u8)) {\n"
                   "    let x = cfg!(CONFIG_A);\n"
                   "  }\n"
                   "}\n"
                   "trait T { fn none(); }\n"
                   "const X: bool = cfg!(CONFIG_B);\n"),
            Lines{"A 2-4"});
  EXPECT_EQ(Scopes("macro_rules! m { ($n:ident) => {\n"
                   "  fn $n() {\n"
                   "    #[cfg(CONFIG_A)] x();\n"
                   "  } } }\n"),
            Lines{"A 2-4"});
}

TEST(CfgScopes, LintsAndDocumentationAreNoCode) {
  EXPECT_EQ(Scopes("#![cfg_attr(CONFIG_A, feature(x))]\n"
                   "#![cfg(CONFIG_B)]\n"
                   "#[cfg_attr(not(CONFIG_C), allow(unused), doc = \"x, y\")]\n"
                   "#[cfg_attr(CONFIG_D, repr(align(8)))]\n"
                   "#[cfg_attr(CONFIG_E, allow(x), repr(C))]\n"
                   "struct S;\n"),
            (Lines{"D 4-6", "E 5-6"}));
  EXPECT_EQ(Scopes("mod m {\n"
                   "  #![cfg(CONFIG_A)]\n"
                   "}\n"),
            Lines{"A 1-3"});
}

TEST(CfgScopes, AreNotInTextThatIsNoCode) {
  EXPECT_TRUE(Scopes("// #[cfg(CONFIG_A)]\n/* #[cfg(CONFIG_B)] */\n"
                     "fn f() { g(\"#[cfg(CONFIG_C)]\"); } /// cfg!(CONFIG_D)\n"
                     "fn my_cfg(CONFIG_E: u8) {}\n"
                     "#[my(cfg)] fn h() { let cfg = CONFIG_F; }\n")
                  .empty());
  EXPECT_TRUE(Scopes("#[cfg(test)] mod x {} #[cfg(target_os = \"CONFIG_X\")] fn f() {}").empty());
}

TEST(CfgScopes, TextThatIsNoRustIsNoError) {
  for (const char* odd : {"", "cfg", "#[cfg", "#[cfg(", "#[cfg(CONFIG_A", "#[cfg(CONFIG_A)",
                          "#[cfg(CONFIG_A)]", "#[cfg(CONFIG_A)] fn f(", "#[cfg(CONFIG_A)] #",
                          "#[cfg_attr(CONFIG_A", "}}}#[cfg(CONFIG_A)]x", "fn f() { cfg!(CONFIG_A",
                          "fn", "fn f(", "#[cfg(CONFIG_A)] {", "[cfg(CONFIG_A)]", "cfg!"})
    for (const CfgScope& scope : CfgScopes(odd)) EXPECT_LE(scope.first, scope.last) << odd;
}

}  // namespace
}  // namespace race::build
