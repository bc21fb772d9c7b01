// SPDX-License-Identifier: GPL-2.0-only
//
// BTF that libbpf makes, read into a graph.
#include <bpf/btf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "steg/btf_reader.h"

namespace race::steg {
namespace {

class BtfTest : public testing::Test {
 protected:
  ~BtfTest() override { btf__free(btf_); }

  std::string Bytes() {
    uint32_t size = 0;
    const void* data = btf__raw_data(btf_, &size);
    return std::string(static_cast<const char*>(data), size);
  }
  Graph Read() {
    auto graph = ReadBtf(Bytes());
    EXPECT_TRUE(graph) << graph.error().Text();
    return graph ? std::move(*graph) : Graph();
  }
  const Node& Only(const Graph& graph, steg_node_kind kind, const char* name) {
    EXPECT_EQ(graph.Find(kind, name).size(), 1u) << name;
    return graph[graph.Find(kind, name).at(0)];
  }

  btf* btf_ = btf__new_empty();
};

TEST_F(BtfTest, ReadsIntegersWithSignAndBool) {
  btf__add_int(btf_, "int", 4, BTF_INT_SIGNED);
  btf__add_int(btf_, "_Bool", 1, BTF_INT_BOOL);
  btf__add_int(btf_, "char", 1, BTF_INT_CHAR | BTF_INT_SIGNED);
  Graph graph = Read();
  EXPECT_EQ(graph.size(), 4u);
  EXPECT_EQ(Only(graph, STEG_INT, "int").flags, STEG_INT_SIGNED);
  EXPECT_EQ(Only(graph, STEG_INT, "int").size, 4u);
  EXPECT_EQ(Only(graph, STEG_INT, "_Bool").flags, STEG_INT_BOOL);
}

TEST_F(BtfTest, ReadsMembersAndBitfields) {
  int type_int = btf__add_int(btf_, "int", 4, BTF_INT_SIGNED);
  btf__add_struct(btf_, "s", 8);
  btf__add_field(btf_, "a", type_int, 0, 0);
  btf__add_field(btf_, "b", type_int, 32, 3);
  btf__add_field(btf_, "c", type_int, 35, 5);
  Graph graph = Read();
  const Node& node = Only(graph, STEG_STRUCT, "s");
  ASSERT_EQ(node.edges.size(), 3u);
  EXPECT_EQ(node.size, 8u);
  EXPECT_EQ(node.edges[0].bits, 0u);
  EXPECT_EQ(node.edges[2].name, "c");
  EXPECT_EQ(node.edges[2].value, 35u);
  EXPECT_EQ(node.edges[2].bits, 5u);
  EXPECT_EQ(graph[node.edges[2].target].name, "int");
}

TEST_F(BtfTest, ReadsEnumeratorsOfBothWidthsAndSigns) {
  btf__add_enum(btf_, "plain", 4);
  btf__add_enum_value(btf_, "P", 0xffffffffu);
  btf__add_enum(btf_, "negative", 4);
  btf__add_enum_value(btf_, "N", -1);
  btf__add_enum64(btf_, "wide", 8, false);
  btf__add_enum64_value(btf_, "W", 0x123456789abcdef0ull);
  Graph graph = Read();
  // libbpf sets the kind flag once a value is negative.
  const Node& negative = Only(graph, STEG_ENUM, "negative");
  EXPECT_TRUE(negative.flags & STEG_ENUM_SIGNED);
  EXPECT_EQ(static_cast<int64_t>(negative.edges.at(0).value), -1);
  const Node& plain = Only(graph, STEG_ENUM, "plain");
  EXPECT_FALSE(plain.flags & STEG_ENUM_SIGNED);
  EXPECT_EQ(plain.edges.at(0).value, 0xffffffffu);
  EXPECT_EQ(Only(graph, STEG_ENUM, "wide").edges.at(0).value, 0x123456789abcdef0ull);
}

TEST_F(BtfTest, ReadsFunctionsWithVariadicPrototypes) {
  int type_int = btf__add_int(btf_, "int", 4, BTF_INT_SIGNED);
  int type_char = btf__add_int(btf_, "char", 1, BTF_INT_CHAR);
  int format = btf__add_ptr(btf_, btf__add_const(btf_, type_char));
  int proto = btf__add_func_proto(btf_, type_int);
  btf__add_func_param(btf_, "format", format);
  btf__add_func_param(btf_, nullptr, 0);
  btf__add_func(btf_, "_printk", BTF_FUNC_GLOBAL, proto);
  Graph graph = Read();
  const Node& func = Only(graph, STEG_FUNC, "_printk");
  EXPECT_EQ(func.value, static_cast<uint64_t>(STEG_LINKAGE_GLOBAL));
  EXPECT_EQ(Spell(graph, graph.Find(STEG_FUNC, "_printk")[0]), "int _printk(const char *, ...)");
  const Node& node = graph[func.edges.at(0).target];
  EXPECT_EQ(node.edges.size(), 2u);
  EXPECT_TRUE(node.flags & STEG_VARIADIC);
}

TEST_F(BtfTest, LooksThroughTypeTagsAndLeavesOutDeclTagsAndSections) {
  int type_int = btf__add_int(btf_, "int", 4, BTF_INT_SIGNED);
  int tag = btf__add_type_tag(btf_, "percpu", type_int);
  int pointer = btf__add_ptr(btf_, tag);
  int var = btf__add_var(btf_, "counter", BTF_VAR_GLOBAL_ALLOCATED, pointer);
  btf__add_datasec(btf_, ".data", 8);
  btf__add_datasec_var_info(btf_, var, 0, 8);
  btf__add_decl_tag(btf_, "note", var, -1);
  Graph graph = Read();
  EXPECT_EQ(graph.size(), 4u);  // void, int, pointer, var
  EXPECT_EQ(Spell(graph, graph.Find(STEG_VAR, "counter").at(0)), "int *counter");
}

TEST_F(BtfTest, FindsCompleteTypesBeforeForwardDeclarations) {
  btf__add_fwd(btf_, "s", BTF_FWD_STRUCT);
  btf__add_fwd(btf_, "u", BTF_FWD_UNION);
  btf__add_struct(btf_, "s", 16);
  Graph graph = Read();
  const auto& found = graph.Find(STEG_STRUCT, "s");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(graph[found[0]].size, 16u);
  EXPECT_TRUE(graph[found[1]].flags & STEG_INCOMPLETE);
  EXPECT_EQ(FindRoot(graph, "struct s").size(), 1u);
  ASSERT_EQ(FindRoot(graph, "union u").size(), 1u);
  EXPECT_TRUE(graph[FindRoot(graph, "union u")[0]].flags & STEG_INCOMPLETE);
}

TEST_F(BtfTest, RefusesWhatIsNotBtfWithLibbpfsReason) {
  auto graph = ReadBtf("certainly not BTF, but long enough for a header");
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().code, Code::kBadBtf);
  EXPECT_NE(graph.error().message.find("magic"), std::string::npos) << graph.error().message;
  EXPECT_FALSE(ReadBtf(""));
}

TEST_F(BtfTest, RefusesReferencesToTypesAndNamesThatDoNotExist) {
  int pointer = btf__add_ptr(btf_, 0);
  btf__add_const(btf_, pointer);
  std::string bytes = Bytes();
  // The type section begins after the header; a record's third word is the type.
  btf_header header;
  memcpy(&header, bytes.data(), sizeof header);
  size_t record = header.hdr_len + header.type_off;
  std::string bad_type = bytes, bad_name = bytes;
  uint32_t number = 77;
  memcpy(&bad_type[record + 8], &number, sizeof number);
  memcpy(&bad_name[record], &number, sizeof number);
  ASSERT_TRUE(ReadBtf(bytes));
  for (const std::string& bad : {bad_type, bad_name}) {
    auto graph = ReadBtf(bad);
    ASSERT_FALSE(graph);
    EXPECT_EQ(graph.error().code, Code::kBadBtf);
  }
}

TEST_F(BtfTest, RefusesEveryTruncation) {
  btf__add_struct(btf_, "s", 8);
  btf__add_field(btf_, "a", btf__add_int(btf_, "int", 4, 0), 0, 0);
  std::string bytes = Bytes();
  for (size_t length = 0; length < bytes.size(); length++)
    EXPECT_FALSE(ReadBtf(bytes.substr(0, length))) << length << " of " << bytes.size();
}

}  // namespace
}  // namespace race::steg
