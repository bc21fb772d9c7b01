// SPDX-License-Identifier: GPL-2.0-only
//
// Whether a use compiled for one type may be bound to another: Compatible().
// The rules stand in graph.h.
#include "steg/graph.h"

namespace race::steg {
namespace {

constexpr int kMaxDepth = 24;      // pointers to pointers, arrays of arrays
constexpr int kMaxUnnamed = 8;     // unnamed aggregates within each other
constexpr int kMaxSteps = 100000;  // a graph built to explode is refused instead

// A type without its typedefs and qualifiers, and the name of the last typedef:
// what an unnamed aggregate goes by.
struct Bare {
  NodeId id;
  std::string_view alias;
};

Bare Strip(const Graph& graph, NodeId id) {
  Bare bare{id, {}};
  for (int depth = 0; depth < 64; depth++) {
    const Node& node = graph[bare.id];
    if (node.kind == STEG_TYPEDEF)
      bare.alias = node.name;
    else if (node.kind != STEG_CONST && node.kind != STEG_VOLATILE && node.kind != STEG_RESTRICT)
      return bare;
    bare.id = node.edges.empty() ? NodeId::kVoid : node.edges.front().target;
  }
  return {NodeId::kVoid, {}};
}

NodeId Target(const Node& node) {
  return node.edges.empty() ? NodeId::kVoid : node.edges.front().target;
}

class Relation {
 public:
  Relation(const Graph& a, const Graph& b, std::string* why) : a_(a), b_(b), why_(why) {}

  struct Nesting {
    int depth = 0;      // any edge
    int unnamed = 0;    // members of unnamed aggregates
    int functions = 0;  // prototypes that were entered
  };

  bool Types(NodeId want_id, NodeId have_id, Nesting nesting) {
    if (nesting.depth > kMaxDepth || ++steps_ > kMaxSteps)
      return Differ("the types are nested too deeply to be compared", want_id, have_id);
    nesting.depth++;
    Bare want_bare = Strip(a_, want_id), have_bare = Strip(b_, have_id);
    const Node& want = a_[want_bare.id];
    const Node& have = b_[have_bare.id];
    if (IsScalar(want) && IsScalar(have)) return Scalars(want, have, want_id, have_id);
    if (want.kind != have.kind) return Differ("", want_id, have_id);
    switch (want.kind) {
      case STEG_VOID:
        return true;
      case STEG_POINTER:
        return Pointers(Target(want), Target(have), want_id, have_id, nesting);
      case STEG_ARRAY:
        if (want.value != have.value) return Differ("", want_id, have_id);
        return Types(Target(want), Target(have), nesting);
      case STEG_STRUCT:
      case STEG_UNION:
        return Aggregates(want_bare, have_bare, want_id, have_id, nesting);
      case STEG_PROTO:
        return Prototypes(want, have, want_id, have_id, nesting);
      case STEG_FUNC:
      case STEG_VAR:
        return Types(Target(want), Target(have), nesting);
      default:
        return Differ("kind of type that has no rule", want_id, have_id);
    }
  }

 private:
  static bool IsScalar(const Node& node) {
    return node.kind == STEG_INT || node.kind == STEG_ENUM || node.kind == STEG_FLOAT;
  }

  bool Differ(const char* what, NodeId want, NodeId have) {
    if (why_ && why_->empty()) {
      *why_ = "expected '" + Spell(a_, want) + "', the target has '" + Spell(b_, have) + "'";
      if (*what) *why_ += std::string(" (") + what + ')';
    }
    return false;
  }

  bool Scalars(const Node& want, const Node& have, NodeId want_id, NodeId have_id) {
    if (want.size != have.size) {
      std::string what = std::to_string(want.size) + " and " + std::to_string(have.size) + " bytes";
      return Differ(what.c_str(), want_id, have_id);
    }
    if ((want.kind == STEG_FLOAT) != (have.kind == STEG_FLOAT))
      return Differ("floating point", want_id, have_id);
    if (want.kind == STEG_ENUM && have.kind == STEG_ENUM)
      return want.name.empty() || have.name.empty() || want.name == have.name ||
             Differ("another enum", want_id, have_id);
    if (want.kind != STEG_INT || have.kind != STEG_INT) return true;
    constexpr uint16_t kMatters = STEG_INT_SIGNED | STEG_INT_BOOL;
    if ((want.flags ^ have.flags) & kMatters)
      return Differ((want.flags ^ have.flags) & STEG_INT_BOOL ? "bool" : "signedness", want_id,
                    have_id);
    return want.value == have.value || Differ("width in bits", want_id, have_id);
  }

  bool Pointers(NodeId want, NodeId have, NodeId want_id, NodeId have_id, Nesting nesting) {
    bool want_function = a_[Strip(a_, want).id].kind == STEG_PROTO;
    bool have_function = b_[Strip(b_, have).id].kind == STEG_PROTO;
    if (want_function != have_function) return Differ("", want_id, have_id);
    // A callback's callback: that it is one must do.
    if (want_function && nesting.functions >= 2) return true;
    return Types(want, have, nesting);
  }

  bool Aggregates(const Bare& want_bare, const Bare& have_bare, NodeId want_id, NodeId have_id,
                  Nesting nesting) {
    const Node& want = a_[want_bare.id];
    const Node& have = b_[have_bare.id];
    if (!want.name.empty() && !have.name.empty())
      return want.name == have.name || Differ("", want_id, have_id);
    if (!want_bare.alias.empty() && !have_bare.alias.empty() && want_bare.alias == have_bare.alias)
      return true;
    if (!want.name.empty() || !have.name.empty()) return Differ("", want_id, have_id);
    if (nesting.unnamed >= kMaxUnnamed)
      return Differ("unnamed types nested too deeply to be compared", want_id, have_id);
    nesting.unnamed++;
    if (want.size != have.size || want.edges.size() != have.edges.size())
      return Differ("unnamed types with other members", want_id, have_id);
    for (size_t i = 0; i < want.edges.size(); i++) {
      const Edge &w = want.edges[i], &h = have.edges[i];
      if (w.name != h.name || w.value != h.value || w.bits != h.bits || w.kind != h.kind)
        return Differ("unnamed types with other members", want_id, have_id);
      if (!Types(w.target, h.target, nesting)) return false;
    }
    return true;
  }

  bool Prototypes(const Node& want, const Node& have, NodeId want_id, NodeId have_id,
                  Nesting nesting) {
    if (want.edges.size() != have.edges.size())
      return Differ("number of parameters", want_id, have_id);
    if ((want.flags ^ have.flags) & STEG_VARIADIC) return Differ("variadic", want_id, have_id);
    nesting.functions++;
    for (size_t i = 0; i < want.edges.size(); i++) {
      const Edge &w = want.edges[i], &h = have.edges[i];
      if (w.kind != h.kind) return Differ("", want_id, have_id);
      if (!Types(w.target, h.target, nesting)) return false;
    }
    return true;
  }

  const Graph& a_;
  const Graph& b_;
  std::string* why_;
  int steps_ = 0;
};

}  // namespace

bool Compatible(const Graph& a, NodeId want, const Graph& b, NodeId have, std::string* why) {
  if (why) why->clear();
  return Relation(a, b, why).Types(want, have, {});
}

}  // namespace race::steg
