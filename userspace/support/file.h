// SPDX-License-Identifier: GPL-2.0-only
//
// Whole files in and out.
#pragma once

#include <string>
#include <string_view>

#include "support/result.h"

namespace race {

// Of files, and of pipes that have no name of their own (`<(...)`).  Errors: kFileOpen,
// kFileRead, with the path and the system's reason.
Result<std::string> ReadFile(const std::string& path);

// Writes beside (a temporary name in the same folder), syncs and renames: there is the old
// file or the new one, also after a kill or a power failure, and a failure leaves the old
// one.  What a killed run left beside is swept by the next.  Mode and owner are those of any
// new file; a symbolic link is replaced, not followed.  A device or a pipe is written to.
// kFileWrite.
Status WriteFileAtomically(const std::string& path, std::string_view content);

}  // namespace race
