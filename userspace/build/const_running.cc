// SPDX-License-Identifier: GPL-2.0-only
//
// CheckRunningBody(): code that runs.  Operations all of whose parts are known when it is
// compiled are evaluated there, too: nothing is left of them but the outcome.
#include <algorithm>

#include "build/const_facts.h"

namespace race::build {
namespace {

class RunningBody {
 public:
  RunningBody(const MirBody& body, ConstEvaluator* evaluator)
      : body_(body), evaluator_(evaluator) {}

  Status Check() {
    FindLocals();
    for (size_t s = 0; s < body_.statements.size(); s++) {
      const MirStatement& statement = body_.statements[s];
      if (error_) return *error_;
      if (statement.text.starts_with("switchInt(")) {
        if (Decides(statement.text)) return Refuse(statement, "a branch");
        continue;
      }
      const auto assigned = MirAssigned(statement.text);
      if (!assigned || IsMirCall(assigned->value)) continue;
      const std::string& value = assigned->value;
      const std::string operation = MirOperation(value);
      if (IsArithmetic(operation)) {
        const bool product = operation.starts_with("Mul") && NumbersIn(value) > 1;
        if (IsLinearOperation(operation) && !product) continue;
        if (Decides(value) && !ChecksDivisor(body_, s) && !ComparesSizeWithZero(body_, value))
          return Refuse(statement, "the operation " + operation);
      } else if (const auto cast = MirCastOf(value);
                 cast && evaluator_->followed().keeps_width && cast->kind == "IntToInt" &&
                 (cast->type == "u8" || cast->type == "i8") && Decides(value)) {
        return Refuse(statement, "the cast to " + cast->type);
      }
    }
    if (error_) return *error_;
    return Ok{};
  }

 private:
  bool Touches(const std::set<std::string>& locals, std::string_view text) const {
    const std::set<std::string> named = MirLocals(text);
    return std::any_of(named.begin(), named.end(),
                       [&](const std::string& local) { return locals.count(local) != 0; });
  }

  // How many layouts are among a value's constants.
  size_t ConstantsIn(const std::string& value) {
    size_t count = 0;
    for (const MirOperand& operand : MirOperands(value)) {
      if (operand.kind == MirOperand::Kind::kPlace) continue;
      std::optional<Error> error;
      const Facts facts = evaluator_->Constant(body_, operand, "", true, &error);
      // What a constant of another crate does with its own parameters is that crate's.
      if (error && !error_) error_ = error;
      count += facts.number || facts.unknown ? 1 : 0;
    }
    return count;
  }

  size_t NumbersIn(const std::string& value) {
    size_t count = ConstantsIn(value);
    for (const std::string& local : MirLocals(value)) count += layout_.count(local);
    return count;
  }

  // Whether a value is certainly not known before the code runs.  Nothing is inlined into
  // the driver before the layouts are symbols, so what a call gives back is not known, not
  // even a call of size_of().
  bool IsRunning(const std::string& value) const {
    if (IsMirCall(value)) return true;
    if (IsArithmetic(MirOperation(value))) return Touches(running_, value);
    const std::set<std::string> parts = MirLocals(value);
    return !parts.empty() && value.find("const ") == std::string::npos &&
           std::all_of(parts.begin(), parts.end(),
                       [&](const std::string& part) { return running_.count(part) != 0; });
  }

  void FindLocals() {
    for (size_t a = 1; a <= body_.arguments; a++) running_.insert("_" + std::to_string(a));
    // Assigned ones are until an assignment says otherwise.
    for (const MirStatement& statement : body_.statements)
      if (const auto assigned = MirAssigned(statement.text)) running_.insert(assigned->local);
    for (bool changed = true; changed;) {
      changed = false;
      for (const MirStatement& statement : body_.statements) {
        const auto assigned = MirAssigned(statement.text);
        if (!assigned || IsRunning(assigned->value)) continue;
        changed |= running_.erase(assigned->local) != 0;
        if (!ComparesSizeWithZero(body_, assigned->value) &&
            (Touches(layout_, assigned->value) || ConstantsIn(assigned->value) > 0))
          changed |= layout_.insert(assigned->local).second;
      }
    }
  }

  // Whether the outcome is fixed at compile time and depends on a layout.
  bool Decides(const std::string& value) {
    return !Touches(running_, value) && (Touches(layout_, value) || ConstantsIn(value) > 0);
  }

  Error Refuse(const MirStatement& statement, const std::string& what) const {
    return RefuseStatement(body_, statement, what, evaluator_->followed());
  }

  const MirBody& body_;
  ConstEvaluator* evaluator_;
  std::set<std::string> layout_;   // a layout has a part in one of its values
  std::set<std::string> running_;  // none of its values is known at compile time
  std::optional<Error> error_;
};

}  // namespace

Status CheckRunningBody(const MirBody& body, ConstEvaluator* evaluator) {
  return RunningBody(body, evaluator).Check();
}

}  // namespace race::build
