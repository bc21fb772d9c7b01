// SPDX-License-Identifier: GPL-2.0-only
//
// race build: an out-of-tree Kbuild folder to a .rcrate.
#pragma once

#include <string>

#include "support/metrics.h"
#include "support/result.h"

namespace race::build {

struct BuildOptions {
  std::string sdk;            // folder of the SDK
  std::string folder;         // the module's folder
  std::string output;         // folder of the .rcrate
  std::string save_symbolic;  // file for the bitcode before optimising; empty: none
  bool keep = false;          // keep the intermediate files, in OUTPUT/NAME.work
  unsigned jobs = 2;
};

// Writes OUTPUT/NAME.rcrate and returns its path.
Result<std::string> BuildRcrate(const BuildOptions& options, Metrics* metrics);

}  // namespace race::build
