// SPDX-License-Identifier: GPL-2.0-only
//
// What makes a module one that race.ko validates, and race.ko itself.
#include <elf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "race/facts.h"
#include "rcrate_sample.h"
#include "resolve/checking_core.h"
#include "resolve/export_table.h"
#include "resolve/pipeline.h"
#include "sample_btf.h"
#include "steg/btf_reader.h"

namespace race::resolve {
namespace {

class ValidationTest : public testing::Test {
 protected:
  ValidationTest() {
    // What modules export by is what race.ko needs.
    auto types = steg::ReadBtf(SampleBtf("private_data", [](btf* object) {
      btf__add_field(object, "gpl_syms", btf__find_by_name_kind(object, "int", BTF_KIND_INT),
                     1272 * 8, 0);
      btf__add_struct(object, "kernel_symbol", 12);
    }));
    EXPECT_TRUE(types) << types.error().Text();
    target_.origin = "vmlinuz-9.8.7";
    target_.release = "9.8.7";
    target_.vermagic = "9.8.7 SMP preempt mod_unload ";
    target_.machine = EM_X86_64;
    target_.types = std::move(*types);
    target_.exports = {{"misc_register", {true, "", ""}}, {"memcpy", {false, "", ""}}};
  }

  elf::Object Made(LinkOptions options) {
    auto module = Resolve(driver_.File(), target_, options, nullptr);
    EXPECT_TRUE(module) << module.error().Text();
    if (!module) return {};
    depends_ = module->depends;
    auto object = elf::ReadObject(module->bytes, "sample.ko");
    EXPECT_TRUE(object) << object.error().Text();
    return object ? std::move(*object) : elf::Object();
  }
  static std::string SymbolAt(const elf::Object& object, const elf::Section& section,
                              uint64_t offset) {
    for (const elf::Relocation& relocation : section.relocations)
      if (relocation.offset == offset) return object[relocation.symbol].name;
    return "";
  }

  // The sample with race.ko's function, where its own init function is.
  void ExportStart() {
    elf::Object& object = driver_.object;
    elf::Symbol start;
    for (const elf::Symbol& symbol : object.symbols)
      if (symbol.name == "init_module") start = symbol;
    start.name = "race_start";
    object.Add(std::move(start));
    driver_.rcrate.manifest.push_back({"export", "race_start"});
  }

  void AddSymbol(const char* name) {
    elf::Symbol symbol;
    for (const elf::Symbol& existing : driver_.object.symbols)
      if (existing.name == "init_module") symbol = existing;
    symbol.name = name;
    driver_.object.Add(std::move(symbol));
  }

  void Refuses(const std::string& words, Role role = Role::kDriver) {
    auto module = Resolve(driver_.File(), target_, {.role = role}, nullptr);
    ASSERT_FALSE(module) << words;
    EXPECT_EQ(module.error().code, Code::kModuleFrame);
    EXPECT_NE(module.error().message.find(words), std::string::npos) << module.error().message;
  }

  SampleRcrate driver_;
  kernel::Target target_;
  std::vector<std::string> depends_;
};

TEST_F(ValidationTest, AModuleDependsOnRaceAndStartsThroughIt) {
  const elf::Object object = Made({});
  EXPECT_EQ(depends_, std::vector<std::string>{"race"});
  const elf::Section* modinfo = object.Find(".modinfo");
  ASSERT_NE(modinfo, nullptr);
  EXPECT_NE(modinfo->bytes.find(std::string("depends=race\0", 13)), std::string::npos);

  const elf::Section* frame = object.Find(".gnu.linkonce.this_module");
  ASSERT_NE(frame, nullptr);
  EXPECT_EQ(SymbolAt(object, *frame, SampleTarget::kInit), "race_init_module");

  const elf::Section* start = object.Find(RACE_START_SECTION);
  ASSERT_NE(start, nullptr);
  EXPECT_EQ(start->bytes.substr(0, 8), RACE_ANCHOR_MAGIC);
  EXPECT_EQ(SymbolAt(object, *start, 23), "__this_module");
  EXPECT_EQ(SymbolAt(object, *start, 30), "init_module");
  EXPECT_EQ(SymbolAt(object, *start, 35), "race_start");
}

// The anchor's offset, as the kernel's loader will fill it in, leads to the section.
TEST_F(ValidationTest, TheAnchorLeadsToTheSection) {
  const elf::Object object = Made({});
  const elf::Section* start = object.Find(RACE_START_SECTION);
  const elf::Section* facts = object.Find(RACE_FACTS_SECTION);
  ASSERT_NE(start, nullptr);
  ASSERT_NE(facts, nullptr);
  const elf::Relocation* found = nullptr;
  for (const elf::Relocation& relocation : start->relocations)
    if (relocation.offset == offsetof(race_anchor, facts)) found = &relocation;
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->type, static_cast<uint32_t>(R_X86_64_PC32));
  EXPECT_EQ(found->addend, 0);
  EXPECT_EQ(&object[object[found->symbol].section], facts);
  uint32_t size = 0;
  memcpy(&size, start->bytes.data() + offsetof(race_anchor, size), sizeof size);
  EXPECT_EQ(size, facts->bytes.size());
  EXPECT_TRUE(facts->flags & SHF_ALLOC);
  EXPECT_TRUE(facts->name.starts_with(".init")) << "the kernel frees it after init";
}

TEST_F(ValidationTest, TheSectionSaysWhatTheTargetHas) {
  const elf::Object object = Made({});
  const elf::Section* section = object.Find(RACE_FACTS_SECTION);
  ASSERT_NE(section, nullptr);
  race_facts facts;
  ASSERT_EQ(race_facts_open(&facts, section->bytes.data(), section->bytes.size()), RACE_WHOLE);
  std::vector<std::string> lines;
  for (const race_fact* fact = facts.facts; fact != race_facts_end(&facts); fact++) {
    char line[RACE_LINE_MAX];
    race_fact_promise(&facts, fact, line, sizeof line);
    lines.push_back(line);
  }
  for (const char* expected :
       {"field struct file.private_data: offset 56, void *", "size of struct miscdevice: 88",
        "number of members of struct pm_message: 1", "field struct pm_message.event: offset 0, int",
        "enumerator ___GFP_IO_BIT: 7", "function misc_register: int (struct miscdevice *)",
        "size of struct module: 1280", "field struct module.init: offset 304, int (*)(void)"})
    EXPECT_NE(std::find(lines.begin(), lines.end(), expected), lines.end()) << expected;
  const std::string steg(reinterpret_cast<const char*>(facts.steg), facts.header->steg.count);
  EXPECT_FALSE(steg.empty());

  // Of another kernel it is not true.
  auto other = steg::ReadBtf(SampleBtf("user_data"));
  ASSERT_TRUE(other);
  kernel::Target target = target_;
  target.types = std::move(*other);
  auto core = CoreTypes::Open(target);
  ASSERT_TRUE(core);
  const auto wrong = CheckFacts(facts, (*core)->get());
  ASSERT_EQ(wrong.size(), 1u);
  EXPECT_EQ(wrong[0].substr(0, wrong[0].find(" (")),
            "field struct file.private_data: offset 56, void * promised, nothing found");
}

TEST_F(ValidationTest, WithoutItNothingIsAdded) {
  const elf::Object object = Made({.role = Role::kUnvalidated});
  EXPECT_TRUE(depends_.empty());
  EXPECT_EQ(object.Find(RACE_FACTS_SECTION), nullptr);
  EXPECT_EQ(object.Find(RACE_START_SECTION), nullptr);
  for (const elf::Symbol& symbol : object.symbols) EXPECT_NE(symbol.name, "race_start");
}

// Types that come from elsewhere than BTF: race.ko could not find them again.
TEST_F(ValidationTest, ATargetWithoutBtfIsRefused) {
  SampleTarget graph_only;
  auto module = Resolve(driver_.File(), graph_only.Make(), {}, nullptr);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().code, Code::kNoBtf);
}

TEST_F(ValidationTest, TheValidatorIsNotValidated) {
  ExportStart();
  const elf::Object object = Made({.role = Role::kValidator});
  EXPECT_TRUE(depends_.empty());
  EXPECT_NE(object.Find(RACE_FACTS_SECTION), nullptr);
  EXPECT_EQ(object.Find(RACE_START_SECTION), nullptr);
  const elf::Section* frame = object.Find(".gnu.linkonce.this_module");
  ASSERT_NE(frame, nullptr);
  EXPECT_EQ(SymbolAt(object, *frame, SampleTarget::kInit), "init_module");
}

// What a file says of itself makes it no validator, whether it is to be validated or not.
TEST_F(ValidationTest, OnlyWhoeverResolvesSaysWhatTheValidatorIs) {
  Refuses("expected the validator, race.ko's .rcrate", Role::kValidator);
  ExportStart();
  for (Role role : {Role::kDriver, Role::kUnvalidated}) Refuses("it exports race_start", role);
  driver_.rcrate.manifest.pop_back();
  for (Role role : {Role::kDriver, Role::kUnvalidated})
    Refuses("it defines the symbol race_start", role);
}

TEST_F(ValidationTest, WhatTheResolverMakesIsNotTheDrivers) {
  const elf::Object before = driver_.object;
  for (const char* name : {"race_start", "race_init_module", "race_own_facts"}) {
    driver_.object = before;
    AddSymbol(name);
    Refuses(std::string("it defines the symbol ") + name);
  }
  for (const char* name : {RACE_START_SECTION, RACE_FACTS_SECTION}) {
    driver_.object = before;
    elf::Section section;
    section.name = name;
    section.type = SHT_PROGBITS;
    driver_.object.Add(std::move(section));
    Refuses(std::string("it has a section ") + name);
  }
  driver_.object = before;
  for (rcrate::Property& property : driver_.rcrate.manifest)
    if (property.key == "module") property.value = "race";
  Refuses("its module is called race");
}

// The finished file is read once more, whatever led to it.
TEST_F(ValidationTest, AStubThatCallsAnotherFunctionIsSeen) {
  const elf::Object object = Made({});
  EXPECT_TRUE(CheckStart(elf::WriteObject(object), "sample.ko"));
  const auto broken = [&](const std::function<void(elf::Object*)>& change) {
    elf::Object changed = object;
    change(&changed);
    const Status status = CheckStart(elf::WriteObject(changed), "sample.ko");
    return status ? "accepted" : status.error().message;
  };
  const auto rename = [](elf::Object* changed, const char* from, const char* to) {
    for (elf::Symbol& symbol : changed->symbols)
      if (symbol.name == from) symbol.name = to;
  };
  const auto section_of = [](elf::Object* changed, const char* name) {
    for (elf::Section& section : changed->sections)
      if (section.name == name) return &section;
    return static_cast<elf::Section*>(nullptr);
  };
  EXPECT_NE(broken([&](auto* changed) {
              rename(changed, "race_start", "misc_register");
            }).find("expected a jump to race_start of another module"),
            std::string::npos);
  EXPECT_NE(broken([&](auto* changed) {
              // Its own function of that name.
              elf::SymbolId init = changed->FindDefined("init_module");
              for (elf::Symbol& symbol : changed->symbols)
                if (symbol.name == "race_start") {
                  symbol.section = (*changed)[init].section;
                  symbol.type = STT_FUNC;
                }
            }).find("expected a jump to race_start of another module"),
            std::string::npos);
  EXPECT_NE(broken([&](auto* changed) {
              for (auto& relocation : section_of(changed, RACE_START_SECTION)->relocations)
                relocation.addend += relocation.type == R_X86_64_PLT32 ? 4 : 0;
            }).find("expected a jump to race_start"),
            std::string::npos);
  EXPECT_NE(broken([&](auto* changed) {
              elf::SymbolId init = changed->FindDefined("init_module");
              for (auto& relocation : section_of(changed, ".gnu.linkonce.this_module")->relocations)
                if ((*changed)[relocation.symbol].name == "race_init_module")
                  relocation.symbol = init;
            }).find("expected the init of the finished module"),
            std::string::npos);
}

TEST_F(ValidationTest, AnExportThatIsNotThereIsRefused) {
  driver_.rcrate.manifest.push_back({"export", "gone"});
  auto module = Resolve(driver_.File(), target_, {}, nullptr);
  ASSERT_FALSE(module);
}

// How modules export is read off struct module.
class ExportTest : public testing::Test {
 protected:
  static Result<elf::Object> Exported(const char* field, uint32_t entry_size) {
    btf* object = btf__new_empty();
    int integer = btf__add_int(object, "int", 4, BTF_INT_SIGNED);
    btf__add_struct(object, "kernel_symbol", entry_size);
    btf__add_struct(object, "module", 8);
    btf__add_field(object, field, integer, 0, 0);
    uint32_t size = 0;
    const void* data = btf__raw_data(object, &size);
    auto types = steg::ReadBtf(std::string(static_cast<const char*>(data), size));
    btf__free(object);
    kernel::Target target;
    target.types = std::move(*types);
    SampleRcrate driver;
    driver.rcrate.manifest.push_back({"export", "init_module"});
    rcrate::RcrateFile file = driver.File();
    RACE_TRY(AddExportTable(file, target, &file.object));
    return file.object;
  }
};

TEST_F(ExportTest, HasATableOfFlagsWhereTheKernelReadsOne) {
  auto object = Exported("flagstab", 12);
  ASSERT_TRUE(object) << object.error().Text();
  const elf::Section* table = object->Find("__ksymtab");
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->bytes.size(), 12u);
  ASSERT_EQ(table->relocations.size(), 3u);
  EXPECT_EQ((*object)[table->relocations[0].symbol].name, "init_module");
  const elf::Section* strings = object->Find("__ksymtab_strings");
  ASSERT_NE(strings, nullptr);
  EXPECT_STREQ(strings->bytes.c_str() + table->relocations[1].addend, "init_module");
  EXPECT_STREQ(strings->bytes.c_str() + table->relocations[2].addend, "") << "no namespace";
  const elf::Section* flags = object->Find("__kflagstab");
  ASSERT_NE(flags, nullptr);
  EXPECT_EQ(flags->bytes, "\1") << "for modules under the GPL only";
  EXPECT_EQ(object->Find("__ksymtab_gpl"), nullptr);
}

TEST_F(ExportTest, HasATableOfItsOwnForTheGplElsewhere) {
  auto object = Exported("gpl_syms", 12);
  ASSERT_TRUE(object) << object.error().Text();
  EXPECT_NE(object->Find("__ksymtab_gpl"), nullptr);
  EXPECT_EQ(object->Find("__ksymtab"), nullptr);
  EXPECT_EQ(object->Find("__kflagstab"), nullptr);
}

TEST_F(ExportTest, RefusesAFormThatItDoesNotKnow) {
  for (auto [field, size] : {std::pair("syms_of_tomorrow", 12u), std::pair("flagstab", 16u)}) {
    auto object = Exported(field, size);
    ASSERT_FALSE(object);
    EXPECT_EQ(object.error().code, Code::kModuleFrame);
  }
}

}  // namespace
}  // namespace race::resolve
