// SPDX-License-Identifier: GPL-2.0-only
//
// From a .rcrate to the module that is loaded: what the store has of it, or linked now.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "modprobe/machine.h"
#include "resolve/pipeline.h"
#include "support/result.h"

namespace race::modprobe {

struct LinkedDriver {
  std::shared_ptr<const std::string> bytes;  // the module
  std::string shown;                         // the path that -v and -D name
  std::vector<std::string> depends;          // modules to be loaded before it
  std::string softdep;                       // "pre: a post: b", of its author's
  std::vector<std::string> notes;            // what the user should know
  bool is_stored = false;                    // it was in the store already
};

// A class, so that the plan can be tested without the kernel that runs.
class Linker {
 public:
  virtual ~Linker() = default;
  // What the store has is taken where it is current and whole.  Else the driver is linked,
  // and kept in the store, where it is installed and this is no dry run; that it cannot be
  // kept is a note.  Errors: those of OpenRcrate(), ReadTarget() and Resolve();
  // kModuleFrame when the file is another module's than `name`.
  virtual Result<LinkedDriver> Link(const std::string& name, const std::string& path) = 0;
  // The same without what the store has.
  virtual Result<LinkedDriver> LinkAnew(const std::string& name, const std::string& path) = 0;
};

// For the machine's kernel, which is read once, when it comes to that.
std::unique_ptr<Linker> LinkerFor(const Machine& machine);

}  // namespace race::modprobe
