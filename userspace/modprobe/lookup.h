// SPDX-License-Identifier: GPL-2.0-only
//
// Which modules a word of the command line means.
#pragma once

#include <string>
#include <vector>

#include "kernel/kmod.h"
#include "modprobe/machine.h"
#include "support/result.h"

namespace race::modprobe {

struct Found {
  std::string name;           // as the kernel has it
  std::string driver;         // the .rcrate's path; empty: an ordinary module
  bool by_alias = false;      // the word was not the module's name
  kernel::KmodModule module;  // libkmod's, with what modprobe.d says of it
};

// A path begins with / or ./ or ends in .rcrate.  Else modprobe.d's aliases, the kernel's
// modules and their aliases are looked through as modprobe does; of a driver and a module
// of one name the driver counts.  What none of them has is looked for among the names and
// the aliases of installed drivers.  Nothing found: an empty list.
// Errors: those of a path: kUsage with modprobe's words, and the .rcrate's.
Result<std::vector<Found>> LookUp(const Machine& machine, const std::string& word);

// The same of a dependency, which is a name.
std::vector<Found> LookUpDependency(const Machine& machine, const std::string& name);

// The driver NAME, where one is installed; of `race`, what --validator names.
std::string DriverPath(const Machine& machine, const std::string& name);

bool IsRcratePath(const std::string& word);

}  // namespace race::modprobe
