// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/exports.h"

#include <algorithm>

#include "support/cursor.h"

namespace race::kernel {
namespace {

constexpr uint64_t kEntrySize = 12;
constexpr uint64_t kNameAt = 4;
constexpr uint64_t kNamespaceAt = 8;
constexpr uint8_t kFlagGplOnly = 1;  // KSYM_FLAG_GPL_ONLY of the kernel

// Follows the self-relative place at `offset` of the table.
bool Follow(const SymbolTable& table, uint64_t offset, uint64_t* address) {
  int32_t distance;
  if (!Cursor(table.entries, offset).Read(&distance)) return false;
  *address = table.address + offset + static_cast<int64_t>(distance);
  return true;
}

Status CheckTable(const SymbolTable& table) {
  if (table.entries.size() % kEntrySize != 0)
    return Fail(Code::kNoExports) << "a symbol table of " << table.entries.size()
                                  << " bytes does not consist of entries of " << kEntrySize;
  if (table.flags && table.flags->size() != table.entries.size() / kEntrySize)
    return Fail(Code::kNoExports) << "flags for " << table.flags->size() << " exports, but "
                                  << table.entries.size() / kEntrySize << " exports";
  return Ok{};
}

}  // namespace

Result<std::pair<uint64_t, uint64_t>> StringsOf(const std::vector<SymbolTable>& tables) {
  uint64_t low = UINT64_MAX, high = 0;
  for (const SymbolTable& table : tables) {
    RACE_TRY(CheckTable(table));
    for (uint64_t at = 0; at < table.entries.size(); at += kEntrySize) {
      for (uint64_t field : {kNameAt, kNamespaceAt}) {
        uint64_t address = 0;
        Follow(table, at + field, &address);
        low = std::min(low, address);
        high = std::max(high, address);
      }
    }
  }
  constexpr uint64_t kMaxStrings = 64 << 20, kMaxName = 512;
  if (low > high || high - low > kMaxStrings)
    return Fail(Code::kNoExports) << "the symbol tables are empty, or have another form";
  return std::pair(low, high - low + kMaxName);
}

Result<Exports> ReadExports(const std::vector<SymbolTable>& tables, const SymbolStrings& strings) {
  Exports exports;
  for (const SymbolTable& table : tables) {
    RACE_TRY(CheckTable(table));
    for (uint64_t at = 0; at < table.entries.size(); at += kEntrySize) {
      uint64_t name_at = 0, namespace_at = 0;
      std::string_view name, symbol_namespace;
      if (!Follow(table, at + kNameAt, &name_at) ||
          !Follow(table, at + kNamespaceAt, &namespace_at) ||
          !StringAt(strings.data, name_at - strings.address, &name) ||
          !StringAt(strings.data, namespace_at - strings.address, &symbol_namespace) ||
          name.empty())
        return Fail(Code::kNoExports)
               << "export " << at / kEntrySize << " of a symbol table does not lead to a name";
      Export entry;
      entry.gpl_only = table.gpl_only;
      if (table.flags) entry.gpl_only = (*table.flags)[at / kEntrySize] & kFlagGplOnly;
      entry.symbol_namespace = symbol_namespace;
      // The tables are sorted by name, so the end is usually the right place.
      exports.emplace_hint(exports.end(), name, std::move(entry));
    }
  }
  if (exports.empty()) return Fail(Code::kNoExports) << "the kernel exports nothing to modules";
  return exports;
}

}  // namespace race::kernel
