// SPDX-License-Identifier: GPL-2.0-only
#include "build/portable_contracts.h"

#include <array>
#include <limits>

namespace race::build {
namespace {

// The code was made without knowing any value: only what an instruction can hold bounds
// them, and what sizes of objects there are.
constexpr uint64_t kLargest = std::numeric_limits<int32_t>::max();

// What the compiler calls of itself: its prototype is fixed.
bool IsCalledByCompiler(const std::string& symbol) {
  for (const char* name : {"memcpy", "memmove", "memset", "memcmp", "strcmp", "strncmp", "strlen"})
    if (symbol == name) return true;
  return symbol.starts_with("__x86_");
}

}  // namespace

rcrate::ContractId PortableContracts::Exists(const std::string& field) {
  const auto known = exists_.find(field);
  if (known != exists_.end()) return known->second;
  rcrate::Contract contract;
  contract.kind = RACE_CONTRACT_EXISTS_FIELD;
  contract.root = "struct " + field.substr(0, field.find('.'));
  contract.path = field.substr(field.find('.') + 1);
  contract.high = 1;
  const auto root = steg::FindRoot(base_.types, contract.root);
  steg::Place place;
  contract.base_value =
      !root.empty() && steg::FindMember(base_.types, root[0], contract.path, &place, nullptr);
  return exists_[field] = rcrate_.Add(std::move(contract));
}

Result<rcrate::Contract> PortableContracts::Contract(const std::string& kind,
                                                     const std::string& rest) {
  rcrate::Contract contract;
  contract.high = kLargest;
  auto bad = [&](const std::string& why) {
    return Fail(Code::kBuildInput)
           << RACE_SYMBOL_PREFIX << kind << ":" << rest << ": " << base_.origin << " has " << why;
  };
  if (kind == "enum") {
    contract.kind = RACE_CONTRACT_ENUMERATOR;
    contract.path = rest;
    for (steg::NodeId id : steg::AllEnums(base_.types)) {
      const steg::Edge* found = steg::FindEnumerator(base_.types[id], rest);
      if (!found) continue;
      contract.base_value = found->value;
      contract.type = steg::Index(copier_.Copy(id, false));
      return contract;
    }
    return bad("no such enumerator");
  }
  const size_t dot = rest.find('.');
  contract.root = "struct " + rest.substr(0, dot);
  const auto found = steg::FindRoot(base_.types, contract.root);
  if (found.empty()) return bad("no " + contract.root);
  if (kind == "size" && dot == std::string::npos) {
    contract.kind = RACE_CONTRACT_SIZE;
    contract.base_value = steg::SizeOf(base_.types, found[0]);
    contract.type = steg::Index(copier_.Copy(found[0], false));
    return contract;
  }
  if (kind != "off" || dot == std::string::npos) return bad("no meaning for it");
  contract.kind = RACE_CONTRACT_FIELD;
  contract.path = rest.substr(dot + 1);
  steg::Place place;
  const bool there = steg::FindMember(base_.types, found[0], contract.path, &place, nullptr);
  if (const auto guarded = guarded_.find(rest); guarded != guarded_.end()) {
    contract.guard = Exists(rest);
    if (there) contract.base_value = place.bit_offset / 8;
    const steg::NodeId target =
        graph_.Add({STEG_STRUCT, STEG_INCOMPLETE, guarded->second, 0, 0, {}});
    contract.type = steg::Index(graph_.Add(
        {STEG_POINTER, 0, "", 8, 0, {{.kind = STEG_EDGE_TARGET, .name = {}, .target = target}}}));
    return contract;
  }
  if (!there || place.bits != 0) return bad("no such field");
  contract.base_value = place.bit_offset / 8;
  contract.type = steg::Index(copier_.Copy(place.type, false));
  return contract;
}

Status PortableContracts::AddLayout(const std::string& symbol) {
  const std::string name = symbol.substr(std::string(RACE_SYMBOL_PREFIX).size());
  const size_t colon = std::min(name.find(':'), name.size() - 1);
  const std::string kind = name.substr(0, colon), rest = name.substr(colon + 1);
  rcrate::ContractId id;
  if (kind == "exists" && guarded_.contains(rest)) {
    id = Exists(rest);
  } else {
    RACE_ASSIGN(contract, Contract(kind, rest));
    id = rcrate_.Add(std::move(contract));
  }
  const rcrate::ExprId expr = rcrate_.Add(rcrate::Expr{0, {{1, id, 0}}});
  rcrate_.symbols.push_back({symbol, expr, 0, static_cast<int64_t>(kLargest)});
  return Ok{};
}

Status PortableContracts::AddImport(const std::string& symbol, bool by_name) {
  rcrate::Contract contract;
  contract.kind = RACE_CONTRACT_FUNCTION;
  contract.root = symbol;
  if (!base_.exports.contains(symbol))
    return Fail(Code::kBuildInput)
           << "function " << symbol << ": " << base_.origin << " does not export it to modules";
  if (!by_name && !IsCalledByCompiler(symbol)) {
    const auto functions = base_.types.Find(STEG_FUNC, symbol);
    if (functions.empty())
      // BTF describes functions; of variables only the per-CPU ones.
      contract.kind = RACE_CONTRACT_VARIABLE;
    else
      contract.type = steg::Index(copier_.Copy(functions[0], false));
  }
  rcrate_.Add(std::move(contract));
  return Ok{};
}

}  // namespace race::build
