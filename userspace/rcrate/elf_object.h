// SPDX-License-Identifier: GPL-2.0-only
//
// A relocatable object in memory: sections that own their relocations, and one
// symbol table.  Reading checks everything; changing it is then plain C++, and
// the writer numbers sections and symbols anew.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace race::elf {

// Indexes into an Object's tables; they stay valid when parts are removed.
enum class SectionId : uint32_t {
  kUndefined = 0xffffffff,
  kAbsolute = 0xfffffffe,
};
enum class SymbolId : uint32_t {};
inline uint32_t Index(SectionId id) { return static_cast<uint32_t>(id); }
inline uint32_t Index(SymbolId id) { return static_cast<uint32_t>(id); }

struct Relocation {
  uint64_t offset = 0;
  uint32_t type = 0;  // R_X86_64_*
  SymbolId symbol{};
  int64_t addend = 0;
};

struct Section {
  std::string name;
  uint32_t type = 0;
  uint64_t flags = 0;
  uint64_t align = 1;
  uint64_t entsize = 0;
  std::string bytes;                              // empty for SHT_NOBITS
  uint64_t nobits_size = 0;                       // SHT_NOBITS only
  SectionId order_after = SectionId::kUndefined;  // SHF_LINK_ORDER: sh_link
  std::vector<Relocation> relocations;
  bool removed = false;

  uint64_t size() const { return bytes.size() + nobits_size; }
};

struct Symbol {
  std::string name;
  uint8_t binding = 0;  // STB_*
  uint8_t type = 0;     // STT_*
  uint8_t other = 0;    // visibility
  SectionId section = SectionId::kUndefined;
  uint64_t value = 0;
  uint64_t size = 0;
  bool removed = false;

  bool undefined() const { return section == SectionId::kUndefined; }
};

struct Object {
  std::vector<Section> sections;
  std::vector<Symbol> symbols;  // symbol 0 is the null symbol

  Section& operator[](SectionId id) { return sections[Index(id)]; }
  const Section& operator[](SectionId id) const { return sections[Index(id)]; }
  Symbol& operator[](SymbolId id) { return symbols[Index(id)]; }
  const Symbol& operator[](SymbolId id) const { return symbols[Index(id)]; }

  SectionId Add(Section section);
  SymbolId Add(Symbol symbol);
  // The section of that name that is not removed, or nullptr.
  const Section* Find(std::string_view name) const;
  // The symbol of that name that is defined and not removed; symbol 0: none is.
  SymbolId FindDefined(std::string_view name) const;
};

// Reads an x86-64 ET_REL file.  Symbol tables, string tables, relocation
// sections and section groups become fields of the Object; the two LLVM section
// types that hold symbol indexes are left out.
//
// Errors: kNotElf, kBadMachine (another machine, class or byte order),
// kNotRcrate (another type of ELF file), kBadElf.
Result<Object> ReadObject(std::string_view bytes, const std::string& file);

// The object as a file.  The same Object gives the same bytes.
std::string WriteObject(const Object& object);

}  // namespace race::elf
