// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/foreign_items.h"
#include "steg_graph_builder.h"

namespace race::build {
namespace {

TEST(ForeignItems, AreFoundWhereverTheyStand) {
  const ForeignItems found = ParseForeignItems(
      "// extern \"C\" { fn none(); }\n"
      "type Word = u32;\n"
      "extern \"C\" fn own(a: u8) {\n"
      "    unsafe extern \"C\" {\n"
      "        #[link_name = \"real\"]\n"
      "        pub safe fn f(a: *const [u8; 4], b: Option<unsafe extern \"C\" fn(u8, u8) -> u8>,)\n"
      "            -> u64;\n"
      "        pub(crate) static mut S: [u32; 2];\n"
      "        fn v(format: *const u8, ...);\n"
      "    }\n"
      "}\n"
      "extern { fn g(_: Word) -> !; }\n");
  ASSERT_EQ(found.items.size(), 4u);
  EXPECT_EQ(found.items[0].name, "f");
  EXPECT_EQ(found.items[0].symbol, "real");
  EXPECT_EQ(found.items[0].parameters.size(), 2u);
  EXPECT_EQ(found.items[0].parameters[0], "*const [u8; 4]");
  EXPECT_EQ(found.items[0].type, "u64");
  EXPECT_EQ(found.items[1].name, "S");
  EXPECT_FALSE(found.items[1].is_function);
  EXPECT_EQ(found.items[1].type, "[u32; 2]");
  EXPECT_TRUE(found.items[2].is_variadic);
  EXPECT_EQ(found.items[2].parameters.size(), 1u);
  EXPECT_EQ(found.items[3].symbol, "g");
  EXPECT_EQ(found.items[3].type, "!");
  EXPECT_EQ(found.aliases.at("Word"), "u32");
}

TEST(ForeignItems, TextThatIsNoRustEnds) {
  for (const char* text : {"extern", "extern {", "extern \"C\" { fn", "extern { fn f(", "type",
                           "extern { static", "extern { #[", "extern { fn f(a: <"})
    ParseForeignItems(text);
}

struct Disagreements : testing::Test {
  steg::Builder build;
  const steg::NodeId type_int = build.Int("int", 4, STEG_INT_SIGNED);
  const steg::NodeId type_bool = build.Int("_Bool", 1, STEG_INT_BOOL);
  const steg::NodeId size = build.Typedef("size_t", build.Int("unsigned long", 8));
  const steg::NodeId state = build.Enum("state", 4, {{"ON", 1}});
  const steg::NodeId pointer = build.Pointer(steg::NodeId::kVoid);
  const steg::NodeId pair = build.Struct("pair", 16, {});
  const Bindings bindings = ParseBindings(
      "pub type state = ffi::c_uint;\n"
      "#[repr(C)]\npub struct pair {\n    pub a: u64,\n    pub b: u64,\n}\n");

  std::string Of(const std::string& item, steg::NodeId type) {
    const ForeignItems all =
        ParseForeignItems("type Word = u32; type Twice = Word; extern \"C\" { " + item + " }");
    EXPECT_EQ(all.items.size(), 1u) << item;
    return Disagreement(all.items[0], all, bindings, {}, build.graph, type);
  }
};

TEST_F(Disagreements, NoneWhereItIsTheSame) {
  const steg::NodeId proto = build.Proto(type_int, {pointer, size, state, type_bool});
  EXPECT_EQ(Of("fn f(a: &mut u8, b: usize, c: Twice, d: bool) -> i32;", proto), "");
  EXPECT_EQ(Of("fn f(a: Option<&u8>, b: kernel::ffi::c_ulong, c: bindings::state, d: bool) -> "
               "core::ffi::c_int;",
               proto),
            "");
  EXPECT_EQ(Of("fn f(a: Option<extern \"C\" fn(u8)>, b: u64, c: i32, d: bool) -> i32;", proto), "");
  EXPECT_EQ(Of("fn f();", build.Proto(steg::NodeId::kVoid, {})), "");
  EXPECT_EQ(Of("fn f() -> !;", build.Proto(steg::NodeId::kVoid, {})), "");
  EXPECT_EQ(Of("fn f(a: bindings::pair);", build.Proto(steg::NodeId::kVoid, {pair})), "");
  EXPECT_EQ(Of("static s: usize;", size), "");
  EXPECT_EQ(Of("static s: [u64; 2];", build.Array(size, 2)), "");
}

TEST_F(Disagreements, EveryKind) {
  const steg::NodeId proto = build.Proto(type_int, {pointer, size});
  for (const char* item : {
           "fn f(a: &u8) -> i32;",                   // fewer
           "fn f(a: &u8, b: usize, c: u8) -> i32;",  // more
           "fn f(a: &u8, b: usize, ...) -> i32;",    // any number
           "fn f(a: &u8, b: u32) -> i32;",           // width
           "fn f(a: &u8, b: isize) -> i32;",         // sign
           "fn f(a: usize, b: usize) -> i32;",       // no pointer
           "fn f(a: &u8, b: &u8) -> i32;",           // a pointer
           "fn f(a: &u8, b: usize) -> u32;",         // result
           "fn f(a: &u8, b: usize);",                // none
           "fn f(a: &[u8], b: usize) -> i32;",       // two words
           "fn f(a: &str, b: usize) -> i32;",
           "fn f(a: *const dyn Any, b: usize) -> i32;",
           "fn f(a: Own, b: usize) -> i32;",  // not known
           "static f: usize;",
       })
    EXPECT_NE(Of(item, proto), "") << item;
  EXPECT_NE(Of("fn f(a: u8);", build.Proto(steg::NodeId::kVoid, {type_bool})), "");
  EXPECT_NE(Of("fn f(a: pair);", build.Proto(steg::NodeId::kVoid, {pair})), "");
  EXPECT_NE(Of("fn f();", size), "");
  EXPECT_NE(Of("static s: u32;", size), "");
  EXPECT_NE(Of("static s: [u64; 3];", build.Array(size, 2)), "");
}

}  // namespace
}  // namespace race::build
