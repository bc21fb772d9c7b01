// SPDX-License-Identifier: GPL-2.0-only
#include "rcrate/model.h"

namespace race::rcrate {

bool IsExists(race_contract_kind kind) {
  switch (kind) {
    case RACE_CONTRACT_EXISTS_FIELD:
    case RACE_CONTRACT_EXISTS_TYPE:
    case RACE_CONTRACT_EXISTS_ENUMERATOR:
    case RACE_CONTRACT_EXISTS_FUNCTION:
    case RACE_CONTRACT_EXISTS_VARIABLE:
    case RACE_CONTRACT_LACKS_FUNCTION:
      return true;
    default:
      return false;
  }
}

bool HasValue(race_contract_kind kind) {
  switch (kind) {
    case RACE_CONTRACT_FIELD:
    case RACE_CONTRACT_SIZE:
    case RACE_CONTRACT_ENUMERATOR:
    case RACE_CONTRACT_BITFIELD:
    case RACE_CONTRACT_ALIGN:
      return true;
    default:
      return IsExists(kind);
  }
}

std::string SymbolOf(const Contract& contract) {
  return contract.is_former ? RACE_FORMER_PREFIX + contract.root : contract.root;
}

std::string Describe(const Contract& contract) {
  switch (contract.kind) {
    case RACE_CONTRACT_FIELD:
      return "field " + contract.path + " of " + contract.root;
    case RACE_CONTRACT_SIZE:
      return "size of " + contract.root;
    case RACE_CONTRACT_ENUMERATOR:
      return (contract.is_mask ? "1 << enumerator " : "enumerator ") + contract.path +
             (contract.root.empty() ? "" : " of " + contract.root);
    case RACE_CONTRACT_FROZEN:
      return "exact layout of " + contract.root;
    case RACE_CONTRACT_FUNCTION:
      return "function " + contract.root + (contract.is_former ? " as it was before" : "");
    case RACE_CONTRACT_VARIABLE:
      return "variable " + contract.root;
    case RACE_CONTRACT_CONFIG:
      return "config " + contract.root + "=" + contract.path;
    case RACE_CONTRACT_BITFIELD:
      return "bit field " + contract.path + " of " + contract.root;
    case RACE_CONTRACT_ALIGN:
      return "alignment of " + contract.root;
    case RACE_CONTRACT_EXISTS_FIELD:
      return "existence of field " + contract.path + " of " + contract.root;
    case RACE_CONTRACT_EXISTS_TYPE:
      return "existence of " + contract.root;
    case RACE_CONTRACT_EXISTS_ENUMERATOR:
      return "existence of enumerator " + contract.path +
             (contract.root.empty() ? "" : " of " + contract.root);
    case RACE_CONTRACT_EXISTS_FUNCTION:
      return "existence of function " + contract.root;
    case RACE_CONTRACT_EXISTS_VARIABLE:
      return "existence of variable " + contract.root;
    case RACE_CONTRACT_LACKS_FUNCTION:
      return "absence of function " + contract.root;
  }
  return "contract of unknown kind";
}

}  // namespace race::rcrate
