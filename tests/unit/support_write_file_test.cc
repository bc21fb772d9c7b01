// SPDX-License-Identifier: GPL-2.0-only
//
// What is written: the old file or the new one, in whatever place it is, and nothing beside it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <set>
#include <string>

#include "kernel_test_folder.h"
#include "support/file.h"
#include "support/write_file.h"

namespace race {
namespace {

namespace fs = std::filesystem;
using kernel::TestFolder;
using Names = std::set<std::string>;

constexpr const char* kLeftOver = ".race-tmp-0123456789abcdef";

class WriteFile : public testing::Test {
 protected:
  WriteFile() { umask(022); }
  ~WriteFile() override { umask(old_umask_); }

  std::string Content(const std::string& name) const {
    const Result<std::string> read = ReadFile(folder_ / name);
    return read ? *read : read.error().message;
  }
  Names Entries() const {
    Names names;
    for (const auto& entry : fs::directory_iterator(folder_ / ""))
      names.insert(entry.path().filename());
    return names;
  }
  struct stat StatusOf(const std::string& name) const {
    struct stat st = {};
    EXPECT_EQ(lstat((folder_ / name).c_str(), &st), 0) << name;
    return st;
  }
  unsigned ModeOf(const std::string& name) const { return StatusOf(name).st_mode & 07777; }
  void ExpectWriteError(const std::string& path, const std::string& reason) const {
    const Status written = WriteFileAtomically(path, "new");
    ASSERT_FALSE(written) << path;
    EXPECT_EQ(written.error().code, Code::kFileWrite);
    EXPECT_NE(written.error().message.find(reason), std::string::npos) << written.error().message;
  }

  TestFolder folder_;

 private:
  const mode_t old_umask_ = umask(0);
};

TEST_F(WriteFile, MakesAFile) {
  ASSERT_TRUE(WriteFileAtomically(folder_ / "file", "new"));
  EXPECT_EQ(Content("file"), "new");
  EXPECT_EQ(Entries(), Names{"file"});
}

// Whoever has the old file open goes on reading the old one.
TEST_F(WriteFile, ReplacesAFileAndDoesNotWriteIntoIt) {
  folder_.Write("file", "old");
  fs::create_hard_link(folder_ / "file", folder_ / "other");
  ASSERT_TRUE(WriteFileAtomically(folder_ / "file", "new"));
  EXPECT_EQ(Content("file"), "new");
  EXPECT_EQ(Content("other"), "old");
  EXPECT_EQ(Entries(), (Names{"file", "other"}));
}

TEST_F(WriteFile, TakesTheLongestName) {
  const std::string name(255, 'n');
  ASSERT_TRUE(WriteFileAtomically(folder_ / name, "new"));
  EXPECT_EQ(Content(name), "new");
}

TEST_F(WriteFile, ReplacesASymbolicLink) {
  folder_.Write("file", "old");
  fs::create_symlink(folder_ / "file", folder_ / "link");
  fs::create_symlink(folder_ / "nothing", folder_ / "dangling");
  ASSERT_TRUE(WriteFileAtomically(folder_ / "link", "new"));
  ASSERT_TRUE(WriteFileAtomically(folder_ / "dangling", "new"));
  EXPECT_TRUE(S_ISREG(StatusOf("link").st_mode));
  EXPECT_TRUE(S_ISREG(StatusOf("dangling").st_mode));
  EXPECT_EQ(Content("link"), "new");
  EXPECT_EQ(Content("file"), "old");
  EXPECT_EQ(Entries(), (Names{"dangling", "file", "link"}));
}

TEST_F(WriteFile, RefusesALinkToWhatIsNoFile) {
  fs::create_symlink("/dev/null", folder_ / "device");
  fs::create_directory_symlink(folder_ / "", folder_ / "folder");
  ExpectWriteError(folder_ / "device", "a symbolic link to what is no file");
  ExpectWriteError(folder_ / "folder", "a symbolic link to what is no file");
  EXPECT_EQ(fs::read_symlink(folder_ / "device"), "/dev/null");
}

TEST_F(WriteFile, RefusesWhatIsNoNameOfAFile) {
  ExpectWriteError(folder_ / "", "Is a directory");
  ExpectWriteError(folder_ / ".", "Is a directory");
  ExpectWriteError(folder_ / "..", "Is a directory");
  ExpectWriteError(folder_ / "none/file", "No such file or directory");
  folder_.Write("file", "old");
  ExpectWriteError(folder_ / "file/file", "Not a directory");
  EXPECT_EQ(Entries(), Names{"file"});
}

TEST_F(WriteFile, WritesToADevice) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(grantpt(terminal) + unlockpt(terminal), 0);
  const std::string device = ptsname(terminal);
  // The other end must be there when what was written is read.
  const int other = open(device.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  const Status written = WriteFileAtomically(device, "new");
  ASSERT_TRUE(written) << written.error().message;
  char got[8] = {};
  EXPECT_EQ(read(terminal, got, sizeof got), 3);
  EXPECT_STREQ(got, "new");
  close(other);
  close(terminal);
}

TEST_F(WriteFile, ToldOfAFullDevice) { ExpectWriteError("/dev/full", "No space left on device"); }

TEST_F(WriteFile, WritesToANamedPipe) {
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const int reader = open((folder_ / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_TRUE(WriteFileAtomically(folder_ / "pipe", "new"));
  char got[8] = {};
  EXPECT_EQ(read(reader, got, sizeof got), 3);
  EXPECT_STREQ(got, "new");
  close(reader);
  EXPECT_TRUE(S_ISFIFO(StatusOf("pipe").st_mode));
}

// As for -o /dev/stdout.
TEST_F(WriteFile, WritesToADescriptorByItsName) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  ASSERT_TRUE(WriteFileAtomically("/dev/fd/" + std::to_string(ends[1]), "new"));
  char got[8] = {};
  EXPECT_EQ(read(ends[0], got, sizeof got), 3);
  EXPECT_STREQ(got, "new");
  close(ends[0]);
  close(ends[1]);
}

TEST_F(WriteFile, ModeIsWhatTheUmaskLeaves) {
  for (const unsigned mask : {0u, 002u, 022u, 077u}) {
    umask(mask);
    ASSERT_TRUE(WriteFileAtomically(folder_ / "file", "new"));
    EXPECT_EQ(ModeOf("file"), 0666 & ~mask);
  }
  // That of the old file says nothing: it was another file.
  ASSERT_EQ(chmod((folder_ / "file").c_str(), 04755), 0);
  ASSERT_TRUE(WriteFileAtomically(folder_ / "file", "new"));
  EXPECT_EQ(ModeOf("file"), 0600u);
}

TEST_F(WriteFile, GroupIsTheFolders) {
  constexpr gid_t kGroup = 54321;
  const gid_t group = geteuid() == 0 ? kGroup : getegid();
  ASSERT_EQ(chown((folder_ / "").c_str(), -1, group), 0);
  ASSERT_EQ(chmod((folder_ / "").c_str(), 02775), 0);
  ASSERT_TRUE(WriteFileAtomically(folder_ / "file", "new"));
  EXPECT_EQ(StatusOf("file").st_gid, group);
}

TEST_F(WriteFile, AFailureLeavesTheOldFileAlone) {
  folder_.Write("file", "old");
  struct rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit small = before;
  small.rlim_cur = 4096;
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status written = WriteFileAtomically(folder_ / "file", std::string(8192, 'n'));
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kFileWrite);
  EXPECT_EQ(Content("file"), "old");
  EXPECT_EQ(Entries(), Names{"file"});
}

TEST_F(WriteFile, SweepsWhatAKilledRunLeft) {
  folder_.Write(kLeftOver, "half");
  ASSERT_TRUE(WriteFileAtomically(folder_ / "file", "new"));
  EXPECT_EQ(Entries(), Names{"file"});
}

TEST_F(WriteFile, SweepsNothingThatSomebodyHolds) {
  folder_.Write(kLeftOver, "half");
  const int held = open((folder_ / kLeftOver).c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(flock(held, LOCK_EX), 0);
  ASSERT_TRUE(WriteFileAtomically(folder_ / "file", "new"));
  EXPECT_EQ(Entries(), (Names{kLeftOver, "file"}));
  close(held);
}

TEST_F(WriteFile, SweepsNothingElse) {
  const Names others = {".race-tmp-",
                        ".race-tmp-short",
                        ".race-tmp-0123456789abcdef0",
                        ".race-tmp-0000000000000001",
                        ".race-tmp-0000000000000002",
                        ".race-tmp-0000000000000003",
                        "race-tmp-0123456789abcdef"};
  for (const std::string& name : others) {
    if (name.ends_with("1"))
      fs::create_directory(folder_ / name);
    else if (name.ends_with("2"))
      fs::create_symlink(folder_ / ".race-tmp-", folder_ / name);
    else if (name.ends_with("3"))
      ASSERT_EQ(mkfifo((folder_ / name).c_str(), 0600), 0);
    else
      folder_.Write(name, "other");
  }
  ASSERT_TRUE(WriteFileAtomically(folder_ / "file", "new"));
  Names expected = others;
  expected.insert("file");
  EXPECT_EQ(Entries(), expected);
}

TEST_F(WriteFile, SyncsAFolderWithWhateverIsInIt) {
  folder_.Write("below/file", "content");
  fs::create_symlink("/nothing", folder_ / "below/link");
  ASSERT_EQ(mkfifo((folder_ / "below/pipe").c_str(), 0600), 0);
  EXPECT_TRUE(SyncFolder(folder_ / "below"));
  const Status synced = SyncFolder(folder_ / "none");
  ASSERT_FALSE(synced);
  EXPECT_EQ(synced.error().code, Code::kFileWrite);
}

// The id of a process that is no more.
std::string DeadProcess() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  return std::to_string(child);
}

TEST_F(WriteFile, SweepsFoldersOfTheDead) {
  const std::string dead = DeadProcess();
  const Names made = {"work-" + dead + "-abc", "work-" + std::to_string(getpid()) + "-abc",
                      "work-new", "other-" + dead + "-abc"};
  for (const std::string& name : made) folder_.Write(name + "/file", "content");
  SweepFoldersOfDead(folder_ / "", "work-");
  EXPECT_EQ(Entries(), made) << "they are younger than a day";

  const time_t long_ago = time(nullptr) - 25 * 60 * 60;
  const struct timespec times[2] = {{long_ago, 0}, {long_ago, 0}};
  for (const std::string& name : made)
    ASSERT_EQ(utimensat(AT_FDCWD, (folder_ / name).c_str(), times, 0), 0);
  SweepFoldersOfDead(folder_ / "", "work-");
  Names left = made;
  left.erase("work-" + dead + "-abc");
  EXPECT_EQ(Entries(), left);
}

// To read one could wait for ever.
TEST_F(WriteFile, ANamedPipeIsNoFileToRead) {
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const Result<std::string> read = ReadFile(folder_ / "pipe");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kFileRead);
  EXPECT_NE(read.error().message.find("a named pipe; expected a file"), std::string::npos);
}

TEST_F(WriteFile, APipeWithoutANameIsRead) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  ASSERT_EQ(write(ends[1], "content", 7), 7);
  close(ends[1]);
  const Result<std::string> read = ReadFile("/dev/fd/" + std::to_string(ends[0]));
  close(ends[0]);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, "content");
}

}  // namespace
}  // namespace race
