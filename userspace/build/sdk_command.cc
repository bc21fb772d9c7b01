// SPDX-License-Identifier: GPL-2.0-only
//
// race sdk build: the story is in BuildSdk() at the end.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "build/adapter.h"
#include "build/base_types.h"
#include "build/catalogue.h"
#include "build/kbuild_command.h"
#include "build/kernel_constants.h"
#include "build/process.h"
#include "build/sdk.h"
#include "build/sdk_commands.h"
#include "build/sdk_enumerators.h"
#include "build/sdk_frozen.h"
#include "build/sdk_like.h"
#include "build/sdk_small_layout.h"
#include "build/sdk_uapi.h"
#include "build/shim.h"
#include "build/solver.h"
#include "kernel/target.h"
#include "support/file.h"

namespace race::build {
namespace {

namespace fs = std::filesystem;

// Bound of the loop that learns which types cannot take a padding: each round
// adds at least one, and all that one compile can name are added at once.
constexpr int kFreezeRounds = 12;

// The same of the loop that learns which fields are missed.
constexpr int kFieldRounds = 12;

constexpr const char* kBugEntry = "bug_entry";

// The largest chance that a number of a driver is explained wrongly, as a power of two.
constexpr int kLog2OfChance = -60;

class Progress {
 public:
  void Step(const std::string& what) {
    double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    std::fprintf(stderr, "sdk: [%4.0f s] %s\n", seconds, what.c_str());
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

class Builder {
 public:
  explicit Builder(const SdkOptions& options) : options_(options), compile_(options) {
    properties_ = {{"format", "4"},
                   {"rustc", options.rustc},
                   {"bindgen", options.bindgen},
                   {"rust_library", options.rust_library},
                   {"llvm_suffix", options.llvm_suffix},
                   {"kernel_tree", options.kernel_tree}};
    for (size_t i = 0; i < options.like.size(); i++)
      properties_["like" + std::to_string(i)] = options.like[i];
  }

  std::string tree() const { return compile_.tree(); }
  std::string variant(const std::string& name) const { return compile_.variant(name); }

  bool Complete() const {
    Result<Sdk> sdk = OpenSdk(options_.output);
    if (!sdk) return false;
    for (const auto& [key, value] : properties_)
      if (sdk->properties[key] != value) return false;
    Result<std::string> now = ReadFile(options_.config);
    Result<std::string> then = ReadFile(options_.output + "/config");
    return now && then && *now == *then;
  }

  Status PrepareTree() {
    fs::remove_all(options_.output + "/variant");
    fs::remove(options_.output + "/sdk");
    fs::remove(options_.output + "/macros");
    fs::create_directories(tree());
    RACE_ASSIGN(config, ReadFile(options_.config));
    RACE_TRY(WriteFileAtomically(tree() + "/.config", config));
    Command make{MakeWords(properties_), {}, options_.kernel_tree};
    make.words.push_back("O=" + tree());
    make.words.push_back("-j" + std::to_string(options_.jobs));
    // The generated bindings are named alike by the tree and by the variants.
    make.words.push_back("KRUSTFLAGS=--remap-path-prefix=" + tree() + "/=");
    Command olddefconfig = make;
    olddefconfig.words.push_back("olddefconfig");
    RACE_TRY(RunOrFail(olddefconfig, Code::kSdkTree));
    RACE_ASSIGN(effective, ReadFile(tree() + "/.config"));
    if (effective.find("\nCONFIG_RUST=y\n") == std::string::npos)
      return Fail(Code::kSdkTree) << options_.config << ": CONFIG_RUST is not set after "
                                  << "'make olddefconfig'; 'make rustavailable' says why";
    make.words.push_back("prepare");
    make.words.push_back("modules_prepare");
    RACE_TRY(RunOrFail(make, Code::kSdkTree));
    RACE_ASSIGN(release, ReadFile(tree() + "/include/config/kernel.release"));
    while (!release.empty() && release.back() == '\n') release.pop_back();
    properties_["release"] = release;
    RACE_ASSIGN(version, Run({{options_.rustc, "--version"}, {}, {}}));
    properties_["rustc_version"] = version.text.substr(0, version.text.find('\n'));
    return Ok{};
  }

  Status ReadBindings() {
    RACE_ASSIGN(text, ReadFile(tree() + "/rust/bindings/bindings_generated.rs"));
    bindings_ = ParseBindings(text);
    RACE_ASSIGN(helpers, ReadFile(tree() + "/rust/bindings/bindings_helpers_generated.rs"));
    FindByValue(helpers, &bindings_);
    RACE_ASSIGN(uapi, ReadFile(tree() + kUapiSource));
    uapi_ = ParseBindings(uapi);
    RACE_ASSIGN(exact, ReadUapiTypes(tree(), options_.output, bindings_));
    exact_uapi_ = std::move(exact);
    for (const auto& [name, signature] : bindings_.by_value)
      Freeze(name, "by value in: " + signature);
    // warn_on!() writes entries of the kernel's table of bugs in assembly.
    if (bindings_.index.count(kBugEntry) != 0) Freeze(kBugEntry, "written in assembly");
    // Rust passes such values in registers, and with a padding in memory: code that
    // does so would be another program under the true layout.
    RACE_ASSIGN(named, NamedTypes(options_.kernel_tree + "/rust/kernel"));
    for (const Aggregate& aggregate : bindings_.aggregates)
      if (IsPointerOrPair(bindings_, aggregate) && named.count(aggregate.name) != 0)
        Freeze(aggregate.name, "one or two pointers");
    // The same of all others of that size: a copy of a counter, or of a lock without an owner,
    // is made in a register.  Nobody copies what has no name in C, and a contract could only be
    // about all of what it is in.
    LayoutEngine truth(bindings_);
    for (const Aggregate& aggregate : bindings_.aggregates)
      if (!IsUnnamed(aggregate.name) && IsTwoWordsOrLess(bindings_, &truth, aggregate))
        Freeze(aggregate.name, kTwoWordsOrLess);
    // Packed types are formats of hardware and wires; a padding inside one
    // would not be told from its neighbours'.
    for (const Aggregate& aggregate : bindings_.aggregates)
      for (const Field& field : aggregate.fields)
        if (const Aggregate* inner = ByValueAggregate(bindings_, field.type);
            inner != nullptr && (aggregate.packed != 0 || aggregate.tuple))
          Freeze(inner->name, "in packed type " + aggregate.name);
    return Ok{};
  }

  Status ReadLikeKernels(Progress* progress) {
    for (const std::string& name : options_.like) {
      RACE_ASSIGN(target, kernel::ReadTarget(name, nullptr));
      like_.push_back(LayoutsOfKernel(bindings_, target->types));
      progress->Step(target->release + " lays out " + std::to_string(like_.back().size()) +
                     " types of the bindings");
    }
    return Ok{};
  }

  // Compiles the kernel crate and the samples under one variant until rustc has
  // no literal left that a padding breaks.  The last round also says which fields are named by
  // the kernel crate, the adapters and the kernel's drivers.
  Status LearnFrozenTypes(Progress* progress) {
    const std::string name = kVariants[0].name;
    for (int round = 0; round < kFreezeRounds; round++) {
      const size_t before = frozen_.size();
      ChooseAll();
      RACE_TRY(MakeVariantFolder(name, 0));
      RACE_ASSIGN(rewritten, ReadFile(BindingsOf(name)));
      RACE_TRY(WriteFileAtomically(BindingsOf(name), NoteFields(bindings_, rewritten)));
      for (const Command& command : {compile_.Bindings(name), compile_.Uapi(name)})
        RACE_TRY(RunOrFail(command, Code::kSdkCompile));
      Command typecheck = compile_.Kernel(name);
      DropWords(&typecheck.words, "--emit=llvm-bc");
      typecheck.words.emplace_back(kSayNotes);
      RACE_ASSIGN(output, Run(typecheck));
      size_t added = FreezeFromErrors(output.text);
      if (output.exit_status != 0 && added == 0)
        return Fail(Code::kSdkCompile) << "the kernel crate does not compile under another layout\n"
                                       << Tail(output.text, 60);
      std::set<FieldName> needed;
      FieldsNoted(bindings_, output.text, &needed);
      if (output.exit_status == 0) RACE_TRY(ProbeDrivers(name, &needed));
      progress->Step(std::to_string(frozen_.size()) + " types keep their layout");
      if (output.exit_status != 0 || frozen_.size() != before) continue;
      needed_ = std::move(needed);
      progress->Step(std::to_string(needed_.size()) + " fields are named by code");
      return Ok{};
    }
    return Fail(Code::kSdkCompile)
           << "still learning of types that cannot be padded after " << kFreezeRounds << " rounds";
  }

  // The small variant leaves out all fields that no code was seen to name; which it lacks then,
  // rustc says.
  Status BuildSmallVariant(Progress* progress) {
    const std::string name = kVariants[kSmallVariant].name;
    for (int round = 0; round < kFieldRounds; round++) {
      ChooseAll(&needed_);
      RACE_TRY(MakeVariantFolder(name, kSmallVariant));
      size_t missed = 0;
      Output output;
      for (const Command& command :
           {compile_.Bindings(name), compile_.Uapi(name), compile_.Kernel(name)}) {
        RACE_ASSIGN(tried, Run(command));
        missed += FieldsMissing(bindings_, tried.text, &needed_);
        output = std::move(tried);
        if (output.exit_status != 0) break;
      }
      if (output.exit_status == 0) return Ok{};
      if (missed == 0) {
        progress->Step("no layout smaller than the base kernel's:\n" + Tail(output.text, 10));
        break;
      }
      progress->Step(std::to_string(missed) + " more are missed");
    }
    ChooseAll(nullptr);
    RACE_TRY(MakeVariantFolder(name, kSmallVariant));
    for (const Command& command :
         {compile_.Bindings(name), compile_.Uapi(name), compile_.Kernel(name)})
      RACE_TRY(RunOrFail(command, Code::kSdkCompile));
    return Ok{};
  }

  // All others.  False: a type must keep its layout that nothing showed before (only code, which
  // is made last, evaluates some constants), and all is to be done again.
  Result<bool> BuildVariants(Progress* progress) {
    RACE_TRY(MakeVariantFolder("true", -1));
    std::vector<std::string> names = {"true"};
    for (size_t v = 0; v < kVariantCount; v++) {
      if (v == kSmallVariant) continue;
      RACE_TRY(MakeVariantFolder(kVariants[v].name, v));
      names.push_back(kVariants[v].name);
    }
    std::vector<Command> bindings, uapi, kernels;
    for (const std::string& name : names) {
      bindings.push_back(compile_.Bindings(name));
      uapi.push_back(compile_.Uapi(name));
      kernels.push_back(compile_.Kernel(name));
    }
    RACE_TRY(RunAll(bindings, options_.jobs, Code::kSdkCompile));
    RACE_TRY(RunAll(uapi, options_.jobs, Code::kSdkCompile));
    const Status compiled = RunAll(kernels, options_.jobs, Code::kSdkCompile);
    if (compiled) return true;
    const size_t added = FreezeFromErrors(compiled.error().message);
    if (added == 0) return compiled.error();
    progress->Step("once more: " + std::to_string(added) + " of them cannot take another layout");
    return false;
  }

  // The first variant's layouts with other values of C's enumerators.  Where the kernel
  // crate does not compile so, drivers hold the base kernel's values.
  Status BuildEnumeratorVariants(Progress* progress) {
    std::vector<Command> bindings, uapi, kernels;
    for (size_t e = 0; e < kEnumeratorVariants.size(); e++) {
      const std::string name = kEnumeratorVariants[e];
      RACE_TRY(MakeVariantFolder(name, VariantIndex(kEnumeratorLayouts)));
      const std::string path = BindingsOf(name);
      RACE_ASSIGN(text, ReadFile(path));
      RACE_TRY(WriteFileAtomically(path, MoveEnumerators(text, e)));
      bindings.push_back(compile_.Bindings(name));
      uapi.push_back(compile_.Uapi(name));
      kernels.push_back(compile_.Kernel(name));
    }
    RACE_TRY(RunAll(bindings, options_.jobs, Code::kSdkCompile));
    RACE_TRY(RunAll(uapi, options_.jobs, Code::kSdkCompile));
    Status compiled = RunAll(kernels, options_.jobs, Code::kSdkCompile);
    if (!compiled)
      progress->Step("enumerators keep their values:\n" + Tail(compiled.error().message, 10));
    properties_["enumerators"] = compiled ? "move" : "stay";
    return Ok{};
  }

  Status WriteAdapterSources() {
    for (const Adapter& adapter : Adapters())
      RACE_TRY(WriteFileAtomically(options_.output + "/" + std::string(adapter.crate) + ".rs",
                                   adapter.source));
    return Ok{};
  }

  // Adapters for what this tree has: one that does not compile against its
  // bindings is for services that it does not know, and left out.
  Status BuildAdapters(Progress* progress) {
    std::string names;
    for (const Adapter& adapter : Adapters()) {
      const std::string crate(adapter.crate);
      RACE_ASSIGN(tried, Run(compile_.Adapter("true", crate)));
      if (tried.exit_status != 0) {
        progress->Step("no adapter " + crate + " for this tree:\n" + Tail(tried.text, 5));
        continue;
      }
      std::vector<Command> commands;
      for (const VariantPlan& plan : kVariants)
        commands.push_back(compile_.Adapter(plan.name, crate));
      for (const char* name : kEnumeratorVariants)
        commands.push_back(compile_.Adapter(name, crate));
      RACE_TRY(RunAll(commands, options_.jobs, Code::kSdkCompile));
      names += (names.empty() ? "" : " ") + crate;
    }
    properties_["adapters"] = names;
    return Ok{};
  }

  // What does not depend on layouts: core and the small crates below it.
  Status BuildCommonBitcode() {
    std::vector<Command> commands;
    for (const char* crate : {"core", "compiler_builtins", "build_error"}) {
      RACE_ASSIGN(command, ReadKbuildCommand(tree(), std::string("rust/") + crate + ".o"));
      DropWords(&command.first.words, "--emit=");
      command.first.words.push_back("--emit=llvm-bc=" + options_.output + "/" + crate + ".bc");
      command.first.words.push_back("-Cno-prepopulate-passes");
      commands.push_back(command.first);
    }
    RACE_TRY(WriteFileAtomically(options_.output + "/race_shim.rs", kShimSource));
    Command shim = compile_.Crate("true", "ffi", "race_shim", options_.output + "/race_shim.rs");
    shim.words.push_back("--emit=llvm-bc=" + options_.output + "/race_shim.bc");
    shim.words.push_back("-Cno-prepopulate-passes");
    commands.push_back(shim);
    return RunAll(commands, options_.jobs, Code::kSdkCompile);
  }

  Status VerifyLayouts(size_t* numbers) {
    std::vector<std::string> names = {"true"};
    for (const VariantPlan& plan : kVariants) names.push_back(plan.name);
    LayoutEngine truth = TrueLayout(bindings_, layouts_.engines[0]);
    std::vector<LayoutEngine*> engines = {&truth};
    for (LayoutEngine& engine : layouts_.engines) engines.push_back(&engine);
    std::vector<Command> commands;
    for (size_t i = 0; i < names.size(); i++) {
      const std::string& name = names[i];
      const std::string source = variant(name) + "/catalogue.rs";
      RACE_TRY(WriteFileAtomically(source, CatalogueSource(bindings_, *engines[i])));
      Command command = compile_.Crate(name, "bindings", "catalogue", source);
      command.words.push_back("--extern=bindings");
      command.words.push_back("--emit=obj=" + variant(name) + "/catalogue.o");
      commands.push_back(command);
    }
    RACE_TRY(RunAll(commands, options_.jobs, Code::kSdkCompile));
    for (size_t i = 0; i < names.size(); i++) {
      RACE_ASSIGN(count,
                  VerifyCatalogue(bindings_, engines[i], variant(names[i]) + "/catalogue.o"));
      *numbers += count;
    }
    return CheckDistinct();
  }

  Status WriteTables() {
    std::string text;
    for (const LayoutAtom& atom : layouts_.atoms) {
      text += atom.aggregate + " " + (atom.field.empty() ? "-" : atom.field) + " " +
              std::to_string(atom.align) + " " + std::to_string(atom.true_value) + " " +
              std::to_string(atom.raised_value);
      for (uint64_t value : atom.values) text += " " + std::to_string(value);
      text += "\n";
    }
    RACE_TRY(WriteFileAtomically(options_.output + "/layouts", text));
    text.clear();
    for (const auto& [name, reason] : frozen_) text += name + " " + reason + "\n";
    RACE_TRY(WriteFileAtomically(options_.output + "/frozen", text));
    text.clear();
    for (const auto& [name, reason] : exact_uapi_) text += name + " " + reason + "\n";
    return WriteFileAtomically(options_.output + "/uapi", text);
  }

  Status BuildBaseTypes() { return WriteBaseTypes(tree(), options_.output); }

  Status WriteStamp() {
    RACE_ASSIGN(config, ReadFile(options_.config));
    RACE_TRY(WriteFileAtomically(options_.output + "/config", config));
    std::string text;
    for (const auto& [key, value] : properties_) text += key + "=" + value + "\n";
    return WriteFileAtomically(options_.output + "/sdk", text);
  }

  // However numbers are searched for, a wrong explanation must not be taken for the right one.
  Status CheckChance(Progress* progress) {
    const double one = ChanceOfWrongExplanation(layouts_.atoms), all = one + kLog2OfTries;
    char text[160];
    std::snprintf(text, sizeof text,
                  "a wrong explanation of a number passes with a chance of 2^%.1f (2^%.1f each, "
                  "at most 2^%d are tried)",
                  all, one, kLog2OfTries);
    progress->Step(text);
    if (all <= kLog2OfChance) return Ok{};
    return Fail(Code::kSdkVectors) << text << ", expected 2^" << kLog2OfChance
                                   << " or less: the layouts of the variants are too much alike";
  }

  size_t atom_count() const { return layouts_.atoms.size(); }

 private:
  void Freeze(const std::string& name, const std::string& reason) {
    frozen_.emplace(name, reason);
    std::set<std::string> closure = {name};
    CloseFrozen(bindings_, &closure);
    for (const std::string& inner : closure) frozen_.emplace(inner, "in frozen type " + name);
  }

  void ChooseAll(const std::set<FieldName>* needed = nullptr) {
    std::set<std::string> names;
    for (const auto& [name, reason] : frozen_) names.insert(name);
    layouts_ = ChooseLayouts(bindings_, names, needed, like_);
  }

  // How many are new.
  size_t FreezeFromErrors(const std::string& text) {
    const size_t before = frozen_.size();
    for (const auto& [name, reason] : TypesThatMustStay(bindings_, text)) Freeze(name, reason);
    return frozen_.size() - before;
  }

  // What the kernel's drivers and the adapters name, and the samples' own literals (tables of
  // ids, parameters), which macros write.  Drivers that the configuration has no abstractions for
  // say nothing.
  Status ProbeDrivers(const std::string& name, std::set<FieldName>* needed) {
    const std::vector<fs::path> samples = DriverSources(options_.kernel_tree + "/samples/rust");
    std::vector<Command> probes;
    for (const fs::path& source : samples) probes.push_back(compile_.Probe(name, source));
    for (const fs::path& source : DriverSources(options_.kernel_tree + "/drivers"))
      probes.push_back(compile_.Probe(name, source));
    for (const Adapter& adapter : Adapters())
      probes.push_back(compile_.Adapter(name, std::string(adapter.crate)));
    for (Command& probe : probes) probe.words.emplace_back(kSayNotes);
    RACE_ASSIGN(outputs, RunEach(probes, options_.jobs));
    for (size_t i = 0; i < outputs.size(); i++) {
      if (i < samples.size()) FreezeFromErrors(outputs[i].text);
      FieldsNoted(bindings_, outputs[i].text, needed);
    }
    return Ok{};
  }

  std::string BindingsOf(const std::string& name) const {
    return variant(name) + "/rust/bindings/bindings_generated.rs";
  }

  Status MakeVariantFolder(const std::string& name, int index) {
    fs::path rust = variant(name) + "/rust";
    fs::remove_all(rust);
    fs::create_directories(rust);
    fs::create_directories(variant(name) + "/temporary");
    for (const auto& entry : fs::directory_iterator(tree() + "/rust")) {
      std::string file = entry.path().filename();
      if (file.ends_with(".rmeta") || file.ends_with(".so")) {
        bool moves =
            file == "libbindings.rmeta" || file == "libuapi.rmeta" || file == "libkernel.rmeta";
        if (!moves) fs::create_symlink(entry.path(), rust / file);
      }
    }
    fs::create_symlink(tree() + "/rust/kernel", rust / "kernel");
    fs::create_symlink(tree() + "/include", variant(name) + "/include.new");
    fs::rename(variant(name) + "/include.new", variant(name) + "/include");
    fs::create_directories(rust / "bindings");
    fs::create_symlink(tree() + "/rust/bindings/bindings_helpers_generated.rs",
                       rust / "bindings/bindings_helpers_generated.rs");
    const LayoutEngine engine =
        index < 0 ? TrueLayout(bindings_, layouts_.engines[0]) : layouts_.engines[index];
    fs::create_directories(rust / "uapi");
    RACE_TRY(WriteFileAtomically(variant(name) + kUapiSource, RewriteUapi(uapi_, exact_uapi_)));
    return WriteFileAtomically(BindingsOf(name), RewriteBindings(bindings_, engine));
  }

  Status CheckDistinct() {
    if (layouts_.indistinct.empty()) return Ok{};
    auto spell = [&](size_t index) {
      const LayoutAtom& atom = layouts_.atoms[index];
      return atom.field.empty() ? "size of " + atom.aggregate : atom.aggregate + "." + atom.field;
    };
    auto [a, b] = layouts_.indistinct.front();
    return Fail(Code::kSdkVectors)
           << layouts_.indistinct.size() << " pairs of layouts have the same "
           << "vector over the variants, the first: " << spell(a) << " and " << spell(b);
  }

  const SdkOptions& options_;
  SdkCommands compile_;
  std::map<std::string, std::string> properties_;
  Bindings bindings_, uapi_;
  UapiTypes exact_uapi_;
  std::map<std::string, std::string> frozen_;
  std::set<FieldName> needed_;  // what the small variant must have
  VariantLayouts layouts_;
  std::vector<KernelLayouts> like_;
};

}  // namespace

Status BuildSdk(const SdkOptions& options) {
  Builder builder(options);
  Progress progress;
  if (builder.Complete()) {
    progress.Step("up to date: " + options.output);
    return Ok{};
  }
  // The kernel tree, as its own Kbuild prepares it for Rust modules.
  progress.Step("preparing " + options.kernel_tree);
  RACE_TRY(builder.PrepareTree());
  RACE_TRY(builder.ReadBindings());
  RACE_TRY(builder.ReadLikeKernels(&progress));
  RACE_TRY(builder.WriteAdapterSources());
  for (bool built = false; !built;) {
    // Which types must keep their layout, from the compiler's own errors.
    progress.Step("learning which types must keep their layout, and which fields code names");
    RACE_TRY(builder.LearnFrozenTypes(&progress));
    progress.Step("compiling the kernel crate without all other fields");
    RACE_TRY(builder.BuildSmallVariant(&progress));
    progress.Step("compiling the kernel crate under " + std::to_string(kVariantCount) +
                  " other layouts");
    RACE_ASSIGN(all, builder.BuildVariants(&progress));
    built = all;
  }
  progress.Step("compiling it with other values of enumerators");
  RACE_TRY(builder.BuildEnumeratorVariants(&progress));
  RACE_TRY(builder.BuildAdapters(&progress));
  progress.Step("compiling core");
  RACE_TRY(builder.BuildCommonBitcode());
  // No number of ours counts before rustc has confirmed it.
  progress.Step("asking rustc for all layouts");
  size_t numbers = 0;
  RACE_TRY(builder.VerifyLayouts(&numbers));
  progress.Step(std::to_string(numbers) + " numbers confirmed, " +
                std::to_string(builder.atom_count()) + " distinct vectors");
  RACE_TRY(builder.CheckChance(&progress));
  progress.Step("reading the C types and prototypes");
  RACE_TRY(builder.BuildBaseTypes());
  progress.Step("reading what the kernel crate computes while it is compiled");
  RACE_TRY(WriteKernelConstants(options));
  RACE_TRY(builder.WriteTables());
  RACE_TRY(builder.WriteStamp());
  progress.Step("done: " + options.output);
  return Ok{};
}

}  // namespace race::build
