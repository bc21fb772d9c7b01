// SPDX-License-Identifier: GPL-2.0-only
#include "build/name_alignment.h"

#include <llvm/Demangle/Demangle.h>

#include <cctype>
#include <map>
#include <vector>

namespace race::build {
namespace {

bool IsPathChar(char c) {
  return c == '_' || c == ':' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// The path in front of the bracket at `open`: "kernel::interop::list::CList".
std::string PathBefore(const std::string& name, size_t open) {
  size_t start = open;
  while (start > 0 && IsPathChar(name[start - 1])) start--;
  std::string path = name.substr(start, open - start);
  // "<T as Trait>::f::<5>" and "T<U>::f<5>": whose function it is stands before.
  if (path.starts_with("::") && start > 0 && name[start - 1] == '>') return "";
  return path;
}

using ByName = std::map<std::string, std::vector<std::string>>;

// Functions that the other module has under no such name.
ByName Strangers(const llvm::Module& module, const llvm::Module& other) {
  ByName strangers;
  for (const llvm::Function& function : module) {
    if (other.getFunction(function.getName()) != nullptr) continue;
    const std::string name = function.getName().str();
    const std::string plain = NameWithoutNumbers(name);
    if (!plain.empty()) strangers[plain].push_back(name);
  }
  return strangers;
}

}  // namespace

std::string NameWithoutNumbers(const std::string& mangled) {
  const std::string name = llvm::demangle(mangled);
  std::vector<std::string> owners;  // of the brackets that are open
  std::string plain;
  bool replaced = false;
  for (size_t i = 0; i < name.size(); i++) {
    const char c = name[i];
    if (c == '<') owners.push_back(PathBefore(name, i));
    if (c == '>' && !owners.empty() && (i == 0 || name[i - 1] != '-')) owners.pop_back();
    const bool begins =
        i > 0 && (name[i - 1] == '<' || (i > 1 && name.compare(i - 2, 2, ", ") == 0));
    size_t end = i;
    while (end < name.size() && std::isdigit(static_cast<unsigned char>(name[end]))) end++;
    const bool number = begins && end > i && end < name.size() &&
                        (name[end] == '>' || name[end] == ',') && !owners.empty();
    if (number && (owners.back().starts_with("kernel::") || owners.back().starts_with("core::"))) {
      plain += '_';
      replaced = true;
      i = end - 1;
      continue;
    }
    plain += c;
  }
  return replaced ? plain : "";
}

void AlignNames(const llvm::Module& first, llvm::Module* other) {
  const ByName mine = Strangers(first, *other);
  const ByName theirs = Strangers(*other, first);
  for (const auto& [plain, names] : theirs) {
    auto same = mine.find(plain);
    if (same == mine.end() || names.size() != 1 || same->second.size() != 1) continue;
    other->getFunction(names[0])->setName(same->second[0]);
  }
}

}  // namespace race::build
