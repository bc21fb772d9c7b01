// SPDX-License-Identifier: GPL-2.0-only
//
// What a number of the program is in terms of the kernel's layouts: atoms of the SDK, added up
// and rounded.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "build/variant_layout.h"

namespace race::build {

struct Expression;

// One term: coefficient * round_up(what, round), where `what` is an atom or, in types of the
// driver's own, what lies in front of a member.
struct AtomTerm {
  size_t atom = 0;  // index into Sdk::atoms; of no meaning where there is an `inner`
  int32_t coefficient = 1;
  uint32_t round = 0;             // bytes, a power of two; 0: as it is
  std::vector<Expression> inner;  // of one element, or none

  std::strong_ordering operator<=>(const AtomTerm& other) const;
  bool operator==(const AtomTerm& other) const;
};

// constant + sum of terms; no term: a plain number.
struct Expression {
  int64_t constant = 0;
  std::vector<AtomTerm> terms;  // in order

  std::strong_ordering operator<=>(const Expression& other) const;
  bool operator==(const Expression& other) const = default;
};

inline std::strong_ordering AtomTerm::operator<=>(const AtomTerm& other) const {
  if (auto order = atom <=> other.atom; order != 0) return order;
  if (auto order = coefficient <=> other.coefficient; order != 0) return order;
  if (auto order = round <=> other.round; order != 0) return order;
  return inner <=> other.inner;
}
inline bool AtomTerm::operator==(const AtomTerm& other) const { return (*this <=> other) == 0; }
inline std::strong_ordering Expression::operator<=>(const Expression& other) const {
  if (auto order = constant <=> other.constant; order != 0) return order;
  return terms <=> other.terms;
}

// The sum of a and `times` b, terms merged.
Expression Add(const Expression& a, const Expression& b, int64_t times = 1);

// round_up(e, align), where `align` is a power of two.  What is a multiple of it in any case
// stays outside: the size of a type is a multiple of its alignment.
Expression RoundUp(const Expression& e, uint64_t align, const std::vector<LayoutAtom>& atoms);

// A power of two, in bytes, that the term is a multiple of on every target: one that aligns
// the type in another way than the base kernel is refused.
uint64_t MultipleOf(const AtomTerm& term, const std::vector<LayoutAtom>& atoms);

// Without constants and without rounding: by how much of each atom the number moves.
Expression LinearPart(const Expression& e);

// The atoms that it speaks of, by index.
std::set<size_t> AtomsOf(const Expression& e);

// Its value where each atom has the value that `value_of` gives for its index.
template <typename ValueOf>
int64_t Evaluate(const Expression& e, const ValueOf& value_of) {
  int64_t sum = e.constant;
  for (const AtomTerm& term : e.terms) {
    int64_t value = term.inner.empty() ? value_of(term.atom) : Evaluate(term.inner[0], value_of);
    if (term.round != 0) value = (value + term.round - 1) / term.round * term.round;
    sum += term.coefficient * value;
  }
  return sum;
}

// "off(file.private_data) + 8", for messages.
std::string Spell(const Expression& e, const std::vector<LayoutAtom>& atoms);

}  // namespace race::build
