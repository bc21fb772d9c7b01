// SPDX-License-Identifier: GPL-2.0-only
#include "build/used_types.h"
#include "build_ir.h"

namespace race::build {
namespace {

// Two statics: @used, a pointer to a struct that holds another, and @table, a struct.
constexpr const char* kStatics = R"(
@used = global ptr null, !dbg !3
@table = constant [4 x i8] zeroinitializer, !dbg !8

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!13}
!0 = distinct !DICompileUnit(language: DW_LANG_Rust, file: !1, emissionKind: FullDebug, globals: !2)
!1 = !DIFile(filename: "a.rs", directory: "")
!2 = !{!3, !8}
!3 = !DIGlobalVariableExpression(var: !4, expr: !DIExpression())
!4 = distinct !DIGlobalVariable(name: "used", file: !1, type: !5)
!5 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !6, size: 64)
!6 = !DICompositeType(tag: DW_TAG_structure_type, name: "outer", file: !1, size: 32, elements: !7)
!7 = !{!12}
!8 = !DIGlobalVariableExpression(var: !9, expr: !DIExpression())
!9 = distinct !DIGlobalVariable(name: "table", file: !1, type: !10)
!10 = !DICompositeType(tag: DW_TAG_structure_type, name: "id", file: !1, size: 32, elements: !11)
!11 = !{}
!12 = !DIDerivedType(tag: DW_TAG_member, name: "m", file: !1, baseType: !14, size: 32)
!13 = !{i32 2, !"Debug Info Version", i32 3}
!14 = !DICompositeType(tag: DW_TAG_structure_type, name: "inner", file: !1, size: 32, elements: !11)
)";

TEST(UsedTypesTest, OfStaticsThatAreReferredTo) {
  Modules modules;
  const llvm::Module* module = modules.Parse(std::string(kStatics) +
                                             "define ptr @f() { ret ptr @used }\n"
                                             "define ptr @g() { ret ptr @table }\n");
  ASSERT_NE(module, nullptr);
  EXPECT_EQ(UsedTypes(*module), (std::set<std::string>{"outer", "inner", "id"}));
}

TEST(UsedTypesTest, NotOfATableThatNothingRefersTo) {
  Modules modules;
  const llvm::Module* module =
      modules.Parse(std::string(kStatics) + "define ptr @f() { ret ptr @used }\n");
  ASSERT_NE(module, nullptr);
  EXPECT_EQ(UsedTypes(*module), (std::set<std::string>{"outer", "inner"}));
}

TEST(UsedTypesTest, OfWhatIsToBeKept) {
  Modules modules;
  const llvm::Module* module = modules.Parse(
      std::string(kStatics) + "@llvm.used = appending global [1 x ptr] [ptr @table]\n");
  ASSERT_NE(module, nullptr);
  EXPECT_EQ(UsedTypes(*module), (std::set<std::string>{"id"}));
}

}  // namespace
}  // namespace race::build
