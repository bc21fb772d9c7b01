// SPDX-License-Identifier: GPL-2.0-only
//
// Running the toolchain's programs.
#pragma once

#include <string>
#include <vector>

#include "support/result.h"

namespace race::build {

struct Command {
  std::vector<std::string> words;        // argv
  std::vector<std::string> environment;  // "NAME=value", added to ours
  std::string directory;                 // working directory, empty: ours
};

struct Output {
  int exit_status = 0;
  std::string text;  // standard output and standard error, as they came
};

// Runs to the end.  kCommandFailed only when the program cannot be started or is
// killed by a signal: the caller judges the exit status.
Result<Output> Run(const Command& command);

// The same, but any exit status other than 0 is kCommandFailed with the end of
// what the program printed.
Status RunOrFail(const Command& command, Code code = Code::kCommandFailed);

// Runs all, at most `parallel` at once; the first failure is returned after the
// running ones have ended.
Status RunAll(const std::vector<Command>& commands, unsigned parallel, Code code);

// Runs all, at most `parallel` at once, whatever their exit statuses are; their outputs in
// order.  Errors as of Run().
Result<std::vector<Output>> RunEach(const std::vector<Command>& commands, unsigned parallel);

// The last lines of a text, for an error message.
std::string Tail(const std::string& text, size_t lines);

}  // namespace race::build
