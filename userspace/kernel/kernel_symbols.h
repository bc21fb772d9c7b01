// SPDX-License-Identifier: GPL-2.0-only
//
// What /proc/kallsyms says that RACE needs: where the kernel's export tables
// are, and the names of all exports, those of modules included.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace race::kernel {

struct KernelSymbols {
  struct ExportEntry {
    std::string name;
    uint64_t entry = 0;  // address of its struct kernel_symbol, 0 when hidden
    std::string module;  // empty: the kernel itself
  };
  std::vector<ExportEntry> exports;
  // The kernel's own symbols that were asked for; 0 addresses are left out.
  std::map<std::string, uint64_t, std::less<>> addresses;

  std::optional<uint64_t> Address(std::string_view name) const {
    auto found = addresses.find(name);
    return found == addresses.end() ? std::nullopt : std::optional(found->second);
  }
};

// Errors: kFileOpen, kFileRead.
Result<KernelSymbols> ReadKernelSymbols(const std::string& path);

}  // namespace race::kernel
