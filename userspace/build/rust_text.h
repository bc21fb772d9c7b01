// SPDX-License-Identifier: GPL-2.0-only
//
// Rust sources as text, for what no other output of rustc says.
#pragma once

#include <string>
#include <string_view>

namespace race::build {

bool IsNameChar(char c);

// The name that the text begins with, or "".
std::string_view NameAt(std::string_view text);

// The text with spaces for lines that are comments: places stay what they are.  What
// stands behind code stays, too: // may be within a string, and to miss a name is worse
// than to have one too many.
std::string WithoutComments(std::string_view rust);

// The text with spaces for all comments and for what is within strings and characters:
// places stay what they are, and a bracket that is left is one of the code.  What nobody
// closes ends with the text.
std::string CodeOnly(std::string_view rust);

}  // namespace race::build
