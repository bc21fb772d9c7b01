// SPDX-License-Identifier: GPL-2.0-only
#include "build/solver.h"

#include <algorithm>
#include <numeric>

namespace race::build {
namespace {

// Largest number of times a type may stand in one number (arrays of it in the
// driver's own types).
constexpr int64_t kMostTimes = 1024;

// Largest number of kernel types in one number that is a sum of three or more: as many as
// can be tried, of those that the driver's own types hold, and no fewer than five.
constexpr int kMostHeld = 12;
constexpr int kAlwaysHeld = 5;
constexpr uint64_t kMostTries = 200'000;

// The variants give every kernel type a multiple of this many bytes.
constexpr uint64_t kRoom = 8;

// How many sums of `length` there are, in whatever order, of `types`.
uint64_t SumsOf(uint64_t types, int length) {
  uint64_t count = types == 0 ? 0 : 1;
  for (uint64_t i = 0; i < static_cast<uint64_t>(length); i++)
    count = count * (types + i) / (i + 1);
  return count;
}

int64_t RoundUp(int64_t value, uint32_t round) {
  return round == 0 ? value : (value + round - 1) / round * round;
}

std::string Spell(const std::vector<int64_t>& values) {
  std::string text;
  for (int64_t value : values) text += (text.empty() ? "" : ", ") + std::to_string(value);
  return text;
}

}  // namespace

Expression Add(const Expression& a, const Expression& b, int sign) {
  Expression sum = a;
  sum.constant += sign * b.constant;
  for (const AtomTerm& term : b.terms) {
    auto same = std::find_if(sum.terms.begin(), sum.terms.end(), [&](const AtomTerm& mine) {
      return mine.atom == term.atom && mine.round == term.round;
    });
    if (same == sum.terms.end()) {
      sum.terms.push_back(term);
      sum.terms.back().coefficient *= sign;
    } else {
      same->coefficient += sign * term.coefficient;
    }
  }
  std::erase_if(sum.terms, [](const AtomTerm& term) { return term.coefficient == 0; });
  std::sort(sum.terms.begin(), sum.terms.end());
  return sum;
}

Solver::Solver(const Sdk& sdk) : sdk_(sdk) {
  for (VariantUse use : {VariantUse::kSolve, VariantUse::kHeldOut})
    for (size_t v = 0; v < kVariantCount; v++)
      if (kVariants[v].use == use) order_.push_back(v);
  solving_ = std::count_if(std::begin(kVariants), std::end(kVariants),
                           [](const VariantPlan& plan) { return plan.use == VariantUse::kSolve; });
  for (size_t a = 0; a < sdk.atoms.size(); a++) {
    const std::vector<uint64_t>& values = sdk.atoms[a].values;
    Key key;
    for (size_t i = 1; i < solving_; i++)
      key.push_back(static_cast<int64_t>(values[order_[i]] - values[order_[0]]));
    atoms_[key].push_back(a);
  }
}

size_t Solver::HashOfKey::operator()(const Key& key) const {
  size_t hash = 0;
  for (int64_t difference : key)
    hash = (hash ^ static_cast<uint64_t>(difference)) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 32);
}

// k * atom + constant, k also negative; the largest k that fits is the atom's
// own vector, since vectors of atoms are no multiples of one another by chance.
std::optional<Expression> Solver::Single(const Key& key, int64_t first) const {
  int64_t divisor = 0;
  for (int64_t difference : key) divisor = std::gcd(divisor, difference);
  for (int64_t times = 1; times <= std::min(divisor, kMostTimes); times++) {
    if (divisor % times != 0) continue;
    for (int64_t sign : {1, -1}) {
      Key scaled = key;
      for (int64_t& difference : scaled) difference /= times * sign;
      auto found = atoms_.find(scaled);
      if (found == atoms_.end()) continue;
      if (found->second.size() > 1) return std::nullopt;
      size_t atom = found->second[0];
      int32_t coefficient = static_cast<int32_t>(times * sign);
      int64_t value = static_cast<int64_t>(sdk_.atoms[atom].values[order_[0]]);
      return Expression{first - coefficient * value, {{atom, coefficient, 0}}};
    }
  }
  return std::nullopt;
}

int64_t Solver::ValueOf(size_t atom, size_t variant) const {
  return static_cast<int64_t>(sdk_.atoms[atom].values[order_[variant]]);
}

void Solver::SetHeld(const std::set<std::string>& names, std::set<std::string> mentioned) {
  mentioned_ = std::move(mentioned);
  for (size_t a = 0; a < sdk_.atoms.size(); a++)
    if (sdk_.atoms[a].field.empty() && names.count(sdk_.atoms[a].aggregate) != 0)
      held_.push_back(a);
  known_.clear();
  most_held_ = kAlwaysHeld;
  while (most_held_ < kMostHeld && SumsOf(held_.size(), most_held_ + 1) <= kMostTries) most_held_++;
}

const LayoutAtom* Solver::Plain(const std::vector<int64_t>& values) const {
  Key key;
  for (size_t i = 1; i < solving_; i++) key.push_back(values[i] - values[0]);
  auto found = atoms_.find(key);
  if (found == atoms_.end() || found->second.size() != 1) return nullptr;
  size_t atom = found->second[0];
  if (ValueOf(atom, 0) != values[0] || std::find(held_.begin(), held_.end(), atom) != held_.end())
    return nullptr;
  return &sdk_.atoms[atom];
}

int64_t Solver::ValueUnder(const LayoutAtom& atom, const std::string& name) const {
  for (size_t v = 0; v < kVariantCount; v++)
    if (kVariants[v].name == name) return static_cast<int64_t>(atom.values[v]);
  return static_cast<int64_t>(atom.raised_value);
}

// Two atoms: a member of a member, or two kernel types in one of the driver's.
std::vector<Expression> Solver::Sums(const Key& key, int64_t first) const {
  std::vector<Expression> found;
  for (size_t atom = 0; atom < sdk_.atoms.size(); atom++) {
    for (int sign : {1, -1}) {
      Key rest = key;
      for (size_t i = 1; i < solving_; i++)
        rest[i - 1] -= sign * (ValueOf(atom, i) - ValueOf(atom, 0));
      auto other = atoms_.find(rest);
      if (other == atoms_.end() || other->second.size() > 1) continue;
      int64_t constant = first - sign * ValueOf(atom, 0) - ValueOf(other->second[0], 0);
      Expression sum =
          Add(Expression{constant, {{other->second[0], 1, 0}}}, Expression{0, {{atom, sign, 0}}});
      if (std::find(found.begin(), found.end(), sum) == found.end()) found.push_back(sum);
    }
  }
  return found;
}

// Three and more are only looked for among the sizes of what the driver's own types hold, of
// which `left` may be added yet.
void Solver::HeldSums(size_t from, const Expression& sum, const Key& rest, int64_t first, int left,
                      std::vector<Expression>* found) const {
  bool done = std::all_of(rest.begin(), rest.end(), [](int64_t d) { return d == 0; });
  if (done || left == 0) {
    std::optional<Expression> last =
        done ? std::optional<Expression>(Expression{first, {}}) : Single(rest, first);
    if (last) {
      Expression whole = Add(*last, sum);
      if (std::find(found->begin(), found->end(), whole) == found->end()) found->push_back(whole);
    }
    return;
  }
  for (size_t h = from; h < held_.size(); h++) {
    Key less = rest;
    for (size_t i = 1; i < solving_; i++)
      less[i - 1] -= ValueOf(held_[h], i) - ValueOf(held_[h], 0);
    HeldSums(h, Add(sum, Expression{0, {{held_[h], 1, 0}}}), less, first - ValueOf(held_[h], 0),
             left - 1, found);
  }
}

// A size inside a larger number is the room that an own type gives to a kernel
// type: the own type was laid out with sizes that are multiples of 8 (or of the
// alignment), so on the target the size is rounded up to that.
Result<Expression> Solver::Interpret(Expression expression, Use use) const {
  bool alone = expression.constant == 0 && expression.terms.size() == 1 && use == Use::kLength;
  if (alone && expression.terms[0].coefficient == 1) return expression;
  for (AtomTerm& term : expression.terms) {
    const LayoutAtom& atom = sdk_.atoms[term.atom];
    if (!atom.field.empty()) continue;
    // An array does not round, an own type of that many of them does.
    if (alone && atom.align < kRoom)
      return Fail(Code::kUnsolved) << Spell(expression) << " is the length of an array of "
                                   << atom.aggregate << " or of a type with as many of them, which "
                                   << "are not the same where the size is no multiple of 8";
    term.round = static_cast<uint32_t>(std::max<uint64_t>(kRoom, atom.align));
  }
  return expression;
}

// The sizes of all variants have one remainder, so there are few differences of sizes, and
// some two of thousands of types have any.  The handful that own types hold do not fit by
// chance; a sum with a type that the program knows nothing of does.
void Solver::PreferHeld(std::vector<Expression>* sums) const {
  auto held = [&](const Expression& sum) {
    return std::all_of(sum.terms.begin(), sum.terms.end(), [&](const AtomTerm& term) {
      return std::find(held_.begin(), held_.end(), term.atom) != held_.end() &&
             (term.coefficient > 0) == (sum.terms[0].coefficient > 0);
    });
  };
  auto mentioned = [&](const Expression& sum) {
    return std::all_of(sum.terms.begin(), sum.terms.end(), [&](const AtomTerm& term) {
      return mentioned_.contains(sdk_.atoms[term.atom].aggregate);
    });
  };
  if (std::count_if(sums->begin(), sums->end(), held) == 1 && !mentioned_.empty() &&
      std::none_of(sums->begin(), sums->end(),
                   [&](const Expression& sum) { return !held(sum) && mentioned(sum); }))
    std::erase_if(*sums, [&](const Expression& sum) { return !held(sum); });
}

bool Solver::Predicts(const Expression& expression, const std::vector<int64_t>& values,
                      std::string* why) const {
  for (size_t i = 0; i < values.size(); i++) {
    int64_t predicted = expression.constant;
    for (const AtomTerm& term : expression.terms)
      predicted += term.coefficient * ValueOf(term.atom, i);
    if (predicted == values[i]) continue;
    *why = "solved to " + Spell(expression) + ", which predicts " + std::to_string(predicted) +
           " for the variant " + kVariants[order_[i]].name + ", where it is " +
           std::to_string(values[i]);
    return false;
  }
  return true;
}

const Result<Expression>& Solver::Find(const std::vector<int64_t>& values) {
  auto known = known_.find(values);
  if (known == known_.end()) known = known_.emplace(values, Search(values)).first;
  return known->second;
}

Result<Expression> Solver::Solve(const std::vector<int64_t>& values, Use use) {
  RACE_ASSIGN(found, Find(values));
  RACE_ASSIGN(solved, Interpret(std::move(found), use));
  if (!solved.terms.empty()) proved_++;
  return solved;
}

Result<Expression> Solver::SolvePlace(const std::vector<int64_t>& values,
                                      const StaticArrays& arrays) {
  RACE_ASSIGN(solved, Solve(values, Use::kOffset));
  for (AtomTerm& term : solved.terms) {
    const LayoutAtom& atom = sdk_.atoms[term.atom];
    if (!atom.field.empty() || atom.align >= kRoom) continue;
    if (arrays.whole == atom.aggregate)
      term.round = 0;
    else if (!arrays.known || arrays.held.contains(atom.aggregate))
      return Fail(Code::kUnsolved) << Spell(solved) << " may be a place in an array of "
                                   << atom.aggregate << " or in one of the driver's own types, "
                                   << "which are not the same where the size is no multiple of 8";
  }
  return solved;
}

Result<Expression> Solver::Search(const std::vector<int64_t>& values) const {
  Key key;
  for (size_t i = 1; i < solving_; i++) key.push_back(values[i] - values[0]);
  if (std::all_of(values.begin(), values.end(), [&](int64_t v) { return v == values[0]; }))
    return Expression{values[0], {}};
  std::optional<Expression> solved = Single(key, values[0]);
  std::string why;
  if (solved && !Predicts(*solved, values, &why)) return Fail(Code::kProofFailed) << why;
  if (!solved) {
    // There are so many sums that some fit by chance: the variant held out tells
    // which.  The shortest counts: with each term more of them fit.
    std::vector<Expression> sums = Sums(key, values[0]);
    auto drop_wrong = [&] {
      std::erase_if(sums, [&](const Expression& sum) { return !Predicts(sum, values, &why); });
    };
    drop_wrong();
    for (int held = 2; sums.empty() && held <= most_held_; held++) {
      HeldSums(0, Expression{}, key, values[0], held, &sums);
      drop_wrong();
    }
    PreferHeld(&sums);
    if (sums.size() > 1)
      return Fail(Code::kUnsolved) << "the values " << build::Spell(values) << " over the layouts "
                                   << "are both " << Spell(sums[0]) << " and " << Spell(sums[1]);
    // One that does not hold there was chance, and so says nothing.
    if (!sums.empty()) solved = sums[0];
  }
  if (!solved)
    return Fail(Code::kUnsolved) << "the values " << build::Spell(values)
                                 << " over the layouts are no linear expression of the kernel's "
                                    "fields and sizes, of which one of the driver's own types may "
                                    "hold "
                                 << most_held_;
  return *solved;
}

Result<Quotient> Solver::SolveQuotient(const std::vector<int64_t>& values) {
  // isize::MAX as it is, and rounded down to a multiple of each alignment; most
  // types that hold one of the kernel's are aligned to 8 bytes.
  constexpr uint64_t kHalf = 1ull << 63;
  for (uint64_t align : {8, 4, 2, 1, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096}) {
    uint64_t numerator = kHalf - align;
    std::vector<int64_t> divisors;
    for (int64_t value : values) {
      uint64_t quotient = static_cast<uint64_t>(value);
      // Smaller ones are no quotient of a size below 2^31.
      if (quotient < (kHalf >> 31) || quotient > numerator) break;
      uint64_t divisor = numerator / quotient;
      if (numerator / divisor != quotient) break;
      divisors.push_back(static_cast<int64_t>(divisor));
    }
    if (divisors.size() != values.size()) continue;
    RACE_ASSIGN(divisor, Solve(divisors, Use::kLength));
    return Quotient{numerator, divisor};
  }
  return Fail(Code::kUnsolved) << "no quotient of a size";
}

int64_t Solver::BaseValue(const Expression& expression) const {
  int64_t value = expression.constant;
  for (const AtomTerm& term : expression.terms)
    value += term.coefficient *
             RoundUp(static_cast<int64_t>(sdk_.atoms[term.atom].true_value), term.round);
  return value;
}

std::string Solver::Spell(const Expression& expression) const {
  std::string text;
  for (const AtomTerm& term : expression.terms) {
    const LayoutAtom& atom = sdk_.atoms[term.atom];
    std::string name = atom.field.empty() ? "size(" + atom.aggregate + ")"
                                          : "off(" + atom.aggregate + "." + atom.field + ")";
    if (term.coefficient != 1) name = std::to_string(term.coefficient) + "*" + name;
    text += (text.empty() ? "" : " + ") + name;
  }
  if (expression.constant != 0 || text.empty())
    text += (text.empty() ? "" : " + ") + std::to_string(expression.constant);
  return text;
}

}  // namespace race::build
