// SPDX-License-Identifier: GPL-2.0-only
//
// The binary form of a STEG, include/race/steg.h.  ReadBinary(WriteBinary(g))
// equals g, and equal graphs have equal bytes.
#pragma once

#include <string>
#include <string_view>

#include "steg/graph.h"
#include "support/result.h"

namespace race::steg {

std::string WriteBinary(const Graph& graph);

// Errors: kBadMagic, kBadVersion, kBadHeader, kBadTable, kBadChecksum, kBadString,
// kBadReference, kBadSteg.
Result<Graph> ReadBinary(std::string_view bytes);

}  // namespace race::steg
