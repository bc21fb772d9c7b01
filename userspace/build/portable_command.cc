// SPDX-License-Identifier: GPL-2.0-only
#include "build/portable_command.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "build/module_object.h"
#include "build/portable_contracts.h"
#include "rcrate/elf_object.h"
#include "support/file.h"

namespace race::build {
namespace {

namespace fs = std::filesystem;

constexpr const char* kByName = ".race.by_name";
constexpr const char* kExports = ".race.exports";
constexpr const char* kGuarded = ".race.guarded";

// Kbuild's words for a C object without what belongs to the base kernel alone: its
// headers and definitions, instrumentation that calls into it, dependency files.
std::vector<std::string> PortableWords(const std::vector<std::string>& kbuild,
                                       const std::string& folder, const std::string& source,
                                       const std::string& object) {
  std::vector<std::string> words;
  for (size_t i = 0; i < kbuild.size(); i++) {
    const std::string& word = kbuild[i];
    if (word == "-include" || word == "-o" || word == "-isystem" || word == "-D" || word == "-I") {
      i++;
      continue;
    }
    if (word.ends_with(".c") || word == "-c") continue;
    bool dropped = false;
    for (const char* prefix : {"-I", "-D", "-Wp,", "-fsanitize", "-fstack-protector",
                               "-mstack-protector", "-pg", "-mfentry", "-fmacro-prefix-map"})
      dropped = dropped || word.starts_with(prefix);
    if (!dropped) words.push_back(word);
  }
  const std::string include = fs::weakly_canonical(folder + "/../include").string();
  for (const std::string& word :
       {std::string("-DRACE_PORTABLE"), std::string("-nostdinc"), std::string("-ffreestanding"),
        std::string("-fno-stack-protector"), "-I" + folder + "/portable", "-I" + include,
        "-fmacro-prefix-map=" + folder + "/=", std::string("-c"), std::string("-o"), object,
        source})
    words.push_back(word);
  return words;
}

// Compiles every C source that the module's object is made of, and links them.
Status CompileSources(const Sdk& sdk, const Driver& driver, const std::string& folder,
                      unsigned jobs, const std::string& object) {
  RACE_ASSIGN(objects, ObjectsOf(driver));
  std::vector<Command> commands;
  Command link{{"ld.lld" + sdk.properties.at("llvm_suffix"), "-r", "-m", "elf_x86_64", "-z",
                "noexecstack", "-o", object},
               {},
               driver.work};
  for (const std::string& line : objects) {
    RACE_ASSIGN(kbuild, ReadKbuildCommand(driver.kbuild, line));
    const std::string stem = fs::path(line).stem();
    const std::string source = folder + "/" + stem + ".c";
    const std::string made = driver.work + "/" + stem + ".portable.o";
    if (!fs::exists(source))
      return Fail(Code::kBuildInput) << source << ": no such source, of which Kbuild made " << line;
    commands.push_back({PortableWords(kbuild.first.words, folder, source, made), {}, driver.work});
    link.words.push_back(made);
  }
  RACE_TRY(RunAll(commands, jobs, Code::kBuildCompile));
  return RunOrFail(link, Code::kBuildLink);
}

// The NUL-terminated strings of a section that the source puts names into.
std::vector<std::string> NamesIn(const elf::Object& object, const char* section) {
  std::vector<std::string> names;
  const elf::Section* found = object.Find(section);
  std::string_view bytes = found ? found->bytes : std::string_view();
  while (!bytes.empty()) {
    const size_t end = std::min(bytes.find('\0'), bytes.size());
    if (end != 0) names.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return names;
}

Status AddContracts(const elf::Object& object, PortableContracts* contracts) {
  const std::vector<std::string> by_name = NamesIn(object, kByName);
  for (const std::string& field : NamesIn(object, kGuarded)) {
    const size_t space = std::min(field.find(' '), field.size() - 1);
    contracts->Guard(field.substr(0, space), field.substr(space + 1));
  }
  std::set<std::string> seen;
  for (size_t i = 1; i < object.symbols.size(); i++) {
    const elf::Symbol& symbol = object.symbols[i];
    // What the resolver makes: the module itself, and where its facts are.
    if (!symbol.undefined() || symbol.name == "__this_module" || symbol.name == "race_own_facts")
      continue;
    if (!seen.insert(symbol.name).second) continue;
    if (symbol.name.starts_with(RACE_SYMBOL_PREFIX))
      RACE_TRY(contracts->AddLayout(symbol.name));
    else
      RACE_TRY(contracts->AddImport(
          symbol.name, std::find(by_name.begin(), by_name.end(), symbol.name) != by_name.end()));
  }
  return Ok{};
}

}  // namespace

Result<Built> BuildPortable(const BuildOptions& options, const std::string& base,
                            Metrics* metrics) {
  RACE_ASSIGN(sdk, OpenSdk(options.sdk));
  fs::create_directories(options.output);
  const WorkFolder folder(options.output, options.keep);
  RACE_TRY(folder.Made());
  const std::string& work = folder.path();

  // With the kernel's headers: what it declares must agree with them.
  std::optional<Phase> phase(std::in_place, metrics, "kbuild for the SDK's kernel");
  RACE_ASSIGN(driver, RunKbuildOfModule(sdk, options.folder, options.module, work));

  // Without them: the code that is shipped.
  phase.emplace(metrics, "compile without kernel headers");
  const std::string object = work + "/" + driver.module + ".symbolic.o";
  const std::string linked = work + "/" + driver.module + ".linked.o";
  RACE_TRY(CompileSources(sdk, driver, options.folder, options.jobs, object));
  RACE_TRY(FinishObject(sdk, driver, object, linked));

  // What it leaves open is what it needs.
  phase.emplace(metrics, "contracts");
  RACE_ASSIGN(target, kernel::ReadTarget(base, metrics));
  RACE_ASSIGN(bytes, ReadFile(linked));
  RACE_ASSIGN(read, elf::ReadObject(bytes, linked));
  PortableContracts contracts(*target);
  RACE_TRY(AddContracts(read, &contracts));
  AddManifest(sdk, driver, target->release, &contracts.rcrate());
  for (const std::string& name : NamesIn(read, kExports))
    contracts.rcrate().manifest.push_back({"export", name});
  RACE_TRY(AddModuleInfo(linked, &contracts.rcrate()));

  phase.emplace(metrics, "write");
  RACE_ASSIGN(path, WriteRcrate(sdk, driver, contracts.rcrate(), contracts.graph(), linked,
                                options.output, {kByName, kExports, kGuarded}));
  return Built{path, {}};
}

}  // namespace race::build
