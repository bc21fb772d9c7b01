// SPDX-License-Identifier: GPL-2.0-only
//
// Small modules of a TestKernel for tests: export tables with their relocations,
// modinfo, and split BTF.
#pragma once

#include <functional>

#include "kernel_image_builder.h"

namespace race::kernel {

// Split BTF over `base`; `add` adds the types.
inline std::string SplitBtf(const std::string& base, const std::function<void(btf*)>& add) {
  btf* kernel = btf__new(base.data(), base.size());
  btf* object = btf__new_empty_split(kernel);
  add(object);
  uint32_t size = 0;
  const void* data = btf__raw_data(object, &size);
  std::string bytes(static_cast<const char*>(data), size);
  btf__free(object);
  btf__free(kernel);
  return bytes;
}

struct TestModule {
  std::vector<TestExport> exports;
  std::string depends;
  std::string vermagic = kVermagic;
  std::string btf, distilled_base;
  bool flags_table = true;  // else a second table for the GPL

  std::string Bytes() const {
    std::vector<TestSection> sections;
    std::string strings, symbols(sizeof(Elf64_Sym), '\0');
    auto symbol = [&](const std::string& text) {
      Elf64_Sym entry = {};
      entry.st_shndx = 1;  // __ksymtab_strings is the first section
      entry.st_value = strings.size();
      strings += text + '\0';
      Put(&symbols, symbols.size(), entry);
      return symbols.size() / sizeof entry - 1;
    };
    std::string tables[2], relocations[2], flags;
    for (const TestExport& entry : exports) {
      size_t table = !flags_table && entry.gpl ? 1 : 0;
      uint64_t at = tables[table].size();
      tables[table].append(12, '\0');
      for (uint64_t field : {uint64_t{4}, uint64_t{8}}) {
        uint64_t id = symbol(field == 4 ? entry.name : entry.symbol_namespace);
        Elf64_Rela relocation = {at + field, ELF64_R_INFO(id, R_X86_64_PC32), 0};
        Put(&relocations[table], relocations[table].size(), relocation);
      }
      flags += entry.gpl ? '\1' : '\0';
    }
    std::string modinfo = "license=GPL" + std::string(1, '\0') + "depends=" + depends + '\0' +
                          "vermagic=" + vermagic + '\0';
    sections.push_back({"__ksymtab_strings", strings, 0});
    sections.push_back({".symtab", symbols, 0});
    sections.push_back({".modinfo", modinfo, 0});
    if (!tables[0].empty()) sections.push_back({"__ksymtab", tables[0], 0});
    if (!tables[0].empty()) sections.push_back({".rela__ksymtab", relocations[0], 0});
    if (!tables[1].empty()) sections.push_back({"__ksymtab_gpl", tables[1], 0});
    if (!tables[1].empty()) sections.push_back({".rela__ksymtab_gpl", relocations[1], 0});
    if (flags_table && !flags.empty()) sections.push_back({"__kflagstab", flags, 0});
    if (!btf.empty()) sections.push_back({".BTF", btf, 0});
    if (!distilled_base.empty()) sections.push_back({".BTF.base", distilled_base, 0});
    return TestKernel::Elf(sections, ET_REL);
  }
};

}  // namespace race::kernel
