// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/import_binding.h"

#include <algorithm>

#include "kernel/modules.h"
#include "rcrate/rust_path.h"
#include "resolve/contract_resolution.h"
#include "steg/btf_reader.h"

namespace race::resolve {
namespace {

using rcrate::Contract;

// The licences that the kernel takes as GPL compatible (include/linux/license.h).
bool IsGplCompatible(std::string_view license) {
  constexpr std::string_view kCompatible[] = {
      "GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL",
  };
  return std::find(std::begin(kCompatible), std::end(kCompatible), license) !=
         std::end(kCompatible);
}

// "module:a,b-*": an export that only modules of these names may use.
bool IsModuleListed(std::string_view names, std::string_view module) {
  while (!names.empty()) {
    size_t comma = std::min(names.find(','), names.size());
    std::string_view name = names.substr(0, comma);
    names.remove_prefix(std::min(comma + 1, names.size()));
    if (name == module) return true;
    if (name.ends_with('*') && module.starts_with(name.substr(0, name.size() - 1))) return true;
  }
  return false;
}

Status CheckNamespace(const rcrate::RcrateFile& file, const Contract& contract,
                      const std::string& name) {
  constexpr std::string_view kModulePrefix = "module:";
  if (name.empty()) return Ok{};
  if (name.starts_with(kModulePrefix)) {
    std::string_view module = file.rcrate.Manifest("module");
    if (IsModuleListed(std::string_view(name).substr(kModulePrefix.size()), module)) return Ok{};
    return Fail(Code::kImportNamespace)
           << Prefix(contract) << "the target exports it to certain modules only (" << name
           << "), of which this one (" << module << ") is none";
  }
  for (const rcrate::Property& property : file.rcrate.manifest)
    if (property.key == "import_ns" && property.value == name) return Ok{};
  return Fail(Code::kImportNamespace)
         << Prefix(contract) << "the target exports it in the namespace " << name
         << ", which the driver does not import";
}

std::string WhyUntyped(const kernel::Target& target, const std::string& module) {
  for (const kernel::AddedModule& added : target.added_modules)
    if (added.name == module && added.untyped)
      return " (the module " + module + ": " + added.untyped->message + ")";
  return " (the module " + module + " has it)";
}

// What keeps an import from being found in a module.
std::string WhyNoModule(const kernel::Target& target) {
  if (target.modules) return ", nor does a module in " + target.modules->Describe();
  return " (the modules of this target are not known: name a folder like /lib/modules/RELEASE "
         "that has them)";
}

// The prototype or type of a FUNC or VAR node; other nodes stand for themselves.
steg::NodeId TypeOf(const steg::Graph& graph, steg::NodeId id) {
  const steg::Node& node = graph[id];
  if (node.kind != STEG_FUNC && node.kind != STEG_VAR) return id;
  for (const steg::Edge& edge : node.edges)
    if (edge.kind == STEG_EDGE_TARGET) return edge.target;
  return steg::NodeId::kVoid;
}

// The nodes of that kind and name that can be the symbol that `module` (or the
// kernel) exports: other modules' are other functions.  A module's function that
// the kernel has one like, of the same prototype, is described there only.
std::vector<steg::NodeId> FindExported(const kernel::Target& target, steg_node_kind kind,
                                       const std::string& name, const std::string& module) {
  // Of a module whose types are not known, the kernel's function is another one.
  for (const kernel::AddedModule& added : target.added_modules)
    if (added.name == module && added.untyped) return {};
  std::vector<steg::NodeId> of_kernel, of_module;
  for (steg::NodeId id : target.types.Find(kind, name)) {
    auto holder = std::find_if(
        target.added_modules.begin(), target.added_modules.end(), [&](const auto& added) {
          return steg::NodeRange{added.first_node, added.end_node}.Contains(id);
        });
    if (holder == target.added_modules.end())
      of_kernel.push_back(id);
    else if (holder->name == module)
      of_module.push_back(id);
  }
  return of_module.empty() ? of_kernel : of_module;
}

Status CheckType(const rcrate::RcrateFile& file, const Contract& contract,
                 const kernel::Target& target, const std::string& module) {
  if (contract.type == RACE_NO_TYPE) return Ok{};
  const bool is_function = contract.kind == RACE_CONTRACT_FUNCTION;
  const auto found =
      FindExported(target, is_function ? STEG_FUNC : STEG_VAR, contract.root, module);
  const steg::NodeId want = TypeOf(file.types, steg::NodeId{contract.type});
  const std::string spelled = steg::Spell(file.types, want);
  if (found.empty())
    return Fail(Code::kImportPrototype)
           << Prefix(contract) << "expected type " << spelled
           << "; the target exports it, but its type information does not describe it"
           << (module.empty() ? "" : WhyUntyped(target, module));
  // Several functions may share a name; which one is exported is not said.
  for (steg::NodeId id : found) {
    const steg::NodeId have = TypeOf(target.types, id);
    std::string why;
    if (!steg::Compatible(file.types, want, target.types, have, &why))
      return Fail(Code::kImportPrototype)
             << Prefix(contract) << "expected type " << spelled << "; the target's is "
             << steg::Spell(target.types, have) << " (" << why << ")";
  }
  return Ok{};
}

using Exported = std::map<std::string, kernel::Export, std::less<>>::const_iterator;

// The exported Rust function of the contract's path; end() if there is none.
Result<Exported> FindForwarder(const Contract& contract, const kernel::Target& target) {
  Exported found = target.exports.end();
  for (auto at = target.exports.lower_bound("_R");
       at != target.exports.end() && at->first.starts_with("_R"); ++at) {
    if (!at->first.ends_with(contract.root) || rcrate::RustPath(at->first) != contract.path)
      continue;
    if (found != target.exports.end())
      return Fail(Code::kTypeAmbiguous)
             << Prefix(contract) << "the target does not export it, and has two Rust functions "
             << contract.path << ": " << found->first << " and " << at->first;
    found = at;
  }
  return found;
}

}  // namespace

Result<Import> BindImport(const rcrate::RcrateFile& file, const Contract& contract,
                          const kernel::Target& target) {
  auto found = target.exports.find(contract.root);
  if (found == target.exports.end() && !contract.path.empty()) {
    RACE_ASSIGN(forwarder, FindForwarder(contract, target));
    found = forwarder;
  }
  if (found == target.exports.end())
    return Fail(Code::kImportMissing)
           << Prefix(contract) << "expected the target to export it to modules; it does not"
           << (contract.path.empty() ? "" : ", nor the Rust function " + contract.path)
           << (contract.root.starts_with("rust_helper_") && !kernel::HasRust(target)
                   ? " (it is built without Rust support)"
                   : WhyNoModule(target));
  const kernel::Export& symbol = found->second;
  std::string_view license = file.rcrate.Manifest("license");
  if (symbol.gpl_only && !IsGplCompatible(license))
    return Fail(Code::kImportGpl) << Prefix(contract)
                                  << "the target exports it to modules under a GPL-compatible "
                                  << "licence only; the driver's is \"" << license << "\"";
  RACE_TRY(CheckNamespace(file, contract, symbol.symbol_namespace));
  RACE_TRY(CheckType(file, contract, target, symbol.module));
  return Import{found->first, symbol.module};
}

Status BindConfig(const Contract& contract, const kernel::Target& target) {
  std::string name = contract.root;
  if (!name.starts_with("CONFIG_")) name = "CONFIG_" + name;
  const std::optional<std::string> known = kernel::ConfigValue(target, name);
  if (!known && !target.config)
    return Fail(Code::kConfig)
           << Prefix(contract) << "expected " << name << "=" << contract.path
           << "; the target's configuration is not known (there is no config-RELEASE, config, "
           << "build/.config or .config beside the kernel, and no /proc/config.gz)";
  // Of an option that it hides, a configuration says nothing at all: that is "n".
  const std::string value = known.value_or("n");
  for (size_t start = 0; start <= contract.path.size();) {
    const size_t end = std::min(contract.path.find('|', start), contract.path.size());
    if (contract.path.compare(start, end - start, value) == 0) return Ok{};
    start = end + 1;
  }
  return Fail(Code::kConfig) << Prefix(contract) << "expected " << name << "=" << contract.path
                             << "; the target was built with " << name << "=" << value;
}

}  // namespace race::resolve
