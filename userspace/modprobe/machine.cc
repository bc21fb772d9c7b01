// SPDX-License-Identifier: GPL-2.0-only
#include "modprobe/machine.h"

#include <fnmatch.h>
#include <sys/utsname.h>

#include <cerrno>
#include <cstring>
#include <sstream>
#include <string_view>

namespace race::modprobe {

Result<Machine> OpenMachine(Options options) {
  Machine machine;
  utsname running;
  if (uname(&running) != 0) return Fail(Code::kCommandFailed) << "uname(): " << strerror(errno);
  machine.release = options.set_version.value_or(running.release);
  machine.is_running = machine.release == running.release;
  machine.modules = options.root + "/lib/modules/" + machine.release;

  std::vector<const char*> paths;
  for (const std::string& path : options.config_paths) paths.push_back(path.c_str());
  paths.push_back(nullptr);
  machine.kmod.reset(kmod_new(machine.modules.c_str(), paths.size() > 1 ? paths.data() : nullptr));
  if (!machine.kmod) return Fail(Code::kCommandFailed) << "kmod_new() failed: " << strerror(errno);
  machine.options = std::move(options);
  return machine;
}

kernel::KmodModule ModuleOfName(const Machine& machine, const std::string& name) {
  kmod_module* module = nullptr;
  kmod_module_new_from_name(machine.kmod.get(), name.c_str(), &module);
  return kernel::KmodModule(module);
}

bool IsLoaded(const kmod_module* module) {
  const int state = kmod_module_get_initstate(module);
  return state == KMOD_MODULE_LIVE || state == KMOD_MODULE_BUILTIN;
}

bool IsBlacklisted(const Machine& machine, const kmod_module* module) {
  kmod_config_iter* line = kmod_config_get_blacklists(machine.kmod.get());
  bool found = false;
  while (!found && kmod_config_iter_next(line))
    found = std::strcmp(kmod_config_iter_get_key(line), kmod_module_get_name(module)) == 0;
  kmod_config_iter_free_iter(line);
  return found;
}

Softdeps ParseSoftdeps(const std::string& text) {
  constexpr std::string_view kPost = "post:";
  Softdeps softdeps;
  std::vector<std::string>* list = nullptr;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (word == "pre:") {
      list = &softdeps.pre;
    } else if (word.ends_with(kPost)) {
      // libkmod up to 30 has no blank between the last of `pre:` and `post:`.
      word.resize(word.size() - kPost.size());
      if (list && !word.empty()) list->push_back(word);
      list = &softdeps.post;
    } else if (list) {
      list->push_back(word);
    }
  }
  return softdeps;
}

Softdeps ConfiguredSoftdeps(const Machine& machine, const std::string& name) {
  Softdeps softdeps;
  kmod_config_iter* line = kmod_config_get_softdeps(machine.kmod.get());
  while (kmod_config_iter_next(line)) {
    if (fnmatch(kmod_config_iter_get_key(line), name.c_str(), 0) != 0) continue;
    const char* value = kmod_config_iter_get_value(line);
    if (value) softdeps = ParseSoftdeps(value);
    break;
  }
  kmod_config_iter_free_iter(line);
  return softdeps;
}

}  // namespace race::modprobe
