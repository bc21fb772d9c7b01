// SPDX-License-Identifier: GPL-2.0-only
//
// Types as C declares them.
#include "steg/graph.h"

namespace race::steg {
namespace {

constexpr int kMaxDepth = 24;

std::string SpellDeclarator(const Graph& graph, NodeId id, std::string inner, int depth);

std::string Join(const std::string& type, const std::string& inner) {
  return inner.empty() ? type : type + ' ' + inner;
}

std::string NameOf(const Node& node) { return node.name.empty() ? "(unnamed)" : node.name; }

std::string Parameters(const Graph& graph, const Node& proto, int depth) {
  std::string text;
  for (const Edge& edge : proto.edges) {
    if (edge.kind != STEG_EDGE_PARAM) continue;
    if (!text.empty()) text += ", ";
    text += SpellDeclarator(graph, edge.target, "", depth + 1);
  }
  if (proto.flags & STEG_VARIADIC) text += text.empty() ? "..." : ", ...";
  return '(' + (text.empty() ? "void" : text) + ')';
}

// `inner` is what the declaration has around the name so far.  A pointer to a
// function or an array needs parentheses, since these bind tighter.
std::string SpellDeclarator(const Graph& graph, NodeId id, std::string inner, int depth) {
  if (depth > kMaxDepth) return "(nested too deeply)";
  const Node& node = graph[id];
  NodeId target = node.edges.empty() ? NodeId::kVoid : node.edges.front().target;
  bool pointed = !inner.empty() && inner.front() == '*';
  switch (node.kind) {
    case STEG_VOID:
      return Join("void", inner);
    case STEG_STRUCT:
      return Join("struct " + NameOf(node), inner);
    case STEG_UNION:
      return Join("union " + NameOf(node), inner);
    case STEG_ENUM:
      return Join("enum " + NameOf(node), inner);
    case STEG_POINTER:
      return SpellDeclarator(graph, target, '*' + inner, depth + 1);
    case STEG_ARRAY:
      if (pointed) inner = '(' + inner + ')';
      return SpellDeclarator(graph, target, inner + '[' + std::to_string(node.value) + ']',
                             depth + 1);
    case STEG_PROTO:
      if (pointed) inner = '(' + inner + ')';
      return SpellDeclarator(graph, target, inner + Parameters(graph, node, depth), depth + 1);
    case STEG_FUNC:
    case STEG_VAR:
      return SpellDeclarator(graph, target, node.name, depth + 1);
    case STEG_CONST:
    case STEG_VOLATILE:
    case STEG_RESTRICT: {
      const char* word = node.kind == STEG_CONST      ? "const"
                         : node.kind == STEG_VOLATILE ? "volatile"
                                                      : "restrict";
      // Of a pointer the qualifier stands behind the star, else before the type.
      if (graph[target].kind == STEG_POINTER)
        return SpellDeclarator(graph, target, inner.empty() ? word : word + (' ' + inner),
                               depth + 1);
      return word + (' ' + SpellDeclarator(graph, target, inner, depth + 1));
    }
    default:
      return Join(NameOf(node), inner);
  }
}

}  // namespace

std::string Spell(const Graph& graph, NodeId id) { return SpellDeclarator(graph, id, "", 0); }

}  // namespace race::steg
