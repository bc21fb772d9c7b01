// SPDX-License-Identifier: GPL-2.0-only
#include "build/sdk_uapi.h"

#include <algorithm>
#include <sstream>

#include "build/kbuild_command.h"
#include "build/process.h"
#include "build/rust_text.h"
#include "build/variant_layout.h"
#include "support/file.h"

namespace race::build {
namespace {

// bindgen names what has no name in C by what it stands in.
std::string Outermost(const std::string& name) {
  return name.substr(0, name.find("__bindgen_ty_"));
}

bool IsForUsers(std::string_view file) {
  return file.find("include/uapi/") != file.npos ||
         file.find("include/generated/uapi/") != file.npos;
}

// Whether it is the same text in both.
bool SameText(const Bindings& one, const Aggregate& a, const Bindings& other, const Aggregate& b) {
  if (a.is_union != b.is_union || a.repr_c != b.repr_c || a.packed != b.packed ||
      a.explicit_align != b.explicit_align || a.tuple != b.tuple || a.incomplete != b.incomplete ||
      a.last_line - a.first_line != b.last_line - b.first_line)
    return false;
  return std::equal(one.lines.begin() + static_cast<ptrdiff_t>(a.first_line),
                    one.lines.begin() + static_cast<ptrdiff_t>(a.last_line) + 1,
                    other.lines.begin() + static_cast<ptrdiff_t>(b.first_line));
}

const Aggregate* Find(const Bindings& bindings, std::string_view name) {
  auto found = bindings.index.find(name);
  return found == bindings.index.end() ? nullptr : &bindings.aggregates[found->second];
}

// Names and the marks ; { } ( ) of C.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  // "" at the end.
  std::string_view Next() {
    while (at_ < text_.size()) {
      const std::string_view name = NameAt(text_.substr(at_));
      if (!name.empty()) {
        at_ += name.size();
        return name;
      }
      if (text_[at_] == '"') {
        at_++;
        while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
      }
      at_++;
      if (std::string_view(";{}()").find(text_[at_ - 1]) != std::string_view::npos)
        return text_.substr(at_ - 1, 1);
    }
    return {};
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

// The types that a piece of C defines.
void AddDefined(std::string_view text, std::set<std::string>* names) {
  Scanner scanner(text);
  int depth = 0;
  for (std::string_view token = scanner.Next(); !token.empty();) {
    if (token == "struct" || token == "union") {
      token = scanner.Next();
      if (token == "__attribute__") {
        int open = 0;
        do {
          token = scanner.Next();
          open += token == "(" ? 1 : token == ")" ? -1 : 0;
        } while (!token.empty() && open > 0);
        token = scanner.Next();
      }
      const std::string name(token);
      if (NameAt(token).empty()) continue;
      token = scanner.Next();
      if (token == "{") names->insert(name);
      continue;
    }
    if (token == "{" || token == "(") depth++;
    if (token == "}" || token == ")") depth--;
    const bool closes = token == "}" && depth == 0;
    token = scanner.Next();
    // typedef struct { .. } NAME;
    if (closes && !NameAt(token).empty()) names->insert(std::string(token));
  }
}

// The type that `impl T {` and `impl Default for T {` are about; "" for other lines.
std::string TypeOfImpl(std::string_view line) {
  for (std::string_view start : {"unsafe impl", "impl"})
    if (line.starts_with(start)) {
      const size_t of = line.find(" for ");
      line.remove_prefix(of == line.npos ? start.size() : of + 5);
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      return std::string(NameAt(line));
    }
  return "";
}

}  // namespace

std::set<std::string> TypesForUsers(std::string_view preprocessed) {
  // Each file by itself, since what is around an #include may end anywhere.
  std::map<std::string, std::string> texts;
  std::string* current = nullptr;
  std::istringstream lines{std::string(preprocessed)};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# ")) {
      const size_t open = line.find('"');
      const std::string file =
          open == line.npos ? "" : line.substr(open + 1, line.find('"', open + 1) - open - 1);
      current = IsForUsers(file) ? &texts[file] : nullptr;
    } else if (current != nullptr) {
      *current += line + "\n";
    }
  }
  std::set<std::string> names;
  for (const auto& [file, text] : texts) AddDefined(text, &names);
  return names;
}

UapiTypes ExactUapiTypes(const Bindings& uapi, const Bindings& bindings,
                         const std::set<std::string>& for_users) {
  UapiTypes exact;
  for (const Aggregate& aggregate : uapi.aggregates) {
    if (aggregate.incomplete) continue;
    const Aggregate* same = Find(bindings, aggregate.name);
    if (for_users.count(Outermost(aggregate.name)) != 0)
      exact[aggregate.name] = "user";
    else if (same == nullptr || !SameText(uapi, aggregate, bindings, *same))
      exact[aggregate.name] = "other";
  }
  return exact;
}

Result<UapiTypes> ReadUapiTypes(const std::string& tree, const std::string& output,
                                const Bindings& bindings) {
  RACE_ASSIGN(text, ReadFile(tree + kUapiSource));
  RACE_ASSIGN(command, ReadKbuildCommand(tree, "rust/helpers/helpers.o"));
  const std::string path = output + "/uapi.i";
  std::vector<std::string> words;
  for (size_t i = 0; i < command.first.words.size(); i++) {
    const std::string& word = command.first.words[i];
    if (word == "-o") {
      i++;
    } else if (word.ends_with("helpers/helpers.c")) {
      const std::string folder = word.substr(0, word.rfind("/helpers/"));
      words.insert(words.end(), {"-x", "c", folder + "/uapi/uapi_helper.h"});
    } else if (word != "-c" && word != "-Werror" && !word.starts_with("-Wp,-MMD")) {
      words.push_back(word);
    }
  }
  words.insert(words.end(), {"-w", "-E", "-o", path});
  command.first.words = std::move(words);
  RACE_TRY(RunOrFail(command.first, Code::kSdkTree));
  RACE_ASSIGN(preprocessed, ReadFile(path));
  return ExactUapiTypes(ParseBindings(text), bindings, TypesForUsers(preprocessed));
}

std::string RewriteUapi(const Bindings& uapi, const UapiTypes& exact) {
  std::set<std::string> shared;
  std::vector<std::string> lines = uapi.lines;
  auto leave_out = [&](size_t first, size_t last) {
    for (size_t i = first; i <= last; i++) lines[i].clear();
  };
  for (const Aggregate& aggregate : uapi.aggregates) {
    // An alias of a tuple makes none.
    if (aggregate.incomplete || aggregate.tuple || exact.count(aggregate.name) != 0) continue;
    shared.insert(aggregate.name);
    size_t first = aggregate.first_line;
    while (first > 0 && uapi.lines[first - 1].starts_with("#[")) first--;
    leave_out(first, aggregate.last_line);
    // No `use`: functions may have the same name.
    lines[first] = "pub type " + aggregate.name + " = ::bindings::" + aggregate.name + ";";
  }
  for (size_t i = 0; i < uapi.lines.size(); i++) {
    const std::string type = TypeOfImpl(uapi.lines[i]);
    if (type.empty() || shared.count(type) == 0) continue;
    // rustfmt ends an item with a brace in the first column.
    size_t last = i;
    while (!uapi.lines[i].ends_with("}") && last + 1 < lines.size() && uapi.lines[last] != "}")
      last++;
    leave_out(i, last);
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace race::build
