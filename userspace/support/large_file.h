// SPDX-License-Identifier: GPL-2.0-only
//
// Whole files that our own compilers wrote, of any size: MIR has statics byte for byte.
#pragma once

#include <string>

#include "support/result.h"

namespace race {

// As ReadFile(), without a bound.
Result<std::string> ReadLargeFile(const std::string& path);

}  // namespace race
