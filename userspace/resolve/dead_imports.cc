// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/dead_imports.h"

#include <elf.h>

#include <set>

namespace race::resolve {
namespace {

// The symbols of imports that no contract needs on this target.
std::set<std::string> DeadImports(const rcrate::RcrateFile& file,
                                  const rcrate::ContractValues& values) {
  std::set<std::string> live, dead;
  for (uint32_t i = 0; i < file.rcrate.contracts.size(); ++i) {
    const rcrate::ContractId id{i};
    const rcrate::Contract& contract = file.rcrate[id];
    if (contract.kind == RACE_CONTRACT_FUNCTION || contract.kind == RACE_CONTRACT_VARIABLE)
      (rcrate::IsLive(file.rcrate, values, id) ? live : dead).insert(rcrate::SymbolOf(contract));
  }
  for (const std::string& name : live) dead.erase(name);
  return dead;
}

elf::SectionId AddTrap(elf::Object* object) {
  elf::Section section;
  section.name = ".text.race";
  section.type = SHT_PROGBITS;
  section.flags = SHF_ALLOC | SHF_EXECINSTR;
  section.align = 16;
  section.bytes = "\x0f\x0b";  // ud2
  return object->Add(std::move(section));
}

}  // namespace

void DefineDeadImports(const rcrate::RcrateFile& file, const rcrate::ContractValues& values,
                       elf::Object* object) {
  const std::set<std::string> dead = DeadImports(file, values);
  elf::SectionId trap = elf::SectionId::kUndefined;
  for (elf::Symbol& symbol : object->symbols) {
    if (symbol.removed || !symbol.undefined() || !dead.contains(symbol.name)) continue;
    if (trap == elf::SectionId::kUndefined) trap = AddTrap(object);
    symbol.section = trap;
    symbol.binding = STB_LOCAL;
    symbol.type = STT_NOTYPE;
    symbol.value = 0;
  }
}

}  // namespace race::resolve
