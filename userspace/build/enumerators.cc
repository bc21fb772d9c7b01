// SPDX-License-Identifier: GPL-2.0-only
#include "build/enumerators.h"

#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/Module.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <system_error>

#include "build/rust_text.h"
#include "support/file.h"

namespace race::build {
namespace {

struct Source {
  std::string file;
  std::vector<Mention> mentions;
};

// What one file of the driver imports under another name, the others may use.
std::vector<Source> Read(const std::set<std::string>& files, const std::string& driver,
                         std::string_view module = "bindings") {
  std::map<std::string, std::string> texts;
  bool renames = false;
  auto own = [&](const std::string& file) { return file.starts_with(driver + "/"); };
  for (const std::string& file : files)
    if (Result<std::string> text = ReadFile(file); text) {
      renames |= own(file) && RenamesBindings(*text, module);
      texts[file] = std::move(*text);
    }
  std::vector<Source> sources;
  for (const auto& [file, text] : texts)
    sources.push_back(
        {file, own(file) && renames ? MentionsOfNames(text) : MentionsOfBindings(text, module)});
  return sources;
}

// Places of a text as mentions.
class Places {
 public:
  explicit Places(const std::string& text) : text_(text) {
    for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at++) ends_.push_back(at);
  }
  // The name at `at`, if there is one; returns where it ends.
  size_t Add(size_t at, std::vector<Mention>* mentions) const {
    const std::string_view name = NameAt(std::string_view(text_).substr(at));
    const size_t before = text_.find_last_of(";{}", at);
    const size_t start = text_.find_first_not_of(" \t\n", before == text_.npos ? 0 : before + 1);
    if (!name.empty()) mentions->push_back({std::string(name), LineOf(start), LineOf(at)});
    return at + name.size();
  }

 private:
  unsigned LineOf(size_t at) const {
    return static_cast<unsigned>(std::lower_bound(ends_.begin(), ends_.end(), at) - ends_.begin()) +
           1;
  }
  const std::string& text_;
  std::vector<size_t> ends_;  // of lines
};

}  // namespace

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

std::set<std::string> SourceFilesBelow(const std::string& folder) {
  std::set<std::string> files;
  std::error_code unreadable;
  std::filesystem::recursive_directory_iterator entry(
      folder, std::filesystem::directory_options::skip_permission_denied, unreadable);
  for (; !unreadable && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(unreadable))
    if (entry->path().extension() == ".rs") files.insert(entry->path().string());
  return files;
}

std::vector<Mention> MentionsOfBindings(std::string_view rust, std::string_view module) {
  const std::string path = std::string(module) + "::";
  const std::string text = WithoutComments(rust);
  const Places places(text);
  std::vector<Mention> mentions;
  for (size_t at = 0; (at = text.find(path, at)) != std::string::npos;) {
    at += path.size();
    if (at == text.size() || text[at] != '{') {
      at = places.Add(at, &mentions);
      continue;
    }
    while (at < text.size() && text[at] != '}')
      at = IsNameChar(text[at]) ? places.Add(at, &mentions) : at + 1;
  }
  return mentions;
}

std::vector<Mention> MentionsOfNames(std::string_view rust) {
  const std::string text = WithoutComments(rust);
  const Places places(text);
  std::vector<Mention> mentions;
  for (size_t at = 0; at < text.size();) {
    const size_t end = IsNameChar(text[at]) ? places.Add(at, &mentions) : at + 1;
    at = std::max(end, at + 1);
  }
  return mentions;
}

bool RenamesBindings(std::string_view rust, std::string_view module) {
  constexpr std::string_view kPath = "::";
  const std::string text = WithoutComments(rust);
  auto next = [&](size_t at) { return std::min(text.find_first_not_of(" \t\n", at), text.size()); };
  for (size_t at = 0; (at = text.find(module, at)) != std::string::npos;) {
    at = next(at + module.size());
    if (NameAt(std::string_view(text).substr(at)) == "as") return true;
    if (text.compare(at, kPath.size(), kPath) != 0) continue;
    at = next(at + kPath.size());
    if (at == text.size()) break;
    if (text[at] == '*' || text[at] == '$') return true;
    if (text[at] != '{') continue;
    const std::string list = text.substr(at, text.find('}', at) - at);
    if (list.find('*') != list.npos || list.find("self as") != list.npos) return true;
  }
  return false;
}

std::map<std::string, unsigned> BindingsNamed(std::string_view rust) {
  std::map<std::string, unsigned> names;
  for (const Mention& mention : MentionsOfBindings(rust)) names.emplace(mention.name, mention.line);
  return names;
}

std::map<std::string, std::string> BindingsNamedIn(const std::set<std::string>& files,
                                                   const std::string& driver,
                                                   std::string_view module) {
  std::map<std::string, std::string> places;
  for (const Source& source : Read(files, driver, module))
    for (const Mention& mention : source.mentions)
      places.emplace(mention.name, source.file + ":" + std::to_string(mention.line));
  return places;
}

std::set<std::string> BindingsNamedByCode(const std::set<std::string>& files,
                                          const std::string& driver, const SourceLines& lines) {
  std::set<std::string> names;
  for (const Source& source : Read(files, driver)) {
    const auto with_code = lines.find(source.file);
    for (const Mention& mention : source.mentions) {
      bool counts = source.file.starts_with(driver + "/");
      if (!counts && with_code != lines.end()) {
        const auto at = with_code->second.lower_bound(mention.statement);
        // What follows a name on the next line may be of its expression.
        counts = at != with_code->second.end() && *at <= mention.line + 1;
      }
      if (counts) names.insert(mention.name);
    }
  }
  return names;
}

std::set<std::string> AllNames(std::string_view rust) {
  std::set<std::string> names;
  for (Mention& mention : MentionsOfNames(rust)) names.insert(std::move(mention.name));
  return names;
}

std::set<std::string> MembersNamed(std::string_view rust) {
  constexpr std::string_view kUnnamed = "__bindgen_anon_";
  const std::string text = WithoutComments(rust);
  auto skip = [&](size_t* at, std::string_view what) {
    if (text.compare(*at, what.size(), what) != 0) return false;
    *at += what.size();
    return true;
  };
  std::set<std::string> members;
  for (size_t at = 0; (at = text.find(kUnnamed, at)) != std::string::npos;) {
    while (at < text.size() && IsNameChar(text[at])) at++;
    std::string_view name;
    // (*p).__bindgen_anon_1.as_ref() .__bindgen_anon_2) .member
    for (bool dotted = false; at < text.size();) {
      if (std::isspace(static_cast<unsigned char>(text[at])) || text[at] == ')') {
        at++;
      } else if (!dotted && (skip(&at, ".as_ref()") || skip(&at, ".as_mut()"))) {
        continue;
      } else if (!dotted && text[at] == '.') {
        dotted = true;
        at++;
      } else {
        if (dotted) name = NameAt(std::string_view(text).substr(at));
        break;
      }
    }
    if (name.starts_with(kUnnamed)) continue;
    const size_t behind = at + name.size();
    if (name.empty() || (behind < text.size() && text[behind] == '(')) return AllNames(rust);
    members.insert(std::string(name));
  }
  return members;
}

std::map<std::string, Answers> AnswersWhereNamed(const std::set<std::string>& files,
                                                 const std::string& driver,
                                                 const SourceAnswers& lines) {
  std::map<std::string, Answers> all;
  for (const Source& source : Read(files, driver))
    for (const Mention& mention : source.mentions) {
      const Answers here = lines.At(source.file, mention.statement, mention.line);
      auto [known, fresh] = all.try_emplace(mention.name, here);
      if (!fresh) known->second = Both(known->second, here);
    }
  return all;
}

}  // namespace race::build
