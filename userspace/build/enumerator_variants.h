// SPDX-License-Identifier: GPL-2.0-only
//
// The driver compiled with other values of C's enumerators, and what that tells.
#pragma once

#include <llvm/IR/Module.h>

#include <set>
#include <string>
#include <vector>

#include "build/driver.h"
#include "build/enumerator_numbers.h"
#include "build/mir_text.h"
#include "build/sdk.h"
#include "support/result.h"

namespace race::build {

struct TriedEnumerators {
  EnumeratorUses uses;
  std::string kept;  // why the code keeps the base kernel's values; "": it does not
};

// `mir`: the driver's, under "true".  `module`: the driver under kEnumeratorLayouts, whose numbers
// `layouts` depend on a layout. `named`: the constants of those that its sources name.  Code that
// is another with other values, or a number that cannot be told, is no error.
Result<TriedEnumerators> TryEnumerators(const Sdk& sdk, const Driver& driver, const Mir& mir,
                                        llvm::Module* module, const MatchResult& layouts,
                                        const std::vector<Enumerator>& enumerators,
                                        const std::set<std::string>& named, unsigned jobs);

}  // namespace race::build
