// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/running.h"

#include <elf.h>

#include <algorithm>
#include <charconv>

#include "kernel/decompress.h"
#include "kernel/exports.h"
#include "kernel/kernel_memory.h"
#include "kernel/kernel_symbols.h"
#include "kernel/module_file.h"
#include "kernel/modules.h"
#include "steg/btf_reader.h"
#include "support/cursor.h"
#include "support/file.h"

namespace race::kernel {
namespace {

constexpr uint64_t kEntrySize = 12;
constexpr uint64_t kNamespaceAt = 8;
constexpr uint64_t kMaxString = 512;

// The bytes between two of the kernel's symbols, or nothing.
std::optional<std::string> Between(const KernelMemory& memory, const KernelSymbols& symbols,
                                   std::string_view first, std::string_view last) {
  auto start = symbols.Address(first), stop = symbols.Address(last);
  if (!start || !stop || *stop < *start) return std::nullopt;
  return memory.Read(*start, *stop - *start);
}

// The kernel's own exports with everything that its tables say, read from its
// memory.  Nothing where memory or addresses are hidden.
std::optional<Exports> FromMemory(const KernelMemory& memory, const KernelSymbols& symbols) {
  auto all = Between(memory, symbols, "__start___ksymtab", "__stop___ksymtab");
  auto gpl = Between(memory, symbols, "__start___ksymtab_gpl", "__stop___ksymtab_gpl");
  auto flags = Between(memory, symbols, "__start___kflagstab", "__stop___kflagstab");
  if (!all) return std::nullopt;
  std::vector<SymbolTable> tables{
      {.entries = *all, .address = *symbols.Address("__start___ksymtab"), .flags = {}}};
  if (flags) tables[0].flags = *flags;
  if (gpl)
    tables.push_back({.entries = *gpl,
                      .address = *symbols.Address("__start___ksymtab_gpl"),
                      .gpl_only = true,
                      .flags = {}});
  if (!gpl && !flags) tables[0].gpl_only = true;
  auto range = StringsOf(tables);
  if (!range) return std::nullopt;
  auto strings = memory.ReadUpTo(range->first, range->second);
  if (!strings) return std::nullopt;
  auto exports = ReadExports(tables, {*strings, range->first});
  if (!exports) return std::nullopt;
  return std::move(*exports);
}

// Without memory the symbol list still has the names, and which of two tables an
// entry is in; what cannot be told counts as reserved for the GPL.
Exports FromNames(const KernelSymbols& symbols) {
  auto start = symbols.Address("__start___ksymtab_gpl");
  auto stop = symbols.Address("__stop___ksymtab_gpl");
  bool two_tables = start && stop && *start < *stop;
  Exports exports;
  for (const auto& symbol : symbols.exports) {
    if (!symbol.module.empty()) continue;
    bool gpl = !two_tables || (symbol.entry >= *start && symbol.entry < *stop);
    exports.try_emplace(symbol.name, Export{gpl, "", ""});
  }
  return exports;
}

// Where a loaded module's section is, from /sys/module; 0 where it has none or
// the address is hidden.
uint64_t ModuleSection(const SystemRoots& roots, const std::string& module, const char* section) {
  auto text = ReadFile(roots.sys + "/module/" + module + "/sections/" + section);
  uint64_t address = 0;
  if (text && text->starts_with("0x"))
    std::from_chars(text->data() + 2, text->data() + text->size(), address, 16);
  return address;
}

// Loaded modules' exports: names from the symbol list, the rest from memory.
void AddModuleExports(const SystemRoots& roots, const KernelSymbols& symbols,
                      const KernelMemory* memory, Exports* exports) {
  struct Places {
    uint64_t all, gpl, flags;
  };
  std::map<std::string, Places> modules;
  for (const auto& symbol : symbols.exports) {
    if (symbol.module.empty()) continue;
    Export entry{true, "", symbol.module};
    auto [places, added] = modules.try_emplace(symbol.module);
    if (added)
      places->second = {ModuleSection(roots, symbol.module, "__ksymtab"),
                        ModuleSection(roots, symbol.module, "__ksymtab_gpl"),
                        ModuleSection(roots, symbol.module, "__kflagstab")};
    auto [all, gpl, flags] = places->second;
    // The entry is in the table that begins last before it.
    if (all != 0 && symbol.entry >= all && !(gpl > all && symbol.entry >= gpl)) {
      auto flag = flags && memory ? memory->Read(flags + (symbol.entry - all) / kEntrySize, 1)
                                  : std::nullopt;
      if (flags == 0) entry.gpl_only = gpl != 0 && gpl < all && symbol.entry < all;
      if (flag) entry.gpl_only = (*flag)[0] & 1;
    }
    if (memory && symbol.entry != 0) {
      auto field = memory->Read(symbol.entry + kNamespaceAt, 4);
      int32_t distance;
      if (field && Cursor(*field).Read(&distance)) {
        auto text = memory->ReadUpTo(symbol.entry + kNamespaceAt + int64_t{distance}, kMaxString);
        std::string_view symbol_namespace;
        if (text && StringAt(*text, 0, &symbol_namespace))
          entry.symbol_namespace = symbol_namespace;
      }
    }
    exports->try_emplace(symbol.name, std::move(entry));
  }
}

// The kernel's own vermagic and ORC hash, from its memory or from one of its
// modules.
Status ReadIdentity(const SystemRoots& roots, const KernelSymbols& symbols,
                    const KernelMemory* memory, Target* target) {
  if (auto address = symbols.Address("vermagic"); memory && address) {
    auto bytes = memory->ReadUpTo(*address, kMaxString);
    std::string_view text;
    if (bytes && StringAt(*bytes, 0, &text) && text.starts_with(target->release + ' '))
      target->vermagic = text;
  }
  if (auto address = symbols.Address("orc_header"); memory && address) {
    constexpr uint64_t kOrcHash = 20;
    target->orc_hash = memory->Read(*address, kOrcHash);
  }
  if (!target->vermagic.empty() && target->orc_hash) return Ok{};
  std::string folder = roots.modules + "/" + target->release;
  auto facts = FindModuleFacts(folder);
  if (facts && facts->vermagic.starts_with(target->release + ' ')) {
    if (target->vermagic.empty()) target->vermagic = facts->vermagic;
    if (!target->orc_hash) target->orc_hash = facts->orc_hash;
  }
  if (target->vermagic.empty())
    return Fail(Code::kNoRelease)
           << "the running kernel's vermagic cannot be read: not from " << roots.proc
           << "/kcore (it needs root, and no lockdown), and there is no module of release "
           << target->release << " below " << folder;
  return Ok{};
}

// Its own, where it shows one (CONFIG_IKCONFIG_PROC); else what packages put beside it, and what
// its headers have.
void ReadConfig(const SystemRoots& roots, Target* target) {
  constexpr uint64_t kMostBytes = 16 << 20;
  const std::string own = roots.proc + "/config.gz",
                    modules = roots.modules + "/" + target->release;
  for (const std::string& path : {own, roots.boot + "/config-" + target->release,
                                  modules + "/config", modules + "/build/.config"}) {
    auto text = ReadFile(path);
    if (text && path == own) text = DecompressUpTo(*text, kMostBytes);
    if (!text) continue;
    target->config = std::move(*text);
    target->rustc = ConfigValue(*target, "CONFIG_RUSTC_VERSION_TEXT");
    return;
  }
}

}  // namespace

Result<std::unique_ptr<Target>> ReadRunning(const SystemRoots& roots, Metrics* metrics) {
  auto target = std::make_unique<Target>();
  target->machine = EM_X86_64;
  std::string release_path = roots.proc + "/sys/kernel/osrelease";
  auto release = ReadFile(release_path);
  if (!release || release->empty())
    return Fail(Code::kNoRelease) << release_path
                                  << ": the running kernel's release cannot be read";
  while (!release->empty() && release->back() == '\n') release->pop_back();
  target->release = *release;
  {
    Phase phase(metrics, "read BTF");
    // What race.ko shows is what it will check against.
    std::string path = roots.sys + "/kernel/race/steg";
    auto bytes = ReadFile(path);
    if (!bytes) {
      path = roots.sys + "/kernel/btf/vmlinux";
      bytes = ReadFile(path);
    }
    if (!bytes)
      return Fail(Code::kNoBtf) << "the running kernel has no BTF, it needs "
                                   "CONFIG_DEBUG_INFO_BTF=y: "
                                << bytes.error().message;
    auto types = steg::ReadBtf(*bytes);
    if (!types) return Fail(types.error().code) << path << ": " << types.error().message;
    target->types = std::move(*types);
  }
  {
    Phase phase(metrics, "read exports");
    auto symbols = ReadKernelSymbols(roots.proc + "/kallsyms");
    if (!symbols)
      return Fail(Code::kNoExports)
             << "the running kernel's exports cannot be listed: " << symbols.error().message;
    std::optional<KernelMemory> memory = KernelMemory::Open(roots.proc + "/kcore");
    auto exports = memory ? FromMemory(*memory, *symbols) : std::nullopt;
    target->exports = exports ? std::move(*exports) : FromNames(*symbols);
    if (target->exports.empty())
      return Fail(Code::kNoExports)
             << roots.proc << "/kallsyms lists no export; a kernel without CONFIG_MODULES=y or "
             << "CONFIG_KALLSYMS_ALL=y shows none, and loads no module";
    AddModuleExports(roots, *symbols, memory ? &*memory : nullptr, &target->exports);
    RACE_TRY(ReadIdentity(roots, *symbols, memory ? &*memory : nullptr, target.get()));
  }
  ReadConfig(roots, target.get());
  target->modules = ModulesOfRunning(roots, *target);
  return target;
}

}  // namespace race::kernel
