// SPDX-License-Identifier: GPL-2.0-only
#include "build/c_layouts.h"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/DebugInfo.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <vector>

#include "build/rust_text.h"
#include "support/file.h"

namespace race::build {
namespace {

constexpr uint64_t kMostAlign = 16;  // bytes, of a number

// Size and alignment in bytes, as C has them on the base kernel and as drivers have them.
struct BothWays {
  uint64_t size = 0, align = 1;
  uint64_t raised_size = 0, raised_align = 1;
  bool same = true;  // what lies in it is at the same places
};

uint64_t Up(uint64_t value, uint64_t align) { return (value + align - 1) / align * align; }

// The outermost scope's name: a type's crate.
std::string CrateOf(const llvm::DIType& type) {
  const llvm::DIScope* scope = type.getScope();
  while (scope != nullptr && scope->getScope() != nullptr) scope = scope->getScope();
  return scope == nullptr ? "" : scope->getName().str();
}

class Rules {
 public:
  explicit Rules(const Sdk& sdk) {
    for (const LayoutAtom& atom : sdk.atoms)
      if (atom.field.empty()) sizes_[atom.aggregate] = &atom;
  }

  const BothWays& Of(const llvm::DIType* type) {
    static const BothWays nothing;
    if (type == nullptr) return nothing;
    if (auto known = known_.find(type); known != known_.end()) return known->second;
    known_[type] = Plain(type->getSizeInBits() / 8, 1);  // ends a cycle
    return known_[type] = Compute(*type);
  }

 private:
  static BothWays Plain(uint64_t size, uint64_t align) { return {size, align, size, align, true}; }

  BothWays Compute(const llvm::DIType& type) {
    const uint64_t size = type.getSizeInBits() / 8;
    if (auto* derived = llvm::dyn_cast<llvm::DIDerivedType>(&type)) {
      const unsigned tag = derived->getTag();
      if (tag == llvm::dwarf::DW_TAG_member || tag == llvm::dwarf::DW_TAG_typedef)
        return Of(derived->getBaseType());
    }
    auto* composite = llvm::dyn_cast<llvm::DICompositeType>(&type);
    if (composite == nullptr) return Plain(size, std::clamp<uint64_t>(size, 1, kMostAlign));
    if (CrateOf(type) == "bindings") return OfKernel(*composite);
    if (composite->getTag() == llvm::dwarf::DW_TAG_array_type) return OfArray(*composite);
    return OfMembers(*composite);
  }

  BothWays OfKernel(const llvm::DICompositeType& type) {
    const uint64_t size = type.getSizeInBits() / 8;
    const uint64_t align = std::max<uint64_t>(type.getAlignInBits() / 8, 1);
    auto moves = sizes_.find(type.getName().str());
    if (moves == sizes_.end()) return Plain(size, align);
    const LayoutAtom& atom = *moves->second;
    // What is in it lies where the kernel has it.
    return {atom.true_value, atom.align, Up(atom.true_value, align), align, true};
  }

  BothWays OfArray(const llvm::DICompositeType& type) {
    BothWays element = Of(type.getBaseType());
    uint64_t count = 1;
    for (const llvm::DINode* node : type.getElements())
      if (auto* range = llvm::dyn_cast<llvm::DISubrange>(node))
        if (auto* number = llvm::dyn_cast_if_present<llvm::ConstantInt*>(range->getCount()))
          count *= number->getZExtValue();
    element.same = element.same && (count < 2 || element.size == element.raised_size);
    element.size *= count;
    element.raised_size *= count;
    return element;
  }

  // By C's rules, in the order in which they lie.  Of a type that is not C's the order may be
  // another one without locks; then nobody shares it with C.
  BothWays OfMembers(const llvm::DICompositeType& type) {
    std::vector<const llvm::DIDerivedType*> members;
    BothWays all;
    for (const llvm::DINode* node : type.getElements()) {
      auto* member = llvm::dyn_cast<llvm::DIDerivedType>(node);
      if (member != nullptr && !member->isStaticMember() &&
          member->getTag() == llvm::dwarf::DW_TAG_member)
        members.push_back(member);
      // An enum's variants overlap, each after the tag.
      if (auto* part = llvm::dyn_cast<llvm::DICompositeType>(node)) Overlap(Of(part), &all);
    }
    const bool overlap = type.getTag() == llvm::dwarf::DW_TAG_union_type ||
                         type.getTag() == llvm::dwarf::DW_TAG_variant_part;
    std::stable_sort(members.begin(), members.end(), [](const auto* a, const auto* b) {
      return a->getOffsetInBits() < b->getOffsetInBits();
    });
    for (const llvm::DIDerivedType* member : members) {
      const BothWays& one = Of(member);
      if (overlap)
        Overlap(one, &all);
      else
        Append(one, &all);
    }
    // repr(align) of its own.
    const uint64_t align = type.getAlignInBits() / 8;
    if (align > all.raised_align) all.align = all.raised_align = align;
    all.size = Up(all.size, all.align);
    all.raised_size = Up(all.raised_size, all.raised_align);
    return all;
  }

  static void Overlap(const BothWays& one, BothWays* all) {
    all->same = all->same && one.same;
    all->align = std::max(all->align, one.align);
    all->raised_align = std::max(all->raised_align, one.raised_align);
    all->size = std::max(all->size, one.size);
    all->raised_size = std::max(all->raised_size, one.raised_size);
  }

  static void Append(const BothWays& one, BothWays* all) {
    const uint64_t at = Up(all->size, one.align);
    const uint64_t raised_at = Up(all->raised_size, one.raised_align);
    all->same = all->same && one.same && at == raised_at;
    all->align = std::max(all->align, one.align);
    all->raised_align = std::max(all->raised_align, one.raised_align);
    all->size = at + one.size;
    all->raised_size = raised_at + one.raised_size;
  }

  std::map<std::string, const LayoutAtom*> sizes_;
  std::map<const llvm::DIType*, BothWays> known_;
};

// "Chan" of "Chan<T>".
std::string WithoutArguments(const std::string& name) { return name.substr(0, name.find('<')); }

}  // namespace

std::map<std::string, std::string> DeclaredReprC(const std::set<std::string>& sources) {
  // What comes after the attribute: others, and the words in front of the name.
  static const std::regex declared(
      R"(\brepr\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)[^;{}]*?\b(?:struct|union|enum)\s+(\$|[A-Za-z_]\w*))");
  static const std::regex is_c(R"(\bC\b)");
  std::map<std::string, std::string> types;
  for (const std::string& path : sources) {
    const Result<std::string> text = ReadFile(path);
    if (!text) continue;
    const std::string plain = WithoutComments(*text);
    for (std::sregex_iterator match(plain.begin(), plain.end(), declared), end; match != end;
         ++match) {
      if (!std::regex_search((*match)[1].first, (*match)[1].second, is_c)) continue;
      const auto line = std::count(plain.begin(), plain.begin() + match->position(2), '\n') + 1;
      types.emplace((*match)[2],
                    std::filesystem::path(path).filename().string() + ":" + std::to_string(line));
    }
  }
  return types;
}

Status CheckCLayouts(const llvm::Module& first, const Sdk& sdk, const std::string& crate,
                     const std::map<std::string, std::string>& declared) {
  if (declared.empty()) return Ok{};
  Rules rules(sdk);
  llvm::DebugInfoFinder finder;
  finder.processModule(first);
  for (const llvm::DIType* type : finder.types()) {
    if (!llvm::isa<llvm::DICompositeType>(type) || CrateOf(*type) != crate) continue;
    auto place = declared.find(WithoutArguments(type->getName().str()));
    if (place == declared.end()) place = declared.find("$");
    if (place == declared.end()) continue;
    const BothWays& layout = rules.Of(type);
    if (layout.same && layout.size == layout.raised_size) continue;
    return Fail(Code::kShapeDiffers)
           << place->second << ": " << type->getName().str() << " is repr(C), and a lock in it is "
           << "aligned to less than 8 bytes by C, and to 8 by drivers on every kernel: C has "
           << layout.size << " bytes for it on the base kernel, the driver " << layout.raised_size
           << "\n  place its locks and what follows them at multiples of 8 bytes, or leave out "
           << "repr(C)";
  }
  return Ok{};
}

}  // namespace race::build
