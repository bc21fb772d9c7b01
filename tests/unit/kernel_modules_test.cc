// SPDX-License-Identifier: GPL-2.0-only
//
// The modules of a target: which one exports a symbol, its tables and types.
#include <gtest/gtest.h>

#include "kernel/module_image.h"
#include "kernel/modules.h"
#include "kernel_compressors.h"
#include "kernel_module_builder.h"
#include "kernel_test_folder.h"

namespace race::kernel {
namespace {

TEST(ModuleName, IsTheKernels) {
  EXPECT_EQ(ModuleName("/lib/modules/1/kernel/usb-common.ko.xz"), "usb_common");
  EXPECT_EQ(ModuleName("i2c-core.ko"), "i2c_core");
  EXPECT_EQ(ModuleName("configfs"), "configfs");
  EXPECT_TRUE(IsModuleFileName("a/b.ko.zst"));
  EXPECT_FALSE(IsModuleFileName("a/modules.dep"));
}

class ModuleImageTest : public testing::Test {
 protected:
  Result<ModuleImage> Read(const std::string& bytes, const std::string& name = "a-b.ko") {
    return ModuleImage::Read(folder_.Write(name, bytes));
  }
  TestModule module_{.exports = {{"call", true, "HELP"}, {"open", false, ""}, {"zap", true, ""}},
                     .depends = "usb-common,phy",
                     .btf = {},
                     .distilled_base = {}};
  TestFolder folder_;
};

TEST_F(ModuleImageTest, ReadsExportsOfBothForms) {
  for (bool flags : {true, false}) {
    module_.flags_table = flags;
    auto image = Read(module_.Bytes());
    ASSERT_TRUE(image) << image.error().Text();
    auto exports = image->ReadExports();
    ASSERT_TRUE(exports) << exports.error().Text();
    EXPECT_EQ(exports->size(), 3u);
    EXPECT_TRUE(exports->at("call").gpl_only);
    EXPECT_EQ(exports->at("call").symbol_namespace, "HELP");
    EXPECT_EQ(exports->at("call").module, "a_b");
    EXPECT_FALSE(exports->at("open").gpl_only);
    EXPECT_EQ(exports->at("open").symbol_namespace, "");
    EXPECT_TRUE(exports->at("zap").gpl_only);
  }
}

TEST_F(ModuleImageTest, ReadsModinfo) {
  auto image = Read(module_.Bytes());
  ASSERT_TRUE(image) << image.error().Text();
  EXPECT_EQ(image->Depends(), (std::vector<std::string>{"usb_common", "phy"}));
  EXPECT_EQ(image->Modinfo("license"), (std::vector<std::string>{"GPL"}));
  EXPECT_TRUE(image->Modinfo("lic").empty());
}

TEST_F(ModuleImageTest, ReadsAModuleThatExportsNothing) {
  module_.exports.clear();
  auto image = Read(module_.Bytes());
  ASSERT_TRUE(image) << image.error().Text();
  auto exports = image->ReadExports();
  ASSERT_TRUE(exports) << exports.error().Text();
  EXPECT_TRUE(exports->empty());
}

TEST_F(ModuleImageTest, RefusesWhatIsNoWholeModule) {
  std::string good = module_.Bytes();
  for (const std::string& bytes : {std::string("hello"), good.substr(0, 100), good.substr(0, 700),
                                   TestKernel().Vmlinux(), Compress("xz", good).substr(0, 100)}) {
    auto image = Read(bytes);
    ASSERT_FALSE(image) << bytes.size();
    EXPECT_EQ(image.error().code, Code::kBadModule);
    EXPECT_NE(image.error().message.find("a-b.ko"), std::string::npos) << image.error().message;
  }
  EXPECT_EQ(ModuleImage::Read(folder_ / "none.ko").error().code, Code::kBadModule);
}

TEST_F(ModuleImageTest, RefusesExportTablesThatLeadNowhere) {
  std::string good = module_.Bytes();
  // The first relocation's place, its symbol, the first symbol's value.
  const size_t rela = good.find(std::string("\4\0\0\0\0\0\0\0\2\0\0\0", 12));
  ASSERT_NE(rela, std::string::npos);
  for (auto [offset, value] :
       {std::pair<size_t, uint32_t>{0, 1 << 20}, {12, 9999}, {16, 1 << 20}}) {
    std::string bytes = good;
    Put<uint32_t>(&bytes, rela + offset, value);
    auto image = Read(bytes);
    ASSERT_TRUE(image) << image.error().Text();
    auto exports = image->ReadExports();
    ASSERT_FALSE(exports) << offset;
    EXPECT_EQ(exports.error().code, Code::kBadModule);
  }
}

class ModulesTest : public testing::Test {
 protected:
  ModulesTest() {
    target_.release = kRelease;
    target_.machine = EM_X86_64;
    Install("fs/help-er", {.exports = {{"helper_call", true, "HELP"}},
                           .depends = "helper-base",
                           .btf = "types",
                           .distilled_base = "own"});
    Install(
        "fs/helper-base",
        {.exports = {{"base_call", false, ""}}, .depends = "", .btf = {}, .distilled_base = {}});
  }
  void Install(const std::string& name, const TestModule& module) {
    folder_.Write("kernel/" + name + ".ko.xz", Compress("xz", module.Bytes()));
  }
  std::shared_ptr<const Modules> Open() { return ModulesOfFolder(folder_ / ".", target_); }

  TestFolder folder_;
  Target target_;
};

TEST_F(ModulesTest, AreNoneInAnEmptyFolder) {
  folder_.Remove("kernel");
  EXPECT_EQ(Open(), nullptr);
}

TEST_F(ModulesTest, FindWhoExportsWithoutAnIndex) {
  auto modules = Open();
  ASSERT_NE(modules, nullptr);
  auto found = modules->FindExport("helper_call");
  ASSERT_TRUE(found) << found.error().Text();
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->module, "help_er");
  EXPECT_EQ((*found)->symbol_namespace, "HELP");
  EXPECT_TRUE((*found)->gpl_only);
  auto none = modules->FindExport("nobody_has_it");
  ASSERT_TRUE(none) << none.error().Text();
  EXPECT_FALSE(*none);
}

TEST_F(ModulesTest, ReadTypesAndDependencies) {
  auto modules = Open();
  auto types = modules->ReadTypes("help_er");
  ASSERT_TRUE(types) << types.error().Text();
  EXPECT_EQ(types->btf, "types");
  EXPECT_EQ(types->distilled_base, "own");
  auto depends = modules->Depends("help_er");
  ASSERT_TRUE(depends) << depends.error().Text();
  EXPECT_EQ(*depends, std::vector<std::string>{"helper_base"});
  auto untyped = modules->ReadTypes("helper_base");
  ASSERT_FALSE(untyped);
  EXPECT_EQ(untyped.error().code, Code::kNoBtf);
}

TEST_F(ModulesTest, RefuseTwoThatExportTheSame) {
  Install(
      "net/other",
      {.exports = {{"helper_call", false, ""}}, .depends = {}, .btf = {}, .distilled_base = {}});
  auto found = Open()->FindExport("helper_call");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::kImportAmbiguous);
  EXPECT_NE(found.error().message.find("help_er, other"), std::string::npos);
}

TEST_F(ModulesTest, DoNotDenyAnExportWhenOneCannotBeRead) {
  folder_.Write("kernel/damaged.ko", "no module");
  auto modules = Open();
  auto found = modules->FindExport("nobody_has_it");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::kBadModule);
  EXPECT_TRUE(modules->FindExport("helper_call")) << "what is found is found";
}

TEST_F(ModulesTest, RefuseThoseOfAnotherKernel) {
  target_.release = "1.2.3";
  auto found = Open()->FindExport("helper_call");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::kBadModule);
  EXPECT_NE(found.error().message.find("1.2.3"), std::string::npos) << found.error().message;
  target_.release = kRelease;
  target_.machine = EM_AARCH64;
  found = Open()->FindExport("helper_call");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::kBadModule);
}

TEST_F(ModulesTest, RefuseOneThatIsNotThere) {
  auto modules = Open();
  auto types = modules->ReadTypes("gone");
  ASSERT_FALSE(types);
  EXPECT_EQ(types.error().code, Code::kBadModule);
}

// Of loaded modules the kernel's own word counts, of others the folder's.
TEST_F(ModulesTest, OfTheRunningKernel) {
  SystemRoots roots{folder_ / "proc", folder_ / "sys", folder_ / "lib/modules", folder_ / "boot"};
  const std::string home = std::string("lib/modules/") + kRelease + "/kernel/";
  TestModule on_disk{
      .exports = {{"disk_call", false, ""}}, .depends = "far", .btf = "disk", .distilled_base = {}};
  folder_.Write(home + "loaded.ko", on_disk.Bytes());
  folder_.Write(home + "silent.ko", on_disk.Bytes());
  folder_.Write(home + "disk.ko", on_disk.Bytes());
  folder_.Write("sys/module/loaded/initstate", "live\n");
  folder_.Write("sys/module/silent/initstate", "live\n");
  folder_.Write("sys/module/near/holders/loaded", "");
  folder_.Write("sys/kernel/btf/loaded", "memory");
  auto modules = ModulesOfRunning(roots, target_);
  EXPECT_EQ(modules->ReadTypes("loaded")->btf, "memory");
  EXPECT_EQ(*modules->Depends("loaded"), std::vector<std::string>{"near"});
  EXPECT_EQ(modules->ReadTypes("disk")->btf, "disk");
  EXPECT_EQ(*modules->Depends("disk"), std::vector<std::string>{"far"});
  auto silent = modules->ReadTypes("silent");
  ASSERT_FALSE(silent) << "the file may be another than what was loaded";
  EXPECT_EQ(silent.error().code, Code::kNoBtf);
  auto gone = modules->ReadTypes("gone");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::kBadModule);
}

}  // namespace
}  // namespace race::kernel
