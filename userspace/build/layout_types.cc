// SPDX-License-Identifier: GPL-2.0-only
#include "build/layout_types.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "build/mir_text.h"
#include "build/mir_values.h"

namespace race::build {
namespace {

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

bool IsPrimitive(const std::string& type) {
  static const std::set<std::string> names = {
      "u8",   "i8",   "u16",  "i16",  "u32", "i32", "u64", "i64", "usize", "isize",
      "u128", "i128", "bool", "char", "f32", "f64", "()",  "!",   "str"};
  return names.count(type) != 0;
}

// Words that stand among types and are none.
bool IsKeyword(std::string_view word) {
  static const std::set<std::string_view> words = {"impl", "as",     "mut",    "const", "dyn",
                                                   "for",  "extern", "unsafe", "fn",    "_"};
  return words.count(word) != 0;
}

// "T", "Self" or "N": of a type that nobody has a value of, a parameter.
bool IsPlain(std::string_view type) {
  return !type.empty() && std::all_of(type.begin(), type.end(), IsWord);
}

std::string WithoutArguments(const std::string& plain) { return plain.substr(0, plain.find('<')); }

}  // namespace

bool TypeLayouts::Moves(const std::string& type, bool parameters) const {
  if (IsPrimitive(type) || type.empty()) return false;
  if (!MirPointee(type).empty() || type.starts_with("fn(") || type.starts_with("unsafe ") ||
      type.starts_with("extern ") || type.starts_with("for<"))
    return false;
  if (type.starts_with("[") && type.ends_with("]")) {
    const size_t semicolon = type.rfind("; ");
    const std::string element =
        type.substr(1, (semicolon == type.npos ? type.size() - 1 : semicolon) - 1);
    if (semicolon != type.npos)
      for (char c : type.substr(semicolon + 2, type.size() - semicolon - 3)) {
        if (std::isdigit(static_cast<unsigned char>(c))) continue;
        if (c == kMirLayout || parameters) return true;
      }
    return Moves(element, parameters);
  }
  if (type.starts_with("(") && type.ends_with(")")) {
    std::string_view rest = std::string_view(type).substr(1, type.size() - 2);
    size_t start = 0;
    for (size_t i = 0; i <= rest.size(); i++) {
      if (i == rest.size() || rest[i] == ',') {
        std::string_view one = rest.substr(start, i - start);
        while (one.starts_with(" ")) one.remove_prefix(1);
        if (Moves(std::string(one), parameters)) return true;
        start = i + 1;
      } else if (std::string_view("<([{").find(rest[i]) != std::string_view::npos) {
        const size_t close = MirClosing(rest, i);
        if (close == rest.npos) return true;
        i = close;
      }
    }
    return false;
  }
  switch (Named(type)) {
    case Answer::kStays:
      return false;
    case Answer::kMoves:
      return true;
    case Answer::kUnknown:
      break;
  }
  if (IsPlain(type) || type.starts_with("<")) return parameters;
  return Mentions(type, parameters);
}

bool TypeLayouts::Mentions(std::string_view text, bool parameters) const {
  return Search(text, parameters, false);
}

bool TypeLayouts::PathMentions(std::string_view path, bool parameters) const {
  return Search(path, parameters, true);
}

bool TypeLayouts::Search(std::string_view text, bool parameters, bool is_path) const {
  bool trait = false;  // what comes is a trait
  for (size_t i = 0; i < text.size();) {
    if (text[i] == kMirLayout) return true;
    if (text[i] == '\'') {  // a lifetime
      for (i++; i < text.size() && IsWord(text[i]);) i++;
      continue;
    }
    if (is_path && text[i] == '<') {  // "<T as Trait>::..."
      const size_t close = MirClosing(text, i);
      if (close == text.npos || Mentions(text.substr(i + 1, close - i - 1), parameters))
        return true;
      i = close + 1;
      continue;
    }
    if (!IsWord(text[i]) && text[i] != '{') {
      i++;
      continue;
    }
    // A path with its arguments is a type; so may each part of it be.
    const size_t start = i;
    bool arguments = false;
    std::string_view inner;
    while (i < text.size()) {
      if (text[i] == '<' || text[i] == '{') {
        const size_t close = MirClosing(text, i);
        if (close == text.npos) return true;
        if (text[i] == '<' && Mentions(text.substr(i + 1, close - i - 1), parameters)) return true;
        arguments |= text[i] == '<';
        i = close + 1;
      } else if (IsWord(text[i])) {
        i++;
      } else if (text.substr(i, 2) == "::") {
        const std::string so_far(text.substr(start, i - start));
        if (Named(so_far) == Answer::kMoves) return true;
        i += 2;
      } else {
        break;
      }
    }
    const std::string path(text.substr(start, i - start));
    if (IsKeyword(path)) trait = path == "as" || path == "dyn";
    if (std::isdigit(static_cast<unsigned char>(path[0])) || IsKeyword(path) || IsPrimitive(path))
      continue;
    const bool is_type = !trait && !is_path;
    trait = false;
    if (!is_type) continue;
    const Answer answer = Named(path);
    if (answer == Answer::kMoves) return true;
    if (answer == Answer::kUnknown && parameters && !arguments && IsPlain(path)) return true;
  }
  return false;
}

PrintedLayouts::Printed PrintedLayouts::Read(const std::string& text) {
  Printed types;
  std::string* current = nullptr;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("print-type-size ")) continue;
    const std::string open = "print-type-size type: `";
    if (line.starts_with(open)) {
      const size_t close = line.rfind("`: ");
      if (close == std::string::npos) continue;
      current = &types[line.substr(open.size(), close - open.size())];
    }
    if (current != nullptr) *current += line + "\n";
  }
  return types;
}

PrintedLayouts::PrintedLayouts(const std::string& narrow, const std::string& wide)
    : narrow_(Read(narrow)), wide_(Read(wide)) {
  for (const auto& [type, layout] : narrow_) by_plain_name_.emplace(MirPlainType(type), type);
  for (const auto& [type, layout] : narrow_) {
    const size_t open = type.find('<');
    if (open == type.npos || !Differs(type)) continue;
    const std::string_view arguments = std::string_view(type).substr(open + 1);
    if (!Mentions(arguments.substr(0, arguments.rfind('>')), false))
      moving_plain_.insert(WithoutArguments(MirPlainType(type)));
  }
}

bool PrintedLayouts::Differs(const std::string& printed) const {
  const auto other = wide_.find(printed);
  return other == wide_.end() || other->second != narrow_.at(printed);
}

TypeLayouts::Answer PrintedLayouts::Named(const std::string& type) const {
  if (type.find(kMirLayout) != type.npos) return Answer::kMoves;
  const auto answer = [&](bool moves) { return moves ? Answer::kMoves : Answer::kStays; };
  if (narrow_.count(type) != 0) return answer(Differs(type));
  const std::string plain = MirPlainType(type);
  // Of several types with that name, any one may be meant.
  const auto [first, last] = by_plain_name_.equal_range(plain);
  if (first != last)
    return answer(
        std::any_of(first, last, [&](const auto& named) { return Differs(named.second); }));
  // An instance that has parameters for arguments.
  if (plain.find('<') != plain.npos && moving_plain_.count(WithoutArguments(plain)) != 0)
    return Answer::kMoves;
  return Answer::kUnknown;
}

// All members of a union lie at its start.
bool PrintedLayouts::IsUnion(const std::string& type) const {
  auto found = narrow_.find(type);
  if (found == narrow_.end()) {
    const auto named = by_plain_name_.find(MirPlainType(type));
    if (named == by_plain_name_.end()) return false;
    found = narrow_.find(named->second);
  }
  const std::string& text = found->second;
  size_t fields = 0, at_start = 0;
  bool variant_of_its_name = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" variant `") != line.npos) variant_of_its_name = true;
    if (line.find("discriminant:") != line.npos) return false;
    if (line.find("field `") == line.npos) continue;
    fields++;
    if (line.find("offset: 0 bytes") != line.npos) at_start++;
  }
  return variant_of_its_name && (fields == 1 || at_start > 0);
}

bool PrintedLayouts::IsPlainNameClear(const std::string& type) const {
  return by_plain_name_.count(MirPlainType(type)) == 1;
}

}  // namespace race::build
