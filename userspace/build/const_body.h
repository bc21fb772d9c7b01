// SPDX-License-Identifier: GPL-2.0-only
//
// The evaluation of one body: what of a layout each of its locals holds, in any order of its
// statements.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "build/const_facts.h"

namespace race::build {

class BodyEvaluation {
 public:
  BodyEvaluation(const MirBody& body, bool parameters, ConstEvaluator* evaluator)
      : body_(body), parameters_(parameters), evaluator_(evaluator) {}

  Summary Run(const std::vector<Facts>& arguments);

 private:
  const TypeLayouts& layouts() const { return *evaluator_->followed().layouts; }

  // What a statement adds; the first that is refused becomes the error.
  void Step(const MirStatement& statement, size_t index);
  Facts Value(const MirAssignment& assigned, size_t index);
  Facts Operation(const std::string& operation, const std::string& value, size_t index);
  Facts Cast(const MirCast& cast, const std::string& value);
  Facts PointerCast(Facts facts, const std::string& from, const std::string& to) const;
  Facts Transmute(Facts facts, const std::string& from, const std::string& to);
  Facts Borrow(const std::string& place);
  Facts Operand(const MirOperand& operand, const std::string& type);
  Facts Read(const std::string& place);
  Facts Operands(const std::string& text, const std::string& type);
  void Store(const MirAssignment& assigned, const Facts& facts);

  // Calls (const_call.cc).
  struct Argument {
    Facts facts;
    std::string type;   // empty where it is not known
    std::string local;  // empty for a constant
  };
  Facts Call(const std::string& value, const std::string& result);
  // What a function that is called does.
  Facts Adopt(const MirBody& body, const std::string& path, const Summary& summary);
  std::vector<Argument> Arguments(const std::string& list);
  void StoreArguments(const std::vector<Argument>& arguments);
  bool HoldsNoNumber(const std::string& type) const;
  // Whatever a call may have written through a reference.
  void StoreThrough(const Facts& facts);

  void Refuse(const std::string& what);
  std::string TypeOf(const std::string& place) const;

  const MirBody& body_;
  bool parameters_;
  ConstEvaluator* evaluator_;
  const MirStatement* at_ = nullptr;
  std::map<std::string, Facts> locals_;
  std::set<std::string> borrowed_;  // what may be written through a reference
  Facts stored_;
  std::optional<Error> error_;
  bool changed_ = false;
};

}  // namespace race::build
