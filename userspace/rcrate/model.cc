// SPDX-License-Identifier: GPL-2.0-only
#include "rcrate/model.h"

namespace race::rcrate {

std::string Describe(const Contract& contract) {
  switch (contract.kind) {
    case RACE_CONTRACT_FIELD:
      return "field " + contract.path + " of " + contract.root;
    case RACE_CONTRACT_SIZE:
      return "size of " + contract.root;
    case RACE_CONTRACT_ENUMERATOR:
      return "enumerator " + contract.path + (contract.root.empty() ? "" : " of " + contract.root);
    case RACE_CONTRACT_FROZEN:
      return "exact layout of " + contract.root;
    case RACE_CONTRACT_FUNCTION:
      return "function " + contract.root;
    case RACE_CONTRACT_VARIABLE:
      return "variable " + contract.root;
    case RACE_CONTRACT_CONFIG:
      return "config " + contract.root + "=" + contract.path;
  }
  return "contract of unknown kind";
}

}  // namespace race::rcrate
