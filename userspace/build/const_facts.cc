// SPDX-License-Identifier: GPL-2.0-only
#include "build/const_facts.h"

#include <algorithm>

#include "build/const_calls.h"

namespace race::build {
namespace {

template <typename Names>
bool Has(const Names& names, const std::string& name) {
  return std::any_of(std::begin(names), std::end(names),
                     [&](const char* one) { return name == one; });
}

std::string KeyOf(const MirBody& body, bool parameters, const std::vector<Facts>& arguments) {
  std::string key = std::to_string(reinterpret_cast<uintptr_t>(&body)) + (parameters ? "T" : "");
  for (const Facts& facts : arguments)
    key += static_cast<char>('0' + (facts.number ? 1 : 0) + (facts.narrow ? 2 : 0) +
                             (facts.address ? 4 : 0) + (facts.bytes ? 8 : 0) +
                             (facts.unknown ? 16 : 0) + (facts.content ? 32 : 0));
  return key;
}

}  // namespace

bool IsMirScalar(const std::string& type) {
  static constexpr const char* kScalars[] = {"u8",   "i8",   "u16",   "i16",   "u32",  "i32",
                                             "u64",  "i64",  "usize", "isize", "u128", "i128",
                                             "bool", "char", "f32",   "f64"};
  return Has(kScalars, type);
}

bool IsLinearOperation(const std::string& operation) {
  static constexpr const char* kLinear[] = {"Add",
                                            "Sub",
                                            "Mul",
                                            "Neg",
                                            "AddWithOverflow",
                                            "SubWithOverflow",
                                            "MulWithOverflow",
                                            "AddUnchecked",
                                            "SubUnchecked",
                                            "MulUnchecked"};
  return Has(kLinear, operation);
}

bool IsArithmetic(const std::string& operation) {
  static constexpr const char* kOthers[] = {
      "Eq",     "Ne",    "Lt",     "Le",  "Gt",  "Ge",           "Cmp",          "Div", "Rem",
      "BitAnd", "BitOr", "BitXor", "Shl", "Shr", "ShlUnchecked", "ShrUnchecked", "Not", "Offset"};
  return IsLinearOperation(operation) || Has(kOthers, operation);
}

bool ChecksDivisor(const MirBody& body, size_t statement) {
  const std::string& text = body.statements[statement].text;
  if (text.find(" = Eq(") == std::string::npos || text.find(", const 0_") == std::string::npos ||
      statement + 1 >= body.statements.size())
    return false;
  const std::string& next = body.statements[statement + 1].text;
  return next.starts_with("assert(!move " + text.substr(0, text.find(' ')) + ",") &&
         (next.find("attempt to divide") != std::string::npos ||
          next.find("attempt to calculate the remainder") != std::string::npos);
}

// That a size is not 0 is the same on every target; of an offset, or of a difference, nobody
// says so.
bool ComparesSizeWithZero(const MirBody& body, const std::string& value) {
  const std::string operation = MirOperation(value);
  if ((operation != "Eq" && operation != "Ne" && operation != "Gt") ||
      !value.ends_with(", const 0_usize)"))
    return false;
  const std::set<std::string> locals = MirLocals(value);
  if (locals.size() != 1) return false;
  bool asked = false;
  for (const MirStatement& statement : body.statements) {
    const auto assigned = MirAssigned(statement.text);
    if (!assigned || assigned->place != *locals.begin()) continue;
    if (assigned->value.find("size_of::<") == std::string::npos ||
        !MirOperation(assigned->value).empty())
      return false;
    asked = true;
  }
  return asked;
}

Error RefuseStatement(const MirBody& body, const MirStatement& statement, const std::string& what,
                      const Followed& followed) {
  // A macro's own lines are in another file.
  std::string place = statement.place;
  const auto file = [](const std::string& of) { return of.substr(0, of.find(':')); };
  if (place.empty() || (!body.place.empty() && file(place) != file(body.place))) place = body.place;
  for (size_t i = 0; place.empty() && i < body.statements.size(); i++)
    place = body.statements[i].place;
  return Fail(Code::kShapeDiffers)
         << (place.empty() ? "" : place + ": ") << body.name << ": " << what << " depends on "
         << followed.what << " and is evaluated when the driver is compiled\n    " << statement.text
         << "\n  its outcome on another kernel cannot be known; let it be computed when the "
            "driver runs";
}

bool ConstEvaluator::BeginAgain() {
  const bool again = changed_;
  changed_ = false;
  for (auto& [key, known] : known_) known.done = false;
  return again;
}

const Summary& ConstEvaluator::Evaluate(const MirBody& body, bool parameters,
                                        const std::vector<Facts>& arguments) {
  Known& known = known_[KeyOf(body, parameters, arguments)];
  if (known.done) return known.summary;
  // What refers to itself sees what is known so far, and all begins again if that was less.
  known.done = true;
  Summary summary = EvaluateBody(body, parameters, arguments, this);
  changed_ |= known.summary.result.Add(summary.result);
  changed_ |= known.summary.stored.Add(summary.stored);
  changed_ |= known.summary.error.has_value() != summary.error.has_value();
  known.summary.error = std::move(summary.error);
  return known.summary;
}

Facts ConstEvaluator::Constant(const MirBody& from, const MirOperand& operand,
                               const std::string& type, bool parameters,
                               std::optional<Error>* error) {
  Facts facts;
  if (operand.kind == MirOperand::Kind::kLiteral) {
    facts.number = operand.text.find(kMirLayout) != std::string::npos &&
                   operand.text.find('"') == std::string::npos &&
                   operand.text.find('\'') == std::string::npos;
    return facts;
  }
  const TypeLayouts& layouts = *followed_.layouts;
  const std::string& path = operand.text;
  if (MirItems::IsStatic(path)) {
    for (const MirBody* body : items_.FindStatic(path)) {
      facts.Add(Evaluate(*body, false, {}).result);
      const auto own = body->types.find("_0");
      if (own != body->types.end() && layouts.Moves(own->second, parameters)) facts.address = true;
    }
    if (layouts.Moves(MirPointee(type), parameters)) facts.address = true;
    return facts;
  }
  const std::string crate = items_.CrateOf(path, from.crate);
  if (followed_.constants.count(MirItem(path)) != 0 &&
      (crate == from.crate || path.starts_with("kernel::bindings::")))
    facts.number = true;
  const bool mentions = layouts.PathMentions(path, parameters);
  if (KnownItemOf(path) == KnownItem::kLayout) {
    facts.number |= mentions;
    return facts;
  }
  const std::vector<const MirBody*> bodies = items_.Find(path, from.crate);
  for (const MirBody* body : bodies) {
    if (body->function) continue;
    const Summary& summary = Evaluate(*body, mentions, {});
    facts.Add(summary.result);
    if (summary.error && !*error) *error = summary.error;
  }
  if (!bodies.empty()) return facts;
  // A parameter of the generics, "N"; or what another crate made of the type.
  if (MirPathParts(path).size() == 1 && crate == from.crate) {
    facts.number |= parameters && followed_.parameters;
  } else if (mentions) {
    if (type.empty() || IsMirScalar(type))
      facts.unknown = true;
    else
      facts.address = true;
  }
  return facts;
}

}  // namespace race::build
