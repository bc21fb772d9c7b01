// SPDX-License-Identifier: GPL-2.0-only
//
// What bodies do with moving types when they are evaluated: MIR as rustc 1.96 prints it.
#include <gtest/gtest.h>

#include "build/const_evaluation.h"

namespace race::build {
namespace {

// `mutex` moves, and what it is a part of.
class MovingMutex : public TypeLayouts {
 public:
  Answer Named(const std::string& type) const override {
    if (type.find("mutex") != type.npos || type == "fops" || type == "Shared<fops>" ||
        type == "Either")
      return Answer::kMoves;
    return type == "Table" ? Answer::kStays : Answer::kUnknown;
  }
  bool IsUnion(const std::string& type) const override {
    return type == "Either" || type == "Plain";
  }
};

const std::string kZeroed =
    "// MIR FOR CTFE\nfn zeroed() -> T {\n    let mut _0: T;\n"
    "    let mut _1: core::mem::MaybeUninit<T>;\n    bb0: {\n"
    "        _1 = core::mem::MaybeUninit::<T>::zeroed() -> [return: bb1, unwind continue];\n    }\n"
    "    bb1: {\n        _0 = core::mem::MaybeUninit::<T>::assume_init(move _1) -> [return: bb2, "
    "unwind continue];\n    }\n}\n";

// "const NAME: TYPE" with these locals ("_1: u8 / _2: u16") and statements.
std::string Const(const std::string& type, const std::string& locals,
                  const std::string& statements) {
  std::string text = "const R: " + type + " = {\n    let mut _0: " + type +
                     ";   // return place in scope 0 at /d/x.rs:7:10: 7:14\n";
  for (size_t at = 0; at < locals.size();) {
    const size_t end = std::min(locals.find(" / ", at), locals.size());
    text += "    let mut " + locals.substr(at, end - at) + ";\n";
    at = end + 3;
  }
  return text + "    bb0: {\n" + statements + "\n    }\n}\n";
}

Status Check(const std::string& text) {
  return CheckConstEvaluation(ParseMir(kZeroed + text), MovingMutex());
}

void ExpectFine(const std::string& text) {
  Status status = Check(text);
  EXPECT_TRUE(status) << status.error().message;
}

void ExpectRefused(const std::string& text, const std::string& words) {
  Status status = Check(text);
  ASSERT_FALSE(status) << "accepted:\n" << text;
  EXPECT_EQ(status.error().code, Code::kShapeDiffers);
  EXPECT_NE(status.error().message.find(words), std::string::npos) << status.error().message;
  EXPECT_TRUE(status.error().message.starts_with("x.rs:7: ")) << status.error().message;
}

const std::string kValue = "_1 = zeroed::<mutex>() -> [return: bb1, unwind continue];\n";
const std::string kSize = "_1 = core::mem::size_of::<mutex>() -> [return: bb1, unwind continue];\n";

TEST(ConstBodies, ATableOfOperationsDecidesNothing) {
  ExpectFine(
      "static OPS: Shared<fops> = {\n    let mut _0: Shared<fops>;\n    let mut _1: fops;\n"
      "    let mut _2: *mut u8;\n"
      "    let mut _3: core::option::Option<unsafe extern \"C\" fn(*mut mutex) -> i32>;\n"
      "    let mut _4: unsafe extern \"C\" fn(*mut mutex) -> i32;\n    let mut _5: fops;\n"
      "    bb0: {\n"
      "        _2 = core::ptr::null_mut::<u8>() -> [return: bb1, unwind continue];\n    }\n"
      "    bb1: {\n"
      "        _4 = open as unsafe extern \"C\" fn(*mut mutex) -> i32 "
      "(PointerCoercion(ReifyFnPointer(Unsafe), Implicit));\n"
      "        _3 = core::option::Option::<unsafe extern \"C\" fn(*mut mutex) -> i32>::Some(move "
      "_4);\n"
      "        _5 = zeroed::<fops>() -> [return: bb2, unwind continue];\n    }\n"
      "    bb2: {\n"
      "        _1 = fops { owner: move _2, open: move _3, m: move (_5.2: mutex) };\n"
      "        _0 = Shared::<fops>(move _1);\n        return;\n    }\n}\n"
      "const PTR: *const mutex = {\n    let mut _0: *const mutex;\n    let _1: &Shared<fops>;\n"
      "    bb0: {\n        _1 = const <static(DefId(0:35 ~ t[cfce]::OPS))>;\n"
      "        _0 = &raw const (((*_1).0: fops).2: mutex);\n        return;\n    }\n}\n");
}

TEST(ConstBodies, TheDistanceOfTwoAddressesIsALayout) {
  const std::string locals =
      "_1: mutex / _2: *const u64 / _3: *const mutex / _4: isize / _5: *const u64";
  const std::string addresses = kValue + "_2 = &raw const (_1.1: u64);\n_3 = &raw const _1;\n";
  const std::string distance =
      "_4 = core::ptr::const_ptr::<impl *const u64>::byte_offset_from::<mutex>(move _2, move _3) "
      "-> [return: bb2, unwind continue];\n";
  ExpectFine(Const("isize", locals, addresses + distance + "_0 = move _4;\n"));
  ExpectRefused(Const("bool", locals, addresses + distance + "_0 = Eq(move _4, const 8_isize);\n"),
                "the operation Eq");
  ExpectRefused(
      Const("isize", locals,
            addresses +
                "_5 = core::ptr::const_ptr::<impl *const mutex>::cast::<u64>(move _3) -> "
                "[return: bb4, unwind continue];\n"
                "_0 = core::ptr::const_ptr::<impl *const u64>::offset_from(move _2, move _5) "
                "-> [return: bb5, unwind continue];\n"),
      "a distance in elements");
  ExpectRefused(Const("bool", locals, addresses + "_0 = Lt(move _2, move _5);\n"),
                "the operation Lt");
}

TEST(ConstBodies, BytesAreNotRead) {
  const std::string locals =
      "_1: mutex / _2: *const u64 / _3: *const u64 / _4: *const mutex / _5: &[u8; 16] / "
      "_6: *const [u8; 16] / _7: [u8; 16] / _8: &mutex / _9: usize";
  ExpectRefused(
      Const("u64", locals,
            kValue + "_4 = &raw const _1;\n"
                     "_3 = core::ptr::const_ptr::<impl *const mutex>::cast::<u64>(move _4) -> "
                     "[return: bb2, unwind continue];\n"
                     "_2 = core::ptr::const_ptr::<impl *const u64>::add(move _3, const 3_usize) -> "
                     "[return: bb3, unwind continue];\n"
                     "_0 = copy (*_2);\n"),
      "a read of the bytes");
  ExpectRefused(Const("u8", locals,
                      kValue + "_4 = &raw const _1;\n"
                               "_6 = move _4 as *const [u8; 16] (PtrToPtr);\n"
                               "_5 = &(*_6);\n_9 = const 3_usize;\n_0 = copy (*_5)[_9];\n"),
                "a read of the bytes");
  ExpectRefused(Const("[u8; 16]", locals, kValue + "_0 = move _1 as [u8; 16] (Transmute);\n"),
                "the transmute to [u8; 16]");
  ExpectRefused(Const("u8", locals,
                      kValue + "_8 = &_1;\n"
                               "_7 = core::mem::transmute_copy::<mutex, [u8; 16]>(move _8) -> "
                               "[return: bb2, unwind continue];\n"
                               "_0 = copy _7[_9];\n"),
                "the transmute to [u8; 16]");
  // What was stored may be read as what it is.
  ExpectFine(Const("u64", locals, kValue + "_4 = &raw const _1;\n_0 = copy ((*_4).1: u64);\n"));
}

// What module_device_table!() makes of a table for modpost.
TEST(ConstBodies, AValueMayBeKeptAsItsBytes) {
  const std::string kept =
      "static KEPT: [u8; ?] = {\n    let mut _0: [u8; ?];\n    let _1: mutex;\n    bb0: {\n" +
      kValue + "_0 = move _1 as [u8; ?] (Transmute);\n    }\n}\n";
  ExpectFine(kept);
  ExpectRefused(kept + Const("u8", "_1: &[u8; ?] / _2: usize",
                             "_1 = const <static(DefId(0:35 ~ t[cfce]::KEPT))>;\n"
                             "_2 = const 3_usize;\n_0 = copy (*_1)[_2];\n"),
                "a read of the bytes");
  ExpectRefused(kept + Const("bool", "_1: &[u8; ?] / _2: &[u8]",
                             "_1 = const <static(DefId(0:35 ~ t[cfce]::KEPT))>;\n"
                             "_2 = move _1 as &[u8] (PointerCoercion(Unsize, Implicit));\n"
                             "_0 = strange(copy _2) -> [return: bb1, unwind continue];\n"),
                "a call");
}

TEST(ConstBodies, UnionsAreNotReadAsAnotherMember) {
  ExpectRefused(Const("u8", "_1: Either / _2: mutex / _4: usize",
                      "_2 = zeroed::<mutex>() -> [return: bb1, unwind continue];\n"
                      "_1 = Either { m: move _2 };\n_4 = const 8_usize;\n"
                      "_0 = copy (_1.1: [u8; 16])[_4];\n"),
                "a read of a union");
  ExpectRefused(Const("u8", "_1: usize / _2: Plain / _4: usize",
                      kSize + "_2 = Plain { a: move _1 };\n_0 = copy (_2.1: [u8; 8])[_4];\n"),
                "a read of a union");
}

TEST(ConstBodies, ANumberIsNotReadInParts) {
  ExpectRefused(Const("u8", "_1: usize", kSize + "_0 = move _1 as u8 (IntToInt);\n"),
                "the cast to u8");
  ExpectRefused(Const("[u8; 8]", "_1: usize", kSize + "_0 = move _1 as [u8; 8] (Transmute);\n"),
                "the transmute");
  ExpectRefused(Const("u8", "_1: usize / _2: *const usize / _3: *const u8",
                      kSize + "_2 = &raw const _1;\n_3 = move _2 as *const u8 (PtrToPtr);\n"
                              "_0 = copy (*_3);\n"),
                "a read of the bytes");
  ExpectRefused(Const("f64", "_1: usize", kSize + "_0 = move _1 as f64 (IntToFloat);\n"),
                "the cast to f64");
}

TEST(ConstBodies, ANarrowNumberMayBeKeptAndNoMore) {
  const std::string locals = "_1: usize / _2: u32 / _3: (u32, bool)";
  const std::string narrow = kSize + "_2 = move _1 as u32 (IntToInt);\n";
  ExpectFine(Const("u32", locals, narrow + "_0 = move _2;\n"));
  ExpectFine(Const("u16", locals, kSize + "_0 = move _1 as u16 (IntToInt);\n"));
  ExpectRefused(
      Const("(u32, bool)", locals, narrow + "_0 = AddWithOverflow(copy _2, const 1_u32);\n"),
      "AddWithOverflow");
  ExpectRefused(Const("u64", locals, narrow + "_0 = move _2 as u64 (IntToInt);\n"), "another cast");
}

TEST(ConstBodies, IndicesAndProductsDecide) {
  ExpectRefused(Const("u8", "_1: usize / _2: [u8; 4]", kSize + "_0 = copy _2[_1];\n"), "an index");
  ExpectRefused(Const("usize", "_1: usize", kSize + "_0 = Mul(copy _1, copy _1);\n"), "Mul");
  ExpectFine(Const("usize", "_1: usize", kSize + "_0 = Mul(copy _1, const 3_usize);\n"));
}

TEST(ConstBodies, OwnFunctionsAreFollowedWithTheirArguments) {
  const std::string twice =
      "// MIR FOR CTFE\nfn twice(_1: usize) -> usize {\n    let mut _0: usize;\n    bb0: {\n"
      "        _0 = Add(copy _1, copy _1);\n        return;\n    }\n}\n";
  const std::string half =
      "// MIR FOR CTFE\nfn half(_1: usize) -> usize {\n"
      "    let mut _0: usize;   // return place in scope 0 at /d/x.rs:7:30: 7:31\n    bb0: {\n"
      "        _0 = Div(copy _1, const 2_usize);\n        return;\n    }\n}\n";
  ExpectFine(twice + Const("usize", "_1: usize",
                           kSize + "_0 = twice(move _1) -> [return: bb2, unwind continue];\n"));
  ExpectRefused(half + Const("usize", "_1: usize",
                             kSize + "_0 = half(move _1) -> [return: bb2, unwind continue];\n"),
                "half: the operation Div");
  ExpectFine(half + Const("usize", "_1: usize",
                          "_0 = half(const 5_usize) -> [return: bb2, unwind continue];\n"));
  // A result may be written through a reference.
  const std::string fill =
      "// MIR FOR CTFE\nfn fill(_1: &mut usize) -> () {\n    let mut _0: ();\n"
      "    let mut _2: usize;\n    bb0: {\n"
      "        _2 = core::mem::size_of::<mutex>() -> [return: bb1, unwind continue];\n    }\n"
      "    bb1: {\n        (*_1) = move _2;\n        _0 = const ();\n        return;\n    }\n}\n";
  ExpectRefused(fill + Const("bool", "_1: usize / _2: () / _3: &mut usize / _4: &mut usize",
                             "_1 = const 0_usize;\n_4 = &mut _1;\n_3 = &mut (*_4);\n"
                             "_2 = fill(move _3) -> [return: bb1, unwind continue];\n"
                             "_0 = Gt(copy _1, const 4_usize);\n"),
                "the operation Gt");
}

TEST(ConstBodies, WhatIsNotKnownIsRefused) {
  ExpectRefused(
      Const("usize", "", "_0 = other::strange::<mutex>() -> [return: bb1, unwind continue];\n"),
      "a call");
  ExpectRefused(Const("usize", "_1: usize", kSize + "frobnicate(copy _1);\n"), "not understood");
  ExpectRefused(Const("usize", "_1: usize",
                      kSize + "_0 = core::num::<impl usize>::trailing_zeros(move _1) -> [return: "
                              "bb2, unwind continue];\n"),
                "a call");
  ExpectRefused(Const("bool", "", "_0 = const <mutex as kernel::Strange>::IS_LARGE;\n"),
                "a constant of another crate");
  // Nor is the same asked about what does not move.
  ExpectFine(
      Const("usize", "", "_0 = kernel::strange::<u8>() -> [return: bb1, unwind continue];\n"));
}

TEST(ConstBodies, TheLengthOfAnArrayMayBeALayout) {
  const std::string locals = "_1: [u8; 40] / _2: usize / _3: &[u8] / _4: &[u8; 40]";
  const std::string length =
      "_1 = [const 1_u8; 40];\n_4 = &_1;\n"
      "_3 = move _4 as &[u8] (PointerCoercion(Unsize, Implicit));\n"
      "_2 = core::slice::<impl [u8]>::len(move _3) -> [return: bb1, unwind continue];\n"
      "_0 = Gt(move _2, const 300_usize);\n";
  const std::string text = Const("bool", locals, length);
  ExpectFine(text);
  std::string other = text;
  for (size_t at; (at = other.find("; 40]")) != other.npos;) other.replace(at, 5, "; 9000]");
  Mir mir = ParseMir(text);
  ASSERT_TRUE(MarkDifferences(&mir, ParseMir(other)));
  EXPECT_EQ(mir.bodies[0].types.at("_1"), "[u8; ?]");
  Status status = CheckConstEvaluation(mir, MovingMutex());
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("the operation Gt"), std::string::npos);
  // Another program is no number.
  Mir shape = ParseMir(text);
  EXPECT_FALSE(MarkDifferences(&shape, ParseMir(Const("bool", locals, "_0 = const true;\n"))));
}

TEST(ConstBodies, TextOfAnotherIsNoConcern) {
  // A name in a table whose other member is a reference to what moves.
  ExpectFine(
      "const TAB: Table = {\n    let mut _0: Table;\n    bb0: {\n"
      "        _0 = Table { name: const \"abc\", ops: const VT };\n    }\n}\n"
      "const VT: &fops = {\n    let mut _0: &fops;\n    let _1: fops;\n    bb0: {\n"
      "        _1 = zeroed::<fops>() -> [return: bb1, unwind continue];\n"
      "        _0 = &_1;\n    }\n}\n" +
      Const("usize", "_1: &str / _2: Table / _3: &str",
            "_2 = const TAB;\n_3 = copy (_2.0: &str);\n_1 = &(*_3);\n"
            "_0 = core::str::<impl str>::len(move _1) -> [return: bb1, unwind continue];\n"));
}

}  // namespace
}  // namespace race::build
