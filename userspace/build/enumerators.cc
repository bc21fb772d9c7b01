// SPDX-License-Identifier: GPL-2.0-only
#include "build/enumerators.h"

#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/Module.h>

#include "build/rust_text.h"
#include "support/file.h"

namespace race::build {

std::set<std::string> SourceFiles(const llvm::Module& module,
                                  const std::vector<std::string>& folders) {
  llvm::DebugInfoFinder finder;
  finder.processModule(module);
  std::set<std::string> files;
  for (const llvm::DISubprogram* subprogram : finder.subprograms()) {
    std::string name = subprogram->getFilename().str();
    if (!name.starts_with("/")) name = subprogram->getDirectory().str() + "/" + name;
    for (const std::string& folder : folders)
      if (name.starts_with(folder + "/")) files.insert(name);
  }
  return files;
}

std::vector<Mention> MentionsOfBindings(std::string_view rust) {
  constexpr std::string_view kPath = "bindings::";
  const std::string text = WithoutComments(rust);
  std::vector<size_t> ends;  // of lines
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at++) ends.push_back(at);
  auto line_of = [&](size_t at) {
    return static_cast<unsigned>(std::lower_bound(ends.begin(), ends.end(), at) - ends.begin()) + 1;
  };
  std::vector<Mention> mentions;
  auto add = [&](size_t at) {
    const std::string_view name = NameAt(std::string_view(text).substr(at));
    const size_t before = text.find_last_of(";{}", at);
    const size_t start = text.find_first_not_of(" \t\n", before == text.npos ? 0 : before + 1);
    if (!name.empty()) mentions.push_back({std::string(name), line_of(start), line_of(at)});
    return at + name.size();
  };
  for (size_t at = 0; (at = text.find(kPath, at)) != std::string::npos;) {
    at += kPath.size();
    if (at == text.size() || text[at] != '{') {
      at = add(at);
      continue;
    }
    while (at < text.size() && text[at] != '}') at = IsNameChar(text[at]) ? add(at) : at + 1;
  }
  return mentions;
}

std::map<std::string, unsigned> BindingsNamed(std::string_view rust) {
  std::map<std::string, unsigned> names;
  for (const Mention& mention : MentionsOfBindings(rust)) names.emplace(mention.name, mention.line);
  return names;
}

std::map<std::string, std::string> BindingsNamedIn(const std::set<std::string>& files) {
  std::map<std::string, std::string> places;
  for (const std::string& file : files) {
    const Result<std::string> text = ReadFile(file);
    if (!text) continue;
    for (const auto& [name, line] : BindingsNamed(*text))
      places.emplace(name, file + ":" + std::to_string(line));
  }
  return places;
}

std::map<std::string, Answers> AnswersWhereNamed(const std::set<std::string>& files,
                                                 const SourceAnswers& lines) {
  std::map<std::string, Answers> all;
  for (const std::string& file : files) {
    const Result<std::string> text = ReadFile(file);
    if (!text) continue;
    for (const Mention& mention : MentionsOfBindings(*text)) {
      const Answers here = lines.At(file, mention.statement, mention.line);
      auto [known, fresh] = all.try_emplace(mention.name, here);
      if (!fresh) known->second = Both(known->second, here);
    }
  }
  return all;
}

}  // namespace race::build
