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

std::map<std::string, unsigned> BindingsNamed(std::string_view rust) {
  constexpr std::string_view kPath = "bindings::";
  const std::string text = WithoutComments(rust);
  std::map<std::string, unsigned> names;
  unsigned line = 1;
  size_t counted = 0;
  auto add = [&](size_t at) {
    for (; counted < at; counted++) line += text[counted] == '\n';
    const std::string_view name = NameAt(std::string_view(text).substr(at));
    if (!name.empty()) names.emplace(name, line);
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

}  // namespace race::build
