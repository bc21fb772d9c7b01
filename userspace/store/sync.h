// SPDX-License-Identifier: GPL-2.0-only
//
// The store of one kernel made what the installed drivers ask for.
#pragma once

#include <string>
#include <vector>

#include "store/store.h"
#include "support/result.h"

namespace race::store {

enum class Outcome {
  kCurrent,  // it was there
  kMade,     // it was resolved now
  kRefused,  // the kernel does not have what it needs, or the file is damaged
  kDropped,  // its .rcrate is installed no more
};

struct DriverReport {
  std::string name;
  std::string rcrate;
  Outcome outcome;
  std::string error;  // kRefused
};

struct SyncReport {
  std::vector<DriverReport> drivers;
  bool has_run_depmod = false;
};

// Resolves each driver that is installed below the place's root for its kernel, from the
// kernel's image, which need not run; keeps what is current; removes what nobody asks for.
// The image is read once, and only when something is to be resolved.  A driver that is
// refused is no error of this.  Errors: kTargetNotFound and those of reading the kernel;
// kFileWrite; kCommandFailed.  What was made until then stays.
Result<SyncReport> Sync(const Place& place);

// Removes stale, damaged and stray modules, and all of a kernel that is gone; returns the
// names.  Errors as above.
Result<std::vector<std::string>> CollectGarbage(const Place& place);

// The build ID of the place's kernel: of its image, or of the kernel that runs where this
// is it and it has no image here.
Result<std::string> KernelOf(const Place& place);

}  // namespace race::store
