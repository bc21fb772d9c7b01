// SPDX-License-Identifier: GPL-2.0-only
//
// The crate `race` for one driver.
#pragma once

#include <string>

#include "build/sdk.h"
#include "support/result.h"

namespace race::build {

// Compiles it below `work`, with the flags of the kernel's own crates: it has nothing but
// macros, so that one serves all layouts.  Returns the word for make with which Kbuild
// offers it to the driver's sources, and tells them of it (`#[cfg(race)]`).
// Errors: kSdkTree, kBuildCompile.
Result<std::string> CompileRaceCrate(const Sdk& sdk, const std::string& work);

}  // namespace race::build
