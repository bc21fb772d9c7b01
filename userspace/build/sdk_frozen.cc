// SPDX-License-Identifier: GPL-2.0-only
#include "build/sdk_frozen.h"

#include <regex>
#include <sstream>

namespace race::build {
namespace {

// error[E0063]: missing fields `a`, `b` in initializer of `bindings_raw::T`
const std::regex& Literal() {
  static const std::regex regex("in initializer of `(?:[A-Za-z0-9_]+::)*([A-Za-z0-9_]+)`");
  return regex;
}

// error[E0080]: attempt to compute `65535_usize - 82952_usize`, which would overflow
//   --> FILE:LINE:COLUMN
//    |
// 93 |     const MAX: usize = u16::MAX as usize - size_of::<bindings::nlattr>();
//
// The source's line names the type; an empty line ends what belongs to the error.
const std::regex& Named() {
  static const std::regex regex("\\bbindings(?:_raw)?::([A-Za-z0-9_]+)");
  return regex;
}

}  // namespace

std::map<std::string, std::string> TypesThatMustStay(const Bindings& bindings,
                                                     const std::string& messages) {
  std::map<std::string, std::string> types;
  auto add = [&](const std::string& text, const std::regex& name, const char* why) {
    for (std::sregex_iterator match(text.begin(), text.end(), name), end; match != end; ++match)
      if (bindings.index.count((*match)[1]) != 0) types.emplace((*match)[1], why);
  };
  std::istringstream lines(messages);
  bool evaluates = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with("error")) evaluates = line.starts_with("error[E0080]");
    add(line, Literal(), "written as a literal with all its fields");
    if (evaluates) add(line, Named(), "its size is in a constant that rustc checks");
  }
  return types;
}

}  // namespace race::build
