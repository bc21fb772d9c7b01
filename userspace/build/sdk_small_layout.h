// SPDX-License-Identifier: GPL-2.0-only
//
// Which fields the small variant cannot leave out: those that code names, as
// rustc's errors say that miss them.
#pragma once

#include <set>
#include <string>

#include "build/bindings_model.h"
#include "build/variant_layout.h"

namespace race::build {

// Adds the fields that the compiler's messages say do not exist in a type of the
// bindings but which C has there.  Returns how many are new.
size_t FieldsMissing(const Bindings& bindings, const std::string& messages,
                     std::set<FieldName>* needed);

}  // namespace race::build
