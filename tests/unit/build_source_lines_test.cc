// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/source_lines.h"
#include "build_ir.h"

namespace race::build {
namespace {

TEST(SourceLines, AreThoseOfInlinedCodeAndOfWhereItWasPut) {
  Modules modules;
  const llvm::Module* module = modules.Parse(R"(
define void @f() !dbg !4 {
  call void @g(), !dbg !8
  call void @g(), !dbg !9
  ret void
}
declare void @g()
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!3}
!0 = distinct !DICompileUnit(language: DW_LANG_Rust, file: !1, emissionKind: FullDebug)
!1 = !DIFile(filename: "driver.rs", directory: "/driver")
!2 = !DIFile(filename: "/tree/rust/kernel/print.rs", directory: "/elsewhere")
!3 = !{i32 2, !"Debug Info Version", i32 3}
!4 = distinct !DISubprogram(name: "f", file: !1, line: 3, type: !5, unit: !0, spFlags: DISPFlagDefinition)
!5 = !DISubroutineType(types: !6)
!6 = !{null}
!7 = distinct !DISubprogram(name: "inlined", file: !2, line: 110, type: !5, unit: !0, spFlags: DISPFlagDefinition)
!8 = !DILocation(line: 111, scope: !7, inlinedAt: !10)
!9 = !DILocation(line: 0, scope: !4)
!10 = distinct !DILocation(line: 5, scope: !4)
)");
  ASSERT_NE(module, nullptr);
  EXPECT_EQ(LinesOf(*module),
            (SourceLines{{"/driver/driver.rs", {5}}, {"/tree/rust/kernel/print.rs", {111}}}));
}

TEST(SourceLines, WithoutDebugInformationThereAreNone) {
  Modules modules;
  const llvm::Module* module = modules.Parse("define void @f() { ret void }");
  ASSERT_NE(module, nullptr);
  EXPECT_TRUE(LinesOf(*module).empty());
}

}  // namespace
}  // namespace race::build
