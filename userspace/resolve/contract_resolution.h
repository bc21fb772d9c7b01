// SPDX-License-Identifier: GPL-2.0-only
//
// What a .rcrate needs, held against what a target kernel is.  Every contract is
// looked at, so that a user sees all problems at once.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kernel/target.h"
#include "rcrate/expression.h"
#include "rcrate/rcrate_file.h"
#include "support/result.h"

namespace race::resolve {

// A contract that does not hold on the target, or a room that is too small.
struct Problem {
  std::string contract;  // "field private_data of struct file"
  std::string source;    // "driver.rs:12", where it is known
  Error error;           // its message names the source, too
};

struct Resolution {
  // By contract index.
  rcrate::ContractValues values;  // 0 where there is none
  std::vector<bool> holds;
  // The target's type that a contract about a root was held against, also when it
  // does not hold; void where there is none.
  std::vector<steg::NodeId> types;

  std::vector<Problem> problems;
  // The target with what the modules that the driver needs export and describe;
  // nothing when it needs none.
  std::shared_ptr<const kernel::Target> with_modules;
  std::set<std::string> depends;  // modules that export what is imported
  // Imports that the target has under another name, by the object's symbol for them.
  std::map<std::string, std::string, std::less<>> renamed;
  // Imports for which the driver's own functions stand in.
  std::set<std::string, std::less<>> substituted;
};

Resolution ResolveContracts(const rcrate::RcrateFile& file, const kernel::Target& target);

// "driver.rs:12: field x of struct y: ", for messages.
std::string Prefix(const rcrate::Contract& contract);

}  // namespace race::resolve
