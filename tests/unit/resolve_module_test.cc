// SPDX-License-Identifier: GPL-2.0-only
//
// What is made of a .rcrate that fits: bytes, data, the module's frame; and what
// cannot be made.
#include <gtest/gtest.h>

#include <cstring>

#include "rcrate_sample.h"
#include "resolve/pipeline.h"

namespace race::resolve {
namespace {

class ModuleTest : public testing::Test {
 protected:
  elf::Object Made() {
    const kernel::Target& target = target_.Make();
    auto module = Resolve(driver_.File(), target, {.role = Role::kUnvalidated}, nullptr);
    if (!module) {
      ADD_FAILURE() << module.error().Text();
      return {};
    }
    notes_ = module->notes;
    auto object = elf::ReadObject(module->bytes, "sample.ko");
    if (!object) {
      ADD_FAILURE() << object.error().Text();
      return {};
    }
    return *object;
  }
  Code Refused() {
    auto module = Resolve(driver_.File(), target_.Make(), {.role = Role::kUnvalidated}, nullptr);
    if (module) return Code::kUsage;
    return module.error().code;
  }
  template <typename T>
  static T At(const elf::Section& section, uint64_t offset) {
    T value{};
    EXPECT_LE(offset + sizeof(value), section.bytes.size());
    std::memcpy(&value, section.bytes.data() + offset, sizeof(value));
    return value;
  }
  static const elf::Relocation* RelocationAt(const elf::Section& section, uint64_t offset) {
    for (const elf::Relocation& relocation : section.relocations)
      if (relocation.offset == offset) return &relocation;
    return nullptr;
  }
  static const elf::Symbol* SymbolOf(const elf::Object& object, std::string_view name) {
    for (const elf::Symbol& symbol : object.symbols)
      if (!symbol.removed && symbol.name == name) return &symbol;
    return nullptr;
  }
  // The entries of .modinfo, in order.
  static std::vector<std::string> Modinfo(const elf::Object& object) {
    std::vector<std::string> entries;
    const elf::Section* section = object.Find(".modinfo");
    std::string bytes = section ? section->bytes : "";
    for (size_t start = 0; start < bytes.size();) {
      entries.push_back(bytes.c_str() + start);
      start += entries.back().size() + 1;
    }
    return entries;
  }

  SampleRcrate driver_;
  SampleTarget target_;
  std::vector<std::string> notes_;
};

TEST_F(ModuleTest, FillsInLayoutConstants) {
  elf::Object object = Made();
  const elf::Section* text = object.Find(".text");
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(At<int32_t>(*text, 4), 56 + 2);
  EXPECT_EQ(At<int64_t>(*text, 16), 96 + 40);
  EXPECT_EQ(At<int8_t>(*text, 30), 7);
  EXPECT_EQ(At<int8_t>(*text, 29), 0);
  EXPECT_EQ(At<int8_t>(*text, 31), 0);
  EXPECT_EQ(text->relocations.size(), 4u) << "only the ordinary ones are left";
  for (const elf::Symbol& symbol : object.symbols)
    EXPECT_FALSE(symbol.name.starts_with("race:")) << symbol.name;
  EXPECT_EQ(object.Find(RACE_SECTION), nullptr);
  EXPECT_EQ(object.Find(RACE_STEG_SECTION), nullptr);
}

TEST_F(ModuleTest, IsTheSameFromRunToRun) {
  const kernel::Target& target = target_.Make();
  auto one = Resolve(driver_.File(), target, {.role = Role::kUnvalidated}, nullptr);
  auto two = Resolve(driver_.File(), target, {.role = Role::kUnvalidated}, nullptr);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->bytes, two->bytes);
}

TEST_F(ModuleTest, LaysOutShapes) {
  elf::Object object = Made();
  const elf::Section* data = object.Find(".rodata.race");
  ASSERT_NE(data, nullptr);
  EXPECT_EQ(data->flags, uint64_t{SHF_ALLOC});
  EXPECT_EQ(data->align, 32u);
  EXPECT_EQ(data->bytes.size(), 88u);
  EXPECT_EQ(At<uint32_t>(*data, 0), 7u);
  EXPECT_EQ(At<uint64_t>(*data, 8), 0u);
  const elf::Relocation* address = RelocationAt(*data, 8);
  ASSERT_NE(address, nullptr);
  EXPECT_EQ(address->type, uint32_t{R_X86_64_64});
  EXPECT_EQ(address->addend, 56);
  EXPECT_EQ(object[address->symbol].name, "sample_open");
  const elf::Symbol* symbol = SymbolOf(object, "race_shape_0");
  ASSERT_NE(symbol, nullptr);
  EXPECT_EQ(&object[symbol->section], data);
  EXPECT_EQ(symbol->size, 88u);
}

TEST_F(ModuleTest, PutsEachKindOfShapeWhereItBelongs) {
  driver_.rcrate.shapes.push_back({"race_shape_1", ".data", 8, driver_.eight, {}});
  driver_.rcrate.shapes.push_back({"race_shape_2", ".bss", 64, driver_.eight, {}});
  driver_.rcrate.shapes.push_back({"race_shape_3", ".bss", 64, driver_.size_miscdevice, {}});
  driver_.rcrate.shapes.push_back({"race_shape_4", "__param", 8, driver_.eight, {}});
  driver_.rcrate.shapes[1].pieces.push_back(
      {driver_.zero, RACE_PIECE_BYTES, std::string("ab\0c", 4), 4, {}});
  driver_.rcrate.shapes[4].pieces.push_back(
      {driver_.zero, RACE_PIECE_ADDRESS, "race_shape_1", 8, driver_.zero});
  elf::Object object = Made();
  const elf::Section* data = object.Find(".data.race");
  const elf::Section* bss = object.Find(".bss.race");
  const elf::Section* param = object.Find("__param");
  ASSERT_TRUE(data && bss && param);
  EXPECT_EQ(data->flags, uint64_t{SHF_ALLOC | SHF_WRITE});
  EXPECT_EQ(data->bytes, std::string("ab\0c\0\0\0\0", 8));
  EXPECT_EQ(bss->type, uint32_t{SHT_NOBITS});
  EXPECT_EQ(bss->size(), 64u + 88u);
  const elf::Symbol* second = SymbolOf(object, "race_shape_3");
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->value, 64u);
  EXPECT_EQ(param->flags, uint64_t{SHF_ALLOC});
  const elf::Relocation* address = RelocationAt(*param, 0);
  ASSERT_NE(address, nullptr);
  EXPECT_EQ(object[address->symbol].name, "race_shape_1");
}

TEST_F(ModuleTest, MakesThisModuleForTheTarget) {
  elf::Object object = Made();
  const elf::Section* section = object.Find(".gnu.linkonce.this_module");
  ASSERT_NE(section, nullptr);
  EXPECT_EQ(section->bytes.size(), SampleTarget::kModuleSize);
  EXPECT_EQ(section->flags, uint64_t{SHF_ALLOC | SHF_WRITE});
  EXPECT_EQ(section->align, 64u);
  EXPECT_STREQ(section->bytes.c_str() + SampleTarget::kName, "sample");
  ASSERT_EQ(section->relocations.size(), 2u);
  const elf::Relocation* init = RelocationAt(*section, SampleTarget::kInit);
  const elf::Relocation* exit = RelocationAt(*section, SampleTarget::kExit);
  ASSERT_TRUE(init && exit);
  EXPECT_EQ(object[init->symbol].name, "init_module");
  EXPECT_EQ(object[exit->symbol].name, "cleanup_module");
  const elf::Symbol* symbol = SymbolOf(object, "__this_module");
  ASSERT_NE(symbol, nullptr);
  EXPECT_EQ(&object[symbol->section], section);
  EXPECT_EQ(symbol->type, STT_OBJECT);
  EXPECT_EQ(symbol->binding, STB_GLOBAL);
}

TEST_F(ModuleTest, MakesModinfoForTheTarget) {
  target_.target.exports["misc_register"].module = "miscmod";
  EXPECT_EQ(Modinfo(Made()),
            (std::vector<std::string>{"license=GPL", "parm=a:b", "alias=char:10-1",
                                      "author=Somebody", "depends=miscmod", "retpoline=Y",
                                      "name=sample", "vermagic=9.8.7 SMP preempt mod_unload "}));
}

TEST_F(ModuleTest, SaysRetpolineOnlyWhenItIsTrue) {
  std::erase_if(driver_.rcrate.manifest, [](const auto& p) { return p.key == "retpoline"; });
  for (const std::string& entry : Modinfo(Made())) EXPECT_NE(entry, "retpoline=Y");
}

TEST_F(ModuleTest, RefusesANameThatStructModuleHasNoRoomFor) {
  for (auto& property : driver_.rcrate.manifest)
    if (property.key == "module") property.value = std::string(56, 'x');
  EXPECT_EQ(Refused(), Code::kModuleFrame);
}

TEST_F(ModuleTest, RefusesATargetThatChecksSymbolVersions) {
  target_.target.vermagic = "9.8.7 SMP preempt mod_unload modversions ";
  EXPECT_EQ(Refused(), Code::kModuleFrame);
}

TEST_F(ModuleTest, RefusesATargetWithKcfi) {
  const kernel::Target& target = target_.Make([](SampleTypes* types) {
    types->Function("misc_register", types->register_proto);
    steg::NodeId id = types->build.graph.Find(STEG_STRUCT, "module").at(0);
    types->build.graph.Mutable(id).edges.push_back(
        steg::Builder::At(1216, "kcfi_traps", types->pointer));
  });
  auto module = Resolve(driver_.File(), target, {.role = Role::kUnvalidated}, nullptr);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().code, Code::kModuleFrame);
}

TEST_F(ModuleTest, KeepsOrcOfTheTargetsForm) {
  driver_.AddSection(".orc_header", SHF_ALLOC, std::string(20, 'o'));
  driver_.AddSection(".orc_unwind", SHF_ALLOC, std::string(6, 'u'));
  target_.target.orc_hash = std::string(20, 'o');
  elf::Object object = Made();
  EXPECT_NE(object.Find(".orc_unwind"), nullptr);
  EXPECT_TRUE(notes_.empty());
}

TEST_F(ModuleTest, LeavesOutOrcOfAnotherForm) {
  driver_.AddSection(".orc_header", SHF_ALLOC, std::string(20, 'o'));
  elf::SectionId unwind = driver_.AddSection(".orc_unwind_ip", SHF_ALLOC, std::string(4, '\0'));
  driver_.object[unwind].relocations.push_back({0, R_X86_64_PC32, driver_.open_function, 0});
  target_.target.orc_hash = std::string(20, 'x');
  elf::Object object = Made();
  EXPECT_EQ(object.Find(".orc_header"), nullptr);
  EXPECT_EQ(object.Find(".orc_unwind_ip"), nullptr);
  EXPECT_EQ(notes_.size(), 1u);
}

// The two known forms, by the SHA-1 of their definitions.
const std::string kOrcOf70(
    "\xfe\x5d\x32\xbf\x58\x1b\xd6\x3b\x2c\xa9"
    "\xa5\xc6\x5b\xa5\xa6\x25\xea\xb3\xfe\x24");
const std::string kOrcOf72(
    "\x13\x7c\x36\xad\x76\x27\xc4\xdd\x55\x93"
    "\x21\x76\xbb\x0e\xcd\xbd\x50\x41\xfc\x82");

TEST_F(ModuleTest, RenumbersTheRegistersOfOrc) {
  driver_.AddSection(".orc_header", SHF_ALLOC, kOrcOf72);
  // CFA = SP + 16, BP at CFA - 16; then a frame that BP points to.
  driver_.AddSection(".orc_unwind", SHF_ALLOC,
                     std::string("\x10\0\xf0\xff\x83\x02\x10\0\xf0\xff\x84\x02", 12));
  target_.target.orc_hash = kOrcOf70;
  elf::Object object = Made();
  ASSERT_NE(object.Find(".orc_unwind"), nullptr);
  EXPECT_EQ(object.Find(".orc_header")->bytes, kOrcOf70);
  EXPECT_EQ(object.Find(".orc_unwind")->bytes,
            std::string("\x10\0\xf0\xff\x15\x02\x10\0\xf0\xff\x14\x02", 12));
  EXPECT_TRUE(notes_.empty());
}

TEST_F(ModuleTest, LeavesOutOrcWithARegisterThatTheTargetCannotName) {
  driver_.AddSection(".orc_header", SHF_ALLOC, kOrcOf72);
  driver_.AddSection(".orc_unwind", SHF_ALLOC, std::string("\x10\0\0\0\x01\x02", 6));  // AX
  target_.target.orc_hash = kOrcOf70;
  elf::Object object = Made();
  EXPECT_EQ(object.Find(".orc_unwind"), nullptr);
  EXPECT_EQ(notes_.size(), 1u);
}

TEST_F(ModuleTest, RefusesAnUndefinedSymbolWithoutAContract) {
  driver_.Refer(60, R_X86_64_PC32, driver_.AddSymbol("nobody_knows"));
  EXPECT_EQ(Refused(), Code::kUndefined);
}

TEST_F(ModuleTest, RefusesAnAddressPieceWithoutAContract) {
  driver_.rcrate.shapes[0].pieces[1].data = "nobody_knows";
  EXPECT_EQ(Refused(), Code::kUndefined);
}

TEST_F(ModuleTest, RefusesALayoutSymbolThatIsNotInTheTable) {
  driver_.Refer(60, R_X86_64_32S, driver_.AddSymbol("race:off:file.gone"));
  EXPECT_EQ(Refused(), Code::kRelocation);
}

TEST_F(ModuleTest, RefusesALayoutSymbolThatIsDefined) {
  driver_.object[driver_.off_symbol].section = driver_.text;
  EXPECT_EQ(Refused(), Code::kRelocation);
}

TEST_F(ModuleTest, RefusesRelativeReferencesToALayoutSymbol) {
  for (uint32_t type : {R_X86_64_PC32, R_X86_64_PLT32, R_X86_64_PC64, R_X86_64_GOTPCREL}) {
    driver_ = SampleRcrate();
    target_ = SampleTarget();
    driver_.object[driver_.text].relocations[0].type = type;
    EXPECT_EQ(Refused(), Code::kRelocation) << type;
  }
}

TEST_F(ModuleTest, RefusesRelocationsThatTheLoaderDoesNotKnow) {
  driver_.object[driver_.text].relocations[3].type = R_X86_64_GOTPCREL;
  EXPECT_EQ(Refused(), Code::kRelocation);
}

TEST_F(ModuleTest, RefusesOldBytesThatAreNotZero) {
  driver_.object[driver_.text].bytes[7] = 1;
  EXPECT_EQ(Refused(), Code::kOldValue);
}

TEST_F(ModuleTest, RefusesTwoConstantsInOnePlace) {
  driver_.Refer(6, R_X86_64_8, driver_.enum_symbol);
  driver_.Refer(6, R_X86_64_8, driver_.enum_symbol);
  EXPECT_EQ(Refused(), Code::kRelocation);
}

TEST_F(ModuleTest, RefusesAFieldAtTheEndOfItsSection) {
  driver_.Refer(62, R_X86_64_32, driver_.off_symbol);
  EXPECT_EQ(Refused(), Code::kRelocation);
}

struct Limit {
  uint32_t type;
  int64_t fits;   // value 56 plus this addend fits
  int64_t fails;  // this one does not
};

class LimitTest : public ModuleTest, public testing::WithParamInterface<Limit> {};

TEST_P(LimitTest, ChecksTheRangeOfEachField) {
  driver_.Refer(8, GetParam().type, driver_.off_symbol, GetParam().fits);
  Made();
  driver_ = SampleRcrate();
  target_ = SampleTarget();
  driver_.Refer(8, GetParam().type, driver_.off_symbol, GetParam().fails);
  EXPECT_EQ(Refused(), Code::kRelocationOverflow);
}

INSTANTIATE_TEST_SUITE_P(
    Relocations, LimitTest,
    testing::Values(Limit{R_X86_64_32, 0xffffffffLL - 56, 0x100000000LL - 56},
                    Limit{R_X86_64_32, -56, -57},
                    Limit{R_X86_64_32S, 0x7fffffffLL - 56, 0x80000000LL - 56},
                    Limit{R_X86_64_32S, -0x80000000LL - 56, -0x80000001LL - 56},
                    Limit{R_X86_64_16, 0xffff - 56, 0x10000 - 56},
                    Limit{R_X86_64_16, -0x8000 - 56, -0x8001 - 56},
                    Limit{R_X86_64_8, 127 - 56, 128 - 56}, Limit{R_X86_64_8, -128 - 56, -129 - 56},
                    Limit{R_X86_64_64, INT64_MAX - 56, INT64_MAX - 55}));

TEST_F(ModuleTest, RefusesPiecesThatOverlapOnTheTarget) {
  // Bytes 4 to 12: free in another layout, not here, where a pointer is at 8.
  driver_.rcrate.shapes[0].pieces.push_back(
      {driver_.rcrate.Add(rcrate::Expr{4, {}}), RACE_PIECE_VALUE, "", 8, driver_.io_bit_value});
  EXPECT_EQ(Refused(), Code::kShape);
}

TEST_F(ModuleTest, RefusesPiecesOutsideOfTheirShape) {
  for (int64_t offset : {int64_t{81}, int64_t{-1}, int64_t{1} << 40, INT64_MAX}) {
    driver_ = SampleRcrate();
    target_ = SampleTarget();
    driver_.rcrate.shapes[0].pieces[1].offset = driver_.rcrate.Add(rcrate::Expr{offset, {}});
    EXPECT_EQ(Refused(), Code::kShape) << offset;
  }
}

TEST_F(ModuleTest, RefusesShapesOfImpossibleSize) {
  for (int64_t size : {int64_t{-1}, int64_t{1} << 40}) {
    driver_ = SampleRcrate();
    target_ = SampleTarget();
    driver_.rcrate.shapes[0].size = driver_.rcrate.Add(rcrate::Expr{size, {}});
    EXPECT_EQ(Refused(), Code::kShape) << size;
  }
}

TEST_F(ModuleTest, RefusesAValueThatItsPieceIsTooNarrowFor) {
  driver_.rcrate.shapes[0].pieces[0].length = 1;
  driver_.rcrate.shapes[0].pieces[0].value = driver_.rcrate.Add(rcrate::Expr{256, {}});
  EXPECT_EQ(Refused(), Code::kRelocationOverflow);
}

TEST_F(ModuleTest, RefusesAShapeThatTheObjectDefines) {
  driver_.object[driver_.shape_symbol].section = driver_.text;
  EXPECT_EQ(Refused(), Code::kShape);
}

TEST_F(ModuleTest, RefusesReferencesToSectionsThatAreLeftOut) {
  elf::SectionId section = driver_.AddSection(".race.extra", 0, std::string(8, '\0'));
  driver_.Refer(60, R_X86_64_32S, driver_.AddSymbol("extra", STT_OBJECT, section));
  EXPECT_EQ(Refused(), Code::kRelocation);
}

TEST_F(ModuleTest, ChecksTheSameAsResolving) {
  driver_.object[driver_.text].bytes[7] = 1;
  CheckReport report = Check(driver_.File(), target_.Make(), nullptr);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.problems[0].error.code, Code::kOldValue);
}

}  // namespace
}  // namespace race::resolve
