// SPDX-License-Identifier: GPL-2.0-only
//
// The program itself: exit status, message and, above all, no output file when
// something is refused.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "kernel_image_builder.h"
#include "kernel_test_folder.h"
#include "rcrate_sample.h"
#include "sample_btf.h"

namespace race {
namespace {

class CommandTest : public testing::Test {
 protected:
  void SetUp() override {
    program_ = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "race";
    if (const char* other = std::getenv("RACE_PROGRAM")) program_ = other;
    if (!std::filesystem::exists(program_))
      GTEST_SKIP() << program_ << " is not built (make build/race, or set RACE_PROGRAM)";
    kernel_.exports = {{"misc_register", true}, {"memcpy", false}};
    kernel_.btf = SampleBtf();
  }

  std::string Kernel(const std::string& name = "vmlinux") {
    return folder_.Write(name, kernel_.Vmlinux());
  }
  // The exit status of race with these words; its output is in output_.
  int Race(const std::string& words) {
    std::string log = folder_ / "log";
    int status = std::system((program_ + ' ' + words + " >" + log + " 2>&1").c_str());
    std::ostringstream text;
    text << std::ifstream(log).rdbuf();
    output_ = text.str();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  int Resolve(const std::string& rcrate, const std::string& kernel) {
    return Race("resolve " + rcrate + " --target " + kernel + " -o " + (folder_ / "out/x.ko"));
  }
  void Refuses(int expected, const char* code, const std::string& rcrate,
               const std::string& kernel) {
    std::filesystem::create_directory(folder_ / "out");
    EXPECT_EQ(Resolve(rcrate, kernel), expected) << output_;
    EXPECT_EQ(output_.rfind(std::string("race: RACE-") + code + ": ", 0), 0u) << output_;
    EXPECT_TRUE(std::filesystem::is_empty(folder_ / "out")) << "a file is left";
  }

  kernel::TestFolder folder_;
  kernel::TestKernel kernel_;
  std::string program_, output_;
};

TEST_F(CommandTest, WritesTheSameModuleEachTime) {
  std::string rcrate = folder_.Write("sample.rcrate", SampleRcrate().Bytes());
  std::string kernel = Kernel();
  std::string modules[2];
  for (std::string& module : modules) {
    std::filesystem::create_directory(folder_ / "out");
    ASSERT_EQ(Resolve(rcrate, kernel), 0) << output_;
    std::ostringstream bytes;
    bytes << std::ifstream(folder_ / "out/x.ko").rdbuf();
    module = bytes.str();
    std::filesystem::remove(folder_ / "out/x.ko");
  }
  EXPECT_TRUE(elf::ReadObject(modules[0], "x.ko"));
  EXPECT_EQ(modules[0], modules[1]);
}

TEST_F(CommandTest, RefusesWithStatusOneAndNamesTheSourceLine) {
  std::string rcrate = folder_.Write("sample.rcrate", SampleRcrate().Bytes());
  kernel_.btf = SampleBtf("renamed");
  Refuses(1, "E0403", rcrate, Kernel());
  EXPECT_NE(output_.find("driver.rs:10"), std::string::npos) << output_;
}

TEST_F(CommandTest, PrintsEachProblemWithItsCode) {
  std::string rcrate = folder_.Write("sample.rcrate", SampleRcrate().Bytes());
  kernel_.btf = SampleBtf("renamed");
  kernel_.exports = {{"memcpy", false}};
  Refuses(1, "E0403", rcrate, Kernel());
  EXPECT_NE(output_.find("\nrace: RACE-E0411: driver.rs:21: "), std::string::npos) << output_;
}

TEST_F(CommandTest, RefusesATargetWithoutBtf) {
  std::string rcrate = folder_.Write("sample.rcrate", SampleRcrate().Bytes());
  kernel_.btf.clear();
  Refuses(2, "E0303", rcrate, Kernel());
}

TEST_F(CommandTest, RefusesATargetThatIsNotThere) {
  std::string rcrate = folder_.Write("sample.rcrate", SampleRcrate().Bytes());
  Refuses(2, "E0301", rcrate, folder_ / "none");
}

TEST_F(CommandTest, RefusesInputsThatAreNoRcrate) {
  std::string kernel = Kernel();
  std::string bytes = SampleRcrate().Bytes();
  Refuses(2, "E0201", folder_.Write("text", "hello\n"), kernel);
  Refuses(2, "E0202", kernel, kernel);
  Refuses(2, "E0101", folder_ / "none.rcrate", kernel);
  Refuses(2, "E0211", folder_.Write("cut", bytes.substr(0, bytes.size() / 2)), kernel);
  bytes[offsetof(Elf64_Ehdr, e_machine)] = static_cast<char>(EM_AARCH64);
  Refuses(2, "E0205", folder_.Write("other", bytes), kernel);
}

TEST_F(CommandTest, LeavesAnOlderModuleAloneWhenItRefuses) {
  std::string rcrate = folder_.Write("sample.rcrate", SampleRcrate().Bytes());
  folder_.Write("out/x.ko", "older");
  kernel_.btf = SampleBtf("renamed");
  EXPECT_EQ(Resolve(rcrate, Kernel()), 1);
  std::ostringstream bytes;
  bytes << std::ifstream(folder_ / "out/x.ko").rdbuf();
  EXPECT_EQ(bytes.str(), "older");
}

TEST_F(CommandTest, SaysSoWhenTheOutputCannotBeWritten) {
  std::string rcrate = folder_.Write("sample.rcrate", SampleRcrate().Bytes());
  EXPECT_EQ(Resolve(rcrate, Kernel()), 2) << "there is no folder out";
  EXPECT_EQ(output_.rfind("race: RACE-E0103: ", 0), 0u) << output_;
}

TEST_F(CommandTest, ChecksSeveralTargets) {
  std::string rcrate = folder_.Write("sample.rcrate", SampleRcrate().Bytes());
  std::string good = Kernel("good");
  EXPECT_EQ(Race("check " + rcrate + " --target " + good), 0) << output_;
  EXPECT_NE(output_.find(good + " (9.8.7-test): "), std::string::npos) << output_;
  kernel_.btf = SampleBtf("renamed");
  std::string bad = Kernel("bad");
  EXPECT_EQ(Race("check --reasons " + rcrate + " --target " + bad + " --target " + good), 1);
  EXPECT_NE(output_.find(good + " (9.8.7-test): "), std::string::npos) << output_;
  EXPECT_EQ(Race("check --json " + rcrate + " --target " + bad), 1);
  EXPECT_NE(output_.find("\"code\": \"RACE-E0403\""), std::string::npos) << output_;
  EXPECT_NE(output_.find("\"source\": \"driver.rs:10\""), std::string::npos) << output_;
}

TEST_F(CommandTest, ChecksAFolderOfKernelsRowByRow) {
  std::string rcrate = folder_.Write("sample.rcrate", SampleRcrate().Bytes());
  Kernel("kernels/vmlinuz-2");
  EXPECT_EQ(Race("check " + rcrate + " --target " + (folder_ / "kernels")), 0) << output_;
  kernel_.btf = SampleBtf("renamed");
  Kernel("kernels/vmlinuz-10");
  // One release in two images: the rows have their names.
  EXPECT_EQ(Race("check " + rcrate + " --target " + (folder_ / "kernels")), 1);
  EXPECT_EQ(output_, rcrate + "\n  " + (folder_ / "kernels/vmlinuz-2") + "   fits\n  " +
                         (folder_ / "kernels/vmlinuz-10") +
                         "  refused  RACE-E0403  field private_data of struct file "
                         "(driver.rs:10)\n2 kernels: 1 fit, 1 refused, 0 cannot be judged\n");
  // What cannot be read does not keep the others from being looked at.
  folder_.Write("kernels/vmlinuz-3", "junk");
  EXPECT_EQ(Race("check " + rcrate + " --target " + (folder_ / "kernels")), 2);
  EXPECT_NE(output_.find("vmlinuz-3   trouble  RACE-E0302"), std::string::npos) << output_;
  EXPECT_NE(output_.find("3 kernels: 1 fit, 1 refused, 1 cannot be judged\n"), std::string::npos)
      << output_;
  EXPECT_EQ(Race("check --json " + rcrate + " --target " + (folder_ / "kernels")), 2);
  EXPECT_NE(output_.find("\"verdict\": \"trouble\""), std::string::npos) << output_;
}

TEST_F(CommandTest, PrintsTheNumbersOfATarget) {
  std::string rcrate = folder_.Write("sample.rcrate", SampleRcrate().Bytes());
  EXPECT_EQ(Race("check --values " + rcrate + " --target " + Kernel("good")), 0) << output_;
  EXPECT_NE(output_.find("\t56\tfield\tstruct file\tprivate_data\tholds\n"), std::string::npos);
  EXPECT_NE(output_.find("\t88\tsize\tstruct miscdevice\t\tholds\n"), std::string::npos);
  EXPECT_NE(output_.find("\t7\tenumerator\t\t___GFP_IO_BIT\tholds\n"), std::string::npos);
  kernel_.btf = SampleBtf("renamed");
  EXPECT_EQ(Race("check --values " + rcrate + " --target " + Kernel("bad")), 1);
  EXPECT_NE(output_.find("\t-\tfield\tstruct file\tprivate_data\tdoes not hold\n"),
            std::string::npos)
      << output_;
}

TEST_F(CommandTest, ComparesTwoKernelsForADriver) {
  std::string rcrate = folder_.Write("sample.rcrate", SampleRcrate().Bytes());
  std::string good = Kernel("good");
  kernel_.btf = SampleBtf("renamed");
  std::string bad = Kernel("bad");
  std::string words = "steg diff " + good + ' ';
  EXPECT_EQ(Race(words + good + " --for " + rcrate), 0) << output_;
  EXPECT_EQ(output_, "6 contracts, 0 differ: the driver fits both\n");
  EXPECT_EQ(Race(words + bad + " --for " + rcrate), 1);
  EXPECT_EQ(output_, "driver.rs:10: field private_data of struct file: there -> missing; " + bad +
                         " is refused, RACE-E0403\n6 contracts, 1 differs: the driver fits only " +
                         good + "\n");
  EXPECT_EQ(Race(words + bad + " --json --for " + rcrate), 1);
  EXPECT_NE(output_.find("\"new_code\": \"RACE-E0403\""), std::string::npos) << output_;
  EXPECT_EQ(Race(words + (folder_ / "none") + " --for " + rcrate), 2);
  EXPECT_EQ(Race(words + bad + " --for " + bad), 2) << "no .rcrate";
}

// As diff(1) and grep(1) have it: 1 is an answer, 2 is trouble.
TEST_F(CommandTest, ComparesAndDumpsWithTheStatusesOfDiff) {
  std::string good = Kernel("good");
  kernel_.btf = SampleBtf("renamed");
  std::string bad = Kernel("bad");
  EXPECT_EQ(Race("steg diff " + good + ' ' + good), 0) << output_;
  EXPECT_EQ(Race("steg diff " + good + ' ' + bad), 1) << output_;
  EXPECT_EQ(Race("steg diff " + good + ' ' + (folder_ / "none")), 2);
  EXPECT_EQ(output_.rfind("race: RACE-E0301: ", 0), 0u) << output_;
  EXPECT_EQ(Race("steg diff --json " + good + ' ' + bad), 1);
  EXPECT_NE(output_.find("\"title\": \"struct file\""), std::string::npos) << output_;
  EXPECT_EQ(Race("steg dump --type 'struct file' " + good), 0);
  EXPECT_EQ(Race("steg dump --type 'struct none' " + good), 1);
  EXPECT_EQ(Race("steg dump " + (folder_ / "none")), 2);
}

TEST_F(CommandTest, InspectsWhatTheDriverNeeds) {
  std::string rcrate = folder_.Write("sample.rcrate", SampleRcrate().Bytes());
  EXPECT_EQ(Race("inspect " + rcrate), 0);
  for (const char* part : {"field private_data of struct file", "driver.rs:10", "race:expr:1",
                           "up(size(miscdevice), 16) + 40", "race_shape_0"})
    EXPECT_NE(output_.find(part), std::string::npos) << part << "\n" << output_;
  EXPECT_EQ(Race("inspect --json " + rcrate), 0);
  EXPECT_EQ(output_[0], '{');
}

TEST_F(CommandTest, RefusesWrongUsage) {
  EXPECT_EQ(Race(""), 2);
  EXPECT_EQ(Race("resolve"), 2);
  EXPECT_EQ(Race("unknown"), 2);
  EXPECT_EQ(output_.rfind("race: RACE-E0100: ", 0), 0u) << output_;
  EXPECT_EQ(Race("--help"), 0);
}

TEST_F(CommandTest, SaysWhenTheBuildSideIsNotInstalled) {
  std::filesystem::copy_file(program_, folder_ / "race");
  program_ = folder_ / "race";
  EXPECT_EQ(Race("build x"), 2);
  EXPECT_EQ(output_.rfind("race: RACE-E0104: ", 0), 0u) << output_;
  folder_.Write("race-build", "#!/bin/sh\necho \"$@\"; exit 7\n");
  std::filesystem::permissions(folder_ / "race-build", std::filesystem::perms::owner_all);
  EXPECT_EQ(Race("sdk build --output /x"), 7);
  EXPECT_EQ(output_, "sdk build --output /x\n");
  EXPECT_EQ(Race("inspect --disassemble y.rcrate"), 7);
  EXPECT_EQ(output_, "disassemble y.rcrate\n");
}

// It runs on users' machines, in initramfs and in package hooks.
TEST_F(CommandTest, LinksNoLlvm) {
  std::string log = folder_ / "needed";
  ASSERT_EQ(std::system(("readelf -d " + program_ + " | grep NEEDED >" + log).c_str()), 0);
  std::ostringstream text;
  text << std::ifstream(log).rdbuf();
  EXPECT_NE(text.str().find("libc.so"), std::string::npos);
  EXPECT_EQ(text.str().find("LLVM"), std::string::npos) << text.str();
}

}  // namespace
}  // namespace race
