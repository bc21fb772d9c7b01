// SPDX-License-Identifier: GPL-2.0-only
//
// What would be done: a list of steps, in order.  Making it loads and removes nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "modprobe/linker.h"
#include "modprobe/lookup.h"
#include "modprobe/machine.h"
#include "support/result.h"

namespace race::modprobe {

enum class Action {
  kModule,         // libkmod loads an ordinary module, with all that it needs
  kDriver,         // a linked driver is loaded
  kInstall,        // modprobe.d's command for a driver
  kRemove,         // a module is removed
  kRemoveCommand,  // modprobe.d's command for removing
};

struct Step {
  Action action = Action::kModule;
  std::string name;
  std::shared_ptr<kmod_module> module;
  // False: of a softdep or of what became unused; failing is passed over.
  bool required = true;
  // Of a driver that is loaded: not the module that was asked for.
  bool is_dependency = false;
  unsigned flags = 0;      // kModule: enum kmod_probe
  std::string path;        // kDriver: the .rcrate
  std::string parameters;  // kModule, kDriver, kInstall: for the kernel
  LinkedDriver driver;     // kDriver
  std::string command;     // kInstall, kRemoveCommand: without $CMDLINE_OPTS
  bool if_unused = false;  // kRemove: passed over when something holds it
};
using Plan = std::vector<Step>;

// How a module, that somebody asked for, is loaded.  Already loaded or on the blacklist: an
// empty plan.  Errors: kUsage when it is loaded already and --first-time was given; those
// of Linker::Link().
Result<Plan> PlanInsertion(const Machine& machine, Linker& linker, const Found& found,
                           const std::string& parameters);

// How it is removed.  Errors: kUsage when it is built in; when it is not loaded and
// --first-time was given.
Result<Plan> PlanRemoval(const Machine& machine, const Found& found);

// The line that -v and -D print of a step, without the newline; empty for what libkmod
// prints itself (kModule).
std::string Describe(const Step& step);

// A command of modprobe.d with its $CMDLINE_OPTS replaced.
std::string WithOptions(std::string command, const std::string& options);

}  // namespace race::modprobe
