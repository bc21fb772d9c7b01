// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/validation.h"

#include <elf.h>

#include <algorithm>

#include "race/facts.h"

namespace race::resolve {
namespace {

// The symbol of that name, which need not be defined yet.
elf::SymbolId FindOrImport(std::string_view name, elf::Object* object) {
  for (uint32_t i = 1; i < object->symbols.size(); ++i)
    if (!object->symbols[i].removed && object->symbols[i].name == name) return elf::SymbolId{i};
  elf::Symbol symbol;
  symbol.name = name;
  symbol.binding = STB_GLOBAL;
  return object->Add(std::move(symbol));
}

void Define(std::string_view name, elf::SectionId section, uint8_t type, uint64_t value,
            uint64_t size, elf::Object* object) {
  elf::Symbol& symbol = (*object)[FindOrImport(name, object)];
  symbol.binding = STB_LOCAL;
  symbol.type = type;
  symbol.section = section;
  symbol.value = value;
  symbol.size = size;
}

// Written by hand, as the target side has no assembler: three instructions and a
// jump.  Nothing returns and nothing is on the stack, so the kernel's rules for
// return thunks and unwinding have nothing to say here.
//
//   endbr64
//   lea  __this_module(%rip), %rdi
//   lea  init_module(%rip), %rsi       (without one: xor %esi, %esi; nops)
//   jmp  race_start
elf::Section StartSection(bool has_init, elf::SectionId facts, uint64_t facts_size,
                          elf::Object* object) {
  elf::Section section;
  section.name = RACE_START_SECTION;
  section.type = SHT_PROGBITS;
  section.flags = SHF_ALLOC | SHF_EXECINSTR;
  section.align = 16;
  auto refer = [&](elf::SymbolId to, uint32_t type, int64_t addend) {
    section.relocations.push_back({section.bytes.size(), type, to, addend});
    section.bytes.append(4, '\0');
  };
  auto code = [&](std::initializer_list<unsigned> bytes) {
    for (unsigned byte : bytes) section.bytes.push_back(static_cast<char>(byte));
  };

  elf::Symbol data;
  data.binding = STB_LOCAL;
  data.type = STT_SECTION;
  data.section = facts;
  const uint32_t size = static_cast<uint32_t>(facts_size);
  section.bytes.append(RACE_ANCHOR_MAGIC, 8);
  refer(object->Add(std::move(data)), R_X86_64_PC32, 0);
  section.bytes.append(reinterpret_cast<const char*>(&size), sizeof size);

  code({0xf3, 0x0f, 0x1e, 0xfa});
  code({0x48, 0x8d, 0x3d});
  refer(FindOrImport("__this_module", object), R_X86_64_PC32, -4);
  if (has_init) {
    code({0x48, 0x8d, 0x35});
    refer(FindOrImport("init_module", object), R_X86_64_PC32, -4);
  } else {
    code({0x31, 0xf6, 0x0f, 0x1f, 0x44, 0x00, 0x00});
  }
  code({0xe9});
  refer(FindOrImport(kStartFunction, object), R_X86_64_PLT32, -4);
  return section;
}

}  // namespace

bool IsValidator(const rcrate::RcrateFile& file) {
  return std::any_of(file.rcrate.manifest.begin(), file.rcrate.manifest.end(),
                     [](const rcrate::Property& property) {
                       return property.key == "export" && property.value == kStartFunction;
                     });
}

void AddValidation(const rcrate::RcrateFile& file, std::string facts, elf::Object* object) {
  const uint64_t size = facts.size();
  elf::Section section;
  section.name = RACE_FACTS_SECTION;
  section.type = SHT_PROGBITS;
  section.flags = SHF_ALLOC;
  section.align = 8;
  section.bytes = std::move(facts);
  const elf::SectionId id = object->Add(std::move(section));
  if (IsValidator(file)) {
    Define(kOwnFacts, id, STT_OBJECT, 0, size, object);
    return;
  }
  elf::Section start =
      StartSection(elf::Index(object->FindDefined("init_module")) != 0, id, size, object);
  const uint64_t code = sizeof(race_anchor), end = start.bytes.size();
  Define(kStartSymbol, object->Add(std::move(start)), STT_FUNC, code, end - code, object);
}

}  // namespace race::resolve
