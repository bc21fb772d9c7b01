// SPDX-License-Identifier: GPL-2.0-only
//
// Own types that say they have C's layout, and cannot have it.
#pragma once

#include <llvm/IR/Module.h>

#include <map>
#include <set>
#include <string>

#include "build/sdk.h"
#include "support/result.h"

namespace race::build {

// The structs, unions and enums that these sources declare with repr(C), and where: "x.rs:14".
// A name that a macro makes up is "$", and stands for all names.
std::map<std::string, std::string> DeclaredReprC(const std::set<std::string>& sources);

// Locks are aligned to 8 bytes in drivers, on each kernel (kRaisedTypes).  Where that moves
// something in a type of `declared`, code in C that shares the type would not agree with the
// driver: kShapeDiffers.  `first` is the program of the crate `crate`, under the first variant.
Status CheckCLayouts(const llvm::Module& first, const Sdk& sdk, const std::string& crate,
                     const std::map<std::string, std::string>& declared);

}  // namespace race::build
