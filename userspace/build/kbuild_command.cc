// SPDX-License-Identifier: GPL-2.0-only
#include "build/kbuild_command.h"

#include <algorithm>

#include "support/file.h"

namespace race::build {
namespace {

// Splits as the shell does, for the quoting that Kbuild writes: '...', "...",
// backslash, and make's $$ and $(pound).  ";" stands as a word of its own.
std::vector<std::string> SplitWords(std::string text) {
  for (size_t at; (at = text.find("$(pound)")) != std::string::npos;) text.replace(at, 8, "#");
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  auto end = [&] {
    if (open) words.push_back(word);
    word.clear();
    open = false;
  };
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (c == ' ' || c == '\t') {
      end();
    } else if (c == ';') {
      end();
      words.push_back(";");
    } else if (c == '\'' || c == '"') {
      open = true;
      for (i++; i < text.size() && text[i] != c; i++) {
        if (c == '"' && text[i] == '\\' && i + 1 < text.size()) i++;
        word += text[i];
      }
    } else {
      open = true;
      if (c == '\\' && i + 1 < text.size()) c = text[++i];
      if (c == '$' && i + 1 < text.size() && text[i + 1] == '$') i++;
      word += c;
    }
  }
  end();
  return words;
}

}  // namespace

Result<KbuildCommand> ReadKbuildCommand(const std::string& tree, const std::string& object) {
  size_t slash = object.rfind('/');
  std::string folder = slash == std::string::npos ? "" : object.substr(0, slash + 1);
  std::string base = slash == std::string::npos ? object : object.substr(slash + 1);
  std::string path = (object[0] == '/' ? "" : tree + "/") + folder + "." + base + ".cmd";
  RACE_ASSIGN(text, ReadFile(path));
  size_t end = text.find('\n');
  size_t assign = text.find(":=");
  if (text.compare(0, 9, "savedcmd_") != 0 || assign == std::string::npos || assign > end)
    return Fail(Code::kSdkTree) << path << ": expected a line 'savedcmd_... := ...'";
  KbuildCommand result;
  result.first.directory = tree;
  // Kbuild exports it: the kernel's flags are unstable ones.
  result.first.environment.push_back("RUSTC_BOOTSTRAP=1");
  std::vector<std::string> words = SplitWords(text.substr(assign + 2, end - assign - 2));
  size_t i = 0;
  for (; i < words.size() && words[i].find('=') != std::string::npos && words[i][0] != '-'; i++)
    result.first.environment.push_back(words[i]);
  for (; i < words.size() && words[i] != ";"; i++) result.first.words.push_back(words[i]);
  for (; i < words.size(); i++) {
    if (words[i] == ";") {
      result.after.emplace_back();
    } else {
      result.after.back().push_back(words[i]);
    }
  }
  std::erase_if(result.after, [](const auto& command) { return command.empty(); });
  return result;
}

void DropWords(std::vector<std::string>* words, std::string_view prefix) {
  std::erase_if(
      *words, [&](const std::string& word) { return word.compare(0, prefix.size(), prefix) == 0; });
}

void SetEnvironment(Command* command, const std::string& name, const std::string& value) {
  std::erase_if(command->environment, [&](const std::string& setting) {
    return setting.compare(0, name.size() + 1, name + "=") == 0;
  });
  command->environment.push_back(name + "=" + value);
}

}  // namespace race::build
