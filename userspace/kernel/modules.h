// SPDX-License-Identifier: GPL-2.0-only
//
// The modules that belong to a target: what they export beyond the kernel itself,
// and their types.  Nothing is read before it is asked for: a distribution's
// kernel has 4,000 modules, of which a driver needs one or two.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel/target.h"
#include "support/result.h"

namespace race::kernel {

// Modules go by the kernel's names, with '_' for '-'.
class Modules {
 public:
  virtual ~Modules() = default;

  // Nothing: no module exports it.  Errors: kBadModule (its file is missing or
  // damaged, or another kernel's), kImportAmbiguous (two modules export it).
  virtual Result<std::optional<Export>> FindExport(const std::string& symbol) const = 0;

  struct Types {
    std::string btf;             // split BTF over the kernel's
    std::string distilled_base;  // .BTF.base, empty where there is none
  };
  // Errors: kNoBtf (the module has none), kBadModule.
  virtual Result<Types> ReadTypes(const std::string& module) const = 0;

  // What it depends on directly.  Errors: kBadModule.
  virtual Result<std::vector<std::string>> Depends(const std::string& module) const = 0;

  // Where the modules are, for messages.
  virtual std::string Describe() const = 0;
};

// Of a folder of the form of /lib/modules/RELEASE.  Its indexes are used, through
// libkmod; without them all modules are looked through when it comes to that.
// nullptr when the folder has no modules.
std::shared_ptr<const Modules> ModulesOfFolder(const std::string& folder, const Target& target);

// Of the running kernel: types of loaded modules as the kernel shows them, all
// else from the folder.
std::shared_ptr<const Modules> ModulesOfRunning(const SystemRoots& roots, const Target& target);

}  // namespace race::kernel
