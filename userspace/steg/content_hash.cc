// SPDX-License-Identifier: GPL-2.0-only
#include "steg/content_hash.h"

#include <openssl/evp.h>

namespace race::steg {
namespace {

constexpr int kMaxDepth = 200;

// Numbers have a fixed width and strings their length before them, so that no
// two different nodes have the same encoding.
void PutNumber(std::string* out, uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out->push_back(static_cast<char>(value >> shift));
}

void PutString(std::string* out, const std::string& text) {
  PutNumber(out, text.size());
  *out += text;
}

// Export marks are facts about a kernel's link, not about the type.
constexpr uint16_t kNotContent = STEG_EXPORTED | STEG_EXPORTED_GPL;

}  // namespace

struct ContentHasher::Context {
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  const EVP_MD* sha256 = EVP_sha256();
  ~Context() { EVP_MD_CTX_free(digest); }
};

ContentHasher::ContentHasher(const Graph& graph)
    : graph_(graph), context_(std::make_unique<Context>()) {}
ContentHasher::~ContentHasher() = default;

std::string HexOf(const Hash& hash) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : hash) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

Result<Hash> ContentHasher::Of(NodeId id) { return Encode(id, false, 0); }

// Whether `id`, met where names do, has a name: its own, or a typedef's.
bool ContentHasher::IsNameEnough(NodeId id) const {
  const Node& bare = graph_[SkipQualifiers(graph_, id)];
  if (bare.kind != STEG_STRUCT && bare.kind != STEG_UNION) return false;
  return !bare.name.empty() || graph_[id].kind == STEG_TYPEDEF;
}

Result<Hash> ContentHasher::Encode(NodeId id, bool by_name, int depth) {
  uint64_t key = uint64_t{Index(id)} << 1 | by_name;
  auto [entry, added] = entries_.try_emplace(key, Entry{State::kActive, {}});
  if (!added && entry->second.state == State::kDone) return entry->second.hash;
  const Node& node = graph_[id];
  if (!added) return Fail(Code::kBadSteg) << "type '" << node.name << "' contains itself by value";
  auto hash = EncodeNew(id, by_name, depth);
  if (hash)
    entries_[key] = {State::kDone, *hash};
  else
    entries_.erase(key);
  return hash;
}

Result<Hash> ContentHasher::EncodeNew(NodeId id, bool by_name, int depth) {
  const Node& node = graph_[id];
  if (depth > kMaxDepth)
    return Fail(Code::kBadSteg) << "type '" << node.name << "' nests too deeply";
  std::string bytes;
  if (by_name && IsNameEnough(id)) {
    PutString(&bytes, "by name");
    PutString(&bytes, Spell(graph_, id));
    return Digest(bytes);
  }
  PutNumber(&bytes, node.kind);
  PutNumber(&bytes, node.flags & ~kNotContent);
  PutString(&bytes, node.name);
  PutNumber(&bytes, node.size);
  PutNumber(&bytes, node.value);
  PutNumber(&bytes, node.edges.size());
  bool names_do = by_name || node.kind == STEG_POINTER || node.kind == STEG_PROTO;
  for (const Edge& edge : node.edges) {
    PutNumber(&bytes, edge.kind);
    PutNumber(&bytes, edge.flags);
    PutString(&bytes, edge.name);
    PutNumber(&bytes, edge.bits);
    PutNumber(&bytes, edge.value);
    RACE_ASSIGN(target, Encode(edge.target, names_do, depth + 1));
    bytes.append(target.begin(), target.end());
  }
  return Digest(bytes);
}

Hash ContentHasher::Digest(const std::string& bytes) {
  Hash hash;
  unsigned length = hash.size();
  EVP_DigestInit_ex(context_->digest, context_->sha256, nullptr);
  EVP_DigestUpdate(context_->digest, bytes.data(), bytes.size());
  EVP_DigestFinal_ex(context_->digest, hash.data(), &length);
  return hash;
}

}  // namespace race::steg
