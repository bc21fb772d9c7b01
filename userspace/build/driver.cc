// SPDX-License-Identifier: GPL-2.0-only
#include "build/driver.h"

#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IRReader/IRReader.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/SourceMgr.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "build/adapter.h"
#include "build/constant_addresses.h"
#include "build/race_crate.h"
#include "build/sdk_commands.h"
#include "build/trace_events.h"
#include "build/whole_copy.h"
#include "support/file.h"

namespace race::build {
namespace {

namespace fs = std::filesystem;

// Aliases stand in the generated .mod.c as MODULE_ALIAS("...");
std::vector<std::string> ReadAliases(const std::string& source) {
  std::vector<std::string> aliases;
  const std::string open = "MODULE_ALIAS(\"";
  for (size_t at = source.find(open); at != std::string::npos; at = source.find(open, at + 1)) {
    size_t start = at + open.size();
    aliases.push_back(source.substr(start, source.find('"', start) - start));
  }
  return aliases;
}

// core calls the kernel crate's panic handler: only core refers to it, and core
// is linked later.
Status DeclarePanicHandler(llvm::Module* module, const std::string& path) {
  llvm::SMDiagnostic diagnostic;
  // Of its debug information, most of what is in it, nothing is asked here.
  std::unique_ptr<llvm::Module> kernel = llvm::getLazyIRFileModule(
      path, diagnostic, module->getContext(), /*ShouldLazyLoadMetadata=*/true);
  if (kernel == nullptr)
    return Fail(Code::kBuildLink) << path << ": " << diagnostic.getMessage().str();
  for (const llvm::Function& function : *kernel)
    if (function.getName().ends_with("rust_begin_unwind"))
      module->getOrInsertFunction(function.getName(), function.getFunctionType(),
                                  function.getAttributes());
  return Ok{};
}

Command BitcodeCommand(const Sdk& sdk, const Driver& driver, const std::string& name) {
  Command command = VariantCommand(sdk, driver, name);
  command.words.push_back("--emit=llvm-bc=" + driver.work + "/" + name + ".bc");
  command.words.push_back("-Cno-prepopulate-passes");
  AddSteadyMir(&command);
  // What its types hold is read from there.
  command.words.push_back("-Cdebuginfo=2");
  return command;
}

// The first of a compiler's errors is the one to read; make's words about it are none.
std::string FromFirstError(const std::string& text) {
  constexpr size_t kMostLines = 100;
  std::istringstream lines(text);
  std::string errors;
  size_t count = 0;
  for (std::string line; std::getline(lines, line) && count < kMostLines;) {
    bool begins = line.starts_with("error") || line.find(": error: ") != std::string::npos;
    if ((count == 0 && !begins) || line.starts_with("make")) continue;
    errors += line + "\n";
    count++;
  }
  return errors.empty() ? Tail(text, kMostLines) : errors;
}

}  // namespace

Result<Driver> RunKbuildOfModule(const Sdk& sdk, const std::string& folder,
                                 const std::string& module, const std::string& work,
                                 const std::vector<std::string>& settings) {
  if (!fs::exists(folder + "/Kbuild") && !fs::exists(folder + "/Makefile"))
    return Fail(Code::kBuildInput) << folder << ": no Kbuild or Makefile (expected an out-of-tree "
                                   << "module's folder with 'obj-m := NAME.o')";
  Driver driver;
  driver.folder = folder;
  driver.work = work;
  driver.kbuild = work + "/kbuild";
  fs::create_directories(driver.kbuild);
  Command make{MakeWords(sdk.properties), {"KBUILD_MODPOST_WARN=1"}, {}};
  for (const std::string& word : {std::string("-C"), sdk.Tree(), "M=" + folder,
                                  "MO=" + driver.kbuild, std::string("modules")})
    make.words.push_back(word);
  make.words.insert(make.words.end(), settings.begin(), settings.end());
  RACE_ASSIGN(made, Run(make));
  if (made.exit_status != 0)
    return Fail(Code::kBuildCompile)
           << "make " << folder << ": exit status " << made.exit_status << "\n"
           << FromFirstError(made.text);
  RACE_ASSIGN(order, ReadFile(driver.kbuild + "/modules.order"));
  std::istringstream lines(order);
  std::vector<std::string> objects;
  for (std::string line; std::getline(lines, line);) objects.push_back(line);
  std::string names;
  for (std::string& object : objects) {
    object = fs::path(object).stem();
    names += (names.empty() ? "" : ", ") + object;
  }
  if (!module.empty() && std::find(objects.begin(), objects.end(), module) == objects.end())
    return Fail(Code::kBuildInput) << folder << ": no module " << module << " in obj-m ("
                                   << (names.empty() ? "there is none" : names) << ")";
  if (module.empty() && objects.size() != 1)
    return Fail(Code::kBuildInput) << folder << ": " << objects.size() << " modules in obj-m"
                                   << (names.empty() ? "" : " (" + names + ")")
                                   << "; race build makes one .rcrate of one module"
                                   << (names.empty() ? "" : ": name it with --module");
  driver.module = driver.crate = module.empty() ? objects[0] : module;
  RACE_ASSIGN(compile, ReadKbuildCommand(driver.kbuild, driver.module + ".o"));
  driver.compile = std::move(compile);
  RACE_ASSIGN(source, ReadFile(driver.kbuild + "/" + driver.module + ".mod.c"));
  driver.aliases = ReadAliases(source);
  return driver;
}

Result<std::vector<std::string>> ObjectsOf(const Driver& driver) {
  RACE_ASSIGN(list, ReadFile(driver.kbuild + "/" + driver.module + ".mod"));
  std::istringstream lines(list);
  std::vector<std::string> objects;
  for (std::string line; lines >> line;) objects.push_back(line);
  return objects;
}

Result<Driver> RunKbuild(const Sdk& sdk, const std::string& folder, const std::string& module,
                         const std::string& work) {
  RACE_ASSIGN(race, CompileRaceCrate(sdk, work));
  RACE_ASSIGN(driver, RunKbuildOfModule(sdk, folder, module, work, {race}));
  RACE_ASSIGN(objects, ObjectsOf(driver));
  std::vector<std::string> rust, other;
  for (const std::string& object : objects) {
    RACE_ASSIGN(command, ReadKbuildCommand(driver.kbuild, object));
    const std::vector<std::string>& words = command.first.words;
    bool is_rust = std::any_of(words.begin(), words.end(),
                               [](const std::string& word) { return word.ends_with(".rs"); });
    (is_rust ? rust : other).push_back(object);
    // objtool sees the module as a whole: what follows its link stays.
    if (is_rust) driver.compile.first = std::move(command.first);
  }
  if (rust.size() != 1)
    return Fail(Code::kBuildInput) << folder << ": " << driver.module << " is made of "
                                   << rust.size() << " Rust sources, and not of one";
  driver.crate = fs::path(rust[0]).stem();
  if (other.empty()) return driver;
  for (const std::string& object : other) {
    RACE_ASSIGN(events, TraceEventsOf(driver.kbuild + "/" + object));
    driver.notes.push_back("the trace events of " + fs::path(object).stem().string() +
                           ".c are left out: " + events);
  }
  RACE_TRY(LeaveOutTracing(driver.work, &driver.compile.first));
  return driver;
}

Command VariantCommand(const Sdk& sdk, const Driver& driver, const std::string& name) {
  Command command = driver.compile.first;
  DropWords(&command.words, "--emit=");
  std::vector<std::string> words;
  for (size_t i = 0; i < command.words.size(); i++) {
    const std::string& word = command.words[i];
    // The search path of crates, written as -L DIR or -LDIR.
    if (word == "-L" && i + 1 < command.words.size()) {
      i++;
      words.push_back("-L" + sdk.Variant(name) + "/rust");
    } else if (word.starts_with("-L")) {
      words.push_back("-L" + sdk.Variant(name) + "/rust");
    } else {
      words.push_back(word);
    }
  }
  command.words = words;
  // Temporary files are named by the crate alone: a folder each.
  fs::create_directories(driver.work + "/" + name + ".temporary");
  command.words.push_back("-Ztemps-dir=" + driver.work + "/" + name + ".temporary");
  SetEnvironment(&command, "OBJTREE", sdk.Variant(name));
  return command;
}

Status CompileVariants(const Sdk& sdk, const Driver& driver, const std::vector<std::string>& names,
                       unsigned jobs) {
  std::vector<Command> commands;
  for (const std::string& name : names) commands.push_back(BitcodeCommand(sdk, driver, name));
  return RunAll(commands, jobs, Code::kBuildCompile);
}

Result<std::string> TryVariants(const Sdk& sdk, const Driver& driver,
                                const std::vector<std::string>& names, unsigned jobs) {
  Status compiled = CompileVariants(sdk, driver, names, jobs);
  if (compiled) return std::string();
  if (compiled.error().code != Code::kBuildCompile) return compiled.error();
  return FirstError(compiled.error().message);
}

Result<Output> TryVariant(const Sdk& sdk, const Driver& driver, const std::string& name) {
  return Run(BitcodeCommand(sdk, driver, name));
}

std::string FirstError(const std::string& messages) {
  size_t error = messages.starts_with("error") ? 0 : messages.find("\nerror");
  if (error == std::string::npos) return Tail(messages, 1);
  error += messages[error] == '\n' ? 1 : 0;
  return messages.substr(error, messages.find('\n', error) - error);
}

Status LinkNeeded(llvm::Module* module, const std::string& path) {
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> other =
      llvm::getLazyIRFileModule(path, diagnostic, module->getContext());
  if (other == nullptr)
    return Fail(Code::kBuildLink) << path << ": " << diagnostic.getMessage().str();
  if (llvm::Linker::linkModules(*module, std::move(other), llvm::Linker::Flags::LinkOnlyNeeded))
    return Fail(Code::kBuildLink) << path << ": cannot link it into " << module->getName().str();
  return Ok{};
}

Result<std::unique_ptr<llvm::Module>> LinkVariant(const Sdk& sdk, const Driver& driver,
                                                  const std::string& name,
                                                  llvm::LLVMContext& context) {
  llvm::SMDiagnostic diagnostic;
  std::string path = driver.work + "/" + name + ".bc";
  std::unique_ptr<llvm::Module> module = llvm::parseIRFile(path, diagnostic, context);
  if (module == nullptr)
    return Fail(Code::kBuildLink) << path << ": " << diagnostic.getMessage().str();
  RACE_TRY(DeclarePanicHandler(module.get(), sdk.Variant(name) + "/kernel.bc"));
  RACE_TRY(LinkNeeded(module.get(), sdk.Variant(name) + "/kernel.bc"));
  for (const Adapter* adapter : DeclareAdapters(module.get()))
    if (sdk.HasAdapter(adapter->crate))
      RACE_TRY(
          LinkNeeded(module.get(), sdk.Variant(name) + "/" + std::string(adapter->crate) + ".bc"));
  FlattenConstantAddresses(module.get());
  CopyWhole(module.get());
  return module;
}

}  // namespace race::build
