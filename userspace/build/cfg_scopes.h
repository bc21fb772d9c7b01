// SPDX-License-Identifier: GPL-2.0-only
//
// Which code of a Rust source is there, or is what it is, because of the kernel's
// configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace race::build {

// An option that a text names.
struct NamedOption {
  std::string name;
  size_t at = 0;          // where in the text
  bool by_value = false;  // as in `CONFIG_X = "m"`: asked is more than whether it is set
};
std::vector<NamedOption> OptionsNamed(std::string_view text, size_t begin, size_t end);

// An option that a cfg() asks for, and the lines of which the code depends on the answer.
struct CfgScope {
  std::string option;
  bool by_value = false;
  unsigned line = 0;  // that names it
  unsigned first = 0, last = 0;
  bool operator==(const CfgScope&) const = default;
};

// All of a source file:
//
//  - in the body of a function, by an attribute or by cfg!(): the whole function.  Where
//    the answer was no, what it depends on is just what is not there.
//  - elsewhere: from the attribute to the end of the item that it stands before.  Where the
//    answer was no, nothing refers to the item, and it has no code.
//
// Left out is what decides about no code of its own (doc and lints), `#![cfg()]` of a whole
// file and cfg!() outside of functions.  Text that is no Rust gives fewer or more scopes,
// and no error.
std::vector<CfgScope> CfgScopes(std::string_view rust);

}  // namespace race::build
