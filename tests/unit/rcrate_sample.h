// SPDX-License-Identifier: GPL-2.0-only
//
// A small .rcrate and a kernel that it fits, for tests to spoil.
#pragma once

#include <elf.h>
#include <gtest/gtest.h>

#include <string>

#include "kernel/target.h"
#include "rcrate/race_section_writer.h"
#include "rcrate/rcrate_file.h"
#include "steg/binary.h"
#include "steg_graph_builder.h"

namespace race {

// The types that driver and kernel agree on by name; what differs are numbers.
struct SampleTypes {
  uint64_t private_data_at = 24;
  uint64_t file_size = 184;
  uint64_t miscdevice_size = 80;
  uint64_t io_bit = 6;
  steg::Builder build;
  steg::NodeId type_int, type_char, pointer, file, miscdevice, message, register_proto;

  // After the numbers above are set.
  void Make() {
    using steg::Builder;
    type_int = build.Int("int", 4, STEG_INT_SIGNED);
    type_char = build.Int("char", 1, STEG_INT_SIGNED);
    pointer = build.Pointer(steg::NodeId::kVoid);
    file = build.Struct("file", file_size,
                        {Builder::At(4, "f_mode", type_int),
                         Builder::At(private_data_at, "private_data", pointer)});
    miscdevice = build.Struct(
        "miscdevice", miscdevice_size,
        {Builder::At(0, "minor", type_int), Builder::At(8, "name", build.Pointer(type_char))});
    message = build.Struct("pm_message", 4, {Builder::At(0, "event", type_int)});
    register_proto = build.Proto(type_int, {build.Pointer(miscdevice)});
    build.Enum("", 4, {{"___GFP_DMA_BIT", 0}, {"___GFP_IO_BIT", io_bit}});
  }
  steg::NodeId Function(const char* name, steg::NodeId proto) {
    return build.To(STEG_FUNC, proto, name);
  }
};

// The driver, before it is written: tests change what they are about.
struct SampleRcrate {
  SampleTypes types;
  rcrate::Rcrate rcrate;
  elf::Object object;

  rcrate::ContractId private_data, miscdevice_size, register_function, memcpy_function, io_bit,
      message;
  rcrate::ExprId zero, eight, off_private_data, own_size, io_bit_value, size_miscdevice;
  elf::SectionId text;
  elf::SymbolId off_symbol, expr_symbol, enum_symbol, shape_symbol, open_function;

  SampleRcrate() {
    types.Make();
    Describe();
    MakeObject();
  }

  void Describe() {
    auto type = [](steg::NodeId id) { return steg::Index(id); };
    rcrate.manifest = {{"format", "1"},       {"producer", "test"},   {"module", "sample"},
                       {"license", "GPL"},    {"alias", "char:10-1"}, {"retpoline", "Y"},
                       {"author", "Somebody"}};
    private_data =
        rcrate.Add(rcrate::Contract{RACE_CONTRACT_FIELD, "struct file", "private_data",
                                    type(types.pointer), 8, 24, 8, 4096, "driver.rs:10"});
    miscdevice_size =
        rcrate.Add(rcrate::Contract{RACE_CONTRACT_SIZE, "struct miscdevice", "",
                                    type(types.miscdevice), 8, 80, 16, 1000, "driver.rs:20"});
    register_function =
        rcrate.Add(rcrate::Contract{RACE_CONTRACT_FUNCTION, "misc_register", "",
                                    type(types.register_proto), 0, 0, 0, 0, "driver.rs:21"});
    memcpy_function = rcrate.Add(
        rcrate::Contract{RACE_CONTRACT_FUNCTION, "memcpy", "", RACE_NO_TYPE, 0, 0, 0, 0, ""});
    io_bit = rcrate.Add(rcrate::Contract{RACE_CONTRACT_ENUMERATOR, "", "___GFP_IO_BIT",
                                         RACE_NO_TYPE, 0, 6, 0, 31, "driver.rs:22"});
    message = rcrate.Add(rcrate::Contract{RACE_CONTRACT_FROZEN, "struct pm_message", "",
                                          type(types.message), 0, 0, 0, 0, "driver.rs:23"});

    zero = rcrate.Add(rcrate::Expr{0, {}});
    eight = rcrate.Add(rcrate::Expr{8, {}});
    off_private_data = rcrate.Add(rcrate::Expr{0, {{1, private_data, 0}}});
    own_size = rcrate.Add(rcrate::Expr{40, {{1, miscdevice_size, 16}}});
    io_bit_value = rcrate.Add(rcrate::Expr{0, {{1, io_bit, 0}}});
    size_miscdevice = rcrate.Add(rcrate::Expr{0, {{1, miscdevice_size, 0}}});

    rcrate.symbols = {{"race:off:file.private_data", off_private_data},
                      {"race:expr:1", own_size},
                      {"race:enum:___GFP_IO_BIT", io_bit_value}};
    rcrate.rooms = {{own_size, "driver.rs:30", 200}};
    rcrate::Shape shape{"race_shape_0", ".rodata", 32, size_miscdevice, {}};
    shape.pieces.push_back({zero, RACE_PIECE_VALUE, "", 4, io_bit_value});
    shape.pieces.push_back({eight, RACE_PIECE_ADDRESS, "sample_open", 8, off_private_data});
    rcrate.shapes = {shape};
  }

  elf::SectionId AddSection(const char* name, uint64_t flags, std::string bytes) {
    elf::Section section;
    section.name = name;
    section.type = SHT_PROGBITS;
    section.flags = flags;
    section.align = 16;
    section.bytes = std::move(bytes);
    return object.Add(std::move(section));
  }
  elf::SymbolId AddSymbol(const char* name, uint8_t type = STT_NOTYPE,
                          elf::SectionId section = elf::SectionId::kUndefined) {
    elf::Symbol symbol;
    symbol.name = name;
    symbol.binding = STB_GLOBAL;
    symbol.type = type;
    symbol.section = section;
    return object.Add(std::move(symbol));
  }
  void Refer(uint64_t offset, uint32_t type, elf::SymbolId symbol, int64_t addend = 0) {
    object[text].relocations.push_back({offset, type, symbol, addend});
  }

  void MakeObject() {
    object.sections.resize(1);
    object.sections[0].removed = true;
    object.symbols.resize(1);
    text = AddSection(".text", SHF_ALLOC | SHF_EXECINSTR, std::string(64, '\0'));
    elf::SectionId init = AddSection(".init.text", SHF_ALLOC | SHF_EXECINSTR, "\x31\xc0\xc3");
    elf::SectionId exit = AddSection(".exit.text", SHF_ALLOC | SHF_EXECINSTR, "\xc3");
    AddSection(".modinfo", SHF_ALLOC,
               std::string("license=GPL\0vermagic=old\0parm=a:b\0name=x\0", 42));
    AddSymbol("init_module", STT_FUNC, init);
    AddSymbol("cleanup_module", STT_FUNC, exit);
    open_function = AddSymbol("sample_open", STT_FUNC, text);
    off_symbol = AddSymbol("race:off:file.private_data");
    expr_symbol = AddSymbol("race:expr:1");
    enum_symbol = AddSymbol("race:enum:___GFP_IO_BIT");
    shape_symbol = AddSymbol("race_shape_0");
    Refer(4, R_X86_64_32S, off_symbol, 2);
    Refer(16, R_X86_64_64, expr_symbol);
    Refer(30, R_X86_64_8, enum_symbol);
    Refer(40, R_X86_64_PLT32, AddSymbol("misc_register"), -4);
    Refer(48, R_X86_64_32S, shape_symbol);
    Refer(52, R_X86_64_32S, AddSymbol("__this_module"));
    Refer(56, R_X86_64_PLT32, AddSymbol("memcpy"), -4);
  }

  std::string Bytes() const {
    elf::Object whole = object;
    for (bool steg : {false, true}) {
      elf::Section section;
      section.name = steg ? RACE_STEG_SECTION : RACE_SECTION;
      section.type = SHT_PROGBITS;
      section.align = 8;
      section.bytes = steg ? steg::WriteBinary(types.build.graph) : WriteRaceSection(rcrate);
      whole.Add(std::move(section));
    }
    return elf::WriteObject(whole);
  }

  rcrate::RcrateFile File() const {
    auto file = rcrate::ParseRcrate(Bytes(), "sample.rcrate");
    EXPECT_TRUE(file) << file.error().Text();
    return file ? std::move(*file) : rcrate::RcrateFile();
  }
};

// The kernel.  Its layouts are others than the driver's base kernel's.
struct SampleTarget {
  static constexpr uint64_t kName = 24, kInit = 304, kExit = 1208, kModuleSize = 1280;

  SampleTypes types;
  kernel::Target target;

  SampleTarget() {
    types.private_data_at = 56;
    types.miscdevice_size = 88;
    types.io_bit = 7;
    target.origin = "vmlinuz-9.8.7";
    target.release = "9.8.7";
    target.vermagic = "9.8.7 SMP preempt mod_unload ";
    target.machine = EM_X86_64;
    target.exports = {{"misc_register", {true, "", ""}}, {"memcpy", {false, "", ""}}};
  }

  // After the numbers are set; `more` may add to the graph.
  template <typename More>
  const kernel::Target& Make(More more) {
    types.Make();
    AddModule();
    more(&types);
    target.types = types.build.graph;
    return target;
  }
  const kernel::Target& Make() {
    return Make([](SampleTypes* t) { t->Function("misc_register", t->register_proto); });
  }

 private:
  void AddModule() {
    using steg::Builder;
    steg::NodeId function =
        types.build.Pointer(types.build.Proto(types.type_int, std::vector<steg::NodeId>{}));
    types.build.Struct(
        "module", kModuleSize,
        {Builder::At(kName, "name", types.build.Array(types.type_char, 56)),
         Builder::At(kInit, "init", function), Builder::At(kExit, "exit", function)});
  }
};

}  // namespace race
