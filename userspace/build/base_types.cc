// SPDX-License-Identifier: GPL-2.0-only
#include "build/base_types.h"

#include <set>
#include <sstream>

#include "build/adapter.h"
#include "build/kbuild_command.h"
#include "build/process.h"
#include "support/file.h"

namespace race::build {
namespace {

std::string_view Identifier(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && (std::isalnum(static_cast<unsigned char>(text[n])) || text[n] == '_'))
    n++;
  return text.substr(0, n);
}

// What bindgen's extern blocks declare, by symbol name.  (Elsewhere `pub fn` is
// an accessor of a bitfield.)
void CollectDeclarations(const std::string& text, std::set<std::string>* names) {
  bool in_block = false;
  std::string link_name;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::string_view rest = line;
    if (rest.starts_with("unsafe extern \"C\" {") || rest.starts_with("extern \"C\" {")) {
      in_block = true;
    } else if (rest == "}") {
      in_block = false;
    } else if (in_block) {
      if (size_t at = rest.find("link_name"); at != rest.npos && rest.find("#[") != rest.npos) {
        size_t quote = rest.find('"', at);
        std::string_view symbol = rest.substr(quote + 1);
        // "\u{1}" tells LLVM not to mangle; it is not of the name.
        if (symbol.starts_with("\\u{1}")) symbol.remove_prefix(5);
        link_name = std::string(Identifier(symbol));
        continue;
      }
      for (std::string_view keyword : {"    pub fn ", "    pub static mut ", "    pub static "}) {
        if (!rest.starts_with(keyword)) continue;
        std::string name(Identifier(rest.substr(keyword.size())));
        names->insert(link_name.empty() ? name : link_name);
        link_name.clear();
        break;
      }
    }
  }
}

std::string Source(const std::string& folder, const std::string& helpers,
                   const std::set<std::string>& names) {
  std::string text = "#include \"" + helpers + "\"\n#include \"" + folder +
                     "/bindings/bindings_helper.h\"\n#include \"" + folder +
                     "/uapi/uapi_helper.h\"\n" + FormerDeclarations();
  std::string members;
  for (const std::string& name : names) {
    // A macro of the same name must not stand in for the symbol.
    text += "#undef " + name + "\n";
    members += "\t__typeof__(" + name + ") *" + name + ";\n";
  }
  return text + "struct " + kPrototypeStruct + " {\n" + members + "};\nstruct " + kPrototypeStruct +
         " race_base_prototypes_anchor;\n";
}

size_t DropUndeclared(const std::string& errors, std::set<std::string>* names) {
  size_t dropped = 0;
  const std::string words = "use of undeclared identifier '";
  for (size_t at = errors.find(words); at != std::string::npos; at = errors.find(words, at + 1))
    dropped +=
        names->erase(std::string(Identifier(std::string_view(errors).substr(at + words.size()))));
  return dropped;
}

}  // namespace

Status WriteBaseTypes(const std::string& tree, const std::string& output) {
  RACE_ASSIGN(text, ReadFile(tree + "/rust/bindings/bindings_generated.rs"));
  RACE_ASSIGN(helpers, ReadFile(tree + "/rust/bindings/bindings_helpers_generated.rs"));
  std::set<std::string> names;
  CollectDeclarations(text, &names);
  CollectDeclarations(helpers, &names);
  names.merge(FormerNames());
  RACE_ASSIGN(command, ReadKbuildCommand(tree, "rust/helpers/helpers.o"));
  std::vector<std::string>& words = command.first.words;
  std::string helpers_source;
  for (const std::string& word : words)
    if (word.ends_with("helpers/helpers.c")) helpers_source = word;
  if (helpers_source.empty())
    return Fail(Code::kSdkTree) << tree << "/rust/helpers/.helpers.o.cmd: no helpers.c in it";
  std::string folder = helpers_source.substr(0, helpers_source.rfind("/helpers/"));
  std::string source_path = output + "/base_types.c", object = output + "/base_types.o";
  // Without dependency output; all types, used or not; nothing instrumented.
  DropWords(&words, "-Wp,-MMD");
  std::vector<std::string> adapted;
  for (size_t i = 0; i < words.size(); i++) {
    if (words[i] == "-o") {
      i++;
    } else if (words[i] == helpers_source) {
      adapted.push_back(source_path);
    } else if (words[i] != "-Werror") {
      adapted.push_back(words[i]);
    }
  }
  for (const char* word : {"-g", "-gdwarf-4", "-fno-eliminate-unused-debug-types",
                           "-fstandalone-debug", "-w", "-ferror-limit=0", "-o"})
    adapted.push_back(word);
  adapted.push_back(object);
  words = adapted;
  // What only modules declare (__this_module) is named by the first compile's
  // errors and left out.
  for (int attempt = 0;; attempt++) {
    RACE_TRY(WriteFileAtomically(source_path, Source(folder, helpers_source, names)));
    RACE_ASSIGN(result, Run(command.first));
    if (result.exit_status == 0) break;
    size_t dropped = DropUndeclared(result.text, &names);
    if (dropped == 0 || attempt == 3)
      return Fail(Code::kSdkCompile) << source_path << ": " << Tail(result.text, 30);
  }
  RACE_TRY(RunOrFail({{"pahole", "--btf_encode_detached=" + output + "/base.btf", object}, {}, {}},
                     Code::kSdkCompile));
  return Ok{};
}

}  // namespace race::build
