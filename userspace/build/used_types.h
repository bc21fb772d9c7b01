// SPDX-License-Identifier: GPL-2.0-only
//
// Which C types a program holds or points to, from its debug information.
#pragma once

#include <llvm/IR/Module.h>

#include <functional>
#include <set>
#include <string>

namespace race::build {

// Names of all aggregates that a parameter, a local or a static of the module
// has by value, behind one pointer, or inside such a type by value.  `of`: only of the types that
// are defined in the module or crate of that name.
std::set<std::string> UsedTypes(const llvm::Module& module, const std::string& of = "");

// The same without what only C's types have within them: code that has to do with a member of
// one of those names the member.
std::set<std::string> TypesAtHand(const llvm::Module& module);

// All of whose values the code may get hold of through its own types: what is at hand, behind
// any number of pointers, and the type arguments of the functions that the code comes from, as
// of cast::<T>().  Also aggregates of Rust.  `counts`: whose code it is.
std::set<std::string> TypesReached(const llvm::Module& module,
                                   const std::function<bool(const llvm::Function&)>& counts);

}  // namespace race::build
