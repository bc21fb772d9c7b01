// SPDX-License-Identifier: GPL-2.0-only
//
// The in-memory STEG: one graph for what BTF, DWARF, rustc and the binary form
// say.  Kinds and flags are those of include/race/steg.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "race/steg.h"

namespace race::steg {

// Index of a node in its graph.  Ids mean nothing in another graph.
enum class NodeId : uint32_t { kVoid = 0 };
inline uint32_t Index(NodeId id) { return static_cast<uint32_t>(id); }

struct Edge {
  steg_edge_kind kind = STEG_EDGE_TARGET;
  uint16_t flags = 0;
  std::string name;
  NodeId target = NodeId::kVoid;
  uint32_t bits = 0;   // MEMBER: width of a bitfield, else 0
  uint64_t value = 0;  // MEMBER: offset in bits; ENUMERATOR: the constant
  bool operator==(const Edge&) const = default;
};

struct Node {
  steg_node_kind kind = STEG_VOID;
  uint16_t flags = 0;
  std::string name;
  uint64_t size = 0;   // bytes
  uint64_t value = 0;  // ARRAY: element count
  std::vector<Edge> edges;
  bool operator==(const Node&) const = default;
};

class Graph {
 public:
  Graph() { nodes_.emplace_back(); }  // node 0 is void

  NodeId Add(Node node);
  const Node& operator[](NodeId id) const { return nodes_[Index(id)]; }
  Node& Mutable(NodeId id) { return nodes_[Index(id)]; }
  size_t size() const { return nodes_.size(); }
  const std::vector<Node>& nodes() const { return nodes_; }
  bool operator==(const Graph& other) const { return nodes_ == other.nodes_; }

  // All nodes of that kind and name, complete ones first.  Built at first use;
  // do not Add() afterwards.
  const std::vector<NodeId>& Find(steg_node_kind kind, std::string_view name) const;

 private:
  std::vector<Node> nodes_;
  mutable std::unordered_map<std::string, std::vector<NodeId>> index_;
};

// Follows typedefs and const/volatile/restrict to the type that has a layout.
NodeId SkipQualifiers(const Graph& graph, NodeId id);

// Size of a type in bytes; arrays multiplied out, typedefs followed, pointers 8.
uint64_t SizeOf(const Graph& graph, NodeId id);

// Natural alignment in bytes, from the members (BTF has no alignment): a lower
// bound of the true one where the source says __aligned.
uint64_t AlignOf(const Graph& graph, NodeId id);

// "struct file *", "unsigned int [4]", "int (struct device *, ...)".
std::string Spell(const Graph& graph, NodeId id);

// The aggregates that `root` names: "struct file", "union u", "enum e", or a
// typedef's name, whose target is then meant.  More than one answer with
// different layouts is an ambiguity for the caller to refuse.
std::vector<NodeId> FindRoot(const Graph& graph, std::string_view root);

struct Place {
  uint64_t bit_offset = 0;  // from the start of the root
  uint32_t bits = 0;        // width of a bitfield, else 0
  NodeId type = NodeId::kVoid;
};

// Resolves a dot-separated member path ("f_path.dentry"), looking through
// unnamed members as C does.  Returns false when a part is missing, and then
// *missing names it.
bool FindMember(const Graph& graph, NodeId root, std::string_view path, Place* place,
                std::string* missing);

// Whether a use compiled for `want` (in graph `a`) may be bound to `have` (in
// graph `b`): kinds, sizes and signedness equal; aggregates by kind and name
// (their layouts are other contracts); pointers to aggregates by name; typedefs
// and qualifiers ignored.  On false, *why says what differs.
bool Compatible(const Graph& a, NodeId want, const Graph& b, NodeId have, std::string* why);

// Whether the two types have exactly the same layout: names, offsets and types
// of all members, by value recursively.
bool SameLayout(const Graph& a, NodeId want, const Graph& b, NodeId have, std::string* why);

// Copies what Compatible() and SameLayout() need of a type into another graph:
// by-value members in full when `deep`, aggregates behind pointers by name only.
class Copier {
 public:
  Copier(const Graph& from, Graph* to) : from_(from), to_(to) {}
  NodeId Copy(NodeId id, bool deep);

 private:
  const Graph& from_;
  Graph* to_;
  std::unordered_map<uint64_t, NodeId> done_;
};

}  // namespace race::steg
