// SPDX-License-Identifier: GPL-2.0-only
//
// Small kernels for tests: a vmlinux with the sections that RACE looks at.
#pragma once

#include <bpf/btf.h>
#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace race::kernel {

inline constexpr char kRelease[] = "9.8.7-test";
inline constexpr char kVermagic[] = "9.8.7-test SMP preempt mod_unload ";
inline constexpr uint64_t kBase = 0xffffffff81000000;

template <typename T>
void Put(std::string* out, uint64_t at, T value) {
  if (out->size() < at + sizeof value) out->resize(at + sizeof value);
  memcpy(out->data() + at, &value, sizeof value);
}

inline std::string TestBtf() {
  btf* object = btf__new_empty();
  int type_int = btf__add_int(object, "int", 4, BTF_INT_SIGNED);
  btf__add_struct(object, "file", 8);
  btf__add_field(object, "f_mode", type_int, 32, 0);
  btf__add_func(object, "misc_register", BTF_FUNC_GLOBAL, btf__add_func_proto(object, type_int));
  uint32_t size = 0;
  const void* data = btf__raw_data(object, &size);
  std::string bytes(static_cast<const char*>(data), size);
  btf__free(object);
  return bytes;
}

// The release stands in read-only memory in several places, of which one is the
// vermagic.
inline std::string TestRodata() {
  std::string release = kRelease;
  std::string text = "Linux version " + release + " (builder) # SMP" + '\0';
  text += release + '\0';
  text += release + " (somebody@example.org) #1 SMP" + '\0';
  text += "x" + release + " SMP " + '\0';
  return text + kVermagic + '\0';
}

struct TestExport {
  std::string name;
  bool gpl = false;
  std::string symbol_namespace = {};
};

struct TestSection {
  std::string name, data;
  uint64_t address = 0;
};

// Sections of a kernel, in the order of their addresses.
struct TestKernel {
  std::vector<TestExport> exports{{"_printk", false, ""},
                                  {"dma_buf_export", true, "DMA_BUF"},
                                  {"misc_register", false, ""},
                                  {"rust_helper_lock", true, ""}};
  bool flags_table = true;  // else a second table for the GPL
  std::string rodata = TestRodata();
  std::string btf = TestBtf();

  std::vector<TestSection> Sections() const {
    std::vector<TestSection> sections;
    uint64_t address = kBase;
    auto add = [&](const std::string& name, const std::string& data) -> TestSection& {
      sections.push_back({name, data, address});
      address += (data.size() + 0xfff) & ~uint64_t{0xfff};
      return sections.back();
    };
    add(".rodata", rodata);
    std::string strings(1, '\0');
    std::vector<std::pair<uint32_t, uint32_t>> places;
    for (const TestExport& entry : exports) {
      uint32_t name = strings.size();
      strings += entry.name + '\0';
      uint32_t space = entry.symbol_namespace.empty() ? 0 : strings.size();
      if (space) strings += entry.symbol_namespace + '\0';
      places.push_back({name, space});
    }
    uint64_t strings_at = add("__ksymtab_strings", strings).address;
    auto table = [&](const char* name, bool gpl) {
      std::string entries;
      for (size_t i = 0; i < exports.size(); i++) {
        if (!flags_table && exports[i].gpl != gpl) continue;
        uint64_t at = entries.size();
        Put<int32_t>(&entries, at, 0);
        Put<int32_t>(&entries, at + 4, strings_at + places[i].first - (address + at + 4));
        Put<int32_t>(&entries, at + 8, strings_at + places[i].second - (address + at + 8));
      }
      add(name, entries);
    };
    table("__ksymtab", false);
    if (flags_table) {
      std::string flags;
      for (const TestExport& entry : exports) flags += entry.gpl ? '\1' : '\0';
      add("__kflagstab", flags);
    } else {
      table("__ksymtab_gpl", true);
    }
    if (!btf.empty()) add(".BTF", btf);
    add(".orc_header", std::string(20, 'o'));
    return sections;
  }

  std::string Vmlinux() const { return Elf(Sections(), ET_EXEC); }

  static std::string Elf(const std::vector<TestSection>& sections, uint16_t type) {
    std::string file(sizeof(Elf64_Ehdr), '\0'), names(1, '\0');
    std::vector<Elf64_Shdr> headers(1);
    auto add = [&](const std::string& name, const std::string& data, uint64_t address) {
      Elf64_Shdr header = {};
      header.sh_name = names.size();
      names += name + '\0';
      header.sh_type = SHT_PROGBITS;
      header.sh_addr = address;
      header.sh_offset = file.size();
      header.sh_size = data.size();
      file += data;
      file.resize((file.size() + 7) & ~size_t{7});
      headers.push_back(header);
    };
    for (const TestSection& section : sections) add(section.name, section.data, section.address);
    std::string all_names = names + ".shstrtab" + '\0';
    add(".shstrtab", all_names, 0);
    headers.back().sh_type = SHT_STRTAB;
    Elf64_Ehdr elf = {};
    memcpy(elf.e_ident, ELFMAG, SELFMAG);
    elf.e_ident[EI_CLASS] = ELFCLASS64;
    elf.e_ident[EI_DATA] = ELFDATA2LSB;
    elf.e_ident[EI_VERSION] = EV_CURRENT;
    elf.e_type = type;
    elf.e_machine = EM_X86_64;
    elf.e_version = EV_CURRENT;
    elf.e_ehsize = sizeof elf;
    elf.e_shentsize = sizeof(Elf64_Shdr);
    elf.e_shnum = headers.size();
    elf.e_shstrndx = headers.size() - 1;
    elf.e_shoff = file.size();
    memcpy(file.data(), &elf, sizeof elf);
    file.append(reinterpret_cast<char*>(headers.data()), headers.size() * sizeof(Elf64_Shdr));
    return file;
  }
};

}  // namespace race::kernel
