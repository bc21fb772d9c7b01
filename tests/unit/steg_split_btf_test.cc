// SPDX-License-Identifier: GPL-2.0-only
//
// A module's split BTF, added to the graph of its kernel.
#include <bpf/libbpf.h>
#include <gtest/gtest.h>

#include "kernel_module_builder.h"
#include "steg/btf_reader.h"

namespace race::steg {
namespace {

using kernel::SplitBtf;
using kernel::TestBtf;

class SplitBtfTest : public testing::Test {
 protected:
  SplitBtfTest() {
    auto graph = ReadBtf(TestBtf());
    EXPECT_TRUE(graph) << graph.error().Text();
    if (graph) graph_ = std::move(*graph);
    kernel_size_ = graph_.size();
  }

  // A struct whose members are of the kernel's types and of its own.
  static std::string Helper(const char* field) {
    return SplitBtf(TestBtf(), [&](btf* object) {
      int type_int = btf__find_by_name_kind(object, "int", BTF_KIND_INT);
      int file = btf__find_by_name_kind(object, "file", BTF_KIND_STRUCT);
      int pointer = btf__add_ptr(object, file);
      int helper = btf__add_struct(object, "helper", 24);
      btf__add_field(object, field, type_int, 0, 0);
      btf__add_field(object, "file", pointer, 64, 0);
      btf__add_field(object, "inner", file, 128, 0);
      int own = btf__add_ptr(object, helper);
      int proto = btf__add_func_proto(object, type_int);
      btf__add_func_param(object, "helper", own);
      btf__add_func(object, "helper_call", BTF_FUNC_GLOBAL, proto);
    });
  }
  NodeRange Add(const std::string& bytes) {
    auto range = AddSplitBtf(bytes, "", &graph_);
    EXPECT_TRUE(range) << range.error().Text();
    return range ? *range : NodeRange{};
  }

  Graph graph_;
  size_t kernel_size_ = 0;
};

TEST_F(SplitBtfTest, AddsNodesThatReferToTheKernels) {
  NodeRange range = Add(Helper("count"));
  EXPECT_EQ(Index(range.first), kernel_size_);
  EXPECT_EQ(Index(range.end), graph_.size());
  ASSERT_EQ(graph_.Find(STEG_STRUCT, "helper").size(), 1u);
  NodeId helper = graph_.Find(STEG_STRUCT, "helper")[0];
  EXPECT_TRUE(range.Contains(helper));
  EXPECT_FALSE(range.Contains(graph_.Find(STEG_STRUCT, "file").at(0)));
  EXPECT_EQ(Spell(graph_, graph_[helper].edges.at(1).target), "struct file *");
  Place place;
  ASSERT_TRUE(FindMember(graph_, helper, "inner.f_mode", &place, nullptr));
  EXPECT_EQ(place.bit_offset, 128u + 32u);
  EXPECT_EQ(place.type, graph_.Find(STEG_INT, "int").at(0)) << "the kernel's own int";
  NodeId call = graph_.Find(STEG_FUNC, "helper_call").at(0);
  EXPECT_EQ(Spell(graph_, graph_[call].edges.at(0).target), "int (struct helper *)");
}

TEST_F(SplitBtfTest, KeepsModulesApart) {
  NodeRange one = Add(Helper("count")), two = Add(Helper("number"));
  EXPECT_EQ(one.end, two.first);
  const auto& found = graph_.Find(STEG_STRUCT, "helper");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(one.Contains(found[0]));
  EXPECT_TRUE(two.Contains(found[1]));
  EXPECT_EQ(graph_[found[0]].edges.at(0).name, "count");
  EXPECT_EQ(graph_[found[1]].edges.at(0).name, "number");
  EXPECT_EQ(graph_[graph_.Find(STEG_FUNC, "helper_call").at(1)].kind, STEG_FUNC);
}

TEST_F(SplitBtfTest, FindsWhatIsAddedAfterASearch) {
  EXPECT_TRUE(graph_.Find(STEG_STRUCT, "helper").empty());
  Graph before = graph_;
  Add(Helper("count"));
  EXPECT_EQ(graph_.Find(STEG_STRUCT, "helper").size(), 1u);
  EXPECT_TRUE(before.Find(STEG_STRUCT, "helper").empty()) << "a copy is a graph of its own";
  EXPECT_EQ(before.size(), kernel_size_);
}

TEST_F(SplitBtfTest, RefusesWhatIsDamaged) {
  std::string good = Helper("count");
  for (size_t length : {size_t{0}, size_t{10}, good.size() / 2, good.size() - 1}) {
    auto range = AddSplitBtf(good.substr(0, length), "", &graph_);
    ASSERT_FALSE(range) << length;
    EXPECT_EQ(range.error().code, Code::kBadBtf);
    EXPECT_EQ(graph_.size(), kernel_size_);
  }
}

TEST_F(SplitBtfTest, RefusesReferencesBeyondTheLastType) {
  std::string bytes = SplitBtf(TestBtf(), [](btf* object) { btf__add_ptr(object, 1000); });
  auto range = AddSplitBtf(bytes, "", &graph_);
  ASSERT_FALSE(range);
  EXPECT_EQ(range.error().code, Code::kBadBtf);
  EXPECT_EQ(graph_.size(), kernel_size_);
}

TEST_F(SplitBtfTest, NeedsAKernelBeneath) {
  Graph empty;
  auto range = AddSplitBtf(Helper("count"), "", &empty);
  ASSERT_FALSE(range);
  EXPECT_EQ(range.error().code, Code::kBadBtf);
}

// libbpf either relocates it to the kernel or is too old to: never is it read as
// if it were split from the kernel's own BTF.
TEST_F(SplitBtfTest, ReadsOverADistilledBaseOnlyWhenItFits) {
  btf* object = btf__new_empty();
  btf__add_int(object, "long long", 8, BTF_INT_SIGNED);
  btf__add_struct(object, "nowhere", 400);
  uint32_t size = 0;
  const void* data = btf__raw_data(object, &size);
  std::string foreign(static_cast<const char*>(data), size);
  btf__free(object);
  std::string split = SplitBtf(foreign, [](btf* own) {
    btf__add_struct(own, "holder", 400);
    btf__add_field(own, "it", 2, 0, 0);
  });
  auto range = AddSplitBtf(split, foreign, &graph_);
  ASSERT_FALSE(range);
  EXPECT_EQ(range.error().code, Code::kBadBtf);
  EXPECT_TRUE(graph_.Find(STEG_STRUCT, "holder").empty());
}

#if LIBBPF_MAJOR_VERSION > 1 || (LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION >= 5)
// What pahole does for a module that is built outside of the kernel's tree: it was
// built over a kernel that numbers its types in another way.
TEST_F(SplitBtfTest, IsRelocatedFromItsDistilledBase) {
  btf* other = btf__new_empty();
  btf__add_int(other, "long long", 8, BTF_INT_SIGNED);
  btf__add_struct(other, "unrelated", 8);
  btf__add_field(other, "it", 1, 0, 0);
  int type_int = btf__add_int(other, "int", 4, BTF_INT_SIGNED);
  int file = btf__add_struct(other, "file", 8);
  btf__add_field(other, "f_mode", type_int, 32, 0);
  btf* module = btf__new_empty_split(other);
  btf__add_struct(module, "helper", 16);
  btf__add_field(module, "count", type_int, 0, 0);
  btf__add_field(module, "inner", file, 64, 0);
  btf *distilled = nullptr, *split = nullptr;
  ASSERT_EQ(btf__distill_base(module, &distilled, &split), 0);
  auto bytes = [](const btf* object) {
    uint32_t size = 0;
    const void* data = btf__raw_data(object, &size);
    return std::string(static_cast<const char*>(data), size);
  };
  auto range = AddSplitBtf(bytes(split), bytes(distilled), &graph_);
  for (btf* object : {split, distilled, module, other}) btf__free(object);
  ASSERT_TRUE(range) << range.error().Text();
  Place place;
  ASSERT_EQ(graph_.Find(STEG_STRUCT, "helper").size(), 1u);
  NodeId helper = graph_.Find(STEG_STRUCT, "helper")[0];
  ASSERT_TRUE(FindMember(graph_, helper, "inner.f_mode", &place, nullptr));
  EXPECT_EQ(place.bit_offset, 64u + 32u);
  EXPECT_EQ(place.type, graph_.Find(STEG_INT, "int").at(0)) << "the kernel's own int";
  EXPECT_EQ(Spell(graph_, graph_[helper].edges.at(1).target), "struct file");
}
#endif

}  // namespace
}  // namespace race::steg
