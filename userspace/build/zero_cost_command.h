// SPDX-License-Identifier: GPL-2.0-only
//
// race zero-cost: what a .rcrate's code costs compared with code that was
// compiled for one kernel.
#pragma once

#include <ostream>
#include <string>

#include "support/result.h"

namespace race::build {

struct ZeroCostOptions {
  std::string rcrate;
  std::string bitcode;  // of the same build (race build --save-symbolic)
  std::string target;   // a kernel, as for race resolve
};

// Resolves the .rcrate, compiles the bitcode with the target's numbers in place
// of the layout symbols by the same optimiser and code generator, and prints how
// the two compare.
Status ZeroCost(const ZeroCostOptions& options, std::ostream& out);

}  // namespace race::build
