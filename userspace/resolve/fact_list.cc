// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/fact_list.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "race/facts.h"
#include "rcrate/expression.h"
#include "resolve/import_binding.h"
#include "resolve/needed_modules.h"
#include "resolve/type_binding.h"

namespace race::resolve {
namespace {

using rcrate::Contract;
using rcrate::ContractId;

auto OrderOf(const TargetFact& fact) {
  return std::tuple(std::string_view(fact.root), fact.IsAboutFunction(), fact.kind,
                    std::string_view(fact.path), fact.value, fact.bits,
                    std::string_view(fact.module));
}

class Lister {
 public:
  Lister(const rcrate::RcrateFile& file, const kernel::Target& target, const Resolution& resolution)
      : file_(file), target_(target), types_(target.types), resolution_(resolution) {}

  std::vector<TargetFact> Run() {
    for (uint32_t i = 0; i < file_.rcrate.contracts.size(); ++i) {
      const ContractId id{i};
      if (!rcrate::IsLive(file_.rcrate, resolution_.values, id) ||
          rcrate::IsSubstituted(file_.rcrate, resolution_.values, id))
        continue;
      AddContract(id);
    }
    AddModuleFrame();
    return Sorted();
  }

 private:
  void AddContract(ContractId id) {
    const Contract& contract = file_.rcrate[id];
    source_ = contract.source;
    const int64_t value = resolution_.values[Index(id)];
    switch (contract.kind) {
      case RACE_CONTRACT_ENUMERATOR:
      case RACE_CONTRACT_EXISTS_ENUMERATOR:
        return AddEnumerator(contract, id);
      case RACE_CONTRACT_FUNCTION:
      case RACE_CONTRACT_VARIABLE:
        return AddImport(contract);
      case RACE_CONTRACT_EXISTS_FUNCTION:
      case RACE_CONTRACT_EXISTS_VARIABLE:
      case RACE_CONTRACT_LACKS_FUNCTION:
      case RACE_CONTRACT_CONFIG:
        return;
      default:
        break;
    }
    const auto type = TypeOf(id);
    if (!type) return Add(RACE_FACT_NO_TYPE, contract.root, "", 0);
    const bool has_address = contract.kind == RACE_CONTRACT_FIELD ||
                             contract.kind == RACE_CONTRACT_BITFIELD ||
                             contract.kind == RACE_CONTRACT_SIZE;
    if (contract.align_at_most)
      Add(RACE_CONTRACT_ALIGN, contract.root, "", steg::AlignOf(types_, *type));
    else if (has_address && contract.align != 0)
      Add(RACE_FACT_FITS_ALIGN, contract.root, "", contract.align);
    switch (contract.kind) {
      case RACE_CONTRACT_FIELD:
      case RACE_CONTRACT_BITFIELD:
      case RACE_CONTRACT_EXISTS_FIELD:
        return AddField(contract.root, *type, contract.path);
      case RACE_CONTRACT_ALIGN:
        Add(RACE_CONTRACT_ALIGN, contract.root, "", steg::AlignOf(types_, *type));
        return AddSize(contract.root, *type);
      case RACE_CONTRACT_FROZEN:
        return AddFrozen(contract.root, *type, 0);
      case RACE_CONTRACT_SIZE:
        return Add(RACE_CONTRACT_SIZE, contract.root, "", static_cast<uint64_t>(value));
      default:  // EXISTS_TYPE
        return AddSize(contract.root, *type);
    }
  }

  // The type that the contract was bound to; for one that only asks, any of that name,
  // since they all give the same answer.
  std::optional<steg::NodeId> TypeOf(ContractId id) const {
    if (resolution_.types[Index(id)] != steg::NodeId::kVoid) return resolution_.types[Index(id)];
    for (steg::NodeId node : steg::FindRoot(types_, file_.rcrate[id].root))
      if (!(types_[node].flags & STEG_INCOMPLETE)) return node;
    return std::nullopt;
  }

  void Add(uint16_t kind, const std::string& root, const std::string& path, uint64_t value,
           uint16_t bits = 0, const std::string& module = "") {
    facts_.push_back({kind, bits, root, path, "", module, source_, value});
  }

  void AddSize(const std::string& root, steg::NodeId type) {
    Add(RACE_CONTRACT_SIZE, root, "", steg::SizeOf(types_, type));
  }

  void AddField(const std::string& root, steg::NodeId type, const std::string& path) {
    steg::Place place;
    if (!steg::FindMember(types_, type, path, &place, nullptr))
      Add(RACE_FACT_NO_FIELD, root, path, 0);
    else if (place.bits != 0 || place.bit_offset % 8 != 0)
      Add(RACE_CONTRACT_BITFIELD, root, path, place.bit_offset, place.bits);
    else
      Add(RACE_CONTRACT_FIELD, root, path, place.bit_offset / 8);
  }

  // Size, number of members, and each of them; those that are aggregates the same way.
  void AddFrozen(const std::string& root, steg::NodeId type, int depth) {
    constexpr int kMaxDepth = 16;
    if (depth > kMaxDepth || !frozen_.insert(root).second) return;
    AddSize(root, type);
    const steg::Node& node = types_[type];
    if (node.kind != STEG_STRUCT && node.kind != STEG_UNION) return;
    const auto members = std::count_if(node.edges.begin(), node.edges.end(), [](const auto& edge) {
      return edge.kind == STEG_EDGE_MEMBER;
    });
    Add(RACE_CONTRACT_FROZEN, root, "", static_cast<uint64_t>(members));
    AddMembers(root, type, "", node, depth);
  }

  void AddMembers(const std::string& root, steg::NodeId type, const std::string& prefix,
                  const steg::Node& node, int depth) {
    for (const steg::Edge& edge : node.edges) {
      if (edge.kind != STEG_EDGE_MEMBER) continue;
      if (!edge.name.empty()) AddField(root, type, prefix + edge.name);
      steg::NodeId inner = steg::SkipQualifiers(types_, edge.target);
      while (types_[inner].kind == STEG_ARRAY && !types_[inner].edges.empty())
        inner = steg::SkipQualifiers(types_, types_[inner].edges.front().target);
      const steg::Node& held = types_[inner];
      if (held.kind != STEG_STRUCT && held.kind != STEG_UNION) continue;
      if (!held.name.empty())
        AddFrozen((held.kind == STEG_STRUCT ? "struct " : "union ") + std::string(held.name), inner,
                  depth + 1);
      else if (inner == steg::SkipQualifiers(types_, edge.target))
        AddMembers(root, type, edge.name.empty() ? prefix : prefix + edge.name + ".", held,
                   depth + 1);
    }
  }

  void AddEnumerator(const Contract& contract, ContractId id) {
    const std::vector<steg::NodeId> enums =
        contract.root.empty() ? Enums() : steg::FindRoot(types_, contract.root);
    bool found = false;
    for (steg::NodeId node : enums) {
      if (!contract.root.empty() && node != TypeOf(id)) continue;
      const steg::Node& type = types_[node];
      for (const steg::Edge& edge : type.edges) {
        if (edge.kind != STEG_EDGE_ENUMERATOR || edge.name != contract.path) continue;
        const std::string root = !contract.root.empty() ? contract.root
                                 : type.name.empty()    ? ""
                                                        : "enum " + std::string(type.name);
        Add(RACE_CONTRACT_ENUMERATOR, root, contract.path, edge.value);
        found = true;
      }
    }
    if (!found && !contract.root.empty() && !TypeOf(id))
      Add(RACE_FACT_NO_TYPE, contract.root, "", 0);
    else if (!found)
      Add(RACE_FACT_NO_ENUMERATOR, contract.root, contract.path, 0);
  }

  void AddImport(const Contract& contract) {
    if (contract.type == RACE_NO_TYPE) return;
    auto import = BindImport(file_, contract, target_);
    if (import) Add(contract.kind, contract.root, "", 0, 0, import->module);
  }

  // What the resolver itself relies on in every module.
  void AddModuleFrame() {
    source_.clear();
    const auto found = steg::FindRoot(types_, "struct module");
    if (found.empty()) return;
    AddSize("struct module", found[0]);
    for (const char* field : {"name", "init", "exit"}) AddField("struct module", found[0], field);
  }

  const std::vector<steg::NodeId>& Enums() {
    if (enums_.empty()) enums_ = AllEnums(types_);
    return enums_;
  }

  std::vector<TargetFact> Sorted() {
    std::stable_sort(facts_.begin(), facts_.end(),
                     [](const auto& a, const auto& b) { return OrderOf(a) < OrderOf(b); });
    facts_.erase(std::unique(facts_.begin(), facts_.end(),
                             [](const auto& a, const auto& b) { return OrderOf(a) == OrderOf(b); }),
                 facts_.end());
    return std::move(facts_);
  }

  const rcrate::RcrateFile& file_;
  const kernel::Target& target_;
  const steg::Graph& types_;
  const Resolution& resolution_;
  std::string source_;
  std::vector<TargetFact> facts_;
  std::set<std::string> frozen_;
  std::vector<steg::NodeId> enums_;
};

}  // namespace

std::vector<TargetFact> ListFacts(const rcrate::RcrateFile& file, const kernel::Target& target,
                                  const Resolution& resolution) {
  return Lister(file, target, resolution).Run();
}

}  // namespace race::resolve
