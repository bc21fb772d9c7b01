// SPDX-License-Identifier: GPL-2.0-only
//
// The code that race.ko is built from (kernel/), in userspace.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

extern "C" {
#include "../kernel/facts.h"
}
#include "kernel/target.h"
#include "support/result.h"

namespace race::resolve {

// A target's BTF as the checking core reads it: the kernel's, and that of the modules
// that were added to it.
class CoreTypes {
 public:
  // `listed`: which of the added modules count; all, where nothing is said.
  // Errors: kNoBtf when the target's types do not come from BTF; kFacts when the core
  // cannot read what libbpf could, or not within the work that race.ko does.
  static Result<std::unique_ptr<CoreTypes>> Open(
      const kernel::Target& target, const std::optional<std::set<std::string>>& listed = {});
  ~CoreTypes();
  CoreTypes(const CoreTypes&) = delete;
  CoreTypes& operator=(const CoreTypes&) = delete;

  const race_types& get() const { return types_; }
  // Names of the modules, in the order of get().
  const std::vector<std::string>& modules() const { return names_; }
  // 0 for the kernel (""), or 1 + index.
  uint32_t ModuleNumber(const std::string& name) const;

 private:
  CoreTypes() = default;
  race_types types_{};
  race_btf kernel_{};
  std::vector<race_btf> modules_;
  std::vector<std::string> names_;
  std::string text_;
  race_budget budget_{~uint64_t{0}, 0, false, RACE_KNOWN};
};

// The facts that do not hold, a line for each, as race.ko says them; with no more work
// than race.ko does.
std::vector<std::string> CheckFacts(const race_facts& facts, const race_types& types);

}  // namespace race::resolve
