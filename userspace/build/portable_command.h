// SPDX-License-Identifier: GPL-2.0-only
//
// A module in portable C to a .rcrate.
//
// Portable C includes no kernel header: kernel structures are incomplete types, and
// what depends on their layout is a layout symbol that the source itself names.  So it
// is compiled once, and no variants are needed to find what is a layout.
#pragma once

#include <string>

#include "build/build_command.h"

namespace race::build {

// Compiles the folder's C sources with -DRACE_PORTABLE and writes OUTPUT/NAME.rcrate.
// Kbuild compiles them for the SDK's kernel as well: for its flags,
// and so that the compiler holds the declarations against the kernel's own.  `base` is a
// kernel, as for ReadTarget(), whose BTF says what type each field and import has.
// Errors: those of RunKbuildOfModule(), FinishObject(), WriteRcrate(), ReadTarget();
// kBuildInput (a layout symbol that `base` has nothing for).
Result<Built> BuildPortable(const BuildOptions& options, const std::string& base, Metrics* metrics);

}  // namespace race::build
