// SPDX-License-Identifier: GPL-2.0-only
#include "build/sdk_enumerators.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>

namespace race::build {
namespace {

constexpr uint64_t kSeed = 0x454e554d;
constexpr std::string_view kConst = "pub const ";
constexpr std::string_view kLastBit = "___GFP_LAST_BIT";

// What is moved at all.  Masks keep below the sign of an i32, so that no extension to 64
// bits makes another number of them.
constexpr int64_t kMostValue = 1 << 20;
constexpr int kBits = 31;
// Steps are wide, so that enumerators of all enums are told apart, and a comparison with a
// number comes out otherwise.
constexpr int64_t kMostStart = 1 << 14;
constexpr int64_t kMostSteps = 4;
constexpr int64_t kLowBits = 31;
// Few bits of gfp_t are free above the last; an XArray has three marks there.
constexpr int64_t kMostLastBit = 28;

// Of 32 bits.  A smaller type has no room for other values, a larger one is rare.
constexpr std::string_view kWords[] = {"ffi::c_uint", "ffi::c_int", "u32", "i32"};

struct Line {
  std::string name, type;
  int64_t value = 0;
};

// "pub const NAME: TYPE = 5;"
bool Parse(const std::string& line, Line* parsed) {
  if (!line.starts_with(kConst)) return false;
  const size_t colon = line.find(": "), equals = line.find(" = ");
  if (colon == line.npos || equals == line.npos || equals < colon) return false;
  char* end = nullptr;
  parsed->name = line.substr(kConst.size(), colon - kConst.size());
  parsed->type = line.substr(colon + 2, equals - colon - 2);
  parsed->value = std::strtoll(line.c_str() + equals + 3, &end, 10);
  return end != line.c_str() + equals + 3 && *end == ';';
}

// An enum whose values are masks of single bits, and what is made of those.  One that has
// a 3 rather counts.
bool IsMasks(const std::vector<Enumerator*>& group) {
  int64_t all = 0;
  size_t masks = 0;
  for (const Enumerator* enumerator : group)
    if (enumerator->values[0] > 0 &&
        std::has_single_bit(static_cast<uint64_t>(enumerator->values[0]))) {
      masks += (all & enumerator->values[0]) == 0;
      all |= enumerator->values[0];
    }
  constexpr size_t kLeastMasks = 3;
  return masks >= kLeastMasks && all < (int64_t{1} << kBits) &&
         std::all_of(
             group.begin(), group.end(),
             [&](const Enumerator* enumerator) {
               const int64_t value = enumerator->values[0];
               return value >= 0 && value != 3 && (value & ~all) == 0;
             });
}

// By their types; of those that are moved at all.
std::map<std::string, std::vector<Enumerator*>> GroupsOf(std::vector<Enumerator>* enumerators) {
  std::map<std::string, std::vector<Enumerator*>> groups;
  for (Enumerator& enumerator : *enumerators)
    if (enumerator.is_word) groups[enumerator.type].push_back(&enumerator);
  return groups;
}

using Permutation = std::array<int, kBits>;

int64_t Permute(const Permutation& bits, int64_t mask) {
  int64_t moved = 0;
  for (int bit = 0; bit < kBits; bit++)
    if ((mask >> bit & 1) != 0) moved |= int64_t{1} << bits[bit];
  return moved;
}

Permutation Shuffle(std::mt19937_64* random) {
  Permutation bits;
  std::iota(bits.begin(), bits.end(), 0);
  // Not std::shuffle: what that does is each library's own.  No bit stays where it is
  // (Sattolo), since what stays is not found.
  for (int i = kBits - 1; i > 0; i--)
    std::swap(bits[i], bits[(*random)() % static_cast<uint64_t>(i)]);
  return bits;
}

void MoveMasks(const std::vector<Enumerator*>& group, size_t variant, std::mt19937_64* random) {
  const Permutation bits = Shuffle(random);
  for (Enumerator* enumerator : group)
    enumerator->values[variant] = Permute(bits, enumerator->values[0]);
}

// The numbers of bits, and how many there are.
void MoveBits(const std::vector<Enumerator*>& group, size_t variant, std::mt19937_64* random) {
  const Permutation bits = Shuffle(random);
  for (Enumerator* enumerator : group) {
    const int64_t value = enumerator->values[0];
    const bool last = enumerator->name == kLastBit;
    const int64_t free = kMostLastBit + 1 - static_cast<int64_t>(variant);
    if (last && value < free - 1) enumerator->values[variant] = free;
    if (!last && value >= 0 && value < kBits) enumerator->values[variant] = bits[value];
  }
}

// Above all of the group's own, in steps that leave room for the lowest bits of another.
int64_t Above(const std::vector<Enumerator*>& group, std::mt19937_64* random) {
  const int64_t start =
      group.back()->values[0] + 1 + static_cast<int64_t>((*random)() % kMostStart);
  return (start | kLowBits) + 1;
}

// Larger ones, in the reverse order, and each of the lowest bits another than the true one's:
// what bit operations make of a number is not what additions do, then.
void MoveUp(const std::vector<Enumerator*>& group, size_t variant, std::mt19937_64* random) {
  int64_t above = Above(group, random);
  for (auto at = group.rbegin(); at != group.rend(); ++at) {
    (*at)->values[variant] = above | (~(*at)->values[0] & kLowBits);
    above += (kLowBits + 1) * (1 + static_cast<int64_t>((*random)() % kMostSteps));
  }
}

// Every second one to a half of what it is, the others above all.
void MoveDown(const std::vector<Enumerator*>& group, size_t variant, size_t first,
              std::mt19937_64* random) {
  int64_t above = Above(group, random), least = 0;
  for (size_t i = 0; i < group.size(); i++) {
    if (i % 2 == first) {
      least = std::max(least, group[i]->values[0] / 2);
      group[i]->values[variant] = least++;
    } else {
      group[i]->values[variant] = above;
      above += 1 + static_cast<int64_t>((*random)() % (kLowBits * kMostSteps));
    }
  }
}

// No two of the group are one in any variant, also where two have the same true value.
void MoveNumbers(const std::vector<Enumerator*>& all, size_t variant, std::mt19937_64* random) {
  std::vector<Enumerator*> group;
  for (Enumerator* each : all)
    if (each->values[0] >= 0 && each->values[0] <= kMostValue) group.push_back(each);
  if (group.empty()) return;
  std::stable_sort(group.begin(), group.end(), [](const Enumerator* a, const Enumerator* b) {
    return a->values[0] < b->values[0];
  });
  if (variant == 1)
    MoveUp(group, variant, random);
  else
    MoveDown(group, variant, variant % 2, random);
}

}  // namespace

bool Enumerator::IsBit() const { return name.starts_with("___GFP_") && name.ends_with("_BIT"); }

int64_t Enumerator::Least() const {
  return is_flag || IsBit() ? 0 : *std::min_element(values.begin(), values.end());
}

int64_t Enumerator::Greatest() const {
  return is_flag || IsBit() ? std::numeric_limits<int32_t>::max()
                            : *std::max_element(values.begin(), values.end());
}

std::vector<Enumerator> EnumeratorsOf(const std::vector<std::string>& lines) {
  constexpr std::string_view kType = "pub type ";
  // Names of types, and what they stand for.
  std::map<std::string, std::string> types;
  for (const std::string& line : lines)
    if (const size_t equals = line.find(" = "); line.starts_with(kType) && equals != line.npos)
      types[line.substr(kType.size(), equals - kType.size())] =
          line.substr(equals + 3, line.size() - equals - 4);
  std::vector<Enumerator> all;
  for (size_t i = 0; i < lines.size(); i++) {
    Line line;
    if (!Parse(lines[i], &line)) continue;
    const auto type = types.find(line.type);
    if (type == types.end()) continue;
    Enumerator enumerator;
    enumerator.is_word =
        std::find(std::begin(kWords), std::end(kWords), type->second) != std::end(kWords);
    enumerator.constant = line.name;
    enumerator.type = line.type;
    enumerator.unnamed = line.type.find("_bindgen_ty_") != line.type.npos;
    if (!enumerator.unnamed && !line.name.starts_with(line.type + "_")) continue;
    enumerator.name = enumerator.unnamed ? line.name : line.name.substr(line.type.size() + 1);
    enumerator.values.fill(line.value);
    enumerator.line = i;
    all.push_back(std::move(enumerator));
  }
  for (auto& [type, group] : GroupsOf(&all))
    if (IsMasks(group))
      for (Enumerator* each : group) each->is_flag = true;
  return all;
}

void ReadValues(const std::vector<std::string>& lines, size_t index,
                std::vector<Enumerator>* enumerators) {
  std::map<std::string, int64_t> values;
  for (const std::string& each : lines)
    if (Line line; Parse(each, &line)) values[line.name] = line.value;
  for (Enumerator& enumerator : *enumerators)
    if (auto found = values.find(enumerator.constant); found != values.end())
      enumerator.values[index + 1] = found->second;
}

void ChooseValues(std::vector<Enumerator>* enumerators) {
  std::mt19937_64 random(kSeed);
  for (auto& [type, group] : GroupsOf(enumerators))
    for (size_t variant = 1; variant <= kEnumeratorVariants.size(); variant++) {
      const bool bits = std::any_of(group.begin(), group.end(),
                                    [](const Enumerator* each) { return each->IsBit(); });
      auto move = bits ? MoveBits : group[0]->is_flag ? MoveMasks : MoveNumbers;
      move(group, variant, &random);
    }
}

std::vector<DerivedConstant> DerivedConstantsOf(const std::vector<std::string>& lines,
                                                const std::vector<Enumerator>& enumerators) {
  std::map<int64_t, const Enumerator*> bits;
  const Enumerator* last = nullptr;
  for (const Enumerator& enumerator : enumerators) {
    if (enumerator.name == kLastBit) last = &enumerator;
    if (enumerator.IsBit() && &enumerator != last) bits[enumerator.values[0]] = &enumerator;
  }
  std::vector<DerivedConstant> all;
  for (size_t i = 0; i < lines.size(); i++) {
    Line line;
    if (!Parse(lines[i], &line) || line.type != "gfp_t") continue;
    // include/linux/gfp_types.h: BIT(___GFP_X_BIT), and sums of them; include/linux/xarray.h:
    // XA_FLAGS_MARK(mark) is 1 << (__GFP_BITS_SHIFT + mark), and that is ___GFP_LAST_BIT.
    const bool is_mask = line.name.starts_with("GFP_") || line.name.starts_with("__GFP_");
    const bool has_marks = line.name.starts_with("XA_FLAGS_") && last != nullptr;
    if (!is_mask && !has_marks) continue;
    DerivedConstant derived{line.name, {}, {}, i};
    for (int bit = 0; bit < kBits; bit++) {
      if ((line.value >> bit & 1) == 0) continue;
      const auto named = bits.find(bit);
      const bool is_mark = has_marks && bit >= last->values[0];
      const Enumerator* from = is_mark                          ? last
                               : is_mask && named != bits.end() ? named->second
                                                                : nullptr;
      if (from != nullptr) derived.enumerators.push_back(from->name);
      for (size_t v = 0; v < derived.values.size(); v++)
        derived.values[v] |= int64_t{1}
                             << (bit + (from == nullptr ? 0 : from->values[v] - from->values[0]));
    }
    all.push_back(std::move(derived));
  }
  return all;
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string MoveEnumerators(const std::string& text, size_t index) {
  std::vector<std::string> lines = LinesOf(text);
  std::vector<Enumerator> enumerators = EnumeratorsOf(lines);
  ChooseValues(&enumerators);
  auto write = [&](size_t line, const EnumeratorValues& values) {
    std::string& old = lines[line];
    old = old.substr(0, old.find(" = ") + 3) + std::to_string(values[index + 1]) + ";";
  };
  for (const DerivedConstant& derived : DerivedConstantsOf(lines, enumerators))
    write(derived.line, derived.values);
  for (const Enumerator& enumerator : enumerators) write(enumerator.line, enumerator.values);
  std::string moved;
  for (const std::string& line : lines) moved += line + "\n";
  return moved;
}

}  // namespace race::build
