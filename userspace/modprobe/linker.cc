// SPDX-License-Identifier: GPL-2.0-only
#include "modprobe/linker.h"

#include "kernel/target.h"
#include "modprobe/refusal.h"
#include "rcrate/rcrate_file.h"
#include "resolve/validation.h"
#include "store/digest.h"
#include "store/installed_drivers.h"
#include "store/kernel_identity.h"
#include "store/store.h"
#include "store/sync.h"
#include "support/file.h"

namespace race::modprobe {
namespace {

class KernelLinker final : public Linker {
 public:
  explicit KernelLinker(const Machine& machine)
      : machine_(machine), place_{machine.options.root, machine.release} {}

  Result<LinkedDriver> Link(const std::string& name, const std::string& path) override {
    if (!IsInstalled(path)) return LinkAnew(name, path);
    RACE_ASSIGN(bytes, ReadFile(path));
    auto build_id = BuildId();
    if (!build_id) return LinkAnew(name, path);
    auto stored = store::Find(place_, name, {store::Sha256(bytes), *build_id});
    if (!stored) return LinkAnew(name, path);
    LinkedDriver linked;
    linked.bytes = std::make_shared<std::string>(std::move(stored->bytes));
    linked.shown = place_.ModulePath(name);
    linked.depends = std::move(stored->entry.depends);
    linked.softdep = std::move(stored->entry.softdep);
    linked.is_stored = true;
    return linked;
  }

  Result<LinkedDriver> LinkAnew(const std::string& name, const std::string& path) override {
    RACE_ASSIGN(bytes, ReadFile(path));
    RACE_ASSIGN(file, rcrate::ParseRcrate(bytes, path));
    if (file.rcrate.Manifest("module") != name)
      return Fail(Code::kModuleFrame)
             << path << ": is the module " << file.rcrate.Manifest("module") << ", not " << name
             << "; name the file as its module";
    RACE_TRY(ReadKernel());
    // What the file says of itself makes no driver the validator: its name does, which no
    // driver may have, and whoever may write to the drivers' folders.
    const auto role =
        name == resolve::kValidator ? resolve::Role::kValidator : resolve::Role::kDriver;
    auto module = resolve::Resolve(file, *target_, {role}, nullptr);
    if (!module) return WithHint(module.error());
    LinkedDriver linked;
    linked.bytes = std::make_shared<std::string>(std::move(module->bytes));
    linked.shown = path;
    linked.depends = std::move(module->depends);
    linked.softdep = file.rcrate.Manifest("softdep");
    linked.notes = std::move(module->notes);
    if (IsInstalled(path) && !machine_.options.Dry()) Keep(name, path, bytes, &linked);
    return linked;
  }

 private:
  Status ReadKernel() {
    if (target_) return Ok{};
    kernel::SystemRoots roots;
    roots.modules = machine_.options.root + "/lib/modules";
    auto target =
        kernel::ReadTarget(machine_.is_running ? "running" : machine_.modules, nullptr, roots);
    if (!target) return WithHint(target.error());
    target_ = std::move(*target);
    return Ok{};
  }

  bool IsInstalled(const std::string& path) const {
    for (const std::string& folder : store::DriverFolders(machine_.options.root))
      if (path.starts_with(folder + '/')) return true;
    return false;
  }

  Result<std::string> BuildId() const {
    return machine_.is_running ? store::BuildIdOfRunning() : store::KernelOf(place_);
  }

  // Nobody waits for depmod here: `race cache sync` runs it.
  void Keep(const std::string& name, const std::string& path, const std::string& rcrate,
            LinkedDriver* linked) const {
    const Status kept = [&]() -> Status {
      RACE_ASSIGN(build_id, BuildId());
      RACE_ASSIGN(lock, store::Lock::Take(place_));
      store::Index index = store::ReadIndexOrNone(place_);
      RACE_TRY(store::Put(place_, name,
                          {.rcrate = path,
                           .rcrate_hash = store::Sha256(rcrate),
                           .kernel = build_id,
                           .race = {},
                           .module_hash = {},
                           .depends = linked->depends,
                           .softdep = linked->softdep},
                          *linked->bytes, lock, &index));
      return store::SaveIndex(place_, index, lock);
    }();
    if (!kept && machine_.options.verbose > 0)
      linked->notes.push_back("not kept for the next time: " + kept.error().Text());
  }

  Error WithHint(Error error) const {
    if (machine_.is_running) error.message += HintOfHiddenExports(error.code, {});
    return error;
  }

  const Machine& machine_;
  const store::Place place_;
  std::unique_ptr<kernel::Target> target_;
};

}  // namespace

std::unique_ptr<Linker> LinkerFor(const Machine& machine) {
  return std::make_unique<KernelLinker>(machine);
}

}  // namespace race::modprobe
