// SPDX-License-Identifier: GPL-2.0-only
//
// A node's content hash: SHA-256 over a canonical encoding of what it says, so
// that equal types have equal hashes in different graphs, whatever their ids.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "steg/graph.h"
#include "support/result.h"

namespace race::steg {

using Hash = std::array<uint8_t, 32>;
std::string HexOf(const Hash& hash);

class ContentHasher {
 public:
  explicit ContentHasher(const Graph& graph);
  ~ContentHasher();
  ContentHasher(const ContentHasher&) = delete;
  ContentHasher& operator=(const ContentHasher&) = delete;

  // Types held by value are part of the hash, named aggregates behind pointers
  // and in prototypes only by kind and name: a type's hash changes when its
  // layout does, not when a type it points to does.  Errors: kBadSteg, for a type
  // that contains itself by value or nests deeper than any real one.
  Result<Hash> Of(NodeId id);

 private:
  Result<Hash> Encode(NodeId id, bool by_name, int depth);
  Result<Hash> EncodeNew(NodeId id, bool by_name, int depth);
  bool IsNameEnough(NodeId id) const;
  Hash Digest(const std::string& bytes);

  struct Context;
  const Graph& graph_;
  std::unique_ptr<Context> context_;
  enum class State : uint8_t { kActive, kDone };
  struct Entry {
    State state;
    Hash hash;
  };
  std::unordered_map<uint64_t, Entry> entries_;
};

}  // namespace race::steg
