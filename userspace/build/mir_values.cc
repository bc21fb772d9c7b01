// SPDX-License-Identifier: GPL-2.0-only
#include "build/mir_values.h"

#include <algorithm>
#include <cctype>

namespace race::build {
namespace {

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }
bool IsOpen(char c) { return std::string_view("<([{").find(c) != std::string_view::npos; }

// Behind a string or character that begins at `at`, or `at`.
size_t SkipQuoted(std::string_view text, size_t at) {
  if (text[at] == '\'') {
    // A lifetime is no character.
    const size_t end = text.find('\'', at + (text.substr(at + 1, 1) == "\\" ? 3 : 2));
    return end != text.npos && (end == at + 2 || text[at + 1] == '\\') ? end + 1 : at;
  }
  if (text[at] != '"') return at;
  for (size_t i = at + 1; i < text.size(); i++) {
    if (text[i] == '\\')
      i++;
    else if (text[i] == '"')
      return i + 1;
  }
  return text.size();
}

// Where an operand that begins at `at` ends.
size_t OperandEnd(std::string_view text, size_t at) {
  while (at < text.size()) {
    if (std::string_view(",);]}").find(text[at]) != std::string_view::npos) return at;
    if (text.substr(at).starts_with(" as ") || text.substr(at).starts_with(" -> ")) return at;
    if (const size_t behind = SkipQuoted(text, at); behind != at) {
      at = behind;
      continue;
    }
    if (IsOpen(text[at])) {
      const size_t close = MirClosing(text, at);
      if (close == text.npos) return text.size();
      at = close;
    }
    at++;
  }
  return at;
}

bool IsLiteral(std::string_view text) {
  if (text.empty()) return true;
  const char c = text[0];
  if (c == '"' || c == '\'' || text.starts_with("b\"") || text.starts_with("c\"") || c == '(')
    return true;
  if (text == "true" || text == "false") return true;
  return std::isdigit(static_cast<unsigned char>(c)) || c == '-' || c == kMirLayout;
}

}  // namespace

std::optional<MirAssignment> MirAssigned(const std::string& statement) {
  const size_t equals = statement.find(" = ");
  if (equals == std::string::npos || (statement[0] != '_' && statement[0] != '('))
    return std::nullopt;
  MirAssignment assigned;
  assigned.place = statement.substr(0, equals);
  assigned.value = statement.substr(equals + 3);
  assigned.local = MirLocalOf(assigned.place);
  if (assigned.local.empty()) return std::nullopt;
  return assigned;
}

std::string MirLocalOf(std::string_view place) {
  const size_t start = place.find('_');
  if (start == place.npos) return "";
  size_t end = start + 1;
  while (end < place.size() && std::isdigit(static_cast<unsigned char>(place[end]))) end++;
  return std::string(place.substr(start, end - start));
}

std::vector<MirOperand> MirOperands(std::string_view text) {
  std::vector<MirOperand> operands;
  for (size_t i = 0; i < text.size();) {
    if (const size_t behind = SkipQuoted(text, i); behind != i) {
      i = behind;
      continue;
    }
    // "*const T" is a type, and "&raw const (*_1)" a borrow.
    const bool begins = i == 0 || (!IsWord(text[i - 1]) && text[i - 1] != '*');
    const bool raw = i >= 4 && text.substr(i - 4, 4) == "raw ";
    MirOperand operand;
    for (std::string_view word : {"move ", "copy ", "const ", "deref_copy "})
      if (begins && !raw && text.substr(i).starts_with(word)) {
        const size_t start = i + word.size(), end = OperandEnd(text, start);
        operand.text = std::string(text.substr(start, end - start));
        while (operand.text.ends_with(" ")) operand.text.pop_back();
        if (word == "const ")
          operand.kind =
              IsLiteral(operand.text) ? MirOperand::Kind::kLiteral : MirOperand::Kind::kConstant;
        i = end;
        break;
      }
    if (operand.text.empty())
      i++;
    else
      operands.push_back(std::move(operand));
  }
  return operands;
}

std::string MirOperation(std::string_view value) {
  const size_t open = value.find('(');
  if (open == value.npos || open == 0) return "";
  for (char c : value.substr(0, open))
    if (!std::isalpha(static_cast<unsigned char>(c))) return "";
  return std::string(value.substr(0, open));
}

bool IsMirCall(std::string_view value) {
  return value.find(" -> [return") != value.npos || value.find(" -> bb") != value.npos ||
         value.find(" -> unwind") != value.npos;
}

size_t MirArguments(std::string_view call) {
  for (size_t i = 0; i < call.size(); i++) {
    if (call[i] == '(') return i;
    if (call[i] != '<' && call[i] != '{') continue;
    const size_t close = MirClosing(call, i);
    if (close == call.npos) return close;
    i = close;
  }
  return call.npos;
}

std::optional<MirCast> MirCastOf(std::string_view value) {
  if (!value.ends_with(")")) return std::nullopt;
  const size_t open = value.rfind(" (");
  // "(PointerCoercion(Unsize, Implicit))"
  size_t start = open;
  while (start != value.npos && MirClosing(value, start + 1) != value.size() - 1)
    start = start == 0 ? value.npos : value.rfind(" (", start - 1);
  if (start == value.npos) return std::nullopt;
  size_t as = value.npos;
  for (size_t i = 0; i < start; i++) {
    if (value.substr(i).starts_with(" as ")) {
      as = i;
      break;
    }
    if (!IsOpen(value[i])) continue;
    const size_t close = MirClosing(value, i);
    if (close == value.npos) return std::nullopt;
    i = close;
  }
  if (as == value.npos) return std::nullopt;
  return MirCast{std::string(value.substr(start + 2, value.size() - start - 3)),
                 std::string(value.substr(as + 4, start - as - 4))};
}

std::string MirBorrowed(std::string_view value) {
  if (!value.starts_with("&")) return "";
  value.remove_prefix(1);
  for (std::string_view word :
       {"raw const ", "raw mut ", "fake shallow ", "fake ", "mut ", "two_phase ", "'_ "})
    if (value.starts_with(word)) value.remove_prefix(word.size());
  return std::string(value);
}

bool IsMirMutableBorrow(std::string_view value) {
  return value.starts_with("&mut ") || value.starts_with("&raw mut ") ||
         value.starts_with("&two_phase ");
}

std::string MirPointee(std::string_view type) {
  if (type.starts_with("&")) {
    type.remove_prefix(1);
    if (type.starts_with("'")) {
      const size_t blank = type.find(' ');
      if (blank == type.npos) return "";
      type.remove_prefix(blank + 1);
    }
    if (type.starts_with("mut ")) type.remove_prefix(4);
    return std::string(type);
  }
  for (std::string_view word : {"*const ", "*mut "})
    if (type.starts_with(word)) return std::string(type.substr(word.size()));
  return "";
}

std::optional<std::vector<MirStep>> MirSteps(std::string_view place, const MirBody& body) {
  using Kind = MirStep::Kind;
  if (place.empty()) return std::nullopt;
  if (place[0] == '_') {
    const size_t bracket = place.find('[');
    const std::string_view local = place.substr(0, bracket);
    if (!std::all_of(local.begin() + 1, local.end(),
                     [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }) ||
        local.size() < 2)
      return std::nullopt;
    if (bracket == place.npos) {
      const auto type = body.types.find(std::string(local));
      return std::vector<MirStep>{{Kind::kLocal, type == body.types.end() ? "" : type->second, ""}};
    }
  }
  if (place.ends_with("]")) {
    // The last bracket is the last index.
    size_t open = place.npos;
    for (size_t i = 0; i < place.size(); i++) {
      if (!IsOpen(place[i])) continue;
      const size_t close = MirClosing(place, i);
      if (close == place.npos) return std::nullopt;
      if (close == place.size() - 1) open = i;
      i = close;
    }
    if (open == place.npos || place[open] != '[') return std::nullopt;
    auto steps = MirSteps(place.substr(0, open), body);
    if (!steps) return steps;
    MirStep step{Kind::kIndex, "", std::string(place.substr(open + 1, place.size() - open - 2))};
    const std::string& array = steps->back().type;
    if (array.starts_with("[") && array.ends_with("]")) {
      const size_t semicolon = array.rfind("; ");
      step.type = array.substr(1, (semicolon == array.npos ? array.size() - 1 : semicolon) - 1);
    }
    steps->push_back(std::move(step));
    return steps;
  }
  if (place[0] != '(' || MirClosing(place, 0) != place.size() - 1) return std::nullopt;
  const std::string_view inner = place.substr(1, place.size() - 2);
  if (inner.starts_with("*")) {
    auto steps = MirSteps(inner.substr(1), body);
    if (!steps) return steps;
    steps->push_back({Kind::kDeref, MirPointee(steps->back().type), ""});
    return steps;
  }
  // The base ends where its bracket or its local's number does.
  size_t end = 0;
  if (inner[0] == '(') {
    end = MirClosing(inner, 0);
    if (end == inner.npos) return std::nullopt;
    end++;
  } else {
    while (end < inner.size() && IsWord(inner[end])) end++;
  }
  while (end < inner.size() && inner[end] == '[') {
    const size_t close = MirClosing(inner, end);
    if (close == inner.npos) return std::nullopt;
    end = close + 1;
  }
  auto steps = MirSteps(inner.substr(0, end), body);
  if (!steps) return steps;
  const std::string_view rest = inner.substr(end);
  if (rest.starts_with(" as ")) {
    steps->push_back({Kind::kVariant, steps->back().type, ""});
    return steps;
  }
  const size_t colon = rest.find(": ");
  if (!rest.starts_with(".") || colon == rest.npos) return std::nullopt;
  steps->push_back({Kind::kField, std::string(rest.substr(colon + 2)), ""});
  return steps;
}

}  // namespace race::build
