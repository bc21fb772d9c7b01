// SPDX-License-Identifier: GPL-2.0-only
//
// Written by hand and not through libelf, which writes to a file only: a module
// is made in memory here, either for a file or for finit_module(2).
#include <elf.h>

#include <cassert>
#include <unordered_map>

#include "rcrate/elf_object.h"

namespace race::elf {
namespace {

class StringTable {
 public:
  StringTable() : bytes_(1, '\0') {}
  uint32_t Add(const std::string& text) {
    if (text.empty()) return 0;
    auto [at, is_new] = offsets_.try_emplace(text, static_cast<uint32_t>(bytes_.size()));
    if (is_new) bytes_.append(text.c_str(), text.size() + 1);
    return at->second;
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
  std::unordered_map<std::string, uint32_t> offsets_;
};

class Writer {
 public:
  explicit Writer(const Object& object) : object_(object) {}

  std::string Write() {
    NumberSections();
    NumberSymbols();
    file_.resize(sizeof(Elf64_Ehdr), '\0');
    headers_.emplace_back();
    for (const Section& section : object_.sections)
      if (!section.removed) WriteSection(section);
    for (uint32_t i = 0; i < object_.sections.size(); ++i)
      if (!object_.sections[i].removed && !object_.sections[i].relocations.empty())
        WriteRelocations(object_.sections[i], section_numbers_[i]);
    WriteSymbols();
    return Finish();
  }

 private:
  void NumberSections() {
    section_numbers_.resize(object_.sections.size(), 0);
    uint32_t next = 1, relocation_sections = 0;
    for (uint32_t i = 0; i < object_.sections.size(); ++i) {
      if (object_.sections[i].removed) continue;
      section_numbers_[i] = next++;
      relocation_sections += !object_.sections[i].relocations.empty();
    }
    symtab_number_ = next + relocation_sections;
  }

  // Local symbols come before all others.
  void NumberSymbols() {
    symbol_numbers_.resize(object_.symbols.size(), 0);
    for (bool local : {true, false}) {
      for (uint32_t i = 1; i < object_.symbols.size(); ++i) {
        const Symbol& symbol = object_.symbols[i];
        if (symbol.removed || (symbol.binding == STB_LOCAL) != local) continue;
        symbol_order_.push_back(i);
        symbol_numbers_[i] = static_cast<uint32_t>(symbol_order_.size());
      }
      if (local) first_global_ = static_cast<uint32_t>(symbol_order_.size()) + 1;
    }
  }

  // Adds the header of a section whose content begins here.
  Elf64_Shdr& Begin(const std::string& name, uint32_t type, uint64_t align) {
    file_.resize((file_.size() + align - 1) / align * align, '\0');
    Elf64_Shdr header = {};
    header.sh_name = names_.Add(name);
    header.sh_type = type;
    header.sh_offset = file_.size();
    header.sh_addralign = align;
    headers_.push_back(header);
    return headers_.back();
  }

  void WriteSection(const Section& section) {
    Elf64_Shdr& header = Begin(section.name, section.type, section.align);
    header.sh_flags = section.flags;
    header.sh_entsize = section.entsize;
    header.sh_size = section.size();
    if (section.order_after != SectionId::kUndefined)
      header.sh_link = section_numbers_[Index(section.order_after)];
    file_ += section.bytes;
  }

  void WriteRelocations(const Section& section, uint32_t number) {
    Elf64_Shdr& header = Begin(".rela" + section.name, SHT_RELA, 8);
    header.sh_flags = SHF_INFO_LINK;
    header.sh_link = symtab_number_;
    header.sh_info = number;
    header.sh_entsize = sizeof(Elf64_Rela);
    header.sh_size = section.relocations.size() * sizeof(Elf64_Rela);
    for (const Relocation& relocation : section.relocations) {
      Elf64_Rela raw = {};
      raw.r_offset = relocation.offset;
      raw.r_info =
          ELF64_R_INFO(uint64_t{symbol_numbers_[Index(relocation.symbol)]}, relocation.type);
      raw.r_addend = relocation.addend;
      Append(raw);
    }
  }

  void WriteSymbols() {
    assert(headers_.size() == symtab_number_);
    Elf64_Shdr& header = Begin(".symtab", SHT_SYMTAB, 8);
    header.sh_link = symtab_number_ + 1;
    header.sh_info = first_global_;
    header.sh_entsize = sizeof(Elf64_Sym);
    header.sh_size = (symbol_order_.size() + 1) * sizeof(Elf64_Sym);
    StringTable strings;
    Append(Elf64_Sym{});
    for (uint32_t index : symbol_order_) {
      const Symbol& symbol = object_.symbols[index];
      Elf64_Sym raw = {};
      raw.st_name = strings.Add(symbol.name);
      raw.st_info = ELF64_ST_INFO(symbol.binding, symbol.type);
      raw.st_other = symbol.other;
      raw.st_value = symbol.value;
      raw.st_size = symbol.size;
      raw.st_shndx = SectionNumber(symbol.section);
      Append(raw);
    }
    WriteStrings(".strtab", strings.Take());
  }

  uint16_t SectionNumber(SectionId id) const {
    if (id == SectionId::kUndefined) return SHN_UNDEF;
    if (id == SectionId::kAbsolute) return SHN_ABS;
    return static_cast<uint16_t>(section_numbers_[Index(id)]);
  }

  void WriteStrings(const std::string& name, const std::string& bytes) {
    Begin(name, SHT_STRTAB, 1).sh_size = bytes.size();
    file_ += bytes;
  }

  std::string Finish() {
    // The table of names holds its own name too.
    Elf64_Shdr& names = Begin(".shstrtab", SHT_STRTAB, 1);
    std::string bytes = names_.Take();
    names.sh_size = bytes.size();
    file_ += bytes;
    file_.resize((file_.size() + 7) / 8 * 8, '\0');

    Elf64_Ehdr header = {};
    for (int i = 0; i < SELFMAG; ++i) header.e_ident[i] = static_cast<unsigned char>(ELFMAG[i]);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_REL;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_shoff = file_.size();
    header.e_ehsize = sizeof(header);
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = static_cast<uint16_t>(headers_.size());
    header.e_shstrndx = static_cast<uint16_t>(headers_.size() - 1);
    file_.replace(0, sizeof(header), reinterpret_cast<const char*>(&header), sizeof(header));
    for (const Elf64_Shdr& section : headers_) Append(section);
    return std::move(file_);
  }

  template <typename T>
  void Append(const T& record) {
    file_.append(reinterpret_cast<const char*>(&record), sizeof(record));
  }

  const Object& object_;
  std::vector<uint32_t> section_numbers_;  // by SectionId
  std::vector<uint32_t> symbol_numbers_;   // by SymbolId
  std::vector<uint32_t> symbol_order_;
  uint32_t symtab_number_ = 0;
  uint32_t first_global_ = 0;
  StringTable names_;
  std::vector<Elf64_Shdr> headers_;
  std::string file_;
};

}  // namespace

std::string WriteObject(const Object& object) { return Writer(object).Write(); }

}  // namespace race::elf
