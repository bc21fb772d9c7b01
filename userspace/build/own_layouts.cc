// SPDX-License-Identifier: GPL-2.0-only
#include "build/own_layouts.h"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/DebugInfo.h>

#include <algorithm>
#include <numeric>

namespace race::build {
namespace {

// How deep own types are looked into, and at how many places of one type.
constexpr int kMostNesting = 12;
constexpr size_t kMostPlaces = 4096;

// The crate whose types C has: "bindings", in whatever module of it.
bool IsOfBindings(const llvm::DIType& type) {
  const llvm::DIScope* scope = type.getScope();
  if (scope == nullptr) return false;
  while (scope->getScope() != nullptr) scope = scope->getScope();
  auto* space = llvm::dyn_cast<llvm::DINamespace>(scope);
  return space != nullptr && (space->getName() == "bindings" || space->getName() == "uapi");
}

// Through members and aliases to the type itself; nullptr for a pointer and the like.
const llvm::DIType* Plain(const llvm::DIType* type) {
  while (auto* derived = llvm::dyn_cast_if_present<llvm::DIDerivedType>(type)) {
    const unsigned tag = derived->getTag();
    if (tag != llvm::dwarf::DW_TAG_member && tag != llvm::dwarf::DW_TAG_typedef) return type;
    type = derived->getBaseType();
  }
  return type;
}

TypeInVariants Plain(const TypeInVariants& types) {
  TypeInVariants plain;
  for (const llvm::DIType* type : types) plain.push_back(Plain(type));
  return plain;
}

uint64_t ElementsOf(const llvm::DICompositeType& type) {
  uint64_t count = 1;
  for (const llvm::DINode* node : type.getElements())
    if (auto* range = llvm::dyn_cast<llvm::DISubrange>(node))
      if (auto* number = llvm::dyn_cast_if_present<llvm::ConstantInt*>(range->getCount()))
        count *= number->getZExtValue();
  return count;
}

bool AllSame(const std::vector<int64_t>& values) {
  return std::all_of(values.begin(), values.end(), [&](int64_t v) { return v == values[0]; });
}

int64_t Bytes(uint64_t bits) { return static_cast<int64_t>(bits / 8); }

// A variant part among the elements of an enum; nullptr when it is none.
const llvm::DICompositeType* VariantPart(const llvm::DICompositeType& type) {
  for (const llvm::DINode* node : type.getElements())
    if (auto* part = llvm::dyn_cast<llvm::DICompositeType>(node))
      if (part->getTag() == llvm::dwarf::DW_TAG_variant_part) return part;
  return nullptr;
}

std::string NameOf(const llvm::DIType& type) {
  const llvm::DIScope* scope = &type;
  while (scope != nullptr && scope->getName().empty()) scope = scope->getScope();
  return scope == nullptr ? "(unnamed)" : scope->getName().str();
}

}  // namespace

OwnLayouts::OwnLayouts(const std::vector<llvm::Module*>& variants, const Sdk& sdk)
    : sdk_(sdk), variants_(variants.size()) {
  for (VariantUse use : {VariantUse::kSolve, VariantUse::kHeldOut})
    for (size_t v = 0; v < kVariantCount; v++)
      if (kVariants[v].use == use) order_.push_back(v);
  for (size_t a = 0; a < sdk.atoms.size(); a++) {
    if (sdk.atoms[a].field.empty()) sizes_[sdk.atoms[a].aggregate] = a;
    fields_[{sdk.atoms[a].aggregate, sdk.atoms[a].field}] = a;
  }
  for (const llvm::Module* module : variants) types_.push_back(TypesOf(*module));
  for (const auto& [identifier, first] : types_[0]) {
    const TypeInVariants type = Everywhere(first);
    if (!type.empty() && first->getTag() != llvm::dwarf::DW_TAG_variant_part)
      AddNumbers(NameOf(*first), identifier, type);
  }
}

OwnLayouts::TypesByIdentifier OwnLayouts::TypesOf(const llvm::Module& module) {
  llvm::DebugInfoFinder finder;
  finder.processModule(module);
  TypesByIdentifier types;
  for (const llvm::DIType* type : finder.types())
    if (auto* composite = llvm::dyn_cast<llvm::DICompositeType>(type))
      if (!composite->getIdentifier().empty())
        types.emplace(composite->getIdentifier().str(), composite);
  return types;
}

namespace {

const llvm::DIDerivedType* MemberOf(const llvm::DIType* type, std::string_view name) {
  auto* composite = llvm::dyn_cast_if_present<llvm::DICompositeType>(Plain(type));
  if (composite == nullptr) return nullptr;
  for (const llvm::DINode* node : composite->getElements())
    if (auto* member = llvm::dyn_cast<llvm::DIDerivedType>(node);
        member != nullptr && std::string_view(member->getName()) == name)
      return member;
  return nullptr;
}

}  // namespace

std::optional<int64_t> OwnLayouts::ValueIn(const TypesByIdentifier& types,
                                           const OwnNumber& number) {
  auto root = types.find(number.root);
  if (root == types.end()) return std::nullopt;
  if (number.path.empty()) return Bytes(root->second->getSizeInBits());
  const llvm::DIType* type = root->second;
  int64_t place = 0;
  for (const std::string& name : number.path) {
    std::string_view rest = name;
    auto* composite = llvm::dyn_cast_if_present<llvm::DICompositeType>(Plain(type));
    if (composite == nullptr) return std::nullopt;
    // Of an enum, "variant.member".
    if (const llvm::DICompositeType* part = VariantPart(*composite)) {
      const size_t dot = rest.find('.');
      if (dot == rest.npos) return std::nullopt;
      const llvm::DIDerivedType* variant = MemberOf(part, rest.substr(0, dot));
      if (variant == nullptr) return std::nullopt;
      type = variant->getBaseType();
      rest.remove_prefix(dot + 1);
    }
    const llvm::DIDerivedType* member = MemberOf(type, rest);
    if (member == nullptr) return std::nullopt;
    place += Bytes(member->getOffsetInBits());
    type = member->getBaseType();
  }
  return place;
}

TypeInVariants OwnLayouts::Everywhere(const llvm::DIType* first) const {
  auto* composite = llvm::dyn_cast_if_present<llvm::DICompositeType>(Plain(first));
  if (composite == nullptr) return {};
  if (composite->getTag() == llvm::dwarf::DW_TAG_array_type) return {};
  TypeInVariants all;
  for (const auto& types : types_) {
    auto found = types.find(composite->getIdentifier().str());
    if (found == types.end()) return {};
    all.push_back(found->second);
  }
  return all;
}

std::vector<int64_t> OwnLayouts::Values(const Expression& e) const {
  std::vector<int64_t> values;
  for (size_t v = 0; v < variants_; v++)
    values.push_back(Evaluate(
        e, [&](size_t atom) { return static_cast<int64_t>(sdk_.atoms[atom].values[order_[v]]); }));
  return values;
}

bool OwnLayouts::Holds(const Expression& e, const std::vector<int64_t>& values) const {
  return Values(e) == values;
}

const OwnLayout& OwnLayouts::Of(const TypeInVariants& type) {
  const TypeInVariants plain = Plain(type);
  if (auto known = layouts_.find(plain[0]); known != layouts_.end()) return known->second;
  // Ends a cycle, of which there is none by value.
  layouts_[plain[0]].sizes.assign(variants_, 0);
  return layouts_[plain[0]] = Compute(plain);
}

OwnLayout OwnLayouts::Compute(const TypeInVariants& type) {
  OwnLayout layout;
  for (const llvm::DIType* one : type)
    layout.sizes.push_back(one == nullptr ? 0 : Bytes(one->getSizeInBits()));
  layout.moves = !AllSame(layout.sizes);
  layout.align = type[0] == nullptr ? 1 : std::max<uint64_t>(1, type[0]->getAlignInBits() / 8);
  auto* composite = llvm::dyn_cast_if_present<llvm::DICompositeType>(type[0]);
  const bool alike = std::all_of(type.begin(), type.end(), [&](const llvm::DIType* one) {
    auto* other = llvm::dyn_cast_if_present<llvm::DICompositeType>(one);
    return (other == nullptr) == (composite == nullptr) &&
           (composite == nullptr || (other->getTag() == composite->getTag() &&
                                     other->getAlignInBits() == composite->getAlignInBits()));
  });
  if (!alike) return layout;
  if (composite == nullptr) {
    if (!layout.moves) layout.size = Expression{layout.sizes[0], {}};
    return layout;
  }
  const std::string name = composite->getName().str();
  if (IsOfBindings(*composite) && sizes_.contains(name)) {
    ComputeKernel(type, name, &layout);
    return layout;
  }
  switch (composite->getTag()) {
    case llvm::dwarf::DW_TAG_array_type:
      ComputeArray(type, &layout);
      break;
    case llvm::dwarf::DW_TAG_structure_type:
    case llvm::dwarf::DW_TAG_union_type:
      if (VariantPart(*composite) != nullptr)
        ComputeEnum(type, &layout);
      else
        ComputeAggregate(type, &layout);
      break;
    default:
      if (!layout.moves) layout.size = Expression{layout.sizes[0], {}};
  }
  if (layout.size && !Holds(*layout.size, layout.sizes)) layout.size.reset();
  return layout;
}

// A C type: its size on the target is what the target says.  What holds it aligns it as the
// driver does, which may be more than the target asks for.
void OwnLayouts::ComputeKernel(const TypeInVariants& type, const std::string& name,
                               OwnLayout* layout) {
  const size_t atom = sizes_.at(name);
  layout->kernel = atom;
  layout->moves = true;
  layout->align = std::max<uint64_t>(layout->align, sdk_.atoms[atom].align);
  const bool raised = layout->align > sdk_.atoms[atom].align;
  layout->size = Expression{0, {{atom, 1, raised ? static_cast<uint32_t>(layout->align) : 0, {}}}};
  ReadMembers(type, &layout->members);
}

void OwnLayouts::ComputeArray(const TypeInVariants& type, OwnLayout* layout) {
  uint64_t count = 0;
  for (const llvm::DIType* one : type) {
    auto* array = llvm::cast<llvm::DICompositeType>(one);
    if (one != type[0] && ElementsOf(*array) != count) return;
    count = ElementsOf(*array);
    layout->element.push_back(array->getBaseType());
  }
  layout->count = count;
  const OwnLayout& element = Of(layout->element);
  layout->moves |= element.moves && count != 0;
  layout->align = std::max(layout->align, element.align);
  if (element.size && count <= INT32_MAX)
    layout->size = Add(Expression{}, *element.size, static_cast<int64_t>(count));
  if (layout->moves) counts_.insert(count);
}

// The members of one type in all variants; false when they are not the same.
bool OwnLayouts::ReadMembers(const TypeInVariants& type, std::vector<OwnMember>* members) {
  for (size_t v = 0; v < type.size(); v++) {
    size_t index = 0;
    for (const llvm::DINode* node : llvm::cast<llvm::DICompositeType>(type[v])->getElements()) {
      auto* member = llvm::dyn_cast<llvm::DIDerivedType>(node);
      if (member == nullptr || member->isStaticMember() ||
          member->getTag() != llvm::dwarf::DW_TAG_member)
        continue;
      if (v == 0) members->push_back({member->getName().str(), {}, {}, std::nullopt});
      if (index >= members->size() || (*members)[index].name != member->getName()) return false;
      (*members)[index].type.push_back(member->getBaseType());
      (*members)[index].places.push_back(Bytes(member->getOffsetInBits()));
      index++;
    }
    if (index != members->size()) return false;
  }
  return true;
}

// Works out the places of members that follow one another, and says where the last one ends.
// None: they do not lie as the rules say.  `tag`: of an enum, whose place is known.
std::optional<Expression> OwnLayouts::Chain(uint64_t align, std::vector<OwnMember>* members,
                                            const OwnMember* tag) {
  struct Item {
    OwnMember* member;
    std::vector<int64_t> sizes;
    const OwnLayout* layout;
  };
  std::vector<Item> items;
  std::vector<Item> empty;
  OwnMember tag_copy;
  if (tag != nullptr) tag_copy = *tag;
  auto add = [&](OwnMember* member) {
    const OwnLayout& layout = Of(member->type);
    const bool none = std::all_of(layout.sizes.begin(), layout.sizes.end(),
                                  [](int64_t size) { return size == 0; });
    (none ? empty : items).push_back({member, layout.sizes, &layout});
  };
  for (OwnMember& member : *members) add(&member);
  if (tag != nullptr) add(&tag_copy);
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return a.member->places[0] < b.member->places[0];
  });
  Expression end;
  std::vector<Expression> boundaries = {end};
  bool explained = true;
  for (size_t i = 0; i < items.size() && explained; i++) {
    const Item& item = items[i];
    // One behind the other in every variant.
    for (size_t v = 0; i > 0 && v < variants_; v++)
      explained &= items[i - 1].member->places[v] + items[i - 1].sizes[v] <= item.member->places[v];
    if (!explained || !item.layout->size) return std::nullopt;
    Expression place = RoundUp(end, std::min(item.layout->align, align), sdk_.atoms);
    if (item.member->place) place = *item.member->place;
    if (!Holds(place, item.member->places)) return std::nullopt;
    boundaries.push_back(place);
    item.member->place = place;
    end = Add(place, *item.layout->size);
    boundaries.push_back(end);
  }
  if (!explained) return std::nullopt;
  // What takes no room lies somewhere between the others.
  for (const Item& item : empty)
    for (const Expression& boundary : boundaries)
      if (Expression place = RoundUp(boundary, std::min(item.layout->align, align), sdk_.atoms);
          Holds(place, item.member->places)) {
        item.member->place = place;
        break;
      }
  return end;
}

void OwnLayouts::ComputeAggregate(const TypeInVariants& type, OwnLayout* layout) {
  if (!ReadMembers(type, &layout->members)) return;
  for (const OwnMember& member : layout->members)
    layout->moves |= !AllSame(member.places) || Of(member.type).moves;
  if (!layout->moves) {
    layout->size = Expression{layout->sizes[0], {}};
    for (OwnMember& member : layout->members) member.place = Expression{member.places[0], {}};
    return;
  }
  if (llvm::cast<llvm::DICompositeType>(type[0])->getTag() == llvm::dwarf::DW_TAG_union_type) {
    layout->overlaps = true;
    // The largest member gives the size, the same one in all variants.
    std::optional<Expression> largest;
    std::vector<int64_t> sizes(variants_, 0);
    for (OwnMember& member : layout->members) {
      if (std::any_of(member.places.begin(), member.places.end(), [](int64_t p) { return p != 0; }))
        return;
      member.place = Expression{};
      const OwnLayout& inner = Of(member.type);
      bool larger = true;
      for (size_t v = 0; v < variants_; v++) larger &= inner.sizes[v] >= sizes[v];
      if (!larger) continue;
      sizes = inner.sizes;
      largest = inner.size;
    }
    if (largest) layout->size = RoundUp(*largest, layout->align, sdk_.atoms);
    return;
  }
  if (std::optional<Expression> end = Chain(layout->align, &layout->members, nullptr))
    layout->size = RoundUp(*end, layout->align, sdk_.atoms);
}

// Whether a place is one within the member, in every variant.
bool OwnLayouts::LiesIn(const OwnMember& member, const std::vector<int64_t>& at) {
  const OwnLayout& inner = Of(member.type);
  for (size_t v = 0; v < variants_; v++) {
    const int64_t within = at[v] - member.places[v];
    if (within < 0 || within >= inner.sizes[v]) return false;
  }
  return true;
}

void OwnLayouts::ComputeEnum(const TypeInVariants& type, OwnLayout* layout) {
  layout->overlaps = true;
  std::vector<const llvm::DICompositeType*> parts;
  OwnMember tag;
  for (const llvm::DIType* one : type) {
    parts.push_back(VariantPart(*llvm::cast<llvm::DICompositeType>(one)));
    if (parts.back() == nullptr) return;
    const llvm::DIDerivedType* discriminator = parts.back()->getDiscriminator();
    if (discriminator == nullptr) continue;
    tag.type.push_back(discriminator->getBaseType());
    tag.places.push_back(Bytes(discriminator->getOffsetInBits()));
  }
  std::vector<OwnMember> variants;
  if (!ReadMembers({parts.begin(), parts.end()}, &variants)) return;
  for (const OwnMember& variant : variants) {
    for (const llvm::DIType* one : variant.type)
      if (!llvm::isa_and_present<llvm::DICompositeType>(one)) return;
    std::vector<OwnMember> members;
    if (!ReadMembers(variant.type, &members)) return;
    for (const OwnMember& member : members)
      layout->moves |= !AllSame(member.places) || Of(member.type).moves;
  }
  if (!layout->moves) {
    layout->size = Expression{layout->sizes[0], {}};
    layout->overlaps = true;
    return;
  }
  const bool tagged = tag.places.size() == variants_;
  std::optional<Expression> largest;
  std::vector<int64_t> ends(variants_, -1);
  // The variant that the tag lies in comes first: it says where that is.
  for (int pass = 0; pass < 2; pass++)
    for (OwnMember& variant : variants) {
      std::vector<OwnMember> members;
      ReadMembers(variant.type, &members);
      const bool around =
          tagged && std::any_of(members.begin(), members.end(), [&](const OwnMember& member) {
            return LiesIn(member, tag.places);
          });
      if (around != (pass == 0)) continue;
      if (!around && tagged && !tag.place) {
        if (!AllSame(tag.places)) return;
        tag.place = Expression{tag.places[0], {}};
      }
      std::optional<Expression> end =
          Chain(layout->align, &members, around || !tagged ? nullptr : &tag);
      if (!end) return;
      if (around && !tag.place)
        for (const OwnMember& member : members) {
          if (!LiesIn(member, tag.places)) continue;
          std::vector<int64_t> at = tag.places;
          for (size_t v = 0; v < variants_; v++) at[v] -= member.places[v];
          if (const std::optional<Expression> place = PlaceIn(member.type, at))
            tag.place = Add(*member.place, *place);
        }
      for (OwnMember& member : members) {
        member.name = variant.name + "." + member.name;
        layout->members.push_back(member);
      }
      const std::vector<int64_t> values = Values(*end);
      bool larger = true;
      for (size_t v = 0; v < variants_; v++) larger &= values[v] >= ends[v];
      if (!larger) continue;
      ends = values;
      largest = end;
    }
  if (largest) layout->size = RoundUp(*largest, layout->align, sdk_.atoms);
}

std::optional<Expression> OwnLayouts::PlaceIn(const TypeInVariants& type,
                                              const std::vector<int64_t>& at, int depth) {
  if (AllSame(at) && at[0] == 0) return Expression{};
  if (depth > kMostNesting || type.empty()) return std::nullopt;
  const OwnLayout layout = Of(type);  // a copy: others may come while it is used
  if (!layout.moves) {
    if (!AllSame(at)) return std::nullopt;
    return Expression{at[0], {}};
  }
  if (at == layout.sizes) return layout.size;
  if (layout.count != 0) {
    const OwnLayout element = Of(layout.element);
    std::vector<int64_t> rest;
    int64_t index = -1;
    for (size_t v = 0; v < variants_; v++) {
      if (element.sizes[v] == 0) return std::nullopt;
      const int64_t here = at[v] / element.sizes[v];
      if ((index != -1 && here != index) || here >= static_cast<int64_t>(layout.count))
        return std::nullopt;
      index = here;
      rest.push_back(at[v] % element.sizes[v]);
    }
    std::optional<Expression> inner = PlaceIn(layout.element, rest, depth + 1);
    if (!inner || !element.size) return std::nullopt;
    return Add(*inner, *element.size, index);
  }
  // Which members it may lie in; where they overlap, all must say the same.
  std::optional<Expression> found;
  for (const OwnMember& member : layout.members) {
    const OwnLayout inner = Of(member.type);
    std::vector<int64_t> rest;
    for (size_t v = 0; v < variants_; v++) rest.push_back(at[v] - member.places[v]);
    bool within = true;
    for (size_t v = 0; v < variants_; v++)
      within &= rest[v] >= 0 && (rest[v] < inner.sizes[v] || (rest[v] == 0 && inner.sizes[v] == 0));
    if (!within) continue;
    std::optional<Expression> place = PlaceOf(layout, member);
    std::optional<Expression> deeper = PlaceIn(member.type, rest, depth + 1);
    if (!place || !deeper) continue;
    const Expression whole = Add(*place, *deeper);
    if (!Holds(whole, at)) continue;
    if (found && *found != whole && LinearPart(*found) != LinearPart(whole)) return std::nullopt;
    if (!found) found = whole;
  }
  return found;
}

std::optional<Expression> OwnLayouts::PlaceOf(const OwnLayout& layout,
                                              const OwnMember& member) const {
  if (!layout.kernel) return member.place;
  if (IsPadding(member)) return std::nullopt;
  auto atom = fields_.find({sdk_.atoms[*layout.kernel].aggregate, member.name});
  if (atom != fields_.end()) return Expression{0, {{atom->second, 1, 0, {}}}};
  if (AllSame(member.places)) return Expression{member.places[0], {}};
  return std::nullopt;
}

// What moves in one of the program's own types.
void OwnLayouts::AddNumbers(const std::string& name, const std::string& identifier,
                            const TypeInVariants& type) {
  const OwnLayout layout = Of(type);
  if (!layout.moves || layout.kernel) return;
  if (layout.size) {
    if (!AllSame(layout.sizes))
      numbers_.push_back({name, identifier, {}, *layout.size, layout.sizes});
  } else {
    unexplained_.emplace(layout.sizes, "the size of " + name);
  }
  size_t left = kMostPlaces;
  AddPlaces(type, {name, identifier, {}, {}, std::vector<int64_t>(variants_, 0)}, 0, &left);
}

void OwnLayouts::AddPlaces(const TypeInVariants& type, const OwnNumber& at, int depth,
                           size_t* left) {
  const OwnLayout layout = Of(type);
  if (layout.kernel || !layout.moves || depth > kMostNesting) return;
  for (const OwnMember& member : layout.members) {
    if (*left == 0) return;
    --*left;
    std::vector<int64_t> places = at.values;
    for (size_t v = 0; v < variants_; v++) places[v] += member.places[v];
    const std::string what = at.what + "." + member.name;
    if (!member.place) {
      if (!AllSame(places)) unexplained_.emplace(places, what);
      continue;
    }
    OwnNumber number{what, at.root, at.path, Add(at.expression, *member.place), places};
    number.path.push_back(member.name);
    if (!AllSame(places)) numbers_.push_back(number);
    AddPlaces(member.type, number, depth + 1, left);
  }
}

}  // namespace race::build
