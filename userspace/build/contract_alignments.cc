// SPDX-License-Identifier: GPL-2.0-only
//
// Alignments that are numbers in the driver.  No variant changes an alignment, so that they
// are in the code as they are, and the contract is that they are right.
#include "build/contract_builder.h"

namespace race::build {

Status ContractBuilder::AddAlignments(const std::map<std::string, std::string>& asked,
                                      const std::map<std::string, std::string>& held) {
  for (const auto& [name, place] : asked) {
    const auto found = bindings_->index.find(name);
    if (found == bindings_->index.end()) continue;
    const uint64_t align = RaisedAlign(bindings_->aggregates[found->second]);
    if (align == 0) continue;
    return Fail(Code::kShapeDiffers)
           << (place.empty() ? "" : place + ": ") << "the alignment of bindings::" << name
           << " is asked for, which is not the same in all kernels; drivers align it to " << align
           << " bytes on each, and the base kernel does not\n  let the driver do without that "
           << "number";
  }
  for (const auto* types : {&asked, &held})
    for (const auto& [name, place] : *types) AddAlignment(name, place);
  return Ok{};
}

void ContractBuilder::AddAlignment(const std::string& name, const std::string& place) {
  const auto found = bindings_->index.find(name);
  if (found == bindings_->index.end()) return;
  const Aggregate& aggregate = bindings_->aggregates[found->second];
  Result<Home> home = FindHome(aggregate);
  // A driver's own type has the larger alignment on each kernel: that none asks for more is
  // what its size's contract says.
  // Of a packed type no type information says it, and code needs no more than what it has here.
  if (!home || home->nested || RaisedAlign(aggregate) != 0 || aggregate.packed != 0) return;
  const std::string key = std::to_string(RACE_CONTRACT_ALIGN) + " " + home->root + " ";
  if (contracts_.count(key) != 0) return;
  rcrate::Contract contract;
  contract.kind = RACE_CONTRACT_ALIGN;
  contract.root = home->root;
  contract.type = steg::Index(copier_->Copy(steg::FindRoot(*base_, home->root)[0], false));
  contract.base_value = contract.low = contract.high = truth_->Of(aggregate).align;
  contract.align = static_cast<uint32_t>(contract.base_value);
  contract.source = place.empty() ? "its alignment is a number in the driver" : place;
  contracts_[key] = rcrate::Index(rcrate_.Add(std::move(contract)));
}

}  // namespace race::build
