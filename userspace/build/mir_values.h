// SPDX-License-Identifier: GPL-2.0-only
//
// The parts of a statement of MIR: places, operands, operations, calls.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "build/mir_text.h"

namespace race::build {

// "_1" of "(*_1).3" and what else a place is made of.
struct MirAssignment {
  std::string place;  // "(_1.0: usize)"
  std::string local;  // "_1"
  std::string value;
};
// Nothing for a statement that assigns nothing.
std::optional<MirAssignment> MirAssigned(const std::string& statement);

// The local that a place begins with: "_1" of "((*_1).3: T)"; empty where there is none.
std::string MirLocalOf(std::string_view place);

struct MirOperand {
  enum class Kind { kPlace, kConstant, kLiteral } kind = Kind::kPlace;
  std::string text;  // without "move", "copy" or "const"
};
// Of a value, a call's arguments, or another statement.
std::vector<MirOperand> MirOperands(std::string_view text);

// "Le" of "Le(move _1, move _2)"; empty when it is no operation.
std::string MirOperation(std::string_view value);
bool IsMirCall(std::string_view value);
// "foo::<T>(move _1)": where the arguments begin.
size_t MirArguments(std::string_view call);

// "Transmute" and "u8" of "move _1 as u8 (Transmute)".
struct MirCast {
  std::string kind, type;
};
std::optional<MirCast> MirCastOf(std::string_view value);

// "&raw const (*_1)" -> "(*_1)"; empty when the value is no borrow.
std::string MirBorrowed(std::string_view value);
bool IsMirMutableBorrow(std::string_view value);

// "T" of "*const T", "&T", "&mut T"; empty when it is no pointer.
std::string MirPointee(std::string_view type);

// A place and all that it goes through, from the local on: "_1", "(*_1)", "((*_1).3: T)".
struct MirStep {
  enum class Kind { kLocal, kDeref, kField, kIndex, kVariant } kind = Kind::kLocal;
  std::string type;   // of what the place is up to here; empty where it is not known
  std::string index;  // the local that is an index
};
// Nothing where the place is not understood.
std::optional<std::vector<MirStep>> MirSteps(std::string_view place, const MirBody& body);

}  // namespace race::build
