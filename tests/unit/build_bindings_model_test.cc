// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/bindings_model.h"

namespace race::build {
namespace {

const Aggregate& Find(const Bindings& bindings, const char* name) {
  return bindings.aggregates.at(bindings.index.at(name));
}

TEST(BindingsModel, ReadsFieldsAndTheirTypes) {
  Bindings bindings = ParseBindings(R"(
#[repr(C)]
#[derive(Copy, Clone)]
pub struct plain {
    pub a: ffi::c_int,
    pub b: *mut plain,
    pub call: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut plain, arg2: ffi::c_ulong) -> ffi::c_int,
    >,
    pub c: [u8; 3usize],
}
pub type plain_t = plain;
)");
  const Aggregate& plain = Find(bindings, "plain");
  EXPECT_TRUE(plain.repr_c);
  EXPECT_FALSE(plain.is_union);
  ASSERT_EQ(plain.fields.size(), 4u);
  EXPECT_EQ(plain.fields[1].type, "*mut plain");
  EXPECT_EQ(plain.fields[2].name, "call");
  EXPECT_EQ(bindings.lines[plain.fields[3].line], "    pub c: [u8; 3usize],");
  LayoutEngine engine(bindings);
  const Layout& layout = engine.Of(plain);
  EXPECT_EQ(layout.offsets, (std::vector<uint64_t>{0, 8, 16, 24}));
  EXPECT_EQ(layout.size, 32u);
  EXPECT_EQ(layout.align, 8u);
  EXPECT_EQ(ByValueAggregate(bindings, "[plain_t; 2]"), &plain);
  EXPECT_EQ(ByValueAggregate(bindings, "*mut plain"), nullptr);
}

TEST(BindingsModel, LaysOutUnions) {
  Bindings bindings = ParseBindings(R"(
#[repr(C)]
pub union either {
    pub word: u64,
    pub bytes: [u8; 13usize],
}
#[repr(C)]
pub struct outer {
    pub tag: u8,
    pub __bindgen_anon_1: either,
}
)");
  EXPECT_TRUE(Find(bindings, "either").is_union);
  LayoutEngine engine(bindings);
  EXPECT_EQ(engine.Of(Find(bindings, "either")).size, 16u);
  EXPECT_EQ(engine.Of(Find(bindings, "outer")).offsets[1], 8u);
}

TEST(BindingsModel, LaysOutPackedAndAlignedTypes) {
  Bindings bindings = ParseBindings(R"(
#[repr(C, packed)]
pub struct tight {
    pub a: u8,
    pub b: u64,
}
#[repr(C, packed(2))]
pub struct two {
    pub a: u8,
    pub b: u64,
}
#[repr(C)]
#[repr(align(64))]
pub struct line {
    pub a: u8,
}
)");
  LayoutEngine engine(bindings);
  EXPECT_EQ(Find(bindings, "tight").packed, 1u);
  EXPECT_FALSE(Find(bindings, "tight").repr_c);
  EXPECT_EQ(engine.Of(Find(bindings, "tight")).size, 9u);
  EXPECT_EQ(engine.Of(Find(bindings, "two")).offsets[1], 2u);
  EXPECT_EQ(engine.Of(Find(bindings, "two")).size, 10u);
  EXPECT_EQ(engine.Of(Find(bindings, "line")).size, 64u);
}

TEST(BindingsModel, LaysOutBitfields) {
  Bindings bindings = ParseBindings(R"(
#[repr(C)]
pub struct flags {
    pub a: u32,
    pub _bitfield_align_1: [u8; 0],
    pub _bitfield_1: __BindgenBitfieldUnit<[u8; 2usize]>,
    pub b: u16,
}
)");
  LayoutEngine engine(bindings);
  const Layout& layout = engine.Of(Find(bindings, "flags"));
  EXPECT_EQ(layout.offsets, (std::vector<uint64_t>{0, 4, 4, 6}));
  EXPECT_EQ(layout.size, 8u);
}

TEST(BindingsModel, KnowsWhatIsOnlyDeclared) {
  Bindings bindings = ParseBindings(R"(
#[repr(C)]
pub struct hidden {
    _unused: [u8; 0],
}
pub struct number(pub ffi::c_uint);
)");
  EXPECT_TRUE(Find(bindings, "hidden").incomplete);
  EXPECT_TRUE(Find(bindings, "number").tuple);
  EXPECT_FALSE(Find(bindings, "number").repr_c);
}

TEST(BindingsModel, FindsTypesThatFunctionsTakeByValue) {
  Bindings bindings = ParseBindings(R"(
#[repr(C)]
pub struct taken {
    pub a: u64,
}
#[repr(C)]
pub struct given {
    pub a: u64,
}
#[repr(C)]
pub struct called {
    pub a: u64,
}
#[repr(C)]
pub struct pointed {
    pub f: ::core::option::Option<unsafe extern "C" fn(arg1: called) -> ffi::c_int>,
}
unsafe extern "C" {
    pub fn take(value: taken, at: *mut pointed);
    pub fn give(at: *const pointed) -> given;
}
)");
  EXPECT_EQ(bindings.by_value.count("taken"), 1u);
  EXPECT_EQ(bindings.by_value.count("given"), 1u);
  EXPECT_EQ(bindings.by_value.count("called"), 1u);
  EXPECT_EQ(bindings.by_value.count("pointed"), 0u);
  EXPECT_NE(bindings.by_value.at("given").find("give"), std::string::npos);
}

TEST(BindingsModel, PaddingMovesFieldsAndKeepsTheAlignment) {
  Bindings bindings = ParseBindings(R"(
#[repr(C)]
pub struct small {
    pub a: u32,
    pub b: u32,
}
)");
  LayoutEngine engine(bindings);
  const Aggregate& small = Find(bindings, "small");
  EXPECT_EQ(engine.Unit(small), 4u);
  engine.Set(small, {{1, 2, 3}});
  EXPECT_EQ(engine.Of(small).offsets, (std::vector<uint64_t>{4, 16}));
  EXPECT_EQ(engine.Of(small).size, 32u);
  EXPECT_EQ(engine.Of(small).align, 4u);
  EXPECT_EQ(engine.UnpaddedSize(small), 8u);
}

}  // namespace
}  // namespace race::build
