// SPDX-License-Identifier: GPL-2.0-only
//
// Which C types give the program's own types their alignment.
#pragma once

#include <llvm/IR/Module.h>

#include <map>
#include <set>
#include <string>

namespace race::build {

// By bindgen's names, the C types that types of the program hold by value, with the place of
// the question; `aligned` are the types, as MIR spells them, and places.  Of several types of
// one name, each counts.
std::map<std::string, std::string> KernelTypesIn(const llvm::Module& module,
                                                 const std::map<std::string, std::string>& aligned);

}  // namespace race::build
