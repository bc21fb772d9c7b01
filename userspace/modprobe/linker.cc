// SPDX-License-Identifier: GPL-2.0-only
#include "modprobe/linker.h"

#include "kernel/target.h"
#include "modprobe/refusal.h"
#include "rcrate/rcrate_file.h"

namespace race::modprobe {
namespace {

class KernelLinker final : public Linker {
 public:
  explicit KernelLinker(const Machine& machine) : machine_(machine) {}

  Result<LinkedDriver> Link(const std::string& name, const std::string& path) override {
    RACE_ASSIGN(file, rcrate::OpenRcrate(path));
    if (file.rcrate.Manifest("module") != name)
      return Fail(Code::kModuleFrame)
             << path << ": is the module " << file.rcrate.Manifest("module") << ", not " << name
             << "; name the file as its module";
    RACE_TRY(ReadKernel());
    // What the file says of itself makes no driver the validator: its name does, which no
    // driver may have, and whoever may write to the drivers' folders.
    const bool is_validator = name == resolve::kValidator;
    auto module = resolve::Resolve(
        file, *target_, {is_validator ? resolve::Role::kValidator : resolve::Role::kDriver},
        nullptr);
    if (!module) return WithHint(module.error());
    LinkedDriver linked;
    linked.bytes = std::make_shared<std::string>(std::move(module->bytes));
    linked.shown = path;
    linked.depends = std::move(module->depends);
    linked.softdep = file.rcrate.Manifest("softdep");
    linked.notes = std::move(module->notes);
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

  Error WithHint(Error error) const {
    if (machine_.is_running) error.message += HintOfHiddenExports(error.code, {});
    return error;
  }

  const Machine& machine_;
  std::unique_ptr<kernel::Target> target_;
};

}  // namespace

std::unique_ptr<Linker> LinkerFor(const Machine& machine) {
  return std::make_unique<KernelLinker>(machine);
}

}  // namespace race::modprobe
