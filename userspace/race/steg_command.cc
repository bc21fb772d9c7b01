// SPDX-License-Identifier: GPL-2.0-only
#include "race/steg_command.h"

#include <libelf.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "kernel/module_image.h"
#include "kernel/target.h"
#include "race/commands.h"
#include "race/contract_diff.h"
#include "race/rcrate.h"
#include "steg/binary.h"
#include "steg/btf_reader.h"
#include "steg/comparison.h"
#include "steg/text_writer.h"
#include "support/cursor.h"
#include "support/file.h"
#include "support/metrics.h"

namespace race {
namespace {

struct Options {
  std::string input, other, output, base, driver;
  std::vector<std::string> types;
  bool json = false;
  bool binary = false;
  bool metrics = false;
};

struct ElfEnd {
  void operator()(Elf* elf) const { elf_end(elf); }
};

// The section's bytes in `file`, or nothing when this is no relocatable object
// or has no such section.
std::optional<std::string_view> SectionOfObject(std::string& file, std::string_view wanted) {
  elf_version(EV_CURRENT);
  std::unique_ptr<Elf, ElfEnd> elf(elf_memory(file.data(), file.size()));
  const Elf64_Ehdr* header = elf ? elf64_getehdr(elf.get()) : nullptr;
  size_t names = 0;
  if (!header || header->e_type != ET_REL || elf_getshdrstrndx(elf.get(), &names) != 0)
    return std::nullopt;
  for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(elf.get(), scn));) {
    const Elf64_Shdr* section = elf64_getshdr(scn);
    const char* name = section ? elf_strptr(elf.get(), names, section->sh_name) : nullptr;
    std::string_view bytes;
    if (name && name == wanted && section->sh_type != SHT_NOBITS &&
        Slice(file, section->sh_offset, section->sh_size, &bytes))
      return bytes;
  }
  return std::nullopt;
}

// The first bytes of a file; empty for what is not a file.
std::string ReadStart(const std::string& path, size_t length) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};
  std::ifstream file(path, std::ios::binary);
  std::string start(length, '\0');
  file.read(start.data(), length);
  return file.gcount() == static_cast<std::streamsize>(length) ? start : std::string();
}

// A .rcrate is told from a kernel by what is in it, never by its name; a file in
// the binary form is read too.
Result<steg::Graph> ReadGraph(const std::string& name, Metrics* metrics) {
  auto at = [&](const Error& error) { return Error{error.code, name + ": " + error.message}; };
  auto magic = ReadStart(name, 4);
  if (magic == STEG_MAGIC || magic ==
                                 "\x7f"
                                 "ELF") {
    RACE_ASSIGN(file, ReadFile(name));
    std::optional<std::string_view> bytes = file;
    if (magic != STEG_MAGIC) bytes = SectionOfObject(file, RACE_STEG_SECTION);
    if (bytes) {
      Phase phase(metrics, "read STEG");
      auto graph = steg::ReadBinary(*bytes);
      if (!graph) return at(graph.error());
      return graph;
    }
  }
  if (kernel::IsModuleFileName(name))
    return Fail(Code::kUsage) << name << ": a module describes its types over those of its kernel; "
                              << "dump it with --base KERNEL";
  RACE_ASSIGN(target, kernel::ReadTarget(name, metrics));
  kernel::MarkExports(target.get());
  return std::move(target->types);
}

// A graph and its first node that is to be shown.
struct Shown {
  steg::Graph graph;
  steg::NodeId first = steg::NodeId::kVoid;
};

// A module's own types, behind those of its kernel.
Result<Shown> ReadModule(const Options& options, Metrics* metrics) {
  RACE_ASSIGN(module, kernel::ModuleImage::Read(options.input));
  RACE_ASSIGN(exports, module.ReadExports());
  if (module.Section(".BTF").empty())
    return Fail(Code::kNoBtf) << options.input << ": the module has no BTF";
  RACE_ASSIGN(kernel, kernel::ReadTarget(options.base, metrics));
  auto own = steg::AddSplitBtf(module.Section(".BTF"), module.Section(".BTF.base"), &kernel->types);
  if (!own)
    return Fail(own.error().code) << options.input << " over " << options.base << ": "
                                  << own.error().message;
  kernel->exports = std::move(exports);
  kernel::MarkExports(kernel.get());
  return Shown{std::move(kernel->types), own->first};
}

// The named nodes from `first` on, with what they need of those before.
steg::Graph OnlyFrom(const Shown& shown) {
  if (shown.first == steg::NodeId::kVoid) return shown.graph;
  steg::Graph own;
  steg::Copier copier(shown.graph, &own);
  for (uint32_t i = Index(shown.first); i < shown.graph.size(); i++)
    if (!shown.graph[steg::NodeId{i}].name.empty()) copier.Copy(steg::NodeId{i}, true);
  return own;
}

Result<Shown> ReadShown(const Options& options, Metrics* metrics) {
  if (!options.base.empty()) return ReadModule(options, metrics);
  RACE_ASSIGN(graph, ReadGraph(options.input, metrics));
  return Shown{std::move(graph)};
}

Status Dump(const Options& options, Metrics* metrics) {
  RACE_ASSIGN(shown, ReadShown(options, metrics));
  const steg::Graph& graph = shown.graph;
  if (options.binary) {
    Phase phase(metrics, "write STEG");
    return WriteFileAtomically(options.output, steg::WriteBinary(OnlyFrom(shown)));
  }
  Phase phase(metrics, "write text");
  size_t written = 0;
  if (options.output.empty()) {
    written = steg::WriteText(graph, options.types, std::cout, shown.first);
    std::cout.flush();
  } else {
    std::ostringstream text;
    written = steg::WriteText(graph, options.types, text, shown.first);
    RACE_TRY(WriteFileAtomically(options.output, text.str()));
  }
  if (written == 0 && !options.types.empty())
    return Fail(Code::kTypeMissing)
           << options.input << ": nothing is named " << options.types.front();
  return Ok{};
}

void PrintJson(const std::vector<steg::Difference>& differences) {
  using Json = nlohmann::ordered_json;
  constexpr const char* kKinds[] = {"added", "removed", "changed"};
  Json all = Json::array();
  for (const steg::Difference& difference : differences)
    all.push_back({{"kind", kKinds[difference.kind]},
                   {"title", difference.title},
                   {"details", difference.details}});
  std::cout << Json{{"differences", all}}.dump(2, ' ', false, Json::error_handler_t::replace)
            << '\n';
}

Result<bool> Diff(const Options& options, Metrics* metrics) {
  if (!options.driver.empty())
    return DiffForDriver(options.driver, options.input, options.other, options.json, metrics);
  RACE_ASSIGN(a, ReadGraph(options.input, metrics));
  RACE_ASSIGN(b, ReadGraph(options.other, metrics));
  Phase phase(metrics, "compare");
  auto differences = steg::Compare(a, b, options.types);
  if (options.json)
    PrintJson(differences);
  else
    steg::WriteDifferences(differences, std::cout);
  std::cout.flush();
  metrics->Count("differences", differences.size());
  return !differences.empty();
}

}  // namespace

void AddStegCommand(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<Options>();
  CLI::App* steg = app.add_subcommand("steg", "Show and compare type graphs");
  steg->require_subcommand(1);
  const char* kInput =
      "\"running\", a vmlinuz, a vmlinux, a folder of /lib/modules, a .rcrate, or "
      "a file that `dump --binary` made";

  CLI::App* dump = steg->add_subcommand("dump", "Write a type graph as stable text, or as binary");
  dump->add_option("INPUT", options->input, std::string(kInput) + "; with --base, a module (.ko)")
      ->required();
  dump->add_option(
      "--base", options->base,
      "The kernel of the module INPUT, of which only the module's own types are shown");
  dump->add_option("-t,--type", options->types,
                   "Only this: \"struct file\", a typedef, a function; may be repeated");
  auto* output = dump->add_option("-o,--output", options->output, "File to write");
  dump->add_flag("--binary", options->binary, "Write the binary form")->needs(output);
  dump->add_flag("--metrics", options->metrics, "Print times and counts to standard error");
  dump->footer("Exit status: 0 written; 1 nothing is named as --type says; 2 trouble.");
  dump->callback([options, exit_status] {
    Metrics metrics;
    Status done = Dump(*options, &metrics);
    *exit_status = done ? kExitOk : ReportError(done.error());
    if (options->metrics) metrics.Print(std::cerr);
  });

  CLI::App* diff = steg->add_subcommand("diff", "Compare two type graphs, or what a driver sees");
  diff->add_option("OLD", options->input, kInput)->required();
  diff->add_option("NEW", options->other, kInput)->required();
  auto* types =
      diff->add_option("-t,--type", options->types, "Only this, as for dump; may be repeated");
  diff->add_option("--for", options->driver,
                   "A .rcrate: only what it needs of the two kernels, with its source lines")
      ->excludes(types);
  diff->add_flag("--json", options->json, "Print one JSON object");
  diff->add_flag("--metrics", options->metrics, "Print times and counts to standard error");
  diff->footer("Exit status, as diff(1)'s: 0 no difference; 1 they differ; 2 trouble.");
  diff->callback([options, exit_status] {
    Metrics metrics;
    Result<bool> differ = Diff(*options, &metrics);
    if (!differ) {
      // Also what would be 1 elsewhere: here that says that both were compared.
      ReportError(differ.error());
      *exit_status = kExitBadInput;
    } else {
      *exit_status = *differ ? kExitDiffers : kExitOk;
    }
    if (options->metrics) metrics.Print(std::cerr);
  });
}

}  // namespace race
