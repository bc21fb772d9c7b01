// SPDX-License-Identifier: GPL-2.0-only
//
// Targets read from images and folders.
#include <gtest/gtest.h>

#include "kernel/decompress.h"
#include "kernel/image.h"
#include "kernel/target.h"
#include "kernel_compressors.h"
#include "kernel_image_builder.h"
#include "kernel_test_folder.h"

namespace race::kernel {
namespace {

class ImageTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Target>> Read(const std::string& content) {
    return ReadTarget(folder_.Write("image", content), nullptr);
  }
  Code CodeOf(const std::string& content) {
    auto target = Read(content);
    EXPECT_FALSE(target);
    if (target) return Code::kUsage;
    EXPECT_NE(target.error().message.find("image"), std::string::npos)
        << "the message names no file: " << target.error().message;
    return target.error().code;
  }

  TestFolder folder_;
  TestKernel kernel_;
};

TEST_F(ImageTest, ReadsAVmlinuxOfEveryCompression) {
  for (const char* format : {"gzip", "xz", "lzma", "zstd", "lz4"}) {
    auto target = Read(BzImage(format, kernel_.Vmlinux()));
    ASSERT_TRUE(target) << format << ": " << target.error().Text();
    EXPECT_EQ((*target)->release, kRelease);
    EXPECT_EQ((*target)->vermagic, kVermagic);
    EXPECT_EQ((*target)->machine, EM_X86_64);
    EXPECT_EQ((*target)->orc_hash, std::string(20, 'o'));
    EXPECT_EQ((*target)->exports.size(), 4u);
    EXPECT_FALSE((*target)->rustc);
    EXPECT_EQ(steg::FindRoot((*target)->types, "struct file").size(), 1u);
  }
}

TEST_F(ImageTest, ReadsAPlainVmlinux) {
  auto target = Read(kernel_.Vmlinux());
  ASSERT_TRUE(target) << target.error().Text();
  EXPECT_EQ((*target)->release, kRelease);
  EXPECT_EQ((*target)->vermagic, kVermagic);
}

TEST_F(ImageTest, ReadsBothFormsOfExportTables) {
  for (bool flags : {true, false}) {
    kernel_.flags_table = flags;
    auto target = Read(kernel_.Vmlinux());
    ASSERT_TRUE(target) << target.error().Text();
    const auto& exports = (*target)->exports;
    EXPECT_FALSE(exports.at("_printk").gpl_only);
    EXPECT_FALSE(exports.at("misc_register").gpl_only);
    EXPECT_TRUE(exports.at("dma_buf_export").gpl_only);
    EXPECT_EQ(exports.at("dma_buf_export").symbol_namespace, "DMA_BUF");
    EXPECT_EQ(exports.at("misc_register").symbol_namespace, "");
    EXPECT_TRUE(HasRust(**target));
  }
}

TEST_F(ImageTest, SaysThatAKernelHasNoRustHelpers) {
  kernel_.exports = {{"_printk"}, {"rust_helpe"}, {"sprintf"}};
  auto target = Read(kernel_.Vmlinux());
  ASSERT_TRUE(target) << target.error().Text();
  EXPECT_FALSE(HasRust(**target));
}

TEST_F(ImageTest, MarksExportsInTheGraph) {
  auto target = Read(kernel_.Vmlinux());
  ASSERT_TRUE(target);
  steg::Graph& types = (*target)->types;
  steg::NodeId func = types.Find(STEG_FUNC, "misc_register").at(0);
  EXPECT_EQ(types[func].flags, 0);
  MarkExports(target->get());
  EXPECT_EQ(types[func].flags, STEG_EXPORTED);
}

TEST_F(ImageTest, RefusesWhatIsNoKernel) {
  EXPECT_EQ(CodeOf("just text, and long enough to be looked at"), Code::kNotKernel);
  EXPECT_EQ(CodeOf(""), Code::kNotKernel);
  EXPECT_EQ(CodeOf(Compress("xz", kernel_.Vmlinux())), Code::kNotKernel);
  EXPECT_EQ(CodeOf(TestKernel::Elf({}, ET_REL)), Code::kNotKernel);
  auto target = ReadTarget(folder_ / "nowhere", nullptr);
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().code, Code::kTargetNotFound);
}

TEST_F(ImageTest, RefusesADamagedBzImage) {
  std::string vmlinux = kernel_.Vmlinux();
  for (const char* format : {"gzip", "xz", "zstd", "lz4"}) {
    std::string good = BzImage(format, vmlinux);
    std::string cut = good.substr(0, good.size() / 2);
    EXPECT_EQ(CodeOf(cut), Code::kNotKernel) << format;
    std::string payload = Compress(format, vmlinux);
    std::string broken = payload;
    for (size_t i = broken.size() / 3; i < broken.size() / 2; i++) broken[i] ^= 0x55;
    EXPECT_EQ(CodeOf(BzImage(broken, vmlinux.size(), format != std::string("gzip"))),
              Code::kNotKernel)
        << format;
    // A size that is not that of the contents.
    for (int64_t wrong : {-1, 1, 100000})
      EXPECT_EQ(CodeOf(BzImage(payload, vmlinux.size() + wrong, true)), Code::kNotKernel)
          << format << wrong;
  }
  std::string image = BzImage("zstd", vmlinux);
  Put<uint16_t>(&image, 0x206, 0x204);
  EXPECT_EQ(CodeOf(image), Code::kNotKernel);
  image = BzImage("zstd", vmlinux);
  Put<uint32_t>(&image, 0x24c, 0xfffffff0);
  EXPECT_EQ(CodeOf(image), Code::kNotKernel);
  EXPECT_EQ(CodeOf(BzImage(Compress("zstd", "no elf"), 6, true)), Code::kNotKernel);
}

TEST_F(ImageTest, SurvivesATruncatedVmlinux) {
  std::string vmlinux = kernel_.Vmlinux();
  for (size_t length = 0; length < vmlinux.size(); length += 7)
    EXPECT_FALSE(Read(vmlinux.substr(0, length))) << length << " of " << vmlinux.size();
}

TEST_F(ImageTest, SaysWhatIsMissing) {
  TestKernel kernel;
  kernel.btf.clear();
  EXPECT_EQ(CodeOf(kernel.Vmlinux()), Code::kNoBtf);
  kernel = TestKernel();
  kernel.btf = "not BTF at all, but of some length";
  EXPECT_EQ(CodeOf(kernel.Vmlinux()), Code::kBadBtf);
  kernel = TestKernel();
  kernel.exports.clear();
  EXPECT_EQ(CodeOf(kernel.Vmlinux()), Code::kNoExports);
  kernel = TestKernel();
  kernel.rodata = "Linux version 9.8.7-test (builder) without a vermagic";
  EXPECT_EQ(CodeOf(kernel.Vmlinux()), Code::kNoRelease);
  kernel.rodata = "nothing of a release";
  EXPECT_EQ(CodeOf(kernel.Vmlinux()), Code::kNoRelease);
  auto sections = TestKernel().Sections();
  std::erase_if(sections, [](const TestSection& s) { return s.name == "__ksymtab_strings"; });
  EXPECT_EQ(CodeOf(TestKernel::Elf(sections, ET_EXEC)), Code::kNoExports);
}

TEST_F(ImageTest, RefusesDamagedExportTables) {
  auto with = [&](const char* name, auto change) {
    auto sections = TestKernel().Sections();
    for (TestSection& section : sections)
      if (section.name == name) change(&section.data);
    return CodeOf(TestKernel::Elf(sections, ET_EXEC));
  };
  EXPECT_EQ(with("__ksymtab", [](std::string* d) { d->pop_back(); }), Code::kNoExports);
  EXPECT_EQ(with("__kflagstab", [](std::string* d) { d->pop_back(); }), Code::kNoExports);
  EXPECT_EQ(with("__ksymtab", [](std::string* d) { Put<int32_t>(d, 4, 0x7ffffff0); }),
            Code::kNoExports);
  EXPECT_EQ(with("__ksymtab_strings", [](std::string* d) { d->back() = 'x'; }), Code::kNoExports);
}

TEST_F(ImageTest, ReadsTheConfigurationBesideTheImage) {
  std::string path = folder_.Write(std::string("boot/vmlinuz-") + kRelease, kernel_.Vmlinux());
  folder_.Write("boot/config-other", "CONFIG_RUSTC_VERSION_TEXT=\"wrong\"\n");
  auto without = ReadTarget(path, nullptr);
  ASSERT_TRUE(without);
  EXPECT_FALSE((*without)->config);
  EXPECT_FALSE(ConfigValue(**without, "CONFIG_RUST"));
  folder_.Write(std::string("boot/config-") + kRelease,
                "CONFIG_RUST=y\nCONFIG_RUSTC_VERSION_TEXT=\"rustc 1.85.0\"\n# CONFIG_CFI is not "
                "set\nCONFIG_NR_CPUS=64\n");
  auto target = ReadTarget(path, nullptr);
  ASSERT_TRUE(target);
  EXPECT_EQ((*target)->rustc, "rustc 1.85.0");
  EXPECT_EQ(ConfigValue(**target, "CONFIG_RUST"), "y");
  EXPECT_EQ(ConfigValue(**target, "CONFIG_CFI"), "n");
  EXPECT_EQ(ConfigValue(**target, "CONFIG_NR_CPUS"), "64");
  EXPECT_EQ(ConfigValue(**target, "CONFIG_NR"), std::nullopt);
}

TEST_F(ImageTest, FindsTheImageOfAModulesFolder) {
  std::string release = kRelease;
  for (const char* modules : {"a/lib/modules/", "b/usr/lib/modules/"}) {
    folder_.Write(modules + release + "/modules.order", "");
    auto missing = ReadTarget(folder_ / (modules + release), nullptr);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Code::kTargetNotFound);
    folder_.Write(std::string(modules, 1) + "/boot/vmlinuz-" + release,
                  BzImage("zstd", kernel_.Vmlinux()));
    auto target = ReadTarget(folder_ / (modules + release + "/"), nullptr);
    ASSERT_TRUE(target) << target.error().Text();
    EXPECT_EQ((*target)->origin, folder_ / (modules + release + "/"));
  }
  folder_.Write("c/vmlinuz", BzImage("gzip", kernel_.Vmlinux()));
  EXPECT_TRUE(ReadTarget(folder_ / "c", nullptr));
}

TEST(KernelVermagic, IsAWholeStringOfWordsAfterTheRelease) {
  using std::string_literals::operator""s;
  EXPECT_EQ(FindVermagic("a\0"
                         "1.2 SMP \0"s,
                         "1.2"),
            "1.2 SMP ");
  EXPECT_EQ(FindVermagic("1.2 \0"s, "1.2"), "1.2 ");
  EXPECT_EQ(FindVermagic("x1.2 SMP \0"s, "1.2"), std::nullopt);
  EXPECT_EQ(FindVermagic("1.2 SMP\0"s, "1.2"), std::nullopt);
  EXPECT_EQ(FindVermagic("1.2 (a@b) \0"s, "1.2"), std::nullopt);
  EXPECT_EQ(FindVermagic("1.2 SMP "s, "1.2"), std::nullopt);
  EXPECT_EQ(FindVermagic("1.2 %s \0"
                         "1.2 SMP mod_unload \0"s,
                         "1.2"),
            "1.2 SMP mod_unload ");
  EXPECT_EQ(FindVermagic("", "1.2"), std::nullopt);
}

TEST(KernelDecompress, StopsAtTheLimit) {
  std::string zeros(1 << 20, '\0');
  for (const char* format : {"gzip", "xz", "zstd"}) {
    std::string packed = Compress(format, zeros);
    auto unpacked = DecompressUpTo(packed, 1 << 21);
    ASSERT_TRUE(unpacked) << format;
    EXPECT_EQ(*unpacked, zeros);
    EXPECT_FALSE(DecompressUpTo(packed, 1 << 19)) << format;
  }
  EXPECT_FALSE(DecompressUpTo("BZh91AY", 100));
  EXPECT_FALSE(DecompressUpTo("plain", 100));
}

TEST(KernelStockImage, IsReadWithEverythingInIt) {
  const char* image = getenv("RACE_TEST_VMLINUZ");
  if (!image) GTEST_SKIP() << "RACE_TEST_VMLINUZ names no kernel image";
  auto target = ReadTarget(image, nullptr);
  ASSERT_TRUE(target) << target.error().Text();
  EXPECT_TRUE((*target)->vermagic.starts_with((*target)->release + " "));
  EXPECT_GT((*target)->exports.size(), 5000u);
  EXPECT_FALSE((*target)->exports.at("_printk").gpl_only);
  EXPECT_TRUE((*target)->exports.at("devm_kmalloc").gpl_only);
  EXPECT_EQ((*target)->exports.at("dma_buf_export").symbol_namespace, "DMA_BUF");
  EXPECT_EQ((*target)->orc_hash.value_or("").size(), 20u);
}

}  // namespace
}  // namespace race::kernel
