// SPDX-License-Identifier: GPL-2.0-only
#include <zlib.h>

#include <cstring>

#include "steg/binary.h"

namespace race::steg {
namespace {

class Strings {
 public:
  Strings() : bytes_(1, '\0') {}

  uint32_t Put(const std::string& text) {
    if (text.empty()) return 0;
    auto [entry, added] = offsets_.try_emplace(text, static_cast<uint32_t>(bytes_.size()));
    if (added) bytes_.append(text.c_str(), text.size() + 1);
    return entry->second;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::unordered_map<std::string, uint32_t> offsets_;
};

template <typename T>
void Append(std::string* out, const T& record) {
  out->append(reinterpret_cast<const char*>(&record), sizeof record);
}

}  // namespace

std::string WriteBinary(const Graph& graph) {
  Strings strings;
  std::string nodes, edges;
  uint32_t edge_count = 0;
  for (const Node& node : graph.nodes()) {
    steg_node record = {};
    record.kind = node.kind;
    record.flags = node.flags;
    record.name = strings.Put(node.name);
    record.size = node.size;
    record.value = node.value;
    record.first_edge = edge_count;
    record.edge_count = node.edges.size();
    Append(&nodes, record);
    for (const Edge& edge : node.edges) {
      steg_edge out = {};
      out.kind = edge.kind;
      out.flags = edge.flags;
      out.name = strings.Put(edge.name);
      out.target = Index(edge.target);
      out.bits = edge.bits;
      out.value = edge.value;
      Append(&edges, out);
    }
    edge_count += node.edges.size();
  }

  // Records are multiples of 8 bytes, so that every table begins aligned.
  static_assert(sizeof(steg_node) % 8 == 0 && sizeof(steg_edge) % 8 == 0);
  steg_header header = {};
  memcpy(header.magic, STEG_MAGIC, STEG_MAGIC_LEN);
  header.version = STEG_VERSION;
  header.hdr_len = sizeof header;
  header.node_offset = 0;
  header.node_count = graph.size();
  header.edge_offset = nodes.size();
  header.edge_count = edge_count;
  header.string_offset = nodes.size() + edges.size();
  header.string_length = strings.bytes().size();
  std::string out;
  out.reserve(sizeof header + nodes.size() + edges.size() + strings.bytes().size());
  Append(&out, header);
  out += nodes;
  out += edges;
  out += strings.bytes();
  header.crc32 = crc32_z(0, reinterpret_cast<const Bytef*>(out.data()), out.size());
  memcpy(out.data(), &header, sizeof header);
  return out;
}

}  // namespace race::steg
