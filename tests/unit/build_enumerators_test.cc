// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/enumerators.h"
#include "build_ir.h"
#include "kernel_test_folder.h"

namespace race::build {
namespace {

using Names = std::map<std::string, unsigned>;

TEST(Enumerators, AreWhatIsNamedInTheBindings) {
  EXPECT_EQ(BindingsNamed("let a = bindings::irqreturn_IRQ_NONE;\n"
                          "return crate::bindings::phy_state_PHY_UP as u32;"),
            (Names{{"irqreturn_IRQ_NONE", 1}, {"phy_state_PHY_UP", 2}}));
}

TEST(Enumerators, CountWhereTheyAreNamedFirst) {
  EXPECT_EQ(BindingsNamed("\n\nbindings::A;\nbindings::B;\nbindings::A;"),
            (Names{{"A", 3}, {"B", 4}}));
}

TEST(Enumerators, MayBeNamedInAList) {
  EXPECT_EQ(BindingsNamed("use bindings::{\n    A, B as C,\n    self,\n};\nbindings::D"),
            (Names{{"A", 2}, {"B", 2}, {"C", 2}, {"as", 2}, {"self", 3}, {"D", 5}}));
  EXPECT_EQ(BindingsNamed("use bindings::{A"), (Names{{"A", 1}}));
}

TEST(Enumerators, AreNotNamedByComments) {
  EXPECT_EQ(BindingsNamed("  /// Corresponds to `bindings::A`.\nbindings::B"), (Names{{"B", 2}}));
  EXPECT_TRUE(BindingsNamed("// bindings::A").empty());
}

TEST(Enumerators, AreInAStatement) {
  EXPECT_EQ(MentionsOfBindings("if a {\n    f(\n        1,\n        bindings::A,\n    );\n}\n"
                               "const B: u32 = bindings::B;"),
            (std::vector<Mention>{{"A", 2, 4}, {"B", 7, 7}}));
}

// Behind code, // may be in a string: rather one name too many.
TEST(Enumerators, AreNotMissedBehindSlashes) {
  EXPECT_EQ(BindingsNamed("f(\"a://b\", bindings::A); // bindings::B"),
            (Names{{"A", 1}, {"B", 1}}));
}

TEST(Enumerators, MayBeNamedWithoutTheModule) {
  for (const char* hiding :
       {"use kernel::bindings::*;", "use kernel::bindings as b;", "use crate::{bindings as b, c};",
        "use bindings::{self as b, A};", "use bindings::{\n  A, *\n};", "bindings::$name"})
    EXPECT_TRUE(RenamesBindings(hiding)) << hiding;
  for (const char* plain : {"use kernel::bindings;", "use kernel::{bindings, c as d};",
                            "use bindings::{self, A};", "bindings::A as u32", "// bindings::*", ""})
    EXPECT_FALSE(RenamesBindings(plain)) << plain;
  EXPECT_EQ(
      MentionsOfNames("let a =\n    b::A + 1;"),
      (std::vector<Mention>{{"let", 1, 1}, {"a", 1, 1}, {"b", 1, 2}, {"A", 1, 2}, {"1", 1, 2}}));
}

TEST(Enumerators, MayBeNamedAsAnotherFileOfTheDriverImportsThem) {
  kernel::TestFolder folder;
  const std::set<std::string> files = {
      folder.Write("driver/a.rs", "f(b::A)"), folder.Write("driver/c/d.rs", "f(b::D)"),
      folder.Write("driver/m.rs", "pub use kernel::bindings as b;"),
      folder.Write("kernel/e.rs", "f(b::E, bindings::F)")};
  const auto named = BindingsNamedIn(files, folder / "driver");
  for (const char* name : {"A", "D", "F"}) EXPECT_EQ(named.count(name), 1u) << name;
  EXPECT_EQ(named.count("E"), 0u);
  const auto of_others = BindingsNamedIn(files, folder / "kernel");
  EXPECT_EQ(of_others.count("A"), 0u);
}

TEST(Enumerators, AreNotNamedByAPathThatEnds) {
  EXPECT_TRUE(BindingsNamed("use crate::bindings;\nbindings::*").empty());
  EXPECT_TRUE(BindingsNamed("bindings::").empty());
  EXPECT_TRUE(BindingsNamed("").empty());
}

// f() is of a.rs and has inlined a function of b.rs; c.rs lies elsewhere.
constexpr const char* kFunctions = R"(
define void @f() !dbg !5 { ret void, !dbg !9 }
define void @g() !dbg !8 { ret void }
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!1}
!0 = distinct !DICompileUnit(language: DW_LANG_Rust, file: !2, isOptimized: true, emissionKind: FullDebug)
!1 = !{i32 2, !"Debug Info Version", i32 3}
!2 = !DIFile(filename: "/tree/rust/a.rs", directory: "")
!3 = !DIFile(filename: "rust/b.rs", directory: "/tree")
!4 = !DIFile(filename: "/tree/rusty/c.rs", directory: "")
!5 = distinct !DISubprogram(name: "f", file: !2, line: 1, type: !6, unit: !0, spFlags: DISPFlagDefinition)
!6 = !DISubroutineType(types: !{})
!7 = distinct !DISubprogram(name: "h", file: !3, line: 1, type: !6, unit: !0, spFlags: DISPFlagDefinition)
!8 = distinct !DISubprogram(name: "g", file: !4, line: 1, type: !6, unit: !0, spFlags: DISPFlagDefinition)
!9 = !DILocation(line: 2, scope: !7, inlinedAt: !10)
!10 = distinct !DILocation(line: 3, scope: !5)
)";

TEST(Enumerators, AreThoseOfTheFilesThatTheCodeComesFrom) {
  Modules modules;
  const llvm::Module* module = modules.Parse(kFunctions);
  ASSERT_NE(module, nullptr);
  EXPECT_EQ(SourceFiles(*module, {"/tree/rust"}),
            (std::set<std::string>{"/tree/rust/a.rs", "/tree/rust/b.rs"}));
  EXPECT_TRUE(SourceFiles(*module, {"/other"}).empty());
}

TEST(Enumerators, AreAlsoThoseOfFilesWithoutCode) {
  const kernel::TestFolder folder;
  folder.Write("a.c", "");
  folder.Write("inner/b.rs", "");
  EXPECT_EQ(SourceFilesBelow(folder / "."), std::set<std::string>{folder / "./inner/b.rs"});
  EXPECT_TRUE(SourceFilesBelow(folder / "no-such").empty());
}

TEST(Enumerators, HaveThePlaceThatNamesThem) {
  const kernel::TestFolder folder;
  const std::string file = folder.Write("a.rs", "\nbindings::A");
  EXPECT_EQ(BindingsNamedIn({file, folder / "no-such.rs"}, "/driver"),
            (std::map<std::string, std::string>{{"A", file + ":2"}}));
}

TEST(MembersNamed, AreBehindTheUnnamedOnes) {
  using Names = std::set<std::string>;
  EXPECT_EQ(MembersNamed("fn f() { (*p).__bindgen_anon_1.flags; other.count }"), Names{"flags"});
  EXPECT_EQ(MembersNamed("(*p).__bindgen_anon_1\n    .__bindgen_anon_2.as_ref()\n .kvec"),
            Names{"kvec"});
  EXPECT_EQ(MembersNamed("unsafe { (&raw mut (*p).__bindgen_anon_1).as_mut() }.a;"),
            (Names{"unsafe", "raw", "mut", "p", "__bindgen_anon_1", "as_mut", "a"}));
  EXPECT_EQ(MembersNamed("offset_of!(T, __bindgen_anon_1.a), x.b"), Names{"a"});
  // What is done with the whole may be done with any.
  EXPECT_EQ(MembersNamed("p.__bindgen_anon_1.cast::<u8>(); p.__bindgen_anon_2.b").count("cast"),
            1u);
  EXPECT_EQ(MembersNamed("let u = p.__bindgen_anon_1; q.x").count("x"), 1u);
  EXPECT_TRUE(MembersNamed("p.x").empty());
}

}  // namespace
}  // namespace race::build
