// SPDX-License-Identifier: GPL-2.0-only
#include "build/embedded_types.h"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/DebugProgramInstruction.h>
#include <llvm/IR/InstIterator.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "build/adapter.h"

namespace race::build {
namespace {

bool InBindings(const llvm::DIType* type) {
  for (const llvm::DIScope* scope = type->getScope(); scope != nullptr; scope = scope->getScope())
    if (auto* space = llvm::dyn_cast<llvm::DINamespace>(scope))
      if (space->getName() == "bindings") return true;
  return false;
}

// "inner::Deep<Own>" of the type Deep<CRATE::Own> in the module `inner` of CRATE.
std::string Path(const llvm::DICompositeType& type, const std::string& crate) {
  std::string path = type.getName().str();
  for (const llvm::DIScope* scope = type.getScope(); scope != nullptr; scope = scope->getScope())
    path = scope->getName().str() + "::" + path;
  const std::string own = crate + "::";
  for (size_t at = path.find(own); at != path.npos; at = path.find(own, at)) {
    bool whole = at == 0 || !(std::isalnum(static_cast<unsigned char>(path[at - 1])) ||
                              path[at - 1] == '_' || path[at - 1] == ':');
    if (whole)
      path.erase(at, own.size());
    else
      at += own.size();
  }
  return path;
}

class Walker {
 public:
  Walker(const Sdk& sdk, const std::string& crate) : crate_(crate) {
    for (const LayoutAtom& atom : sdk.atoms)
      if (atom.field.empty()) sizes_[atom.aggregate] = &atom;
  }

  // What lies in a type, and where it ends.
  struct Extent {
    std::map<std::string, uint64_t> kernel;  // name -> how many times
    uint64_t end = 0;                        // bytes, under the first variant
  };

  const Extent& Visit(const llvm::DIType* type) {
    static const Extent nothing;
    if (type == nullptr) return nothing;
    if (auto known = extents_.find(type); known != extents_.end()) return known->second;
    extents_[type] = Extent{{}, type->getSizeInBits() / 8};  // ends a cycle
    return extents_[type] = Compute(type);
  }

  EmbeddedTypes result;
  std::optional<Error> problem;

 private:
  Extent Compute(const llvm::DIType* type) {
    Extent extent{{}, type->getSizeInBits() / 8};
    if (auto* derived = llvm::dyn_cast<llvm::DIDerivedType>(type)) {
      unsigned tag = derived->getTag();
      if (tag == llvm::dwarf::DW_TAG_member || tag == llvm::dwarf::DW_TAG_typedef)
        return Visit(derived->getBaseType());
      return extent;
    }
    auto* composite = llvm::dyn_cast<llvm::DICompositeType>(type);
    if (composite == nullptr) return extent;
    if (InBindings(composite)) {
      std::string name = composite->getName().str();
      if (sizes_.count(name) != 0) {
        extent.kernel[name] = 1;
        aligns_[name] = std::max<uint64_t>(composite->getAlignInBits() / 8, sizes_.at(name)->align);
        result.held.insert(name);
      }
      return extent;
    }
    if (composite->getTag() == llvm::dwarf::DW_TAG_array_type) {
      Extent element = Visit(composite->getBaseType());
      uint64_t count = 1;
      for (const llvm::DINode* node : composite->getElements())
        if (auto* range = llvm::dyn_cast<llvm::DISubrange>(node))
          if (auto* number = llvm::dyn_cast_if_present<llvm::ConstantInt*>(range->getCount()))
            count *= number->getZExtValue();
      for (auto& [name, times] : element.kernel) extent.kernel[name] = times * count;
      return extent;
    }
    result.own.insert(Path(*composite, crate_));
    bool overlap = composite->getTag() == llvm::dwarf::DW_TAG_union_type ||
                   composite->getTag() == llvm::dwarf::DW_TAG_variant_part;
    std::vector<Extent> members;
    for (const llvm::DINode* node : composite->getElements()) {
      auto* member = llvm::dyn_cast<llvm::DIType>(node);
      if (member == nullptr) continue;
      auto* derived = llvm::dyn_cast<llvm::DIDerivedType>(member);
      if (derived != nullptr && derived->isStaticMember()) continue;
      Extent inner = overlap ? Occupied(member) : Visit(member);
      inner.end +=
          member->getTag() == llvm::dwarf::DW_TAG_member ? derived->getOffsetInBits() / 8 : 0;
      members.push_back(std::move(inner));
    }
    if (overlap) CheckOverlap(*composite, members);
    for (const Extent& member : members)
      for (const auto& [name, times] : member.kernel) {
        uint64_t& mine = extent.kernel[name];
        mine = overlap ? std::max(mine, times) : mine + times;
      }
    return extent;
  }

  // A variant of an enum is said to be as large as the enum: what it really
  // takes is where its last member ends.
  Extent Occupied(const llvm::DIType* member) {
    Extent extent = Visit(member);
    auto* derived = llvm::dyn_cast<llvm::DIDerivedType>(member);
    auto* variant = derived == nullptr
                        ? nullptr
                        : llvm::dyn_cast_if_present<llvm::DICompositeType>(derived->getBaseType());
    if (variant == nullptr || InBindings(variant) ||
        variant->getTag() != llvm::dwarf::DW_TAG_structure_type)
      return extent;
    extent.end = 0;
    for (const llvm::DINode* node : variant->getElements())
      if (auto* field = llvm::dyn_cast<llvm::DIDerivedType>(node))
        extent.end = std::max<uint64_t>(
            extent.end, field->getOffsetInBits() / 8 + Visit(field->getBaseType()).end);
    return extent;
  }

  // The part of an extent that no kernel type takes.
  uint64_t Own(const Extent& extent) const {
    uint64_t end = extent.end;
    for (const auto& [name, times] : extent.kernel)
      end -= std::min(end, times * sizes_.at(name)->values[0]);
    return end;
  }

  // One of the members must be the largest under every layout.
  void CheckOverlap(const llvm::DICompositeType& type, const std::vector<Extent>& members) {
    const Extent* largest = nullptr;
    for (const Extent& member : members)
      if (!member.kernel.empty() && (largest == nullptr || member.end > largest->end))
        largest = &member;
    if (largest == nullptr || problem) return;
    for (const Extent& member : members) {
      if (&member == largest || member.end == 0) continue;
      Extent rest = *largest;  // without what both hold
      bool contained =
          std::all_of(member.kernel.begin(), member.kernel.end(), [&](const auto& held) {
            auto same = rest.kernel.find(held.first);
            if (same == rest.kernel.end() || same->second < held.second) return false;
            same->second -= held.second;
            return true;
          });
      if (!contained) {
        problem = Fail(Code::kShapeDiffers)
                  << "type " << Name(type) << ": two kernel types ("
                  << largest->kernel.begin()->first << " and " << member.kernel.begin()->first
                  << ") share its place, and which of them is larger depends on the kernel";
        return;
      }
      uint64_t own = Own(*largest), other = Own(member);
      if (other <= own) continue;
      uint64_t missing = other - own;
      for (const auto& [name, times] : rest.kernel) {
        if (times == 0) continue;
        // The room that it has is a multiple of its alignment.
        const uint64_t unit = aligns_.at(name);
        const uint64_t least = ((missing + times - 1) / times + unit - 1) / unit * unit;
        if (least > unit) Raise(type, name, least - unit + 1);
        missing = 0;
        break;
      }
      if (missing != 0) Impossible(type, largest->kernel.begin()->first, other - own);
    }
  }

  void Raise(const llvm::DICompositeType& type, const std::string& name, uint64_t least) {
    if (sizes_.at(name)->true_value < least) return Impossible(type, name, least);
    result.least[name] = std::max(result.least[name], least);
  }

  void Impossible(const llvm::DICompositeType& type, const std::string& name, uint64_t least) {
    problem = Fail(Code::kShapeDiffers)
              << "type " << Name(type) << ": " << name << " shares its place with something that "
              << "is larger on the base kernel and smaller under other layouts (it would have to "
              << "have " << least << " bytes at least)";
  }

  static std::string Name(const llvm::DICompositeType& type) {
    const llvm::DIScope* scope = &type;
    while (scope != nullptr && scope->getName().empty()) scope = scope->getScope();
    return scope == nullptr ? "(unnamed)" : scope->getName().str();
  }

  const std::string& crate_;
  std::map<std::string, const LayoutAtom*> sizes_;
  std::map<std::string, uint64_t> aligns_;  // bytes, in the program
  std::map<const llvm::DIType*, Extent> extents_;
};

void VisitFunction(const llvm::Function& function, Walker* walker) {
  if (const llvm::DISubprogram* subprogram = function.getSubprogram()) {
    if (subprogram->getType() != nullptr)
      for (const llvm::DIType* type : subprogram->getType()->getTypeArray()) walker->Visit(type);
    for (const llvm::DITemplateParameter* parameter : subprogram->getTemplateParams())
      walker->Visit(parameter->getType());
  }
  for (const llvm::Instruction& instruction : llvm::instructions(function))
    for (const llvm::DbgVariableRecord& record :
         llvm::filterDbgVars(instruction.getDbgRecordRange()))
      walker->Visit(record.getVariable()->getType());
}

}  // namespace

Result<EmbeddedTypes> FindEmbeddedTypes(const llvm::Module& first, const Sdk& sdk,
                                        const std::string& crate) {
  Walker walker(sdk, crate);
  // Adapters have no types of their own.
  for (const llvm::Function& function : first)
    if (AdapterOf(function) == nullptr) VisitFunction(function, &walker);
  for (const llvm::GlobalVariable& variable : first.globals()) {
    llvm::SmallVector<llvm::DIGlobalVariableExpression*, 1> expressions;
    variable.getDebugInfo(expressions);
    for (const llvm::DIGlobalVariableExpression* expression : expressions)
      walker.Visit(expression->getVariable()->getType());
  }
  if (walker.problem) return *walker.problem;
  return walker.result;
}

std::set<std::string> TypesHeldIn(const llvm::Function& function, const Sdk& sdk,
                                  const std::string& crate) {
  Walker walker(sdk, crate);
  VisitFunction(function, &walker);
  return walker.result.held;
}

}  // namespace race::build
