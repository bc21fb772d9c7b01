// SPDX-License-Identifier: GPL-2.0-only
#include "build/solver.h"

#include <numeric>

namespace race::build {
namespace {

// How often a layout may stand in one number where no array of the program says so.
constexpr int64_t kMostTimes = 16;

// Largest number of kernel types in one number that is a sum of three or more: as many as
// can be tried, of those that the driver's own types hold, and no fewer than three.
constexpr int kMostHeld = 12;
constexpr int kAlwaysHeld = 3;
constexpr uint64_t kMostTries = 200'000;

// Explanations that are kept for the next place that has the same numbers: some 100 bytes each.
constexpr size_t kMostKept = 1 << 20;

// The program's own types align to this what they hold, in bytes, unless they ask for more.
constexpr uint64_t kWord = 8;

// How many sums of `length` there are, in whatever order, of `types`.
uint64_t SumsOf(uint64_t types, int length) {
  uint64_t count = types == 0 ? 0 : 1;
  for (uint64_t i = 0; i < static_cast<uint64_t>(length); i++)
    count = count * (types + i) / (i + 1);
  return count;
}

std::string SpellValues(const std::vector<int64_t>& values) {
  std::string text;
  for (int64_t value : values) text += (text.empty() ? "" : ", ") + std::to_string(value);
  return text;
}

bool AllSame(const std::vector<int64_t>& values) {
  return std::all_of(values.begin(), values.end(), [&](int64_t v) { return v == values[0]; });
}

}  // namespace

Solver::Solver(const Sdk& sdk) : sdk_(sdk) {
  for (VariantUse use : {VariantUse::kSolve, VariantUse::kHeldOut})
    for (size_t v = 0; v < kVariantCount; v++)
      if (kVariants[v].use == use) order_.push_back(v);
  for (int64_t times = 1; times <= kMostTimes; times++) times_.insert(times);
  for (size_t a = 0; a < sdk.atoms.size(); a++) sources_[KeyOf(a)].push_back(a);
}

size_t Solver::HashOfKey::operator()(const Key& key) const {
  size_t hash = 0;
  for (int64_t difference : key)
    hash = (hash ^ static_cast<uint64_t>(difference)) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 32);
}

int64_t Solver::ValueOf(size_t source, size_t variant) const {
  if (source < sdk_.atoms.size())
    return static_cast<int64_t>(sdk_.atoms[source].values[order_[variant]]);
  return own_->numbers()[source - sdk_.atoms.size()].values[variant];
}

Solver::Key Solver::KeyOf(size_t source) const {
  Key key;
  for (size_t i = 1; i < kSolving; i++) key[i - 1] = ValueOf(source, i) - ValueOf(source, 0);
  return key;
}

Solver::Key Solver::Differences(const std::vector<int64_t>& values) const {
  Key key;
  for (size_t i = 1; i < kSolving; i++) key[i - 1] = values[i] - values[0];
  return key;
}

Expression Solver::Source(size_t source) const {
  if (source < sdk_.atoms.size()) return Expression{0, {{source, 1, 0, {}}}};
  return own_->numbers()[source - sdk_.atoms.size()].expression;
}

void Solver::SetOwn(const OwnLayouts* own) {
  own_ = own;
  known_.clear();
  explained_.clear();
  for (size_t n = 0; n < own->numbers().size(); n++) {
    const size_t source = sdk_.atoms.size() + n;
    sources_[KeyOf(source)].push_back(source);
    mentioned_.emplace_back(source, KeyOf(source));
  }
  partners_.resize(sdk_.atoms.size());
  partners_.resize(sdk_.atoms.size() + own->numbers().size(), true);
  for (uint64_t count : own->counts())
    if (count <= INT32_MAX) times_.insert(static_cast<int64_t>(count));
}

void Solver::SetHeld(const std::set<std::string>& names, const std::set<std::string>& at_hand,
                     const std::set<std::string>& used) {
  known_.clear();
  explained_.clear();
  partners_.resize(std::max(partners_.size(), sdk_.atoms.size()));
  is_held_.resize(sdk_.atoms.size());
  for (size_t a = 0; a < sdk_.atoms.size(); a++) {
    const LayoutAtom& atom = sdk_.atoms[a];
    const bool held = names.count(atom.aggregate) != 0;
    const bool mentioned = held || at_hand.contains(atom.aggregate);
    if (held && atom.field.empty()) held_.push_back(a);
    is_held_[a] = is_held_[a] || (held && atom.field.empty());
    if (mentioned) mentioned_.emplace_back(a, KeyOf(a));
    partners_[a] = mentioned || used.contains(atom.aggregate);
  }
  most_held_ = kAlwaysHeld;
  while (most_held_ < kMostHeld && SumsOf(held_.size(), most_held_ + 1) <= kMostTries) most_held_++;
}

bool Solver::IsRaised(const LayoutAtom& atom) const {
  return atom.field.empty() &&
         (atom.raised_value != atom.true_value ||
          std::any_of(std::begin(kRaisedTypes), std::end(kRaisedTypes),
                      [&](const auto& raised) { return atom.aggregate == raised.first; }));
}

void Solver::Consider(Sources sources, const std::vector<int64_t>& values,
                      std::vector<Found>* found) {
  // By the numbers that rustc has, not by what the expression makes of them.
  auto under = [&](size_t variant) {
    int64_t sum = 0;
    for (const auto& [times, source] : sources) sum += times * ValueOf(source, variant);
    return sum;
  };
  const int64_t added = values[0] - under(0);
  for (size_t i = 0; i < values.size(); i++) {
    const int64_t predicted = under(i) + added;
    if (predicted == values[i]) continue;
    // One that only the solving variants have was chance, and says nothing.
    if (i >= kSolving && missed_.empty())
      missed_ = "solved to " + Spell(ExpressionOf(sources, added)) + ", which predicts " +
                std::to_string(predicted) + " for the variant " + kVariants[order_[i]].name +
                ", where it is " + std::to_string(values[i]);
    return;
  }
  const bool exact = added == 0 && sources.size() == 1 && sources[0].first == 1 &&
                     (sources[0].second >= sdk_.atoms.size());
  found->push_back({std::move(sources), added, exact});
}

Expression Solver::ExpressionOf(const Sources& sources, int64_t added) const {
  Expression sum{added, {}};
  for (const auto& [times, source] : sources) sum = Add(sum, Source(source), times);
  return sum;
}

// Calls found(times, source) for each layout that has these differences, so many times.
void Solver::ForEachMultiple(const Key& key,
                             const std::function<void(int64_t times, size_t source)>& found) const {
  int64_t divisor = 0;
  for (int64_t difference : key) divisor = std::gcd(divisor, difference);
  for (int64_t times : times_) {
    if (divisor % times != 0) continue;
    for (int64_t sign : {1, -1}) {
      Key scaled = key;
      for (int64_t& difference : scaled) difference /= times * sign;
      auto sources = sources_.find(scaled);
      if (sources == sources_.end()) continue;
      for (size_t source : sources->second) found(times * sign, source);
    }
  }
}

// times * one layout + a constant.
void Solver::FindSingles(const std::vector<int64_t>& values, std::vector<Found>* found) {
  ForEachMultiple(Differences(values), [&](int64_t times, size_t source) {
    Consider({{times, source}}, values, found);
  });
}

// Two layouts that the source asks for, each as often as it likes: 2 * size_of::<A>() +
// offset_of!(B, b).
void Solver::FindAskedSums(const std::vector<int64_t>& values, std::vector<Found>* found) {
  std::vector<size_t> asked;
  for (size_t a = 0; a < sdk_.atoms.size(); a++)
    if (asked_.contains(sdk_.atoms[a].aggregate)) asked.push_back(a);
  const Key key = Differences(values);
  // Each with each, in all multiples.  What is not tried is not found, and refused.
  const size_t factors = 2 * times_.size();
  if (asked.size() > (size_t{1} << kLog2OfTries) / (factors * factors)) return;
  for (size_t one : asked) {
    const Key mine = KeyOf(one);
    for (int64_t times : times_)
      for (int64_t sign : {1, -1}) {
        Key rest = key;
        for (size_t i = 0; i < rest.size(); i++) rest[i] -= times * sign * mine[i];
        ForEachMultiple(rest, [&](int64_t other_times, size_t other) {
          if (other > one && std::binary_search(asked.begin(), asked.end(), other))
            Consider({{times * sign, one}, {other_times, other}}, values, found);
        });
      }
  }
}

// Two layouts, one of which is of a type that the program has to do with: a member of a
// member, or two kernel types in one of the driver's.
void Solver::FindPairs(const std::vector<int64_t>& values, std::vector<Found>* found) {
  const Key key = Differences(values);
  const size_t partners = static_cast<size_t>(std::count(partners_.begin(), partners_.end(), true));
  // Three sums of each with each.  What is not tried is not found, and refused.
  size_t left = (size_t{1} << kLog2OfTries) / (3 * std::max<size_t>(partners, 1));
  for (const auto& [one, mine] : mentioned_) {
    if (left-- == 0) break;
    for (int64_t sign : {1, -1})
      for (int64_t other_sign : {1, -1}) {
        if (sign == -1 && other_sign == -1) continue;
        Key rest = key;
        for (size_t i = 0; i < rest.size(); i++) rest[i] = other_sign * (rest[i] - sign * mine[i]);
        auto others = sources_.find(rest);
        if (others == sources_.end()) continue;
        for (size_t other : others->second)
          if (partners_[other] && (one != other || sign != -other_sign))
            Consider({{sign, one}, {other_sign, other}}, values, found);
      }
  }
}

// Three and more are only looked for among the sizes of what the driver's own types hold, of
// which `left` may be added yet.
void Solver::FindHeldSums(const std::vector<int64_t>& values, size_t from, const Sources& sum,
                          const Key& rest, int left, std::vector<Found>* found) {
  auto with = [&](size_t source) {
    Sources more = sum;
    more.emplace_back(1, source);
    return more;
  };
  if (left == 1) {
    auto sources = sources_.find(rest);
    if (sources == sources_.end()) return;
    for (size_t source : sources->second)
      if (std::find(held_.begin() + static_cast<ptrdiff_t>(from), held_.end(), source) !=
          held_.end())
        Consider(with(source), values, found);
    return;
  }
  for (size_t h = from; h < held_.size(); h++) {
    Key less = rest;
    const Key mine = KeyOf(held_[h]);
    for (size_t i = 0; i < less.size(); i++) less[i] -= mine[i];
    FindHeldSums(values, h, with(held_[h]), less, left - 1, found);
  }
}

const Solver::Explained& Solver::Explain(const std::vector<int64_t>& values) {
  if (auto known = explained_.find(values); known != explained_.end()) return known->second;
  missed_.clear();
  std::vector<Found> found;
  FindSingles(values, &found);
  FindPairs(values, &found);
  for (int held = 3; found.empty() && held <= most_held_; held++)
    FindHeldSums(values, 0, {}, Differences(values), held, &found);
  if (found.empty()) FindAskedSums(values, &found);
  if (kept_ > kMostKept) {
    explained_.clear();
    kept_ = 0;
  }
  kept_ += found.size();
  return explained_[values] = {std::move(found), missed_};
}

Solver::Layout Solver::LayoutOf(const std::string& name,
                                const OwnLayouts::TypesByIdentifier& types) const {
  Layout layout{name, {}};
  if (own_ == nullptr) return layout;
  for (const OwnNumber& number : own_->numbers())
    layout.own.push_back(OwnLayouts::ValueIn(types, number));
  return layout;
}

std::set<int64_t> Solver::ValuesUnder(const std::vector<int64_t>& values, const Layout& layout) {
  const size_t variant = VariantIndex(layout.name);
  auto value_of = [&](size_t source) -> std::optional<int64_t> {
    if (source >= sdk_.atoms.size()) return layout.own[source - sdk_.atoms.size()];
    const LayoutAtom& atom = sdk_.atoms[source];
    return static_cast<int64_t>(variant < kVariantCount ? atom.values[variant] : atom.raised_value);
  };
  // What the size of a held type adds to may be a place in an own type, whose members may have
  // another order here; one that is known says where it is.
  bool may_lie_elsewhere = false, known = false;
  std::set<int64_t> predicted;
  for (const Found& found : Explain(values).found) {
    int64_t sum = found.added;
    for (const auto& [times, source] : found.sources) {
      const std::optional<int64_t> value = value_of(source);
      if (!value) return {};
      sum += times * *value;
      known |= source >= sdk_.atoms.size();
      may_lie_elsewhere |= source < is_held_.size() && is_held_[source];
    }
    predicted.insert(sum);
  }
  return may_lie_elsewhere && !known ? std::set<int64_t>{} : predicted;
}

// Of explanations that are the same but for what is rounded up, the one that the layout of one
// of the program's own types is.
Result<Expression> Solver::Choose(const std::vector<int64_t>& values, Use use,
                                  const std::vector<Found>& found) {
  std::vector<Expression> expressions;
  for (const Found& one : found) expressions.push_back(ExpressionOf(one.sources, one.added));
  const Expression linear = LinearPart(expressions[0]);
  size_t at = 0;
  for (size_t other = 0; other < found.size(); other++) {
    if (LinearPart(expressions[other]) != linear)
      return Fail(Code::kUnsolved)
             << "the values " << SpellValues(values) << " over the layouts "
             << "are both " << Spell(expressions[0]) << " and " << Spell(expressions[other]);
    if (found[other].exact && !found[at].exact) at = other;
  }
  const Expression& chosen = expressions[at];
  // The size of a C type, as it is; and as its own types round it up.
  const LayoutAtom* only = linear.terms.size() == 1 && linear.terms[0].coefficient == 1
                               ? &sdk_.atoms[linear.terms[0].atom]
                               : nullptr;
  const bool is_size =
      only != nullptr && only->field.empty() && ValueOf(linear.terms[0].atom, 0) == values[0];
  if (is_size && IsRaised(*only)) {
    if (use == Use::kLength) return linear;
    Expression room = linear;
    room.terms[0].round = static_cast<uint32_t>(std::max<uint64_t>(kWord, only->align));
    return room;
  }
  bool rounded_differently = false, otherwise = false;
  for (size_t other = 0; other < found.size(); other++) {
    if (expressions[other] == chosen) continue;
    otherwise = true;
    rounded_differently |= found[other].exact;
  }
  const bool asked = std::any_of(linear.terms.begin(), linear.terms.end(), [&](const auto& term) {
    return asked_.contains(sdk_.atoms[term.atom].aggregate);
  });
  const bool own = found[at].exact && !is_size;
  if (rounded_differently || (own ? asked && otherwise : !is_size)) Pin(chosen);
  return chosen;
}

// Where it cannot be told what is rounded up, every size that may be stays the base kernel's.
void Solver::Pin(const Expression& expression) {
  for (size_t index : AtomsOf(expression)) {
    const LayoutAtom& atom = sdk_.atoms[index];
    if (atom.field.empty() && atom.align < kWord && !IsRaised(atom))
      pinned_.emplace(atom.aggregate, Spell(expression));
  }
}

Result<Expression> Solver::Search(const std::vector<int64_t>& values, Use use) {
  if (AllSame(values)) return Expression{values[0], {}};
  const Explained& explained = Explain(values);
  if (!explained.found.empty()) return Choose(values, use, explained.found);
  if (own_ != nullptr)
    if (auto own = own_->unexplained().find(values); own != own_->unexplained().end())
      return Fail(Code::kUnsolved) << "the values " << SpellValues(values) << " over the layouts "
                                   << "are " << own->second << ", whose layout does not follow "
                                   << "from those of what it holds";
  if (!explained.missed.empty()) return Fail(Code::kProofFailed) << explained.missed;
  return Fail(Code::kUnsolved) << "the values " << SpellValues(values)
                               << " over the layouts are no linear expression of the kernel's "
                                  "fields and sizes, of which one of the driver's own types may "
                                  "hold "
                               << most_held_;
}

Result<Expression> Solver::Solve(const std::vector<int64_t>& values, Use use) {
  auto known = known_.find({values, use});
  if (known == known_.end())
    known = known_.emplace(std::pair(values, use), Search(values, use)).first;
  if (known->second && !known->second->terms.empty()) proved_++;
  return known->second;
}

Result<Expression> Solver::SolveNarrow(const std::vector<int64_t>& values, unsigned bits) {
  const uint64_t mask = (uint64_t{1} << bits) - 1;
  std::vector<Expression> found;
  auto consider = [&](size_t source) {
    for (size_t i = 0; i < values.size(); i++)
      if (((static_cast<uint64_t>(ValueOf(source, i)) ^ static_cast<uint64_t>(values[i])) & mask) !=
          0)
        return;
    const Expression e = Source(source);
    if (std::find(found.begin(), found.end(), e) == found.end()) found.push_back(e);
  };
  for (size_t a = 0; a < sdk_.atoms.size(); a++)
    if (asked_.contains(sdk_.atoms[a].aggregate)) consider(a);
  for (size_t n = 0; own_ != nullptr && n < own_->numbers().size(); n++)
    consider(sdk_.atoms.size() + n);
  if (found.size() == 1) {
    proved_++;
    return found[0];
  }
  if (found.empty())
    return Fail(Code::kUnsolved) << "the values " << SpellValues(values)
                                 << " over the layouts are the lowest " << bits
                                 << " bits of no layout that the driver asks for";
  return Fail(Code::kUnsolved) << "the values " << SpellValues(values) << " over the layouts are "
                               << "the lowest " << bits << " bits of both " << Spell(found[0])
                               << " and " << Spell(found[1]);
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
  return Evaluate(expression,
                  [&](size_t atom) { return static_cast<int64_t>(sdk_.atoms[atom].true_value); });
}

std::string Solver::Spell(const Expression& expression) const {
  return build::Spell(expression, sdk_.atoms);
}

}  // namespace race::build
