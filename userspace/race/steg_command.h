// SPDX-License-Identifier: GPL-2.0-only
//
// `race steg`: shows and compares the type graphs of kernels and .rcrates.
#pragma once

#include <CLI/CLI.hpp>

namespace race {

// Adds the subcommand to `app`.  When it is given, parsing runs it and sets
// *exit_status: 0 done (diff: no difference), 1 an error (printed), 2 the graphs
// that `diff` was given differ.
void AddStegCommand(CLI::App& app, int* exit_status);

}  // namespace race
