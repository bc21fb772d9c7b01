// SPDX-License-Identifier: GPL-2.0-only
#include "build/const_body.h"

#include <algorithm>

namespace race::build {
namespace {

// Statements that compute nothing.
bool IsSilent(const std::string& text) {
  for (const char* start : {"StorageLive(",  "StorageDead(",  "ConstEvalCounter",
                            "nop",           "return",        "unreachable",
                            "goto ->",       "resume",        "assert(",
                            "PlaceMention(", "FakeRead(",     "AscribeUserType(",
                            "Retag(",        "Coverage::",    "Deinit(",
                            "falseEdge",     "falseUnwind",   "terminate(",
                            "drop(",         "unwind_resume", "backward incompatible drop"})
    if (text.starts_with(start)) return true;
  return false;
}

bool IsPointer(const std::string& type) {
  return !MirPointee(type).empty() || type.starts_with("fn(") ||
         type.find(" fn(") != std::string::npos || type.starts_with("core::ptr::NonNull<");
}

bool KeepsAll(const std::string& type) {
  for (const char* wide : {"usize", "isize", "u64", "i64", "u128", "i128"})
    if (type == wide) return true;
  return false;
}

bool IsByte(const std::string& type) {
  return type == "u8" || type == "i8" || type == "bool" || type == "char" || type == "f32" ||
         type == "f64";
}

}  // namespace

Summary BodyEvaluation::Run(const std::vector<Facts>& arguments) {
  for (size_t a = 0; a < arguments.size() && a < body_.arguments; a++)
    locals_["_" + std::to_string(a + 1)] = arguments[a];
  do {
    changed_ = false;
    error_.reset();
    for (size_t s = 0; s < body_.statements.size(); s++) Step(body_.statements[s], s);
  } while (changed_);
  return {locals_["_0"], stored_, error_};
}

void BodyEvaluation::Refuse(const std::string& what) {
  if (!error_) error_ = RefuseStatement(body_, *at_, what, evaluator_->followed());
}

std::string BodyEvaluation::TypeOf(const std::string& place) const {
  const auto steps = MirSteps(place, body_);
  return steps ? steps->back().type : "";
}

void BodyEvaluation::Step(const MirStatement& statement, size_t index) {
  at_ = &statement;
  const std::string& text = statement.text;
  if (const auto assigned = MirAssigned(text)) {
    Store(*assigned, Value(*assigned, index));
    return;
  }
  if (IsSilent(text)) return;
  if (IsMirCall(text)) {
    Call(text, "()");
    return;
  }
  const bool branch = text.starts_with("switchInt(");
  const Facts facts = Operands(text, "");
  if (facts.Any()) Refuse(branch ? "a branch" : "a statement that is not understood");
}

void BodyEvaluation::Store(const MirAssignment& assigned, const Facts& facts) {
  changed_ |= locals_[assigned.local].Add(facts);
  const auto steps = MirSteps(assigned.place, body_);
  if (!steps) {
    if (facts.Any()) Refuse("a place that is not understood");
    return;
  }
  for (const MirStep& step : *steps)
    if (step.kind == MirStep::Kind::kIndex && locals_[step.index].number) Refuse("an index");
  const bool through = std::any_of(steps->begin(), steps->end(), [](const MirStep& step) {
    return step.kind == MirStep::Kind::kDeref;
  });
  if (through) StoreThrough(facts);
}

void BodyEvaluation::StoreThrough(const Facts& facts) {
  if (!facts.Any()) return;
  changed_ |= stored_.Add(facts);
  for (const std::string& local : borrowed_) changed_ |= locals_[local].Add(facts);
}

Facts BodyEvaluation::Value(const MirAssignment& assigned, size_t index) {
  const std::string& value = assigned.value;
  const std::string type = TypeOf(assigned.place);
  if (IsMirCall(value)) return Call(value, type);
  const std::string operation = MirOperation(value);
  if (IsArithmetic(operation)) return Operation(operation, value, index);
  if (const std::string place = MirBorrowed(value); !place.empty()) {
    if (IsMirMutableBorrow(value)) changed_ |= borrowed_.insert(MirLocalOf(place)).second;
    return Borrow(place);
  }
  if (const auto cast = MirCastOf(value)) return Cast(*cast, value);
  if (operation == "SizeOf" || operation == "AlignOf" || operation == "OffsetOf") {
    Facts facts;
    facts.number = layouts().Mentions(value.substr(operation.size()), parameters_);
    return facts;
  }
  if (operation == "discriminant" || operation == "Len") {
    const size_t open = operation.size() + 1;
    const Facts read = Read(value.substr(open, value.rfind(')') - open));
    Facts facts;
    // Which variant a value is was decided where it was made; a layout that the variant
    // holds has no part in it.
    if (operation == "discriminant") return facts;
    facts.number = read.number || layouts().Mentions(value, parameters_);
    facts.narrow = read.narrow;
    return facts;
  }
  if (operation == "PtrMetadata") {
    Facts facts = Operands(value, "");
    facts.address = facts.bytes = false;
    return facts;
  }
  // Moves and aggregates: their parts.
  return Operands(value, value.starts_with("const ") ? type : "");
}

Facts BodyEvaluation::Operands(const std::string& text, const std::string& type) {
  Facts facts;
  for (const MirOperand& operand : MirOperands(text)) facts.Add(Operand(operand, type));
  return facts;
}

Facts BodyEvaluation::Operand(const MirOperand& operand, const std::string& type) {
  if (operand.kind == MirOperand::Kind::kPlace) return Read(operand.text);
  std::optional<Error> error;
  Facts facts = evaluator_->Constant(body_, operand, type, parameters_, &error);
  if (error && !error_) error_ = error;
  if (facts.unknown) Refuse("a constant of another crate");
  return facts;
}

Facts BodyEvaluation::Read(const std::string& place) {
  Facts facts;
  const auto steps = MirSteps(place, body_);
  if (!steps) {
    for (const std::string& local : MirLocals(place)) facts.Add(locals_[local]);
    if (facts.Any()) Refuse("a place that is not understood");
    return facts;
  }
  facts = locals_[MirLocalOf(place)];
  for (size_t i = 1; i < steps->size(); i++) {
    const MirStep& step = (*steps)[i];
    const std::string& from = (*steps)[i - 1].type;
    if ((step.kind == MirStep::Kind::kDeref && facts.bytes) || facts.content)
      Refuse("a read of the bytes of a value, whose place or meaning");
    if (step.kind == MirStep::Kind::kIndex && locals_[step.index].number) Refuse("an index");
    if (step.kind == MirStep::Kind::kField && layouts().IsUnion(from) &&
        (facts.number || layouts().Moves(from, parameters_)))
      Refuse("a read of a union, whose members' places");
  }
  if (IsMirScalar(steps->back().type)) facts.address = facts.bytes = false;
  return facts;
}

Facts BodyEvaluation::Borrow(const std::string& place) {
  Facts facts;
  const auto steps = MirSteps(place, body_);
  if (!steps) {
    for (const std::string& local : MirLocals(place)) facts.Add(locals_[local]);
    if (facts.Any()) Refuse("a place that is not understood");
    return facts;
  }
  facts = locals_[MirLocalOf(place)];
  for (size_t i = 0; i < steps->size(); i++) {
    const MirStep& step = (*steps)[i];
    if (layouts().Moves(step.type, parameters_)) facts.address = true;
    if (step.kind == MirStep::Kind::kIndex && locals_[step.index].number) Refuse("an index");
    if (i > 0 && step.kind == MirStep::Kind::kField && layouts().IsUnion((*steps)[i - 1].type) &&
        (facts.number || layouts().Moves((*steps)[i - 1].type, parameters_)))
      facts.bytes = true;
  }
  return facts;
}

Facts BodyEvaluation::Operation(const std::string& operation, const std::string& value,
                                size_t index) {
  Facts facts;
  size_t numbers = 0;
  for (const MirOperand& operand : MirOperands(value)) {
    const Facts one = Operand(operand, "");
    numbers += one.number ? 1 : 0;
    facts.Add(one);
  }
  if (operation == "Offset") {
    facts.bytes |= facts.address || facts.number;
    facts.number = false;
    return facts;
  }
  if (IsLinearOperation(operation)) {
    if (facts.narrow) Refuse("the operation " + operation + " with a part of a number that");
    if (numbers > 1 && operation.starts_with("Mul")) Refuse("the operation " + operation);
    return facts;
  }
  if (!facts.Any() || ChecksDivisor(body_, index) || ComparesSizeWithZero(body_, value)) return {};
  Refuse("the operation " + operation);
  return facts;
}

Facts BodyEvaluation::Cast(const MirCast& cast, const std::string& value) {
  const std::vector<MirOperand> operands = MirOperands(value);
  Facts facts = Operands(value, "");
  std::string from;
  if (operands.size() == 1 && operands[0].kind == MirOperand::Kind::kPlace)
    from = TypeOf(operands[0].text);
  if (cast.kind == "IntToInt" || cast.kind.find("Float") != std::string::npos) {
    if (!facts.number || !evaluator_->followed().keeps_width) return facts;
    if (IsByte(cast.type) || cast.kind != "IntToInt")
      Refuse("the cast to " + cast.type);
    else if (facts.narrow)
      Refuse("another cast of a part of a number, which");
    facts.narrow |= !KeepsAll(cast.type);
    return facts;
  }
  if (cast.kind == "Transmute") return Transmute(facts, from, cast.type);
  if (cast.kind == "PtrToPtr" || cast.kind == "FnPtrToPtr" || cast.kind == "Subtype")
    return PointerCast(facts, from, cast.type);
  if (cast.kind.starts_with("PointerCoercion")) {
    // The length of an array becomes part of the pointer.
    const std::string array = MirPointee(from);
    const size_t semicolon = array.rfind("; ");
    if (cast.kind.find("Unsize") != std::string::npos && array.starts_with("[") &&
        semicolon != array.npos && layouts().Moves("[u8" + array.substr(semicolon), parameters_))
      facts.number = true;
    return facts;
  }
  if (facts.Any()) Refuse("the cast " + cast.kind);
  return facts;
}

Facts BodyEvaluation::PointerCast(Facts facts, const std::string& from,
                                  const std::string& to) const {
  if ((!facts.address && !facts.number) || facts.bytes) return facts;
  const std::string one = MirPointee(from), other = MirPointee(to);
  // A wrapper of the type, or what it wraps.
  if (one == other || (!one.empty() && other.find(one) != other.npos) ||
      (!other.empty() && one.find(other) != one.npos))
    return facts;
  // Nothing can be read as this.
  if (other == "core::ffi::c_void" || other == "kernel::ffi::c_void" || other == "()") return facts;
  facts.bytes = true;
  return facts;
}

Facts BodyEvaluation::Transmute(Facts facts, const std::string& from, const std::string& to) {
  if (IsPointer(to) && (from.empty() || IsPointer(from))) return PointerCast(facts, from, to);
  const bool moves = layouts().Moves(from, parameters_) || layouts().Moves(to, parameters_);
  const bool wraps = from == to || (!from.empty() && to.find("<" + from + ">") != to.npos) ||
                     (!to.empty() && from.find("<" + to + ">") != from.npos);
  if (wraps || !(moves || facts.Any())) return facts;
  // Tables for the kernel's tools are kept so: as long as nobody looks into it, it is what
  // it was.
  const std::string length = std::string("; ") + kMirLayout + "]";
  if (moves && !facts.number &&
      (to == "[u8" + length || to == "[core::mem::MaybeUninit<u8>" + length)) {
    facts = {};
    facts.content = true;
    return facts;
  }
  Refuse("the transmute to " + to);
  return facts;
}

Summary EvaluateBody(const MirBody& body, bool parameters, const std::vector<Facts>& arguments,
                     ConstEvaluator* evaluator) {
  return BodyEvaluation(body, parameters, evaluator).Run(arguments);
}

}  // namespace race::build
