// SPDX-License-Identifier: GPL-2.0-only
//
// From contracts that hold to the facts about the target that they rest on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "resolve/contract_resolution.h"

namespace race::resolve {

// A struct race_fact whose strings are strings; `text` is filled in from BTF.
struct TargetFact {
  uint16_t kind = 0;
  uint16_t bits = 0;
  std::string root, path, text;
  std::string module;  // FUNCTION, VARIABLE: that exports it; empty: the kernel
  std::string source;
  uint64_t value = 0;

  bool IsAboutFunction() const {
    return kind == RACE_CONTRACT_FUNCTION || kind == RACE_CONTRACT_VARIABLE;
  }
};

// In the order that the format demands, each once.  `target` has the driver's modules.
// What cannot be seen in types (CONFIG, what is exported or is not) is no fact:
// the kernel's own loader looks at exports.
std::vector<TargetFact> ListFacts(const rcrate::RcrateFile& file, const kernel::Target& target,
                                  const Resolution& resolution);

}  // namespace race::resolve
