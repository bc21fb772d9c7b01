// SPDX-License-Identifier: GPL-2.0-only
//
// A graph in words: one entity for each thing that has a name, with a line for
// each thing that can change about it.  The text form prints these, the
// comparison compares them.
#pragma once

#include <string>
#include <vector>

#include "steg/graph.h"

namespace race::steg {

struct Entity {
  struct Line {
    std::string key;   // a member's path, an enumerator: what is compared with what
    std::string text;  // "  24  void * private_data"
    std::string place, type;
  };
  std::string title;  // "struct file": sorted by this
  std::string head;   // "size 184", "int misc_register(struct miscdevice *)"
  std::vector<Line> lines;

  bool operator==(const Entity& other) const;
  std::string Text() const;
};

// Members of unnamed aggregates are shown under the path that C has for them.
Entity Describe(const Graph& graph, NodeId id);

// All structs, unions, enums and typedefs with names (declared-only ones left
// out), functions and variables, sorted.  With `roots`, only those whose title or
// name is among them: "struct file", "gfp_t", "misc_register".  With `first`, only
// the nodes from there on: those of a module that was added to a kernel's.
std::vector<Entity> DescribeAll(const Graph& graph, const std::vector<std::string>& roots = {},
                                NodeId first = NodeId::kVoid);

}  // namespace race::steg
