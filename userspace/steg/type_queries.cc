// SPDX-License-Identifier: GPL-2.0-only
//
// Questions about one type: its size, its alignment, its members.  Graphs may
// come from a damaged file, so nothing here follows edges without a limit.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "steg/graph.h"

namespace race::steg {
namespace {

// No C type nests typedefs, arrays or unnamed members this deep.
constexpr int kMaxDepth = 64;

bool IsAggregate(const Node& node) { return node.kind == STEG_STRUCT || node.kind == STEG_UNION; }

NodeId Target(const Node& node) {
  return node.edges.empty() ? NodeId::kVoid : node.edges.front().target;
}

class Alignment {
 public:
  explicit Alignment(const Graph& graph) : graph_(graph) {}

  uint64_t Of(NodeId id, int depth) {
    if (depth > kMaxDepth) return 1;
    id = SkipQualifiers(graph_, id);
    const Node& node = graph_[id];
    switch (node.kind) {
      case STEG_POINTER:
        return 8;
      case STEG_INT:
      case STEG_FLOAT:
      case STEG_ENUM:
        return std::clamp<uint64_t>(node.size & -node.size, 1, 16);
      case STEG_ARRAY:
        return Of(Target(node), depth + 1);
      case STEG_STRUCT:
      case STEG_UNION:
        break;
      default:
        return 1;
    }
    // 1 while its members are asked: a by-value cycle ends there.
    auto [entry, added] = done_.try_emplace(Index(id), 1);
    if (!added) return entry->second;
    uint64_t align = OfMembers(node, depth);
    return done_[Index(id)] = align;
  }

 private:
  uint64_t OfMembers(const Node& node, int depth) {
    uint64_t align = 1;
    for (const Edge& edge : node.edges) {
      if (edge.kind != STEG_EDGE_MEMBER) continue;
      uint64_t member = Of(edge.target, depth + 1);
      uint64_t offset = edge.value / 8;
      if (edge.bits == 0 && offset != 0) member = std::min(member, offset & -offset);
      align = std::max(align, member);
    }
    while (align > 1 && node.size % align != 0) align /= 2;
    return align;
  }

  const Graph& graph_;
  std::unordered_map<uint32_t, uint64_t> done_;
};

// A member of that name in an aggregate, looking into unnamed ones.  Each aggregate is looked
// into once: one that has it ends the search.
class MemberSearch {
 public:
  MemberSearch(const Graph& graph, std::string_view name) : graph_(graph), name_(name) {}

  bool Find(NodeId id, uint64_t base, Place* place, int depth = 0) {
    id = SkipQualifiers(graph_, id);
    const Node& node = graph_[id];
    if (depth > kMaxDepth || !IsAggregate(node) || !seen_.insert(Index(id)).second) return false;
    for (const Edge& edge : node.edges) {
      if (edge.kind != STEG_EDGE_MEMBER) continue;
      if (edge.name == name_) {
        *place = Place{base + edge.value, edge.bits, edge.target};
        return true;
      }
      if (edge.name.empty() && Find(edge.target, base + edge.value, place, depth + 1)) return true;
    }
    return false;
  }

 private:
  const Graph& graph_;
  const std::string_view name_;
  std::unordered_set<uint32_t> seen_;
};

}  // namespace

NodeId SkipQualifiers(const Graph& graph, NodeId id) {
  for (int depth = 0; depth < kMaxDepth; depth++) {
    const Node& node = graph[id];
    if (node.kind != STEG_TYPEDEF && node.kind != STEG_CONST && node.kind != STEG_VOLATILE &&
        node.kind != STEG_RESTRICT)
      return id;
    id = Target(node);
  }
  return NodeId::kVoid;
}

uint64_t SizeOf(const Graph& graph, NodeId id) {
  uint64_t count = 1;
  for (int depth = 0; depth < kMaxDepth; depth++) {
    const Node& node = graph[id = SkipQualifiers(graph, id)];
    if (node.kind == STEG_ARRAY) {
      if (__builtin_mul_overflow(count, node.value, &count)) return UINT64_MAX;
      id = Target(node);
      continue;
    }
    uint64_t size = node.kind == STEG_POINTER ? 8 : node.size;
    return __builtin_mul_overflow(count, size, &size) ? UINT64_MAX : size;
  }
  return 0;
}

uint64_t AlignOf(const Graph& graph, NodeId id) { return Alignment(graph).Of(id, 0); }

const Edge* FindEnumerator(const Node& node, std::string_view name) {
  if (node.kind != STEG_ENUM) return nullptr;
  for (const Edge& edge : node.edges)
    if (edge.kind == STEG_EDGE_ENUMERATOR && edge.name == name) return &edge;
  return nullptr;
}

std::vector<NodeId> AllEnums(const Graph& graph) {
  std::vector<NodeId> enums;
  for (uint32_t i = 0; i < graph.size(); ++i)
    if (graph.KindOf(NodeId{i}) == STEG_ENUM) enums.push_back(NodeId{i});
  return enums;
}

std::vector<NodeId> FindRoot(const Graph& graph, std::string_view root) {
  constexpr struct {
    std::string_view prefix;
    steg_node_kind kind;
  } kTags[] = {{"struct ", STEG_STRUCT}, {"union ", STEG_UNION}, {"enum ", STEG_ENUM}};
  std::vector<NodeId> found;
  for (const auto& tag : kTags)
    if (root.starts_with(tag.prefix)) found = graph.Find(tag.kind, root.substr(tag.prefix.size()));
  for (NodeId id : graph.Find(STEG_TYPEDEF, root)) {
    NodeId target = SkipQualifiers(graph, id);
    if (std::find(found.begin(), found.end(), target) == found.end()) found.push_back(target);
  }
  // Where the type is known, other files' forward declarations of it say nothing.
  auto incomplete = [&](NodeId id) { return (graph[id].flags & STEG_INCOMPLETE) != 0; };
  if (!std::all_of(found.begin(), found.end(), incomplete)) std::erase_if(found, incomplete);
  return found;
}

bool FindMember(const Graph& graph, NodeId root, std::string_view path, Place* place,
                std::string* missing) {
  Place at{0, 0, root};
  for (size_t start = 0; start <= path.size();) {
    size_t end = std::min(path.find('.', start), path.size());
    std::string_view part = path.substr(start, end - start);
    if (part.empty() || !MemberSearch(graph, part).Find(at.type, at.bit_offset, &at)) {
      if (missing) *missing = part;
      return false;
    }
    start = end + 1;
  }
  *place = at;
  return true;
}

}  // namespace race::steg
