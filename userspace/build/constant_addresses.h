// SPDX-License-Identifier: GPL-2.0-only
//
// Addresses in statics that are constants, of one form: the static and a number of bytes.
#pragma once

#include <llvm/IR/Module.h>

namespace race::build {

// rustc steps to an element of a static array by its type, which is another one in each
// variant, and to a member by bytes.  Of both it makes one step by bytes.
void FlattenConstantAddresses(llvm::Module* module);

}  // namespace race::build
