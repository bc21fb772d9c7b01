// SPDX-License-Identifier: GPL-2.0-only
//
// The value of an expression over contracts' values.
#pragma once

#include <set>
#include <vector>

#include "rcrate/model.h"
#include "support/result.h"

namespace race::rcrate {

// The value that each contract has on one target, by contract index.  Entries
// of contracts without a value (functions, config facts) are never read.
using ContractValues = std::vector<int64_t>;

// Whether the driver's own stands in for what the contract speaks of.
bool IsSubstituted(const Rcrate& rcrate, const ContractValues& values, ContractId id);

// Whether a contract, or all that an expression speaks of, counts on this target:
// what is guarded by something that does not exist there has no value, and only
// code that never runs refers to it.
bool IsLive(const Rcrate& rcrate, const ContractValues& values, ContractId id);
bool IsLive(const Rcrate& rcrate, const ContractValues& values, ExprId id);

// All contracts that the value depends on, those of expressions within it too.
std::set<ContractId> ContractsOf(const Rcrate& rcrate, ExprId id);

// constant + sum of coefficient * round_up(value, round).  Every step is checked:
// a sum that leaves 64 bits is kOutOfRange, never a wrapped number.
Result<int64_t> Evaluate(const Rcrate& rcrate, const ContractValues& values, ExprId id);

// "size(mutex) + 2*off(file.f_mode) + 40"
std::string Spell(const Rcrate& rcrate, ExprId id);

}  // namespace race::rcrate
