// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>

#include <bit>

#include "rcrate/elf_object.h"
#include "support/cursor.h"

namespace race::elf {
namespace {

// Two LLVM section types whose content is symbol indexes; the kernel has no use
// for either.
constexpr uint32_t kLlvmAddrsig = 0x6fff4c03;
constexpr uint32_t kLlvmCallGraphProfile = 0x6fff4c09;

// No module's .bss comes near this.
constexpr uint64_t kMaxNobits = uint64_t{1} << 31;
// A page; modules cannot have more.
constexpr uint64_t kMaxSectionAlign = 4096;

class Reader {
 public:
  Reader(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  Result<Object> Read() {
    RACE_TRY(ReadHeader());
    RACE_TRY(ReadSectionHeaders());
    RACE_TRY(ReadSections());
    RACE_TRY(ReadSymbols());
    RACE_TRY(ReadRelocations());
    return std::move(object_);
  }

 private:
  Fail Bad(Code code = Code::kBadElf) const { return Fail(code) << file_ << ": "; }

  // In the words "section 5 (.text): ".
  Fail BadSection(uint32_t index) const {
    return Bad() << "section " << index
                 << (index < names_.size() ? " (" + std::string(names_[index]) + ")" : "") << ": ";
  }

  Status ReadHeader() {
    if (bytes_.size() < EI_NIDENT || bytes_.substr(0, SELFMAG) != ELFMAG)
      return Bad(Code::kNotElf) << "not an ELF file";
    uint16_t machine = 0;
    if (!Cursor(bytes_, offsetof(Elf64_Ehdr, e_machine)).Read(&machine))
      return Bad() << "the file ends within the ELF header";
    if (bytes_[EI_CLASS] != ELFCLASS64 || bytes_[EI_DATA] != ELFDATA2LSB || machine != EM_X86_64)
      return Bad(Code::kBadMachine)
             << "ELF class " << +bytes_[EI_CLASS] << ", byte order " << +bytes_[EI_DATA]
             << ", machine " << machine << "; expected " << ELFCLASS64 << ", " << ELFDATA2LSB
             << " and " << EM_X86_64 << " (x86-64)";
    if (!Cursor(bytes_).Read(&header_)) return Bad() << "the file ends within the ELF header";
    if (header_.e_type != ET_REL)
      return Bad(Code::kNotRcrate) << "ELF type " << header_.e_type
                                   << "; a .rcrate is a relocatable object (" << ET_REL << ")";
    if (header_.e_version != EV_CURRENT || header_.e_shentsize != sizeof(Elf64_Shdr) ||
        header_.e_shoff == 0 || header_.e_shnum == 0 || header_.e_shstrndx >= header_.e_shnum)
      return Bad() << "ELF header: version " << header_.e_version << ", " << header_.e_shnum
                   << " section headers of " << header_.e_shentsize << " bytes at "
                   << header_.e_shoff << ", names in section " << header_.e_shstrndx;
    return Ok{};
  }

  Status ReadSectionHeaders() {
    if (!InRange(bytes_.size(), header_.e_shoff, uint64_t{header_.e_shnum} * sizeof(Elf64_Shdr)))
      return Bad() << header_.e_shnum << " section headers at " << header_.e_shoff
                   << " do not lie within the file of " << bytes_.size()
                   << " bytes: it is cut short or damaged";
    headers_.resize(header_.e_shnum);
    Cursor cursor(bytes_, header_.e_shoff);
    for (Elf64_Shdr& header : headers_)
      if (!cursor.Read(&header)) return Bad() << "the file ends within its section headers";
    for (uint32_t i = 0; i < headers_.size(); ++i)
      if (headers_[i].sh_type != SHT_NOBITS && headers_[i].sh_type != SHT_NULL &&
          !InRange(bytes_.size(), headers_[i].sh_offset, headers_[i].sh_size))
        return BadSection(i) << headers_[i].sh_size << " bytes at " << headers_[i].sh_offset
                             << " do not lie within the file of " << bytes_.size()
                             << " bytes: it is cut short or damaged";
    const Elf64_Shdr& strings = headers_[header_.e_shstrndx];
    if (strings.sh_type != SHT_STRTAB)
      return BadSection(header_.e_shstrndx) << "the section names' type is " << strings.sh_type;
    std::vector<std::string_view> names(headers_.size());
    for (uint32_t i = 0; i < headers_.size(); ++i)
      if (!StringAt(Bytes(header_.e_shstrndx), headers_[i].sh_name, &names[i]))
        return BadSection(i) << "name " << headers_[i].sh_name << " is outside of the names";
    names_ = std::move(names);
    return Ok{};
  }

  // Only after its header was checked.
  std::string_view Bytes(uint32_t index) const {
    return bytes_.substr(headers_[index].sh_offset, headers_[index].sh_size);
  }

  // Section ids are the indexes of the file, so that everything can be referred
  // to at once; what is read into other fields stays behind as removed.
  Status ReadSections() {
    object_.sections.resize(headers_.size());
    for (uint32_t i = 0; i < headers_.size(); ++i) {
      const Elf64_Shdr& header = headers_[i];
      Section& section = object_.sections[i];
      section.name = names_[i];
      section.type = header.sh_type;
      section.flags = header.sh_flags & ~uint64_t{SHF_GROUP};
      section.align = header.sh_addralign == 0 ? 1 : header.sh_addralign;
      section.entsize = header.sh_entsize;
      if (!std::has_single_bit(section.align) || section.align > kMaxSectionAlign)
        return BadSection(i) << "alignment " << section.align;
      switch (header.sh_type) {
        case SHT_SYMTAB:
          if (symtab_ != 0) return BadSection(i) << "a second symbol table";
          symtab_ = i;
          section.removed = true;
          break;
        case SHT_NULL:
        case SHT_RELA:
        case SHT_GROUP:
        case kLlvmAddrsig:
        case kLlvmCallGraphProfile:
          section.removed = true;
          break;
        case SHT_REL:
        case SHT_SYMTAB_SHNDX:
        case SHT_DYNAMIC:
        case SHT_DYNSYM:
        case SHT_HASH:
          return BadSection(i) << "section type " << header.sh_type
                               << " has no place in an x86-64 module";
        case SHT_STRTAB:
          section.removed = (section.flags & SHF_ALLOC) == 0;
          break;
        case SHT_NOBITS:
          if (header.sh_size > kMaxNobits) return BadSection(i) << header.sh_size << " zero bytes";
          section.nobits_size = header.sh_size;
          break;
      }
      if (section.flags & SHF_COMPRESSED) return BadSection(i) << "compressed sections";
      if (!section.removed && section.type != SHT_NOBITS) section.bytes = Bytes(i);
      if (section.flags & SHF_LINK_ORDER) {
        if (header.sh_link >= headers_.size())
          return BadSection(i) << "is linked to section " << header.sh_link;
        if (header.sh_link != 0) section.order_after = SectionId{header.sh_link};
      }
    }
    return Ok{};
  }

  Status ReadSymbols() {
    object_.symbols.resize(1);
    if (symtab_ == 0) return Bad() << "no symbol table";
    const Elf64_Shdr& header = headers_[symtab_];
    if (header.sh_link >= headers_.size() || headers_[header.sh_link].sh_type != SHT_STRTAB)
      return BadSection(symtab_) << "its strings' section is " << header.sh_link;
    if (header.sh_entsize != sizeof(Elf64_Sym) || header.sh_size % sizeof(Elf64_Sym) != 0)
      return BadSection(symtab_) << header.sh_size << " bytes of symbols of " << header.sh_entsize;
    std::string_view strings = Bytes(header.sh_link);
    Cursor cursor(Bytes(symtab_));
    uint32_t count = static_cast<uint32_t>(header.sh_size / sizeof(Elf64_Sym));
    for (uint32_t i = 0; i < count; ++i) {
      Elf64_Sym raw;
      std::string_view name;
      if (!cursor.Read(&raw)) return BadSection(symtab_) << "ends within symbol " << i;
      if (i == 0) continue;
      if (!StringAt(strings, raw.st_name, &name))
        return BadSection(symtab_)
               << "symbol " << i << ": name " << raw.st_name << " is outside of the strings";
      Symbol symbol;
      symbol.name = name;
      symbol.binding = ELF64_ST_BIND(raw.st_info);
      symbol.type = ELF64_ST_TYPE(raw.st_info);
      symbol.other = raw.st_other;
      symbol.value = raw.st_value;
      symbol.size = raw.st_size;
      RACE_TRY(PlaceSymbol(i, raw.st_shndx, &symbol));
      object_.symbols.push_back(std::move(symbol));
    }
    return Ok{};
  }

  Status PlaceSymbol(uint32_t index, uint16_t section, Symbol* symbol) {
    if (section == SHN_UNDEF) {
      symbol->section = SectionId::kUndefined;
    } else if (section == SHN_ABS) {
      symbol->section = SectionId::kAbsolute;
    } else if (section < headers_.size()) {
      symbol->section = SectionId{section};
      if (!InRange(headers_[section].sh_size, symbol->value, 0))
        return BadSection(symtab_)
               << "symbol " << index << " (" << symbol->name << ") lies " << symbol->value
               << " bytes into section " << section << " of " << headers_[section].sh_size;
    } else {
      return BadSection(symtab_) << "symbol " << index << " (" << symbol->name
                                 << ") lies in section " << section;
    }
    // The symbol goes with the section that is read into another field.
    symbol->removed =
        section != SHN_UNDEF && section < headers_.size() && object_.sections[section].removed;
    return Ok{};
  }

  Status ReadRelocations() {
    for (uint32_t i = 0; i < headers_.size(); ++i) {
      const Elf64_Shdr& header = headers_[i];
      if (header.sh_type != SHT_RELA) continue;
      if (header.sh_link != symtab_ || header.sh_entsize != sizeof(Elf64_Rela) ||
          header.sh_size % sizeof(Elf64_Rela) != 0)
        return BadSection(i) << header.sh_size << " bytes of relocations of " << header.sh_entsize
                             << " against the symbols of section " << header.sh_link;
      if (header.sh_info == 0 || header.sh_info >= headers_.size())
        return BadSection(i) << "relocates section " << header.sh_info;
      Section& target = object_.sections[header.sh_info];
      if (target.removed) continue;
      if (target.type == SHT_NOBITS) return BadSection(i) << "relocates zero bytes";
      if (!target.relocations.empty())
        return BadSection(i) << "relocates " << target.name << " a second time";
      Cursor cursor(Bytes(i));
      while (cursor.remaining() > 0) RACE_TRY(ReadRelocation(i, &cursor, &target));
    }
    return Ok{};
  }

  Status ReadRelocation(uint32_t index, Cursor* cursor, Section* target) {
    uint64_t at = cursor->offset();
    Elf64_Rela raw;
    if (!cursor->Read(&raw)) return BadSection(index) << "ends within a relocation";
    Relocation relocation;
    relocation.offset = raw.r_offset;
    relocation.type = ELF64_R_TYPE(raw.r_info);
    relocation.symbol = SymbolId{static_cast<uint32_t>(ELF64_R_SYM(raw.r_info))};
    relocation.addend = raw.r_addend;
    if (!InRange(target->size(), relocation.offset, 1))
      return BadSection(index) << "relocation at +" << at << " is for byte " << relocation.offset
                               << " of the " << target->size() << " of " << target->name;
    if (elf::Index(relocation.symbol) >= object_.symbols.size())
      return BadSection(index) << "relocation at +" << at << " is against symbol "
                               << elf::Index(relocation.symbol) << " of " << object_.symbols.size();
    target->relocations.push_back(relocation);
    return Ok{};
  }

  std::string_view bytes_;
  const std::string& file_;
  Elf64_Ehdr header_ = {};
  std::vector<Elf64_Shdr> headers_;
  std::vector<std::string_view> names_;
  uint32_t symtab_ = 0;
  Object object_;
};

}  // namespace

SectionId Object::Add(Section section) {
  sections.push_back(std::move(section));
  return SectionId{static_cast<uint32_t>(sections.size() - 1)};
}

SymbolId Object::Add(Symbol symbol) {
  symbols.push_back(std::move(symbol));
  return SymbolId{static_cast<uint32_t>(symbols.size() - 1)};
}

const Section* Object::Find(std::string_view name) const {
  for (const Section& section : sections)
    if (!section.removed && section.name == name) return &section;
  return nullptr;
}

SymbolId Object::FindDefined(std::string_view name) const {
  for (uint32_t i = 1; i < symbols.size(); ++i)
    if (!symbols[i].removed && !symbols[i].undefined() && symbols[i].name == name)
      return SymbolId{i};
  return SymbolId{0};
}

Result<Object> ReadObject(std::string_view bytes, const std::string& file) {
  return Reader(bytes, file).Read();
}

}  // namespace race::elf
