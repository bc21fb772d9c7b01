// SPDX-License-Identifier: GPL-2.0-only
#include "build/config_facts.h"

#include <algorithm>

#include "build/rust_text.h"
#include "support/file.h"

namespace race::build {
namespace {

constexpr std::string_view kOption = "CONFIG_";

// Behind the bracket that closes the one at `open`; the end when none does.
size_t Behind(std::string_view text, size_t open) {
  int depth = 0;
  for (size_t at = open; at < text.size(); at++) {
    if (text[at] == '(') depth++;
    if (text[at] == ')' && --depth == 0) return at + 1;
  }
  return text.size();
}

size_t SkipSpace(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t')) at++;
  return at;
}

// "y", "m", "n", a number or a string without its quotes.
std::string ValueIn(const std::string& configuration, const std::string& option) {
  const std::string line = "\n" + option + "=";
  size_t at = ("\n" + configuration).find(line);
  if (at == std::string::npos) return "n";
  at += line.size() - 1;
  std::string value = configuration.substr(at, configuration.find('\n', at) - at);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  return value;
}

}  // namespace

std::map<std::string, ConfigQuestion> ConfigQuestions(std::string_view rust) {
  const std::string text = WithoutComments(rust);
  std::map<std::string, ConfigQuestion> questions;
  for (size_t at = 0; (at = text.find("cfg", at)) != std::string::npos;) {
    const bool whole_word = at == 0 || !IsNameChar(text[at - 1]);
    const std::string_view word = NameAt(std::string_view(text).substr(at));
    size_t open = at + word.size();
    if (open < text.size() && text[open] == '!') open++;
    if (!whole_word || (word != "cfg" && word != "cfg_attr") || open >= text.size() ||
        text[open] != '(') {
      at += 3;
      continue;
    }
    const size_t end = Behind(text, open);
    for (size_t option = open; (option = text.find(kOption, option)) < end;) {
      const std::string_view name = NameAt(std::string_view(text).substr(option));
      if (!IsNameChar(text[option - 1])) {
        ConfigQuestion& question = questions[std::string(name)];
        if (question.line == 0)
          question.line =
              1 + static_cast<unsigned>(std::count(text.begin(), text.begin() + option, '\n'));
        const size_t next = SkipSpace(text, option + name.size());
        if (next < end && text[next] == '=') question.by_value = true;
      }
      option += name.size();
    }
    at = end;
  }
  return questions;
}

void AddConfigFacts(const std::set<std::string>& files, const std::string& configuration,
                    ContractBuilder* contracts) {
  for (const std::string& file : files) {
    const Result<std::string> text = ReadFile(file);
    if (!text) continue;
    for (const auto& [option, question] : ConfigQuestions(*text)) {
      std::string value = ValueIn(configuration, option);
      // cfg(CONFIG_X) is true for a module as well.
      if (!question.by_value && (value == "y" || value == "m")) value = "y|m";
      contracts->AddConfig(option, value, file + ":" + std::to_string(question.line));
    }
  }
}

}  // namespace race::build
