// SPDX-License-Identifier: GPL-2.0-only
//
// The in-memory STEG: one graph for what BTF, DWARF, rustc and the binary form
// say.  Kinds and flags are those of include/race/steg.h.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
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
  uint64_t value = 0;  // ARRAY: element count; INT: see steg.h; FUNC, VAR: linkage
  std::vector<Edge> edges;
  bool operator==(const Node&) const = default;
};

// Makes nodes when they are first looked at.  A kernel's BTF has 150,000 types,
// of which resolving a driver touches some hundreds.
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  virtual uint32_t Count() const = 0;  // void included
  virtual Node Load(NodeId id) const = 0;
  // What the name index needs of a node that is not loaded.
  virtual steg_node_kind Kind(NodeId id) const = 0;
  virtual std::string_view Name(NodeId id) const = 0;
};

// References to nodes stay valid as long as the graph does.  Nodes may be made
// inside const functions: a graph belongs to one thread at a time.
class Graph {
 public:
  Graph();  // node 0 is void
  explicit Graph(std::shared_ptr<const NodeSource> source);
  Graph(const Graph& other);
  Graph& operator=(const Graph& other);
  Graph(Graph&&) = default;
  Graph& operator=(Graph&&) = default;

  NodeId Add(Node node);
  const Node& operator[](NodeId id) const {
    const Chunk* chunk = chunks_[Index(id) / kChunk].get();
    uint32_t slot = Index(id) % kChunk;
    return chunk && (chunk->loaded >> slot & 1) ? chunk->nodes[slot] : Load(id);
  }
  // For filling in a node that had to exist before its edges could.  Give a node
  // its kind and name before the first Find().
  Node& Mutable(NodeId id) { return const_cast<Node&>((*this)[id]); }
  size_t size() const { return size_; }
  // What makes the first nodes; nullptr when all were added.
  const NodeSource* source() const { return source_.get(); }
  // Does not make the node: for searches over all nodes of a kind.
  steg_node_kind KindOf(NodeId id) const { return KindOf(Index(id)); }
  bool operator==(const Graph& other) const;

  // All nodes in the order of their ids: for (const Node& node : graph.nodes()).
  class Range;
  Range nodes() const;

  // All nodes of that kind and name, complete ones first.  The reference holds
  // until the next Add().
  const std::vector<NodeId>& Find(steg_node_kind kind, std::string_view name) const;

 private:
  static constexpr uint32_t kChunk = 64;
  struct Chunk {
    uint64_t loaded = 0;  // one bit per node
    std::array<Node, kChunk> nodes;
  };
  const Node& Load(NodeId id) const;
  Chunk& ChunkOf(uint32_t index) const;
  steg_node_kind KindOf(uint32_t index) const;
  std::string_view NameOf(uint32_t index) const;
  void BuildIndex() const;
  void AddToIndex(uint32_t index) const;

  std::shared_ptr<const NodeSource> source_;
  mutable std::vector<std::unique_ptr<Chunk>> chunks_;
  uint32_t size_ = 0;
  // Hash chains over the names: bucket -> newest node, node -> older node.
  mutable std::vector<uint32_t> buckets_, chain_;
  mutable std::unordered_map<std::string, std::vector<NodeId>> found_;
};

class Graph::Range {
 public:
  class Iterator {
   public:
    Iterator(const Graph* graph, uint32_t index) : graph_(graph), index_(index) {}
    const Node& operator*() const { return (*graph_)[NodeId{index_}]; }
    const Node* operator->() const { return &**this; }
    Iterator& operator++() { return ++index_, *this; }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const Graph* graph_;
    uint32_t index_;
  };
  explicit Range(const Graph* graph) : graph_(graph) {}
  Iterator begin() const { return {graph_, 0}; }
  Iterator end() const { return {graph_, static_cast<uint32_t>(graph_->size())}; }
  size_t size() const { return graph_->size(); }
  const Node& operator[](size_t index) const {
    return (*graph_)[NodeId{static_cast<uint32_t>(index)}];
  }

 private:
  const Graph* graph_;
};
inline Graph::Range Graph::nodes() const { return Range(this); }

// Follows typedefs and const/volatile/restrict to the type that has a layout.
NodeId SkipQualifiers(const Graph& graph, NodeId id);

// Size of a type in bytes; arrays multiplied out, typedefs followed, pointers 8.
uint64_t SizeOf(const Graph& graph, NodeId id);

// Natural alignment in bytes, from the members (BTF has no alignment): a lower
// bound of the true one where the source says __aligned.  Members that lie at
// odd places show that a type is packed, and lower it.
uint64_t AlignOf(const Graph& graph, NodeId id);

// "struct file *", "unsigned int [4]", "int (struct device *, ...)".
std::string Spell(const Graph& graph, NodeId id);

// The aggregates that `root` names: "struct file", "union u", "enum e", or a
// typedef's name, whose target is then meant.  More than one answer with
// different layouts is an ambiguity for the caller to refuse.
std::vector<NodeId> FindRoot(const Graph& graph, std::string_view root);

// An enum's constant of that name; nullptr when it has none, or is no enum.
const Edge* FindEnumerator(const Node& node, std::string_view name);

std::vector<NodeId> AllEnums(const Graph& graph);

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
//
//  - Integers: size and signedness; char is an integer.  A bool is not a u8:
//    Rust may assume that a bool is 0 or 1.
//  - An enum is compatible with an integer or an enum of its size, whatever the
//    signedness (one more enumerator can change it); two enums with names must
//    have the same.
//  - A declared-only aggregate is compatible with a complete one of its name.
//  - An unnamed aggregate goes by the name of the typedef it is reached through;
//    without one, members are compared, to a limited depth.
//  - Functions: result, parameters in order, variadic or not.  Pointers to
//    functions compare these too, but look into no further function pointer.
//  - Deeper or larger than any real type: not compatible.
bool Compatible(const Graph& a, NodeId want, const Graph& b, NodeId have, std::string* why);

// Whether the two types have exactly the same layout: names, offsets and types
// of all members, by value recursively.
bool SameLayout(const Graph& a, NodeId want, const Graph& b, NodeId have, std::string* why);

// Copies what Compatible() and SameLayout() need of a type into another graph:
// by-value members in full when `deep`, aggregates behind pointers by name only.
class Copier {
 public:
  Copier(const Graph& from, Graph* to) : from_(from), to_(to) {}
  NodeId Copy(NodeId id, bool deep) { return CopyNode(id, deep ? kDeep : kByName, 0); }

 private:
  enum Mode { kByName, kDeep };
  NodeId CopyNode(NodeId id, Mode mode, int depth);

  const Graph& from_;
  Graph* to_;
  std::unordered_map<uint64_t, NodeId> done_;
};

}  // namespace race::steg
