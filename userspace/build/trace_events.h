// SPDX-License-Identifier: GPL-2.0-only
//
// A driver's trace events, which are written in C (include/trace/events/): left out.
#pragma once

#include <string>

#include "build/process.h"
#include "support/result.h"

namespace race::build {

// The names of the trace events that the object `path` defines.  kBuildInput when it
// defines anything else that another object can see: that the driver may need.
Result<std::string> TraceEventsOf(const std::string& path);

// Takes CONFIG_TRACEPOINTS from rustc's configuration (a file of options, copied to
// `work`): without it, the kernel crate's declare_trace!() makes functions that do
// nothing.
Status LeaveOutTracing(const std::string& work, Command* compile);

}  // namespace race::build
