// SPDX-License-Identifier: GPL-2.0-only
//
// Which types of the bindings must keep the base kernel's layout, as rustc's errors say of
// code that does not compile where they have another one.
#pragma once

#include <map>
#include <string>

#include "build/bindings_model.h"

namespace race::build {

// Types of the bindings that the compiler's messages are about, and why each must stay:
//   E0063  missing fields in a literal
//   E0080  what is worked out while compiling is wrong with that type's size
std::map<std::string, std::string> TypesThatMustStay(const Bindings& bindings,
                                                     const std::string& messages);

}  // namespace race::build
