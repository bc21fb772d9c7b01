// SPDX-License-Identifier: GPL-2.0-only
//
// What one run works on: the options, a kernel's release and folder, and libkmod's view
// of them (indexes, modprobe.d, the kernel's command line).
#pragma once

#include <string>
#include <vector>

#include "kernel/kmod.h"
#include "modprobe/options.h"
#include "support/result.h"

namespace race::modprobe {

struct Machine {
  Options options;
  std::string release;     // "7.2.13+deb14-amd64": -S, or that of the kernel that runs
  bool is_running = true;  // it is that of the kernel that runs
  std::string modules;     // ROOT/lib/modules/RELEASE
  kernel::KmodContext kmod;
};

// Errors: kCommandFailed, when libkmod cannot be set up.
Result<Machine> OpenMachine(Options options);

// The module of that name, whether libkmod has a file of it or not.
kernel::KmodModule ModuleOfName(const Machine& machine, const std::string& name);

bool IsLoaded(const kmod_module* module);
bool IsBlacklisted(const Machine& machine, const kmod_module* module);

// What is to be loaded before and after a module, by name.
struct Softdeps {
  std::vector<std::string> pre, post;
  bool empty() const { return pre.empty() && post.empty(); }
};
// The words of "pre: a b post: c".
Softdeps ParseSoftdeps(const std::string& text);
// modprobe.d's, of the first line that is about the module.
Softdeps ConfiguredSoftdeps(const Machine& machine, const std::string& name);

}  // namespace race::modprobe
