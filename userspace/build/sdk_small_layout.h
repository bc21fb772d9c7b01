// SPDX-License-Identifier: GPL-2.0-only
//
// Which fields the small variant cannot leave out: those that code names, as
// rustc's errors say that miss them.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "build/bindings_model.h"
#include "build/variant_layout.h"

namespace race::build {

// RewriteBindings()' text, in which each field of a type that can be laid out anew has a note that
// the compiler says wherever code names the field: that it is deprecated, "race:TYPE.FIELD".
std::string NoteFields(const Bindings& bindings, std::string_view rewritten);
// The words that make it say so, whatever else a command allows.
inline constexpr const char* kSayNotes = "--force-warn=deprecated";

// Adds the fields that the compiler's messages have a note of.
void FieldsNoted(const Bindings& bindings, const std::string& messages,
                 std::set<FieldName>* needed);

// Adds the fields that the compiler's messages say do not exist in a type of the
// bindings but which C has there.  Returns how many are new.
size_t FieldsMissing(const Bindings& bindings, const std::string& messages,
                     std::set<FieldName>* needed);

}  // namespace race::build
