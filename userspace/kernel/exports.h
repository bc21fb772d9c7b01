// SPDX-License-Identifier: GPL-2.0-only
//
// What a kernel exports to modules, from its __ksymtab tables.  The tables are
// the same in an image and in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/target.h"
#include "support/result.h"

namespace race::kernel {

using Exports = std::map<std::string, Export, std::less<>>;

// One table of struct kernel_symbol: three 32-bit places relative to themselves,
// for the value, the name and the namespace.
struct SymbolTable {
  std::string_view entries;
  uint64_t address = 0;
  // Kernels either have a second table for symbols under the GPL, or one byte of
  // flags for each entry.
  bool gpl_only = false;
  std::optional<std::string_view> flags;
};

// The bytes that hold the names, and their address.
struct SymbolStrings {
  std::string_view data;
  uint64_t address = 0;
};

// Where the names of a table lie, lowest address and length, so that the bytes
// can be fetched.  Errors: kNoExports.
Result<std::pair<uint64_t, uint64_t>> StringsOf(const std::vector<SymbolTable>& tables);

// Errors: kNoExports, when an entry does not lead to a name.
Result<Exports> ReadExports(const std::vector<SymbolTable>& tables, const SymbolStrings& strings);

}  // namespace race::kernel
