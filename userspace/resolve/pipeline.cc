// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/pipeline.h"

#include <elf.h>

#include <optional>

#include "resolve/dead_imports.h"
#include "resolve/export_table.h"
#include "resolve/facts.h"
#include "resolve/module_frame.h"
#include "resolve/module_writer.h"
#include "resolve/orc_tables.h"
#include "resolve/relocation.h"
#include "resolve/shaped_data.h"
#include "resolve/validation.h"

namespace race::resolve {
namespace {

Status CheckMachine(const kernel::Target& target) {
  if (target.machine == EM_X86_64) return Ok{};
  return Fail(Code::kBadMachine) << target.origin << ": ELF machine " << target.machine
                                 << "; the driver's code is for " << EM_X86_64 << " (x86-64)";
}

std::set<std::string> Imports(const elf::Object& object) {
  std::set<std::string> imports;
  for (const elf::Symbol& symbol : object.symbols)
    if (!symbol.removed && symbol.undefined() && !symbol.name.empty()) imports.emplace(symbol.name);
  return imports;
}

// From contracts that hold to the file's bytes.
Result<ResolvedModule> Link(const rcrate::RcrateFile& file, const kernel::Target& target,
                            const Resolution& resolution, LinkOptions options, Metrics* metrics) {
  ResolvedModule module;
  module.name = file.rcrate.Manifest("module");
  std::set<std::string> depends = resolution.depends;
  if (options.role == Role::kDriver) depends.emplace(kValidator);
  module.depends.assign(depends.begin(), depends.end());
  elf::Object object = file.object;

  // Kernels that would refuse or mistrust this code whatever its layouts are.
  RACE_TRY(CheckDemands(file, target, object));

  // What only a .rcrate has is no part of the module.
  RemoveFormatSections(&object);
  FitOrcTables(target, &object, &module.notes);

  // Layout constants in code and data become numbers.
  uint64_t sites = 0;
  RACE_TRY(ApplyLayoutSymbols(file, resolution.values, &object, &sites));

  // Statics with the target's layout become data.
  RACE_TRY(LayOutShapes(file, resolution.values, &object));

  // What race.ko will look at before it lets the module start.
  std::set<std::string_view> imports;
  const std::optional<elf::SectionId> section = AddValidation(options.role, &object);
  if (options.role == Role::kDriver) imports.insert(kStartFunction);

  // What modpost would have made for this kernel.
  RACE_TRY(AddThisModule(file, target, &object));
  RACE_TRY(AddExportTable(file, target, &object));
  RACE_TRY(RewriteModinfo(file, target, depends, &object));

  // What the target does not have and the driver does without.
  DefineDeadImports(file, resolution.values, &object);

  // Nothing may be left that no contract speaks of.
  RACE_TRY(SubstituteImports(file, resolution.substituted, &object));
  RenameImports(resolution.renamed, &object);
  RACE_TRY(FinishSymbols(file, resolution.renamed, imports, &object));
  if (section) {
    RACE_ASSIGN(facts, MakeFactsSection(file, target, resolution, Imports(object)));
    if (metrics) metrics->Count("bytes of contract section", facts.size());
    FillFacts(*section, std::move(facts), &object);
  }
  module.bytes = elf::WriteObject(object);
  if (options.role == Role::kDriver) RACE_TRY(CheckStart(module.bytes, file.path));

  if (metrics) {
    metrics->Count("layout sites filled in", sites);
    metrics->Count("shapes laid out", file.rcrate.shapes.size());
    metrics->Count("bytes written", module.bytes.size());
  }
  return module;
}

Resolution Bind(const rcrate::RcrateFile& file, const kernel::Target& target, Metrics* metrics) {
  std::optional<Phase> phase;
  if (metrics) {
    metrics->Count("contracts", file.rcrate.contracts.size());
    metrics->Count("layout symbols", file.rcrate.symbols.size());
    phase.emplace(metrics, "bind contracts");
  }
  return ResolveContracts(file, target);
}

}  // namespace

Result<ResolvedModule> Resolve(const rcrate::RcrateFile& file, const kernel::Target& target,
                               LinkOptions options, Metrics* metrics) {
  RACE_TRY(CheckMachine(target));
  RACE_TRY(CheckRole(file, options.role));
  Resolution resolution = Bind(file, target, metrics);
  if (!resolution.problems.empty()) return Join(resolution.problems);
  std::optional<Phase> phase;
  if (metrics) phase.emplace(metrics, "link module");
  return Link(file, target, resolution, options, metrics);
}

CheckReport Check(const rcrate::RcrateFile& file, const kernel::Target& target, Metrics* metrics,
                  LinkOptions options) {
  CheckReport report{target.origin, target.release, {}, {}, {}};
  if (Status machine = CheckMachine(target); !machine) {
    report.problems.push_back({"machine", "", machine.error()});
    return report;
  }
  if (Status role = CheckRole(file, options.role); !role) {
    report.problems.push_back({"validation", "", role.error()});
    return report;
  }
  report.resolution = Bind(file, target, metrics);
  report.problems = std::move(report.resolution.problems);
  // Only with all values known can the linking be tried.
  if (!report.problems.empty()) return report;
  auto module = Link(file, target, report.resolution, options, metrics);
  if (module)
    report.notes = std::move(module->notes);
  else
    report.problems.push_back({"linking", "", module.error()});
  return report;
}

Error Join(const std::vector<Problem>& problems) {
  Error joined = problems.front().error;
  for (size_t i = 1; i < problems.size(); ++i) joined.message += "\n" + problems[i].error.Text();
  return joined;
}

std::string CodeName(const Error& error) {
  std::string text = error.Text();
  return text.substr(0, text.find(':'));
}

}  // namespace race::resolve
