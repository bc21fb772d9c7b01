// SPDX-License-Identifier: GPL-2.0-only
#include "build/config_facts.h"

#include <algorithm>

#include "build/cfg_scopes.h"
#include "build/rust_text.h"
#include "support/file.h"

namespace race::build {
namespace {

// Behind the bracket that closes the one at `open`; the end when none does.
size_t Behind(std::string_view text, size_t open) {
  int depth = 0;
  for (size_t at = open; at < text.size(); at++) {
    if (text[at] == '(') depth++;
    if (text[at] == ')' && --depth == 0) return at + 1;
  }
  return text.size();
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

// What decides only how Rust code is compiled, and how much it checks of itself: the driver
// brings its own, and a kernel that was built otherwise is none the worse for it.
bool IsOfOwnCode(std::string_view option) {
  return option.starts_with("CONFIG_RUSTC_") || option == "CONFIG_RUST_OVERFLOW_CHECKS" ||
         option == "CONFIG_RUST_DEBUG_ASSERTIONS" || option == "CONFIG_RUST_BITMAP_HARDENED" ||
         option == "CONFIG_DEBUG_MISC";
}

// Whether code comes from any of these lines.
bool HasAny(const std::set<unsigned>& lines, unsigned first, unsigned last) {
  auto line = lines.lower_bound(first);
  return line != lines.end() && *line <= last;
}

}  // namespace

std::string ExpectedConfig(const std::string& configuration, const std::string& option,
                           bool by_value) {
  std::string value = ValueIn(configuration, option);
  // cfg(CONFIG_X) is true for a module as well.
  return !by_value && (value == "y" || value == "m") ? "y|m" : value;
}

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
    for (const NamedOption& option : OptionsNamed(text, open, end)) {
      ConfigQuestion& question = questions[option.name];
      if (question.line == 0)
        question.line =
            1 + static_cast<unsigned>(std::count(text.begin(), text.begin() + option.at, '\n'));
      question.by_value |= option.by_value;
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
      contracts->AddConfig(option, ExpectedConfig(configuration, option, question.by_value),
                           file + ":" + std::to_string(question.line));
    }
  }
}

void AddKernelConfigFacts(const SourceLines& code, const std::string& folder,
                          const std::string& configuration, ContractBuilder* contracts) {
  // The first place of each is enough, and the driver's own is one.
  std::set<std::pair<std::string, std::string>> asked;
  for (const rcrate::Contract& contract : contracts->rcrate().contracts)
    if (contract.kind == RACE_CONTRACT_CONFIG) asked.emplace(contract.root, contract.path);
  for (const auto& [file, lines] : code) {
    if (!file.starts_with(folder + "/")) continue;
    const Result<std::string> text = ReadFile(file);
    if (!text) continue;
    for (const CfgScope& scope : CfgScopes(*text)) {
      if (IsOfOwnCode(scope.option) || !HasAny(lines, scope.first, scope.last)) continue;
      const std::string value = ExpectedConfig(configuration, scope.option, scope.by_value);
      if (asked.emplace(scope.option, value).second)
        contracts->AddConfig(scope.option, value, file + ":" + std::to_string(scope.line));
    }
  }
}

}  // namespace race::build
