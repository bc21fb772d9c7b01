// SPDX-License-Identifier: GPL-2.0-only
//
// What would be done, with libkmod's own reading of modprobe.d, in a mock root; what is
// planned of ordinary modules is libkmod's business, and tests/modprobe_options_test.sh's.
#include <gtest/gtest.h>

#include "kernel_test_folder.h"
#include "modprobe/plan.h"

namespace race::modprobe {
namespace {

// Depends on what the test says; linking itself is tested where there is a kernel.
class FixedLinker final : public Linker {
 public:
  Result<LinkedDriver> Link(const std::string& name, const std::string& path) override {
    if (name == "broken") return Fail(Code::kFieldMissing) << path << ": no such field";
    LinkedDriver linked;
    linked.bytes = std::make_shared<std::string>(name);
    linked.shown = path;
    linked.depends = depends;
    return linked;
  }
  Result<LinkedDriver> LinkAnew(const std::string& name, const std::string& path) override {
    return Link(name, path);
  }
  std::vector<std::string> depends;
};

class ModprobePlan : public testing::Test {
 protected:
  ModprobePlan() {
    for (const char* name : {"driver-one", "driver_two", "broken", "needed"})
      root_.Write(std::string("usr/lib/race/") + name + ".rcrate", "");
    options_.root = root_ / "";
    options_.root.pop_back();
    options_.set_version = "9.8.7-test";
    options_.config_paths = {root_ / "conf"};
  }

  // The plan's lines, each with a ";" behind it; or the error's message.
  std::string Planned(const std::string& configuration, const std::string& word,
                      const std::string& parameters = "") {
    root_.Write("conf", configuration);
    auto machine = OpenMachine(options_);
    EXPECT_TRUE(machine);
    auto found = LookUp(*machine, word);
    if (!found) return found.error().message;
    std::string lines;
    for (const Found& one : *found) {
      auto plan = options_.remove ? PlanRemoval(*machine, one)
                                  : PlanInsertion(*machine, linker_, one, parameters);
      if (!plan) return plan.error().message;
      for (const Step& step : *plan) lines += Describe(step) + ";";
    }
    for (size_t at; (at = lines.find(options_.root + "/usr/lib/race/")) != std::string::npos;)
      lines.erase(at, options_.root.size() + 14);
    return lines;
  }

  kernel::TestFolder root_;
  Options options_;
  FixedLinker linker_;
};

TEST_F(ModprobePlan, ADriverByEachSpellingOfItsName) {
  EXPECT_EQ(Planned("", "driver_one"), "insmod driver-one.rcrate ;");
  EXPECT_EQ(Planned("", "driver-one", "a=b"), "insmod driver-one.rcrate a=b;");
  EXPECT_EQ(Planned("", "driver"), "");
}

TEST_F(ModprobePlan, OptionsOfModprobeDComeBeforeThoseThatWereGiven) {
  EXPECT_EQ(Planned("options driver_one x=1\noptions driver-one y=2\n", "driver_one", "x=3"),
            "insmod driver-one.rcrate x=1 y=2 x=3;");
  EXPECT_EQ(Planned("alias short driver_one\noptions short z=1\n", "short"),
            "insmod driver-one.rcrate z=1 ;");
}

TEST_F(ModprobePlan, DependenciesThenSoftdepsThenTheDriver) {
  linker_.depends = {"needed"};
  EXPECT_EQ(Planned("softdep driver_one pre: driver_two post: nothing_such\n", "driver_one"),
            "insmod needed.rcrate ;insmod driver_two.rcrate ;insmod driver-one.rcrate ;");
  linker_.depends.clear();
  EXPECT_EQ(Planned("softdep driver_one post: driver_two\n", "driver_one"),
            "insmod driver-one.rcrate ;insmod driver_two.rcrate ;");
  // Each once, also where they name one another.
  EXPECT_EQ(Planned("softdep driver_one pre: driver_two\nsoftdep driver_two pre: driver_one\n",
                    "driver_one"),
            "insmod driver_two.rcrate ;insmod driver-one.rcrate ;");
}

TEST_F(ModprobePlan, WhatFailsIsMissedOnlyWhereItIsNeeded) {
  EXPECT_EQ(Planned("softdep driver_one pre: broken\n", "driver_one"),
            "insmod driver-one.rcrate ;");
  EXPECT_NE(Planned("", "broken").find("no such field"), std::string::npos);
  linker_.depends = {"not_there"};
  EXPECT_NE(Planned("", "driver_one").find("needs the module not_there"), std::string::npos);
}

TEST_F(ModprobePlan, InstallCommandsStandInForTheDriver) {
  const std::string conf = "install driver_one echo $CMDLINE_OPTS\n";
  EXPECT_EQ(Planned(conf, "driver_one", "a=b"), "install echo $CMDLINE_OPTS a=b;");
  // As in libkmod, a softdep counts more.
  EXPECT_EQ(Planned(conf + "softdep driver_one pre: driver_two\n", "driver_one"),
            "insmod driver_two.rcrate ;insmod driver-one.rcrate ;");
  options_.ignore_commands = true;
  EXPECT_EQ(Planned(conf, "driver_one"), "insmod driver-one.rcrate ;");
  EXPECT_EQ(WithOptions("x $CMDLINE_OPTS y $CMDLINE_OPTS", "$CMDLINE_OPTS"),
            "x $CMDLINE_OPTS y $CMDLINE_OPTS");
}

TEST_F(ModprobePlan, TheBlacklistIsForAliasesAndWithBForNames) {
  const std::string conf = "alias short driver_one\nblacklist driver_one\n";
  EXPECT_EQ(Planned(conf, "short"), "");
  EXPECT_EQ(Planned(conf, "driver_one"), "insmod driver-one.rcrate ;");
  options_.use_blacklist = true;
  EXPECT_EQ(Planned(conf, "driver_one"), "");
}

TEST_F(ModprobePlan, RemovingWhatIsNotLoaded) {
  options_.remove = true;
  EXPECT_EQ(Planned("", "driver_one"), "");
  EXPECT_EQ(Planned("remove driver_one echo gone $CMDLINE_OPTS\n", "driver_one"),
            "remove echo gone ;");
  options_.first_time = true;
  EXPECT_EQ(Planned("", "driver_one"), "Module driver_one is not in kernel.");
}

TEST(ModprobeSoftdeps, BothSpellingsOfLibkmod) {
  const Softdeps of = ParseSoftdeps("pre: a b post: c");
  EXPECT_EQ(of.pre, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(of.post, std::vector<std::string>{"c"});
  const Softdeps old = ParseSoftdeps("pre: a bpost: c");
  EXPECT_EQ(old.pre, of.pre);
  EXPECT_EQ(old.post, of.post);
  EXPECT_TRUE(ParseSoftdeps("").empty());
}

}  // namespace
}  // namespace race::modprobe
