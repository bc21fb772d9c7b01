// SPDX-License-Identifier: GPL-2.0-only
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "modprobe/plan.h"

namespace race::modprobe {
namespace {

namespace fs = std::filesystem;
using kernel::KmodModule;

std::vector<KmodModule> Taken(kmod_list* list) {
  std::vector<KmodModule> modules;
  kmod_list* item = nullptr;
  kmod_list_foreach(item, list) modules.emplace_back(kmod_module_get_module(item));
  kmod_module_unref_list(list);
  return modules;
}

// What it rests on: as depmod's index has it; of a driver that is in no index, as the
// kernel shows it now.
std::vector<KmodModule> Dependencies(const Machine& machine, const kmod_module* module) {
  if (kmod_module_get_path(module)) return Taken(kmod_module_get_dependencies(module));
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it("/sys/module", error), end; !error && it != end;
       it.increment(error))
    if (access((it->path() / "holders" / kmod_module_get_name(module)).c_str(), F_OK) == 0)
      names.push_back(it->path().filename());
  std::sort(names.begin(), names.end());
  std::vector<KmodModule> modules;
  for (const std::string& name : names) modules.push_back(ModuleOfName(machine, name));
  return modules;
}

class Planner {
 public:
  explicit Planner(const Machine& machine) : machine_(machine) {}

  // Softdeps that come after it go first, then what uses it (--remove-holders), itself,
  // what it used, and the softdeps in front of it.
  Status Add(kmod_module* module, bool is_first, bool required) {
    const std::string name = kmod_module_get_name(module);
    if (!visited_.insert(name).second) return Ok{};
    const Options& options = machine_.options;
    const char* command =
        options.ignore_commands ? nullptr : kmod_module_get_remove_commands(module);
    if (!command && !options.show_depends) {
      const int state = kmod_module_get_initstate(module);
      if (state < 0 && options.first_time && is_first)
        return Fail(Code::kUsage) << "Module " << name << " is not in kernel.";
      if (state < 0) return Ok{};
      if (state == KMOD_MODULE_BUILTIN && is_first)
        return Fail(Code::kUsage) << "Module " << name << " is builtin.";
      if (state == KMOD_MODULE_BUILTIN) return Ok{};
    }
    const Softdeps softdeps =
        options.ignore_commands ? Softdeps() : ConfiguredSoftdeps(machine_, name);
    AddSoftdeps(softdeps.post);
    if (is_first && options.remove_holders) {
      std::vector<KmodModule> holders = Taken(kmod_module_get_holders(module));
      for (auto holder = holders.rbegin(); holder != holders.rend(); ++holder)
        RACE_TRY(Add(holder->get(), false, true));
    }
    AddStep(module, command, required);
    if (!command)
      for (const KmodModule& used : Dependencies(machine_, module)) AddUnused(used.get());
    AddSoftdeps(softdeps.pre);
    return Ok{};
  }

  Plan Take() { return std::move(plan_); }

 private:
  Step& AddStep(kmod_module* module, const char* command, bool required) {
    Step& step = plan_.emplace_back();
    step.action = command ? Action::kRemoveCommand : Action::kRemove;
    step.name = kmod_module_get_name(module);
    step.module = {kmod_module_ref(module), [](kmod_module* last) { kmod_module_unref(last); }};
    step.required = required;
    if (command) step.command = command;
    return step;
  }

  void AddUnused(kmod_module* module) {
    if (kmod_module_get_initstate(module) == KMOD_MODULE_BUILTIN) return;
    if (visited_.insert(kmod_module_get_name(module)).second)
      AddStep(module, nullptr, false).if_unused = true;
  }

  // In reverse order, as they were loaded.
  void AddSoftdeps(const std::vector<std::string>& names) {
    for (auto name = names.rbegin(); name != names.rend(); ++name)
      for (const Found& found : LookUpDependency(machine_, *name))
        if (!Add(found.module.get(), false, false)) continue;
  }

  const Machine& machine_;
  std::set<std::string> visited_;
  Plan plan_;
};

}  // namespace

Result<Plan> PlanRemoval(const Machine& machine, const Found& found) {
  Planner planner(machine);
  RACE_TRY(planner.Add(found.module.get(), true, true));
  return planner.Take();
}

}  // namespace race::modprobe
