// SPDX-License-Identifier: GPL-2.0-only
//
// The C half of a STEG from BTF, through libbpf.
#pragma once

#include <string_view>

#include "steg/graph.h"
#include "support/result.h"

namespace race::steg {

// `bytes` is a .BTF section or /sys/kernel/btf/vmlinux; it is copied.  The graph
// keeps the BTF and makes its nodes when they are looked at.  Declaration tags,
// type tags and data sections have no place in the graph: tags are looked
// through, the others left out.  Errors: kBadBtf, with what libbpf said.
Result<Graph> ReadBtf(std::string_view bytes);

}  // namespace race::steg
