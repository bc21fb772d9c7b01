// SPDX-License-Identifier: GPL-2.0-only
//
// MarkDifferences(): rustc writes what it has evaluated as a number, "[u8; 32]" for
// "[u8; size_of::<mutex>()]".  Where another layout has another number, it is a layout.
#include <algorithm>
#include <cctype>

#include "build/mir_text.h"

namespace race::build {
namespace {

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }
bool IsDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// Names of allocations are counted as rustc comes by them.
bool IsCounter(std::string_view text, size_t digits) {
  return digits >= 5 && text.substr(digits - 5, 5) == "alloc";
}

Error Differs(const MirBody& body, const std::string& place, const std::string& text) {
  return Fail(Code::kShapeDiffers)
         << (place.empty() ? body.place : place) << ": " << body.name
         << " is another program under another layout of the kernel's types\n    " << text
         << "\n  what decides about more than numbers cannot be taken from a layout";
}

}  // namespace

bool MarkDifferences(std::string* text, std::string_view other) {
  if (*text == other) return true;
  std::string marked;
  size_t i = 0, o = 0;
  while (i < text->size() && o < other.size()) {
    if (!IsDigit((*text)[i]) || !IsDigit(other[o])) {
      if ((*text)[i] != other[o]) return false;
      marked += (*text)[i];
      i++, o++;
      continue;
    }
    const size_t start = i, other_start = o;
    while (i < text->size() && IsDigit((*text)[i])) i++;
    while (o < other.size() && IsDigit(other[o])) o++;
    const std::string number = text->substr(start, i - start);
    if (number == other.substr(other_start, o - other_start) || IsCounter(*text, start)) {
      marked += number;
    } else {
      if (start > 0 && IsWord((*text)[start - 1])) return false;
      marked += kMirLayout;
    }
  }
  if (i != text->size() || o != other.size()) return false;
  *text = std::move(marked);
  return true;
}

Status MarkDifferences(Mir* mir, const Mir& other) {
  if (mir->bodies.size() != other.bodies.size())
    return Fail(Code::kShapeDiffers)
           << "the driver has " << mir->bodies.size() << " functions and constants under one "
           << "layout of the kernel's types and " << other.bodies.size() << " under another";
  for (size_t b = 0; b < mir->bodies.size(); b++) {
    MirBody& body = mir->bodies[b];
    const MirBody& that = other.bodies[b];
    if (body.name != that.name || body.statements.size() != that.statements.size() ||
        body.types.size() != that.types.size())
      return Differs(body, "", that.name);
    for (auto& [local, type] : body.types) {
      const auto found = that.types.find(local);
      if (found == that.types.end() || !MarkDifferences(&type, found->second))
        return Differs(body, "", local + ": " + type);
    }
    for (size_t s = 0; s < body.statements.size(); s++)
      if (!MarkDifferences(&body.statements[s].text, that.statements[s].text))
        return Differs(body, body.statements[s].place, body.statements[s].text);
  }
  return Ok{};
}

}  // namespace race::build
