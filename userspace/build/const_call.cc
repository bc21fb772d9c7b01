// SPDX-License-Identifier: GPL-2.0-only
//
// Calls that are evaluated while a driver is compiled.
#include <algorithm>

#include "build/const_body.h"
#include "build/const_calls.h"

namespace race::build {
namespace {

// Types of core that hold their arguments and nothing else.
constexpr const char* kHolders[] = {
    "core::option::Option",   "core::result::Result",    "core::ptr::NonNull",
    "core::mem::MaybeUninit", "core::mem::ManuallyDrop", "core::cell::UnsafeCell",
    "core::cell::Cell",       "core::pin::Pin",          "core::marker::PhantomData"};

// What stands between commas outside of brackets.
std::vector<std::string> Split(std::string_view list) {
  std::vector<std::string> parts;
  size_t start = 0;
  for (size_t i = 0; i <= list.size(); i++) {
    if (i < list.size() && list[i] != ',') {
      if (std::string_view("<([{\"").find(list[i]) == std::string_view::npos) continue;
      if (list[i] == '"') {
        for (i++; i < list.size() && list[i] != '"'; i++)
          if (list[i] == '\\') i++;
      } else if (const size_t close = MirClosing(list, i); close != list.npos) {
        i = close;
      }
      continue;
    }
    std::string_view one = list.substr(start, i - start);
    while (one.starts_with(" ")) one.remove_prefix(1);
    if (!one.empty()) parts.emplace_back(one);
    start = i + 1;
  }
  return parts;
}

bool IsOfBytes(const std::string& type) {
  const std::string element = MirPointee(type);
  return element == "u8" || element == "i8" || element == "core::ffi::c_void";
}

}  // namespace

std::vector<BodyEvaluation::Argument> BodyEvaluation::Arguments(const std::string& list) {
  std::vector<Argument> arguments;
  for (const std::string& text : Split(list)) {
    Argument argument;
    for (const MirOperand& operand : MirOperands(text)) {
      argument.facts.Add(Operand(operand, ""));
      if (operand.kind != MirOperand::Kind::kPlace) continue;
      argument.type = TypeOf(operand.text);
      argument.local = operand.text;
    }
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

bool BodyEvaluation::HoldsNoNumber(const std::string& type) const {
  if (type.empty() || IsMirScalar(type)) return false;
  if (type == "()" || type == "!" || !MirPointee(type).empty() || type.starts_with("fn(") ||
      type.find(" fn(") != type.npos || layouts().Moves(type, parameters_))
    return true;
  const auto all = [&](std::string_view list) {
    const std::vector<std::string> parts = Split(list);
    return std::all_of(parts.begin(), parts.end(),
                       [&](const std::string& part) { return HoldsNoNumber(part); });
  };
  if (type.starts_with("(") && type.ends_with(")")) return all(type.substr(1, type.size() - 2));
  if (type.starts_with("[") && type.ends_with("]"))
    return HoldsNoNumber(type.substr(1, type.rfind("; ") - 1));
  for (const char* holder : kHolders)
    if (type.starts_with(std::string(holder) + "<") && type.ends_with(">")) {
      const size_t open = type.find('<');
      return all(std::string_view(type).substr(open + 1, type.size() - open - 2));
    }
  return false;
}

// ptr::write(): what is written is what is given beside the pointer.
void BodyEvaluation::StoreArguments(const std::vector<Argument>& arguments) {
  for (size_t p = 0; p < arguments.size(); p++) {
    if (MirPointee(arguments[p].type).empty()) continue;
    Facts others;
    for (size_t a = 0; a < arguments.size(); a++)
      if (a != p) others.Add(arguments[a].facts);
    StoreThrough(others);
  }
}

Facts BodyEvaluation::Adopt(const MirBody& body, const std::string& path, const Summary& summary) {
  StoreThrough(summary.stored);
  if (summary.error && !error_) {
    // The driver's line is the one to read, and the other crate's reason.
    const std::string& why = summary.error->message;
    if (body.crate == body_.crate)
      error_ = summary.error;
    else
      Refuse("a call of " + path + " (" + why.substr(0, why.find(" depends on ")) + ")");
  }
  return summary.result;
}

Facts BodyEvaluation::Call(const std::string& value, const std::string& result) {
  const size_t open = MirArguments(value);
  const size_t close = open == value.npos ? open : MirClosing(value, open);
  if (close == value.npos) {
    Refuse("a call that is not understood");
    return {};
  }
  const std::string path = value.substr(0, open);
  const std::vector<Argument> arguments = Arguments(value.substr(open + 1, close - open - 1));
  Facts all;
  bool about = layouts().PathMentions(path, parameters_);
  for (const Argument& argument : arguments) {
    all.Add(argument.facts);
    about |= layouts().Mentions(argument.type, parameters_);
  }

  Facts facts;
  const KnownItem known = KnownItemOf(path);
  switch (known) {
    case KnownItem::kLayout:
      facts.number = about || all.number;
      // Whether it is too large is a decision.
      if (path.find("Layout::array") != path.npos && facts.number) Refuse("a call");
      return facts;
    case KnownItem::kHarmless:
      if (all.number) Refuse("a call");
      return facts;
    case KnownItem::kDifference:
    case KnownItem::kElements:
      if (!all.Any() && !about) return facts;
      if (known == KnownItem::kElements &&
          !std::all_of(arguments.begin(), arguments.end(),
                       [](const Argument& argument) { return IsOfBytes(argument.type); }))
        Refuse("a distance in elements");
      facts.number = all.address || all.bytes || all.number;
      return facts;
    case KnownItem::kCast:
      if (all.number && arguments.size() != 1) Refuse("a call");
      facts = PointerCast(all, arguments.empty() ? "" : arguments[0].type, result);
      return facts;
    case KnownItem::kMove:
      facts = all;
      facts.bytes |= all.address || all.number;
      facts.number = false;
      return facts;
    case KnownItem::kLinear:
      if (all.narrow && arguments.size() > 1) Refuse("a call");
      StoreArguments(arguments);
      facts = all;
      if (IsMirScalar(result)) facts.address = false;
      return facts;
    case KnownItem::kRead:
    case KnownItem::kReinterpret:
      if (all.bytes || all.content)
        Refuse("a read of the bytes of a value, whose place or meaning");
      if (IsMirScalar(result)) all.address = false;
      // What other crates know of their own types is theirs.
      if (known == KnownItem::kReinterpret && body_.crate.empty() && !arguments.empty())
        return Transmute(all, MirPointee(arguments[0].type), result);
      return all;
    case KnownItem::kUnknown:
      break;
  }
  if (!all.Any() && !about) {
    // What it is given says nothing; what it is may.
    for (const MirBody* body : evaluator_->items().Find(path, body_.crate)) {
      if (!body->function || !body->compile_time) continue;
      facts.Add(Adopt(*body, path, evaluator_->Evaluate(*body, false, {})));
    }
    if (evaluator_->followed().constants.count(MirItem(path)) != 0 &&
        evaluator_->items().CrateOf(path, body_.crate) == body_.crate)
      facts.number = true;
    return facts;
  }

  bool found = false;
  std::vector<Facts> given;
  for (const Argument& argument : arguments) given.push_back(argument.facts);
  for (const MirBody* body : evaluator_->items().Find(path, body_.crate)) {
    if (!body->function || !body->compile_time) continue;
    found = true;
    facts.Add(Adopt(*body, path,
                    evaluator_->Evaluate(*body, layouts().PathMentions(path, parameters_), given)));
  }
  if (found) return facts;
  // What another crate made of a mere pointer is no number.
  const std::string crate = evaluator_->items().CrateOf(path, body_.crate);
  const bool opaque = crate != body_.crate && crate != "core" && crate != "std" &&
                      !result.empty() && !IsMirScalar(result) &&
                      !layouts().PathMentions(path, parameters_);
  if (all.number || all.narrow || all.bytes || all.content || all.unknown ||
      !(HoldsNoNumber(result) || opaque)) {
    Refuse("a call");
    return all;
  }
  StoreArguments(arguments);
  return all;
}

}  // namespace race::build
