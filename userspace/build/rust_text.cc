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

namespace {

// Behind the comment that begins at `at`: these nest.
size_t BehindComment(std::string_view text, size_t at) {
  if (text[at + 1] == '/') return std::min(text.find('\n', at), text.size());
  int depth = 0;
  while (at < text.size()) {
    if (text.substr(at, 2) == "/*") {
      depth++;
      at += 2;
    } else if (text.substr(at, 2) == "*/") {
      at += 2;
      if (--depth == 0) return at;
    } else {
      at++;
    }
  }
  return at;
}

// At the quote that closes the string or character which begins at `open`.
size_t ClosingQuote(std::string_view text, size_t open) {
  size_t at = open + 1;
  while (at < text.size() && text[at] != text[open]) at += text[at] == '\\' ? 2 : 1;
  return std::min(at, text.size());
}

// Whether a character stands between this quote and the next: else it is a lifetime's.
bool IsCharacter(std::string_view text, size_t quote) {
  if (quote + 1 >= text.size() || text[quote + 1] == '\'') return false;
  if (text[quote + 1] == '\\') return true;
  size_t end = quote + 2;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) end++;
  return end < text.size() && text[end] == '\'';
}

// Of r"...", br#"..."# and their like, behind the name `at`: behind the string's end;
// `at` itself when no such string begins there.
size_t BehindRaw(std::string_view text, size_t at) {
  size_t quote = at;
  while (quote < text.size() && text[quote] == '#') quote++;
  if (quote >= text.size() || text[quote] != '"') return at;
  const std::string end = '"' + std::string(quote - at, '#');
  const size_t close = text.find(end, quote + 1);
  return close == std::string_view::npos ? text.size() : close + end.size();
}

}  // namespace

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

std::string CodeOnly(std::string_view rust) {
  std::string text(rust);
  // Lines stay lines.
  auto blank = [&](size_t from, size_t to) {
    std::replace_if(text.begin() + from, text.begin() + to, [](char c) { return c != '\n'; }, ' ');
    return to;
  };
  for (size_t at = 0; at < rust.size();) {
    const std::string_view name = NameAt(rust.substr(at));
    if (!name.empty()) {
      at += name.size();
      if (name == "r" || name == "br" || name == "cr") at = blank(at, BehindRaw(rust, at));
    } else if (rust.substr(at, 2) == "//" || rust.substr(at, 2) == "/*") {
      at = blank(at, BehindComment(rust, at));
    } else if (rust[at] == '"' || (rust[at] == '\'' && IsCharacter(rust, at))) {
      at = std::min(blank(at + 1, ClosingQuote(rust, at)) + 1, rust.size());
    } else {
      at++;
    }
  }
  return text;
}

}  // namespace race::build
