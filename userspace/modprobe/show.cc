// SPDX-License-Identifier: GPL-2.0-only
#include "modprobe/show.h"

#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <utility>

#include "modprobe/lookup.h"
#include "rcrate/rcrate_file.h"

// Newer than the oldest libkmod that this is built with (30); nullptr where it is missing.
extern "C" kmod_config_iter* kmod_config_get_weakdeps(const kmod_ctx* context)
    __attribute__((weak));

namespace race::modprobe {
namespace {

void ShowLines(const char* word, kmod_config_iter* line) {
  if (!line) return;
  while (kmod_config_iter_next(line)) {
    const char* value = kmod_config_iter_get_value(line);
    std::printf("%s %s%s%s\n", word, kmod_config_iter_get_key(line), value ? " " : "",
                value ? value : "");
  }
  kmod_config_iter_free_iter(line);
}

void ShowSymbol(uint64_t crc, const char* symbol) {
  std::printf("0x%08" PRIx64 "\t%s\n", crc, symbol);
}

Result<kernel::KmodModule> OpenFile(const Machine& machine, const std::string& path) {
  kmod_module* module = nullptr;
  if (kmod_module_new_from_path(machine.kmod.get(), path.c_str(), &module) < 0)
    return Fail(Code::kUsage) << "Module " << path << " not found.";
  return kernel::KmodModule(module);
}

}  // namespace

void ShowConfiguration(const Machine& machine) {
  const kmod_ctx* context = machine.kmod.get();
  ShowLines("blacklist", kmod_config_get_blacklists(context));
  ShowLines("install", kmod_config_get_install_commands(context));
  ShowLines("remove", kmod_config_get_remove_commands(context));
  ShowLines("alias", kmod_config_get_aliases(context));
  ShowLines("options", kmod_config_get_options(context));
  ShowLines("softdep", kmod_config_get_softdeps(context));
  if (kmod_config_get_weakdeps) ShowLines("weakdep", kmod_config_get_weakdeps(context));
  std::puts("\n# End of configuration files. Dumping indexes now:\n");
  std::fflush(stdout);
  kmod_dump_index(machine.kmod.get(), KMOD_INDEX_MODULES_ALIAS, STDOUT_FILENO);
  kmod_dump_index(machine.kmod.get(), KMOD_INDEX_MODULES_SYMBOL, STDOUT_FILENO);
}

Status ShowModversions(const Machine& machine, const std::string& path) {
  if (IsRcratePath(path)) {
    RACE_ASSIGN(file, rcrate::OpenRcrate(path));
    return Ok{};
  }
  RACE_ASSIGN(module, OpenFile(machine, path));
  kmod_list* list = nullptr;
  const int error = kmod_module_get_versions(module.get(), &list);
  if (error < 0)
    return Fail(Code::kUsage) << "could not get modversions of " << path << ": "
                              << strerror(-error);
  kmod_list* item = nullptr;
  kmod_list_foreach(item, list)
      ShowSymbol(kmod_module_version_get_crc(item), kmod_module_version_get_symbol(item));
  kmod_module_versions_free_list(list);
  return Ok{};
}

Status ShowExports(const Machine& machine, const std::string& path) {
  if (IsRcratePath(path)) {
    RACE_ASSIGN(file, rcrate::OpenRcrate(path));
    for (const rcrate::Property& property : file.rcrate.manifest)
      if (property.key == "export") ShowSymbol(0, property.value.c_str());
    return Ok{};
  }
  RACE_ASSIGN(module, OpenFile(machine, path));
  kmod_list* list = nullptr;
  const int error = kmod_module_get_symbols(module.get(), &list);
  if (error < 0)
    return Fail(Code::kUsage) << "could not get symbols of " << path << ": " << strerror(-error);
  kmod_list* item = nullptr;
  kmod_list_foreach(item, list)
      ShowSymbol(kmod_module_symbol_get_crc(item), kmod_module_symbol_get_symbol(item));
  kmod_module_symbols_free_list(list);
  return Ok{};
}

}  // namespace race::modprobe
