// SPDX-License-Identifier: GPL-2.0-only
#include "modprobe/lookup.h"

#include <cerrno>
#include <cstring>

#include "rcrate/rcrate_file.h"
#include "resolve/validation.h"
#include "store/installed_drivers.h"

namespace race::modprobe {
namespace {

Result<std::vector<Found>> OfPath(const Machine& machine, const std::string& path) {
  std::vector<Found> found(1);
  if (IsRcratePath(path)) {
    RACE_ASSIGN(file, rcrate::OpenRcrate(path));
    found[0].name = file.rcrate.Manifest("module");
    found[0].driver = path;
    found[0].module = ModuleOfName(machine, found[0].name);
    return found;
  }
  kmod_module* module = nullptr;
  const int error = kmod_module_new_from_path(machine.kmod.get(), path.c_str(), &module);
  if (error < 0)
    return Fail(Code::kUsage) << "Failed to get module from path " << path << ": "
                              << strerror(-error);
  found[0].module.reset(module);
  found[0].name = kmod_module_get_name(module);
  return found;
}

// What libkmod knows of.
std::vector<Found> OfKmod(const Machine& machine, const std::string& word) {
  std::vector<Found> found;
  kmod_list* list = nullptr;
  if (kmod_module_new_from_lookup(machine.kmod.get(), word.c_str(), &list) < 0) return found;
  kmod_list* item = nullptr;
  kmod_list_foreach(item, list) {
    Found& one = found.emplace_back();
    one.module.reset(kmod_module_get_module(item));
    one.name = kmod_module_get_name(one.module.get());
    one.by_alias = one.name != store::WithUnderscores(word);
    one.driver = DriverPath(machine, one.name);
  }
  kmod_module_unref_list(list);
  return found;
}

// What was loaded from a path is in no index and no folder, and can be removed.
std::vector<Found> OfLoaded(const Machine& machine, const std::string& word) {
  std::vector<Found> found;
  kernel::KmodModule module = ModuleOfName(machine, word);
  if (!module || !IsLoaded(module.get())) return found;
  Found& one = found.emplace_back();
  one.name = kmod_module_get_name(module.get());
  one.module = std::move(module);
  return found;
}

Found OfDriver(const Machine& machine, const store::InstalledDriver& driver, bool by_alias) {
  Found found;
  found.name = driver.name;
  found.driver = driver.path;
  found.by_alias = by_alias;
  found.module = ModuleOfName(machine, driver.name);
  return found;
}

}  // namespace

bool IsRcratePath(const std::string& word) { return word.ends_with(".rcrate"); }

std::string DriverPath(const Machine& machine, const std::string& name) {
  if (name == resolve::kValidator && !machine.options.validator.empty())
    return machine.options.validator;
  auto driver = store::FindDriver(machine.options.root, name);
  return driver ? driver->path : "";
}

Result<std::vector<Found>> LookUp(const Machine& machine, const std::string& word) {
  if (word.starts_with("/") || word.starts_with("./") || IsRcratePath(word))
    return OfPath(machine, word);
  std::vector<Found> found = LookUpDependency(machine, word);
  if (found.empty())
    for (const auto& driver : store::FindDriversByAlias(machine.options.root, word))
      found.push_back(OfDriver(machine, driver, true));
  if (found.empty() && machine.options.remove) return OfLoaded(machine, word);
  return found;
}

std::vector<Found> LookUpDependency(const Machine& machine, const std::string& name) {
  std::vector<Found> found = OfKmod(machine, name);
  const std::string driver = DriverPath(machine, store::WithUnderscores(name));
  if (found.empty() && !driver.empty())
    found.push_back(OfDriver(machine, {store::WithUnderscores(name), driver}, false));
  return found;
}

}  // namespace race::modprobe
