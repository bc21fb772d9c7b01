// SPDX-License-Identifier: GPL-2.0-only
#include "build/sdk_commands.h"

#include <algorithm>
#include <functional>
#include <regex>

#include "build/kbuild_command.h"
#include "support/file.h"

namespace race::build {

namespace fs = std::filesystem;

Command SdkCommands::Crate(const std::string& name, const std::string& like,
                           const std::string& crate, const std::string& source) const {
  Result<KbuildCommand> read = ReadKbuildCommand(tree(), "rust/" + like + ".o");
  Command command = read ? read->first : Command{{"false", "no rust/" + like + ".o.cmd"}, {}, {}};
  SetEnvironment(&command, "OBJTREE", variant(name));
  // rustc names its temporary files by the crate: two variants at once must
  // not share a folder for them.
  command.words.push_back("-Ztemps-dir=" + variant(name) + "/temporary");
  // No place of a source, in a panic's message or for a user, tells of this
  // machine or differs from one variant to the next.
  for (const std::string& folder : {variant(name), options_.kernel_tree})
    command.words.push_back("--remap-path-prefix=" + folder + "/=");
  DropWords(&command.words, "--emit=");
  for (std::string& word : command.words) {
    if (word == "-L./rust" || word == "-Lrust/") word = "-L" + variant(name) + "/rust";
  }
  if (!crate.empty()) {
    for (size_t i = 0; i + 1 < command.words.size(); i++)
      if (command.words[i] == "--crate-name") command.words[i + 1] = crate;
    for (std::string& word : command.words)
      if (word.ends_with("/lib.rs") || word.ends_with("/" + like + ".rs")) word = source;
  }
  return command;
}

namespace {

// Else a copy of a struct becomes one copy of each field, paddings too.
constexpr const char* kWholeCopies = "-Zmir-enable-passes=-ScalarReplacementOfAggregates";

}  // namespace

void AddSteadyMir(Command* command) {
  // Whether rustc inlines depends on how much there is, and paddings are something.
  // LLVM does it later, when all code is one.  And what is inlined is also evaluated,
  // with this variant's numbers.
  command->words.push_back("-Zinline-mir=no");
  command->words.push_back(kWholeCopies);
}

Command SdkCommands::Bindings(const std::string& name) const {
  Command command = Crate(name, "bindings", "", "");
  // --emit=obj stays: without it later crates miss the optimised MIR.
  command.words.push_back("--emit=metadata=" + variant(name) + "/rust/libbindings.rmeta");
  command.words.push_back("--emit=obj=" + variant(name) + "/bindings.o");
  // Its functions are so small that they go into the crates that call them, if what they
  // call is inlined in them.
  command.words.push_back(kWholeCopies);
  return command;
}

Command SdkCommands::Uapi(const std::string& name) const {
  Command command = Crate(name, "uapi", "", "");
  command.words.push_back("--extern=bindings");
  command.words.push_back("--emit=metadata=" + variant(name) + "/rust/libuapi.rmeta");
  command.words.push_back("--emit=obj=" + variant(name) + "/uapi.o");
  return command;
}

Command SdkCommands::Kernel(const std::string& name) const {
  Command command = Crate(name, "kernel", "", "");
  command.words.push_back("--emit=metadata=" + variant(name) + "/rust/libkernel.rmeta");
  command.words.push_back("--emit=llvm-bc=" + variant(name) + "/kernel.bc");
  command.words.push_back("-Cno-prepopulate-passes");
  AddSteadyMir(&command);
  return command;
}

Command SdkCommands::Adapter(const std::string& name, const std::string& crate) const {
  Command command = Crate(name, "bindings", crate, options_.output + "/" + crate + ".rs");
  command.words.push_back("--extern=bindings");
  command.words.push_back("--emit=llvm-bc=" + variant(name) + "/" + crate + ".bc");
  command.words.push_back("-Cno-prepopulate-passes");
  AddSteadyMir(&command);
  return command;
}

Command SdkCommands::Driver(const std::string& name, const std::string& crate,
                            const std::string& source) const {
  Command command = Crate(name, "kernel", crate, source);
  for (const char* word :
       {"--cfg", "MODULE", "-Zcrate-attr=no_std", "--extern", "kernel",
        "-Zcrate-attr=feature(arbitrary_self_types,asm_goto,generic_arg_infer,used_with_arg)"})
    command.words.push_back(word);
  command.environment.push_back("RUST_MODFILE=samples/rust/" + crate);
  return command;
}

Command SdkCommands::Probe(const std::string& name, const fs::path& source) const {
  Command command = Driver(name, source.stem(), source);
  // A file of its own: rustc renames over the target, even over a device.
  command.words.push_back("--emit=metadata=" + variant(name) + "/temporary/" +
                          source.stem().string() + ".rmeta");
  return command;
}

namespace {

// Every Rust source below a folder, and its text; false when some could not be read.
bool ForEachSource(const std::string& folder,
                   const std::function<void(const fs::path&, const std::string&)>& take) {
  std::error_code failed;
  bool all = true;
  const fs::recursive_directory_iterator end;
  for (fs::recursive_directory_iterator entry(folder, failed); !failed && entry != end;
       entry.increment(failed)) {
    if (entry->path().extension() != ".rs") continue;
    const Result<std::string> text = ReadFile(entry->path());
    if (text) take(entry->path(), *text);
    all = all && text;
  }
  return all && !failed;
}

}  // namespace

Result<std::set<std::string>> NamedTypes(const std::string& folder) {
  static const std::regex name("bindings::([A-Za-z_][A-Za-z0-9_]*)");
  std::set<std::string> names;
  const bool all = ForEachSource(folder, [&](const fs::path&, const std::string& text) {
    for (std::sregex_iterator match(text.begin(), text.end(), name), last; match != last; ++match)
      names.insert((*match)[1]);
  });
  if (!all) return Fail(Code::kSdkTree) << folder << ": its Rust sources cannot all be read";
  return names;
}

std::vector<fs::path> DriverSources(const std::string& folder) {
  std::vector<fs::path> sources;
  ForEachSource(folder, [&](const fs::path& path, const std::string& text) {
    if (text.find("license: ") != std::string::npos) sources.push_back(path);
  });
  std::sort(sources.begin(), sources.end());
  return sources;
}

}  // namespace race::build
