// SPDX-License-Identifier: GPL-2.0-only
//
// The base kernel's C side: names and types as C has them, which the bindings
// lost, and the prototypes of everything that a driver can call.
#pragma once

#include <string>

#include "support/result.h"

namespace race::build {

// Name of the struct in base.btf whose members are pointers to every function
// and variable that the bindings declare, and to the functions that adapters call
// with a former prototype: member name = symbol name.
inline constexpr const char* kPrototypeStruct = "race_base_prototypes";

// Compiles the headers that the bindings were made from, with debug information
// for all types, and encodes it as BTF into OUTPUT/base.btf.
Status WriteBaseTypes(const std::string& tree, const std::string& output);

}  // namespace race::build
