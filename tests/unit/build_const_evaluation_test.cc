// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "build/const_evaluation.h"

namespace race::build {
namespace {

// Only what its name says moves.
class NamedLayouts : public TypeLayouts {
 public:
  Answer Named(const std::string& type) const override {
    if (type == "kernel::bindings::mutex" || type == "Own") return Answer::kMoves;
    return type == "Header" ? Answer::kStays : Answer::kUnknown;
  }
  bool IsUnion(const std::string& type) const override { return type == "Either"; }
};

Status Check(const std::string& text) {
  return CheckConstEvaluation(ParseMir(text), NamedLayouts());
}

void ExpectRefused(const std::string& text, const std::string& words) {
  Status status = Check(text);
  ASSERT_FALSE(status) << "accepted:\n" << text;
  EXPECT_EQ(status.error().code, Code::kShapeDiffers);
  EXPECT_NE(status.error().message.find(words), std::string::npos) << status.error().message;
}

void ExpectFine(const std::string& text) {
  Status status = Check(text);
  EXPECT_TRUE(status) << status.error().message;
}

// A constant of these statements, as rustc prints it.
std::string Const(const std::string& name, const std::string& statements) {
  return "const " + name +
         ": usize = {\n    let mut _0: usize;   // return place in scope 0 at "
         "/d/x.rs:3:1: 3:9\n\n    bb0: {\n" +
         statements + "        return;\n    }\n}\n\n";
}
const std::string kSize =
    "        _1 = core::mem::size_of::<kernel::bindings::mutex>() -> [return: bb1, unwind: bb3]; "
    "// scope 0 at /d/x.rs:9:21: 9:49\n"
    "                                         // mir::ConstOperand\n";
const std::string kOther =
    "        _1 = core::mem::size_of::<Header>() -> [return: bb1, unwind: bb3];\n";

TEST(MirText, ReadsBodiesStatementsAndPlaces) {
  Mir mir =
      ParseMir(Const("inner::<impl at /d/x.rs:1:1: 1:9>::S", kSize) +
               "fn gen(_1: &T, _2: (usize, bool)) -> Option<usize> {\n"
               "    debug t => _1;\n"
               "    scope 1 {\n        debug x => _6;   // in scope 1 at /d/x.rs:1:1: 1:2\n    }\n"
               "    bb0: {\n        _0 = const None;   // scope 0 at /d/x.rs:7:1: 7:2\n    }\n}\n"
               "// MIR FOR CTFE\nfn big() -> bool {\n}\n"
               "const A: usize = const B;\n"
               "alloc26 (static: TAB, size: 16, align: 8) {\n    01 02 │ ..\n}\n");
  ASSERT_EQ(mir.bodies.size(), 4u);
  EXPECT_EQ(mir.bodies[0].name, "inner::<impl at /d/x.rs:1:1: 1:9>::S");
  EXPECT_TRUE(mir.bodies[0].compile_time);
  ASSERT_EQ(mir.bodies[0].statements.size(), 2u);
  EXPECT_EQ(mir.bodies[0].statements[0].place, "x.rs:9");
  EXPECT_TRUE(mir.bodies[0].statements[0].text.starts_with("_1 = core::mem::size_of::<"));
  EXPECT_EQ(mir.bodies[1].name, "gen");
  EXPECT_EQ(mir.bodies[1].arguments, 2u);
  EXPECT_EQ(mir.bodies[1].types.at("_2"), "(usize, bool)");
  EXPECT_EQ(mir.bodies[1].types.at("_0"), "Option<usize>");
  EXPECT_EQ(mir.bodies[0].place, "x.rs:3");
  EXPECT_FALSE(mir.bodies[1].compile_time);
  ASSERT_EQ(mir.bodies[1].statements.size(), 1u);
  EXPECT_EQ(mir.bodies[1].statements[0].text, "_0 = const None");
  EXPECT_TRUE(mir.bodies[2].compile_time);
  EXPECT_TRUE(mir.bodies[2].function);
  EXPECT_EQ(mir.bodies[3].statements[0].text, "_0 = const B");
  EXPECT_EQ(mir.statics.at("alloc26"), "TAB");
}

TEST(MirText, NamesItems) {
  EXPECT_EQ(MirItem("PLAIN"), "PLAIN");
  EXPECT_EQ(MirItem("<Own as inner::Trait>::S"), "S");
  EXPECT_EQ(MirItem("inner::big::<a::Own>"), "big");
  EXPECT_EQ(MirItem("<Probe as kernel::Module>::init::promoted[0]"), "init::promoted[0]");
  EXPECT_EQ(MirItem("A::{constant#1}"), "A::{constant#1}");
  EXPECT_EQ(MirLocals("copy (_12.0: usize), \"_3\", x_4, _a"), (std::set<std::string>{"_12"}));
}

TEST(ConstEvaluation, SumsAreFine) {
  ExpectFine(Const("S", kSize + "        _2 = AddWithOverflow(copy _1, const 8_usize);\n"
                                "        assert(!move (_2.1: bool), \"attempt to compute\") -> "
                                "[success: bb2, unwind: bb3];\n"
                                "        _0 = move (_2.0: usize);\n"));
  ExpectFine(Const("N", kSize + "        _0 = move _1 as u32 (IntToInt);\n"));
}

TEST(ConstEvaluation, DecisionsAreNot) {
  for (const char* operation : {"Eq", "Ne", "Lt", "Le", "Gt", "Ge", "Rem", "Div", "BitAnd", "Shr"})
    ExpectRefused(Const("D", kSize + "        _0 = " + operation +
                                 "(move _1, const 4_usize);   // scope 0 at /d/x.rs:9:1: 9:2\n"),
                  "x.rs:9");
  ExpectRefused(Const("D", kSize + "        switchInt(copy _1) -> [24: bb3, otherwise: bb2];\n"),
                "a branch");
  ExpectRefused(Const("D", kSize + "        _0 = core::num::<impl usize>::next_power_of_two(move "
                                   "_1) -> [return: bb2, unwind: bb3];\n"),
                "a call");
}

TEST(ConstEvaluation, TheDriversOwnMayDecide) {
  ExpectFine(Const("D", kOther + "        _0 = Le(move _1, const 4_usize);\n"));
}

TEST(ConstEvaluation, FollowsConstantsAndStatics) {
  const std::string plain = Const("PLAIN", kSize + "        _0 = copy _1;\n");
  ExpectRefused(plain + Const("VIA", "        _0 = Eq(const PLAIN, const 32_usize);\n"), "VIA");
  // Defined after its use.
  ExpectRefused(Const("VIA", "        _0 = Eq(const PLAIN, const 32_usize);\n") + plain, "VIA");
  ExpectRefused(plain + "const A: usize = const PLAIN;\n" +
                    Const("VIA", "        _0 = Eq(const A, const 32_usize);\n"),
                "VIA");
  ExpectRefused("static TAB: [usize; 1] = {\n    bb0: {\n" + kSize +
                    "        _0 = [move _1];\n    }\n}\n"
                    "alloc26 (static: TAB, size: 8, align: 8) {\n}\n" +
                    Const("VIA",
                          "        _2 = const {alloc26: &[usize; 1]};\n"
                          "        _0 = Eq(copy (*_2)[0 of 1], const 32_usize);\n"),
                "VIA");
  ExpectFine(plain + "const SOMETHING: usize = const 5_usize;\n" +
             Const("OTHER", "        _0 = Eq(const SOMETHING, const 32_usize);\n"));
}

TEST(ConstEvaluation, AConstFunctionDecidesWhereItIsCalled) {
  const std::string big =
      "// MIR FOR CTFE\nfn big() -> bool {\n    bb0: {\n"
      "        _1 = core::mem::size_of::<T>() -> [return: bb1, unwind unreachable];\n"
      "        _0 = Gt(move _1, const 100_usize);\n    }\n}\n";
  ExpectFine(big);
  ExpectFine(big + Const("D", "        _0 = big::<u32>() -> [return: bb1, unwind: bb3];\n"));
  ExpectRefused(big + Const("D", "        _0 = big::<Own>() -> [return: bb1, unwind: bb3];\n"),
                "big");
}

std::string Function(const std::string& statements) {
  return "fn run(_1: usize) -> bool {\n    bb0: {\n" + statements + "    }\n}\n";
}

// rustc folds what is constant; a call, even of size_of(), it leaves as it is
// while nothing is inlined.
TEST(ConstEvaluation, CodeThatRunsMayCompareWithWhatItDoesNotKnow) {
  const std::string plain = Const("PLAIN", kSize + "        _0 = copy _1;\n");
  ExpectFine(
      Function("        _2 = core::mem::size_of::<Own>() -> [return: bb1, unwind "
               "unreachable];\n        _0 = Eq(move _2, const 32_usize);\n"));
  ExpectFine(plain + Function("        _0 = Lt(copy _1, const PLAIN);\n"));
  ExpectRefused(plain + Function("        _2 = const 32_usize;\n"
                                 "        _0 = Lt(copy _2, const PLAIN);\n"),
                "run");
  ExpectRefused(plain + Function("        _2 = const PLAIN;\n"
                                 "        switchInt(move _2) -> [24: bb1, otherwise: bb2];\n"),
                "a branch");
}

// On one way it is a constant, and rustc compiles each way by itself.
TEST(ConstEvaluation, AValueThatIsSometimesKnownIsKnown) {
  const std::string plain = Const("PLAIN", kSize + "        _0 = copy _1;\n");
  ExpectRefused(plain + Function("        _2 = copy _1;\n        _2 = const 7_usize;\n"
                                 "        _0 = Lt(copy _2, const PLAIN);\n"),
                "Lt");
  ExpectRefused(plain + Function("        _2 = (copy _1, const 7_usize);\n"
                                 "        _0 = Lt(copy (_2.1: usize), const PLAIN);\n"),
                "Lt");
}

TEST(ConstEvaluation, ADivisionMayCheckItsDivisor) {
  const std::string plain = Const("PLAIN", kSize + "        _0 = copy _1;\n");
  ExpectFine(plain + Function("        _3 = Eq(const PLAIN, const 0_usize);\n"
                              "        assert(!move _3, \"attempt to divide `{}` by zero\", copy "
                              "_1) -> [success: bb1, unwind unreachable];\n"
                              "        _0 = Div(copy _1, const PLAIN);\n"));
}

TEST(ConstEvaluation, ASizeMayBeComparedWithZero) {
  ExpectFine(Const("A", kSize + "        _0 = Gt(move _1, const 0_usize);\n"));
  ExpectFine(Const("A", kSize + "        _2 = Eq(copy _1, const 0_usize);\n"
                                "        switchInt(move _2) -> [0: bb1, otherwise: bb2];\n"));
  ExpectRefused(Const("A", kSize + "        _0 = Gt(move _1, const 1_usize);\n"), "Gt");
}

TEST(ConstEvaluation, ADifferenceAndAnOffsetMayBeZero) {
  ExpectRefused(Const("A", kSize + "        _2 = Sub(move _1, const 8_usize);\n"
                                   "        _0 = Eq(move _2, const 0_usize);\n"),
                "Eq");
  ExpectRefused(Const("A",
                      "        _1 = offset_of::<Own>(const 0_u32, const 9_u32) -> "
                      "[return: bb1, unwind: bb2];\n"
                      "        _0 = Ne(move _1, const 0_usize);\n"),
                "Ne");
}

// Of an enumerator, what has the same answer under all values that were tried.
TEST(EnumeratorEvaluation, DecidesNothing) {
  const std::set<std::string> constants = {"state_UP"};
  const std::string up = "        _1 = const kernel::bindings::state_UP;\n";
  for (const char* decision : {"        _0 = Eq(copy _1, const 193_u32);\n",
                               "        _0 = BitAnd(copy _1, const 1_u32);\n",
                               "        _0 = Lt(const 3_u32, copy _1);\n"}) {
    Status status = CheckEnumeratorEvaluation(ParseMir(Const("A", up + decision)), constants);
    ASSERT_FALSE(status) << decision;
    EXPECT_EQ(status.error().code, Code::kShapeDiffers);
    EXPECT_NE(status.error().message.find("depends on an enumerator of C"), std::string::npos)
        << status.error().message;
    // Another one, which does not move.
    EXPECT_TRUE(CheckEnumeratorEvaluation(ParseMir(Const("A", up + decision)), {"state_DOWN"}));
  }
  // Through a constant of the driver's own.
  EXPECT_FALSE(CheckEnumeratorEvaluation(
      ParseMir(Const("MINE", "        _0 = const kernel::bindings::state_UP;\n") +
               "fn run() -> bool {\n    bb0: {\n        _0 = Ne(const MINE, const 193_u32);\n"
               "        return;\n    }\n}\n"),
      constants));
}

// rustc prints a constant that is one of the bindings as its number.
TEST(EnumeratorEvaluation, ConstantsThatDifferAreEnumerators) {
  const std::string same = "const SAME: i32 = const 5_i32;\n";
  EXPECT_EQ(DifferingConstants(ParseMir("const FIRST: i32 = const 192_i32;\n" + same),
                               ParseMir("const FIRST: i32 = const 9000_i32;\n" + same)),
            (std::set<std::string>{"FIRST"}));
}

TEST(EnumeratorEvaluation, SumsAndWhatRunsAreFine) {
  const std::set<std::string> constants = {"state_UP"};
  EXPECT_TRUE(CheckEnumeratorEvaluation(
      ParseMir(Const("A",
                     "        _1 = const kernel::bindings::state_UP;\n"
                     "        _0 = Add(copy _1, const 5_u32);\n") +
               "fn run(_1: u32) -> bool {\n    bb0: {\n"
               "        _0 = Eq(copy _1, const kernel::bindings::state_UP);\n"
               "        return;\n    }\n}\n"),
      constants));
}

TEST(LayoutQueries, ListsWhatIsAskedFor) {
  LayoutQueries queries = FindLayoutQueries(ParseMir(Const(
      "A", kSize + "        _2 = offset_of::<kernel::bindings::file>(const 0_u32, const "
                   "9_u32) -> [return: bb1, unwind: bb2];\n"
                   "        _3 = core::mem::align_of::<Own>() -> [return: bb2];\n"
                   "        _4 = const <Vec<u8> as core::mem::SizedTypeProperties>::SIZE;\n")));
  EXPECT_EQ(queries.types, (std::set<std::string>{"kernel::bindings::mutex",
                                                  "kernel::bindings::file", "Own", "Vec<u8>"}));
  EXPECT_EQ(queries.aligned, (std::set<std::string>{"Own"}));
  EXPECT_EQ(LayoutQueries::Kernel(queries.types), (std::set<std::string>{"mutex", "file"}));
}

TEST(ConstEvaluation, TellsOwnFunctionsFromThoseOfOtherCrates) {
  const std::string own =
      "// MIR FOR CTFE\nfn <impl at /d/x.rs:1:1: 1:9>::get() -> usize {\n    bb0: {\n"
      "        _0 = std::mem::size_of::<Own>() -> [return: bb1, unwind: bb2];\n    }\n}\n\n";
  auto called = [](const std::string& path) {
    return Const("A", "        _1 = " + path + "(const 1_usize) -> [return: bb1, unwind: bb2];\n" +
                          "        _0 = Le(copy _1, const 4_usize);\n");
  };
  ExpectRefused(own + called("Wrap::<T>::get"), "the operation Le");
  ExpectRefused(own + called("<Wrap as kernel::Gets>::get"), "the operation Le");
  ExpectFine(own + called("kernel::types::Opaque::<u8>::get"));
  // What is not found is not known.
  ExpectRefused(called("Wrap::<T>::get"), "a call");
  ExpectFine(called("Wrap::<u8>::get"));
  // Of the driver's own modules one may be named like a crate.
  ExpectRefused(
      "// MIR FOR CTFE\nfn kernel::<impl at /d/x.rs:1:1: 1:9>::get() -> usize {\n    bb0: {\n"
      "        _0 = std::mem::size_of::<Own>() -> [return: bb1, unwind: bb2];\n    }\n}\n\n" +
          called("kernel::Wrap::get"),
      "the operation Le");
}

TEST(ConstEvaluation, SpellsTypesWithoutTheirModules) {
  EXPECT_EQ(MirPlainType("gsp::Foo<kernel::Bar, [u8; 3]>"), "Foo<Bar, [u8; 3]>");
  EXPECT_EQ(MirPlainType("Foo<bindings::bindings_raw::mutex>"), "Foo<mutex>");
  EXPECT_EQ(MirPlainType("u8"), "u8");
}

}  // namespace
}  // namespace race::build
