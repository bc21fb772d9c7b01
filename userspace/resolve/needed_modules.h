// SPDX-License-Identifier: GPL-2.0-only
//
// Which of the target's modules a driver needs.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "support/result.h"

namespace race::resolve {

struct NeededModules {
  // The target with what these modules export and describe; nothing when the
  // driver needs none.  A copy: what one driver needs says nothing to the next.
  std::optional<kernel::Target> target;
  // Imports whose module is known and cannot be used.
  std::map<std::string, Error, std::less<>> failures;
};

// Modules are needed for what they export, and what they depend on for the types
// that come from there.  All of them are looked at even where the kernel has a type
// of the name: which one the driver means would otherwise be a guess.  They are
// taken in the order of their names.
NeededModules FindNeededModules(const rcrate::RcrateFile& file, const kernel::Target& target);

// Whether a contract's root is the name of a type.
bool IsAboutType(const rcrate::Contract& contract);

// ", nor do the modules that the driver needs (a, b)" and why, for messages about
// what the kernel does not describe.  Empty where no module is needed.
std::string NorModules(const kernel::Target& target);

}  // namespace race::resolve
