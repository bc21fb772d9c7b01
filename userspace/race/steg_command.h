// SPDX-License-Identifier: GPL-2.0-only
//
// `race steg`: shows and compares the type graphs of kernels and .rcrates.
#pragma once

#include <CLI/CLI.hpp>

namespace race {

// Adds the subcommand to `app`.  When it is given, parsing runs it and sets
// *exit_status: 0 done (diff: no difference), 1 diff: they differ, dump: nothing has
// that name; 2 any other error (printed).
void AddStegCommand(CLI::App& app, int* exit_status);

}  // namespace race
