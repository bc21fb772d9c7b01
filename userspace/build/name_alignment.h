// SPDX-License-Identifier: GPL-2.0-only
//
// Functions whose names hold a layout: `CListIter<Block, 248>::next`, where 248 is an
// offset in one variant and another number in the next.
#pragma once

#include <llvm/IR/Module.h>

#include <string>

namespace race::build {

// A function's name as people write it, with `_` for each number that is a generic
// argument of a type or function of the kernel crate or core.  Numbers that the
// driver's own generics have stay: what the driver decides from them while it is
// compiled is not known.  Empty when nothing was replaced.
std::string NameWithoutNumbers(const std::string& mangled);

// Gives functions of `other` the names that the same functions have in `first`: those
// that only differ in such numbers, where each side has one of that name.
void AlignNames(const llvm::Module& first, llvm::Module* other);

}  // namespace race::build
