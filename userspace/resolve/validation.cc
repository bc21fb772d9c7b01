// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/validation.h"

#include <elf.h>

#include <algorithm>
#include <cstddef>

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
elf::Section StartSection(bool has_init, elf::SectionId facts, elf::Object* object) {
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
  section.bytes.append(RACE_ANCHOR_MAGIC, 8);
  refer(object->Add(std::move(data)), R_X86_64_PC32, 0);
  section.bytes.append(sizeof(race_anchor::size), '\0');

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

Status CheckRole(const rcrate::RcrateFile& file, Role role) {
  const bool exports_start =
      std::any_of(file.rcrate.manifest.begin(), file.rcrate.manifest.end(),
                  [](const rcrate::Property& property) {
                    return property.key == "export" && property.value == kStartFunction;
                  });
  if (role == Role::kValidator) {
    if (exports_start) return Ok{};
    return Fail(Code::kModuleFrame) << file.path << ": expected the validator, race.ko's .rcrate, "
                                    << "which exports " << kStartFunction << "; this one does not";
  }
  if (exports_start)
    return Fail(Code::kModuleFrame)
           << file.path << ": it exports " << kStartFunction << ", which is the validator's alone; "
           << "--validator says that a .rcrate is the validator";
  if (file.rcrate.Manifest("module") == kValidator)
    return Fail(Code::kModuleFrame) << file.path << ": its module is called " << kValidator
                                    << ", which is the validator's name alone";
  for (const elf::Symbol& symbol : file.object.symbols)
    for (std::string_view reserved : {kStartFunction, kStartSymbol, kOwnFacts})
      if (!symbol.removed && !symbol.undefined() && symbol.name == reserved)
        return Fail(Code::kModuleFrame) << file.path << ": it defines the symbol " << reserved
                                        << ", which is reserved for what validates modules";
  for (const elf::Section& section : file.object.sections)
    for (std::string_view reserved : {RACE_START_SECTION, RACE_FACTS_SECTION})
      if (!section.removed && section.name == reserved)
        return Fail(Code::kModuleFrame) << file.path << ": it has a section " << reserved
                                        << ", which only the resolver makes";
  return Ok{};
}

std::optional<elf::SectionId> AddValidation(Role role, elf::Object* object) {
  if (role == Role::kUnvalidated) return std::nullopt;
  elf::Section section;
  section.name = RACE_FACTS_SECTION;
  section.type = SHT_PROGBITS;
  section.flags = SHF_ALLOC;
  section.align = 8;
  const elf::SectionId id = object->Add(std::move(section));
  if (role == Role::kValidator) {
    Define(kOwnFacts, id, STT_OBJECT, 0, 0, object);
    return id;
  }
  elf::Section start =
      StartSection(elf::Index(object->FindDefined("init_module")) != 0, id, object);
  const uint64_t code = sizeof(race_anchor), end = start.bytes.size();
  Define(kStartSymbol, object->Add(std::move(start)), STT_FUNC, code, end - code, object);
  return id;
}

void FillFacts(elf::SectionId section, std::string facts, elf::Object* object) {
  const uint32_t size = static_cast<uint32_t>(facts.size());
  (*object)[section].bytes = std::move(facts);
  for (elf::Section& start : object->sections)
    if (start.name == RACE_START_SECTION)
      start.bytes.replace(offsetof(race_anchor, size), sizeof size,
                          reinterpret_cast<const char*>(&size), sizeof size);
  if (elf::SymbolId own = object->FindDefined(kOwnFacts); elf::Index(own) != 0)
    (*object)[own].size = size;
}

Status CheckStart(const std::string& bytes, const std::string& path) {
  RACE_ASSIGN(object, elf::ReadObject(bytes, path));
  const elf::Section *start = nullptr, *frame = nullptr;
  for (const elf::Section& section : object.sections) {
    const elf::Section** known = section.name == RACE_START_SECTION            ? &start
                                 : section.name == ".gnu.linkonce.this_module" ? &frame
                                                                               : nullptr;
    if (!known) continue;
    if (*known)
      return Fail(Code::kModuleFrame) << path << ": the finished module has two " << section.name;
    *known = &section;
  }
  if (!start || !frame)
    return Fail(Code::kModuleFrame) << path << ": the finished module has no "
                                    << (start ? ".gnu.linkonce.this_module" : RACE_START_SECTION);
  const uint64_t jump = start->bytes.size() - sizeof(uint32_t);
  const auto& last = start->relocations.empty() ? elf::Relocation{} : start->relocations.back();
  const elf::Symbol& called = object[last.symbol];
  if (last.offset != jump || last.type != R_X86_64_PLT32 || last.addend != -4 ||
      called.name != kStartFunction || !called.undefined() || called.binding != STB_GLOBAL)
    return Fail(Code::kModuleFrame)
           << path << ": " << RACE_START_SECTION << "+0x" << std::hex << jump
           << ": expected a jump to " << kStartFunction << " of another module; it goes to "
           << (called.name.empty() ? "no symbol" : called.name);
  const bool starts_there = std::any_of(
      frame->relocations.begin(), frame->relocations.end(), [&](const elf::Relocation& init) {
        const elf::Symbol& symbol = object[init.symbol];
        return symbol.name == kStartSymbol && !symbol.undefined() && init.addend == 0 &&
               &object[symbol.section] == start && symbol.value == sizeof(race_anchor);
      });
  const bool passes_it_by = std::any_of(
      frame->relocations.begin(), frame->relocations.end(),
      [&](const elf::Relocation& init) { return object[init.symbol].name == "init_module"; });
  if (starts_there && !passes_it_by) return Ok{};
  return Fail(Code::kModuleFrame) << path << ": expected the init of the finished module to be "
                                  << kStartSymbol << " in " << RACE_START_SECTION;
}

}  // namespace race::resolve
