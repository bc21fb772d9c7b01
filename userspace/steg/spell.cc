// SPDX-License-Identifier: GPL-2.0-only
//
// Types as C declares them.
#include "steg/graph.h"

namespace race::steg {
namespace {

constexpr int kMaxDepth = 24;

// A damaged or hostile file may nest types so that what C would write of one is longer than any
// memory: what is beyond these is "...".
constexpr int kMostNodes = 4096;
constexpr size_t kMostBytes = 16384;

std::string Join(const std::string& type, const std::string& inner) {
  return inner.empty() ? type : type + ' ' + inner;
}

std::string NameOf(const Node& node) {
  if (node.name.empty()) return "(unnamed)";
  return node.name.size() > kMostBytes ? node.name.substr(0, kMostBytes) + "..." : node.name;
}

class Speller {
 public:
  explicit Speller(const Graph& graph) : graph_(graph) {}

  // `inner` is what the declaration has around the name so far.  A pointer to a
  // function or an array needs parentheses, since these bind tighter.
  std::string Declarator(NodeId id, std::string inner, int depth) {
    if (depth > kMaxDepth) return "(nested too deeply)";
    if (++nodes_ > kMostNodes || inner.size() > kMostBytes) return "...";
    const Node& node = graph_[id];
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
        return Declarator(target, '*' + inner, depth + 1);
      case STEG_ARRAY:
        if (pointed) inner = '(' + inner + ')';
        return Declarator(target, inner + '[' + std::to_string(node.value) + ']', depth + 1);
      case STEG_PROTO:
        if (pointed) inner = '(' + inner + ')';
        return Declarator(target, inner + Parameters(node, depth), depth + 1);
      case STEG_FUNC:
      case STEG_VAR:
        return Declarator(target, NameOf(node), depth + 1);
      case STEG_CONST:
      case STEG_VOLATILE:
      case STEG_RESTRICT: {
        const char* word = node.kind == STEG_CONST      ? "const"
                           : node.kind == STEG_VOLATILE ? "volatile"
                                                        : "restrict";
        // Of a pointer the qualifier stands behind the star, else before the type.
        if (graph_[target].kind == STEG_POINTER)
          return Declarator(target, inner.empty() ? word : word + (' ' + inner), depth + 1);
        return word + (' ' + Declarator(target, inner, depth + 1));
      }
      default:
        return Join(NameOf(node), inner);
    }
  }

 private:
  std::string Parameters(const Node& proto, int depth) {
    std::string text;
    for (const Edge& edge : proto.edges) {
      if (edge.kind != STEG_EDGE_PARAM) continue;
      if (!text.empty()) text += ", ";
      if (nodes_ > kMostNodes || text.size() > kMostBytes) return '(' + text + "...)";
      text += Declarator(edge.target, "", depth + 1);
    }
    if (proto.flags & STEG_VARIADIC) text += text.empty() ? "..." : ", ...";
    return '(' + (text.empty() ? "void" : text) + ')';
  }

  const Graph& graph_;
  int nodes_ = 0;
};

}  // namespace

std::string Spell(const Graph& graph, NodeId id) { return Speller(graph).Declarator(id, "", 0); }

}  // namespace race::steg
