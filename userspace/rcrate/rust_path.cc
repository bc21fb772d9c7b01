// SPDX-License-Identifier: GPL-2.0-only
#include "rcrate/rust_path.h"

#include <cctype>

namespace race::rcrate {
namespace {

bool IsDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool IsAlphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// <decimal length> ["_"] <bytes>.  Identifiers in Punycode ("u" before the
// length) and disambiguated ones ("s") are none that a path can be compared by.
std::optional<std::string_view> TakeIdentifier(std::string_view* text) {
  size_t length = 0, at = 0;
  for (; at < text->size() && IsDigit((*text)[at]); ++at) {
    length = length * 10 + static_cast<size_t>((*text)[at] - '0');
    if (length > text->size()) return std::nullopt;
  }
  if (at == 0 || length == 0) return std::nullopt;
  if (at < text->size() && (*text)[at] == '_') ++at;
  if (text->size() - at < length) return std::nullopt;
  std::string_view identifier = text->substr(at, length);
  text->remove_prefix(at + length);
  return identifier;
}

}  // namespace

// Only names of this one form are compared, so that no demangler is needed on
// users' machines.
std::optional<std::string> RustPath(std::string_view symbol) {
  if (!symbol.starts_with("_RN")) return std::nullopt;
  symbol.remove_prefix(2);
  size_t parts = 0;
  // N<namespace>: v is a function, t a module.
  for (; symbol.size() >= 2 && symbol[0] == 'N'; symbol.remove_prefix(2), ++parts)
    if (symbol[1] != (parts == 0 ? 'v' : 't')) return std::nullopt;
  if (symbol.empty() || symbol[0] != 'C') return std::nullopt;
  symbol.remove_prefix(1);
  if (!symbol.empty() && symbol[0] == 's') {
    size_t end = 1;
    while (end < symbol.size() && IsAlphanumeric(symbol[end])) ++end;
    if (end == symbol.size() || symbol[end] != '_') return std::nullopt;
    symbol.remove_prefix(end + 1);
  }
  std::string path;
  for (size_t i = 0; i <= parts; ++i) {
    auto identifier = TakeIdentifier(&symbol);
    if (!identifier) return std::nullopt;
    path += (i == 0 ? "" : "::") + std::string(*identifier);
  }
  if (!symbol.empty()) return std::nullopt;
  return path;
}

}  // namespace race::rcrate
