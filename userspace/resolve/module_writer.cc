// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/module_writer.h"

#include <elf.h>

#include <set>

namespace race::resolve {
namespace {

// What apply_relocate_add() of arch/x86 accepts; the kernel relocates only
// sections that it keeps in memory.
bool IsKnownToLoader(uint32_t type) {
  switch (type) {
    case R_X86_64_NONE:
    case R_X86_64_64:
    case R_X86_64_32:
    case R_X86_64_32S:
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
    case R_X86_64_PC64:
      return true;
    default:
      return false;
  }
}

bool InRemovedSection(const elf::Object& object, const elf::Symbol& symbol) {
  return symbol.section != elf::SectionId::kUndefined &&
         symbol.section != elf::SectionId::kAbsolute && object[symbol.section].removed;
}

std::string Place(const elf::Section& section, const elf::Relocation& relocation) {
  std::ostringstream place;
  place << section.name << "+0x" << std::hex << relocation.offset << ": ";
  return place.str();
}

}  // namespace

void RemoveFormatSections(elf::Object* object) {
  for (elf::Section& section : object->sections)
    if (section.name.starts_with(RACE_SECTION)) section.removed = true;
}

Status SubstituteImports(const rcrate::RcrateFile& file,
                         const std::set<std::string, std::less<>>& substituted,
                         elf::Object* object) {
  if (substituted.empty()) return Ok{};
  std::map<std::string, elf::SymbolId, std::less<>> defined;
  for (uint32_t i = 1; i < object->symbols.size(); ++i)
    if (const elf::Symbol& symbol = object->symbols[i];
        !symbol.removed && !symbol.undefined() && symbol.name.starts_with(RACE_ADAPTER_PREFIX))
      defined.emplace(symbol.name, elf::SymbolId{i});
  std::map<uint32_t, elf::SymbolId> instead;
  for (uint32_t i = 1; i < object->symbols.size(); ++i) {
    const elf::Symbol& symbol = object->symbols[i];
    if (symbol.removed || !symbol.undefined() || !substituted.contains(symbol.name)) continue;
    auto own = defined.find(RACE_ADAPTER_PREFIX + symbol.name);
    if (own == defined.end())
      return Fail(Code::kUndefined) << file.path << ": no function " << RACE_ADAPTER_PREFIX
                                    << symbol.name << ", which is to stand in for " << symbol.name;
    instead.emplace(i, own->second);
  }
  for (elf::Section& section : object->sections)
    for (elf::Relocation& relocation : section.relocations)
      if (auto own = instead.find(elf::Index(relocation.symbol)); own != instead.end())
        relocation.symbol = own->second;
  return Ok{};
}

void RenameImports(const std::map<std::string, std::string, std::less<>>& renamed,
                   elf::Object* object) {
  for (elf::Symbol& symbol : object->symbols)
    if (auto name = renamed.find(symbol.name);
        name != renamed.end() && symbol.undefined() && !symbol.removed)
      symbol.name = name->second;
}

Status FinishSymbols(const rcrate::RcrateFile& file,
                     const std::map<std::string, std::string, std::less<>>& renamed,
                     const std::set<std::string_view>& further, elf::Object* object) {
  std::set<std::string> imports(further.begin(), further.end());
  for (const rcrate::Contract& contract : file.rcrate.contracts)
    if (contract.kind == RACE_CONTRACT_FUNCTION || contract.kind == RACE_CONTRACT_VARIABLE)
      imports.insert(rcrate::SymbolOf(contract));
  for (const auto& [ours, theirs] : renamed) imports.insert(theirs);

  for (elf::Symbol& symbol : object->symbols)
    if (InRemovedSection(*object, symbol)) symbol.removed = true;

  std::vector<bool> referenced(object->symbols.size(), false);
  for (const elf::Section& section : object->sections) {
    if (section.removed) continue;
    for (const elf::Relocation& relocation : section.relocations) {
      const elf::Symbol& symbol = (*object)[relocation.symbol];
      referenced[elf::Index(relocation.symbol)] = true;
      if (symbol.removed)
        return Fail(Code::kRelocation)
               << file.path << ": " << Place(section, relocation) << "refers to " << symbol.name
               << " in " << (*object)[symbol.section].name << ", which is no part of a module";
      if ((section.flags & SHF_ALLOC) && !IsKnownToLoader(relocation.type))
        return Fail(Code::kRelocation)
               << file.path << ": " << Place(section, relocation) << "relocation type "
               << relocation.type << " against " << symbol.name
               << " is none that the kernel's module loader knows";
    }
  }
  for (uint32_t i = 1; i < object->symbols.size(); ++i) {
    elf::Symbol& symbol = object->symbols[i];
    if (symbol.removed || !symbol.undefined()) continue;
    if (!referenced[i])
      symbol.removed = true;
    else if (!imports.contains(symbol.name))
      return Fail(Code::kUndefined)
             << file.path << ": the undefined symbol " << symbol.name
             << " has no contract: nothing says what the driver expects of it";
  }
  return Ok{};
}

}  // namespace race::resolve
