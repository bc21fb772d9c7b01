// SPDX-License-Identifier: GPL-2.0-only
#include "build/cfg_scopes.h"

#include <algorithm>
#include <optional>
#include <set>

#include "build/rust_text.h"

namespace race::build {
namespace {

constexpr size_t kNone = std::string_view::npos;

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

bool IsOpen(char c) { return c == '(' || c == '[' || c == '{'; }

bool IsClose(char c) { return c == ')' || c == ']' || c == '}'; }

// The brackets and functions of a source without comments and strings.
class Outline {
 public:
  explicit Outline(std::string code) : code_(std::move(code)) {
    FindBrackets();
    FindFunctions();
    for (size_t at = 0; (at = code_.find('\n', at)) != kNone; at++) ends_.push_back(at);
  }

  std::string_view code() const { return code_; }
  std::string_view Name(size_t at) const { return NameAt(code().substr(std::min(at, Size()))); }
  size_t Size() const { return code_.size(); }
  char At(size_t at) const { return at < Size() ? code_[at] : '\0'; }

  size_t Skip(size_t at) const {
    while (at < Size() && IsSpace(code_[at])) at++;
    return at;
  }

  unsigned Line(size_t at) const {
    return static_cast<unsigned>(std::lower_bound(ends_.begin(), ends_.end(), at) - ends_.begin()) +
           1;
  }

  // Of the bracket at `open`: where it is closed, or the end.
  size_t Close(size_t open) const { return partner_[open]; }

  // Which bracket a place is in; nothing at the top.
  size_t Around(size_t at) const { return around_[at]; }

  struct Span {
    size_t first = 0, last = 0;
  };

  // The innermost function in whose body a place is, from its `fn` on.
  std::optional<Span> FunctionAround(size_t at) const {
    std::optional<Span> found;
    for (const auto& [start, body] : functions_)
      if (body < at && at < Close(body)) found = {start, Close(body)};
    return found;
  }

 private:
  void FindBrackets() {
    partner_.assign(Size(), Size());
    around_.assign(Size() + 1, kNone);
    std::vector<size_t> open;
    for (size_t at = 0; at < Size(); at++) {
      if (IsClose(code_[at]) && !open.empty()) {
        partner_[open.back()] = at;
        open.pop_back();
      }
      around_[at] = open.empty() ? kNone : open.back();
      if (IsOpen(code_[at])) open.push_back(at);
    }
  }

  // `fn NAME ... {`; $name in a macro.  `fn(` is a type, and what ends with ; has no body.
  void FindFunctions() {
    for (size_t at = 0; at < Size(); at++) {
      const std::string_view name = Name(at);
      if (name.empty()) continue;
      const size_t start = at;
      at += name.size();
      const size_t next = Skip(at);
      if (name != "fn" || (At(next) != '$' && !IsNameChar(At(next)))) continue;
      size_t body = next;
      while (body < Size() && code_[body] != '{' && code_[body] != ';' && !IsClose(code_[body]))
        body = IsOpen(code_[body]) ? Close(body) + 1 : body + 1;
      if (At(body) == '{') functions_.emplace_back(start, body);
    }
  }

  std::string code_;
  std::vector<size_t> ends_;  // of lines
  std::vector<size_t> partner_, around_;
  std::vector<std::pair<size_t, size_t>> functions_;  // `fn`, body
};

// What only a semicolon ends, whatever blocks are in it.
bool EndsWithSemicolon(const Outline& source, size_t at) {
  std::string_view word = source.Name(at);
  if (word == "pub") {
    at = source.Skip(at + word.size());
    if (source.At(at) == '(') at = source.Skip(source.Close(at) + 1);
    word = source.Name(at);
  }
  if (word != "const")
    return word == "let" || word == "static" || word == "type" || word == "use" || word == "return";
  at = source.Skip(at + word.size());
  const std::string_view next = source.Name(at);
  return source.At(at) != '{' && next != "fn" && next != "unsafe" && next != "extern" &&
         next != "async";
}

// Whether what a block seemed to end goes on: `else`, a method of its value, a parameter.
bool GoesOn(const Outline& source, size_t behind) {
  const size_t next = source.Skip(behind);
  return std::string_view(".?>;,").find(source.At(next)) != kNone || source.Name(next) == "else";
}

// The last place of the item, statement, field or arm that stands behind an attribute.
size_t EndOfGuarded(const Outline& source, size_t at) {
  at = source.Skip(at);
  while (source.At(at) == '#') {  // more attributes
    const size_t open = source.Skip(at + 1);
    if (source.At(open) != '[') break;
    at = source.Skip(source.Close(open) + 1);
  }
  const bool to_semicolon = EndsWithSemicolon(source, at);
  // A comma ends a field, not the parameters of an item.
  static const std::set<std::string_view, std::less<>> kItems = {
      "pub",   "fn",  "impl",   "struct", "enum",  "mod",         "use",   "const", "static",
      "trait", "let", "unsafe", "extern", "async", "macro_rules", "union", "type"};
  const bool is_item = kItems.count(source.Name(at)) != 0;
  for (; at < source.Size(); at++) {
    const char c = source.At(at);
    if (c == ';' || (c == ',' && !is_item)) return at;
    if (IsClose(c)) return at;  // of what the attribute is in
    if (!IsOpen(c)) continue;
    at = source.Close(at);
    if (source.At(at) == '}' && !to_semicolon && !GoesOn(source, at + 1)) return at;
  }
  return source.Size();
}

// Whether these, the effects of a cfg_attr(), say nothing of code.
bool AreLints(const Outline& source, size_t begin, size_t end) {
  static const std::set<std::string_view, std::less<>> kLints = {"doc",  "allow", "expect",
                                                                 "warn", "deny",  "forbid"};
  for (size_t at = source.Skip(begin); at < end; at = source.Skip(at)) {
    if (kLints.count(source.Name(at)) == 0) return false;
    while (at < end && source.At(at) != ',')
      at = IsOpen(source.At(at)) ? source.Close(at) + 1 : at + 1;
    at++;
  }
  return true;
}

// Of cfg( or cfg_attr(, whose bracket is at `open`: whether code depends on the answer.
bool IsAboutCode(const Outline& source, std::string_view word, size_t open) {
  if (word == "cfg") return true;
  size_t comma = open + 1;
  while (comma < source.Close(open) && source.At(comma) != ',')
    comma = IsOpen(source.At(comma)) ? source.Close(comma) + 1 : comma + 1;
  return !AreLints(source, comma + 1, source.Close(open));
}

// The text that depends on the answer of what begins with the name `cfg` or `cfg_attr` at
// `at`, whose bracket is at `open`.
std::optional<Outline::Span> Dependent(const Outline& source, size_t at, size_t open,
                                       bool is_macro) {
  const std::optional<Outline::Span> function = source.FunctionAround(at);
  if (function || is_macro) return function;
  const size_t bracket = source.Around(at);
  if (bracket == kNone || source.At(bracket) != '[') return {};
  // Behind # or #!, by then not before anything else: [cfg(..)] alone is an array.
  size_t hash = bracket;
  while (hash > 0 && IsSpace(source.At(hash - 1))) hash--;
  if (hash == 0) return {};
  if (source.At(hash - 1) == '!') {
    const size_t outer = source.Around(hash - 1);
    if (outer == kNone) return {};
    return Outline::Span{outer, source.Close(outer)};
  }
  if (source.At(hash - 1) != '#' || source.Close(open) >= source.Size()) return {};
  return Outline::Span{hash - 1, EndOfGuarded(source, source.Close(bracket) + 1)};
}

}  // namespace

std::vector<NamedOption> OptionsNamed(std::string_view text, size_t begin, size_t end) {
  std::vector<NamedOption> options;
  end = std::min(end, text.size());
  for (size_t at = begin; at < end;) {
    const std::string_view name = NameAt(text.substr(at));
    if (name.empty()) {
      at++;
      continue;
    }
    NamedOption option{std::string(name), at, false};
    at += name.size();
    if (!name.starts_with("CONFIG_")) continue;
    size_t next = at;
    while (next < end && IsSpace(text[next])) next++;
    option.by_value = next < end && text[next] == '=';
    options.push_back(std::move(option));
  }
  return options;
}

std::vector<CfgScope> CfgScopes(std::string_view rust) {
  const Outline source(CodeOnly(rust));
  std::vector<CfgScope> scopes;
  for (size_t at = 0; at < source.Size();) {
    const std::string_view word = source.Name(at);
    const size_t start = at;
    at += std::max<size_t>(word.size(), 1);
    if (word != "cfg" && word != "cfg_attr") continue;
    const bool is_macro = word == "cfg" && source.At(at) == '!';
    const size_t open = source.Skip(at + (is_macro ? 1 : 0));
    if (!IsOpen(source.At(open)) || !IsAboutCode(source, word, open)) continue;
    const std::optional<Outline::Span> span = Dependent(source, start, open, is_macro);
    if (span)
      for (const NamedOption& option : OptionsNamed(source.code(), open, source.Close(open)))
        scopes.push_back({option.name, option.by_value, source.Line(option.at),
                          source.Line(span->first), source.Line(span->last)});
    // Within cfg_attr() there may be another one, which is this one's.
    at = std::max(at, std::min(source.Close(open), source.Size()));
  }
  return scopes;
}

}  // namespace race::build
