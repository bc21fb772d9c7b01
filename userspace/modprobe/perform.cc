// SPDX-License-Identifier: GPL-2.0-only
//
// Drivers are given to init_module(2) from memory: libkmod inserts files only, and one
// would have to be kept from others and removed again whatever happens.
#include "modprobe/perform.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <set>
#include <thread>

#include "modprobe/refusal.h"

namespace race::modprobe {
namespace {

enum class Outcome { kDone, kFailed };

void Print(const std::string& line) { std::cout << line << std::endl; }

// What libkmod prints of dependencies comes once, though each of them is a call of its own.
std::set<std::string>* printed_dependencies = nullptr;

void PrintModule(kmod_module* module, bool install, const char* options) {
  std::string line;
  if (install) {
    line = std::string("install ") + kmod_module_get_install_commands(module) + ' ' + options;
  } else if (const char* path = kmod_module_get_path(module)) {
    line = std::string("insmod ") + path + ' ' + options;
  } else if (kmod_module_get_initstate(module) == KMOD_MODULE_BUILTIN) {
    line = std::string("builtin ") + kmod_module_get_name(module);
  } else {
    return;  // an alias
  }
  if (!printed_dependencies || printed_dependencies->insert(line).second) Print(line);
}

void LogInsertError(const Log& log, const std::string& name, int number) {
  log.Error("could not insert '" + name + "': " + InsertReason(number, {}));
}

Outcome InsertModule(const Machine& machine, const Step& step, const Log& log) {
  static std::set<std::string> printed;
  printed_dependencies = step.is_dependency && machine.options.Dry() ? &printed : nullptr;
  const int error = kmod_module_probe_insert_module(
      step.module.get(), step.flags, step.parameters.c_str(), nullptr, nullptr,
      machine.options.Shows() ? PrintModule : nullptr);
  if (error >= 0) return Outcome::kDone;  // also: on the blacklist
  if (step.required) LogInsertError(log, step.name, -error);
  return Outcome::kFailed;
}

// 0, or the errno of init_module(2).
int InitModule(const LinkedDriver& driver, const std::string& parameters) {
  const std::string& bytes = *driver.bytes;
  return syscall(SYS_init_module, bytes.data(), bytes.size(), parameters.c_str()) == 0 ? 0 : errno;
}

Outcome InsertDriver(const Machine& machine, Linker& linker, const Step& step, const Log& log) {
  for (const std::string& note : step.driver.notes) log.Warning(step.name + ": " + note);
  if (machine.options.Dry()) return Outcome::kDone;
  int error = InitModule(step.driver, step.parameters);
  if (error == ENOEXEC && step.driver.is_stored) {
    auto linked = linker.LinkAnew(step.name, step.path);
    if (!linked) {
      if (step.required) log.Error(linked.error().Text());
      return Outcome::kFailed;
    }
    error = InitModule(*linked, step.parameters);
  }
  if (error == 0) return Outcome::kDone;
  // Somebody else was faster; unless it is the driver itself that says so, of a parameter
  // that is given twice.
  const bool is_there = kmod_module_get_initstate(step.module.get()) >= 0;
  if (error == EEXIST && is_there && !machine.options.first_time) return Outcome::kDone;
  if (error == EEXIST && !is_there) {
    if (step.required)
      log.Error("could not insert '" + step.name +
                "': the driver says that something exists "
                "already; is a parameter given twice (see -nv, and dmesg)?");
    return Outcome::kFailed;
  }
  if (step.required) LogInsertError(log, step.name, error);
  return Outcome::kFailed;
}

Outcome RunCommand(const Machine& machine, const Step& step, const char* kind, const Log& log) {
  if (machine.options.Dry()) return Outcome::kDone;
  setenv("MODPROBE_MODULE", step.name.c_str(), 1);
  const int status = std::system(WithOptions(step.command, step.parameters).c_str());
  unsetenv("MODPROBE_MODULE");
  if (status == 0) return Outcome::kDone;
  if (step.required) log.Fatal(std::string("Error running ") + kind + " command for " + step.name);
  return Outcome::kFailed;
}

// Tries again while the module is in use, at longer and longer distances.
int RemoveWaiting(const Step& step, unsigned flags, std::chrono::milliseconds wait) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + wait;
  std::chrono::milliseconds interval(1);
  for (;;) {
    const int error = kmod_module_remove_module(step.module.get(), flags);
    const auto left = end - Clock::now();
    if ((error != -EAGAIN && error != -EBUSY) || left <= Clock::duration::zero()) return error;
    std::this_thread::sleep_for(std::min<Clock::duration>(interval, left));
    interval *= 2;
  }
}

Outcome RemoveModule(const Machine& machine, const Step& step, const Log& log) {
  const Options& options = machine.options;
  if (options.Dry()) return Outcome::kDone;
  unsigned flags = options.force ? KMOD_REMOVE_FORCE : 0;
  // What fails is said here.
  flags |= KMOD_REMOVE_NOLOG;
  const int error = RemoveWaiting(step, flags, std::chrono::milliseconds(options.wait_ms));
  if (error >= 0 || (!options.first_time && (error == -EEXIST || error == -ENOENT)))
    return Outcome::kDone;
  if (step.required) {
    const std::string hint = InsertHint(-error, {});
    log.Error("could not remove '" + step.name + "': " + strerror(-error) +
              (hint.empty() ? "" : "\n" + hint));
  }
  return Outcome::kFailed;
}

// Whether it is held, which is asked before it is printed that it is removed.
bool IsHeld(const Machine& machine, const Step& step, const Log& log) {
  if (step.action != Action::kRemove) return false;
  const int users = kmod_module_get_refcnt(step.module.get());
  if (step.if_unused) return users != 0;  // also: not loaded
  if (users <= 0 || machine.options.show_depends || machine.options.wait_ms != 0 ||
      machine.options.force)
    return false;
  if (step.required) log.Fatal("Module " + step.name + " is in use.");
  return true;
}

Outcome PerformStep(const Machine& machine, Linker& linker, const Step& step, const Log& log) {
  if (IsHeld(machine, step, log)) return Outcome::kFailed;
  if (step.action != Action::kModule && machine.options.Shows()) Print(Describe(step));
  switch (step.action) {
    case Action::kModule:
      return InsertModule(machine, step, log);
    case Action::kDriver:
      return InsertDriver(machine, linker, step, log);
    case Action::kInstall:
      return RunCommand(machine, step, "install", log);
    case Action::kRemove:
      return RemoveModule(machine, step, log);
    case Action::kRemoveCommand:
      return RunCommand(machine, step, "remove", log);
  }
  return Outcome::kFailed;
}

}  // namespace

bool Perform(const Machine& machine, Linker& linker, const Plan& plan, const Log& log) {
  for (const Step& step : plan)
    if (PerformStep(machine, linker, step, log) == Outcome::kFailed && step.required) return false;
  return true;
}

}  // namespace race::modprobe
