// SPDX-License-Identifier: GPL-2.0-only
//
// From an object whose layouts are filled in to the module's file.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "kernel/target.h"
#include "rcrate/elf_object.h"
#include "rcrate/rcrate_file.h"
#include "support/result.h"

namespace race::resolve {

// Takes out what only a .rcrate has: its .race sections.
void RemoveFormatSections(elf::Object* object);

// Sends references to an import to the driver's own function that stands in for it.
// kUndefined when the object has no such function.
Status SubstituteImports(const rcrate::RcrateFile& file,
                         const std::set<std::string, std::less<>>& substituted,
                         elf::Object* object);

// Gives imports the names under which the target has them.
void RenameImports(const std::map<std::string, std::string, std::less<>>& renamed,
                   elf::Object* object);

// Takes out symbols that nothing refers to any more, and checks what is left:
// every undefined symbol has a contract or is in `further`, nothing refers to what was taken out,
// and every relocation is one that the kernel's loader knows.
// Errors: kUndefined, kRelocation.
Status FinishSymbols(const rcrate::RcrateFile& file,
                     const std::map<std::string, std::string, std::less<>>& renamed,
                     const std::set<std::string_view>& further, elf::Object* object);

}  // namespace race::resolve
