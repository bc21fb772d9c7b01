// SPDX-License-Identifier: GPL-2.0-only
//
// The subcommands of `race`, one file each.  Each Add function adds its own to
// `app`; when the user gives it, parsing runs it and sets *exit_status.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "support/result.h"

namespace race {

// Exit statuses, as --help has them.
constexpr int kExitOk = 0;
constexpr int kExitRefused = 1;   // the target does not have what the driver needs
constexpr int kExitDiffers = 1;   // steg diff, as diff(1) has it
constexpr int kExitBadInput = 2;  // usage, files, malformed input

void AddResolveCommand(CLI::App& app, int* exit_status);
void AddCheckCommand(CLI::App& app, int* exit_status);
void AddInspectCommand(CLI::App& app, int* exit_status);
void AddCacheCommand(CLI::App& app, int* exit_status);
void AddStatusCommand(CLI::App& app, int* exit_status);
// build, sdk, bench-code: shown in --help only, main() runs race-build for them.
void AddBuildSideCommands(CLI::App& app);

bool IsBuildSideCommand(const std::string& name);

// Becomes the program race-build, which stands beside this one, with these
// words.  Returns only when that fails, with an error printed.
int RunBuildSide(const std::vector<std::string>& words);

// Prints "race: RACE-Ennnn: ..." to standard error (one line for each problem
// that was joined to one Error) and returns the exit status for it.
int ReportError(const Error& error);

// The exit status alone: kExitRefused for 04xx and 05xx, else kExitBadInput.
int ExitStatusOf(const Error& error);

}  // namespace race
