// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "store/store.h"
#include "support/result.h"

namespace race::store {

// Makes the indexes of the kernel's modules anew, by kmod's depmod, which is looked for in
// $PATH and in /usr/sbin and /sbin.  It takes seconds: it reads all modules of the kernel.
// Errors: kCommandFailed.
Status RunDepmod(const Place& place);

}  // namespace race::store
