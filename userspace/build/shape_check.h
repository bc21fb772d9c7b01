// SPDX-License-Identifier: GPL-2.0-only
//
// Compares the shape of the code under the layouts that constants are not
// solved from: the real kernel's, and one whose sizes are powers of two
// (rules 4 and 16).
#pragma once

#include <llvm/IR/Module.h>

#include "build/variant_match.h"
#include "support/result.h"

namespace race::build {

// `other` may lack what an offset of 0 or an empty type leaves out: additions of
// constants to addresses.  All else must be the same: instructions, callees, and
// every number that `match` has not found to depend on layouts.  kShapeDiffers
// names the function, the source line and both instructions.
Status CheckShape(const llvm::Module& first, const llvm::Module& other, const MatchResult& match,
                  const char* other_name);

}  // namespace race::build
