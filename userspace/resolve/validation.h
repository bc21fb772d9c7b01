// SPDX-License-Identifier: GPL-2.0-only
//
// What makes a module one that race.ko validates.
#pragma once

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

// Whether the .rcrate is race.ko itself: it exports kStartFunction.  Nothing can
// validate it: it gets its facts at the symbol kOwnFacts and checks them when it starts.
bool IsValidator(const rcrate::RcrateFile& file);

// Adds the contract section, and, unless it is the validator, the module's new init
// function kStartSymbol behind the anchor that leads to the section.  The function
// hands the driver's own init to kStartFunction.
void AddValidation(const rcrate::RcrateFile& file, std::string facts, elf::Object* object);

}  // namespace race::resolve
