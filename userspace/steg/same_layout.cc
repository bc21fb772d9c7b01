// SPDX-License-Identifier: GPL-2.0-only
//
// Whether two types are laid out exactly alike: SameLayout(), for the types
// whose layout the code has built in.
#include <unordered_set>

#include "steg/graph.h"

namespace race::steg {
namespace {

constexpr int kMaxDepth = 64;

class Layouts {
 public:
  Layouts(const Graph& a, const Graph& b, std::string* why) : a_(a), b_(b), why_(why) {}

  // `path` is where in the outermost type this one is, for the message.
  bool Types(NodeId want_id, NodeId have_id, const std::string& path, int depth) {
    if (depth > kMaxDepth) return Differ(path, "nested too deeply to be compared");
    NodeId want_bare = SkipQualifiers(a_, want_id), have_bare = SkipQualifiers(b_, have_id);
    const Node& want = a_[want_bare];
    const Node& have = b_[have_bare];
    if (want.kind != have.kind ||
        (want.kind != STEG_STRUCT && want.kind != STEG_UNION && want.kind != STEG_ARRAY)) {
      std::string what;
      return Compatible(a_, want_id, b_, have_id, &what) || Differ(path, what);
    }
    if (want.kind == STEG_ARRAY) {
      if (want.value != have.value)
        return Differ(path, "expected '" + Spell(a_, want_id) + "', the target has '" +
                                Spell(b_, have_id) + "'");
      return Types(Element(want), Element(have), path + "[]", depth + 1);
    }
    // A pair that was compared, or is being compared further up, needs no second look.
    uint64_t pair = uint64_t{Index(want_bare)} << 32 | Index(have_bare);
    if (!seen_.insert(pair).second) return true;
    return Aggregates(want, have, path, depth);
  }

 private:
  static NodeId Element(const Node& node) {
    return node.edges.empty() ? NodeId::kVoid : node.edges.front().target;
  }

  bool Differ(const std::string& path, const std::string& what) {
    if (why_ && why_->empty()) *why_ = path.empty() ? what : path + ": " + what;
    return false;
  }

  bool Aggregates(const Node& want, const Node& have, const std::string& path, int depth) {
    // A typedef may give an unnamed aggregate its name: then both are unnamed.
    if (want.name != have.name)
      return Differ(path, "expected '" + want.name + "', the target has '" + have.name + "'");
    if (want.flags & STEG_INCOMPLETE) return Differ(path, "the expected layout is not recorded");
    if (have.flags & STEG_INCOMPLETE) return Differ(path, "only declared on the target");
    if (want.size != have.size)
      return Differ(path, "expected " + std::to_string(want.size) + " bytes, the target has " +
                              std::to_string(have.size));
    for (size_t i = 0; i < want.edges.size() && i < have.edges.size(); i++) {
      const Edge &w = want.edges[i], &h = have.edges[i];
      std::string member = path.empty() || w.name.empty() ? path + w.name : path + '.' + w.name;
      if (w.name != h.name)
        return Differ(path, "expected member '" + w.name + "', the target has '" + h.name + "'");
      if (w.value != h.value || w.bits != h.bits)
        return Differ(member,
                      "expected at " + BitPlace(w) + ", the target has it at " + BitPlace(h));
      if (!Types(w.target, h.target, member, depth + 1)) return false;
    }
    if (want.edges.size() != have.edges.size())
      return Differ(path, "expected " + std::to_string(want.edges.size()) +
                              " members, the target has " + std::to_string(have.edges.size()));
    return true;
  }

  static std::string BitPlace(const Edge& edge) {
    std::string text = "byte " + std::to_string(edge.value / 8);
    if (edge.bits != 0 || edge.value % 8 != 0)
      text += " bit " + std::to_string(edge.value % 8) + " width " + std::to_string(edge.bits);
    return text;
  }

  const Graph& a_;
  const Graph& b_;
  std::string* why_;
  std::unordered_set<uint64_t> seen_;
};

}  // namespace

bool SameLayout(const Graph& a, NodeId want, const Graph& b, NodeId have, std::string* why) {
  if (why) why->clear();
  return Layouts(a, b, why).Types(want, have, "", 0);
}

}  // namespace race::steg
