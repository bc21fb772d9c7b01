// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "modprobe/options.h"

namespace race::modprobe {
namespace {

using Words = std::vector<std::string>;

Options Parsed(const Words& words, const std::string& environment = "") {
  auto options = ParseOptions(words, environment);
  EXPECT_TRUE(options) << (options ? "" : options.error().message);
  return options ? *options : Options();
}

std::string Refusal(const Words& words, const std::string& environment = "") {
  auto options = ParseOptions(words, environment);
  return options ? "accepted" : options.error().message;
}

TEST(ModprobeOptions, LettersInOneWordAndOptionsAfterNames) {
  const Options options = Parsed({"-rvn", "dummy", "-C", "/etc/x", "loop", "--first-time"});
  EXPECT_TRUE(options.remove && options.dry_run && options.first_time);
  EXPECT_EQ(options.verbose, 1);
  EXPECT_EQ(options.config_paths, Words{"/etc/x"});
  EXPECT_EQ(options.words, (Words{"dummy", "loop"}));
}

TEST(ModprobeOptions, NothingBehindTwoDashesIsAnOption) {
  const Options options = Parsed({"-v", "--", "-r", "x"});
  EXPECT_FALSE(options.remove);
  EXPECT_EQ(options.words, (Words{"-r", "x"}));
}

TEST(ModprobeOptions, ValuesAndBeginningsOfLongOptions) {
  const Options options =
      Parsed({"--show-dep", "-S7.2", "--dirname=/mnt", "-w", "0x10", "--remove-h", "x"});
  EXPECT_TRUE(options.show_depends && options.remove_holders);
  EXPECT_EQ(options.set_version, "7.2");
  EXPECT_EQ(options.root, "/mnt");
  EXPECT_EQ(options.wait_ms, 16u);
  EXPECT_TRUE(options.Dry() && options.Shows());
}

TEST(ModprobeOptions, SaysWhatIsWrongInGetoptsWords) {
  EXPECT_EQ(Refusal({"--nonsense"}), "unrecognized option '--nonsense'");
  EXPECT_EQ(Refusal({"-z"}), "invalid option -- 'z'");
  EXPECT_EQ(Refusal({"-C"}), "option requires an argument -- 'C'");
  EXPECT_EQ(Refusal({"-w", "soon", "x"}), "unexpected wait value 'soon', expected milliseconds.");
  EXPECT_EQ(Refusal({"-w", "-1", "x"}), "unexpected wait value '-1', expected milliseconds.");
}

TEST(ModprobeOptions, TheEnvironmentsComeFirst) {
  const Options options = Parsed({"x", "a=b"}, "-v  -C '/a b' \"--first-time\"");
  EXPECT_EQ(options.verbose, 1);
  EXPECT_TRUE(options.first_time);
  EXPECT_EQ(options.config_paths, Words{"/a b"});
  EXPECT_EQ(options.words, (Words{"x", "a=b"}));
}

TEST(ModprobeOptions, TheEnvironmentChoosesNoValidator) {
  EXPECT_EQ(Parsed({"--validator", "/r", "x"}).validator, "/r");
  EXPECT_NE(Refusal({"x"}, "--validator /r").find("MODPROBE_OPTIONS"), std::string::npos);
  EXPECT_NE(Refusal({"x"}, "--validator=/r").find("MODPROBE_OPTIONS"), std::string::npos);
  EXPECT_NE(Refusal({"/r", "x"}, "--validator"), "accepted");
}

TEST(ModprobeOptions, PassesOnWhatModprobePassesOn) {
  EXPECT_EQ(PassedOn(Parsed({"-vqs", "-C", "/a b", "-C/c", "--first-time", "x"})),
            "-C \"/a b\" -C /c -s -q -v");
  EXPECT_EQ(PassedOn(Parsed({"x"})), "");
}

TEST(ModprobeOptions, QuotesValuesWithBlanks) {
  EXPECT_EQ(JoinParameters({"x", "a=1", "flag", "b=c d", "e=\"f g\"", "h='i j'"}, 1),
            "a=1 flag b=\"c d\" e=\"f g\" h='i j'");
  EXPECT_EQ(JoinParameters({"x"}, 1), "");
  EXPECT_EQ(JoinParameters({"x", "a b", "c="}, 1), "a b c=");
}

}  // namespace
}  // namespace race::modprobe
