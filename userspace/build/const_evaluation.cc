// SPDX-License-Identifier: GPL-2.0-only
#include "build/const_evaluation.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <vector>

namespace race::build {
namespace {

// How the source asks for a layout, as MIR spells it before the type.
constexpr const char* kQuestions[] = {"size_of::<",       "size_of_val::<",      "align_of::<",
                                      "align_of_val::<",  "offset_of::<",        "Layout::new::<",
                                      "Layout::array::<", "Layout::for_value::<"};
// Associated constants of core with the same answers.
constexpr const char* kAnswers = " as core::mem::SizedTypeProperties>::";

struct Question {
  std::string type;
  bool alignment = false;
};

std::vector<Question> Questions(std::string_view text) {
  std::vector<Question> questions;
  for (std::string_view word : kQuestions)
    for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
      if (at > 0 && (std::isalnum(static_cast<unsigned char>(text[at - 1])) || text[at - 1] == '_'))
        continue;
      size_t open = at + word.size() - 1, close = MirClosing(text, open);
      if (close == text.npos) continue;
      questions.push_back({std::string(text.substr(open + 1, close - open - 1)),
                           word.starts_with("align") || word.starts_with("Layout")});
    }
  for (size_t at = text.find(kAnswers); at != text.npos; at = text.find(kAnswers, at + 1)) {
    size_t open = text.rfind("const <", at);
    if (open == text.npos) continue;
    questions.push_back({std::string(text.substr(open + 7, at - open - 7)),
                         text.substr(at).find("ALIGN") != text.npos});
  }
  return questions;
}

// The paths of the constants among a statement's operands.
std::vector<std::string> Constants(std::string_view text) {
  std::vector<std::string> paths;
  for (size_t at = text.find("const "); at != text.npos; at = text.find("const ", at + 1)) {
    size_t end = at + 6;
    if (end < text.size() && (text[end] == '"' || text.substr(end, 2) == "b\"")) continue;
    while (end < text.size() &&
           std::string_view(",);] ").find(text[end]) == std::string_view::npos) {
      size_t close = std::string_view("<({[").find(text[end]) == std::string_view::npos
                         ? end
                         : MirClosing(text, end);
      if (close == text.npos) break;
      end = close + 1;
    }
    paths.emplace_back(text.substr(at + 6, end - at - 6));
  }
  return paths;
}

// "Le" of "_0 = Le(move _1, move _2)"; empty when it is no operation.
std::string Operation(std::string_view value) {
  size_t open = value.find('(');
  if (open == value.npos || open == 0) return "";
  for (char c : value.substr(0, open))
    if (!std::isalpha(static_cast<unsigned char>(c))) return "";
  return std::string(value.substr(0, open));
}

bool Linear(const std::string& operation) {
  for (const char* name : {"Add", "Sub", "Mul", "Neg", "AddWithOverflow", "SubWithOverflow",
                           "MulWithOverflow", "AddUnchecked", "SubUnchecked", "MulUnchecked"})
    if (operation == name) return true;
  return false;
}

bool Arithmetic(const std::string& operation) {
  for (const char* name :
       {"Eq", "Ne", "Lt", "Le", "Gt", "Ge", "Cmp", "Div", "Rem", "BitAnd", "BitOr", "BitXor", "Shl",
        "Shr", "ShlUnchecked", "ShrUnchecked", "Not", "Offset"})
    if (operation == name) return true;
  return Linear(operation);
}

// "foo::<T>(move _1)": where the arguments begin.
size_t Arguments(std::string_view call) {
  for (size_t i = 0; i < call.size(); i++) {
    if (call[i] == '(') return i;
    if (call[i] != '<' && call[i] != '{') continue;
    size_t close = MirClosing(call, i);
    if (close == call.npos) return close;
    i = close;
  }
  return call.npos;
}

// "T, U" of "foo::<T, U>"; empty when the path ends without generic arguments.
std::vector<std::string> Generics(std::string_view path) {
  std::vector<std::string> generics;
  size_t open = path.npos;
  for (size_t i = 0; i < path.size(); i++) {
    if (path[i] != '<') continue;
    size_t close = MirClosing(path, i);
    if (close == path.npos) return generics;
    if (close + 1 == path.size()) open = i;
    i = close;
  }
  if (open == path.npos) return generics;
  std::string_view list = path.substr(open + 1, path.size() - open - 2);
  size_t start = 0;
  for (size_t i = 0; i <= list.size(); i++) {
    if (i < list.size() && list[i] != ',') {
      if (std::string_view("<([{").find(list[i]) != std::string_view::npos)
        if (size_t close = MirClosing(list, i); close != list.npos) i = close;
      continue;
    }
    std::string_view one = list.substr(start, i - start);
    while (one.starts_with(" ")) one.remove_prefix(1);
    generics.emplace_back(one);
    start = i + 1;
  }
  return generics;
}

// Crates that a driver is compiled with; MIR spells their items with the crate's name,
// and the driver's own without.
constexpr const char* kCrates[] = {"core", "kernel", "pin_init", "ffi", "uapi"};

class NoLayout : public TypeLayouts {
 public:
  bool Moves(const std::string& /*type*/) const override { return false; }
};

class Analysis {
 public:
  // `items`: whose values are such numbers, by their names.  `what`: that they are.
  Analysis(const Mir& mir, const TypeLayouts& layouts, std::set<std::string> items,
           const char* what)
      : mir_(mir), layouts_(layouts), items_(std::move(items)), what_(what) {}

  Status Check() {
    // Which items' values are layouts: they refer to one another in any order.
    for (size_t before = items_.size() + 1; before != items_.size();) {
      before = items_.size();
      for (const MirBody& body : mir_.bodies)
        if (LocalsOf(body).layout.count("_0") != 0) items_.insert(MirItem(body.name));
    }
    // A const fn that decides something does so where it is called.
    for (size_t before = deciding_.size() + 1; before != deciding_.size();) {
      before = deciding_.size();
      for (const MirBody& body : mir_.bodies)
        if (body.compile_time && body.function)
          if (Status checked = CheckBody(body); !checked)
            deciding_.emplace(MirItem(body.name), checked.error());
    }
    for (const MirBody& body : mir_.bodies)
      if (!body.compile_time || !body.function) RACE_TRY(CheckBody(body));
    return Ok{};
  }

 private:
  // What is known of a body's locals.
  struct Locals {
    std::set<std::string> layout;   // a layout has a part in one of its values
    std::set<std::string> runtime;  // none of its values is known at compile time
  };

  static bool Touches(const std::set<std::string>& locals, std::string_view text) {
    for (const std::string& local : MirLocals(text))
      if (locals.count(local) != 0) return true;
    return false;
  }

  static bool Split(const std::string& text, std::string* to, std::string* value) {
    size_t equals = text.find(" = ");
    if (equals == std::string::npos || (text[0] != '_' && text[0] != '(')) return false;
    *to = text.substr(0, equals);
    *value = text.substr(equals + 3);
    return true;
  }

  static bool IsCall(const std::string& value) {
    return value.find(" -> [return") != std::string::npos ||
           value.find(" -> bb") != std::string::npos ||
           value.find(" -> unwind") != std::string::npos;
  }

  // Whether the path is of a function or constant of another crate, which has nothing but
  // its last name in common with the driver's.  That of a trait may be implemented by the
  // driver, and constants of the bindings may be asked for.
  bool IsElsewhere(std::string_view path) const {
    if (path.starts_with("kernel::bindings::")) return false;
    for (const char* crate : kCrates) {
      const std::string start = std::string(crate) + "::";
      if (path.starts_with(start))
        return std::none_of(mir_.bodies.begin(), mir_.bodies.end(),
                            [&](const MirBody& body) { return body.name.starts_with(start); });
    }
    return false;
  }

  // Whether the values of what the path names are layouts.
  bool IsItem(std::string_view path) const {
    return items_.count(MirItem(path)) != 0 && !IsElsewhere(path);
  }

  // Whether the value itself, not through a local, is a layout.
  bool IsLayout(const std::string& value) const {
    for (const Question& question : Questions(value))
      if (layouts_.Moves(question.type)) return true;
    for (const std::string& path : Constants(value)) {
      if (IsItem(path)) return true;
      if (!path.starts_with("{alloc")) continue;
      auto name = mir_.statics.find(path.substr(1, path.find(':') - 1));
      if (name != mir_.statics.end() && items_.count(name->second) != 0) return true;
    }
    if (!IsCall(value)) return false;
    // A function of the driver whose result is one.
    size_t open = Arguments(value);
    return open != std::string::npos && IsItem(value.substr(0, open));
  }

  // Whether a value is certainly not known before the code runs.  Nothing is
  // inlined into the driver before the layouts are symbols, so what a call gives
  // back is not known, not even a call of size_of().
  static bool IsRuntime(const MirBody& body, const Locals& locals, const std::string& value) {
    if (body.compile_time) return false;
    if (IsCall(value)) return true;
    if (Arithmetic(Operation(value))) return Touches(locals.runtime, value);
    std::set<std::string> parts = MirLocals(value);
    return !parts.empty() && value.find("const ") == std::string::npos &&
           std::all_of(parts.begin(), parts.end(),
                       [&](const std::string& part) { return locals.runtime.count(part) != 0; });
  }

  Locals LocalsOf(const MirBody& body) const {
    Locals locals;
    std::set<std::string> candidates;
    if (!body.compile_time)
      for (size_t a = 1; a <= body.arguments; a++) candidates.insert("_" + std::to_string(a));
    locals.runtime = candidates;
    // Assigned ones are runtime until an assignment says otherwise.
    std::string to, value;
    for (const MirStatement& statement : body.statements)
      if (!body.compile_time && Split(statement.text, &to, &value))
        locals.runtime.insert(to.substr(to.find('_'), LocalLength(to)));
    for (bool changed = true; changed;) {
      changed = false;
      for (const MirStatement& statement : body.statements) {
        if (!Split(statement.text, &to, &value)) continue;
        std::string local = to.substr(to.find('_'), LocalLength(to));
        bool runtime = IsRuntime(body, locals, value);
        if (!runtime) changed |= locals.runtime.erase(local) != 0;
        if (!runtime && !ComparesSizeWithZero(body, value) &&
            (Touches(locals.layout, value) || IsLayout(value)))
          changed |= locals.layout.insert(local).second;
      }
    }
    return locals;
  }

  static size_t LocalLength(const std::string& to) {
    size_t start = to.find('_'), end = start + 1;
    while (end < to.size() && std::isdigit(static_cast<unsigned char>(to[end]))) end++;
    return end - start;
  }

  Status CheckBody(const MirBody& body) const {
    Locals locals = LocalsOf(body);
    for (size_t s = 0; s < body.statements.size(); s++) {
      const std::string& text = body.statements[s].text;
      if (text.starts_with("switchInt(") && Decides(text, locals))
        return Refuse(body, s, "a branch");
      std::string to, value;
      if (!Split(text, &to, &value)) continue;
      std::string operation = Operation(value);
      if (Arithmetic(operation)) {
        if (!Linear(operation) && Decides(value, locals) && !ChecksDivisor(body, s) &&
            !ComparesSizeWithZero(body, value))
          return Refuse(body, s, "the operation " + operation);
      } else if (IsCall(value) && body.compile_time) {
        RACE_TRY(CheckCall(body, s, value, locals));
      }
    }
    return Ok{};
  }

  // At compile time a call is an operation like another.
  Status CheckCall(const MirBody& body, size_t s, const std::string& value,
                   const Locals& locals) const {
    size_t open = Arguments(value);
    size_t close = open == std::string::npos ? open : MirClosing(value, open);
    if (close == std::string::npos) return Refuse(body, s, "a call");
    std::string arguments = value.substr(open, close + 1 - open), path = value.substr(0, open);
    if (Touches(locals.layout, arguments) || IsLayout(arguments)) return Refuse(body, s, "a call");
    auto decides = deciding_.find(MirItem(path));
    if (decides == deciding_.end() || IsElsewhere(path)) return Ok{};
    std::vector<std::string> generics = Generics(path);
    bool moves = generics.empty() ||
                 std::any_of(generics.begin(), generics.end(),
                             [&](const std::string& type) { return layouts_.Moves(type); });
    return moves ? Status(decides->second) : Status(Ok{});
  }

  // Whether the outcome is fixed at compile time and depends on a layout.
  bool Decides(const std::string& value, const Locals& locals) const {
    if (Touches(locals.runtime, value)) return false;
    return Touches(locals.layout, value) || IsLayout(value);
  }

  // "_5 = Eq(copy _3, const 0_usize)" before a division: a size is not 0 under
  // any layout, and a contract says so.
  static bool ChecksDivisor(const MirBody& body, size_t s) {
    const std::string& text = body.statements[s].text;
    if (text.find(" = Eq(") == std::string::npos || text.find(", const 0_") == std::string::npos ||
        s + 1 >= body.statements.size())
      return false;
    const std::string& next = body.statements[s + 1].text;
    return next.starts_with("assert(!move " + text.substr(0, text.find(' ')) + ",") &&
           (next.find("attempt to divide") != std::string::npos ||
            next.find("attempt to calculate the remainder") != std::string::npos);
  }

  // "Gt(move _2, const 0_usize)" where _2 is a size as it was asked for.  That it is
  // not 0 is the same on every target, as above; of an offset, or of a difference,
  // nobody says so.
  static bool ComparesSizeWithZero(const MirBody& body, const std::string& value) {
    const std::string operation = Operation(value);
    if ((operation != "Eq" && operation != "Ne" && operation != "Gt") ||
        !value.ends_with(", const 0_usize)"))
      return false;
    const std::set<std::string> locals = MirLocals(value);
    if (locals.size() != 1) return false;
    bool asked = false;
    std::string to, assigned;
    for (const MirStatement& statement : body.statements) {
      if (!Split(statement.text, &to, &assigned) || to != *locals.begin()) continue;
      if (assigned.find("size_of::<") == std::string::npos || !Operation(assigned).empty())
        return false;
      asked = true;
    }
    return asked;
  }

  Error Refuse(const MirBody& body, size_t s, const std::string& what) const {
    const MirStatement& statement = body.statements[s];
    std::string place = statement.place;
    for (size_t i = 0; place.empty() && i < body.statements.size(); i++)
      place = body.statements[i].place;
    return Fail(Code::kShapeDiffers)
           << (place.empty() ? "" : place + ": ") << body.name << ": " << what << " depends on "
           << what_ << " and is evaluated when the driver is compiled\n    " << statement.text
           << "\n  its outcome on another kernel cannot be known; let it be computed when the "
              "driver runs";
  }

  const Mir& mir_;
  const TypeLayouts& layouts_;
  std::set<std::string> items_;
  const char* what_;
  std::map<std::string, Error> deciding_;
};

}  // namespace

std::set<std::string> LayoutQueries::Kernel(const std::set<std::string>& types) {
  std::set<std::string> names;
  for (const std::string& type : types)
    for (std::string_view prefix : {"kernel::bindings::", "bindings::"})
      if (type.starts_with(prefix)) names.insert(type.substr(prefix.size()));
  return names;
}

std::map<std::string, std::string> LayoutQueries::AlignedInKernel() const {
  std::map<std::string, std::string> found;
  for (const std::string& type : aligned)
    for (const std::string& name : Kernel({type})) found.emplace(name, places.at(type));
  return found;
}

LayoutQueries FindLayoutQueries(const Mir& mir) {
  LayoutQueries queries;
  for (const MirBody& body : mir.bodies)
    for (const MirStatement& statement : body.statements)
      for (const Question& question : Questions(statement.text)) {
        queries.types.insert(question.type);
        queries.places.emplace(question.type, statement.place);
        if (question.alignment) queries.aligned.insert(question.type);
      }
  return queries;
}

Status CheckConstEvaluation(const Mir& mir, const TypeLayouts& layouts) {
  return Analysis(mir, layouts, {}, "a kernel type's layout").Check();
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
  return Analysis(mir, NoLayout(), constants, "an enumerator of C").Check();
}

}  // namespace race::build
