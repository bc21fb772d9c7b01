// SPDX-License-Identifier: GPL-2.0-only
#include "build/sdk_small_layout.h"

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>
#include <vector>

namespace race::build {
namespace {

// The texts between backquotes: "no field `a` on type `&bindings::T`" has two.
std::vector<std::string> Quoted(const std::string& line) {
  std::vector<std::string> quoted;
  for (size_t at = line.find('`'); at != std::string::npos;) {
    size_t end = line.find('`', at + 1);
    if (end == std::string::npos) break;
    quoted.push_back(line.substr(at + 1, end - at - 1));
    at = line.find('`', end + 1);
  }
  return quoted;
}

// The types of the bindings that a type's text names, as in
// "&ManuallyDrop<bindings::T>".
std::vector<const Aggregate*> Named(const Bindings& bindings, const std::string& type) {
  static const std::regex identifier("[A-Za-z0-9_]+");
  std::vector<const Aggregate*> named;
  for (std::sregex_iterator match(type.begin(), type.end(), identifier), end; match != end; ++match)
    if (const Aggregate* aggregate = ByValueAggregate(bindings, match->str()))
      named.push_back(aggregate);
  return named;
}

bool Has(const Aggregate& aggregate, const std::string& field) {
  return std::any_of(aggregate.fields.begin(), aggregate.fields.end(),
                     [&](const Field& mine) { return mine.name == field; });
}

}  // namespace

// E0609  no field `a` on type `T`
// E0560  struct `T` has no field named `a`             (in a literal)
// E0026  struct `T` does not have fields named `a`, `b` (in a pattern)
size_t FieldsMissing(const Bindings& bindings, const std::string& messages,
                     std::set<FieldName>* needed) {
  size_t before = needed->size();
  std::istringstream lines(messages);
  for (std::string line; std::getline(lines, line);) {
    bool of_type = line.starts_with("error[E0609]");
    if (!of_type && !line.starts_with("error[E0560]") && !line.starts_with("error[E0026]"))
      continue;
    std::vector<std::string> quoted = Quoted(line);
    if (quoted.size() < 2) continue;
    if (of_type) std::reverse(quoted.begin(), quoted.end());
    for (const Aggregate* aggregate : Named(bindings, quoted[0]))
      for (size_t i = 1; i < quoted.size(); i++)
        if (Has(*aggregate, quoted[i])) needed->insert({aggregate->name, quoted[i]});
  }
  return needed->size() - before;
}

std::string NoteFields(const Bindings& bindings, std::string_view rewritten) {
  std::map<size_t, std::string> notes;
  for (const Aggregate& aggregate : bindings.aggregates)
    if (MayPad(aggregate))
      for (const Field& field : aggregate.fields)
        notes[field.line] =
            "#[deprecated(note = \"race:" + aggregate.name + "." + field.name + "\")] ";
  std::istringstream lines{std::string(rewritten)};
  std::string text, line;
  for (size_t i = 0; std::getline(lines, line); i++) {
    // Paddings stand in front of a field; what is left out names none.
    if (auto note = notes.find(i); note != notes.end() && line.ends_with(bindings.lines[i]))
      line.insert(line.size() - bindings.lines[i].size(), note->second);
    text += line + "\n";
  }
  return text;
}

void FieldsNoted(const Bindings& bindings, const std::string& messages,
                 std::set<FieldName>* needed) {
  static const std::regex note("race:([A-Za-z0-9_]+)\\.([A-Za-z0-9_]+)");
  for (std::sregex_iterator match(messages.begin(), messages.end(), note), end; match != end;
       ++match)
    if (bindings.index.count((*match)[1].str()) != 0) needed->insert({(*match)[1], (*match)[2]});
}

}  // namespace race::build
