// SPDX-License-Identifier: GPL-2.0-only
//
// Which layout a vector of numbers is: the values that a constant took over the
// variants, solved to an expression over the SDK's atoms, and proved on the
// variant that was held out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "build/embedded_types.h"
#include "build/sdk.h"
#include "support/result.h"

namespace race::build {

// One term: coefficient * round_up(atom, round).
struct AtomTerm {
  size_t atom = 0;  // index into Sdk::atoms
  int32_t coefficient = 1;
  uint32_t round = 0;  // bytes, 0: as it is
  auto operator<=>(const AtomTerm&) const = default;
};

// constant + sum of terms; no term: a plain number.
struct Expression {
  int64_t constant = 0;
  std::vector<AtomTerm> terms;  // by atom
  auto operator<=>(const Expression&) const = default;
};

// The sum (or, with -1, difference) of two expressions, terms merged.
Expression Add(const Expression& a, const Expression& b, int sign = 1);

// numerator / divisor, rounded down.
struct Quotient {
  uint64_t numerator = 0;
  Expression divisor;
};

// How the number is used, which decides what a size in it means.
enum class Use {
  kOffset,  // added to an address: a size in it is room in one of the driver's own types
  kLength,  // of memory: the type's size itself
};

class Solver {
 public:
  explicit Solver(const Sdk& sdk);

  // Kernel types that the program's own types hold by value: their sizes may be
  // in any number, also several at once.
  // `mentioned`: all that the program has anything to do with (UsedTypes()), for a choice
  // between answers.
  void SetHeld(const std::set<std::string>& names, std::set<std::string> mentioned = {});

  // The field or type whose offset or size these values are, without anything
  // added; nullptr when they are something else, or may be the place of what
  // follows a type in one of the program's own types.
  const LayoutAtom* Plain(const std::vector<int64_t>& values) const;
  // Its value under the layout of that name, a variant's or "true".
  int64_t ValueUnder(const LayoutAtom& atom, const std::string& name) const;

  // values: one a solving variant, then one a held-out variant, in the order of
  // kVariants.  kUnsolved: no expression, or more than one; kProofFailed: the
  // held-out variant disagrees.  The message has the numbers but no place.
  Result<Expression> Solve(const std::vector<int64_t>& values, Use use);

  // The same of a place, in bytes, in a static that has these arrays: an array of a kernel
  // type does not round its size, as one of the driver's own types does.  kUnsolved also where
  // it cannot be said which of them gave the number.
  Result<Expression> SolvePlace(const std::vector<int64_t>& values, const StaticArrays& arrays);

  // The same for the largest number of elements that an array may have: half of
  // the address space by a size, as core::alloc::Layout::array() works it out.
  // Which of its alignments core took off first is told by the values as far as
  // it makes a difference below 2^63 - 4096 bytes.
  Result<Quotient> SolveQuotient(const std::vector<int64_t>& values);

  // Value in the real base kernel, by the layouts rustc has there.
  int64_t BaseValue(const Expression& expression) const;

  // "file.private_data + 8", for messages.
  std::string Spell(const Expression& expression) const;

  size_t proved() const { return proved_; }

 private:
  using Key = std::vector<int64_t>;
  // The expression with no size in it rounded yet.
  const Result<Expression>& Find(const std::vector<int64_t>& values);
  Result<Expression> Search(const std::vector<int64_t>& values) const;
  std::optional<Expression> Single(const Key& key, int64_t first) const;
  std::vector<Expression> Sums(const Key& key, int64_t first) const;
  void HeldSums(size_t from, const Expression& sum, const Key& rest, int64_t first, int left,
                std::vector<Expression>* found) const;
  bool Predicts(const Expression& expression, const std::vector<int64_t>& values,
                std::string* why) const;
  // Leaves the one sum of sizes that own types hold, where all others are chance.
  void PreferHeld(std::vector<Expression>* sums) const;
  Result<Expression> Interpret(Expression expression, Use use) const;
  int64_t ValueOf(size_t atom, size_t variant) const;

  const Sdk& sdk_;
  std::vector<size_t> order_;  // indexes into kVariants: solving, then held out
  size_t solving_ = 0;
  struct HashOfKey {
    size_t operator()(const Key& key) const;
  };
  // By differences to the first variant.
  std::unordered_map<Key, std::vector<size_t>, HashOfKey> atoms_;
  std::vector<size_t> held_;  // sizes of what own types hold
  int most_held_ = 0;         // of them, in one number
  std::set<std::string> mentioned_;
  // What was asked for: the same numbers are in many places, and a sum takes long to find.
  std::map<std::vector<int64_t>, Result<Expression>> known_;
  size_t proved_ = 0;
};

}  // namespace race::build
