// SPDX-License-Identifier: GPL-2.0-only
//
// What changed between two graphs: types that came and went, fields that moved
// or changed their type, prototypes, enumerators.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "steg/graph.h"

namespace race::steg {

struct Difference {
  enum Kind { kAdded, kRemoved, kChanged };
  Kind kind;
  std::string title;                 // "struct file"
  std::vector<std::string> details;  // "size 184 -> 232", "private_data moved from 24 to 56"
};

// Sorted by title.  Of several types of one name those that are alike in both
// graphs are left out, and the others compared in the order of what they say.
std::vector<Difference> Compare(const Graph& a, const Graph& b,
                                const std::vector<std::string>& roots = {});

void WriteDifferences(const std::vector<Difference>& differences, std::ostream& out);

}  // namespace race::steg
