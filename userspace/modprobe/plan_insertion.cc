// SPDX-License-Identifier: GPL-2.0-only
#include <set>

#include "modprobe/plan.h"
#include "resolve/validation.h"

namespace race::modprobe {
namespace {

std::shared_ptr<kmod_module> Shared(kmod_module* module) {
  return {kmod_module_ref(module), [](kmod_module* last) { kmod_module_unref(last); }};
}

unsigned ProbeFlags(const Options& options) {
  unsigned flags = KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY;
  if (options.strip_modversion || options.force) flags |= KMOD_PROBE_FORCE_MODVERSION;
  if (options.strip_vermagic || options.force) flags |= KMOD_PROBE_FORCE_VERMAGIC;
  if (options.ignore_commands) flags |= KMOD_PROBE_IGNORE_COMMAND;
  if (options.show_depends) flags |= KMOD_PROBE_IGNORE_LOADED;
  if (options.Dry()) flags |= KMOD_PROBE_DRY_RUN;
  if (options.use_blacklist) flags |= KMOD_PROBE_APPLY_BLACKLIST;
  if (options.first_time) flags |= KMOD_PROBE_FAIL_ON_LOADED;
  return flags;
}

// These are about the module that was asked for alone.
constexpr unsigned kOfTheFirst =
    KMOD_PROBE_IGNORE_COMMAND | KMOD_PROBE_APPLY_BLACKLIST | KMOD_PROBE_FAIL_ON_LOADED;

// With what modprobe.d has for the module, in front.
std::string WithConfigured(const Found& found, const std::string& given) {
  const char* configured = kmod_module_get_options(found.module.get());
  return configured ? std::string(configured) + ' ' + given : given;
}

class Planner {
 public:
  Planner(const Machine& machine, Linker& linker) : machine_(machine), linker_(linker) {}

  Status AddFirst(const Found& found, const std::string& parameters) {
    if (found.driver.empty()) {
      AddModule(found, parameters, true, ProbeFlags(machine_.options)).is_dependency = false;
      return Ok{};
    }
    const Options& options = machine_.options;
    if (!options.show_depends && IsLoaded(found.module.get())) {
      if (options.first_time)
        return Fail(Code::kUsage) << "could not insert '" << found.name
                                  << "': Module already in kernel";
      return Ok{};
    }
    if ((found.by_alias || options.use_blacklist) && IsBlacklisted(machine_, found.module.get()))
      return Ok{};
    return AddDriver(found, parameters, !options.ignore_commands, true);
  }

  Plan Take() { return std::move(plan_); }

 private:
  Step& AddStep(Action action, const Found& found, const std::string& parameters, bool required) {
    Step& step = plan_.emplace_back();
    step.action = action;
    step.name = found.name;
    step.module = Shared(found.module.get());
    step.parameters = parameters;
    step.required = required;
    return step;
  }

  Step& AddModule(const Found& found, const std::string& parameters, bool required,
                  unsigned flags) {
    Step& step = AddStep(Action::kModule, found, parameters, required);
    step.is_dependency = true;
    step.flags = flags;
    return step;
  }

  // In libkmod's order: what it depends on, what is to be there before, itself, and what
  // is to follow.  As there, a softdep counts more than an install command.
  Status AddDriver(const Found& found, const std::string& parameters, bool with_commands,
                   bool required) {
    if (!visited_.insert(found.name).second) return Ok{};
    Softdeps softdeps = with_commands ? ConfiguredSoftdeps(machine_, found.name) : Softdeps();
    const char* command = kmod_module_get_install_commands(found.module.get());
    if (with_commands && command && softdeps.empty()) {
      AddStep(Action::kInstall, found, WithConfigured(found, parameters), required).command =
          command;
      return Ok{};
    }
    RACE_ASSIGN(linked, linker_.Link(found.name, found.driver));
    if (with_commands && softdeps.empty()) softdeps = ParseSoftdeps(linked.softdep);
    for (const std::string& name : linked.depends) RACE_TRY(AddDependency(found, name));
    for (const std::string& name : softdeps.pre) AddSoftdep(name);
    Step& step = AddStep(Action::kDriver, found, WithConfigured(found, parameters), required);
    step.path = found.driver;
    step.driver = std::move(linked);
    for (const std::string& name : softdeps.post) AddSoftdep(name);
    return Ok{};
  }

  Status AddDependency(const Found& of, const std::string& name) {
    std::vector<Found> list = LookUpDependency(machine_, name);
    if (list.empty())
      return Fail(Code::kBadModule)
             << of.driver << ": needs the module " << name << ", which is neither in "
             << machine_.modules << " nor an installed driver"
             << (name == resolve::kValidator
                     ? "; it checks drivers in the kernel: name its .rcrate with --validator"
                     : "; run depmod, or install it");
    for (const Found& found : list) RACE_TRY(AddNeeded(found, true));
    return Ok{};
  }

  // Nobody misses it when it is not there.
  void AddSoftdep(const std::string& name) {
    for (const Found& found : LookUpDependency(machine_, name)) {
      const Plan before = plan_;
      if (!AddNeeded(found, false)) plan_ = before;
    }
  }

  Status AddNeeded(const Found& found, bool required) {
    const Options& options = machine_.options;
    if (!options.show_depends && IsLoaded(found.module.get())) return Ok{};
    if (!found.driver.empty()) return AddDriver(found, "", true, required);
    if (visited_.insert(found.name).second)
      AddModule(found, "", required, ProbeFlags(options) & ~kOfTheFirst);
    return Ok{};
  }

  const Machine& machine_;
  Linker& linker_;
  std::set<std::string> visited_;
  Plan plan_;
};

}  // namespace

Result<Plan> PlanInsertion(const Machine& machine, Linker& linker, const Found& found,
                           const std::string& parameters) {
  Planner planner(machine, linker);
  RACE_TRY(planner.AddFirst(found, parameters));
  return planner.Take();
}

std::string Describe(const Step& step) {
  switch (step.action) {
    case Action::kModule:
      return "";
    case Action::kDriver:
      return "insmod " + step.driver.shown + ' ' + step.parameters;
    case Action::kInstall:
      return "install " + step.command + ' ' + step.parameters;
    case Action::kRemove:
      return "rmmod " + step.name;
    case Action::kRemoveCommand:
      return "remove " + WithOptions(step.command, "");
  }
  return "";
}

std::string WithOptions(std::string command, const std::string& options) {
  constexpr std::string_view kPlace = "$CMDLINE_OPTS";
  for (size_t at = 0; (at = command.find(kPlace, at)) != std::string::npos; at += options.size())
    command.replace(at, kPlace.size(), options);
  return command;
}

}  // namespace race::modprobe
