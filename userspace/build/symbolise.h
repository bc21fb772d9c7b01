// SPDX-License-Identifier: GPL-2.0-only
//
// Replaces every number that depends on a layout by its symbol.
#pragma once

#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include <map>

#include "build/contract_builder.h"
#include "build/own_layouts.h"
#include "build/solver.h"
#include "build/static_layout.h"
#include "build/variant_match.h"
#include "support/result.h"

namespace race::build {

class Symboliser {
 public:
  Symboliser(llvm::Module* module, Solver* solver, OwnLayouts* own, ContractBuilder* contracts)
      : module_(module), solver_(solver), own_(own), contracts_(contracts), guarded_(*module) {}

  // Solves and replaces all sites of the module, bounds its stack slots and
  // takes its moving statics out as shapes.  Errors name the function, the
  // source line and the numbers.
  Status Apply(const MatchResult& match);

  // The same of what comes from C's enumerators.  Before Apply().
  Status ApplyEnumerators(const EnumeratorUses& uses);

  // Chains of offsets become one symbol each, so that one address holds one
  // symbol (rule 8).  To be run again after optimising.
  Status FoldChains();

  // What an integer stands for: a number, a symbol, or a sum of them.
  std::optional<Expression> Parse(const llvm::Value* value) const;

  // Statics and functions that only shapes refer to: they must stay.
  const std::set<llvm::GlobalValue*>& kept() const { return kept_; }

  // Counts for --metrics.
  size_t fields = 0, sizes = 0, compound = 0, slots = 0, shapes = 0, enumerators = 0;

 private:
  Status ApplySite(const Site& site);
  Status ApplyQuotient(const Site& site, const Quotient& quotient);
  Status ApplyStatic(const StaticMatch& match);
  Result<llvm::Constant*> Symbol(const Expression& expression, llvm::Type* type,
                                 const std::string& source);
  Result<Expression> Solve(const Site& site, Use use);
  Result<llvm::Constant*> Symbol(const EnumeratorNumber& number, bool negative, llvm::Type* type,
                                 const std::string& source);
  Status ApplyEnumerators(const EnumeratorStatic& found);
  llvm::GlobalVariable* Declare(const std::string& name, uint64_t low, uint64_t high);
  std::optional<Expression> ParseRounding(const llvm::Operator& operation) const;
  std::optional<bool> Decide(const llvm::ICmpInst& comparison) const;

  Status KeepAddressTargets();
  struct AddressTarget {
    size_t shape;
    size_t piece;
    llvm::GlobalValue* value;
  };

  llvm::Module* module_;
  Solver* solver_;
  OwnLayouts* own_;
  ContractBuilder* contracts_;
  GuardedCode guarded_;  // until the module is optimised
  // By the names of symbols, which outlive the symbols themselves.
  std::map<std::string, Expression> expressions_;
  std::map<Expression, std::string> symbols_;
  std::vector<AddressTarget> address_targets_;
  Status AddPlacedParts(const std::vector<StaticPart>& parts,
                        const std::vector<StaticImage>& images, const std::string& source,
                        rcrate::Shape* shape);
  Status AddBytes(const Expression& place, const std::vector<std::string>& contents,
                  const std::string& source, rcrate::Shape* shape);
  Result<Expression> SolvePlace(const std::vector<int64_t>& sizes, const std::vector<int64_t>& at);
  TypeInVariants TypeOf(const StaticMatch& variables) const;
  std::map<const llvm::GlobalVariable*, StaticMatch> matched_;   // by the first variant's
  std::map<const llvm::GlobalVariable*, TypeInVariants> types_;  // of statics that are shapes now
  std::set<llvm::GlobalValue*> kept_;
};

}  // namespace race::build
