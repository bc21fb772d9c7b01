// SPDX-License-Identifier: GPL-2.0-only
//
// The text form of a STEG: sorted, one thing a line, no ids, so that two of them
// can be compared with diff.  Documentation/format-steg.md describes it.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "steg/graph.h"

namespace race::steg {

// With `roots`, only what they name; with `first`, only the nodes from there on.
// Returns how many entities were written.
size_t WriteText(const Graph& graph, const std::vector<std::string>& roots, std::ostream& out,
                 NodeId first = NodeId::kVoid);

}  // namespace race::steg
