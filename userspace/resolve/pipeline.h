// SPDX-License-Identifier: GPL-2.0-only
//
// One function for each of the target side's commands.
#pragma once

#include <string>
#include <vector>

#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "resolve/contract_resolution.h"
#include "resolve/validation.h"
#include "support/metrics.h"
#include "support/result.h"

namespace race::resolve {

struct ResolvedModule {
  std::string name;
  std::string bytes;                 // the .ko
  std::vector<std::string> depends;  // modules to be loaded before it
  std::vector<std::string> notes;    // what the user should know, but is no refusal
};

struct LinkOptions {
  // A driver's module depends on race.ko, which finds its contracts true again before
  // any of its code runs.  Without it nothing stops the module on another kernel.
  Role role = Role::kDriver;
};

// Links the layouts of a .rcrate against a target.  When contracts do not hold,
// the error has the first one's code and all their messages, one under the other
// (see Join).  `metrics` may be nullptr.
Result<ResolvedModule> Resolve(const rcrate::RcrateFile& file, const kernel::Target& target,
                               LinkOptions options, Metrics* metrics);

struct CheckReport {
  std::string target;
  std::string release;
  std::vector<Problem> problems;  // none: it would load
  std::vector<std::string> notes;
  Resolution resolution;  // what the contracts were bound to; its problems are above
};

// The same without a module: all problems, one by one.
// It is that of a module without validation, unless it is told otherwise: race.ko asks
// for nothing more.
CheckReport Check(const rcrate::RcrateFile& file, const kernel::Target& target, Metrics* metrics,
                  LinkOptions options = {Role::kUnvalidated});

// The problems as one Error, each with its code on a line of its own.
Error Join(const std::vector<Problem>& problems);

// "RACE-E0403", without the message.
std::string CodeName(const Error& error);

}  // namespace race::resolve
