// SPDX-License-Identifier: GPL-2.0-only
#include "build/mir_text.h"

#include <cctype>

namespace race::build {
namespace {

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// "scope 0 at DIR/driver.rs:9:21: 9:49" -> "driver.rs:9"
std::string Place(std::string_view comment) {
  size_t at = comment.find(" at ");
  if (at == std::string_view::npos) return "";
  std::string_view span = comment.substr(at + 4);
  size_t colon = span.find(".rs:");
  if (colon == std::string_view::npos) return "";
  size_t end = span.find(':', colon + 4);
  span = span.substr(0, end);
  size_t slash = span.rfind('/');
  return std::string(slash == std::string_view::npos ? span : span.substr(slash + 1));
}

// Position of the first `what` that stands outside all brackets.
size_t FindOutside(std::string_view text, std::string_view what) {
  for (size_t i = 0; i < text.size(); i++) {
    if (text.substr(i, what.size()) == what) return i;
    if (text[i] == '<' || text[i] == '(' || text[i] == '[' || text[i] == '{') {
      size_t close = MirClosing(text, i);
      if (close == std::string_view::npos) return close;
      i = close;
    }
  }
  return std::string_view::npos;
}

// Declarations, blocks' labels and comments stand among the statements.
bool IsStatement(std::string_view line) {
  if (line.empty() || line == "}") return false;
  for (std::string_view other : {"//", "let ", "debug ", "scope "})
    if (line.starts_with(other)) return false;
  return !(line.starts_with("bb") && line.ends_with(": {"));
}

bool SkipPrefix(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// The line that opens a body, or holds all of a constant: "const A: usize = const B;".
bool ParseHeader(std::string_view line, MirBody* body, std::string_view* value) {
  *value = {};
  if (SkipPrefix(&line, "fn ")) {
    size_t open = FindOutside(line, "(");
    size_t close = open == std::string_view::npos ? open : MirClosing(line, open);
    if (close == std::string_view::npos) return false;
    body->name = std::string(line.substr(0, open));
    body->function = true;
    for (std::string_view rest = line.substr(open + 1, close - open - 1); !rest.empty();) {
      const size_t comma = FindOutside(rest, ", ");
      const std::string_view one = rest.substr(0, comma);
      if (const size_t colon = one.find(": "); one.starts_with("_") && colon != one.npos) {
        body->arguments++;
        body->types.emplace(one.substr(0, colon), one.substr(colon + 2));
      }
      rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 2);
    }
    const size_t result = line.find(" -> ", close);
    if (result != line.npos && line.ends_with(" {"))
      body->types["_0"] = std::string(line.substr(result + 4, line.size() - result - 6));
    return line.ends_with("{");
  }
  for (std::string_view keyword : {"const ", "static mut ", "static "})
    if (SkipPrefix(&line, keyword)) break;
  body->compile_time = true;
  size_t colon = FindOutside(line, ": ");
  if (colon == std::string_view::npos) return false;
  body->name = std::string(line.substr(0, colon));
  size_t equals = FindOutside(line.substr(colon), " = ");
  if (equals == std::string_view::npos) return false;
  body->types["_0"] = std::string(line.substr(colon + 2, equals - 2));
  *value = line.substr(colon + equals + 3);
  return true;
}

// "let mut _3: *const u8;"
void ParseLocal(std::string_view line, MirBody* body) {
  if (!SkipPrefix(&line, "let ")) return;
  SkipPrefix(&line, "mut ");
  const size_t colon = line.find(": ");
  if (!line.starts_with("_") || colon == line.npos) return;
  std::string_view type = line.substr(colon + 2);
  if (type.ends_with(";")) type.remove_suffix(1);
  body->types[std::string(line.substr(0, colon))] = std::string(type);
}

}  // namespace

size_t MirClosing(std::string_view text, size_t open) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = open; i < text.size(); i++) {
    char c = text[i];
    if (quoted) {
      if (c == '\\') i++;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '<' || c == '(' || c == '[' || c == '{') depth++;
    bool arrow = c == '>' && i > 0 && (text[i - 1] == '-' || text[i - 1] == '=');
    if (((c == '>' && !arrow) || c == ')' || c == ']' || c == '}') && --depth == 0) return i;
  }
  return std::string_view::npos;
}

std::string MirItem(std::string_view path) {
  std::vector<std::string_view> parts;
  for (;;) {
    size_t next = FindOutside(path, "::");
    parts.push_back(path.substr(0, next));
    if (next == std::string_view::npos) break;
    path.remove_prefix(next + 2);
  }
  // Generic arguments are no part of the item: "big::<Own>".
  while (parts.size() > 1 && parts.back().starts_with("<")) parts.pop_back();
  std::string item(parts.back());
  bool own_name = item.find('{') != std::string::npos || item.starts_with("promoted[");
  for (size_t i = parts.size() - 1; own_name && i > 0; i--) {
    item = std::string(parts[i - 1]) + "::" + item;
    own_name = parts[i - 1].find('{') != std::string_view::npos;
  }
  return item;
}

std::set<std::string> MirLocals(std::string_view text) {
  std::set<std::string> locals;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '\\' && quoted) {
      i++;
      continue;
    }
    if (text[i] == '"') quoted = !quoted;
    if (quoted || text[i] != '_' || (i > 0 && IsWord(text[i - 1]))) continue;
    size_t end = i + 1;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) end++;
    if (end > i + 1 && (end == text.size() || !IsWord(text[end])))
      locals.insert(std::string(text.substr(i, end - i)));
    i = end - 1;
  }
  return locals;
}

std::string MirPlainType(std::string_view type) {
  std::string plain;
  for (size_t i = 0; i < type.size(); i++) {
    if (type.compare(i, 2, "::") != 0) {
      plain += type[i];
      continue;
    }
    size_t start = plain.size();
    while (start > 0 && IsWord(plain[start - 1])) start--;
    plain.resize(start);
    i++;
  }
  return plain;
}

Mir ParseMir(std::string_view text) {
  Mir mir;
  MirBody* body = nullptr;
  bool for_compile_time = false;
  while (!text.empty()) {
    size_t newline = text.find('\n');
    std::string_view line = text.substr(0, newline);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    if (line == "}") {
      body = nullptr;
    } else if (body != nullptr) {
      size_t comment = line.rfind("// ");
      std::string place = comment == line.npos ? "" : Place(line.substr(comment));
      if (!place.empty()) line = line.substr(0, comment);
      line = Trim(line);
      ParseLocal(line, body);
      // The result is declared where the driver declares what has it, whatever macros made
      // of the rest.
      if (line.find(" _0: ") != line.npos && line.starts_with("let ")) body->place = place;
      if (!IsStatement(line)) continue;
      if (line.ends_with(";")) line.remove_suffix(1);
      body->statements.push_back({std::string(line), place});
    } else if (line.starts_with("// MIR FOR CTFE")) {
      for_compile_time = true;
    } else if (line.starts_with("alloc")) {
      size_t open = line.find(" (static: ");
      if (open == std::string_view::npos) continue;
      std::string_view name = line.substr(open + 10);
      mir.statics.emplace(line.substr(0, open), MirItem(name.substr(0, name.find_first_of(",)"))));
    } else if (!line.empty() && line[0] != ' ' && line[0] != '/') {
      MirBody parsed;
      std::string_view value;
      if (!ParseHeader(line, &parsed, &value)) continue;
      parsed.compile_time |= for_compile_time;
      for_compile_time = false;
      mir.bodies.push_back(std::move(parsed));
      if (line.ends_with("{")) {
        body = &mir.bodies.back();
      } else {
        if (value.ends_with(";")) value.remove_suffix(1);
        mir.bodies.back().statements.push_back({"_0 = " + std::string(value), ""});
      }
    }
  }
  return mir;
}

}  // namespace race::build
