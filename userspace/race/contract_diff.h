// SPDX-License-Identifier: GPL-2.0-only
//
// `race steg diff OLD NEW --for FILE`: two kernels as one driver sees them.
#pragma once

#include <string>

#include "support/metrics.h"
#include "support/result.h"

namespace race {

// Prints what differs to standard output; true when anything does.
Result<bool> DiffForDriver(const std::string& rcrate, const std::string& old_name,
                           const std::string& new_name, bool json, Metrics* metrics);

}  // namespace race
