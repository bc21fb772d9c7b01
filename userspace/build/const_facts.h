// SPDX-License-Identifier: GPL-2.0-only
//
// What is known of a value that is computed while a driver is compiled: what of a layout is
// in it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "build/layout_types.h"
#include "build/mir_items.h"
#include "build/mir_text.h"
#include "build/mir_values.h"
#include "support/result.h"

namespace race::build {

struct Facts {
  bool number = false;   // a number that follows a layout linearly
  bool narrow = false;   // its low bits alone, which may be kept and no more
  bool address = false;  // where something lies in a value whose layout moves
  bool bytes = false;    // such a place as another type, or at a distance: what is read there
                         // depends on the layout
  bool content = false;  // the bytes of such a value as an array of its length
  bool unknown = false;  // another crate computed it, from a layout or not

  bool Any() const { return number || narrow || address || bytes || content || unknown; }
  // Whether that was news.
  bool Add(const Facts& other) {
    const Facts before = *this;
    number |= other.number, narrow |= other.narrow;
    address |= other.address, bytes |= other.bytes;
    content |= other.content, unknown |= other.unknown;
    return !(before == *this);
  }
  bool operator==(const Facts&) const = default;
};

// What a body does when it is evaluated.
struct Summary {
  Facts result;
  Facts stored;  // through its arguments
  std::optional<Error> error;
};

// What numbers are followed.
struct Followed {
  const TypeLayouts* layouts = nullptr;
  std::set<std::string> constants;  // of the driver or the bindings, by their last names
  const char* what = "";            // "a kernel type's layout"
  bool keeps_width = false;         // a cast to less than 16 bits is a decision
  bool parameters = false;          // of generics that are numbers, "N", too
};

// Evaluates bodies, each once for each kind of arguments.
class ConstEvaluator {
 public:
  ConstEvaluator(const Mir& mir, const Followed& followed) : items_(mir), followed_(followed) {}

  // `parameters`: those of its generics are types that move.
  const Summary& Evaluate(const MirBody& body, bool parameters,
                          const std::vector<Facts>& arguments);

  // Of "const A" and the like in a body where a value of `type` is wanted ("": not known).
  Facts Constant(const MirBody& from, const MirOperand& operand, const std::string& type,
                 bool parameters, std::optional<Error>* error);

  // What was found may be news for what was evaluated before: whether it was, and whoever
  // asks begins again.
  bool BeginAgain();

  const MirItems& items() const { return items_; }
  const Followed& followed() const { return followed_; }

 private:
  struct Known {
    Summary summary;
    bool done = false;
  };
  MirItems items_;
  const Followed& followed_;
  std::map<std::string, Known> known_;
  bool changed_ = false;
};

bool IsMirScalar(const std::string& type);

// "the operation Eq depends on ...", with the statement and its place.
Error RefuseStatement(const MirBody& body, const MirStatement& statement, const std::string& what,
                      const Followed& followed);

// Add and the like of layouts are layouts.
bool IsLinearOperation(const std::string& operation);
bool IsArithmetic(const std::string& operation);
// "_5 = Eq(copy _3, const 0_usize)" before a division: a size is not 0 under any layout, and
// a contract says so.
bool ChecksDivisor(const MirBody& body, size_t statement);
// "Gt(move _2, const 0_usize)" where _2 is a size as it was asked for.
bool ComparesSizeWithZero(const MirBody& body, const std::string& value);

// A body that is evaluated while the driver is compiled.
Summary EvaluateBody(const MirBody& body, bool parameters, const std::vector<Facts>& arguments,
                     ConstEvaluator* evaluator);
// One of code that runs: what of it is evaluated all the same.
Status CheckRunningBody(const MirBody& body, ConstEvaluator* evaluator);

}  // namespace race::build
