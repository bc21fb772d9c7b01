// SPDX-License-Identifier: GPL-2.0-only
//
// The commands that Kbuild ran, out of its .<object>.cmd files.
#pragma once

#include <string>
#include <vector>

#include "build/process.h"
#include "support/result.h"

namespace race::build {

// The command that made `object` (a path relative to `tree`): its environment
// settings and words, to be run in `tree`.  What follows a ';' (objtool, objcopy)
// is in `after`.  Errors: kSdkTree.
struct KbuildCommand {
  Command first;
  std::vector<std::vector<std::string>> after;
};
Result<KbuildCommand> ReadKbuildCommand(const std::string& tree, const std::string& object);

// Takes all words that begin with `prefix` out.
void DropWords(std::vector<std::string>* words, std::string_view prefix);

// Replaces the environment setting NAME=...
void SetEnvironment(Command* command, const std::string& name, const std::string& value);

}  // namespace race::build
