// SPDX-License-Identifier: GPL-2.0-only
//
// Copying what a contract needs of a type into another graph.
#include "steg/graph.h"

namespace race::steg {
namespace {

// As deep as Compatible() and SameLayout() look; what lies deeper they refuse.
constexpr int kMaxDepth = 64;

bool IsNamed(const Node& node) {
  return !node.name.empty() && (node.kind == STEG_STRUCT || node.kind == STEG_UNION);
}

}  // namespace

NodeId Copier::CopyNode(NodeId id, Mode mode, int depth) {
  if (id == NodeId::kVoid || depth > kMaxDepth) return NodeId::kVoid;
  const Node& from = from_[id];

  // A complete copy serves where a name would do, so look for that first.
  for (int done = kDeep; done >= mode; done--)
    if (auto found = done_.find(uint64_t{Index(id)} << 1 | done); found != done_.end())
      return found->second;

  Node node;
  node.kind = from.kind;
  node.flags = from.flags;
  node.name = from.name;
  bool stub = mode != kDeep && IsNamed(from);
  if (stub) {
    node.flags |= STEG_INCOMPLETE;
  } else {
    node.size = from.size;
    node.value = from.value;
  }
  NodeId to = to_->Add(std::move(node));
  done_[uint64_t{Index(id)} << 1 | mode] = to;
  if (stub) return to;
  // Enumerators are contracts of their own; an enum is its name and size here.
  if (from.kind == STEG_ENUM && mode != kDeep) return to;

  // By value a deep copy stays deep.  Behind a pointer and in a prototype names
  // do, but an unnamed aggregate has no name to do.
  Mode next = mode;
  if (from.kind == STEG_POINTER || from.kind == STEG_PROTO) next = kByName;
  std::vector<Edge> edges;
  edges.reserve(from.edges.size());
  for (const Edge& edge : from.edges) {
    Edge copy = edge;
    copy.target = CopyNode(edge.target, next, depth + 1);
    edges.push_back(std::move(copy));
  }
  to_->Mutable(to).edges = std::move(edges);
  return to;
}

}  // namespace race::steg
