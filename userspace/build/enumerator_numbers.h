// SPDX-License-Identifier: GPL-2.0-only
//
// Which numbers of the code come from C's enumerators: those that are others where the
// enumerators have other values (rule 9).
#pragma once

#include <llvm/IR/Module.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "build/sdk_enumerators.h"
#include "build/variant_match.h"
#include "support/result.h"

namespace race::build {

// coefficient * the enumerator, or the mask of the bit that it numbers.
struct EnumeratorTerm {
  const Enumerator* enumerator = nullptr;
  bool is_mask = false;
  int32_t coefficient = 1;
  auto operator<=>(const EnumeratorTerm&) const = default;
};

// constant + sum of terms.
struct EnumeratorNumber {
  int64_t constant = 0;
  std::vector<EnumeratorTerm> terms;
  auto operator<=>(const EnumeratorNumber&) const = default;
};

class EnumeratorSolver {
 public:
  // `named`: those whose constants, or what is made of them, the sources name; of several
  // that a number may be it is one of these.  `enumerators` must outlive this.
  EnumeratorSolver(const std::vector<Enumerator>& enumerators, const std::set<std::string>& named);

  // An enumerator and a number, a set of flags, or all but a set of flags.  kUnsolved: none
  // of these, or more than one.
  Result<EnumeratorNumber> Solve(const EnumeratorValues& values) const;

 private:
  struct Source {
    EnumeratorTerm term;
    EnumeratorValues values;
  };
  // Differences to the true value, in the order of kEnumeratorVariants.
  using Key = std::array<int64_t, kEnumeratorVariants.size()>;
  static Key KeyOf(const EnumeratorValues& values, int32_t sign);

  std::vector<EnumeratorNumber> Single(const EnumeratorValues& values) const;
  std::vector<EnumeratorNumber> Flags(const EnumeratorValues& values) const;

  std::set<std::string> named_;
  std::map<Key, std::vector<Source>> sources_;
  std::map<std::string, std::vector<Source>> flags_;  // by the bindings' type
  // Sets of those that have a name, which the sources have, too.
  std::map<std::string, std::vector<EnumeratorValues>> sets_;
};

// A number of the program and what it is made of.
struct EnumeratorUse {
  Site site;
  EnumeratorNumber number;
};

// A static with such numbers.
struct EnumeratorStatic {
  struct Word {
    uint64_t offset = 0;  // bytes
    unsigned length = 0;  // bytes: 1, 2, 4 or 8
    EnumeratorNumber number;
  };
  llvm::GlobalVariable* variable = nullptr;
  std::vector<Word> words;  // by offset
};

struct EnumeratorUses {
  std::vector<EnumeratorUse> code;
  std::vector<EnumeratorStatic> statics;
};

// `modules`: the one that code is made of, then those of kEnumeratorVariants.  Where a switch
// has other cases in them, in all three it becomes comparisons, one a case.  `layouts`: the
// numbers that depend on a layout, none of which may be one of these.  kShapeDiffers and
// kUnsolved: the code holds the true values, and there is no telling where.
Result<EnumeratorUses> FindEnumeratorUses(const std::vector<llvm::Module*>& modules,
                                          const EnumeratorSolver& solver,
                                          const MatchResult& layouts);

}  // namespace race::build
