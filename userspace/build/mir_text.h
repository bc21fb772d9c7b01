// SPDX-License-Identifier: GPL-2.0-only
//
// rustc's MIR in its text form (--emit=mir), as far as it is needed to see what
// a program does with a number.  The form is not stable; the SDK fixes the
// rustc, and what is not understood is refused by who reads it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace race::build {

struct MirStatement {
  std::string text;   // "_1 = Le(move _2, const 4_usize)", without the ';'
  std::string place;  // "driver.rs:12", empty when rustc names none
};

struct MirBody {
  std::string name;   // "inner::<impl at f.rs:1:1: 1:9>::SIZE", "init::promoted[0]"
  std::string crate;  // "kernel" of one that is not the driver's own
  // "impl<T> Trait for Own<T>" of a body in such an impl; empty where that is not known.
  std::string impl;
  std::string place;  // "driver.rs:12", of the declaration
  bool function = false;
  bool compile_time = false;  // evaluated by the compiler: const, static, promoted, const fn
  size_t arguments = 0;       // locals _1 to _N are the function's arguments
  std::map<std::string, std::string> types;  // of locals, "_0" is the result
  std::vector<MirStatement> statements;
};

struct Mir {
  std::vector<MirBody> bodies;
  std::map<std::string, std::string> statics;  // "alloc26" -> "TAB"
};

Mir ParseMir(std::string_view text);

// Fills in MirBody::impl: rustc names an impl by its place alone.  `read` gives a file of
// the sources, or nothing.
using SourceReader = std::function<std::optional<std::string>(const std::string& path)>;
void NameImpls(Mir* mir, const SourceReader& read);

// `mir` and the same program under another layout.  Numbers that differ, in statements and
// types, become kMirLayout: they come from a layout.  kShapeDiffers where anything else does.
constexpr char kMirLayout = '?';
Status MarkDifferences(Mir* mir, const Mir& other);
// The same of one text.  Whether the texts are the same but for numbers.
bool MarkDifferences(std::string* text, std::string_view other);

// The part of a path that tells items apart at most places: "SIZE" of
// "<Own as Trait>::SIZE"; with what it belongs to for what rustc names itself:
// "init::promoted[0]", "TAB::{constant#1}".
std::string MirItem(std::string_view path);

// "Foo<Bar>" of "gsp::Foo<kernel::Bar>": where a type is imported from is no part of it.
std::string MirPlainType(std::string_view type);

// Index of the bracket that closes the one at `open`; npos when none does.  The
// '>' of "->" closes nothing.
size_t MirClosing(std::string_view text, size_t open);

// Names of the locals in a text: "_1" of "copy (_1.0: usize)".
std::set<std::string> MirLocals(std::string_view text);

}  // namespace race::build
