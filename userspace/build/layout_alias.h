// SPDX-License-Identifier: GPL-2.0-only
//
// Alias analysis for addresses with layout symbols in them.  LLVM's own compares
// numbers: that `size(mutex) + 8` and `size(mutex) + 16` from the same base are
// eight bytes apart is beyond it.
#pragma once

#include <llvm/Analysis/AliasAnalysis.h>
#include <llvm/IR/PassManager.h>

#include <functional>
#include <optional>

#include "build/solver.h"

namespace race::build {

// What an integer of the module stands for, if it is known.
using Meaning = std::function<std::optional<Expression>(const llvm::Value*)>;

class LayoutAliasResult : public llvm::AAResultBase {
 public:
  explicit LayoutAliasResult(Meaning meaning) : meaning_(std::move(meaning)) {}
  // Accesses do not overlap when they have the same base and their offsets differ
  // by a number, on every target the same, that is large enough.  Hiding the base's
  // is how LLVM has these written.
  // NOLINTNEXTLINE(bugprone-derived-method-shadowing-base-method)
  llvm::AliasResult alias(const llvm::MemoryLocation& a, const llvm::MemoryLocation& b,
                          llvm::AAQueryInfo& query, const llvm::Instruction* context);
  // It holds whatever passes change: it looks at the two addresses only.
  bool invalidate(llvm::Function&, const llvm::PreservedAnalyses&,
                  llvm::FunctionAnalysisManager::Invalidator&) {
    return false;
  }

 private:
  Meaning meaning_;
};

class LayoutAliasAnalysis : public llvm::AnalysisInfoMixin<LayoutAliasAnalysis> {
 public:
  using Result = LayoutAliasResult;
  explicit LayoutAliasAnalysis(Meaning meaning) : meaning_(std::move(meaning)) {}
  Result run(llvm::Function&, llvm::FunctionAnalysisManager&) { return Result(meaning_); }

 private:
  friend llvm::AnalysisInfoMixin<LayoutAliasAnalysis>;
  static llvm::AnalysisKey Key;
  Meaning meaning_;
};

}  // namespace race::build
