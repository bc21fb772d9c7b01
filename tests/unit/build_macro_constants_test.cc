// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <filesystem>

#include "build/macro_constants.h"
#include "support/file.h"

namespace race::build {
namespace {

using Options = std::set<std::string>;

TEST(MacroConstants, FollowFromWhatTheyAreMadeOf) {
  Macros macros(
      "# 1 \"a.h\"\n"
      "#define CONFIG_HZ 250\n"
      "#define HZ CONFIG_HZ\n"
      "#define TICK (NSEC / HZ)\n"
      "#define NSEC 1000L /* \"CONFIG_NONE\" */\n"
      "#define TEXT \"CONFIG_NONE\"\n"
      "#define WORDS (CONFIG_NR_CPUS / (8 * sizeof(unsigned long)))\n"
      "#define ROOM sizeof(struct file)\n"
      "#define LOOP LOOP2\n#define LOOP2 LOOP\n"
      "#define WIDE CONFIG_64BIT\n"
      "#define MODULAR IS_ENABLED(CONFIG_USB_MODULE)\n"
      "# 1 \"./include/generated/bounds.h\"\n"
      "#define NR_CPUS_BITS 13\n",
      "/none");
  EXPECT_EQ(macros.Of("TICK").options, Options{"CONFIG_HZ"});
  EXPECT_EQ(macros.Of("CONFIG_HZ").options, Options{"CONFIG_HZ"});
  EXPECT_EQ(macros.Of("WORDS").options, Options{"CONFIG_NR_CPUS"});
  EXPECT_EQ(macros.Of("MODULAR").options, Options{"CONFIG_USB"});
  for (const char* name : {"TEXT", "LOOP", "WIDE", "NONE"}) {
    EXPECT_TRUE(macros.Of(name).options.empty()) << name;
    EXPECT_EQ(macros.Of(name).unknown, "") << name;
  }
  EXPECT_NE(macros.Of("ROOM").unknown, "");
  EXPECT_NE(macros.Of("NR_CPUS_BITS").unknown, "");
  macros.Define("HELPER", " = TICK + 1");
  EXPECT_EQ(macros.Of("HELPER").options, Options{"CONFIG_HZ"});
}

TEST(MacroConstants, FollowFromWhatChoosesOneOfSeveral) {
  const std::string folder = testing::TempDir();
  const std::string path = folder + "macro_constants.h";
  ASSERT_TRUE(WriteFileAtomically(path,
                                  "#ifndef GUARD\n"
                                  "#define GUARD\n"
                                  "#ifdef CONFIG_NUMA\n"
                                  "#define SHIFT 10\n"
                                  "#define ALONE 1\n"
                                  "#elif \\\n   defined(CONFIG_OTHER)\n"
                                  "#define SHIFT 5\n"
                                  "#else\n"
                                  "# define SHIFT 0\n"
                                  "#endif\n"
                                  "#endif\n"));
  Macros macros(
      "# 1 \"macro_constants.h\" 1\n\n#define GUARD\n\n#define SHIFT 10\n#define ALONE 1\n",
      folder);
  EXPECT_EQ(macros.Of("SHIFT").options, (Options{"CONFIG_NUMA"}));
  EXPECT_TRUE(macros.Of("ALONE").options.empty());
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace race::build
