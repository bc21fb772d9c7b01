// SPDX-License-Identifier: GPL-2.0-only
//
// Short ways to make graphs in tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "steg/graph.h"

namespace race::steg {

struct Builder {
  Graph graph;

  NodeId Int(const char* name, uint64_t size, uint16_t flags = 0) {
    return graph.Add({STEG_INT, flags, name, size, 0, {}});
  }
  NodeId To(steg_node_kind kind, NodeId target, const char* name = "") {
    uint64_t size = kind == STEG_POINTER ? 8 : 0;
    return graph.Add({kind, 0, name, size, 0, {{STEG_EDGE_TARGET, 0, "", target, 0, 0}}});
  }
  NodeId Pointer(NodeId target) { return To(STEG_POINTER, target); }
  NodeId Typedef(const char* name, NodeId target) { return To(STEG_TYPEDEF, target, name); }
  NodeId Array(NodeId element, uint64_t count) {
    return graph.Add({STEG_ARRAY, 0, "", 0, count, {{STEG_EDGE_TARGET, 0, "", element, 0, 0}}});
  }
  NodeId Aggregate(steg_node_kind kind, const char* name, uint64_t size,
                   std::vector<Edge> members) {
    return graph.Add({kind, 0, name, size, 0, std::move(members)});
  }
  NodeId Struct(const char* name, uint64_t size, std::vector<Edge> members) {
    return Aggregate(STEG_STRUCT, name, size, std::move(members));
  }
  NodeId Declared(const char* name) {
    return graph.Add({STEG_STRUCT, STEG_INCOMPLETE, name, 0, 0, {}});
  }
  NodeId Proto(NodeId result, const std::vector<NodeId>& params, uint16_t flags = 0) {
    Node node{STEG_PROTO, flags, "", 0, 0, {{STEG_EDGE_RETURN, 0, "", result, 0, 0}}};
    for (NodeId param : params) node.edges.push_back({STEG_EDGE_PARAM, 0, "", param, 0, 0});
    return graph.Add(std::move(node));
  }
  NodeId Enum(const char* name, uint64_t size,
              const std::vector<std::pair<const char*, uint64_t>>& values, uint16_t flags = 0) {
    Node node{STEG_ENUM, flags, name, size, 0, {}};
    for (const auto& [constant, value] : values)
      node.edges.push_back({STEG_EDGE_ENUMERATOR, 0, constant, NodeId::kVoid, 0, value});
    return graph.Add(std::move(node));
  }

  // A member at a byte.
  static Edge At(uint64_t byte, const char* name, NodeId type) {
    return {STEG_EDGE_MEMBER, 0, name, type, 0, byte * 8};
  }
};

}  // namespace race::steg
