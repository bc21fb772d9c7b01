// SPDX-License-Identifier: GPL-2.0-only
#include "rcrate/expression.h"

#include <algorithm>

namespace race::rcrate {
namespace {

bool RoundUp(int64_t value, uint32_t round, int64_t* rounded) {
  if (round == 0) {
    *rounded = value;
    return true;
  }
  int64_t mask = static_cast<int64_t>(round) - 1;
  if (__builtin_add_overflow(value, mask, rounded)) return false;
  *rounded &= ~mask;
  return true;
}

// "struct file" reads better as "file" within an expression.
std::string ShortRoot(const std::string& root) {
  size_t space = root.find(' ');
  return space == std::string::npos ? root : root.substr(space + 1);
}

std::string SpellTerm(const Contract& contract) {
  switch (contract.kind) {
    case RACE_CONTRACT_FIELD:
      return "off(" + ShortRoot(contract.root) + "." + contract.path + ")";
    case RACE_CONTRACT_SIZE:
      return "size(" + ShortRoot(contract.root) + ")";
    case RACE_CONTRACT_BITFIELD:
      return "unit(" + ShortRoot(contract.root) + "." + contract.path + ")";
    case RACE_CONTRACT_ALIGN:
      return "align(" + ShortRoot(contract.root) + ")";
    case RACE_CONTRACT_EXISTS_FIELD:
      return "exists(" + ShortRoot(contract.root) + "." + contract.path + ")";
    case RACE_CONTRACT_EXISTS_TYPE:
    case RACE_CONTRACT_EXISTS_VARIABLE:
      return "exists(" + ShortRoot(contract.root) + ")";
    case RACE_CONTRACT_EXISTS_ENUMERATOR:
      return "exists(" + contract.path + ")";
    case RACE_CONTRACT_EXISTS_FUNCTION:
      return "exists(" + contract.root + "())";
    case RACE_CONTRACT_LACKS_FUNCTION:
      return "lacks(" + contract.root + "())";
    default:
      return (contract.is_mask ? "mask(" : "enum(") + contract.path + ")";
  }
}

}  // namespace

bool IsSubstituted(const Rcrate& rcrate, const ContractValues& values, ContractId id) {
  const std::optional<ContractId>& lacks = rcrate[id].substitute;
  return lacks && values[Index(*lacks)] != 0;
}

bool IsLive(const Rcrate& rcrate, const ContractValues& values, ContractId id) {
  const Contract& contract = rcrate[id];
  return !contract.guard || (values[Index(*contract.guard)] != 0) != contract.is_unless;
}

bool IsLive(const Rcrate& rcrate, const ContractValues& values, ExprId id) {
  const std::set<ContractId> contracts = ContractsOf(rcrate, id);
  return std::all_of(contracts.begin(), contracts.end(),
                     [&](ContractId contract) { return IsLive(rcrate, values, contract); });
}

std::set<ContractId> ContractsOf(const Rcrate& rcrate, ExprId id) {
  std::set<ContractId> contracts;
  for (const Term& term : rcrate[id].terms) {
    if (term.expr)
      contracts.merge(ContractsOf(rcrate, *term.expr));
    else
      contracts.insert(term.contract);
  }
  return contracts;
}

Result<int64_t> Evaluate(const Rcrate& rcrate, const ContractValues& values, ExprId id) {
  const Expr& expr = rcrate[id];
  int64_t sum = expr.constant;
  for (const Term& term : expr.terms) {
    int64_t value, rounded, product;
    if (term.expr) {
      RACE_ASSIGN(inner, Evaluate(rcrate, values, *term.expr));
      value = inner;
    } else {
      value = values[Index(term.contract)];
    }
    if (!RoundUp(value, term.round, &rounded) ||
        __builtin_mul_overflow(rounded, static_cast<int64_t>(term.coefficient), &product) ||
        __builtin_add_overflow(sum, product, &sum))
      return Fail(Code::kOutOfRange)
             << "the value of " << Spell(rcrate, id) << " does not fit in 64 bits: "
             << (term.expr ? Spell(rcrate, *term.expr) : Describe(rcrate[term.contract])) << " is "
             << value;
  }
  return sum;
}

std::string Spell(const Rcrate& rcrate, ExprId id) {
  const Expr& expr = rcrate[id];
  std::string text;
  for (const Term& term : expr.terms) {
    int64_t coefficient = term.coefficient;
    if (text.empty())
      text += coefficient < 0 ? "-" : "";
    else
      text += coefficient < 0 ? " - " : " + ";
    if (coefficient < 0) coefficient = -coefficient;
    if (coefficient != 1) text += std::to_string(coefficient) + "*";
    std::string name = term.expr ? Spell(rcrate, *term.expr) : SpellTerm(rcrate[term.contract]);
    if (term.expr && term.round <= 1) name = "(" + name + ")";
    text += term.round > 1 ? "up(" + name + ", " + std::to_string(term.round) + ")" : name;
  }
  if (text.empty()) return std::to_string(expr.constant);
  if (expr.constant > 0) text += " + " + std::to_string(expr.constant);
  if (expr.constant < 0) text += " - " + std::to_string(0 - static_cast<uint64_t>(expr.constant));
  return text;
}

}  // namespace race::rcrate
