// SPDX-License-Identifier: GPL-2.0-only
//
// The kernel that runs: its types from /sys/kernel/btf, what it exports from its
// own memory or its symbol list.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/target.h"
#include "support/result.h"

namespace race::kernel {

Result<std::unique_ptr<Target>> ReadRunning(const SystemRoots& roots, Metrics* metrics);

}  // namespace race::kernel
