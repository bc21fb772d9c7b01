// SPDX-License-Identifier: GPL-2.0-only
#include "build/rust_text.h"

#include <algorithm>

namespace race::build {

bool IsNameChar(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string_view NameAt(std::string_view text) {
  size_t length = 0;
  while (length < text.size() && IsNameChar(text[length])) length++;
  return text.substr(0, length);
}

std::string WithoutComments(std::string_view rust) {
  std::string text(rust);
  for (size_t line = 0; line < text.size();) {
    const size_t end = std::min(text.find('\n', line), text.size());
    const size_t first = text.find_first_not_of(" \t", line);
    if (first < end && text.compare(first, 2, "//") == 0)
      std::fill(text.begin() + line, text.begin() + end, ' ');
    line = end + 1;
  }
  return text;
}

}  // namespace race::build
