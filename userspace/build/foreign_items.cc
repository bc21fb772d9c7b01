// SPDX-License-Identifier: GPL-2.0-only
#include "build/foreign_items.h"

#include <llvm/IR/InstIterator.h>

#include <algorithm>

#include "build/enumerators.h"
#include "build/prototype_check.h"
#include "build/rust_text.h"
#include "support/file.h"

namespace race::build {
namespace {

// Bound of a chain of aliases.
constexpr int kMostAliases = 16;

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

std::string Fold(std::string_view text) {
  std::string folded;
  for (char c : text) {
    if (!IsSpace(c))
      folded += c;
    else if (!folded.empty() && folded.back() != ' ')
      folded += ' ';
  }
  if (!folded.empty() && folded.back() == ' ') folded.pop_back();
  return folded;
}

// Behind the bracket of any kind that is closed for the one at `open`.  `->` is none.
size_t Behind(std::string_view text, size_t open) {
  int depth = 0;
  for (size_t at = open; at < text.size(); at++) {
    if (std::string_view("([{<").find(text[at]) != std::string_view::npos) depth++;
    const bool arrow = text[at] == '>' && at > 0 && text[at - 1] == '-';
    if (std::string_view(")]}>").find(text[at]) != std::string_view::npos && !arrow && --depth == 0)
      return at + 1;
  }
  return text.size();
}

// Behind the block that begins at `open`, whatever stands in it.
size_t BehindBlock(std::string_view text, size_t open) {
  int depth = 0;
  for (size_t at = open; at < text.size(); at++) {
    if (text[at] == '{') depth++;
    if (text[at] == '}' && --depth == 0) return at + 1;
  }
  return text.size();
}

// At the first of `ends` outside of brackets.
size_t FindOutside(std::string_view text, size_t from, std::string_view ends) {
  for (size_t at = from; at < text.size();) {
    if (ends.find(text[at]) != std::string_view::npos) return at;
    at = std::string_view("([{<").find(text[at]) != std::string_view::npos ? Behind(text, at)
                                                                           : at + 1;
  }
  return text.size();
}

std::vector<std::string> SplitTypes(std::string_view parameters) {
  std::vector<std::string> types;
  for (size_t at = 0; at < parameters.size();) {
    const size_t end = FindOutside(parameters, at, ",");
    std::string one = Fold(parameters.substr(at, end - at));
    at = end + 1;
    while (one.starts_with("#[")) one = Fold(std::string_view(one).substr(Behind(one, 1)));
    while (one.starts_with(" ")) one.erase(0, 1);
    if (one.empty()) continue;
    const size_t colon = FindOutside(one, 0, ":");
    // `...`, or `args: ...`
    types.push_back(
        one.find("...") != one.npos || colon + 1 >= one.size()
            ? one
            : Fold(std::string_view(one).substr(one.find_first_not_of(' ', colon + 1))));
  }
  return types;
}

class Parser {
 public:
  // `code` has no comments and empty strings, `text` has them: places are the same.
  Parser(std::string_view text, std::string code) : text_(text), code_(std::move(code)) {}

  ForeignItems Parse() {
    for (size_t at = 0; at < code_.size();) {
      const std::string_view name = NameAt(Code().substr(at));
      if (name.empty()) {
        at++;
        continue;
      }
      const size_t next = Skip(at + name.size());
      if (name == "type") ReadAlias(next);
      at += name.size();
      if (name != "extern") continue;
      // extern "C" {, where the string is what CodeOnly() made blank.
      size_t open = next;
      if (open < code_.size() && code_[open] == '"') open = Skip(code_.find('"', open + 1) + 1);
      if (open >= code_.size() || code_[open] != '{') continue;
      const size_t end = BehindBlock(code_, open);
      ReadBlock(open + 1, end - 1);
      at = end;
    }
    for (const std::string& name : twice_) found_.aliases.erase(name);
    return std::move(found_);
  }

 private:
  std::string_view Code() const { return code_; }
  size_t Skip(size_t at) const {
    while (at < code_.size() && IsSpace(code_[at])) at++;
    return at;
  }

  void ReadAlias(size_t at) {
    const std::string name(NameAt(Code().substr(std::min(at, code_.size()))));
    if (name.empty()) return;
    const size_t equals = Skip(at + name.size());
    if (equals >= code_.size() || code_[equals] != '=') return;
    const size_t type = Skip(equals + 1), end = FindOutside(code_, type, ";");
    if (!found_.aliases.emplace(name, Fold(Code().substr(type, end - type))).second)
      twice_.insert(name);
  }

  void ReadBlock(size_t at, size_t end) {
    std::string link_name;
    while (at < end) {
      if (code_[at] == '#') {
        const size_t open = code_.find('[', at);
        const size_t behind = Behind(code_, open);
        const std::string_view attribute = text_.substr(at, behind - at);
        const size_t named = attribute.find("link_name");
        const size_t quote = attribute.find('"', named == attribute.npos ? 0 : named);
        if (named != attribute.npos && quote != attribute.npos)
          link_name = attribute.substr(quote + 1, attribute.find('"', quote + 1) - quote - 1);
        at = behind;
        continue;
      }
      const std::string_view word = NameAt(Code().substr(at));
      if (word.empty()) {
        at++;
        continue;
      }
      at = Skip(at + word.size());
      if (word != "fn" && word != "static") continue;
      ForeignItem item;
      item.is_function = word == "fn";
      if (NameAt(Code().substr(at)) == "mut") at = Skip(at + 3);
      item.name = NameAt(Code().substr(at));
      at = Skip(at + item.name.size());
      item.symbol = link_name.empty() ? item.name : link_name;
      link_name.clear();
      const size_t stop = FindOutside(code_, at, ";");
      if (item.is_function) {
        const size_t open = code_.find('(', at), behind = Behind(code_, open);
        item.parameters = SplitTypes(Code().substr(open + 1, behind - open - 2));
        if (!item.parameters.empty() && item.parameters.back().find("...") != std::string::npos) {
          item.is_variadic = true;
          item.parameters.pop_back();
        }
        if (const size_t arrow = code_.find("->", behind); arrow < stop)
          item.type = Fold(Code().substr(Skip(arrow + 2), stop - Skip(arrow + 2)));
      } else {
        const size_t type = Skip(code_.find(':', at) + 1);
        item.type = Fold(Code().substr(type, stop - type));
      }
      // A macro's definition has $name there.
      if (!item.name.empty()) found_.items.push_back(std::move(item));
      at = stop + 1;
    }
  }

  std::string_view text_;
  std::string code_;
  ForeignItems found_;
  std::set<std::string> twice_;
};

// How a value is passed.
struct Passed {
  enum Kind { kUnknown, kNothing, kInteger, kBool, kPointer, kAggregate };
  Kind kind = kUnknown;
  unsigned bits = 0;              // kInteger
  std::optional<bool> is_signed;  // kInteger, where it is told
  std::string name;               // kAggregate: C's or bindgen's
};

std::string Spell(const Passed& passed) {
  switch (passed.kind) {
    case Passed::kNothing:
      return "nothing";
    case Passed::kInteger:
      return std::string(!passed.is_signed   ? "an integer of "
                         : *passed.is_signed ? "a signed integer of "
                                             : "an unsigned integer of ") +
             std::to_string(passed.bits) + " bits";
    case Passed::kBool:
      return "a bool";
    case Passed::kPointer:
      return "a pointer";
    case Passed::kAggregate:
      return "a struct or union " + passed.name;
    default:
      return "what is not understood";
  }
}

const std::map<std::string, Passed, std::less<>>& Numbers() {
  using enum Passed::Kind;
  static const std::map<std::string, Passed, std::less<>> numbers = {
      {"u8", {kInteger, 8, false, ""}},         {"i8", {kInteger, 8, true, ""}},
      {"u16", {kInteger, 16, false, ""}},       {"i16", {kInteger, 16, true, ""}},
      {"u32", {kInteger, 32, false, ""}},       {"i32", {kInteger, 32, true, ""}},
      {"u64", {kInteger, 64, false, ""}},       {"i64", {kInteger, 64, true, ""}},
      {"usize", {kInteger, 64, false, ""}},     {"isize", {kInteger, 64, true, ""}},
      {"u128", {kInteger, 128, false, ""}},     {"i128", {kInteger, 128, true, ""}},
      {"c_uchar", {kInteger, 8, false, ""}},    {"c_schar", {kInteger, 8, true, ""}},
      {"c_char", {kInteger, 8, {}, ""}},        {"c_ushort", {kInteger, 16, false, ""}},
      {"c_short", {kInteger, 16, true, ""}},    {"c_uint", {kInteger, 32, false, ""}},
      {"c_int", {kInteger, 32, true, ""}},      {"c_ulong", {kInteger, 64, false, ""}},
      {"c_long", {kInteger, 64, true, ""}},     {"c_ulonglong", {kInteger, 64, false, ""}},
      {"c_longlong", {kInteger, 64, true, ""}}, {"bool", {kBool, 8, {}, ""}},
      {"gfp_t", {kInteger, 32, false, ""}},     {"__kernel_size_t", {kInteger, 64, false, ""}},
  };
  return numbers;
}

class Reader {
 public:
  Reader(const ForeignItems& all, const Bindings& bindings) : all_(all), bindings_(bindings) {}

  Passed OfRust(std::string type) const {
    for (int depth = 0; depth < kMostAliases; depth++) {
      while (type.starts_with("::") || type.starts_with(" "))
        type.erase(0, type.starts_with(" ") ? 1 : 2);
      if (type.empty() || type == "()" || type == "!") return {Passed::kNothing, 0, {}, ""};
      if (IsPointer(type)) return {Passed::kPointer, 0, {}, ""};
      const size_t last = type.rfind("::");
      const std::string name = last == type.npos ? type : type.substr(last + 2);
      if (NameAt(name).size() != name.size()) return {};
      const bool of_bindings = type.find("bindings::") != type.npos;
      const auto own = all_.aliases.find(name);
      if (own != all_.aliases.end() && !of_bindings) {
        if (own->second == type) return {};
        type = own->second;
        continue;
      }
      if (auto number = Numbers().find(name); number != Numbers().end()) return number->second;
      // Only what is named as such is C's: a type of the driver may have the same name.
      if (!of_bindings) return {};
      if (auto alias = bindings_.aliases.find(name); alias != bindings_.aliases.end()) {
        type = alias->second;
        // What bindgen names stands in its own module.
        if (bindings_.aliases.count(type) != 0 || bindings_.index.count(type) != 0)
          type = "bindings::" + type;
        continue;
      }
      if (bindings_.index.count(name) != 0) return {Passed::kAggregate, 0, {}, name};
      return {};
    }
    return {};
  }

 private:
  // A pointer of one word.
  bool IsPointer(std::string_view type) const {
    auto begins = [&](std::string_view prefix) {
      if (!type.starts_with(prefix)) return false;
      type.remove_prefix(prefix.size());
      while (type.starts_with(" ")) type.remove_prefix(1);
      return true;
    };
    for (std::string_view path : {"core::option::", "::core::option::", "option::"}) begins(path);
    if (type.starts_with("Option<") && type.ends_with(">")) {
      const std::string_view inner = type.substr(7, type.size() - 8);
      return !inner.starts_with("*") && IsPointer(inner);
    }
    for (std::string_view path : {"core::ptr::", "::core::ptr::", "ptr::"}) begins(path);
    if (type.starts_with("NonNull<")) return IsThin(type.substr(8, type.size() - 9));
    if (begins("unsafe ")) return begins("extern") || type.starts_with("fn");
    if (type.starts_with("extern ") || type.starts_with("fn(") || type.starts_with("fn (") ||
        type.starts_with("for<"))
      return true;
    if (begins("*const ") || begins("*mut ")) return IsThin(type);
    if (!begins("&")) return false;
    if (type.starts_with("'")) {
      type.remove_prefix(1);
      type.remove_prefix(NameAt(type).size());
      begins(" ");
    }
    begins("mut ");
    return IsThin(type);
  }

  static bool IsThin(std::string_view type) {
    if (type == "str" || type == "CStr" || type.ends_with("::CStr") || type.ends_with("::str") ||
        type.starts_with("dyn ") || type.starts_with("(dyn "))
      return false;
    if (type.starts_with("[")) return type.find(';') != type.npos;
    return true;
  }

  const ForeignItems& all_;
  const Bindings& bindings_;
};

Passed OfC(const steg::Graph& types, steg::NodeId id) {
  const steg::NodeId plain = steg::SkipQualifiers(types, id);
  if (plain == steg::NodeId::kVoid) return {Passed::kNothing, 0, {}, ""};
  const steg::Node& node = types[plain];
  switch (node.kind) {
    case STEG_POINTER:
      return {Passed::kPointer, 0, {}, ""};
    case STEG_INT:
      if ((node.flags & STEG_INT_BOOL) != 0) return {Passed::kBool, 8, {}, ""};
      return {Passed::kInteger, static_cast<unsigned>(node.size * 8),
              (node.flags & STEG_INT_SIGNED) != 0, ""};
    case STEG_ENUM:
      // bindgen may call its type signed or not.
      return {Passed::kInteger, static_cast<unsigned>(node.size * 8), {}, ""};
    case STEG_STRUCT:
    case STEG_UNION:
      return {Passed::kAggregate, 0, {}, types[id].name.empty() ? node.name : types[id].name};
    default:
      return {};
  }
}

// "": they agree.
std::string Differ(const Passed& mine, const Passed& theirs, bool widths_agree) {
  if (mine.kind == Passed::kUnknown && theirs.kind != Passed::kAggregate &&
      theirs.kind != Passed::kUnknown && widths_agree)
    return "";
  bool same = mine.kind == theirs.kind && mine.kind != Passed::kUnknown;
  if (mine.kind == Passed::kInteger)
    same = same && mine.bits == theirs.bits &&
           (!mine.is_signed || !theirs.is_signed || mine.is_signed == theirs.is_signed);
  if (mine.kind == Passed::kAggregate) same = same && mine.name == theirs.name;
  return same ? "" : Spell(mine) + " here, " + Spell(theirs) + " in C";
}

}  // namespace

ForeignItems ParseForeignItems(std::string_view rust) {
  return Parser(rust, CodeOnly(rust)).Parse();
}

Result<ForeignItems> ReadForeignItems(const Sdk& sdk, const Driver& driver) {
  const std::string path = driver.work + "/expanded.rs";
  Command command = VariantCommand(sdk, driver, "true");
  command.words.push_back("-Zunpretty=expanded");
  command.words.push_back("-o");
  command.words.push_back(path);
  RACE_ASSIGN(output, Run(command));
  if (output.exit_status != 0)
    return Fail(Code::kBuildCompile) << "rustc, expanding macros: " << Tail(output.text, 30);
  RACE_ASSIGN(text, ReadFile(path));
  return ParseForeignItems(text);
}

CalledAs CallsOfImports(const llvm::Module& module) {
  CalledAs calls;
  for (const llvm::Function& function : module) {
    if (function.isDeclaration() && !function.use_empty())
      calls[function.getName().str()].insert(function.getFunctionType());
    for (const llvm::Instruction& instruction : llvm::instructions(function))
      if (auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction))
        if (auto* callee = llvm::dyn_cast<llvm::Function>(call->getCalledOperand());
            callee != nullptr && callee->isDeclaration())
          calls[callee->getName().str()].insert(call->getFunctionType());
  }
  return calls;
}

std::string Disagreement(const ForeignItem& item, const ForeignItems& all, const Bindings& bindings,
                         const CalledAs& calls, const steg::Graph& types, steg::NodeId type) {
  const Reader reader(all, bindings);
  const steg::NodeId plain = steg::SkipQualifiers(types, type);
  const bool is_prototype = plain != steg::NodeId::kVoid && types[plain].kind == STEG_PROTO;
  if (is_prototype != item.is_function)
    return is_prototype ? "it is a function in C" : "it is a variable in C";
  if (!item.is_function) {
    steg::NodeId element = plain;
    std::string own = item.type;
    // Of an array without a length in C, the first element is as good a name.
    if (types[plain].kind == STEG_ARRAY) element = types[plain].edges[0].target;
    if (own.starts_with("[") && types[plain].kind == STEG_ARRAY) {
      const std::string count = own.substr(own.rfind(';') + 1);
      own = own.substr(1, own.rfind(';') - 1);
      if (types[plain].value != 0 && std::strtoull(count.c_str() + (count.starts_with(" ") ? 1 : 0),
                                                   nullptr, 0) > types[plain].value)
        return "it has " + std::to_string(types[plain].value) + " elements in C";
    }
    const std::string differ = Differ(reader.OfRust(own), OfC(types, element), false);
    return differ.empty() ? "" : "it is " + differ;
  }
  const steg::Node& prototype = types[plain];
  std::vector<steg::NodeId> parameters;
  steg::NodeId result = steg::NodeId::kVoid;
  for (const steg::Edge& edge : prototype.edges) {
    if (edge.kind == STEG_EDGE_RETURN) result = edge.target;
    if (edge.kind == STEG_EDGE_PARAM) parameters.push_back(edge.target);
  }
  if (parameters.size() != item.parameters.size())
    return "it has " + std::to_string(item.parameters.size()) + " parameters here, " +
           std::to_string(parameters.size()) + " in C";
  const bool is_variadic = (prototype.flags & STEG_VARIADIC) != 0;
  if (is_variadic != item.is_variadic)
    return is_variadic ? "it takes further arguments in C" : "it takes no further arguments in C";
  // What the text does not tell, the compiler's types do.
  const auto called = calls.find(item.symbol);
  const bool agree =
      called != calls.end() && !called->second.empty() &&
      std::all_of(called->second.begin(), called->second.end(),
                  [&](const llvm::FunctionType* as) { return CallsAs(*as, types, plain); });
  for (size_t i = 0; i < parameters.size(); i++) {
    const std::string differ =
        Differ(reader.OfRust(item.parameters[i]), OfC(types, parameters[i]), agree);
    if (!differ.empty()) return "parameter " + std::to_string(i + 1) + " is " + differ;
  }
  const std::string differ = Differ(reader.OfRust(item.type), OfC(types, result), agree);
  return differ.empty() ? "" : "its result is " + differ;
}

std::string PlaceOf(const ForeignItem& item, const std::string& folder, const std::string& root) {
  std::set<std::string> others = SourceFilesBelow(folder);
  others.erase(root);
  std::vector<std::string> files = {root};
  files.insert(files.end(), others.begin(), others.end());
  for (const std::string& file : files) {
    const Result<std::string> text = ReadFile(file);
    if (!text) continue;
    const std::string code = CodeOnly(*text);
    std::string_view before;
    unsigned line = 1;
    for (size_t at = 0; at < code.size();) {
      const std::string_view name = NameAt(std::string_view(code).substr(at));
      if (name.empty()) {
        if (code[at++] == '\n') line++;
        continue;
      }
      if (name == item.name && (before == "fn" || before == "static" || before == "mut"))
        return file + ":" + std::to_string(line);
      before = name;
      at += name.size();
    }
  }
  return root;
}

}  // namespace race::build
