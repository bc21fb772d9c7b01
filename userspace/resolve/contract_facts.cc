// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/contract_facts.h"

namespace race::resolve {
namespace {

using rcrate::Contract;

void FindField(const Contract& contract, const steg::Graph& types, steg::NodeId root, Fact* fact) {
  steg::Place place;
  if (!steg::FindMember(types, root, contract.path, &place, nullptr)) return;
  fact->is_present = true;
  fact->bits = place.bits;
  fact->bit_offset = place.bit_offset;
  fact->type = place.type;
  if (place.bits == 0 && place.bit_offset % 8 == 0)
    fact->value = static_cast<int64_t>(place.bit_offset / 8);
}

// True when the enum `id` has it.
bool FindEnumerator(const Contract& contract, const steg::Graph& types, steg::NodeId id,
                    Fact* fact) {
  const steg::Edge* found = steg::FindEnumerator(types[id], contract.path);
  if (!found) return false;
  fact->is_present = true;
  constexpr uint64_t kBits = 63;
  const bool is_bit = contract.is_mask && found->value < kBits;
  fact->value = static_cast<int64_t>(is_bit ? uint64_t{1} << found->value : found->value);
  return true;
}

// Of an enum without a name.
void FindEnumeratorAnywhere(const Contract& contract, const steg::Graph& types, Fact* fact) {
  for (steg::NodeId id : steg::AllEnums(types))
    if (FindEnumerator(contract, types, id, fact)) return;
}

void FindExport(const Contract& contract, const kernel::Target& target,
                const Resolution& resolution, Fact* fact) {
  auto renamed = resolution.renamed.find(rcrate::SymbolOf(contract));
  const bool forwarded = renamed != resolution.renamed.end() && renamed->second != contract.root;
  auto found = target.exports.find(forwarded ? renamed->second : contract.root);
  if (found == target.exports.end()) return;
  const kernel::Export& symbol = found->second;
  fact->is_present = true;
  fact->text = symbol.gpl_only ? "exported, GPL only" : "exported";
  // By its path: the symbol has a hash that every kernel has another one of.
  if (forwarded) fact->text += ", through " + contract.path;
  if (!symbol.symbol_namespace.empty()) fact->text += ", namespace " + symbol.symbol_namespace;
  if (!symbol.module.empty()) fact->text += ", by module " + symbol.module;
  const bool is_function = contract.kind == RACE_CONTRACT_FUNCTION;
  const auto& nodes = target.types.Find(is_function ? STEG_FUNC : STEG_VAR, contract.root);
  if (nodes.empty()) return;
  for (const steg::Edge& edge : target.types[nodes.front()].edges)
    if (edge.kind == STEG_EDGE_TARGET) fact->type = edge.target;
}

}  // namespace

Fact FindFact(const rcrate::RcrateFile& file, rcrate::ContractId id,
              const kernel::Target& plain_target, const Resolution& resolution) {
  // Nodes of the modules that the driver needs are in the extended target only.
  const kernel::Target& target = resolution.with_modules ? *resolution.with_modules : plain_target;
  Fact fact;
  if (resolution.types.empty()) return fact;  // the target was not even tried
  const Contract& contract = file.rcrate[id];
  const bool live = rcrate::IsLive(file.rcrate, resolution.values, id);
  if (!live || rcrate::IsSubstituted(file.rcrate, resolution.values, id)) {
    fact.from_target = false;
    fact.text = live ? "the driver's own" : "not needed";
    return fact;
  }
  const steg::NodeId root = resolution.types[Index(id)];
  // Void is where no type of that name is; a declaration has nothing in it.
  const bool has_root =
      root != steg::NodeId::kVoid && !(target.types[root].flags & STEG_INCOMPLETE);
  switch (contract.kind) {
    case RACE_CONTRACT_FIELD:
    case RACE_CONTRACT_BITFIELD:
      if (has_root) FindField(contract, target.types, root, &fact);
      break;
    case RACE_CONTRACT_SIZE:
      if (has_root) fact.value = static_cast<int64_t>(steg::SizeOf(target.types, root));
      [[fallthrough]];
    case RACE_CONTRACT_FROZEN:
    case RACE_CONTRACT_ALIGN:
      fact.is_present = has_root;
      if (has_root) fact.type = root;
      break;
    case RACE_CONTRACT_ENUMERATOR:
      if (contract.root.empty())
        FindEnumeratorAnywhere(contract, target.types, &fact);
      else if (has_root)
        FindEnumerator(contract, target.types, root, &fact);
      break;
    // The answer itself is all that there is.
    case RACE_CONTRACT_EXISTS_FIELD:
    case RACE_CONTRACT_EXISTS_TYPE:
    case RACE_CONTRACT_EXISTS_ENUMERATOR:
    case RACE_CONTRACT_EXISTS_FUNCTION:
    case RACE_CONTRACT_EXISTS_VARIABLE:
    case RACE_CONTRACT_LACKS_FUNCTION:
      fact.is_present = true;
      fact.value = resolution.values[Index(id)];
      break;
    case RACE_CONTRACT_FUNCTION:
    case RACE_CONTRACT_VARIABLE:
      FindExport(contract, target, resolution, &fact);
      break;
    case RACE_CONTRACT_CONFIG: {
      const std::string name =
          contract.root.starts_with("CONFIG_") ? contract.root : "CONFIG_" + contract.root;
      const std::optional<std::string> known = kernel::ConfigValue(target, name);
      fact.is_present = known || target.config;
      if (fact.is_present) fact.text = known.value_or("n");
      break;
    }
  }
  // Where the contract holds, the number is the one that is linked.
  if (rcrate::HasValue(contract.kind) && resolution.holds[Index(id)])
    fact.value = resolution.values[Index(id)];
  return fact;
}

}  // namespace race::resolve
