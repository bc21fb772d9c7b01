// SPDX-License-Identifier: GPL-2.0-only
#include "build/layout_alias.h"

#include <llvm/IR/Operator.h>

namespace race::build {
namespace {

struct Address {
  const llvm::Value* base = nullptr;
  Expression offset;
};

Address TakeApart(const llvm::Value* pointer, const Meaning& meaning) {
  Address address{pointer, {}};
  while (auto* gep = llvm::dyn_cast<llvm::GEPOperator>(address.base)) {
    if (gep->getNumIndices() != 1 || !gep->getSourceElementType()->isIntegerTy(8)) break;
    std::optional<Expression> index = meaning(gep->getOperand(1));
    if (!index) break;
    address.offset = Add(address.offset, *index);
    address.base = gep->getPointerOperand();
  }
  return address;
}

// The bytes that are accessed at most, if they are known.
std::optional<int64_t> Extent(const llvm::MemoryLocation& location) {
  if (!location.Size.hasValue() || location.Size.isScalable()) return std::nullopt;
  uint64_t bytes = location.Size.getValue().getFixedValue();
  if (bytes > INT32_MAX) return std::nullopt;
  return static_cast<int64_t>(bytes);
}

}  // namespace

llvm::AnalysisKey LayoutAliasAnalysis::Key;

llvm::AliasResult LayoutAliasResult::alias(const llvm::MemoryLocation& a,
                                           const llvm::MemoryLocation& b, llvm::AAQueryInfo&,
                                           const llvm::Instruction*) {
  std::optional<int64_t> a_bytes = Extent(a), b_bytes = Extent(b);
  if (!a_bytes || !b_bytes) return llvm::AliasResult::MayAlias;
  Address left = TakeApart(a.Ptr, meaning_), right = TakeApart(b.Ptr, meaning_);
  if (left.base != right.base) return llvm::AliasResult::MayAlias;
  Expression distance = Add(right.offset, left.offset, -1);
  if (!distance.terms.empty()) return llvm::AliasResult::MayAlias;
  bool apart =
      distance.constant >= 0 ? distance.constant >= *a_bytes : -distance.constant >= *b_bytes;
  return apart ? llvm::AliasResult::NoAlias : llvm::AliasResult::MayAlias;
}

}  // namespace race::build
