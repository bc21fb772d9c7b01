// SPDX-License-Identifier: GPL-2.0-only
#include <cstdlib>
#include <filesystem>

#include "build/c_layouts.h"
#include "build_ir.h"
#include "support/file.h"

namespace race::build {
namespace {

// A static of the type CRATE::Own, whose members are: a, the lock, b.  The alignment in bits
// is the lock's in drivers.
std::string Program(unsigned place_of_lock, const std::string& first_member_bits) {
  const std::string place = std::to_string(place_of_lock * 8);
  return R"(
@used = global ptr null, !dbg !3
define ptr @f() { ret ptr @used }
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!13}
!0 = distinct !DICompileUnit(language: DW_LANG_Rust, file: !1, emissionKind: FullDebug, globals: !2)
!1 = !DIFile(filename: "a.rs", directory: "")
!2 = !{!3}
!3 = !DIGlobalVariableExpression(var: !4, expr: !DIExpression())
!4 = distinct !DIGlobalVariable(name: "used", file: !1, type: !6)
!5 = !DINamespace(name: "driver", scope: null)
!6 = !DICompositeType(tag: DW_TAG_structure_type, name: "Own", scope: !5, file: !1, size: 2048, align: 64, elements: !7)
!7 = !{!8, !9, !10}
!8 = !DIDerivedType(tag: DW_TAG_member, name: "a", file: !1, baseType: !14, size: )" +
         first_member_bits + R"()
!9 = !DIDerivedType(tag: DW_TAG_member, name: "lock", file: !1, baseType: !12, size: 1024, offset: )" +
         place + R"()
!10 = !DIDerivedType(tag: DW_TAG_member, name: "b", file: !1, baseType: !14, size: 64, offset: 1920)
!11 = !DINamespace(name: "bindings", scope: null)
!12 = !DICompositeType(tag: DW_TAG_structure_type, name: "spinlock", scope: !11, file: !1, size: 1024, align: 64, elements: !15)
!13 = !{i32 2, !"Debug Info Version", i32 3}
!14 = !DIBasicType(name: "a number", size: )" +
         first_member_bits + R"(, encoding: DW_ATE_unsigned)
!15 = !{}
)";
}

class CLayouts : public testing::Test {
 protected:
  CLayouts() {
    LayoutAtom lock;
    lock.aggregate = "spinlock";
    lock.true_value = lock.align = 4;
    lock.values.assign(kVariantCount, 128);
    sdk_.atoms.push_back(lock);
  }
  Status Check(const std::string& program, const std::map<std::string, std::string>& declared) {
    const llvm::Module* module = modules_.Parse(program);
    if (module == nullptr) return Fail(Code::kUsage) << "no program";
    return CheckCLayouts(*module, sdk_, "driver", declared);
  }
  Modules modules_;
  Sdk sdk_;
};

TEST_F(CLayouts, RefusesALockThatCHasAtAnotherPlace) {
  const Status checked = Check(Program(8, "32"), {{"Own", "own.rs:3"}});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Code::kShapeDiffers);
  EXPECT_TRUE(checked.error().message.starts_with("own.rs:3: Own is repr(C)"))
      << checked.error().message;
}

// { u64, lock, u64 }: C has the lock at 8 and what follows at 16, as the driver has.
TEST_F(CLayouts, TakesALockWhereNothingMoves) {
  EXPECT_TRUE(Check(Program(8, "64"), {{"Own", "own.rs:3"}}));
}

TEST_F(CLayouts, LooksAtDeclaredTypesAlone) {
  EXPECT_TRUE(Check(Program(8, "32"), {{"Other", "own.rs:3"}}));
  EXPECT_FALSE(Check(Program(8, "32"), {{"$", "own.rs:3"}}));
}

TEST(DeclaredReprC, ReadsAttributes) {
  std::string folder = (std::filesystem::temp_directory_path() / "race-repr-c-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/x.rs";
  ASSERT_TRUE(
      WriteFileAtomically(path,
                          "// #[repr(C)] struct Commented;\n"
                          "#[repr(C)]\n#[derive(Clone)]\npub(crate) struct Plain<T> { a: T }\n"
                          "#[repr(align(8), C)] union Aligned { a: u8 }\n"
                          "#[repr(transparent)] struct Wrapped(u8);\n"
                          "#[repr(u8)] enum Small { A }\n"
                          "struct After { c: u8 }\n"
                          "#[cfg_attr(all(), repr(C, u8))] enum Cased { A(u8) }\n"
                          "macro_rules! m { ($n:ident) => { #[repr(C)] struct $n { a: u8 } } }\n"));
  const std::map<std::string, std::string> found = DeclaredReprC({path});
  EXPECT_EQ(
      found,
      (std::map<std::string, std::string>{
          {"Plain", "x.rs:4"}, {"Aligned", "x.rs:5"}, {"Cased", "x.rs:9"}, {"$", "x.rs:10"}}));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace race::build
