// SPDX-License-Identifier: GPL-2.0-only
//
// The running kernel, in a mock root.
#include <gtest/gtest.h>

#include <cstdio>

#include "kernel/target.h"
#include "kernel_compressors.h"
#include "kernel_image_builder.h"
#include "kernel_test_folder.h"

namespace race::kernel {
namespace {

// A core file with one segment for each section.
std::string Core(const std::vector<TestSection>& sections) {
  uint64_t data_at = sizeof(Elf64_Ehdr) + sections.size() * sizeof(Elf64_Phdr);
  std::string file(data_at, '\0');
  Elf64_Ehdr elf = {};
  memcpy(elf.e_ident, ELFMAG, SELFMAG);
  elf.e_ident[EI_CLASS] = ELFCLASS64;
  elf.e_ident[EI_DATA] = ELFDATA2LSB;
  elf.e_type = ET_CORE;
  elf.e_phoff = sizeof elf;
  elf.e_phentsize = sizeof(Elf64_Phdr);
  elf.e_phnum = sections.size();
  Put(&file, 0, elf);
  for (size_t i = 0; i < sections.size(); i++) {
    Elf64_Phdr segment = {};
    segment.p_type = PT_LOAD;
    segment.p_vaddr = sections[i].address;
    segment.p_offset = file.size();
    segment.p_memsz = segment.p_filesz = sections[i].data.size();
    Put(&file, sizeof elf + i * sizeof segment, segment);
    file += sections[i].data;
  }
  return file;
}

class RunningTest : public testing::Test {
 protected:
  RunningTest() {
    roots_ = {folder_ / "proc", folder_ / "sys", folder_ / "lib/modules", folder_ / "boot"};
    folder_.Write("proc/sys/kernel/osrelease", std::string(kRelease) + "\n");
    folder_.Write("sys/kernel/btf/vmlinux", TestBtf());
  }

  void Line(uint64_t address, const std::string& name, const std::string& module = "") {
    char number[32];
    snprintf(number, sizeof number, "%016llx",
             static_cast<unsigned long long>(hidden_ ? 0 : address));
    symbols_ += std::string(number) + " r " + name;
    symbols_ += module.empty() ? "\n" : "\t[" + module + "]\n";
  }

  // Writes kallsyms and kcore of the kernel; a loaded module "helper" exports
  // `helper_call`, with its tables in memory.
  void Install(const TestKernel& kernel) {
    auto sections = kernel.Sections();
    symbols_ = "0000000000000000 T startup_64\n";
    for (const TestSection& section : sections) {
      if (section.name.starts_with("__k") && section.name != "__ksymtab_strings") {
        Line(section.address, "__start_" + section.name);
        Line(section.address + section.data.size(), "__stop_" + section.name);
      }
      if (section.name == ".rodata")
        Line(section.address + section.data.find(kVermagic), "vermagic");
      if (section.name == ".orc_header") Line(section.address, "orc_header");
      if (section.name != "__ksymtab" && section.name != "__ksymtab_gpl") continue;
      uint64_t at = section.address;
      for (const TestExport& entry : kernel.exports)
        if (kernel.flags_table || entry.gpl == (section.name == "__ksymtab_gpl"))
          Line(std::exchange(at, at + 12), "__ksymtab_" + entry.name);
    }
    TestKernel module;
    module.flags_table = kernel.flags_table;
    module.exports = {{"helper_call", true, "HELPER"}, {"helper_open", false, ""}};
    for (TestSection section : module.Sections()) {
      if (!section.name.starts_with("__k")) continue;
      section.address += 0x1000000;
      char number[32];
      snprintf(number, sizeof number, "0x%016llx\n",
               static_cast<unsigned long long>(section.address));
      folder_.Write("sys/module/helper/sections/" + section.name, number);
      uint64_t at = section.address;
      if (section.name == "__ksymtab" || section.name == "__ksymtab_gpl")
        for (const TestExport& entry : module.exports)
          if (kernel.flags_table || entry.gpl == (section.name == "__ksymtab_gpl"))
            Line(std::exchange(at, at + 12), "__ksymtab_" + entry.name, "helper");
      sections.push_back(section);
    }
    Line(0xffffffffc0000000, "vermagic", "helper");
    folder_.Write("proc/kallsyms", symbols_);
    folder_.Write("proc/kcore", Core(sections));
  }

  // A module of the running kernel, compressed.
  void InstallModule(const std::string& vermagic) {
    std::string modinfo = std::string("license=GPL") + '\0' + "vermagic=" + vermagic + '\0';
    folder_.Write(
        std::string("lib/modules/") + kRelease + "/kernel/fs/x/x.ko.xz",
        Compress("xz", TestKernel::Elf({{".modinfo", modinfo}, {".orc_header", "orc"}}, ET_REL)));
  }

  Result<std::unique_ptr<Target>> Read() { return ReadTarget("running", nullptr, roots_); }
  Code CodeOf() {
    auto target = Read();
    EXPECT_FALSE(target);
    return target ? Code::kUsage : target.error().code;
  }

  TestFolder folder_;
  SystemRoots roots_;
  std::string symbols_;
  bool hidden_ = false;
};

TEST_F(RunningTest, ReadsExportsAndVermagicFromMemory) {
  for (bool flags : {true, false}) {
    TestKernel kernel;
    kernel.flags_table = flags;
    Install(kernel);
    auto target = Read();
    ASSERT_TRUE(target) << target.error().Text();
    EXPECT_EQ((*target)->origin, "running");
    EXPECT_EQ((*target)->release, kRelease);
    EXPECT_EQ((*target)->vermagic, kVermagic);
    EXPECT_EQ((*target)->orc_hash, std::string(20, 'o'));
    const auto& exports = (*target)->exports;
    EXPECT_EQ(exports.size(), 6u);
    EXPECT_FALSE(exports.at("misc_register").gpl_only);
    EXPECT_TRUE(exports.at("rust_helper_lock").gpl_only);
    EXPECT_EQ(exports.at("dma_buf_export").symbol_namespace, "DMA_BUF");
    EXPECT_EQ(exports.at("helper_call").module, "helper");
    EXPECT_TRUE(exports.at("helper_call").gpl_only);
    EXPECT_EQ(exports.at("helper_call").symbol_namespace, "HELPER");
    EXPECT_FALSE(exports.at("helper_open").gpl_only) << "flags table: " << flags;
    EXPECT_EQ(exports.at("helper_open").symbol_namespace, "");
    folder_.Remove("sys/module");
  }
}

TEST_F(RunningTest, FallsBackToNamesAndAModuleWithoutMemory) {
  TestKernel kernel;
  kernel.flags_table = false;
  Install(kernel);
  folder_.Remove("proc/kcore");
  EXPECT_EQ(CodeOf(), Code::kNoRelease);
  InstallModule(kVermagic);
  auto target = Read();
  ASSERT_TRUE(target) << target.error().Text();
  EXPECT_EQ((*target)->vermagic, kVermagic);
  EXPECT_EQ((*target)->orc_hash, "orc");
  EXPECT_EQ((*target)->exports.size(), 6u);
  EXPECT_FALSE((*target)->exports.at("misc_register").gpl_only);
  EXPECT_TRUE((*target)->exports.at("dma_buf_export").gpl_only);
}

TEST_F(RunningTest, CountsExportsAsGplOnlyWhenAddressesAreHidden) {
  hidden_ = true;
  Install(TestKernel());
  InstallModule(kVermagic);
  auto target = Read();
  ASSERT_TRUE(target) << target.error().Text();
  EXPECT_EQ((*target)->vermagic, kVermagic);
  EXPECT_TRUE((*target)->exports.at("misc_register").gpl_only);
}

TEST_F(RunningTest, RefusesAModuleOfAnotherRelease) {
  Install(TestKernel());
  folder_.Remove("proc/kcore");
  InstallModule("1.1.1 SMP mod_unload ");
  EXPECT_EQ(CodeOf(), Code::kNoRelease);
}

TEST_F(RunningTest, ReadsItsConfiguration) {
  Install(TestKernel());
  folder_.Write(std::string("boot/config-") + kRelease,
                "CONFIG_RUSTC_VERSION_TEXT=\"rustc 1.90.0\"\n");
  auto target = Read();
  ASSERT_TRUE(target) << target.error().Text();
  EXPECT_EQ((*target)->rustc, "rustc 1.90.0");
}

TEST_F(RunningTest, TakesTheConfigurationThatTheKernelShows) {
  Install(TestKernel());
  auto compiler = [&] {
    auto target = Read();
    EXPECT_TRUE(target) << target.error().Text();
    return target ? (*target)->rustc.value_or("") : "";
  };
  auto config = [](const char* version) {
    return std::string("CONFIG_RUSTC_VERSION_TEXT=\"") + version + "\"\n";
  };
  EXPECT_EQ(compiler(), "");
  folder_.Write(std::string("lib/modules/") + kRelease + "/build/.config", config("headers"));
  EXPECT_EQ(compiler(), "headers");
  folder_.Write(std::string("boot/config-") + kRelease, config("package"));
  EXPECT_EQ(compiler(), "package");
  folder_.Write("proc/config.gz", "damaged");
  EXPECT_EQ(compiler(), "package");
  folder_.Write("proc/config.gz", Compress("gzip", config("own")));
  EXPECT_EQ(compiler(), "own");
}

TEST_F(RunningTest, SaysWhatIsMissing) {
  EXPECT_EQ(CodeOf(), Code::kNoExports);
  folder_.Write("proc/kallsyms", "ffffffff81000000 T _text\n");
  EXPECT_EQ(CodeOf(), Code::kNoExports);
  Install(TestKernel());
  folder_.Write("sys/kernel/btf/vmlinux", "damaged");
  EXPECT_EQ(CodeOf(), Code::kBadBtf);
  folder_.Remove("sys/kernel/btf");
  EXPECT_EQ(CodeOf(), Code::kNoBtf);
  folder_.Remove("proc/sys");
  EXPECT_EQ(CodeOf(), Code::kNoRelease);
}

TEST_F(RunningTest, SurvivesADamagedMemoryFile) {
  Install(TestKernel());
  InstallModule(kVermagic);
  folder_.Write("proc/kcore",
                "\x7f"
                "ELF but no core");
  auto target = Read();
  ASSERT_TRUE(target) << target.error().Text();
  EXPECT_EQ((*target)->vermagic, kVermagic);
  EXPECT_EQ((*target)->exports.size(), 6u);
}

}  // namespace
}  // namespace race::kernel
