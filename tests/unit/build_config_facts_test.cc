// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/config_facts.h"

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

}  // namespace
}  // namespace race::build
