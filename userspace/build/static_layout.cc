// SPDX-License-Identifier: GPL-2.0-only
#include "build/static_layout.h"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/DebugInfoMetadata.h>

#include <algorithm>

namespace race::build {
namespace {

// How deep a static's type is looked into, and how many elements of its arrays.
constexpr int kMostNesting = 24;
constexpr uint64_t kMostElements = 65536;

class Walker {
 public:
  Walker(const std::vector<StaticImage>& images, OwnLayouts* own) : images_(images), own_(own) {}

  // False: what has the contents of this place is not told.
  bool Visit(const TypeInVariants& type, const Expression& place,
             const std::vector<int64_t>& places, int depth) {
    const OwnLayout layout = own_->Of(type);
    if (IsEmpty(places, layout.sizes)) return true;
    if (depth > kMostNesting) return false;
    if (layout.count != 0) return VisitArray(layout, place, places, depth);
    if (layout.overlaps || IsUnion(type)) return VisitOverlap(layout, place, places, depth);
    if (layout.members.empty()) {
      if (layout.moves || !IsWithin(places, layout.sizes)) return false;
      parts.push_back({place, places, static_cast<uint64_t>(layout.sizes[0])});
      return true;
    }
    for (const OwnMember& member : layout.members) {
      if (layout.kernel && OwnLayouts::IsPadding(member)) continue;
      std::vector<int64_t> at = places;
      for (size_t v = 0; v < at.size(); v++) at[v] += member.places[v];
      if (IsEmpty(at, own_->Of(member.type).sizes)) continue;
      const std::optional<Expression> inner = own_->PlaceOf(layout, member);
      if (!inner || !Visit(member.type, Add(place, *inner), at, depth + 1)) return false;
    }
    return true;
  }

  // Whether there is nothing outside of the parts.
  bool IsWhole() const {
    for (size_t v = 0; v < images_.size(); v++) {
      std::string rest = images_[v].bytes;
      for (const StaticPart& part : parts)
        std::fill_n(rest.begin() + part.places[v], part.size, '\0');
      if (rest.find_first_not_of('\0') != rest.npos) return false;
    }
    return true;
  }

  std::vector<StaticPart> parts;

 private:
  static bool IsUnion(const TypeInVariants& type) {
    auto* composite = llvm::dyn_cast_if_present<llvm::DICompositeType>(type[0]);
    return composite != nullptr && composite->getTag() == llvm::dwarf::DW_TAG_union_type;
  }

  // Whether no image has anything but zeros there.
  bool IsEmpty(const std::vector<int64_t>& places, const std::vector<int64_t>& sizes) const {
    for (size_t v = 0; v < images_.size(); v++) {
      const std::string_view bytes = images_[v].bytes;
      if (places[v] < 0 || static_cast<uint64_t>(places[v]) > bytes.size()) continue;
      if (bytes.substr(places[v], sizes[v]).find_first_not_of('\0') != bytes.npos) return false;
    }
    return true;
  }

  bool IsWithin(const std::vector<int64_t>& places, const std::vector<int64_t>& sizes) const {
    for (size_t v = 0; v < images_.size(); v++)
      if (places[v] < 0 || sizes[v] < 0 ||
          static_cast<uint64_t>(places[v] + sizes[v]) > images_[v].bytes.size())
        return false;
    return true;
  }

  bool VisitArray(const OwnLayout& layout, const Expression& place,
                  const std::vector<int64_t>& places, int depth) {
    const OwnLayout element = own_->Of(layout.element);
    if (!IsWithin(places, layout.sizes)) return false;
    if (!layout.moves && element.members.empty() && element.count == 0) {
      parts.push_back({place, places, static_cast<uint64_t>(layout.sizes[0])});
      return true;
    }
    if (layout.count > kMostElements || !element.size) return false;
    for (uint64_t i = 0; i < layout.count; i++) {
      std::vector<int64_t> at = places;
      for (size_t v = 0; v < at.size(); v++) at[v] += static_cast<int64_t>(i) * element.sizes[v];
      if (!Visit(layout.element, Add(place, *element.size, static_cast<int64_t>(i)), at, depth + 1))
        return false;
    }
    return true;
  }

  // Of members that share one place, the only one that takes room; or all, when none of them
  // moves.
  bool VisitOverlap(const OwnLayout& layout, const Expression& place,
                    const std::vector<int64_t>& places, int depth) {
    if (!IsWithin(places, layout.sizes)) return false;
    if (!layout.moves) {
      parts.push_back({place, places, static_cast<uint64_t>(layout.sizes[0])});
      return true;
    }
    const OwnMember* only = nullptr;
    uint64_t largest = 0;
    bool moves = false;
    size_t count = 0;
    for (const OwnMember& member : layout.members) {
      if (OwnLayouts::IsPadding(member)) continue;
      const OwnLayout& inner = own_->Of(member.type);
      if (std::any_of(member.places.begin(), member.places.end(), [](int64_t p) { return p != 0; }))
        return false;
      if (std::all_of(inner.sizes.begin(), inner.sizes.end(), [](int64_t s) { return s == 0; }))
        continue;
      only = &member;
      count++;
      moves |= inner.moves;
      largest = std::max(largest, static_cast<uint64_t>(inner.sizes[0]));
    }
    if (count == 1) return Visit(only->type, place, places, depth + 1);
    if (moves || count == 0) return false;
    parts.push_back({place, places, largest});
    return true;
  }

  const std::vector<StaticImage>& images_;
  OwnLayouts* own_;
};

}  // namespace

TypeInVariants TypeOfStatic(const std::vector<llvm::GlobalVariable*>& variables) {
  TypeInVariants type;
  for (const llvm::GlobalVariable* variable : variables) {
    llvm::SmallVector<llvm::DIGlobalVariableExpression*, 1> described;
    variable->getDebugInfo(described);
    if (described.size() != 1) return {};
    type.push_back(described[0]->getVariable()->getType());
  }
  return type;
}

std::optional<std::vector<StaticPart>> PartsOfStatic(const TypeInVariants& type,
                                                     const std::vector<StaticImage>& images,
                                                     OwnLayouts* own) {
  if (type.empty()) return std::nullopt;
  const OwnLayout& whole = own->Of(type);
  for (size_t v = 0; v < images.size(); v++)
    if (whole.sizes[v] != static_cast<int64_t>(images[v].bytes.size())) return std::nullopt;
  Walker walker(images, own);
  if (!walker.Visit(type, Expression{}, std::vector<int64_t>(images.size(), 0), 0) ||
      !walker.IsWhole())
    return std::nullopt;
  return std::move(walker.parts);
}

}  // namespace race::build
