// SPDX-License-Identifier: GPL-2.0-only
//
// Whole files in and out.
#pragma once

#include <string>
#include <string_view>

#include "support/result.h"

namespace race {

// Errors: kFileOpen, kFileRead, with the path and the system's reason.
Result<std::string> ReadFile(const std::string& path);

// Writes beside (a temporary name in the same folder), then renames, so that a
// reader never sees half a file and a failure leaves nothing.  kFileWrite.
Status WriteFileAtomically(const std::string& path, std::string_view content, unsigned mode = 0644);

}  // namespace race
