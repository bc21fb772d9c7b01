// SPDX-License-Identifier: GPL-2.0-only
//
// Folders that hold several kernels: /boot, /lib/modules, or what somebody keeps
// to try drivers on.
#pragma once

#include <string>
#include <vector>

#include "support/result.h"

namespace race::kernel {

struct TargetList {
  std::vector<std::string> names;  // each for ReadTarget
  bool is_folder_of_kernels = false;
};

// The targets that `name` stands for: itself, or the kernels in a folder of them,
// in the order of their versions.  A folder's kernels are its files named
// vmlinuz-*, vmlinux-* or bzImage-*, and its folders that have an image, or modules
// without one (an error when it is read); what is reached by several names counts
// once.  Errors: kTargetNotFound, when a folder is
// no kernel's and holds none.
Result<TargetList> ListTargets(const std::string& name);

}  // namespace race::kernel
