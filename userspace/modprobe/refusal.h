// SPDX-License-Identifier: GPL-2.0-only
//
// What the kernel's refusals mean, and what to do.
#pragma once

#include <string>

#include "kernel/target.h"
#include "support/result.h"

namespace race::modprobe {

// modprobe's words for an error of init_module(2) (a positive errno), and, on lines of
// their own, what of the kernel's settings explains it and what to do.
std::string InsertReason(int number, const kernel::SystemRoots& roots);

// The explanation alone; empty where there is none.
std::string InsertHint(int number, const kernel::SystemRoots& roots);

// Where kernel.kptr_restrict hides what a refusal with this code rests on: a line that
// says so, with the newline in front of it.
std::string HintOfHiddenExports(Code code, const kernel::SystemRoots& roots);

}  // namespace race::modprobe
