// SPDX-License-Identifier: GPL-2.0-only
//
// Sizes, members, Compatible, SameLayout and Copier.
#include <gtest/gtest.h>

#include "steg_graph_builder.h"

namespace race::steg {
namespace {

using B = Builder;

TEST(StegType, MultipliesArraysAndFollowsTypedefs) {
  B b;
  NodeId word = b.Typedef("u32", b.Int("unsigned int", 4));
  EXPECT_EQ(SizeOf(b.graph, b.Array(b.Array(word, 3), 5)), 60u);
  EXPECT_EQ(SizeOf(b.graph, b.Array(b.Array(word, UINT32_MAX), UINT64_MAX)), UINT64_MAX);
  EXPECT_EQ(SizeOf(b.graph, b.Pointer(NodeId::kVoid)), 8u);
}

TEST(StegType, SurvivesTypesThatContainThemselves) {
  B b;
  NodeId loop = b.Typedef("loop", NodeId{1});
  ASSERT_EQ(Index(loop), 1u);
  NodeId body = b.Struct("s", 8, {});
  b.graph.Mutable(body).edges = {B::At(0, "self", body), B::At(0, "again", body)};
  std::string why;
  EXPECT_EQ(SkipQualifiers(b.graph, loop), NodeId::kVoid);
  EXPECT_EQ(SizeOf(b.graph, loop), 0u);
  EXPECT_GE(AlignOf(b.graph, body), 1u);
  EXPECT_TRUE(SameLayout(b.graph, body, b.graph, body, &why));
  NodeId star = b.Pointer(NodeId::kVoid);
  b.graph.Mutable(star).edges[0].target = star;
  EXPECT_FALSE(Compatible(b.graph, star, b.graph, star, &why));
  EXPECT_NE(Spell(b.graph, star), "");
  Graph copy;
  Copier(b.graph, &copy).Copy(body, true);
  EXPECT_EQ(copy.size(), 2u);
}

TEST(StegType, FindsAlignmentFromMembersAndSeesPacking) {
  B b;
  NodeId byte = b.Int("u8", 1), quad = b.Int("u64", 8);
  EXPECT_EQ(AlignOf(b.graph, b.Struct("a", 16, {B::At(0, "x", byte), B::At(8, "y", quad)})), 8u);
  EXPECT_EQ(AlignOf(b.graph, b.Struct("p", 9, {B::At(0, "x", byte), B::At(1, "y", quad)})), 1u);
  EXPECT_EQ(AlignOf(b.graph, b.Struct("q", 12, {B::At(0, "y", quad)})), 4u);
  EXPECT_EQ(AlignOf(b.graph, b.Array(b.Int("u16", 2), 3)), 2u);
}

TEST(StegType, FindsMembersThroughUnnamedOnes) {
  B b;
  NodeId word = b.Int("int", 4);
  NodeId inner = b.Struct("", 8, {B::At(0, "p", word), B::At(4, "q", word)});
  NodeId either = b.Aggregate(STEG_UNION, "", 8, {B::At(0, "u", word), B::At(0, "", inner)});
  NodeId path = b.Struct("path", 8, {B::At(4, "dentry", word)});
  NodeId outer = b.Struct("outer", 32, {B::At(8, "", either), B::At(16, "f_path", path)});
  Place place;
  std::string missing;
  ASSERT_TRUE(FindMember(b.graph, outer, "q", &place, &missing));
  EXPECT_EQ(place.bit_offset, (8 + 4) * 8u);
  ASSERT_TRUE(FindMember(b.graph, outer, "f_path.dentry", &place, &missing));
  EXPECT_EQ(place.bit_offset, 20 * 8u);
  EXPECT_EQ(place.type, word);
  EXPECT_FALSE(FindMember(b.graph, outer, "f_path.mnt", &place, &missing));
  EXPECT_EQ(missing, "mnt");
  EXPECT_FALSE(FindMember(b.graph, outer, "f_path.dentry.deeper", &place, &missing));
  EXPECT_EQ(missing, "deeper");
  EXPECT_FALSE(FindMember(b.graph, outer, "", &place, &missing));
}

TEST(StegType, FindsRootsByTagAndByTypedef) {
  B b;
  NodeId word = b.Int("int", 4);
  NodeId unnamed = b.Struct("", 4, {B::At(0, "counter", word)});
  b.Typedef("atomic_t", unnamed);
  b.Declared("file");
  NodeId first = b.Struct("file", 8, {}), second = b.Struct("file", 16, {});
  EXPECT_EQ(FindRoot(b.graph, "atomic_t"), std::vector<NodeId>{unnamed});
  EXPECT_EQ(FindRoot(b.graph, "struct file"), (std::vector<NodeId>{first, second}));
  EXPECT_TRUE(FindRoot(b.graph, "union file").empty());
  EXPECT_TRUE(FindRoot(b.graph, "file").empty());
}

TEST(StegType, FindsNodesAddedAfterALookUp) {
  B b;
  EXPECT_TRUE(b.graph.Find(STEG_STRUCT, "late").empty());
  NodeId late = b.Struct("late", 1, {});
  EXPECT_EQ(b.graph.Find(STEG_STRUCT, "late"), std::vector<NodeId>{late});
}

TEST(StegType, SpellsAsC) {
  B b;
  NodeId word = b.Int("unsigned int", 4);
  NodeId file = b.Declared("file");
  EXPECT_EQ(Spell(b.graph, b.Pointer(file)), "struct file *");
  EXPECT_EQ(Spell(b.graph, b.Array(word, 4)), "unsigned int [4]");
  EXPECT_EQ(Spell(b.graph, b.Pointer(b.Array(word, 4))), "unsigned int (*)[4]");
  NodeId proto = b.Proto(word, {b.Pointer(file), word}, STEG_VARIADIC);
  EXPECT_EQ(Spell(b.graph, proto), "unsigned int (struct file *, unsigned int, ...)");
  EXPECT_EQ(Spell(b.graph, b.Pointer(b.Proto(NodeId::kVoid, {}))), "void (*)(void)");
  EXPECT_EQ(Spell(b.graph, b.Pointer(b.To(STEG_CONST, word))), "const unsigned int *");
  EXPECT_EQ(Spell(b.graph, b.To(STEG_CONST, b.Pointer(word))), "unsigned int *const");
}

// Both types of a case lie in one graph; that ids do not matter is seen in the
// tests of Copier.
struct Case {
  B b;
  std::string why;
  bool operator()(NodeId want, NodeId have) {
    why.clear();
    bool answer = Compatible(b.graph, want, b.graph, have, &why);
    EXPECT_EQ(answer, why.empty()) << why;
    return answer;
  }
};

TEST(StegCompatible, ComparesIntegersBySizeSignAndBool) {
  Case c;
  NodeId i32 = c.b.Int("int", 4, STEG_INT_SIGNED), u32 = c.b.Int("unsigned int", 4);
  NodeId u64 = c.b.Int("unsigned long", 8), u64b = c.b.Int("unsigned long long", 8);
  NodeId u8 = c.b.Int("unsigned char", 1), boolean = c.b.Int("_Bool", 1, STEG_INT_BOOL);
  NodeId character = c.b.Int("char", 1, STEG_INT_CHAR);
  EXPECT_TRUE(c(u64, u64b));
  EXPECT_TRUE(c(u8, character));
  EXPECT_FALSE(c(i32, u32));
  EXPECT_EQ(c.why, "expected 'int', the target has 'unsigned int' (signedness)");
  EXPECT_FALSE(c(u32, u64));
  EXPECT_EQ(c.why, "expected 'unsigned int', the target has 'unsigned long' (4 and 8 bytes)");
  EXPECT_FALSE(c(u8, boolean));
  EXPECT_FALSE(c(boolean, u8));
  EXPECT_TRUE(c(c.b.Typedef("gfp_t", u32), c.b.To(STEG_VOLATILE, u32)));
  EXPECT_FALSE(c(u64, c.b.Pointer(NodeId::kVoid)));
}

TEST(StegCompatible, ComparesEnumsBySizeAndName) {
  Case c;
  NodeId i32 = c.b.Int("int", 4, STEG_INT_SIGNED), u8 = c.b.Int("u8", 1);
  NodeId e = c.b.Enum("e", 4, {{"A", 0}}), same = c.b.Enum("e", 4, {{"A", 0}, {"B", 1}});
  NodeId other = c.b.Enum("other", 4, {}), unnamed = c.b.Enum("", 4, {});
  EXPECT_TRUE(c(e, same));
  EXPECT_TRUE(c(e, i32));
  EXPECT_TRUE(c(i32, e));
  EXPECT_TRUE(c(e, unnamed));
  EXPECT_FALSE(c(e, other));
  EXPECT_FALSE(c(e, u8));
}

TEST(StegCompatible, ComparesAggregatesByKindAndName) {
  Case c;
  NodeId word = c.b.Int("int", 4, STEG_INT_SIGNED);
  NodeId complete = c.b.Struct("file", 8, {B::At(0, "x", word)});
  NodeId larger = c.b.Struct("file", 64, {});
  NodeId declared = c.b.Declared("file"), inode = c.b.Declared("inode");
  NodeId union_file = c.b.Aggregate(STEG_UNION, "file", 8, {});
  EXPECT_TRUE(c(complete, larger));
  EXPECT_TRUE(c(c.b.Pointer(declared), c.b.Pointer(complete)));
  EXPECT_FALSE(c(c.b.Pointer(declared), c.b.Pointer(inode)));
  EXPECT_EQ(c.why, "expected 'struct file', the target has 'struct inode'");
  EXPECT_FALSE(c(complete, union_file));
  EXPECT_FALSE(c(c.b.Pointer(complete), c.b.Pointer(NodeId::kVoid)));
}

TEST(StegCompatible, ComparesUnnamedAggregatesByTypedefOrMembers) {
  Case c;
  NodeId i32 = c.b.Int("int", 4, STEG_INT_SIGNED), u32 = c.b.Int("unsigned int", 4);
  auto unnamed = [&](NodeId type, uint64_t at) {
    return c.b.Struct("", 8, {B::At(at, "x", type)});
  };
  EXPECT_TRUE(c(unnamed(i32, 0), unnamed(i32, 0)));
  EXPECT_FALSE(c(unnamed(i32, 0), unnamed(i32, 4)));
  EXPECT_FALSE(c(unnamed(i32, 0), unnamed(u32, 0)));
  EXPECT_TRUE(
      c(c.b.Typedef("rwlock_t", unnamed(i32, 0)), c.b.Typedef("rwlock_t", c.b.Struct("", 48, {}))));
  EXPECT_FALSE(c(c.b.Typedef("a_t", unnamed(i32, 0)), c.b.Typedef("b_t", unnamed(i32, 4))));
}

TEST(StegCompatible, ComparesPrototypes) {
  Case c;
  NodeId i32 = c.b.Int("int", 4, STEG_INT_SIGNED), i64 = c.b.Int("long", 8, STEG_INT_SIGNED);
  NodeId file = c.b.Pointer(c.b.Declared("file"));
  auto func = [&](NodeId proto) { return c.b.To(STEG_FUNC, proto, "f"); };
  NodeId base = func(c.b.Proto(i32, {file, i64}));
  EXPECT_TRUE(c(base, func(c.b.Proto(i32, {file, i64}))));
  EXPECT_FALSE(c(base, func(c.b.Proto(i32, {file}))));
  EXPECT_FALSE(c(base, func(c.b.Proto(i32, {file, i32}))));
  EXPECT_FALSE(c(base, func(c.b.Proto(i64, {file, i64}))));
  EXPECT_FALSE(c(base, func(c.b.Proto(i32, {i64, file}))));
  EXPECT_FALSE(c(base, func(c.b.Proto(i32, {file, i64}, STEG_VARIADIC))));
  // A callback among the parameters is compared, its own callbacks are not.
  auto with = [&](NodeId callback_param) {
    return func(c.b.Proto(i32, {c.b.Pointer(c.b.Proto(i32, {callback_param}))}));
  };
  EXPECT_TRUE(c(with(file), with(file)));
  EXPECT_FALSE(c(with(file), with(i64)));
  NodeId deep_a = c.b.Pointer(c.b.Proto(i32, {})), deep_b = c.b.Pointer(c.b.Proto(i64, {}));
  EXPECT_TRUE(c(with(deep_a), with(deep_b)));
  EXPECT_FALSE(c(with(deep_a), with(file)));
}

TEST(StegCompatible, RefusesGraphsThatWouldTakeForEver) {
  // Each level has two members of the level below: 2^40 paths.
  Case c;
  NodeId level = c.b.Int("int", 4);
  for (int i = 0; i < 7; i++) {
    std::vector<Edge> members;
    for (int k = 0; k < 40; k++) members.push_back(B::At(4 * k, "m", level));
    level = c.b.Struct("", 160, members);
  }
  EXPECT_FALSE(c(level, level));
}

TEST(StegSameLayout, SeesOffsetsSizesNamesAndTypesByValue) {
  B b;
  NodeId i32 = b.Int("int", 4, STEG_INT_SIGNED), i64 = b.Int("long", 8, STEG_INT_SIGNED);
  auto make = [&](const char* name, uint64_t size, uint64_t at, NodeId type, uint32_t bits) {
    Edge edge = B::At(at, name, type);
    edge.bits = bits;
    NodeId inner = b.Struct("inner", size, {edge});
    return b.Struct("outer", 32, {B::At(0, "list", b.Array(inner, 2))});
  };
  NodeId base = make("x", 8, 0, i32, 0);
  std::string why;
  auto same = [&](NodeId other) { return SameLayout(b.graph, base, b.graph, other, &why); };
  EXPECT_TRUE(same(make("x", 8, 0, i32, 0))) << why;
  EXPECT_FALSE(same(make("x", 8, 4, i32, 0)));
  EXPECT_EQ(why, "list[].x: expected at byte 0, the target has it at byte 4");
  EXPECT_FALSE(same(make("y", 8, 0, i32, 0)));
  EXPECT_FALSE(same(make("x", 12, 0, i32, 0)));
  EXPECT_FALSE(same(make("x", 8, 0, i64, 0)));
  EXPECT_FALSE(same(make("x", 8, 0, i32, 7)));
  EXPECT_FALSE(SameLayout(b.graph, b.Declared("d"), b.graph, b.Struct("d", 4, {}), &why));
  EXPECT_FALSE(SameLayout(b.graph, b.Struct("d", 4, {}), b.graph, b.Declared("d"), &why));
  EXPECT_EQ(why, "only declared on the target");
  EXPECT_FALSE(SameLayout(b.graph, b.Struct("e", 4, {B::At(0, "x", i32)}), b.graph,
                          b.Struct("e", 4, {}), &why));
}

TEST(StegCopier, CopiesByValueInFullAndPointersByName) {
  B b;
  NodeId i32 = b.Int("int", 4, STEG_INT_SIGNED);
  NodeId inode = b.Struct("inode", 600, {B::At(0, "mode", i32)});
  NodeId path = b.Struct("path", 8, {B::At(0, "inode", b.Pointer(inode))});
  NodeId file = b.Struct("file", 16, {});
  b.graph.Mutable(file).edges = {B::At(0, "path", path), B::At(8, "next", b.Pointer(file))};
  Graph deep, shallow;
  NodeId copy = Copier(b.graph, &deep).Copy(file, true);
  std::string why;
  EXPECT_TRUE(SameLayout(deep, copy, b.graph, file, &why)) << why;
  EXPECT_TRUE(SameLayout(b.graph, file, deep, copy, &why)) << why;
  ASSERT_EQ(deep.Find(STEG_STRUCT, "inode").size(), 1u);
  EXPECT_TRUE(deep[deep.Find(STEG_STRUCT, "inode")[0]].flags & STEG_INCOMPLETE);
  EXPECT_TRUE(deep.Find(STEG_INT, "int").empty());

  NodeId name = Copier(b.graph, &shallow).Copy(file, false);
  EXPECT_EQ(shallow.size(), 2u);
  EXPECT_TRUE(Compatible(shallow, name, b.graph, file, &why));
  EXPECT_FALSE(SameLayout(shallow, name, b.graph, file, &why));
}

TEST(StegCopier, CopiesPrototypesSoThatTheyCompare) {
  B b;
  NodeId i32 = b.Int("int", 4, STEG_INT_SIGNED);
  NodeId file = b.Struct("file", 16, {B::At(0, "x", i32)});
  NodeId unnamed = b.Struct("", 4, {B::At(0, "a", i32)});
  NodeId func = b.To(STEG_FUNC, b.Proto(i32, {b.Pointer(file), b.Pointer(unnamed)}), "open");
  NodeId other = b.To(STEG_FUNC, b.Proto(i32, {b.Pointer(file), b.Pointer(i32)}), "open");
  Graph to;
  Copier copier(b.graph, &to);
  NodeId copy = copier.Copy(func, true);
  size_t size = to.size();
  EXPECT_EQ(copier.Copy(func, true), copy);
  EXPECT_EQ(to.size(), size);
  std::string why;
  EXPECT_TRUE(Compatible(to, copy, b.graph, func, &why)) << why;
  EXPECT_FALSE(Compatible(to, copy, b.graph, other, &why));
}

// What a hostile file nests takes neither time nor memory that grows with each level.
TEST(Type, BoundsWhatIsNested) {
  Builder b;
  NodeId proto = b.Proto(b.Int("int", 4), {}), inner = b.Struct("", 4, {});
  for (int level = 0; level < 20; level++)
    proto = b.Proto(b.Int("int", 4), std::vector<NodeId>(16, proto));
  for (int level = 0; level < 60; level++)
    inner = b.Struct("", 4, {Builder::At(0, "", inner), Builder::At(0, "", inner)});
  const NodeId outer = b.Struct("outer", 4, std::vector<Edge>(2, Builder::At(0, "", inner)));
  EXPECT_LT(Spell(b.graph, proto).size(), 1u << 18);
  EXPECT_NE(Spell(b.graph, proto).find("..."), std::string::npos);
  Place place;
  EXPECT_FALSE(FindMember(b.graph, outer, "absent", &place, nullptr));
}

}  // namespace
}  // namespace race::steg
