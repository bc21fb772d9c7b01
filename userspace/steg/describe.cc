// SPDX-License-Identifier: GPL-2.0-only
#include "steg/describe.h"

#include <algorithm>
#include <tuple>

namespace race::steg {
namespace {

constexpr int kMaxDepth = 16;          // unnamed aggregates within each other
constexpr size_t kMaxLines = 1 << 16;  // of one entity; a damaged file may nest

bool IsAggregate(const Node& node) { return node.kind == STEG_STRUCT || node.kind == STEG_UNION; }

std::string PlaceOf(uint64_t bit_offset, uint32_t bits) {
  std::string place = std::to_string(bit_offset / 8);
  if (bits == 0) return place;
  return place + ':' + std::to_string(bit_offset % 8) + '+' + std::to_string(bits);
}

void DescribeMembers(const Graph& graph, const Node& node, const std::string& path, uint64_t base,
                     int depth, Entity* entity) {
  for (const Edge& edge : node.edges) {
    if (entity->lines.size() >= kMaxLines) return;
    NodeId bare = SkipQualifiers(graph, edge.target);
    const Node& type = graph[bare];
    std::string name = path + edge.name;
    // A typedef's name is enough; what has no name at all is shown from inside.
    bool unnamed = IsAggregate(type) && type.name.empty() &&
                   Spell(graph, edge.target).find("(unnamed)") != std::string::npos;
    Entity::Line line;
    line.key = name.empty() ? "(unnamed)" : name;
    line.place = PlaceOf(base + edge.value, edge.bits);
    line.type = Spell(graph, edge.target);
    if (unnamed && depth < kMaxDepth) {
      if (!edge.name.empty()) entity->lines.push_back(line);
      DescribeMembers(graph, type, edge.name.empty() ? path : name + '.', base + edge.value,
                      depth + 1, entity);
    } else {
      entity->lines.push_back(line);
    }
  }
}

void DescribeEnumerators(const Node& node, Entity* entity) {
  for (const Edge& edge : node.edges) {
    Entity::Line line;
    line.key = edge.name;
    line.place = node.flags & STEG_ENUM_SIGNED ? std::to_string(static_cast<int64_t>(edge.value))
                                               : std::to_string(edge.value);
    entity->lines.push_back(line);
  }
}

std::string ExportMark(const Node& node) {
  if (node.flags & STEG_EXPORTED_GPL) return " exported-gpl";
  return node.flags & STEG_EXPORTED ? " exported" : "";
}

void DescribeAggregate(const Graph& graph, const Node& node, Entity* entity) {
  entity->head =
      node.flags & STEG_INCOMPLETE ? "declared only" : "size " + std::to_string(node.size);
  DescribeMembers(graph, node, "", 0, 0, entity);
}

std::string TypedefTarget(const Graph& graph, const Node& node, Entity* entity) {
  NodeId target = node.edges.empty() ? NodeId::kVoid : node.edges.front().target;
  const Node& type = graph[target];
  if (!type.name.empty()) return Spell(graph, target);
  if (IsAggregate(type)) {
    std::string text = Spell(graph, target) + " size " + std::to_string(type.size);
    DescribeMembers(graph, type, "", 0, 0, entity);
    return text;
  }
  if (type.kind == STEG_ENUM) DescribeEnumerators(type, entity);
  return Spell(graph, target);
}

// The Rust half in one form for all its kinds, until it has something to say.
void DescribeRust(const Graph& graph, const Node& node, Entity* entity) {
  entity->head = "size " + std::to_string(node.size) + " value " + std::to_string(node.value) +
                 " flags " + std::to_string(node.flags);
  for (const Edge& edge : node.edges) {
    Entity::Line line;
    line.key = edge.name;
    line.place = std::to_string(edge.kind) + ' ' + std::to_string(edge.value);
    line.type = Spell(graph, edge.target);
    entity->lines.push_back(line);
  }
}

bool IsShown(const Node& node) {
  if (node.kind >= STEG_RUST_STRUCT) return !node.name.empty();
  switch (node.kind) {
    case STEG_STRUCT:
    case STEG_UNION:
      return !node.name.empty() && !(node.flags & STEG_INCOMPLETE);
    case STEG_ENUM:  // unnamed ones hold constants
    case STEG_TYPEDEF:
    case STEG_FUNC:
    case STEG_VAR:
      return true;
    default:
      return false;
  }
}

bool IsAmong(const std::vector<std::string>& roots, const std::string& title,
             const std::string& name) {
  return std::any_of(roots.begin(), roots.end(),
                     [&](const std::string& root) { return root == title || root == name; });
}

std::string TitleOf(const Node& node) {
  switch (node.kind) {
    case STEG_STRUCT:
      return "struct " + node.name;
    case STEG_UNION:
      return "union " + node.name;
    case STEG_ENUM:
      // Nothing but its first constant tells unnamed enums apart.
      if (node.name.empty())
        return "enum (" + (node.edges.empty() ? "" : node.edges.front().name) + ")";
      return "enum " + node.name;
    case STEG_TYPEDEF:
      return "typedef " + node.name;
    case STEG_FUNC:
      return "func " + node.name;
    case STEG_VAR:
      return "var " + node.name;
    default:
      return "rust " + std::to_string(node.kind) + ' ' + node.name;
  }
}

}  // namespace

bool Entity::operator==(const Entity& other) const {
  auto same = [](const Line& a, const Line& b) {
    return std::tie(a.key, a.place, a.type) == std::tie(b.key, b.place, b.type);
  };
  return title == other.title && head == other.head &&
         std::equal(lines.begin(), lines.end(), other.lines.begin(), other.lines.end(), same);
}

std::string Entity::Text() const {
  std::string text = title + ": " + head + '\n';
  for (const Line& line : lines) {
    text += '\t' + line.place + '\t' + line.key;
    if (!line.type.empty()) text += "\t" + line.type;
    text += '\n';
  }
  return text;
}

Entity Describe(const Graph& graph, NodeId id) {
  const Node& node = graph[id];
  Entity entity;
  entity.title = TitleOf(node);
  switch (node.kind) {
    case STEG_STRUCT:
    case STEG_UNION:
      DescribeAggregate(graph, node, &entity);
      break;
    case STEG_ENUM:
      entity.head = "size " + std::to_string(node.size);
      DescribeEnumerators(node, &entity);
      break;
    case STEG_TYPEDEF:
      entity.head = TypedefTarget(graph, node, &entity);
      break;
    case STEG_FUNC:
    case STEG_VAR:
      entity.head = Spell(graph, id) + ExportMark(node);
      break;
    default:
      DescribeRust(graph, node, &entity);
  }
  return entity;
}

std::vector<Entity> DescribeAll(const Graph& graph, const std::vector<std::string>& roots,
                                NodeId first) {
  std::vector<Entity> entities;
  for (uint32_t i = Index(first); i < graph.size(); i++) {
    const Node& node = graph[NodeId{i}];
    if (!IsShown(node)) continue;
    if (!roots.empty() && !IsAmong(roots, TitleOf(node), node.name)) continue;
    entities.push_back(Describe(graph, NodeId{i}));
  }
  // Several types may share a name: then what they say is their order, never
  // the order in which the compiler happened to write them.
  auto key = [](const Entity& entity) { return std::tie(entity.title, entity.head); };
  std::stable_sort(entities.begin(), entities.end(), [&](const Entity& a, const Entity& b) {
    if (key(a) != key(b)) return key(a) < key(b);
    return a.Text() < b.Text();
  });
  entities.erase(std::unique(entities.begin(), entities.end()), entities.end());
  return entities;
}

}  // namespace race::steg
