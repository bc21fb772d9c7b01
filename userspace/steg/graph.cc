// SPDX-License-Identifier: GPL-2.0-only
#include "steg/graph.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace race::steg {
namespace {

// FNV-1a.  Names are short, and many kinds share one name, so the kind is part
// of the hash.  Of a long one, which only a hostile file has often, its beginning.
uint32_t NameHash(steg_node_kind kind, std::string_view name) {
  constexpr size_t kMostHashed = 256;  // bytes
  uint32_t hash = 2166136261u ^ static_cast<uint32_t>(kind);
  for (unsigned char c : name.substr(0, kMostHashed)) hash = (hash ^ c) * 16777619u;
  return hash ^ hash >> 15;
}

}  // namespace

Graph::Graph() { Add(Node{}); }

Graph::Graph(std::shared_ptr<const NodeSource> source) : source_(std::move(source)) {
  size_ = source_->Count();
  chunks_.resize((size_ + kChunk - 1) / kChunk);
}

// The index goes with it: to make it again for a kernel costs more than the copy.
Graph::Graph(const Graph& other)
    : source_(other.source_), size_(other.size_), buckets_(other.buckets_), chain_(other.chain_) {
  chunks_.reserve(other.chunks_.size());
  for (const auto& chunk : other.chunks_)
    chunks_.push_back(chunk ? std::make_unique<Chunk>(*chunk) : nullptr);
}

Graph& Graph::operator=(const Graph& other) {
  Graph copy(other);
  return *this = std::move(copy);
}

Graph::Chunk& Graph::ChunkOf(uint32_t index) const {
  auto& chunk = chunks_[index / kChunk];
  if (!chunk) chunk = std::make_unique<Chunk>();
  return *chunk;
}

const Node& Graph::Load(NodeId id) const {
  assert(Index(id) < size_);
  Chunk& chunk = ChunkOf(Index(id));
  uint32_t slot = Index(id) % kChunk;
  chunk.nodes[slot] = source_->Load(id);
  chunk.loaded |= uint64_t{1} << slot;
  return chunk.nodes[slot];
}

NodeId Graph::Add(Node node) {
  NodeId id{size_++};
  chunks_.resize((size_ + kChunk - 1) / kChunk);
  Chunk& chunk = ChunkOf(Index(id));
  chunk.nodes[Index(id) % kChunk] = std::move(node);
  chunk.loaded |= uint64_t{1} << Index(id) % kChunk;
  if (!buckets_.empty()) AddToIndex(Index(id));
  found_.clear();
  return id;
}

bool Graph::operator==(const Graph& other) const {
  if (size_ != other.size_) return false;
  for (uint32_t i = 0; i < size_; i++)
    if ((*this)[NodeId{i}] != other[NodeId{i}]) return false;
  return true;
}

steg_node_kind Graph::KindOf(uint32_t index) const {
  const Chunk* chunk = chunks_[index / kChunk].get();
  if (chunk && (chunk->loaded >> index % kChunk & 1)) return chunk->nodes[index % kChunk].kind;
  return source_->Kind(NodeId{index});
}

std::string_view Graph::NameOf(uint32_t index) const {
  const Chunk* chunk = chunks_[index / kChunk].get();
  if (chunk && (chunk->loaded >> index % kChunk & 1)) return chunk->nodes[index % kChunk].name;
  return source_->Name(NodeId{index});
}

void Graph::AddToIndex(uint32_t index) const {
  chain_.resize(size_);
  std::string_view name = NameOf(index);
  if (name.empty()) return;
  uint32_t& bucket = buckets_[NameHash(KindOf(index), name) & (buckets_.size() - 1)];
  chain_[index] = bucket;
  bucket = index;
}

void Graph::BuildIndex() const {
  buckets_.assign(std::bit_ceil(std::max<size_t>(size_, 64)), 0);
  chain_.assign(size_, 0);
  // Node 0 is void and has no name, so that 0 can end a chain.
  for (uint32_t i = 1; i < size_; i++) AddToIndex(i);
}

const std::vector<NodeId>& Graph::Find(steg_node_kind kind, std::string_view name) const {
  if (buckets_.empty()) BuildIndex();
  std::string key(name);
  key += static_cast<char>(kind);
  auto [entry, added] = found_.try_emplace(std::move(key));
  std::vector<NodeId>& ids = entry->second;
  if (!added || name.empty()) return ids;
  uint32_t i = buckets_[NameHash(kind, name) & (buckets_.size() - 1)];
  for (; i != 0; i = chain_[i])
    if (KindOf(i) == kind && NameOf(i) == name) ids.push_back(NodeId{i});
  std::sort(ids.begin(), ids.end(), [this](NodeId a, NodeId b) {
    bool a_incomplete = (*this)[a].flags & STEG_INCOMPLETE;
    bool b_incomplete = (*this)[b].flags & STEG_INCOMPLETE;
    return a_incomplete != b_incomplete ? b_incomplete : Index(a) < Index(b);
  });
  return ids;
}

}  // namespace race::steg
