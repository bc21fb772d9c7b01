// SPDX-License-Identifier: GPL-2.0-only
//
// Doing what a plan says.
#pragma once

#include "modprobe/log.h"
#include "modprobe/machine.h"
#include "modprobe/plan.h"

namespace race::modprobe {

// Each step is printed where the options say so, and done unless they say not to.  False
// when one that was required failed; it and the reason are in the log, and no later step
// was done.  A driver from the store that the kernel refuses is linked once more: what it
// was made from may have been replaced under it.
bool Perform(const Machine& machine, Linker& linker, const Plan& plan, const Log& log);

}  // namespace race::modprobe
