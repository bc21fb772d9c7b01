// SPDX-License-Identifier: GPL-2.0-only
#include "store/store.h"

#include <gtest/gtest.h>

#include "kernel_test_folder.h"
#include "modprobe/refusal.h"
#include "store/installed_drivers.h"
#include "store/kernel_identity.h"

namespace race::store {
namespace {

TEST(StoreIndex, IsReadAsItWasWritten) {
  Index index;
  index.indexed = false;
  index.modules["one"] = {"/usr/lib/race/one.rcrate", "12", "ab", "0.1", "34", {"race", "x"}, ""};
  index.refused["two"] = {"/usr/lib/race/two.rcrate", "RACE-E0401: \"no\"\ntype \xff"};
  auto read = ParseIndex(WriteIndex(index), "x");
  ASSERT_TRUE(read) << read.error().message;
  index.refused["two"].error = "RACE-E0401: \"no\"\ntype \xef\xbf\xbd";
  EXPECT_TRUE(*read == index);
}

TEST(StoreIndex, RefusesWhatItDoesNotUnderstand) {
  for (const char* text :
       {"", "[]", "{}", R"({"format": 2, "indexed": true, "modules": {}, "refused": {}})",
        R"({"format": 1, "indexed": true, "modules": {"one": {}}, "refused": {}})",
        R"({"format": 1, "indexed": true, "modules": {},
            "refused": {"../x": {"rcrate": "", "error": ""}}})"}) {
    auto index = ParseIndex(text, "the-index");
    ASSERT_FALSE(index) << text;
    EXPECT_EQ(index.error().message.find("the-index: "), 0u) << index.error().message;
  }
}

TEST(StoreBuildId, IsFoundBehindOtherNotes) {
  const std::string other("\4\0\0\0\2\0\0\0\1\0\0\0Xen\0hi\0\0", 20);
  const std::string id("\4\0\0\0\3\0\0\0\3\0\0\0GNU\0\x01\xab\xff\0", 20);
  EXPECT_EQ(BuildIdOfNotes(other + id), "01abff");
  EXPECT_EQ(BuildIdOfNotes(other), "");
  EXPECT_EQ(BuildIdOfNotes(id.substr(0, 15)), "");
  EXPECT_EQ(BuildIdOfNotes(std::string("\4\0\0\0\xff\xff\xff\xff\3\0\0\0GNU\0", 16)), "");
}

TEST(StoreDrivers, TheAdministratorsWinOverThePackages) {
  kernel::TestFolder root;
  const std::string package = root.Write("usr/lib/race/a-b.rcrate", "");
  root.Write("usr/lib/race/c.rcrate", "");
  const std::string own = root.Write("usr/local/lib/race/c.rcrate", "");
  root.Write("usr/lib/race/.hidden.rcrate", "");
  root.Write("usr/lib/race/notes.txt", "");
  const std::string at = root / ".";
  const auto drivers = InstalledDrivers(at.substr(0, at.size() - 2));
  EXPECT_EQ(drivers, (std::vector<InstalledDriver>{{"a_b", package}, {"c", own}}));
  EXPECT_EQ(WithUnderscores("a-b[c-d]e-f"), "a_b[c-d]e_f");
}

TEST(KernelsRefusals, SayWhatIsWrongAndWhatToDo) {
  kernel::TestFolder folder;
  const kernel::SystemRoots roots{folder / "proc", folder / "sys", "", ""};
  folder.Write("proc/sys/kernel/modules_disabled", "1\n");
  EXPECT_NE(modprobe::InsertReason(EPERM, roots).find("until the next boot"), std::string::npos);
  folder.Write("proc/sys/kernel/modules_disabled", "0\n");
  folder.Write("sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
  EXPECT_NE(modprobe::InsertReason(EPERM, roots)
                .find(geteuid() == 0 ? "locked down (confidentiality)" : "needs root"),
            std::string::npos);
  EXPECT_EQ(modprobe::InsertReason(EKEYREJECTED, roots).find("sig_enforce"), std::string::npos);
  folder.Write("sys/module/module/parameters/sig_enforce", "Y\n");
  EXPECT_NE(modprobe::InsertReason(EKEYREJECTED, roots).find("sig_enforce"), std::string::npos);
  EXPECT_EQ(modprobe::InsertReason(EEXIST, roots), "Module already in kernel");
  EXPECT_EQ(modprobe::HintOfHiddenExports(Code::kImportGpl, roots), "");
  folder.Write("proc/sys/kernel/kptr_restrict", "2\n");
  EXPECT_NE(modprobe::HintOfHiddenExports(Code::kImportGpl, roots).find("kptr_restrict=1"),
            std::string::npos);
  EXPECT_EQ(modprobe::HintOfHiddenExports(Code::kFieldMissing, roots), "");
}

}  // namespace
}  // namespace race::store
