// SPDX-License-Identifier: GPL-2.0-only
//
// What the use of the crate uapi makes of the contracts.
#include <algorithm>

#include "build/contract_builder.h"

namespace race::build {

Status ContractBuilder::AddUapi(const std::map<std::string, std::string>& used,
                                std::vector<std::string>* notes) {
  // What stands in a type has its layout with it.
  std::map<std::string, std::string> outermost;
  for (const auto& [name, place] : used)
    if (sdk_->uapi.count(name) != 0)
      outermost.emplace(name.substr(0, name.find("__bindgen_ty_")), place);
  for (const auto& [name, place] : outermost) {
    const auto kind = sdk_->uapi.find(name);
    const bool for_users = kind != sdk_->uapi.end() && kind->second == "user";
    std::string root;
    for (const char* tag : {"struct ", "union ", ""})
      if (root.empty() && !steg::FindRoot(*base_, tag + name).empty()) root = tag + name;
    if (root.empty() || (*base_)[steg::FindRoot(*base_, root)[0]].flags & STEG_INCOMPLETE) {
      if (!for_users)
        return Fail(Code::kUnsupported)
               << place << ": uapi::" << name << " is a type of the kernel's own, and not as "
               << "kernel::bindings has it\n  use bindings::" << name;
      notes->push_back(place + ": uapi::" + name + " has the base kernel's layout on all targets");
      continue;
    }
    const steg::NodeId node = steg::FindRoot(*base_, root)[0];
    rcrate::Contract contract;
    contract.kind = RACE_CONTRACT_FROZEN;
    contract.root = root;
    contract.type = steg::Index(copier_->Copy(node, true));
    contract.base_value = contract.low = contract.high = steg::SizeOf(*base_, node);
    contract.source = place + ": uapi::" + name;
    if (for_users) {
      rcrate::Contract exists;
      exists.kind = RACE_CONTRACT_EXISTS_TYPE;
      exists.root = root;
      exists.base_value = exists.high = 1;
      exists.source = contract.source;
      contract.guard = rcrate_.Add(std::move(exists));
    }
    rcrate_.Add(std::move(contract));
  }
  return Ok{};
}

void ContractBuilder::AddUapiEnumerators(const std::map<std::string, std::string>& names) {
  for (const Enumerator& enumerator : enumerators_)
    if (const auto named = names.find(enumerator.constant); named != names.end())
      AddEnumerator(enumerator, false, false, named->second);
}

void ContractBuilder::AddEnumeratorsByName(const std::map<std::string, std::string>& names) {
  for (const Enumerator& enumerator : enumerators_)
    if (const auto named = names.find(enumerator.name); named != names.end())
      AddEnumerator(enumerator, false, false, named->second);
}

bool ContractBuilder::IsDerived(const std::string& constant) const {
  return std::any_of(derived_.begin(), derived_.end(),
                     [&](const DerivedConstant& derived) { return derived.constant == constant; });
}

}  // namespace race::build
