// SPDX-License-Identifier: GPL-2.0-only
//
// The options that only print: -c, --show-modversions, --show-exports.
#pragma once

#include <string>

#include "modprobe/machine.h"
#include "support/result.h"

namespace race::modprobe {

// modprobe.d and the kernel's command line, in modprobe's order, and the indexes.
void ShowConfiguration(const Machine& machine);

// Of an ordinary module's file; a .rcrate has no versions of symbols, and its exports are
// those of its manifest.  Errors: kUsage with modprobe's words, and
// those of OpenRcrate().
Status ShowModversions(const Machine& machine, const std::string& path);
Status ShowExports(const Machine& machine, const std::string& path);

}  // namespace race::modprobe
