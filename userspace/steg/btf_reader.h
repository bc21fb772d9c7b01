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

// The BTF that ReadBtf() made the graph of; empty for another's.
std::string_view BtfBytes(const Graph& graph);

// The nodes [first, end) of a graph.
struct NodeRange {
  NodeId first = NodeId::kVoid;
  NodeId end = NodeId::kVoid;
  bool Contains(NodeId id) const { return Index(first) <= Index(id) && Index(id) < Index(end); }
};

// A module's, and its BTF, split from the kernel's (relocated, where it was not).
struct SplitTypes : NodeRange {
  std::string bytes;
};

// Adds what a module's split BTF says to *graph, which ReadBtf() made of the BTF
// that it is split from (or a copy of it, with other modules added).  The new
// nodes refer to those of the kernel.
//
// A module that was built outside of the kernel's tree has its own idea of the
// kernel's types in `distilled_base`, a .BTF.base section; it is empty elsewhere.
// Errors: kBadBtf; the graph is then as it was.
Result<SplitTypes> AddSplitBtf(std::string_view bytes, std::string_view distilled_base,
                               Graph* graph);

}  // namespace race::steg
