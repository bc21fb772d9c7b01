// SPDX-License-Identifier: GPL-2.0-only
//
// Taking contracts out of a .rcrate that turned out not to be needed.
#pragma once

#include <set>

#include "rcrate/model.h"

namespace race::build {

// Takes the contracts out, and the layout symbols and rooms that speak of them:
// they are of code that is not linked in.  Contracts that a static's layout speaks
// of stay.  Nothing of `removed` is a guard or a substitute of what stays.
void RemoveContracts(std::set<rcrate::ContractId> removed, rcrate::Rcrate* rcrate);

}  // namespace race::build
