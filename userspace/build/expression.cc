// SPDX-License-Identifier: GPL-2.0-only
#include "build/expression.h"

#include <algorithm>

namespace race::build {
namespace {

void Merge(AtomTerm term, std::vector<AtomTerm>* terms) {
  auto same = std::find_if(terms->begin(), terms->end(), [&](const AtomTerm& mine) {
    return mine.atom == term.atom && mine.round == term.round && mine.inner == term.inner;
  });
  if (same == terms->end())
    terms->push_back(std::move(term));
  else
    same->coefficient += term.coefficient;
}

}  // namespace

uint64_t MultipleOf(const AtomTerm& term, const std::vector<LayoutAtom>& atoms) {
  const uint64_t times = static_cast<uint64_t>(std::abs(int64_t{term.coefficient}));
  uint64_t unit = term.round;
  if (unit == 0 && term.inner.empty() && atoms[term.atom].field.empty())
    unit = atoms[term.atom].align;
  return (times & -times) * std::max<uint64_t>(unit, 1);
}

Expression Add(const Expression& a, const Expression& b, int64_t times) {
  Expression sum = a;
  sum.constant += times * b.constant;
  for (AtomTerm term : b.terms) {
    term.coefficient = static_cast<int32_t>(term.coefficient * times);
    Merge(std::move(term), &sum.terms);
  }
  std::erase_if(sum.terms, [](const AtomTerm& term) { return term.coefficient == 0; });
  std::sort(sum.terms.begin(), sum.terms.end());
  return sum;
}

Expression RoundUp(const Expression& e, uint64_t align, const std::vector<LayoutAtom>& atoms) {
  Expression outside, inside;
  inside.constant = e.constant;
  for (const AtomTerm& term : e.terms)
    (MultipleOf(term, atoms) % align == 0 ? outside : inside).terms.push_back(term);
  const int64_t unit = static_cast<int64_t>(align);
  if (inside.terms.empty()) {
    outside.constant = (inside.constant + unit - 1) / unit * unit;
    return outside;
  }
  // Whole units need not be rounded.
  outside.constant = inside.constant / unit * unit;
  inside.constant -= outside.constant;
  AtomTerm rounded{0, 1, static_cast<uint32_t>(align), {}};
  const AtomTerm& only = inside.terms[0];
  if (inside.constant == 0 && inside.terms.size() == 1 && only.coefficient == 1 &&
      only.round == 0 && only.inner.empty())
    rounded.atom = only.atom;
  else
    rounded.inner.push_back(inside);
  return Add(outside, Expression{0, {rounded}});
}

Expression LinearPart(const Expression& e) {
  Expression linear;
  for (const AtomTerm& term : e.terms) {
    const Expression part =
        term.inner.empty() ? Expression{0, {{term.atom, 1, 0, {}}}} : LinearPart(term.inner[0]);
    linear = Add(linear, part, term.coefficient);
  }
  return linear;
}

std::set<size_t> AtomsOf(const Expression& e) {
  std::set<size_t> atoms;
  for (const AtomTerm& term : LinearPart(e).terms) atoms.insert(term.atom);
  return atoms;
}

std::string Spell(const Expression& e, const std::vector<LayoutAtom>& atoms) {
  std::string text;
  for (const AtomTerm& term : e.terms) {
    std::string name;
    if (!term.inner.empty())
      name = Spell(term.inner[0], atoms);
    else if (const LayoutAtom& atom = atoms[term.atom]; atom.field.empty())
      name = "size(" + atom.aggregate + ")";
    else
      name = "off(" + atom.aggregate + "." + atom.field + ")";
    if (term.round > 1) name = "up(" + name + ", " + std::to_string(term.round) + ")";
    if (term.coefficient != 1) name = std::to_string(term.coefficient) + "*" + name;
    text += (text.empty() ? "" : " + ") + name;
  }
  if (e.constant != 0 || text.empty())
    text += (text.empty() ? "" : " + ") + std::to_string(e.constant);
  return text;
}

}  // namespace race::build
