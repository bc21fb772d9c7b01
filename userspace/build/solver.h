// SPDX-License-Identifier: GPL-2.0-only
//
// Which layout a vector of numbers is: the values that a constant took over the
// variants, explained by the layouts of the program's own types and by the SDK's
// atoms, and proved on the variants that were held out.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "build/embedded_types.h"
#include "build/expression.h"
#include "build/own_layouts.h"
#include "build/sdk.h"
#include "support/result.h"

namespace race::build {

// numerator / divisor, rounded down.
struct Quotient {
  uint64_t numerator = 0;
  Expression divisor;
};

// How the number is used, which decides what the size of a lock in it means, which drivers
// align to more than kernels do (kRaisedTypes).
enum class Use {
  kOffset,  // added to an address: room for one
  kLength,  // of memory: the type's size itself
};

// log2 of the number of explanations that are tried for one number, at most.
inline constexpr int kLog2OfTries = 24;

class Solver {
 public:
  explicit Solver(const Sdk& sdk);

  // The layouts of the program's own types, which outlive the solver.
  void SetOwn(const OwnLayouts* own);

  // Kernel types that the program's own types hold by value: their sizes may be
  // in any number, also several at once.
  // `at_hand`: what the program has to do with itself (TypesAtHand()): one of the two layouts
  // in a sum is of such a type.  `used`: what it may have to do with (UsedTypes()): the other
  // one is of such a type.
  void SetHeld(const std::set<std::string>& names, const std::set<std::string>& at_hand = {},
               const std::set<std::string>& used = {});

  // C types whose layout the driver's source asks for as a number.
  void SetAsked(std::set<std::string> names) { asked_ = std::move(names); }

  // Another layout, a variant's or "true", and what the program's own numbers are there.
  struct Layout {
    std::string name;
    std::vector<std::optional<int64_t>> own;  // as OwnLayouts::numbers()
  };
  // `types`: the program's own under that layout.
  Layout LayoutOf(const std::string& name, const OwnLayouts::TypesByIdentifier& types) const;

  // What a number with these values is under another layout: one of what its explanations
  // say.  Empty when there is no telling.
  std::set<int64_t> ValuesUnder(const std::vector<int64_t>& values, const Layout& layout);

  // values: one a solving variant, then one a held-out variant, in the order of
  // kVariants.  kUnsolved: no expression, or more than one; kProofFailed: the only
  // one that the solving variants have is not what a held-out variant has.  The
  // message has the numbers but no place.
  Result<Expression> Solve(const std::vector<int64_t>& values, Use use);

  // The same of the lowest `bits` of a layout: only a place of one of the program's own types,
  // or a layout of a C type that the source asks for.
  Result<Expression> SolveNarrow(const std::vector<int64_t>& values, unsigned bits);

  // The same for the largest number of elements that an array may have: half of
  // the address space by a size, as core::alloc::Layout::array() works it out.
  // Which of its alignments core took off first is told by the values as far as
  // it makes a difference below 2^63 - 4096 bytes.
  Result<Quotient> SolveQuotient(const std::vector<int64_t>& values);

  // C types that must have the base kernel's size, since another one may be rounded up in one
  // of the program's own types or not; with the number that says so.
  const std::map<std::string, std::string>& pinned() const { return pinned_; }

  // Value in the real base kernel, by the layouts rustc has there.
  int64_t BaseValue(const Expression& expression) const;

  // "file.private_data + 8", for messages.
  std::string Spell(const Expression& expression) const;

  // Bytes that a term is a multiple of on every target, a power of two.
  uint64_t MultipleOf(const AtomTerm& term) const { return build::MultipleOf(term, sdk_.atoms); }

  size_t proved() const { return proved_; }

 private:
  static constexpr size_t kSolving =
      std::count_if(std::begin(kVariants), std::end(kVariants),
                    [](const VariantPlan& plan) { return plan.use == VariantUse::kSolve; });
  // Differences to the first solving variant.
  using Key = std::array<int64_t, kSolving - 1>;
  struct HashOfKey {
    size_t operator()(const Key& key) const;
  };
  using Sources = std::vector<std::pair<int64_t, size_t>>;  // times, and of what
  // An explanation: their sum and a constant.  `exact`: it is a place in one of the program's
  // own types, with nothing added.
  struct Found {
    Sources sources;
    int64_t added = 0;
    bool exact = false;
  };
  // All of a number, and where there are none the nearest miss.
  struct Explained {
    std::vector<Found> found;
    std::string missed;
  };

  Result<Expression> Search(const std::vector<int64_t>& values, Use use);
  Result<Expression> Choose(const std::vector<int64_t>& values, Use use,
                            const std::vector<Found>& found);
  void FindSingles(const std::vector<int64_t>& values, std::vector<Found>* found);
  void FindAskedSums(const std::vector<int64_t>& values, std::vector<Found>* found);
  void FindPairs(const std::vector<int64_t>& values, std::vector<Found>* found);
  void FindHeldSums(const std::vector<int64_t>& values, size_t from, const Sources& sum,
                    const Key& rest, int left, std::vector<Found>* found);
  // Adds the sum of `sources` and the constant that makes it these values, if it is them.
  void Consider(Sources sources, const std::vector<int64_t>& values, std::vector<Found>* found);
  const Explained& Explain(const std::vector<int64_t>& values);
  Expression ExpressionOf(const Sources& sources, int64_t added) const;
  void ForEachMultiple(const Key& key,
                       const std::function<void(int64_t times, size_t source)>& found) const;
  Expression Source(size_t source) const;
  Key KeyOf(size_t source) const;
  int64_t ValueOf(size_t source, size_t variant) const;
  Key Differences(const std::vector<int64_t>& values) const;
  void Pin(const Expression& expression);
  bool IsRaised(const LayoutAtom& atom) const;

  const Sdk& sdk_;
  const OwnLayouts* own_ = nullptr;
  std::vector<size_t> order_;  // indexes into kVariants: solving, then held out
  // By differences to the first variant: what may explain them, the index of an atom, or of
  // one of the program's own numbers behind all atoms.
  std::unordered_map<Key, std::vector<size_t>, HashOfKey> sources_;
  std::vector<std::pair<size_t, Key>> mentioned_;  // of the program: one of two in a sum
  std::set<int64_t> times_ = {1};                  // how often a layout may be in a number
  std::vector<bool> partners_;                     // by source: whether it may be the other one
  std::vector<size_t> held_;                       // atoms: sizes of what own types hold
  std::vector<bool> is_held_;                      // by atom: whether it is in held_
  int most_held_ = 0;                              // of them, in one number
  std::set<std::string> asked_;
  std::map<std::string, std::string> pinned_;
  // The nearest miss of the search that goes on.
  std::string missed_;
  // What was asked for: the same numbers are in many places.
  std::map<std::pair<std::vector<int64_t>, Use>, Result<Expression>> known_;
  std::map<std::vector<int64_t>, Explained> explained_;
  size_t kept_ = 0;  // explanations in it
  size_t proved_ = 0;
};

}  // namespace race::build
