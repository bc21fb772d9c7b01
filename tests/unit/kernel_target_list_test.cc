// SPDX-License-Identifier: GPL-2.0-only
//
// Which kernels a folder stands for, and in which order.
#include <gtest/gtest.h>

#include <filesystem>

#include "kernel/target_list.h"
#include "kernel_test_folder.h"

namespace race::kernel {
namespace {

class TargetListTest : public testing::Test {
 protected:
  // The names below `name`, without the folder.
  std::vector<std::string> List(const std::string& name) {
    auto list = ListTargets(folder_ / name);
    if (!list) {
      ADD_FAILURE() << list.error().Text();
      return {};
    }
    EXPECT_TRUE(list->is_folder_of_kernels);
    std::vector<std::string> names;
    for (const std::string& path : list->names)
      names.push_back(path.substr((folder_ / name).size() + 1));
    return names;
  }
  using Names = std::vector<std::string>;

  TestFolder folder_;
};

TEST_F(TargetListTest, TakesTheImagesOfBootByVersion) {
  for (const char* name : {"vmlinuz-6.18.15-x", "vmlinuz-6.2.1-x", "vmlinuz-6.18.9-x",
                           "config-6.2.1-x", "initrd.img-6.2.1-x", "System.map-6.2.1-x"})
    folder_.Write(std::string("boot/") + name, "");
  folder_.Write("boot/grub/grub.cfg", "");
  EXPECT_EQ(List("boot"), (Names{"vmlinuz-6.2.1-x", "vmlinuz-6.18.9-x", "vmlinuz-6.18.15-x"}));
}

TEST_F(TargetListTest, CountsWhatLinksLeadToOnce) {
  folder_.Write("boot/vmlinuz-2", "");
  folder_.Write("boot/vmlinuz-1", "");
  std::filesystem::create_symlink("vmlinuz-2", folder_ / "boot/vmlinuz");
  std::filesystem::create_symlink("vmlinuz-2", folder_ / "boot/vmlinuz-0");
  EXPECT_EQ(List("boot"), (Names{"vmlinuz-1", "vmlinuz-2"}));
}

TEST_F(TargetListTest, TakesTheFoldersThatHaveAnImageOrModules) {
  folder_.Write("modules/7.2.0/vmlinuz", "");
  folder_.Write("modules/7.10.0/vmlinuz", "");
  folder_.Write("modules/7.1.0/modules.dep", "");
  folder_.Write("modules/7.1.0/kernel/x.ko", "");
  folder_.Write("modules/removed/modules.dep", "");
  folder_.Write("modules/.hidden/vmlinuz", "");
  EXPECT_EQ(List("modules"), (Names{"7.1.0", "7.2.0", "7.10.0"}));
}

TEST_F(TargetListTest, TakesOneKernelAsItIs) {
  folder_.Write("7.2.0/vmlinuz", "");
  folder_.Write("7.2.0/kernel/x.ko", "");
  for (const std::string& name : {folder_ / "7.2.0", folder_ / "7.2.0/vmlinuz",
                                  folder_ / "not there", std::string("running")}) {
    auto list = ListTargets(name);
    ASSERT_TRUE(list) << name;
    EXPECT_FALSE(list->is_folder_of_kernels) << name;
    EXPECT_EQ(list->names, (Names{name}));
  }
}

TEST_F(TargetListTest, RefusesAFolderWithoutAny) {
  folder_.Write("empty/file", "");
  auto list = ListTargets(folder_ / "empty");
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().code, Code::kTargetNotFound);
}

}  // namespace
}  // namespace race::kernel
