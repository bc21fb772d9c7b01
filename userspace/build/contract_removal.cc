// SPDX-License-Identifier: GPL-2.0-only
#include "build/contract_removal.h"

#include <vector>

#include "rcrate/expression.h"

namespace race::build {
namespace {

using rcrate::ContractId;
using rcrate::ExprId;

// The contracts that statics' layouts speak of.
std::set<ContractId> OfShapes(const rcrate::Rcrate& rcrate) {
  std::set<ContractId> contracts;
  auto add = [&](ExprId id) { contracts.merge(rcrate::ContractsOf(rcrate, id)); };
  for (const rcrate::Shape& shape : rcrate.shapes) {
    add(shape.size);
    for (const rcrate::Piece& piece : shape.pieces) {
      add(piece.offset);
      if (piece.kind != RACE_PIECE_BYTES) add(piece.value);
    }
  }
  return contracts;
}

}  // namespace

void RemoveContracts(std::set<ContractId> removed, rcrate::Rcrate* rcrate) {
  for (ContractId id : OfShapes(*rcrate)) removed.erase(id);
  if (removed.empty()) return;

  // Expressions stay where they are, since symbols are named by their places.
  std::set<ExprId> gone;
  for (uint32_t i = 0; i < rcrate->exprs.size(); ++i)
    for (const ContractId contract : rcrate::ContractsOf(*rcrate, ExprId{i}))
      if (removed.contains(contract)) gone.insert(ExprId{i});
  for (ExprId id : gone) rcrate->exprs[rcrate::Index(id)] = {};
  std::erase_if(rcrate->symbols, [&](const auto& symbol) { return gone.contains(symbol.expr); });
  std::erase_if(rcrate->rooms, [&](const auto& room) { return gone.contains(room.expr); });

  std::vector<rcrate::Contract> kept;
  std::vector<ContractId> place;  // of each one that was
  for (uint32_t i = 0; i < rcrate->contracts.size(); ++i) {
    place.push_back(ContractId{static_cast<uint32_t>(kept.size())});
    if (!removed.contains(ContractId{i})) kept.push_back(std::move(rcrate->contracts[i]));
  }
  rcrate->contracts = std::move(kept);
  for (rcrate::Contract& contract : rcrate->contracts) {
    if (contract.guard) contract.guard = place[rcrate::Index(*contract.guard)];
    if (contract.substitute) contract.substitute = place[rcrate::Index(*contract.substitute)];
  }
  for (rcrate::Expr& expr : rcrate->exprs)
    for (rcrate::Term& term : expr.terms)
      if (!term.expr) term.contract = place[rcrate::Index(term.contract)];
}

}  // namespace race::build
