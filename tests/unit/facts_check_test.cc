// SPDX-License-Identifier: GPL-2.0-only
//
// Contract sections: which are whole, and which facts hold.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "facts_sample.h"

namespace race {
namespace {

// For the fuzzer (tests/fuzz/facts_fuzz.cc), when it asks for them.
void SaveSeed(const std::string& section, const std::string& btf, const std::string& module) {
  static int count = 0;
  const char* folder = std::getenv("RACE_FACTS_FILES");
  if (!folder) return;
  std::ofstream file(std::string(folder) + "/" + std::to_string(count++), std::ios::binary);
  for (const std::string* bytes : {&section, &btf}) {
    const uint32_t length = bytes->size();
    file.write(reinterpret_cast<const char*>(&length), sizeof length);
    file << *bytes;
  }
  file << module;
}

class FactsTest : public testing::Test {
 protected:
  FactsTest()
      : kernel_(BtfOf([this](auto* object) { Fill(object); })),
        module_(BtfOf(
                    [](auto* object) {
                      int integer = btf__find_by_name_kind(object, "int", BTF_KIND_INT);
                      btf__add_struct(object, "helper", 8);
                      btf__add_field(object, "count", integer, 32, 0);
                      int proto = btf__add_func_proto(object, integer);
                      btf__add_func(object, "help", BTF_FUNC_GLOBAL, proto);
                    },
                    kernel_.bytes),
                &kernel_.btf) {
    EXPECT_EQ(kernel_.error, 0);
    EXPECT_EQ(module_.error, 0);
  }

  static void Fill(btf* object) {
    int integer = btf__add_int(object, "int", 4, BTF_INT_SIGNED);
    int pointer = btf__add_ptr(object, 0);
    btf__add_struct(object, "file", 16);
    btf__add_field(object, "mode", integer, 0, 0);
    btf__add_field(object, "data", pointer, 64, 0);
    btf__add_struct(object, "bits", 4);
    btf__add_field(object, "flag", integer, 3, 2);
    // Two of one name.
    btf__add_struct(object, "twin", 8);
    btf__add_field(object, "a", integer, 0, 0);
    btf__add_struct(object, "twin", 16);
    btf__add_field(object, "a", integer, 32, 0);
    btf__add_field(object, "b", pointer, 64, 0);
    btf__add_enum(object, "state", 4);
    btf__add_enum_value(object, "COMING", 1);
    btf__add_enum(object, nullptr, 4);
    btf__add_enum_value(object, "UNNAMED", 7);
    int proto = btf__add_func_proto(object, integer);
    btf__add_func_param(object, "data", pointer);
    btf__add_func(object, "call", BTF_FUNC_GLOBAL, proto);
    btf__add_func(object, "double", BTF_FUNC_STATIC, proto);
    btf__add_func(object, "double", BTF_FUNC_STATIC, btf__add_func_proto(object, 0));
  }

  // What is wrong with it, a line each; "damage: ..." when it is not whole.
  std::vector<std::string> Wrong(FactsSample& sample) {
    const std::string bytes = sample.Bytes();
    SaveSeed(bytes, kernel_.bytes, module_.bytes);
    race_facts facts;
    const race_damage damage = race_facts_open(&facts, bytes.data(), bytes.size());
    if (damage != RACE_WHOLE) return {std::string("damage: ") + race_damage_name(damage)};
    std::string text(RACE_TEXT_MAX, '\0');
    race_types types{&kernel_.btf, &module_.btf, facts.header->modules.count, text.data()};
    return resolve::CheckFacts(facts, types);
  }
  std::vector<std::string> Wrong(FactsSample::Fact fact) {
    FactsSample sample;
    sample.modules = {"helper"};
    sample.facts = {std::move(fact)};
    return Wrong(sample);
  }
  void Holds(const FactsSample::Fact& fact) {
    EXPECT_EQ(Wrong(fact), std::vector<std::string>{}) << fact.root << "." << fact.path;
  }
  void Fails(const FactsSample::Fact& fact, const std::string& line) {
    const auto wrong = Wrong(fact);
    ASSERT_EQ(wrong.size(), 1u);
    EXPECT_EQ(wrong[0], line + " (driver.rs:12)");
  }

  OpenBtf kernel_, module_;
};

TEST_F(FactsTest, Field) {
  Holds({RACE_CONTRACT_FIELD, "struct file", "data", "void *", 8});
  Fails({RACE_CONTRACT_FIELD, "struct file", "data", "void *", 16},
        "field struct file.data: offset 16, void * promised, offset 8, void * found");
  Fails({RACE_CONTRACT_FIELD, "struct file", "data", "int *", 8},
        "field struct file.data: offset 8, int * promised, offset 8, void * found");
  Fails({RACE_CONTRACT_FIELD, "struct file", "gone", "int", 8},
        "field struct file.gone: offset 8, int promised, nothing found");
  Fails({RACE_CONTRACT_FIELD, "struct gone", "data", "int", 8},
        "field struct gone.data: offset 8, int promised, nothing found");
  Fails({RACE_CONTRACT_FIELD, "union file", "data", "void *", 8},
        "field union file.data: offset 8, void * promised, nothing found");
  Fails({RACE_CONTRACT_FIELD, "struct bits", "flag", "int", 0},
        "field struct bits.flag: offset 0, int promised, a bit field of int found");
}

TEST_F(FactsTest, BitField) {
  Holds({RACE_CONTRACT_BITFIELD, "struct bits", "flag", "int", 3, 2});
  Fails({RACE_CONTRACT_BITFIELD, "struct bits", "flag", "int", 4, 2},
        "bit field struct bits.flag: bit 4, 2 bits of int promised, bit 3, 2 bits of int found");
  Fails({RACE_CONTRACT_BITFIELD, "struct bits", "flag", "int", 3, 1},
        "bit field struct bits.flag: bit 3, 1 bits of int promised, bit 3, 2 bits of int found");
}

TEST_F(FactsTest, SizeAndAlignment) {
  Holds({RACE_CONTRACT_SIZE, "struct file", "", "", 16});
  Fails({RACE_CONTRACT_SIZE, "struct file", "", "", 24},
        "size of struct file: 24 promised, 16 found");
  Holds({RACE_CONTRACT_ALIGN, "struct file", "", "", 8});
  Fails({RACE_CONTRACT_ALIGN, "struct file", "", "", 4},
        "alignment of struct file: 4 promised, 8 found");
  Holds({RACE_FACT_FITS_ALIGN, "struct file", "", "", 16});
  Fails({RACE_FACT_FITS_ALIGN, "struct file", "", "", 4},
        "alignment of struct file: a size and members that 4 bytes suit promised, members that "
        "demand 8, or another size found");
  Fails({RACE_FACT_FITS_ALIGN, "struct file", "", "", 32},
        "alignment of struct file: a size and members that 32 bytes suit promised, members that "
        "demand 8, or another size found");
}

TEST_F(FactsTest, NumberOfMembers) {
  Holds({RACE_CONTRACT_FROZEN, "struct file", "", "", 2});
  Fails({RACE_CONTRACT_FROZEN, "struct file", "", "", 3},
        "number of members of struct file: 3 promised, 2 found");
}

TEST_F(FactsTest, Enumerator) {
  Holds({RACE_CONTRACT_ENUMERATOR, "enum state", "COMING", "", 1});
  Holds({RACE_CONTRACT_ENUMERATOR, "", "UNNAMED", "", 7});
  Fails({RACE_CONTRACT_ENUMERATOR, "enum state", "COMING", "", 2},
        "enumerator enum state.COMING: 2 promised, 1 found");
  Fails({RACE_CONTRACT_ENUMERATOR, "", "UNNAMED", "", 8},
        "enumerator UNNAMED: 8 promised, 7 found");
  Fails({RACE_CONTRACT_ENUMERATOR, "", "COMING", "", 1},
        "enumerator COMING: 1 promised, nothing found");
}

TEST_F(FactsTest, Function) {
  Holds({RACE_CONTRACT_FUNCTION, "call", "", "int (void *)"});
  Holds({RACE_CONTRACT_FUNCTION, "help", "", "int (void)", 0, 0, 1});
  // What the kernel has, too, a module's own BTF does not say again.
  Holds({RACE_CONTRACT_FUNCTION, "call", "", "int (void *)", 0, 0, 1});
  Fails({RACE_CONTRACT_FUNCTION, "call", "", "int (int)"},
        "function call: int (int) promised, int (void *) found");
  Fails({RACE_CONTRACT_FUNCTION, "help", "", "int (void)"},
        "function help: int (void) promised, nothing found");
  // Which of two is exported is not said: both are the answer.
  Fails({RACE_CONTRACT_FUNCTION, "double", "", "int (void *)"},
        "function double: int (void *) promised, void (void) | int (void *) found");
  Holds({RACE_CONTRACT_FUNCTION, "double", "", "void (void) | int (void *)"});
}

TEST_F(FactsTest, Absence) {
  Holds({RACE_FACT_NO_FIELD, "struct file", "gone"});
  Holds({RACE_FACT_NO_TYPE, "struct gone", ""});
  Holds({RACE_FACT_NO_ENUMERATOR, "enum state", "GONE"});
  Holds({RACE_FACT_NO_ENUMERATOR, "", "COMING"});
  Fails({RACE_FACT_NO_FIELD, "struct file", "data"},
        "field struct file.data: none promised, one found");
  Fails({RACE_FACT_NO_TYPE, "struct file", ""}, "type struct file: none promised, one found");
  Fails({RACE_FACT_NO_ENUMERATOR, "", "UNNAMED"}, "enumerator UNNAMED: none promised, one found");
}

TEST_F(FactsTest, TypesOfModules) {
  Holds({RACE_CONTRACT_FIELD, "struct helper", "count", "int", 4});
  Fails({RACE_CONTRACT_FIELD, "struct helper", "count", "int", 0},
        "field struct helper.count: offset 0, int promised, offset 4, int found");
}

TEST_F(FactsTest, AllFactsOfARootHoldOfOneType) {
  FactsSample one, mixed;
  one.facts = {{RACE_CONTRACT_FIELD, "struct twin", "a", "int", 4},
               {RACE_CONTRACT_SIZE, "struct twin", "", "", 16}};
  EXPECT_EQ(Wrong(one), std::vector<std::string>{});
  mixed.facts = {{RACE_CONTRACT_FIELD, "struct twin", "a", "int", 4},
                 {RACE_CONTRACT_SIZE, "struct twin", "", "", 8}};
  EXPECT_EQ(Wrong(mixed).size(), 1u) << "one has the field there, the other is that large";
}

// Two long strings that thousands of facts name in turn would be compared for minutes.
TEST_F(FactsTest, AStringThatIsTooLong) {
  for (size_t length : {RACE_TEXT_MAX - 1, RACE_TEXT_MAX}) {
    FactsSample sample;
    sample.facts = {{RACE_FACT_NO_TYPE, "struct " + std::string(length - 7, 'x'), ""}};
    const std::string bytes = sample.Bytes();
    race_facts section;
    EXPECT_EQ(race_facts_open(&section, bytes.data(), bytes.size()),
              length < RACE_TEXT_MAX ? RACE_WHOLE : RACE_BAD_STRING);
  }
}

// A module whose types are not there may have what is looked for.
TEST_F(FactsTest, WhatAModuleMayHaveIsNotAbsent) {
  const auto wrong_without = [&](FactsSample::Fact fact) {
    FactsSample sample;
    sample.modules = {"helper"};
    sample.facts = {std::move(fact)};
    const std::string bytes = sample.Bytes();
    race_facts facts;
    EXPECT_EQ(race_facts_open(&facts, bytes.data(), bytes.size()), RACE_WHOLE);
    std::string text(RACE_TEXT_MAX, '\0');
    race_btf unseen{};
    race_types types{&kernel_.btf, &unseen, 1, text.data()};
    const auto lines = resolve::CheckFacts(facts, types);
    return lines.empty() ? "holds" : lines[0];
  };
  const std::string unknown = "unknown: a module that may have it shows no types (driver.rs:12)";
  for (const auto& [fact, said] : std::vector<std::pair<FactsSample::Fact, std::string>>{
           {{RACE_FACT_NO_TYPE, "struct gone"}, "type struct gone: none promised, "},
           {{RACE_FACT_NO_FIELD, "struct gone", "a"}, "field struct gone.a: none promised, "},
           {{RACE_FACT_NO_FIELD, "struct file", "gone"}, "field struct file.gone: none promised, "},
           {{RACE_FACT_NO_ENUMERATOR, "enum state", "GONE"},
            "enumerator enum state.GONE: none promised, "},
           {{RACE_FACT_NO_ENUMERATOR, "", "GONE"}, "enumerator GONE: none promised, "},
           {{RACE_CONTRACT_FUNCTION, "call", "", "int (void *)", 0, 0, 1},
            "function call: int (void *) promised, "}})
    EXPECT_EQ(wrong_without(fact), said + unknown);
  // What is seen needs nothing of it.
  EXPECT_EQ(wrong_without({RACE_CONTRACT_FIELD, "struct file", "data", "void *", 8}), "holds");
  EXPECT_EQ(wrong_without({RACE_CONTRACT_FUNCTION, "call", "", "int (void *)"}), "holds");
  EXPECT_EQ(wrong_without({RACE_FACT_NO_TYPE, "struct file"}),
            "type struct file: none promised, one found (driver.rs:12)");
}

// Deeper than any C type: neither there nor absent.
TEST_F(FactsTest, WhatIsNestedTooDeepIsUnknown) {
  for (int depth : {10, 40}) {
    OpenBtf nested(BtfOf([&](auto* object) {
      int inner = btf__add_int(object, "int", 4, BTF_INT_SIGNED);
      for (int i = 0; i < depth; i++) {
        int outer = btf__add_struct(object, i + 1 == depth ? "deep" : nullptr, 4);
        btf__add_field(object, i == 0 ? "last" : "", inner, 0, 0);
        inner = outer;
      }
      inner = btf__find_by_name_kind(object, "int", BTF_KIND_INT);
      for (int i = 0; i < depth; i++) inner = btf__add_const(object, inner);
      btf__add_typedef(object, "deep_t", inner);
    }));
    ASSERT_EQ(nested.error, 0);
    const auto said = [&](FactsSample::Fact fact) {
      FactsSample sample;
      sample.facts = {std::move(fact)};
      const std::string bytes = sample.Bytes();
      race_facts facts;
      EXPECT_EQ(race_facts_open(&facts, bytes.data(), bytes.size()), RACE_WHOLE);
      std::string text(RACE_TEXT_MAX, '\0');
      race_types types{&nested.btf, nullptr, 0, text.data()};
      const auto lines = resolve::CheckFacts(facts, types);
      return lines.empty() ? "holds" : lines[0];
    };
    const bool deep = depth > RACE_BTF_MAX_DEPTH;
    const std::string unknown = "unknown: types are nested too deep (driver.rs:12)";
    EXPECT_EQ(said({RACE_FACT_NO_FIELD, "struct deep", "gone"}),
              deep ? "field struct deep.gone: none promised, " + unknown : "holds");
    EXPECT_EQ(said({RACE_CONTRACT_FIELD, "struct deep", "last", "int", 0}),
              deep ? "field struct deep.last: offset 0, int promised, " + unknown : "holds");
    EXPECT_EQ(said({RACE_FACT_NO_TYPE, "deep_t"}),
              deep ? "type deep_t: none promised, " + unknown
                   : "type deep_t: none promised, one found (driver.rs:12)");
  }
}

// The index finds enums without a name by what they hold; that is no name of theirs.
TEST_F(FactsTest, AnEnumIsNotCalledLikeItsEnumerator) {
  Fails({RACE_CONTRACT_ENUMERATOR, "enum UNNAMED", "UNNAMED", "", 7},
        "enumerator enum UNNAMED.UNNAMED: 7 promised, nothing found");
  Holds({RACE_FACT_NO_TYPE, "enum UNNAMED", ""});
}

TEST_F(FactsTest, StringsThatAreNotPrintableAreRefused) {
  for (const char* source : {"a\nrace: forged", "a\033[2J", "\x7f", "\xc3\xa9"}) {
    FactsSample sample;
    sample.source = source;
    sample.facts = {{RACE_CONTRACT_SIZE, "struct file", "", "", 16}};
    EXPECT_EQ(Wrong(sample), std::vector<std::string>{std::string("damage: ") +
                                                      race_damage_name(RACE_BAD_STRING)});
  }
}

TEST_F(FactsTest, WhatIsThereTwiceIsRefused) {
  FactsSample twice, modules;
  twice.facts = {{RACE_CONTRACT_SIZE, "struct file", "", "", 16},
                 {RACE_CONTRACT_SIZE, "struct file", "", "", 16}};
  EXPECT_EQ(Wrong(twice),
            std::vector<std::string>{std::string("damage: ") + race_damage_name(RACE_BAD_FACT)});
  modules.modules = {"helper", "helper"};
  EXPECT_EQ(Wrong(modules),
            std::vector<std::string>{std::string("damage: ") + race_damage_name(RACE_BAD_TABLE)});
  modules.modules = {"helper"};
  modules.module_flags = 2;
  EXPECT_EQ(Wrong(modules),
            std::vector<std::string>{std::string("damage: ") + race_damage_name(RACE_BAD_VERSION)});
}

// As large as a section may be, about types that are built to take long: the work ends
// where the budget does.
TEST_F(FactsTest, TheWorkIsBounded) {
  OpenBtf wide(BtfOf([](auto* object) {
    int integer = btf__add_int(object, "int", 4, BTF_INT_SIGNED);
    btf__add_struct(object, "wide", 4 * 60000);
    for (int i = 0; i < 60000; i++)
      btf__add_field(object, ("member" + std::to_string(i)).c_str(), integer, 32 * i, 0);
  }));
  ASSERT_EQ(wide.error, 0);
  FactsSample sample;
  for (int i = 0; i < 10000; i++)
    sample.facts.push_back({RACE_FACT_NO_FIELD, "struct wide", "x" + std::to_string(100000 + i)});
  const std::string bytes = sample.Bytes();
  race_facts facts;
  ASSERT_EQ(race_facts_open(&facts, bytes.data(), bytes.size()), RACE_WHOLE);
  std::string text(RACE_TEXT_MAX, '\0');
  race_types types{&wide.btf, nullptr, 0, text.data()};
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(resolve::CheckFacts(facts, types),
            std::vector<std::string>{"the facts take more work than race.ko does"});
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  printf("all of the budget: %.1f ms\n", took.count());
  EXPECT_EQ(wide.budget.left, 0u);
}

// What was not looked for, because the types are built to take for ever, is not absent.
TEST_F(FactsTest, AnAbsenceIsNotProvedByGivingUp) {
  OpenBtf round(BtfOf([](auto* object) {
    btf__add_struct(object, "self", 64);
    for (int i = 0; i < 40; i++) btf__add_field(object, "", 1, 0, 0);
  }));
  FactsSample sample;
  sample.facts = {{RACE_FACT_NO_FIELD, "struct self", "gone"}};
  const std::string bytes = sample.Bytes();
  race_facts facts;
  ASSERT_EQ(race_facts_open(&facts, bytes.data(), bytes.size()), RACE_WHOLE);
  std::string text(RACE_TEXT_MAX, '\0');
  race_types types{&round.btf, nullptr, 0, text.data()};
  EXPECT_EQ(resolve::CheckFacts(facts, types).size(), 1u);
}

TEST_F(FactsTest, EveryFlippedByteIsNoticed) {
  FactsSample sample;
  sample.facts = {{RACE_CONTRACT_FIELD, "struct file", "data", "void *", 8}};
  const std::string bytes = sample.Bytes();
  race_facts facts;
  ASSERT_EQ(race_facts_open(&facts, bytes.data(), bytes.size()), RACE_WHOLE);
  for (size_t at = 0; at < bytes.size(); at++)
    for (int bit = 0; bit < 8; bit++) {
      std::string bad = bytes;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      EXPECT_NE(race_facts_open(&facts, bad.data(), bad.size()), RACE_WHOLE) << at;
    }
}

TEST_F(FactsTest, EveryTruncationIsNoticed) {
  FactsSample sample;
  sample.facts = {{RACE_CONTRACT_FIELD, "struct file", "data", "void *", 8}};
  const std::string bytes = sample.Bytes() + std::string(64, '\0');
  race_facts facts;
  for (size_t length = 0; length < bytes.size(); length++) {
    if (length == bytes.size() - 64) continue;
    EXPECT_NE(race_facts_open(&facts, bytes.data(), length), RACE_WHOLE) << length;
  }
}

// Sections that somebody made with care: the hash fits.
class DamageTest : public FactsTest {
 protected:
  void Is(race_damage expected, const std::function<void(race_facts_header*, std::string*)>& edit) {
    FactsSample sample;
    sample.modules = {"helper"};
    sample.facts = {{RACE_CONTRACT_FIELD, "struct file", "data", "void *", 8},
                    {RACE_CONTRACT_SIZE, "struct file", "", "", 16}};
    std::string bytes = sample.Bytes();
    race_facts_header header;
    memcpy(&header, bytes.data(), sizeof header);
    edit(&header, &bytes);
    bytes.replace(0, sizeof header, reinterpret_cast<const char*>(&header), sizeof header);
    bytes = FactsSample::Sealed(bytes);
    SaveSeed(bytes, kernel_.bytes, module_.bytes);
    race_facts facts;
    EXPECT_EQ(race_facts_open(&facts, bytes.data(), bytes.size()), expected)
        << race_damage_name(expected);
  }
  static race_fact* First(std::string* bytes) {
    return reinterpret_cast<race_fact*>(bytes->data() + sizeof(race_facts_header));
  }
};

TEST_F(DamageTest, IsNamed) {
  Is(RACE_WHOLE, [](auto*, auto*) {});
  Is(RACE_NO_SECTION, [](auto* header, auto*) { header->magic[0] = 'X'; });
  Is(RACE_BAD_VERSION, [](auto* header, auto*) { header->version++; });
  Is(RACE_BAD_VERSION, [](auto* header, auto*) { header->flags = 1; });
  Is(RACE_BAD_VERSION, [](auto* header, auto*) { header->reserved = 1; });
  Is(RACE_BAD_SIZE, [](auto* header, auto*) { header->size++; });
  Is(RACE_BAD_TABLE, [](auto* header, auto*) { header->hdr_len = 0; });
  Is(RACE_BAD_TABLE, [](auto* header, auto*) { header->hdr_len = 0xfffffff8; });
  Is(RACE_BAD_TABLE, [](auto* header, auto*) { header->facts.count = 0xffffffff; });
  Is(RACE_BAD_TABLE, [](auto* header, auto*) { header->facts.count = RACE_FACTS_MAX_COUNT; });
  Is(RACE_BAD_TABLE, [](auto* header, auto*) { header->facts.offset = 0xfffffff8; });
  Is(RACE_BAD_TABLE, [](auto* header, auto*) { header->facts.offset = 4; });
  Is(RACE_BAD_TABLE, [](auto* header, auto*) { header->modules.count = 65; });
  Is(RACE_BAD_TABLE, [](auto* header, auto*) { header->strings.offset = header->size; });
  Is(RACE_BAD_TABLE, [](auto* header, auto*) { header->steg.count = header->size; });
  Is(RACE_BAD_STRING, [](auto* header, auto*) { header->strings.count--; });
  Is(RACE_BAD_STRING, [](auto* header, auto*) { header->strings.count = 0; });
  Is(RACE_BAD_STRING, [](auto*, auto* bytes) { First(bytes)->root = 0x7fffffff; });
  Is(RACE_BAD_STRING, [](auto*, auto* bytes) { First(bytes)->source = 0xffffffff; });
  Is(RACE_BAD_FACT, [](auto*, auto* bytes) { First(bytes)->kind = 99; });
  Is(RACE_BAD_FACT, [](auto*, auto* bytes) { First(bytes)->kind = RACE_CONTRACT_CONFIG; });
  Is(RACE_BAD_FACT, [](auto*, auto* bytes) { First(bytes)->bits = 1; });
  Is(RACE_BAD_FACT, [](auto*, auto* bytes) { First(bytes)->path = 0; });
  Is(RACE_BAD_FACT, [](auto*, auto* bytes) { First(bytes)->text = 0; });
  Is(RACE_BAD_FACT, [](auto*, auto* bytes) { First(bytes)->module = 1; });
  Is(RACE_BAD_FACT, [](auto*, auto* bytes) { First(bytes)->module = 2; });
  Is(RACE_BAD_FACT, [](auto*, auto* bytes) { First(bytes)[1].path = First(bytes)->path; });
  Is(RACE_BAD_FACT, [](auto*, auto* bytes) { std::swap(First(bytes)->root, First(bytes)->text); });
}

TEST_F(FactsTest, RootsOutOfOrderAreRefused) {
  FactsSample sample;
  sample.facts = {{RACE_CONTRACT_SIZE, "struct twin", "", "", 8},
                  {RACE_CONTRACT_SIZE, "struct file", "", "", 16},
                  {RACE_CONTRACT_SIZE, "struct twin", "", "", 16}};
  EXPECT_EQ(Wrong(sample),
            std::vector<std::string>{"damage: " + std::string(race_damage_name(RACE_BAD_FACT))});
}

}  // namespace
}  // namespace race
