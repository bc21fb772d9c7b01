// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/kernel_constants.h"
#include "build/layout_types.h"
#include "build/mir_items.h"
#include "build/mir_values.h"

namespace race::build {
namespace {

std::vector<std::string> Names(const std::vector<const MirBody*>& bodies) {
  std::vector<std::string> names;
  for (const MirBody* body : bodies) names.push_back(body->name + " " + body->impl);
  return names;
}

TEST(MirItems, ComparesNamesWhole) {
  Mir mir = ParseMir(
      "const <impl at x.rs:1:1: 1:7>::LEN: usize = const 1_usize;\n"
      "const <impl at x.rs:2:1: 2:7>::LEN: usize = const 2_usize;\n"
      "const inner::<impl at x.rs:1:1: 1:7>::LEN: usize = const 3_usize;\n"
      "const <impl at x.rs:3:1: 4:17>::S: usize = const 4_usize;\n"
      "const <impl at x.rs:5:1: 5:29>::S: usize = const 5_usize;\n"
      "const Tr::S: usize = const 6_usize;\nconst LEN: usize = const 7_usize;\n"
      "const <impl at gone.rs:1:1: 1:2>::OTHER: usize = const 8_usize;\n");
  NameImpls(&mir, [](const std::string& path) -> std::optional<std::string> {
    if (path != "x.rs") return std::nullopt;
    return "impl A { }\nimpl B { }\nunsafe impl inner::Tr\n    for a::C<u8> { }\n"
           "impl<T: Copy> Tr for Wrap<T> {";
  });
  const MirItems items(mir);
  using Found = std::vector<std::string>;
  EXPECT_EQ(Names(items.Find("A::LEN", "")), Found{"<impl at x.rs:1:1: 1:7>::LEN impl A"});
  EXPECT_EQ(Names(items.Find("B::LEN", "")), Found{"<impl at x.rs:2:1: 2:7>::LEN impl B"});
  EXPECT_EQ(Names(items.Find("inner::A::LEN", "")),
            Found{"inner::<impl at x.rs:1:1: 1:7>::LEN impl A"});
  EXPECT_EQ(Names(items.Find("inner::<impl A>::LEN", "")),
            Found{"inner::<impl at x.rs:1:1: 1:7>::LEN impl A"});
  EXPECT_EQ(Names(items.Find("LEN", "")), Found{"LEN "});
  EXPECT_TRUE(items.Find("C::LEN", "").empty());
  EXPECT_EQ(Names(items.Find("<C<u8> as inner::Tr>::S", "")),
            Found{"<impl at x.rs:3:1: 4:17>::S unsafe impl inner::Tr for a::C<u8>"});
  // A parameter may be any, and a type without an impl has the trait's own.
  EXPECT_EQ(items.Find("<T as Tr>::S", "").size(), 3u);
  // Whose impl it is cannot be read.
  EXPECT_EQ(items.Find("Any::OTHER", "").size(), 1u);
  EXPECT_TRUE(items.Find("kernel::Any::OTHER", "").empty());
}

TEST(MirItems, FindsAnotherCratesItemsByWhatTheDriverCallsThem) {
  Mir mir = ParseMir(
      "// MIR FOR CTFE\nfn ptr::<impl at ptr.rs:1:1: 1:15>::of() -> Alignment {\n}\n"
      "const ptr::<impl at ptr.rs:1:1: 1:15>::of::{constant#0}: usize = const 1_usize;\n"
      "const ptr::LEAST: usize = const 1_usize;\n"
      "// MIR FOR CTFE\nfn table::<impl at gone.rs:1:1: 1:15>::of() -> usize {\n}\n");
  for (MirBody& body : mir.bodies) body.crate = "kernel";
  NameImpls(&mir, [](const std::string& path) -> std::optional<std::string> {
    if (path != "ptr.rs") return std::nullopt;
    return "impl Alignment {";
  });
  const MirItems items(mir);
  EXPECT_EQ(items.Find("kernel::ptr::Alignment::of::<kernel::bindings::mutex>", "").size(), 1u);
  EXPECT_EQ(items.Find("kernel::prelude::Alignment::of::<u8>", "").size(), 1u);
  EXPECT_TRUE(items.Find("kernel::ptr::Other::of::<u8>", "").empty());
  EXPECT_EQ(items.Find("kernel::table::Any::of::<u8>", "").size(), 1u);
  EXPECT_TRUE(items.Find("ptr::Alignment::of::<u8>", "").empty());
  EXPECT_EQ(items.Find("ptr::Alignment::of::{constant#0}", "kernel").size(), 1u);
  EXPECT_EQ(items.Find("ptr::LEAST", "kernel").size(), 1u);
  EXPECT_TRUE(items.Find("kernel::bindings::LEAST", "").empty());
}

TEST(MirItems, FindsStatics) {
  const Mir mir = ParseMir(
      "static TAB: u8 = const 1_u8;\nstatic m::OTHER: u8 = const 2_u8;\n"
      "alloc26 (static: TAB, size: 1, align: 1) {\n}\n");
  const MirItems items(mir);
  EXPECT_EQ(items.FindStatic("<static(DefId(0:50 ~ t[cfce]::TAB))>").size(), 1u);
  EXPECT_EQ(items.FindStatic("<static(DefId(0:51 ~ t[cfce]::m::OTHER))>").size(), 1u);
  EXPECT_EQ(items.FindStatic("{alloc26: &u8}").size(), 1u);
  EXPECT_TRUE(items.FindStatic("<static(DefId(0:50 ~ t[cfce]::NONE))>").empty());
}

TEST(MirValues, SplitsStatements) {
  const auto assigned = MirAssigned("((*_12).3: [u8; 4])[_3] = move _4");
  ASSERT_TRUE(assigned);
  EXPECT_EQ(assigned->local, "_12");
  EXPECT_EQ(assigned->value, "move _4");
  EXPECT_FALSE(MirAssigned("StorageLive(_1)"));

  auto texts = [](std::string_view text) {
    std::vector<std::string> all;
    for (const MirOperand& operand : MirOperands(text)) all.push_back(operand.text);
    return all;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts("R::U { a: move _2, b: const <A as Tr>::S }"), (Texts{"_2", "<A as Tr>::S"}));
  EXPECT_EQ(texts("Lt(copy _3, const B::LEN)"), (Texts{"_3", "B::LEN"}));
  EXPECT_EQ(texts("move _1 as *const u8 (PtrToPtr)"), (Texts{"_1"}));
  EXPECT_EQ(texts("&raw const (*_2)"), Texts{});
  EXPECT_EQ(texts("[const \"a, const X\", const ','; 2]"), (Texts{"\"a, const X\"", "','"}));
  EXPECT_EQ(texts("core::ptr::const_ptr::<impl *const T>::cast::<u8>(move _1) -> [return: bb1]"),
            (Texts{"_1"}));

  const auto cast = MirCastOf("move _3 as &[u8] (PointerCoercion(Unsize, Implicit))");
  ASSERT_TRUE(cast);
  EXPECT_EQ(cast->kind, "PointerCoercion(Unsize, Implicit)");
  EXPECT_EQ(cast->type, "&[u8]");
  EXPECT_EQ(MirPointee("&'_ mut [u8]"), "[u8]");
  EXPECT_EQ(MirBorrowed("&raw mut (*_1)"), "(*_1)");
}

TEST(MirValues, SaysOfWhatTypePlacesAre) {
  const Mir mir = ParseMir(
      "const A: u8 = {\n    let mut _1: *const [Own; 4];\n    let _2: usize;\n    bb0: {\n    "
      "}\n}\n");
  auto type = [&](std::string_view place) {
    const auto steps = MirSteps(place, mir.bodies[0]);
    return steps ? steps->back().type : "none";
  };
  EXPECT_EQ(type("_2"), "usize");
  EXPECT_EQ(type("(*_1)"), "[Own; 4]");
  EXPECT_EQ(type("(*_1)[_2]"), "Own");
  EXPECT_EQ(type("((*_1)[_2].1: a::B<u8>)"), "a::B<u8>");
  EXPECT_EQ(type("(((*_1)[0 of 1] as Some).0: u8)"), "u8");
  EXPECT_EQ(type("what is this"), "none");
}

TEST(PrintedLayouts, SaysWhatMoves) {
  const std::string narrow =
      "print-type-size type: `kernel::bindings::mutex`: 32 bytes, alignment: 8 bytes\n"
      "print-type-size type: `Wrap<u8>`: 1 bytes, alignment: 1 bytes\n"
      "print-type-size type: `Wrap<kernel::bindings::mutex>`: 32 bytes, alignment: 8 bytes\n"
      "print-type-size type: `Holds<u8>`: 32 bytes, alignment: 8 bytes\n"
      "print-type-size type: `Either`: 32 bytes, alignment: 8 bytes\n"
      "print-type-size     variant `Either`: 32 bytes\n"
      "print-type-size         field `.m`: 32 bytes\n"
      "print-type-size         field `.b`: 16 bytes, offset: 0 bytes, alignment: 1 bytes\n"
      "print-type-size type: `Still`: 8 bytes, alignment: 8 bytes\n";
  std::string wide = narrow;
  for (size_t at; (at = wide.find("32 bytes")) != wide.npos;) wide.replace(at, 2, "96");
  const PrintedLayouts layouts(narrow, wide);
  EXPECT_TRUE(layouts.Moves("kernel::bindings::mutex", false));
  EXPECT_TRUE(layouts.Moves("bindings::mutex", false));
  EXPECT_TRUE(layouts.Moves("[(u8, kernel::bindings::mutex); 2]", false));
  EXPECT_TRUE(layouts.Moves("core::mem::MaybeUninit<kernel::bindings::mutex>", false));
  EXPECT_FALSE(layouts.Moves("&kernel::bindings::mutex", false));
  EXPECT_FALSE(layouts.Moves("Still", true));
  EXPECT_FALSE(layouts.Moves("Wrap<u8>", true));
  EXPECT_FALSE(layouts.Moves("Wrap<T>", false));
  EXPECT_TRUE(layouts.Moves("Wrap<T>", true));
  EXPECT_TRUE(layouts.Moves("Holds<T>", false));  // by itself
  EXPECT_TRUE(layouts.Moves("T", true));
  EXPECT_FALSE(layouts.Moves("T", false));
  EXPECT_TRUE(layouts.Moves("[u8; ?]", false));
  EXPECT_TRUE(layouts.Mentions("&kernel::bindings::mutex", false));
  EXPECT_TRUE(layouts.PathMentions(
      "core::ptr::const_ptr::<impl *const kernel::bindings::mutex>::cast::<u8>", false));
  EXPECT_TRUE(layouts.PathMentions("foo::<T>", true));
  EXPECT_FALSE(layouts.PathMentions("foo", true));
  EXPECT_FALSE(layouts.PathMentions("<u8 as Trait>::S", true));
  EXPECT_TRUE(layouts.IsUnion("Either"));
  EXPECT_FALSE(layouts.IsUnion("Still"));
}

TEST(KernelConstants, KeepsWhatIsEvaluatedAtCompileTime) {
  const std::string text =
      "const A: usize = const 32_usize;\n\n"
      "fn runs(_1: u8) -> u8 {\n    bb0: {\n        _0 = copy _1;\n    }\n}\n\n"
      "// MIR FOR CTFE\nfn b() -> usize {\n    let mut _0: usize;   // return place in scope 0 at "
      "rust/x.rs:1:1: 1:2\n\n    bb0: {\n        StorageLive(_1);\n        _0 = const 32_usize; // "
      "scope 0 at rust/x.rs:2:1: 2:2\n                    // mir::ConstOperand\n    }\n}\n"
      "alloc1 (size: 2) {\n    32 40\n}\n";
  std::string other = text;
  for (size_t at; (at = other.find("32_usize")) != other.npos;) other.replace(at, 2, "640");
  const Result<std::string> kept = CompileTimeMir(text, other);
  ASSERT_TRUE(kept) << kept.error().message;
  const Mir mir = ParseMir(*kept);
  ASSERT_EQ(mir.bodies.size(), 2u);
  EXPECT_EQ(mir.bodies[0].statements[0].text, "_0 = const ?_usize");
  EXPECT_EQ(mir.bodies[1].name, "b");
  EXPECT_EQ(mir.bodies[1].place, "x.rs:1");
  ASSERT_EQ(mir.bodies[1].statements.size(), 1u);
  EXPECT_EQ(mir.bodies[1].statements[0].text, "_0 = const ?_usize");
  EXPECT_FALSE(CompileTimeMir(text, "const A: usize = const 32_usize;\n"));
}

}  // namespace
}  // namespace race::build
