// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/kernel_symbols.h"

#include <charconv>

#include "support/file.h"

namespace race::kernel {
namespace {

constexpr std::string_view kWanted[] = {
    "__start___ksymtab",
    "__stop___ksymtab",
    "__start___ksymtab_gpl",
    "__stop___ksymtab_gpl",
    "__start___kflagstab",
    "__stop___kflagstab",
    "vermagic",
    "orc_header",
};
constexpr std::string_view kEntryPrefix = "__ksymtab_";

// "ffffffff82a4d38a r name", and "\t[module]" behind it for a module's symbol.
void ReadLine(std::string_view line, KernelSymbols* symbols) {
  size_t blank = line.find(' ');
  if (blank == std::string_view::npos || line.size() < blank + 4) return;
  std::string_view name = line.substr(blank + 3);
  // Nearly all lines end here.
  bool entry = name.starts_with(kEntryPrefix);
  if (!entry && name[0] != '_' && name[0] != 'v' && name[0] != 'o') return;
  std::string_view module;
  if (size_t tab = name.find('\t'); tab != std::string_view::npos) {
    module = name.substr(tab + 1);
    name = name.substr(0, tab);
    if (module.size() > 2) module = module.substr(1, module.size() - 2);
  }
  uint64_t address = 0;
  std::from_chars(line.data(), line.data() + blank, address, 16);
  if (entry) {
    symbols->exports.push_back(
        {std::string(name.substr(kEntryPrefix.size())), address, std::string(module)});
    return;
  }
  if (!module.empty() || address == 0) return;
  for (std::string_view wanted : kWanted)
    if (name == wanted) symbols->addresses.try_emplace(std::string(name), address);
}

}  // namespace

Result<KernelSymbols> ReadKernelSymbols(const std::string& path) {
  RACE_ASSIGN(text, ReadFile(path));
  KernelSymbols symbols;
  std::string_view rest = text;
  while (!rest.empty()) {
    size_t end = std::min(rest.find('\n'), rest.size());
    ReadLine(rest.substr(0, end), &symbols);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return symbols;
}

}  // namespace race::kernel
