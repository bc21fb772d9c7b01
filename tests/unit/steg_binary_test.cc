// SPDX-License-Identifier: GPL-2.0-only
//
// The binary form: what is written is read back, and nothing else is read.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <optional>

#include "kernel/target.h"
#include "steg/binary.h"
#include "steg/content_hash.h"
#include "steg_graph_builder.h"

namespace race::steg {
namespace {

using B = Builder;

// One node of every C kind and some of the Rust half.
Graph Sample() {
  B b;
  NodeId word = b.Int("int", 4, STEG_INT_SIGNED);
  NodeId file = b.Struct("file", 16, {B::At(0, "a", word), B::At(8, "next", NodeId::kVoid)});
  b.graph.Mutable(file).edges[1].target = b.Pointer(file);
  b.Aggregate(STEG_UNION, "u", 4, {B::At(0, "a", word)});
  b.Enum("e", 4, {{"MINUS", static_cast<uint64_t>(-1)}}, STEG_ENUM_SIGNED);
  b.Typedef("t", b.To(STEG_CONST, b.To(STEG_VOLATILE, b.Array(word, 7))));
  b.To(STEG_FUNC, b.Proto(word, {file}, STEG_VARIADIC), "open");
  b.graph.Add({STEG_EFFECT, 0, "may_sleep", 0, 1, {}});
  NodeId lifetime = b.graph.Add({STEG_RUST_LIFETIME, 0, "'a", 0, 0, {}});
  b.graph.Add({STEG_RUST_REFERENCE,
               STEG_SEND,
               "",
               8,
               0,
               {{STEG_EDGE_TARGET, STEG_OWN_BORROWED, "", file, 0, 0},
                {STEG_EDGE_LIFETIME, 0, "", lifetime, 0, 0}}});
  return std::move(b.graph);
}

// Changes bytes and makes the checksum right again, so that the check behind it
// is the one that is tested.
std::string Damage(std::string bytes, const std::function<void(char*, steg_header*)>& change) {
  steg_header header;
  memcpy(&header, bytes.data(), sizeof header);
  change(bytes.data(), &header);
  header.crc32 = 0;
  memcpy(bytes.data(), &header, sizeof header);
  header.crc32 = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

std::optional<Code> CodeOf(const std::string& bytes) {
  auto graph = ReadBinary(bytes);
  return graph ? std::nullopt : std::optional(graph.error().code);
}

TEST(StegBinary, ReadsBackWhatItWrote) {
  Graph graph = Sample();
  std::string bytes = WriteBinary(graph);
  auto read = ReadBinary(bytes);
  ASSERT_TRUE(read) << read.error().Text();
  EXPECT_TRUE(*read == graph);
  EXPECT_EQ(WriteBinary(*read), bytes);
  read->Mutable(NodeId{1}).size = 99;
  EXPECT_FALSE(*read == graph);
  EXPECT_FALSE(Graph() == graph);
}

TEST(StegBinary, AcceptsALongerHeaderOfANewerWriter) {
  Graph graph = Sample();
  std::string bytes = WriteBinary(graph);
  bytes.insert(sizeof(steg_header), 8, '\x5a');
  bytes = Damage(bytes, [](char*, steg_header* header) { header->hdr_len += 8; });
  auto read = ReadBinary(bytes);
  ASSERT_TRUE(read) << read.error().Text();
  EXPECT_TRUE(*read == graph);
}

TEST(StegBinary, RefusesEachHeaderFieldCorrupted) {
  std::string bytes = WriteBinary(Sample());
  struct {
    const char* field;
    std::function<void(char*, steg_header*)> change;
    Code code;
  } cases[] = {
      {"magic", [](char*, steg_header* h) { h->magic[0] = 'X'; }, Code::kBadMagic},
      {"version", [](char*, steg_header* h) { h->version++; }, Code::kBadVersion},
      {"flags", [](char*, steg_header* h) { h->flags = 1; }, Code::kBadHeader},
      {"hdr_len short", [](char*, steg_header* h) { h->hdr_len -= 8; }, Code::kBadHeader},
      {"hdr_len long", [](char*, steg_header* h) { h->hdr_len = 1 << 30; }, Code::kBadHeader},
      {"hdr_len odd", [](char*, steg_header* h) { h->hdr_len++; }, Code::kBadHeader},
      {"node_offset", [](char*, steg_header* h) { h->node_offset = 4; }, Code::kBadTable},
      {"node_offset far", [](char*, steg_header* h) { h->node_offset = -8; }, Code::kBadTable},
      {"node_count", [](char*, steg_header* h) { h->node_count = -1; }, Code::kBadTable},
      {"node_count one more", [](char*, steg_header* h) { h->node_count++; }, Code::kBadTable},
      {"node_count none", [](char*, steg_header* h) { h->node_count = 0; }, Code::kBadTable},
      {"edge_offset", [](char*, steg_header* h) { h->edge_offset -= 8; }, Code::kBadTable},
      {"edge_count", [](char*, steg_header* h) { h->edge_count++; }, Code::kBadTable},
      {"edge_count less", [](char*, steg_header* h) { h->edge_count--; }, Code::kBadReference},
      {"string_offset", [](char*, steg_header* h) { h->string_offset += 8; }, Code::kBadTable},
      {"string_length", [](char*, steg_header* h) { h->string_length--; }, Code::kBadTable},
  };
  for (const auto& one : cases) EXPECT_EQ(CodeOf(Damage(bytes, one.change)), one.code) << one.field;
  std::string flipped = bytes;
  flipped[offsetof(steg_header, crc32)] ^= 1;
  EXPECT_EQ(CodeOf(flipped), Code::kBadChecksum);
}

TEST(StegBinary, RefusesEveryTruncationAndEveryExtension) {
  std::string bytes = WriteBinary(Sample());
  steg_header header;
  memcpy(&header, bytes.data(), sizeof header);
  for (size_t length = 0; length < bytes.size(); length++) {
    auto code = CodeOf(bytes.substr(0, length));
    Code expected = length < STEG_MAGIC_LEN        ? Code::kBadMagic
                    : length < sizeof(steg_header) ? Code::kBadHeader
                                                   : Code::kBadTable;
    EXPECT_EQ(code, expected) << length << " of " << bytes.size();
  }
  EXPECT_EQ(CodeOf(bytes + '\0'), Code::kBadTable);
}

TEST(StegBinary, RefusesEveryFlippedByte) {
  std::string bytes = WriteBinary(Sample());
  for (size_t i = 0; i < bytes.size(); i++) {
    std::string flipped = bytes;
    flipped[i] ^= 0x20;
    EXPECT_TRUE(CodeOf(flipped).has_value()) << i;
  }
}

TEST(StegBinary, RefusesBadRecordsUnderARightChecksum) {
  std::string bytes = WriteBinary(Sample());
  auto with_node = [&](uint32_t index, const std::function<void(steg_node*)>& change) {
    return CodeOf(Damage(bytes, [&](char* at, steg_header* header) {
      at += header->hdr_len + header->node_offset + index * sizeof(steg_node);
      steg_node node;
      memcpy(&node, at, sizeof node);
      change(&node);
      memcpy(at, &node, sizeof node);
    }));
  };
  auto with_edge = [&](const std::function<void(steg_edge*)>& change) {
    return CodeOf(Damage(bytes, [&](char* at, steg_header* header) {
      at += header->hdr_len + header->edge_offset;
      steg_edge edge;
      memcpy(&edge, at, sizeof edge);
      change(&edge);
      memcpy(at, &edge, sizeof edge);
    }));
  };
  EXPECT_EQ(with_node(1, [](steg_node*) {}), std::nullopt);
  EXPECT_EQ(with_node(1, [](steg_node* n) { n->kind = 20; }), Code::kBadSteg);
  EXPECT_EQ(with_node(1, [](steg_node* n) { n->kind = STEG_VOID; }), Code::kBadSteg);
  EXPECT_EQ(with_node(0, [](steg_node* n) { n->kind = STEG_INT; }), Code::kBadSteg);
  EXPECT_EQ(with_node(0, [](steg_node* n) { n->size = 1; }), Code::kBadSteg);
  EXPECT_EQ(with_node(1, [](steg_node* n) { n->flags = 0x8000; }), Code::kBadSteg);
  EXPECT_EQ(with_node(1, [](steg_node* n) { n->name = 1 << 20; }), Code::kBadString);
  EXPECT_EQ(with_node(2, [](steg_node* n) { n->first_edge++; }), Code::kBadReference);
  EXPECT_EQ(with_node(2, [](steg_node* n) { n->edge_count = -1; }), Code::kBadReference);
  EXPECT_EQ(with_edge([](steg_edge* e) { e->kind = 9; }), Code::kBadSteg);
  EXPECT_EQ(with_edge([](steg_edge* e) { e->flags = 0x100; }), Code::kBadSteg);
  EXPECT_EQ(with_edge([](steg_edge* e) { e->name = -1; }), Code::kBadString);
  EXPECT_EQ(with_edge([](steg_edge* e) { e->target = 1000; }), Code::kBadReference);
  std::string open = bytes;
  open.back() = 'x';
  EXPECT_EQ(CodeOf(Damage(open, [](char*, steg_header*) {})), Code::kBadString);
}

TEST(StegHash, DependsOnContentAndNotOnIds) {
  auto make = [](uint64_t inode_size, uint64_t path_size, int before) {
    B b;
    for (int i = 0; i < before; i++) b.Int("filler", 1);
    NodeId inode = b.Struct("inode", inode_size, {});
    NodeId path = b.Struct("path", path_size, {});
    NodeId file = b.Struct("file", 64, {});
    b.graph.Mutable(file).edges = {B::At(0, "inode", b.Pointer(inode)), B::At(8, "path", path),
                                   B::At(16, "self", b.Pointer(b.Array(file, 2)))};
    auto hash = ContentHasher(b.graph).Of(file);
    EXPECT_TRUE(hash) << hash.error().Text();
    return HexOf(*hash);
  };
  std::string base = make(100, 16, 0);
  EXPECT_EQ(base.size(), 64u);
  EXPECT_EQ(make(100, 16, 5), base);
  EXPECT_EQ(make(200, 16, 0), base) << "what a pointer points to is there by name";
  EXPECT_NE(make(100, 24, 0), base) << "what is held by value is part of it";
}

TEST(StegHash, RefusesTypesThatContainThemselvesByValue) {
  B b;
  NodeId body = b.Struct("s", 8, {});
  b.graph.Mutable(body).edges = {B::At(0, "self", body)};
  auto hash = ContentHasher(b.graph).Of(body);
  ASSERT_FALSE(hash);
  EXPECT_EQ(hash.error().code, Code::kBadSteg);
}

TEST(StegWholeKernel, ReadsBackWhatItWroteAndHashesEveryNode) {
  const char* image = getenv("RACE_TEST_VMLINUZ");
  if (!image) GTEST_SKIP() << "RACE_TEST_VMLINUZ names no kernel image";
  auto target = kernel::ReadTarget(image, nullptr);
  ASSERT_TRUE(target) << target.error().Text();
  const Graph& graph = (*target)->types;
  ASSERT_GT(graph.size(), 50000u);
  auto read = ReadBinary(WriteBinary(graph));
  ASSERT_TRUE(read) << read.error().Text();
  EXPECT_TRUE(*read == graph);
  ContentHasher here(graph), there(*read);
  for (uint32_t i = 0; i < graph.size(); i++) {
    auto hash = here.Of(NodeId{i});
    ASSERT_TRUE(hash) << i << ": " << hash.error().Text();
    if (i % 64 == 0) {
      ASSERT_EQ(*hash, *there.Of(NodeId{i}));
    }
  }
  // Every type is like itself, so no kind of type in real use lacks a rule.
  std::string why;
  for (uint32_t i = 1; i < graph.size(); i++)
    ASSERT_TRUE(Compatible(graph, NodeId{i}, *read, NodeId{i}, &why))
        << Spell(graph, NodeId{i}) << ": " << why;
  // The places of struct file that BTF gives agree with what the copy says.
  auto file = FindRoot(graph, "struct file");
  ASSERT_EQ(file.size(), 1u);
  Graph copy;
  NodeId copied = Copier(graph, &copy).Copy(file[0], true);
  EXPECT_TRUE(SameLayout(copy, copied, graph, file[0], &why)) << why;
  EXPECT_LT(copy.size(), 1000u);
}

}  // namespace
}  // namespace race::steg
