// SPDX-License-Identifier: GPL-2.0-only
//
// What makes a module one that race.ko validates.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rcrate/elf_object.h"
#include "rcrate/rcrate_file.h"

namespace race::resolve {

// The module that validates, and the function that it exports.
inline constexpr std::string_view kValidator = "race";
inline constexpr std::string_view kStartFunction = "race_start";
// A module's init function when race.ko is to call its own.
inline constexpr std::string_view kStartSymbol = "race_init_module";
// Where the validator looks for the facts that it rests on itself.
inline constexpr std::string_view kOwnFacts = "race_own_facts";

// The part that a .rcrate plays.  Whoever runs the resolver says which; what the file
// says of itself makes no driver the validator.
enum class Role {
  kDriver,       // race.ko validates it before any of its code runs
  kUnvalidated,  // a driver that does without
  // race.ko itself.  Nothing can validate it: it gets its facts at the symbol kOwnFacts
  // and checks them when it starts.
  kValidator,
};

// Whether the file fits the part: the validator exports kStartFunction; nothing else
// has its name, exports or defines such a function, or defines what is made here.
// Errors: kModuleFrame.
Status CheckRole(const rcrate::RcrateFile& file, Role role);

// Adds the contract section, still empty, and, to a driver, its new init function
// kStartSymbol behind the anchor that leads to the section.  The function hands the
// driver's own init to kStartFunction.  Returns the section; nothing for kUnvalidated.
std::optional<elf::SectionId> AddValidation(Role role, elf::Object* object);

// Fills the section in, when all else is done.
void FillFacts(elf::SectionId section, std::string facts, elf::Object* object);

// Reads a driver's finished module once more, as the kernel's loader will: its init is
// the function behind the anchor, which jumps to the kStartFunction that another module
// exports.  Errors: kModuleFrame, kBadElf.
Status CheckStart(const std::string& bytes, const std::string& path);

}  // namespace race::resolve
