// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "build/object_check.h"
#include "rcrate/elf_object.h"
#include "support/file.h"

namespace race::build {
namespace {

TEST(ModuleSections, AreKnown) {
  for (const char* name :
       {".text", ".text.f", ".text.unlikely.", ".init.text", ".rodata.str1.1", ".rodata..Lanon",
        ".data..ro_after_init", ".bss.x", "__bug_table", ".note.gnu.property", "__param"})
    EXPECT_TRUE(IsModuleSection(name)) << name;
  for (const char* name : {".data..percpu", ".data..percpu..shared_aligned", ".mine", "__ksymtab",
                           ".initcall6.init", ".tdata", "", ".rodata..mine"})
    EXPECT_FALSE(IsModuleSection(name)) << name;
}

// Two functions, at 0 and 16; the first begins with endbr64.
struct ObjectCheck : testing::Test {
  elf::Object object;
  elf::SectionId text, data;
  elf::SymbolId with, without;
  rcrate::Rcrate rcrate;

  ObjectCheck() {
    object.symbols.emplace_back();
    object.sections.emplace_back();
    text = Section(".text", SHF_ALLOC | SHF_EXECINSTR, "\xf3\x0f\x1e\xfa");
    object[text].bytes.resize(32, '\x90');
    data = Section(".data", SHF_ALLOC | SHF_WRITE, std::string(32, '\0'));
    with = Function("with", 0);
    without = Function("without", 16);
  }
  elf::SectionId Section(const char* name, uint64_t flags, const std::string& bytes) {
    elf::Section section;
    section.name = name;
    section.type = SHT_PROGBITS;
    section.flags = flags;
    section.align = 16;
    section.bytes = bytes;
    return object.Add(std::move(section));
  }
  elf::SymbolId Function(const char* name, uint64_t at) {
    elf::Symbol symbol;
    symbol.name = name;
    symbol.type = STT_FUNC;
    symbol.binding = STB_LOCAL;
    symbol.section = text;
    symbol.value = at;
    symbol.size = 16;
    return object.Add(std::move(symbol));
  }
  // "" when nothing is wrong.
  std::string Check(bool tracks = true) {
    const std::string path = testing::TempDir() + "object_check.o";
    EXPECT_TRUE(WriteFileAtomically(path, elf::WriteObject(object)));
    const Status checked = CheckObject(path, rcrate, tracks);
    std::filesystem::remove(path);
    return checked ? "" : checked.error().message;
  }
};

TEST_F(ObjectCheck, LooksAtFunctionsWhoseAddressIsTaken) {
  EXPECT_EQ(Check(), "");
  object[data].relocations.push_back({0, R_X86_64_64, with, 0});
  EXPECT_EQ(Check(), "");
  object[data].relocations.push_back({8, R_X86_64_64, without, 0});
  EXPECT_NE(Check().find("without"), std::string::npos);
  EXPECT_EQ(Check(false), "");
}

TEST_F(ObjectCheck, TellsCallsFromAddresses) {
  object[text].bytes[4] = '\xe8';
  object[text].relocations.push_back({5, R_X86_64_PLT32, without, -4});
  EXPECT_EQ(Check(), "");
  object[text].bytes.replace(9, 3, "\x48\x8d\x05");  // lea
  object[text].relocations.push_back({12, R_X86_64_PC32, without, -4});
  EXPECT_NE(Check().find("without"), std::string::npos);
}

TEST_F(ObjectCheck, LooksAtAddressesThatTheResolverWrites) {
  rcrate.shapes.push_back({});
  rcrate.shapes[0].pieces.push_back({});
  rcrate.shapes[0].pieces[0].kind = RACE_PIECE_ADDRESS;
  rcrate.shapes[0].pieces[0].data = "with";
  EXPECT_EQ(Check(), "");
  // objtool did not see it.
  const elf::SectionId seal = Section(".ibt_endbr_seal", SHF_ALLOC, std::string(4, '\0'));
  object[seal].relocations.push_back({0, R_X86_64_PC32, with, 0});
  EXPECT_NE(Check().find("overwrite"), std::string::npos);
  rcrate.shapes[0].pieces[0].data = "without";
  EXPECT_NE(Check().find("endbr64"), std::string::npos);
}

TEST_F(ObjectCheck, NamesSectionsThatNoModuleHas) {
  Section(".mine", SHF_ALLOC, "x");
  EXPECT_NE(Check().find(".mine"), std::string::npos);
}

}  // namespace
}  // namespace race::build
