// SPDX-License-Identifier: GPL-2.0-only
//
// Folders that are made beside their place, as WriteFileAtomically() (support/file.h) makes files.
#pragma once

#include <string>

#include "support/result.h"

namespace race {

// Syncs all files of a folder, so that it may be renamed.  kFileWrite.
Status SyncFolder(const std::string& path);

// Removes folders in `folder` whose names begin with `prefix` and the id of a process, where
// that is no more, the folder is this user's and nothing was put into it for a day.  (The day
// is for processes that are not seen from here: another machine's, another container's.)
void SweepFoldersOfDead(const std::string& folder, const std::string& prefix);

}  // namespace race
