// SPDX-License-Identifier: GPL-2.0-only
//
// Compares the program under the layouts that constants are not solved from: the
// real kernel's, and one whose sizes are powers of two (rules 4 and 16).
#pragma once

#include <llvm/IR/Module.h>

#include <string>

#include "build/solver.h"
#include "build/variant_match.h"
#include "support/result.h"

namespace race::build {

// `other` may lack what an offset of 0 or an empty type leaves out: additions of
// constants to addresses.  All else must be the same: instructions, callees, and
// every number that `match` has not found to depend on layouts, in code and in
// statics.  kShapeDiffers names the function, the source line and both
// instructions.
//
// A number that code works with, other than in an address, must be what its explanation
// says in `other` too: kProofFailed, when it is something that agrees with it under the
// solving layouts only.
//
// `at`, when given, is set to the function of `first` that differs.
Status CheckShape(const llvm::Module& first, const llvm::Module& other, const MatchResult& match,
                  Solver* solver, const std::string& other_name,
                  const llvm::Function** at = nullptr);

}  // namespace race::build
