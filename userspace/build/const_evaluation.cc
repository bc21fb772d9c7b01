// SPDX-License-Identifier: GPL-2.0-only
#include "build/const_evaluation.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include "build/const_calls.h"
#include "build/const_facts.h"

namespace race::build {
namespace {

class NoLayout : public TypeLayouts {
 public:
  Answer Named(const std::string& /*type*/) const override { return Answer::kStays; }
};

// Whether a number that comes from a layout is an argument of generics: "W<?>".
bool HasNumberArguments(const Mir& mir) {
  const auto has = [](std::string_view text) {
    for (size_t at = text.find(kMirLayout); at != text.npos; at = text.find(kMirLayout, at + 1)) {
      const std::string_view before = text.substr(0, at);
      // A padding of the SDK's own is no generic of anybody's.
      if (before.ends_with("__RacePad<u8, ") || before.ends_with("__RacePad<u16, ") ||
          before.ends_with("__RacePad<u32, ") || before.ends_with("__RacePad<u64, "))
        continue;
      if (before.ends_with("<") || (before.ends_with(", ") && text.substr(at + 1, 1) != "_"))
        return true;
    }
    return false;
  };
  return std::any_of(mir.bodies.begin(), mir.bodies.end(), [&](const MirBody& body) {
    return std::any_of(body.types.begin(), body.types.end(),
                       [&](const auto& type) { return has(type.second); }) ||
           std::any_of(body.statements.begin(), body.statements.end(),
                       [&](const MirStatement& statement) { return has(statement.text); });
  });
}

// "E::A::{constant#0}", of an enum's variant: what is read of such an enum is a number that
// nothing in MIR says to be one.  Those of array lengths are of type usize.
bool IsDiscriminant(const MirBody& body) {
  const std::vector<std::string> parts = MirPathParts(body.name);
  const auto type = body.types.find("_0");
  return parts.size() > 2 && parts.back().starts_with("{constant#") &&
         parts[parts.size() - 2].find('{') == std::string::npos && type != body.types.end() &&
         type->second != "usize" && IsMirScalar(type->second);
}

// Whether a body of that name has the anonymous one inside of it: an inline constant.
bool IsInside(const MirBody& anonymous, const Mir& mir) {
  const std::string outer = anonymous.name.substr(0, anonymous.name.rfind("::"));
  return std::any_of(mir.bodies.begin(), mir.bodies.end(), [&](const MirBody& body) {
    return body.crate == anonymous.crate && body.name == outer;
  });
}

Status CheckAll(const Mir& mir, const Followed& followed) {
  ConstEvaluator evaluator(mir, followed);
  Status status = Ok{};
  do {
    status = Ok{};
    for (const MirBody& body : mir.bodies) {
      if (!body.crate.empty()) continue;
      Status checked = Ok{};
      // A const fn that decides something does so where it is called.
      if (body.compile_time && !body.function) {
        const Summary& summary = evaluator.Evaluate(body, true, {});
        if (summary.error)
          checked = *summary.error;
        else if (followed.keeps_width && summary.result.number && IsDiscriminant(body) &&
                 !IsInside(body, mir))
          checked =
              RefuseStatement(body, body.statements.back(), "the number of a variant", followed);
      } else if (!body.compile_time) {
        checked = CheckRunningBody(body, &evaluator);
      }
      if (status && !checked) status = checked;
    }
  } while (evaluator.BeginAgain());
  return status;
}

struct Question {
  std::string type;
  bool alignment = false;
};

// "T" of "size_of::<T>"; the type that a constant or function is asked about.
std::string Asked(std::string_view path) {
  if (path.starts_with("<")) {
    const size_t as = path.find(" as core::mem::SizedTypeProperties>::");
    return as == path.npos ? "" : std::string(path.substr(1, as - 1));
  }
  size_t open = path.npos;
  for (size_t i = 0; i < path.size(); i++) {
    if (path[i] != '<') continue;
    const size_t close = MirClosing(path, i);
    if (close == path.npos) return "";
    if (close + 1 == path.size()) open = i;
    i = close;
  }
  return open == path.npos ? "" : std::string(path.substr(open + 1, path.size() - open - 2));
}

// What a path asks for, if it asks for a layout.
std::optional<Question> QuestionOf(const std::string& path) {
  const std::vector<std::string> parts = MirPathParts(path);
  const std::string& name = parts.back();
  // "core::ptr::const_ptr::<impl *const T>::is_aligned"
  if (path.starts_with("core::ptr::") && (name == "is_aligned" || name == "align_offset")) {
    if (parts.size() < 2) return std::nullopt;
    const std::string_view impl = parts[parts.size() - 2];
    if (!impl.starts_with("<impl ")) return std::nullopt;
    return Question{MirPointee(impl.substr(6, impl.size() - 7)), true};
  }
  if (KnownItemOf(path) != KnownItem::kLayout) return std::nullopt;
  Question question{Asked(path), false};
  if (question.type.empty()) return std::nullopt;
  question.alignment =
      name.find("align") != name.npos || name.starts_with("ALIGN") || name == "LAYOUT" ||
      (parts.size() > 1 &&
       (parts[parts.size() - 2] == "Layout" || parts[parts.size() - 2] == "Alignment"));
  return question;
}

// The same of a function of another crate that is asked about a type and nothing else:
// "kernel::ptr::Alignment::of::<T>()".  What it answers may be anything of the layout.
std::optional<Question> QuestionOfCall(const std::string& path, std::string_view arguments,
                                       const std::string& result, const MirItems& items) {
  const std::string crate = items.CrateOf(path, "");
  if (crate.empty() || arguments != "()") return std::nullopt;
  const std::string type = Asked(path);
  const bool other = type.empty() || type.find(", ") != type.npos ||
                     std::isdigit(static_cast<unsigned char>(type[0])) || type[0] == '{';
  if (other || result.empty() || result.find(type) != result.npos || !MirPointee(result).empty())
    return std::nullopt;
  if (crate == "core" && !IsMirScalar(result)) return std::nullopt;
  if (KnownItemOf(path) != KnownItem::kUnknown || result == "()" || result == "!" ||
      result == "bool")
    return std::nullopt;
  return Question{type, true};
}

std::vector<Question> QuestionsIn(const MirBody& body, const MirStatement& statement,
                                  const MirItems& items) {
  std::vector<Question> questions;
  for (const MirOperand& operand : MirOperands(statement.text))
    if (operand.kind == MirOperand::Kind::kConstant)
      if (auto question = QuestionOf(operand.text)) questions.push_back(*question);
  const auto assigned = MirAssigned(statement.text);
  if (!assigned || !IsMirCall(assigned->value)) return questions;
  const size_t open = MirArguments(assigned->value);
  if (open == assigned->value.npos) return questions;
  const std::string path = assigned->value.substr(0, open);
  const size_t close = MirClosing(assigned->value, open);
  const auto steps = MirSteps(assigned->place, body);
  auto question = QuestionOf(path);
  if (!question && close != assigned->value.npos && steps)
    question = QuestionOfCall(path, assigned->value.substr(open, close + 1 - open),
                              steps->back().type, items);
  if (question) questions.push_back(*question);
  return questions;
}

}  // namespace

std::set<std::string> LayoutQueries::Kernel(const std::set<std::string>& types) {
  std::set<std::string> names;
  for (const std::string& type : types)
    for (std::string_view prefix : {"kernel::bindings::", "bindings::"})
      if (type.starts_with(prefix)) names.insert(type.substr(prefix.size()));
  return names;
}

// Those that the type is or that are arguments of it, "Opaque<bindings::mutex>"; not what its
// pointers point to.
std::map<std::string, std::string> LayoutQueries::AlignedInKernel() const {
  constexpr std::string_view kBindings = "bindings::";
  std::map<std::string, std::string> found;
  for (const std::string& type : aligned)
    for (size_t at = type.find(kBindings); at != type.npos; at = type.find(kBindings, at + 1)) {
      size_t end = at + kBindings.size();
      while (end < type.size() &&
             (std::isalnum(static_cast<unsigned char>(type[end])) || type[end] == '_'))
        end++;
      const size_t before = type.find_last_of("<(,[&*", at);
      if (before != type.npos && (type[before] == '&' || type[before] == '*')) continue;
      const size_t start = at + kBindings.size();
      found.emplace(type.substr(start, end - start), places.at(type));
    }
  return found;
}

std::map<std::string, std::string> LayoutQueries::AlignedOwn() const {
  std::map<std::string, std::string> found;
  for (const std::string& type : aligned) found.emplace(type, places.at(type));
  return found;
}

LayoutQueries FindLayoutQueries(const Mir& mir) {
  LayoutQueries queries;
  const MirItems items(mir);
  for (const MirBody& body : mir.bodies) {
    if (!body.crate.empty()) continue;
    for (const MirStatement& statement : body.statements)
      for (const Question& question : QuestionsIn(body, statement, items)) {
        queries.types.insert(question.type);
        queries.places.emplace(question.type, statement.place);
        if (question.alignment) queries.aligned.insert(question.type);
      }
  }
  return queries;
}

Status CheckConstEvaluation(const Mir& mir, const TypeLayouts& layouts) {
  Followed followed;
  followed.layouts = &layouts;
  followed.what = "a kernel type's layout";
  followed.keeps_width = true;
  followed.parameters = HasNumberArguments(mir);
  return CheckAll(mir, followed);
}

std::set<std::string> DifferingConstants(const Mir& one, const Mir& other) {
  auto numbers = [](const Mir& mir) {
    std::map<std::string, std::string> values;
    for (const MirBody& body : mir.bodies)
      if (body.compile_time && body.statements.size() == 1)
        values[body.name] = body.statements[0].text;
    return values;
  };
  std::set<std::string> names;
  const std::map<std::string, std::string> others = numbers(other);
  for (const auto& [name, value] : numbers(one))
    if (const auto found = others.find(name); found != others.end() && found->second != value)
      names.insert(MirItem(name));
  return names;
}

Status CheckEnumeratorEvaluation(const Mir& mir, const std::set<std::string>& constants) {
  const NoLayout none;
  Followed followed;
  followed.layouts = &none;
  followed.constants = constants;
  followed.what = "an enumerator of C";
  return CheckAll(mir, followed);
}

}  // namespace race::build
