// SPDX-License-Identifier: GPL-2.0-only
#include "build/base_types.h"

#include <set>

#include "build/kbuild_command.h"
#include "build/process.h"
#include "support/file.h"

namespace race::build {
namespace {

// Names after `keyword` inside bindgen's extern blocks (which it indents).
void CollectNames(const std::string& text, const std::string& keyword,
                  std::set<std::string>* names) {
  for (size_t at = text.find(keyword); at != std::string::npos; at = text.find(keyword, at + 1)) {
    size_t end = at + keyword.size();
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
      end++;
    names->insert(text.substr(at + keyword.size(), end - at - keyword.size()));
  }
}

}  // namespace

Status WriteBaseTypes(const std::string& tree, const Bindings& bindings,
                      const std::string& output) {
  (void)bindings;
  RACE_ASSIGN(text, ReadFile(tree + "/rust/bindings/bindings_generated.rs"));
  RACE_ASSIGN(helpers, ReadFile(tree + "/rust/bindings/bindings_helpers_generated.rs"));
  std::set<std::string> names;
  for (const char* keyword : {"\n    pub fn ", "\n    pub static ", "\n    pub static mut "})
    CollectNames(text, keyword, &names);
  names.erase("mut");
  // The helpers' Rust names lack the prefix that their symbols have.
  std::set<std::string> plain;
  CollectNames(helpers, "link_name = \"", &names);
  RACE_ASSIGN(command, ReadKbuildCommand(tree, "rust/helpers/helpers.o"));
  std::vector<std::string>& words = command.first.words;
  std::string helpers_source;
  for (const std::string& word : words)
    if (word.ends_with("helpers/helpers.c")) helpers_source = word;
  if (helpers_source.empty())
    return Fail(Code::kSdkTree) << tree << "/rust/helpers/.helpers.o.cmd: no helpers.c in it";
  std::string folder = helpers_source.substr(0, helpers_source.rfind("/helpers/"));
  std::string source = "#include \"" + helpers_source + "\"\n#include \"" + folder +
                       "/bindings/bindings_helper.h\"\n";
  std::string members;
  for (const std::string& name : names)
    if (!name.empty()) {
      // A macro of the same name must not stand in for the symbol.
      source += "#undef " + name + "\n";
      members += "\t__typeof__(" + name + ") *" + name + ";\n";
    }
  source += std::string("struct ") + kPrototypeStruct + " {\n" + members + "};\nstruct " +
            kPrototypeStruct + " race_base_prototypes_anchor;\n";
  std::string source_path = output + "/base_types.c", object = output + "/base_types.o";
  RACE_TRY(WriteFileAtomically(source_path, source));
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
  RACE_TRY(RunOrFail(command.first, Code::kSdkCompile));
  RACE_TRY(RunOrFail({{"pahole", "--btf_encode_detached=" + output + "/base.btf", object}, {}, {}},
                     Code::kSdkCompile));
  return Ok{};
}

}  // namespace race::build
