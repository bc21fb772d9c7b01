// SPDX-License-Identifier: GPL-2.0-only
#include <zlib.h>

#include <cstddef>
#include <cstring>

#include "steg/binary.h"
#include "support/cursor.h"

namespace race::steg {
namespace {

constexpr uint16_t kKnownFlags = STEG_INT_SIGNED | STEG_INT_CHAR | STEG_INT_BOOL | STEG_INCOMPLETE |
                                 STEG_VARIADIC | STEG_ENUM_SIGNED | STEG_EXPORTED |
                                 STEG_EXPORTED_GPL | STEG_UNSAFE | STEG_SEND | STEG_SYNC;
constexpr uint16_t kKnownEdgeFlags = STEG_OWN_MOVED | STEG_OWN_BORROWED | STEG_OWN_BORROWED_MUT;

bool IsNodeKind(uint16_t kind) {
  return kind <= STEG_VAR || (kind >= STEG_RUST_STRUCT && kind <= STEG_EFFECT);
}

bool IsEdgeKind(uint16_t kind) {
  return (kind >= STEG_EDGE_TARGET && kind <= STEG_EDGE_PARAM) ||
         (kind >= STEG_EDGE_VARIANT && kind <= STEG_EDGE_EFFECT);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  Result<Graph> Read() {
    RACE_TRY(ReadHeader());
    RACE_TRY(FindTables());
    RACE_TRY(CheckSum());
    Graph graph;
    for (uint32_t i = 0; i < header_.node_count; i++) RACE_TRY(ReadNode(i, &graph));
    if (next_edge_ != header_.edge_count)
      return Fail(Code::kBadReference)
             << "STEG: " << header_.edge_count - next_edge_ << " edges belong to no node";
    return graph;
  }

 private:
  Status ReadHeader() {
    if (!bytes_.starts_with(STEG_MAGIC))
      return Fail(Code::kBadMagic) << "STEG: does not begin with '" STEG_MAGIC "'";
    if (!Cursor(bytes_).Read(&header_))
      return Fail(Code::kBadHeader) << "STEG: cut off within the header, at byte " << bytes_.size();
    if (header_.version != STEG_VERSION)
      return Fail(Code::kBadVersion)
             << "STEG: version " << header_.version << ", this program knows " << STEG_VERSION;
    if (header_.flags != 0)
      return Fail(Code::kBadHeader) << "STEG: unknown flags " << header_.flags;
    // A longer header is a newer one, whose further fields do not matter here.
    if (header_.hdr_len < sizeof header_ || header_.hdr_len % 8 != 0 ||
        header_.hdr_len > bytes_.size())
      return Fail(Code::kBadHeader)
             << "STEG: header length " << header_.hdr_len << " in " << bytes_.size() << " bytes";
    return Ok{};
  }

  Status Table(const char* name, uint32_t offset, uint64_t length, std::string_view* out) {
    if (offset % 8 != 0 || !Slice(bytes_.substr(header_.hdr_len), offset, length, out))
      return Fail(Code::kBadTable)
             << "STEG: the table of " << name << ", " << length << " bytes at " << offset
             << " behind the header, is misaligned or leaves the "
             << bytes_.size() - header_.hdr_len << " bytes there are";
    return Ok{};
  }

  Status FindTables() {
    RACE_TRY(Table("nodes", header_.node_offset, uint64_t{header_.node_count} * sizeof(steg_node),
                   &nodes_));
    RACE_TRY(Table("edges", header_.edge_offset, uint64_t{header_.edge_count} * sizeof(steg_edge),
                   &edges_));
    RACE_TRY(Table("strings", header_.string_offset, header_.string_length, &strings_));
    if (header_.node_count == 0)
      return Fail(Code::kBadTable) << "STEG: no nodes, and node 0 must be void";
    if (nodes_.data() + nodes_.size() > edges_.data() ||
        edges_.data() + edges_.size() > strings_.data() ||
        strings_.data() + strings_.size() != bytes_.data() + bytes_.size())
      return Fail(Code::kBadTable)
             << "STEG: the tables overlap, are out of order, or do not end with the file";
    return Ok{};
  }

  Status CheckSum() {
    steg_header zeroed = header_;
    zeroed.crc32 = 0;
    uLong sum = crc32_z(0, reinterpret_cast<const Bytef*>(&zeroed), sizeof zeroed);
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(bytes_.data() + sizeof zeroed),
                  bytes_.size() - sizeof zeroed);
    if (sum != header_.crc32) return Fail(Code::kBadChecksum) << "STEG: checksum does not match";
    if (strings_.empty() || strings_.back() != '\0' || strings_.front() != '\0')
      return Fail(Code::kBadString) << "STEG: the strings do not begin and end with NUL";
    return Ok{};
  }

  Status ReadString(uint32_t offset, const char* owner, uint32_t index, std::string* out) {
    std::string_view text;
    if (!StringAt(strings_, offset, &text))
      return Fail(Code::kBadString) << "STEG: " << owner << ' ' << index << " has its name at "
                                    << offset << " of " << strings_.size() << " string bytes";
    *out = text;
    return Ok{};
  }

  Status ReadNode(uint32_t index, Graph* graph) {
    steg_node record;
    Cursor(nodes_, uint64_t{index} * sizeof record).Read(&record);
    if (!IsNodeKind(record.kind) || (record.flags & ~kKnownFlags) ||
        (index == 0) != (record.kind == STEG_VOID))
      return Fail(Code::kBadSteg) << "STEG: node " << index << " has kind " << record.kind
                                  << " and flags " << record.flags;
    // Edges are consecutive, in the order of their nodes: no edge is used twice.
    if (record.first_edge != next_edge_ || record.edge_count > header_.edge_count - next_edge_)
      return Fail(Code::kBadReference) << "STEG: node " << index << " has " << record.edge_count
                                       << " edges from " << record.first_edge << ", expected from "
                                       << next_edge_ << " of " << header_.edge_count;
    next_edge_ += record.edge_count;
    Node node;
    node.kind = static_cast<steg_node_kind>(record.kind);
    node.flags = record.flags;
    node.size = record.size;
    node.value = record.value;
    RACE_TRY(ReadString(record.name, "node", index, &node.name));
    node.edges.resize(record.edge_count);
    for (uint32_t i = 0; i < record.edge_count; i++)
      RACE_TRY(ReadEdge(record.first_edge + i, &node.edges[i]));
    if (index == 0) {
      if (node != Node{}) return Fail(Code::kBadSteg) << "STEG: node 0 is not a bare void";
      return Ok{};
    }
    graph->Add(std::move(node));
    return Ok{};
  }

  Status ReadEdge(uint32_t index, Edge* edge) {
    steg_edge record;
    Cursor(edges_, uint64_t{index} * sizeof record).Read(&record);
    if (!IsEdgeKind(record.kind) || (record.flags & ~kKnownEdgeFlags))
      return Fail(Code::kBadSteg) << "STEG: edge " << index << " has kind " << record.kind
                                  << " and flags " << record.flags;
    if (record.target >= header_.node_count)
      return Fail(Code::kBadReference) << "STEG: edge " << index << " leads to node "
                                       << record.target << " of " << header_.node_count;
    edge->kind = static_cast<steg_edge_kind>(record.kind);
    edge->flags = record.flags;
    edge->target = NodeId{record.target};
    edge->bits = record.bits;
    edge->value = record.value;
    return ReadString(record.name, "edge", index, &edge->name);
  }

  std::string_view bytes_, nodes_, edges_, strings_;
  steg_header header_ = {};
  uint32_t next_edge_ = 0;
};

}  // namespace

Result<Graph> ReadBinary(std::string_view bytes) { return Reader(bytes).Read(); }

}  // namespace race::steg
