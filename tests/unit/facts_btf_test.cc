// SPDX-License-Identifier: GPL-2.0-only
//
// The checking core's reader of BTF, held against libbpf and against damage.
#include <gtest/gtest.h>

#include "facts_sample.h"
#include "kernel/target.h"
#include "sample_btf.h"
#include "steg/btf_reader.h"

namespace race {
namespace {

TEST(CoreBtf, FindsTypesByName) {
  OpenBtf btf(SampleBtf());
  ASSERT_EQ(btf.error, 0);
  EXPECT_NE(btf.Id("file", RACE_BTF_STRUCT), 0u);
  EXPECT_NE(btf.Id("misc_register", RACE_BTF_FUNC), 0u);
  EXPECT_EQ(btf.Id("fil"), 0u);
  EXPECT_EQ(btf.Id("filex"), 0u);
  // By the name of its enumerator, as it has none itself.
  EXPECT_NE(btf.Id("___GFP_IO_BIT", RACE_BTF_ENUM), 0u);
}

TEST(CoreBtf, SpellsTypesAsCDoes) {
  std::map<std::string, int> ids;
  OpenBtf btf(BtfOf([&](auto* object) {
    int integer = btf__add_int(object, "int", 4, BTF_INT_SIGNED);
    int character = btf__add_int(object, "char", 1, BTF_INT_SIGNED);
    int file = btf__add_struct(object, "file", 8);
    int pointer = btf__add_ptr(object, file);
    ids["struct file *"] = pointer;
    ids["struct file **"] = btf__add_ptr(object, pointer);
    ids["const char *"] = btf__add_ptr(object, btf__add_const(object, character));
    ids["char * const"] = btf__add_const(object, btf__add_ptr(object, character));
    ids["void *"] = btf__add_ptr(object, 0);
    ids["volatile int"] = btf__add_volatile(object, integer);
    int array = btf__add_array(object, integer, character, 56);
    ids["char[56]"] = array;
    ids["char (*)[56]"] = btf__add_ptr(object, array);
    ids["char[2][56]"] = btf__add_array(object, integer, array, 2);
    int proto = btf__add_func_proto(object, integer);
    btf__add_func_param(object, "file", pointer);
    btf__add_func_param(object, "", 0);
    ids["int (struct file *, ...)"] = proto;
    int call = btf__add_ptr(object, proto);
    ids["int (*)(struct file *, ...)"] = call;
    ids["int (*[3])(struct file *, ...)"] = btf__add_array(object, integer, call, 3);
    ids["void *(void)"] = btf__add_func_proto(object, ids["void *"]);
    ids["void (void)"] = btf__add_func_proto(object, 0);
    ids["int (* (*)(void))(struct file *, ...)"] =
        btf__add_ptr(object, btf__add_func_proto(object, call));
    ids["kuid_t"] = btf__add_typedef(object, "kuid_t", integer);
    ids["enum mode"] = btf__add_enum(object, "mode", 4);
    ids["union {0 members, 8 bytes}"] = btf__add_union(object, nullptr, 8);
    ids["struct later"] = btf__add_fwd(object, "later", BTF_FWD_STRUCT);
    ids["char *"] = btf__add_ptr(object, btf__add_type_tag(object, "user", character));
  }));
  ASSERT_EQ(btf.error, 0);
  for (const auto& [text, id] : ids) EXPECT_EQ(btf.Spell(id), text);
}

// What no compiler makes: a function that returns a type without a name.
TEST(CoreBtf, SpellsATypeWithoutAName) {
  OpenBtf btf(BtfOf([](auto* object) {
    btf__add_typedef(object, "nameless", 0);
    btf__add_func_proto(object, 1);
  }));
  ASSERT_EQ(btf.error, 0);
  // libbpf refuses to write one: take the name away afterwards.
  std::string bytes = btf.bytes;
  bytes.replace(bytes.find("nameless"), 1, 1, '\0');
  OpenBtf without(bytes);
  ASSERT_EQ(without.error, 0);
  EXPECT_EQ(without.Spell(2), " (void)");
}

TEST(CoreBtf, RefusesASpellingThatDoesNotFit) {
  OpenBtf btf(BtfOf([](auto* object) {
    btf__add_ptr(object, btf__add_struct(object, "a_rather_long_name", 8));
  }));
  char text[16];
  EXPECT_FALSE(race_btf_spell(&btf.btf, 2, text, sizeof text));
}

TEST(CoreBtf, FindsMembersThroughUnnamedOnes) {
  uint32_t outer = 0;
  OpenBtf btf(BtfOf([&](auto* object) {
    int integer = btf__add_int(object, "int", 4, BTF_INT_SIGNED);
    int inner = btf__add_struct(object, "inner", 8);
    btf__add_field(object, "a", integer, 0, 0);
    btf__add_field(object, "b", integer, 32, 0);
    int unnamed = btf__add_union(object, nullptr, 8);
    btf__add_field(object, "u", inner, 0, 0);
    outer = btf__add_struct(object, "outer", 24);
    btf__add_field(object, "first", integer, 0, 0);
    btf__add_field(object, "", unnamed, 64, 0);
    btf__add_field(object, "flag", integer, 131, 3);
  }));
  race_member member;
  ASSERT_TRUE(race_btf_path(&btf.btf, outer, "u.b", &member));
  EXPECT_EQ(member.bit_offset, 64u + 32);
  ASSERT_TRUE(race_btf_path(&btf.btf, outer, "flag", &member));
  EXPECT_EQ(member.bit_offset, 131u);
  EXPECT_EQ(member.bits, 3u);
  for (const char* missing : {"u.c", "u..b", "", ".", "u.", "b", "first.x"})
    EXPECT_FALSE(race_btf_path(&btf.btf, outer, missing, &member)) << missing;
}

TEST(CoreBtf, ReadsEnumsOfBothSizesAndSigns) {
  uint32_t id = 0;
  OpenBtf btf(BtfOf([&](auto* object) {
    id = btf__add_enum64(object, "wide", 8, true);
    btf__add_enum64_value(object, "MINUS", static_cast<uint64_t>(-2));
    btf__add_enum(object, "narrow", 4);
    btf__add_enum_value(object, "LESS", -3);
  }));
  race_type type;
  uint32_t name;
  ASSERT_TRUE(race_btf_type(&btf.btf, id, &type));
  EXPECT_EQ(race_btf_enumerator(&type, 0, &name), static_cast<uint64_t>(-2));
  EXPECT_STREQ(race_btf_string(&btf.btf, name), "MINUS");
  ASSERT_TRUE(race_btf_type(&btf.btf, id + 1, &type));
  EXPECT_EQ(race_btf_enumerator(&type, 0, &name), static_cast<uint64_t>(-3));
}

TEST(CoreBtf, ReadsSplitBtfOverItsBase) {
  const std::string base = SampleBtf();
  OpenBtf kernel(base);
  OpenBtf module(BtfOf(
                     [](auto* object) {
                       int file = btf__find_by_name_kind(object, "file", BTF_KIND_STRUCT);
                       btf__add_struct(object, "helper", 16);
                       btf__add_field(object, "file", btf__type_cnt(object), 64, 0);
                       btf__add_ptr(object, file);
                     },
                     base),
                 &kernel.btf);
  ASSERT_EQ(module.error, 0);
  const uint32_t helper = module.Id("helper");
  ASSERT_NE(helper, 0u);
  race_member member;
  ASSERT_TRUE(race_btf_path(&module.btf, helper, "file", &member));
  EXPECT_EQ(module.Spell(member.type), "struct file *");
  EXPECT_EQ(module.Id("file"), 0u) << "the base's own is found there";
}

// Types that hold or name themselves, of which no C compiler knows.
TEST(CoreBtf, EndsOnTypesThatGoRound) {
  uint32_t self = 0, loop = 0;
  OpenBtf btf(BtfOf([&](auto* object) {
    self = btf__add_struct(object, "self", 64);
    for (int i = 0; i < 40; i++) btf__add_field(object, "", self, 0, 0);
    loop = btf__add_typedef(object, "loop", self + 1);
  }));
  ASSERT_EQ(btf.error, 0);
  race_member member;
  race_type type;
  uint64_t number;
  EXPECT_FALSE(race_btf_path(&btf.btf, self, "nothing", &member));
  EXPECT_EQ(btf.budget.left, 0u) << "it took all the work that it may";
  btf.budget.left = 1 << 26;
  EXPECT_FALSE(race_btf_align(&btf.btf, self, &number));
  btf.budget.left = 1 << 26;
  EXPECT_FALSE(race_btf_strip(&btf.btf, loop, &type));
  EXPECT_FALSE(race_btf_size(&btf.btf, loop, &number));
}

TEST(CoreBtf, StepsOverKindsThatTheLayoutSectionDescribes) {
  // A header of 2026, with the section, and a type of kind 25 between two others.
  struct {
    uint16_t magic = 0xeb9f;
    uint8_t version = 1, flags = 0;
    uint32_t hdr_len = 32, type_off = 0, type_len = 0, str_off = 0, str_len = 0, layout_off = 0,
             layout_len = 0;
  } header;
  const uint32_t types[] = {1, 1u << 24,        4, 0x01000020,  // int
                            0, (25u << 24) | 2, 0, 7,          8, 9, 8,
                            9,                        // one word, two times two
                            5, 4u << 24,        16};  // struct
  const char text[] = "\0int\0late";
  const std::string strings(text, sizeof text);
  std::string layouts(26 * 4, '\0');
  layouts[25 * 4] = 4;
  layouts[25 * 4 + 1] = 8;
  header.type_len = sizeof types;
  header.str_off = header.type_len;
  header.str_len = strings.size();
  header.layout_off = header.str_off + 12;
  header.layout_len = layouts.size();
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes.append(reinterpret_cast<const char*>(types), sizeof types);
  bytes += strings;
  bytes.resize(sizeof header + header.layout_off);
  bytes += layouts;
  OpenBtf btf(bytes);
  ASSERT_EQ(btf.error, 0);
  EXPECT_EQ(btf.Id("late"), 3u);

  std::string without = bytes.substr(0, bytes.size() - layouts.size());
  uint32_t none = 0;
  without.replace(28, 4, reinterpret_cast<const char*>(&none), 4);
  EXPECT_EQ(OpenBtf(without).error, -EINVAL) << "a kind of unknown size";
}

// Many types that share one long name, each a byte further on: the square of its length.
TEST(CoreBtf, RefusesNamesThatAreTooLong) {
  for (size_t length : {RACE_BTF_MAX_NAME - 1, RACE_BTF_MAX_NAME}) {
    OpenBtf btf(
        BtfOf([&](auto* object) { btf__add_struct(object, std::string(length, 'x').c_str(), 8); }));
    EXPECT_EQ(btf.error, length < RACE_BTF_MAX_NAME ? 0 : -EINVAL);
  }
}

TEST(CoreBtf, OpensNoMoreThanItsBudgetAllows) {
  const std::string bytes = SampleBtf();
  uint64_t needed = 0;
  for (uint64_t budget : {uint64_t{1} << 26, uint64_t{0}, uint64_t{1}}) {
    race_budget left{budget, 0, false, RACE_KNOWN};
    if (budget == 1) left.left = needed;
    race_btf btf;
    const int error = race_btf_open(&btf, bytes.data(), bytes.size(), nullptr, &left);
    EXPECT_EQ(error, budget > 1 ? 0 : -E2BIG);
    if (error == 0)
      needed = (uint64_t{1} << 26) - left.left;
    else
      EXPECT_EQ(btf.end_id, 0u);
    race_btf_close(&btf);
  }
  EXPECT_GT(needed, 0u);
}

TEST(CoreBtf, RefusesEveryTruncation) {
  const std::string bytes = SampleBtf();
  ASSERT_EQ(OpenBtf(bytes).error, 0);
  for (size_t length = 0; length < bytes.size(); length++)
    EXPECT_EQ(OpenBtf(bytes.substr(0, length)).error, -EINVAL) << length;
}

// What is accepted all the same must be readable to the end (sanitizers watch in
// the fuzzer; here it must at least come to an end).
TEST(CoreBtf, SurvivesEveryFlippedByte) {
  const std::string bytes = SampleBtf();
  for (size_t at = 0; at < bytes.size(); at++)
    for (unsigned char mask : {0x01, 0x80, 0xff}) {
      std::string bad = bytes;
      bad[at] = static_cast<char>(bad[at] ^ mask);
      OpenBtf btf(bad);
      if (btf.error != 0) continue;
      race_type type;
      for (uint32_t id = 1; race_btf_type(&btf.btf, id, &type); id++) {
        uint64_t number;
        race_member member;
        btf.Spell(id);
        race_btf_size(&btf.btf, id, &number);
        race_btf_align(&btf.btf, id, &number);
        race_btf_path(&btf.btf, id, "private_data", &member);
      }
    }
}

// On a whole kernel, every aggregate: libbpf's graph and the core say the same.
TEST(CoreWholeKernel, AgreesWithLibbpfOnEveryMemberSizeAndAlignment) {
  const char* image = getenv("RACE_TEST_VMLINUZ");
  if (!image) GTEST_SKIP() << "RACE_TEST_VMLINUZ names no kernel image";
  auto target = kernel::ReadTarget(image, nullptr);
  ASSERT_TRUE(target) << target.error().Text();
  const steg::Graph& graph = (*target)->types;
  auto core = resolve::CoreTypes::Open(**target);
  ASSERT_TRUE(core) << core.error().Text();
  const race_types& types = (*core)->get();
  size_t members = 0, roots = 0;
  for (uint32_t i = 0; i < graph.size(); i++) {
    const steg::Node& node = graph[steg::NodeId{i}];
    if ((node.kind != STEG_STRUCT && node.kind != STEG_UNION) || node.name.empty() ||
        (node.flags & STEG_INCOMPLETE))
      continue;
    const std::string root =
        (node.kind == STEG_STRUCT ? "struct " : "union ") + std::string(node.name);
    if (steg::FindRoot(graph, root).size() != 1) continue;
    race_candidate at{};
    race_type type;
    ASSERT_TRUE(race_next_candidate(&types, root.c_str(), &at, &type)) << root;
    uint64_t size = 0, align = 0;
    ASSERT_TRUE(race_btf_size(types.kernel, type.id, &size)) << root;
    ASSERT_TRUE(race_btf_align(types.kernel, type.id, &align)) << root;
    EXPECT_EQ(size, steg::SizeOf(graph, steg::NodeId{i})) << root;
    EXPECT_EQ(align, steg::AlignOf(graph, steg::NodeId{i})) << root;
    roots++;
    for (const steg::Edge& edge : node.edges) {
      if (edge.kind != STEG_EDGE_MEMBER || edge.name.empty()) continue;
      race_member member;
      ASSERT_TRUE(race_btf_path(types.kernel, type.id, std::string(edge.name).c_str(), &member));
      EXPECT_EQ(member.bit_offset, edge.value) << root << "." << edge.name;
      EXPECT_EQ(member.bits, edge.bits) << root << "." << edge.name;
      char text[RACE_TEXT_MAX];
      EXPECT_TRUE(race_btf_spell(types.kernel, member.type, text, sizeof text))
          << root << "." << edge.name;
      members++;
    }
  }
  EXPECT_GT(roots, 5000u);
  EXPECT_GT(members, 50000u);
  printf("%zu types, %zu members\n", roots, members);
}

}  // namespace
}  // namespace race
