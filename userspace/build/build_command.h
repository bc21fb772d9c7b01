// SPDX-License-Identifier: GPL-2.0-only
//
// race build: an out-of-tree Kbuild folder to a .rcrate.
#pragma once

#include <string>
#include <vector>

#include "support/metrics.h"
#include "support/result.h"

namespace race::build {

struct BuildOptions {
  std::string sdk;            // folder of the SDK
  std::string folder;         // the module's folder
  std::string module;         // which of several there; empty: the only one
  std::string output;         // folder of the .rcrate
  std::string save_symbolic;  // file for the bitcode before optimising; empty: none
  bool keep = false;          // keep the intermediate files, in OUTPUT/NAME.work
  unsigned jobs = 2;
};

struct Built {
  std::string path;                // of the .rcrate
  std::vector<std::string> notes;  // what its author should know, but is no refusal
};

// Writes OUTPUT/NAME.rcrate.
Result<Built> BuildRcrate(const BuildOptions& options, Metrics* metrics);

}  // namespace race::build
