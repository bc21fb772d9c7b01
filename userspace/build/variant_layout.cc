// SPDX-License-Identifier: GPL-2.0-only
#include "build/variant_layout.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <random>

namespace race::build {
namespace {

constexpr int kTries = 400;
// A fixed seed: the same kernel tree gives the same SDK.
constexpr uint64_t kSeed = 0x52414345;

// What tells two atoms apart: the differences to the first variant, so that a
// constant added to an atom does not make it another one.
using Key = std::vector<int64_t>;

Key KeyOf(const std::vector<uint64_t>& values) {
  Key key;
  for (size_t v = 1; v < kVariantCount; v++)
    if (kVariants[v].use == VariantUse::kSolve)
      key.push_back(static_cast<int64_t>(values[v]) - static_cast<int64_t>(values[0]));
  return key;
}

// Members that bindgen adds and C does not have.  The storage unit of bit fields,
// `_bitfield_1`, is none: C's bit fields tell its place.
bool Artificial(const std::string& field) {
  return field.starts_with("__bindgen_padding_") || field.starts_with("_bitfield_align_") ||
         field == "bindgen_union_field";
}

bool IsPowerOfTwo(uint64_t value) { return value != 0 && (value & (value - 1)) == 0; }

// rustc orders the fields of its own structs by the largest power of two that
// divides a field's size.  A size keeps the same remainder in all solving
// variants, and so do the sizes of the driver's own types around it: their order
// stays the same, and they move linearly with the kernel types that they embed.
// Gaps are alike in all variants too, so that nothing fits into one in one variant only.
constexpr uint64_t kModulus = 1024;

constexpr uint64_t kTwoWords = 16;  // bytes

// A padding has a mark at each end where it is made of units of 8 bytes, so that code
// that copies paddings is known (whole_copy.h): a number that no kernel code has, a
// double, and two floats for the beginning of a struct.
constexpr uint64_t kMarkedUnit = 8;   // bytes
constexpr uint64_t kLeastMarked = 3;  // units
constexpr const char* kFirstMark = "__RacePadFirst";
// An array of any length, which has the traits that derive() asks of fields.
constexpr const char* kArray = "__RacePad";

// bindgen's functions for bit fields name their storage units.
bool MayLeaveOut(const Field& field) { return !field.name.starts_with("_bitfield_"); }

bool SizeFits(const VariantPlan& plan, uint64_t size, uint64_t true_size, uint64_t align) {
  if (plan.form == VariantForm::kPowersOfTwo) return IsPowerOfTwo(size);
  uint64_t unit = std::max<uint64_t>(align, 1);
  uint64_t modulus = std::max(kModulus, 2 * unit);
  uint64_t remainder = (true_size + unit - 1) / unit * unit % modulus;
  if (size % modulus != remainder) return false;
  return remainder != 0 || (size / modulus) % 2 == 1;
}

class Chooser {
 public:
  Chooser(const Bindings& bindings, const std::set<std::string>& frozen,
          const std::set<FieldName>* needed, const std::vector<KernelLayouts>& like)
      : bindings_(bindings),
        frozen_(frozen),
        needed_(needed),
        like_(like),
        true_engine_(bindings),
        raised_engine_(bindings),
        random_(kSeed),
        near_random_(kSeed) {
    RaiseAlignments(bindings, frozen, &raised_engine_);
    for (size_t v = 0; v < kVariantCount; v++) {
      layouts_.engines.emplace_back(bindings);
      RaiseAlignments(bindings, frozen, &layouts_.engines.back());
    }
  }

  VariantLayouts Choose() {
    for (const Aggregate& aggregate : bindings_.aggregates) Visit(aggregate);
    return std::move(layouts_);
  }

 private:
  // Members by value first: a type's numbers depend on theirs.
  void Visit(const Aggregate& aggregate) {
    if (!visited_.insert(aggregate.name).second || aggregate.incomplete) return;
    for (const Field& field : aggregate.fields)
      if (const Aggregate* inner = ContainedAggregate(bindings_, field.type)) Visit(*inner);
    if (!MayPad(aggregate) || frozen_.count(aggregate.name) != 0) {
      Record(Atoms(aggregate));
      return;
    }
    if (needed_ != nullptr) Shrink(&layouts_.engines[kSmallVariant], aggregate);
    size_t kernel = 0;
    for (size_t v = 0; v < kVariantCount; v++)
      if (kVariants[v].form == VariantForm::kLike) FollowOrNear(v, kernel++, aggregate);
    for (int attempt = 0; attempt < kTries; attempt++) {
      for (size_t v = 0; v < kVariantCount; v++)
        if (kVariants[v].form != VariantForm::kSmall && kVariants[v].form != VariantForm::kLike)
          Draw(v, aggregate);
      std::vector<LayoutAtom> atoms = Atoms(aggregate);
      if (attempt + 1 < kTries && !Distinct(atoms)) continue;
      Record(std::move(atoms));
      return;
    }
  }

  void Draw(size_t variant, const Aggregate& aggregate) {
    const VariantPlan& plan = kVariants[variant];
    LayoutEngine& engine = layouts_.engines[variant];
    Padding padding;
    size_t slots = 1;
    if (!aggregate.is_union && !aggregate.fields.empty()) slots = aggregate.fields.size() + 1;
    uint64_t unit = engine.Unit(aggregate);
    // Room for the marks at both ends of a padding.
    uint64_t least = unit == kMarkedUnit ? kLeastMarked : 1;
    for (size_t i = 0; i < slots; i++)
      padding.before.push_back(least + random_() % plan.most_units);
    if (aggregate.is_union) {
      // The padding of a union is a member of its own, larger than all others.
      uint64_t largest = engine.UnpaddedSize(aggregate);
      padding.before[0] += (largest + unit - 1) / unit;
    }
    // Whole blocks first, so that sizes differ widely; then up to the remainder.
    padding.before.back() += random_() % plan.most_blocks * (kModulus / unit);
    uint64_t true_size = true_engine_.Of(aggregate).size;
    for (uint64_t step = 0; step < 4 * kModulus; step++) {
      engine.Set(aggregate, padding);
      const Layout& layout = engine.Of(aggregate);
      if (SizeFits(plan, layout.size, true_size, layout.align)) return;
      uint64_t next = 1;
      if (plan.form == VariantForm::kPowersOfTwo) {
        uint64_t goal = 1;
        while (goal <= layout.size) goal *= 2;
        next = std::max<uint64_t>(1, (goal - layout.size) / unit);
      }
      padding.before.back() += next;
    }
  }

  // Without what nobody names.  What is larger than two words stays so: such a
  // value goes through memory, a smaller one through registers.
  void Shrink(LayoutEngine* engine, const Aggregate& aggregate) {
    if (true_engine_.Of(aggregate).size <= kTwoWords) return;
    Padding small;
    small.before.assign(aggregate.is_union ? 1 : aggregate.fields.size() + 1, 0);
    for (size_t i = 0; i < aggregate.fields.size(); i++)
      if (MayLeaveOut(aggregate.fields[i]) &&
          needed_->count({aggregate.name, aggregate.fields[i].name}) == 0)
        small.left_out.insert(i);
    engine->Set(aggregate, small);
    uint64_t size = engine->Of(aggregate).size, unit = engine->Unit(aggregate);
    if (size > kTwoWords) return;
    // In a union the padding is a member beside the others.
    small.before.back() = (kTwoWords - (aggregate.is_union ? 0 : size)) / unit + 1;
    engine->Set(aggregate, small);
  }

  // As the kernel of that number has it, where one is given and knows the type; else with
  // some paddings here and there.
  void FollowOrNear(size_t variant, size_t kernel, const Aggregate& aggregate) {
    LayoutEngine* engine = &layouts_.engines[variant];
    const KnownLayout* known = nullptr;
    if (kernel < like_.size())
      if (auto found = like_[kernel].find(aggregate.name); found != like_[kernel].end())
        known = &found->second;
    if (known != nullptr || kernel < like_.size())
      Follow(engine, aggregate, known == nullptr ? KnownLayout{} : *known);
    else
      Near(engine, aggregate, kVariants[variant].most_units);
  }

  void Follow(LayoutEngine* engine, const Aggregate& aggregate, const KnownLayout& known) {
    const uint64_t unit = engine->Unit(aggregate);
    const bool is_struct = !aggregate.is_union && !aggregate.fields.empty();
    Padding padding;
    padding.before.assign(is_struct ? aggregate.fields.size() + 1 : 1, 0);
    auto layout = [&]() -> const Layout& {
      engine->Set(aggregate, padding);
      return engine->Of(aggregate);
    };
    for (size_t i = 0; is_struct && i < aggregate.fields.size(); i++) {
      auto place = known.offsets.find(aggregate.fields[i].name);
      if (place == known.offsets.end()) continue;
      if (const uint64_t now = layout().offsets[i]; place->second > now)
        padding.before[i] = (place->second - now) / unit;
    }
    // The padding of a union is a member beside the others.
    const uint64_t size = layout().size;
    if (known.size > size) padding.before.back() = (known.size - (is_struct ? size : 0)) / unit;
    engine->Set(aggregate, padding);
  }

  void Near(LayoutEngine* engine, const Aggregate& aggregate, uint32_t most_units) {
    const bool is_struct = !aggregate.is_union && !aggregate.fields.empty();
    const uint64_t unit = engine->Unit(aggregate);
    Padding padding;
    for (size_t i = 0; i < (is_struct ? aggregate.fields.size() + 1 : 1); i++)
      padding.before.push_back(near_random_() % most_units);
    if (aggregate.is_union)
      padding.before[0] += (engine->UnpaddedSize(aggregate) + unit - 1) / unit;
    engine->Set(aggregate, std::move(padding));
  }

  std::vector<LayoutAtom> Atoms(const Aggregate& aggregate) {
    std::vector<LayoutAtom> atoms;
    const Layout& truth = true_engine_.Of(aggregate);
    const Layout& raised = raised_engine_.Of(aggregate);
    auto add = [&](std::string field, auto value) {
      LayoutAtom atom{aggregate.name, std::move(field), {},
                      value(truth),   truth.align,      value(raised)};
      for (LayoutEngine& engine : layouts_.engines)
        atom.values.push_back(value(engine.Of(aggregate)));
      bool moves = std::any_of(atom.values.begin(), atom.values.end(),
                               [&](uint64_t value) { return value != atom.values[0]; });
      if (moves) atoms.push_back(std::move(atom));
    };
    add("", [](const Layout& layout) { return layout.size; });
    for (size_t i = 0; i < aggregate.fields.size(); i++)
      if (!Artificial(aggregate.fields[i].name))
        add(aggregate.fields[i].name, [i](const Layout& layout) { return layout.offsets[i]; });
    return atoms;
  }

  bool Distinct(const std::vector<LayoutAtom>& atoms) {
    std::set<Key> own;
    for (const LayoutAtom& atom : atoms) {
      Key key = KeyOf(atom.values);
      if (std::all_of(key.begin(), key.end(), [](int64_t d) { return d == 0; })) return false;
      if (keys_.count(key) != 0 || !own.insert(key).second) return false;
    }
    return true;
  }

  void Record(std::vector<LayoutAtom> atoms) {
    for (LayoutAtom& atom : atoms) {
      auto [place, fresh] = keys_.emplace(KeyOf(atom.values), layouts_.atoms.size());
      if (!fresh) layouts_.indistinct.emplace_back(place->second, layouts_.atoms.size());
      layouts_.atoms.push_back(std::move(atom));
    }
  }

  const Bindings& bindings_;
  const std::set<std::string>& frozen_;
  const std::set<FieldName>* needed_;
  const std::vector<KernelLayouts>& like_;
  LayoutEngine true_engine_, raised_engine_;
  // One of its own: who knows no kernels draws the other variants like who does.
  std::mt19937_64 random_, near_random_;
  VariantLayouts layouts_;
  std::set<std::string> visited_;
  std::map<Key, size_t> keys_;
};

// A padding as fields, of which each type has the same number in every variant: a
// closure may hold a reference to each.  `first`: in front of a struct's first field.
std::string PaddingFields(size_t slot, uint64_t unit, uint64_t units, bool first) {
  std::string text;
  int part = 0;
  auto add = [&](const std::string& type) {
    text += "pub __race_pad_" + std::to_string(slot) + "_" + std::to_string(part++) + ": " + type +
            ", ";
  };
  const std::string nothing = "[u8; 0]";
  auto array = [&](uint64_t length) {
    return length == 0 ? nothing
                       : std::string(kArray) + "<u" + std::to_string(unit * 8) + ", " +
                             std::to_string(length) + ">";
  };
  const bool marked = unit == kMarkedUnit && units >= kLeastMarked;
  if (unit == kMarkedUnit) add(!marked ? nothing : first ? kFirstMark : "f64");
  add(array(marked ? units - 2 : units));
  if (unit == kMarkedUnit) add(marked ? "f64" : nothing);
  return text;
}

}  // namespace

bool MayPad(const Aggregate& aggregate) {
  return aggregate.repr_c && aggregate.packed == 0 && !aggregate.tuple && !aggregate.incomplete;
}

void RaiseAlignments(const Bindings& bindings, const std::set<std::string>& frozen,
                     LayoutEngine* engine) {
  for (const auto& [name, align] : kRaisedTypes)
    if (auto found = bindings.index.find(name);
        found != bindings.index.end() && frozen.count(name) == 0)
      if (const Aggregate& aggregate = bindings.aggregates[found->second]; MayPad(aggregate))
        engine->Raise(aggregate, align);
}

namespace {

// Pointers to data that a type is made of, up to three; -1 when one of its members is
// anything else.
int Pointers(const Bindings& bindings, const Aggregate& aggregate) {
  constexpr int kTooMany = 3;
  if (aggregate.is_union || aggregate.incomplete) return -1;
  int pointers = 0;
  for (const Field& field : aggregate.fields) {
    int inner = field.type.starts_with("*") ? 1 : -1;
    if (const Aggregate* member = ContainedAggregate(bindings, field.type))
      inner = Pointers(bindings, *member);
    if (inner < 0) return -1;
    pointers = std::min(pointers + inner, kTooMany);
  }
  return pointers;
}

}  // namespace

bool IsPointerOrPair(const Bindings& bindings, const Aggregate& aggregate) {
  int pointers = Pointers(bindings, aggregate);
  return MayPad(aggregate) && (pointers == 1 || pointers == 2);
}

namespace {

bool HoldsRaised(const Bindings& bindings, const Aggregate& aggregate) {
  for (const auto& [name, align] : kRaisedTypes)
    if (aggregate.name == name) return true;
  for (const Field& field : aggregate.fields)
    if (const Aggregate* inner = ContainedAggregate(bindings, field.type))
      if (HoldsRaised(bindings, *inner)) return true;
  return false;
}

// log2 of the chance that two of these values, taken at random, are the same.
double ChanceOfSame(const std::map<int64_t, uint64_t>& counts) {
  double same = 0, all = 0;
  for (const auto& [value, count] : counts) {
    same += static_cast<double>(count) * static_cast<double>(count - 1);
    all += static_cast<double>(count);
  }
  // Of no two that are the same it is not known how rare they are: as if there were two.
  return std::log2(std::max(same, 2.0) / (all * (all - 1)));
}

}  // namespace

bool IsTwoWordsOrLess(const Bindings& bindings, LayoutEngine* truth, const Aggregate& aggregate) {
  if (!MayPad(aggregate)) return false;
  const uint64_t size = truth->Of(aggregate).size;
  return size != 0 && size <= kTwoWords && !HoldsRaised(bindings, aggregate);
}

double ChanceOfWrongExplanation(const std::vector<LayoutAtom>& atoms) {
  double of_sizes = 0, of_fields = 0;
  for (size_t v = 1; v <= kLastHeldOut; v++) {
    if (kVariants[v].use == VariantUse::kShape) continue;
    // What is free in a size is whole blocks; what is free in a field's place is the way
    // from the field in front of it.
    std::map<int64_t, uint64_t> sizes, steps;
    for (size_t a = 0; a < atoms.size(); a++) {
      auto moved = [&](size_t atom) {
        return static_cast<int64_t>(atoms[atom].values[v] - atoms[atom].values[0]);
      };
      if (atoms[a].field.empty())
        sizes[moved(a)]++;
      else if (a > 0 && !atoms[a - 1].field.empty() && atoms[a - 1].aggregate == atoms[a].aggregate)
        steps[moved(a) - moved(a - 1)]++;
    }
    of_sizes += ChanceOfSame(sizes);
    of_fields += ChanceOfSame(steps);
  }
  return std::max(of_sizes, of_fields);
}

void CloseFrozen(const Bindings& bindings, std::set<std::string>* frozen) {
  std::vector<std::string> work(frozen->begin(), frozen->end());
  while (!work.empty()) {
    std::string name = work.back();
    work.pop_back();
    auto found = bindings.index.find(name);
    if (found == bindings.index.end()) continue;
    for (const Field& field : bindings.aggregates[found->second].fields)
      if (const Aggregate* inner = ContainedAggregate(bindings, field.type))
        if (frozen->insert(inner->name).second) work.push_back(inner->name);
  }
}

VariantLayouts ChooseLayouts(const Bindings& bindings, const std::set<std::string>& frozen,
                             const std::set<FieldName>* needed,
                             const std::vector<KernelLayouts>& like) {
  return Chooser(bindings, frozen, needed, like).Choose();
}

LayoutEngine TrueLayout(const Bindings& bindings, const LayoutEngine& padded) {
  LayoutEngine engine(bindings);
  for (const auto& [name, align] : padded.raised())
    engine.Raise(bindings.aggregates[bindings.index.find(name)->second], align);
  for (const auto& [name, padding] : padded.paddings()) {
    const Aggregate& aggregate = bindings.aggregates[bindings.index.find(name)->second];
    engine.Unit(aggregate);
    Padding none;
    none.before.assign(padding.before.size(), 0);
    engine.Set(aggregate, std::move(none));
  }
  return engine;
}

std::string RewriteBindings(const Bindings& bindings, const LayoutEngine& engine) {
  // Text to put in front of a line (a field), or instead of an empty body.
  std::map<size_t, std::string> before;
  std::map<size_t, std::string> instead;
  for (const auto& [name, padding] : engine.paddings()) {
    const Aggregate& aggregate = bindings.aggregates[bindings.index.find(name)->second];
    uint64_t unit = engine.KnownUnit(name);
    // An array of none keeps the alignment and what the type's traits ask of it.
    for (size_t i : padding.left_out) {
      const Field& field = aggregate.fields[i];
      for (size_t line = field.line; line <= field.last_line; line++) instead[line] = "";
      instead[field.line] = "    pub " + LeftOutName(field) + ": [" + field.type + "; 0],";
    }
    if (aggregate.fields.empty()) {
      if (padding.before[0] == 0) continue;
      instead[aggregate.first_line] =
          "pub struct " + name + " { " + PaddingFields(0, unit, padding.before[0], true) + "}";
      continue;
    }
    if (aggregate.is_union) {
      // One member, whatever its length: Default of a union needs no derive.
      if (padding.before[0] == 0) continue;
      before[aggregate.fields[0].line] = "pub __race_pad: [u" + std::to_string(unit * 8) + "; " +
                                         std::to_string(padding.before[0]) + "], ";
      continue;
    }
    before[aggregate.last_line] =
        PaddingFields(aggregate.fields.size(), unit, padding.before.back(), false);
    for (size_t i = 0; i < aggregate.fields.size(); i++)
      before[aggregate.fields[i].line] = PaddingFields(i, unit, padding.before[i], i == 0);
  }
  for (const auto& [name, align] : engine.raised())
    before[bindings.aggregates[bindings.index.find(name)->second].first_line] =
        "#[repr(align(" + std::to_string(align) + "))] ";
  std::string text;
  for (size_t i = 0; i < bindings.lines.size(); i++) {
    if (auto found = before.find(i); found != before.end()) text += found->second;
    auto found = instead.find(i);
    text += found != instead.end() ? found->second : bindings.lines[i];
    text += '\n';
  }
  // As bindgen writes its own types, of which derive() asks the same.  No line is
  // added.
  const bool zeroable = text.find("MaybeZeroable)]") != std::string::npos;
  if (text.ends_with('\n')) text.pop_back();
  text += std::string(" #[repr(C)] #[derive(Default, Copy, Clone") +
          (zeroable ? ", MaybeZeroable" : "") + ")] pub struct " + kFirstMark +
          " { pub a: f32, pub b: f32 }";
  const std::string array = std::string(kArray) + "<T, N>";
  text += std::string(" #[repr(C)] #[derive(Copy, Clone)] pub struct ") + kArray +
          "<T, const N: usize>(pub [T; N]);" + " impl<T, const N: usize> Default for " + array +
          " { fn default() -> Self { unsafe { ::core::mem::zeroed() } } }";
  if (zeroable)
    text += " unsafe impl<T: ::pin_init::Zeroable, const N: usize> ::pin_init::Zeroable for " +
            array + " {}";
  text += "\n";
  return text;
}

}  // namespace race::build
