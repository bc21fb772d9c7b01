// SPDX-License-Identifier: GPL-2.0-only
//
// Which build of a kernel it is: the build ID, a hash over all of it that the linker
// makes, its types, exports and version magic included.  Two builds of one release have
// two.
#pragma once

#include <string>
#include <string_view>

#include "support/result.h"

namespace race::store {

// As hexadecimal digits.  Errors: kNoRelease, when it has none.

// Of the kernel that runs, from SYS/kernel/notes: a page is read, not the kernel.
Result<std::string> BuildIdOfRunning(const std::string& sys = "/sys");
// Of an image; also kNotKernel and what cannot be opened.
Result<std::string> BuildIdOfImage(const std::string& path);

// Of the bytes of ELF notes; empty where there is none, or they are damaged.
std::string BuildIdOfNotes(std::string_view notes);

}  // namespace race::store
