// SPDX-License-Identifier: GPL-2.0-only
//
// Walks the same program compiled under several layouts, instruction by
// instruction, and collects every number that differs.
#pragma once

#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "build/static_image.h"
#include "support/result.h"

namespace race::build {

enum class SiteKind {
  kOperand,     // a constant among the operands of an instruction
  kGepStride,   // the element size of a getelementptr
  kAllocaSize,  // the size of a stack slot
};

// A number of the program that depends on a layout.
struct Site {
  SiteKind kind = SiteKind::kOperand;
  llvm::Instruction* instruction = nullptr;  // in the first module
  unsigned operand = 0;
  std::vector<unsigned> path;   // further operands, into a constant expression or aggregate
  std::vector<int64_t> values;  // one a module, sign-extended
};

// A static that is not the same in all modules; index 0 is the first module's.
using StaticMatch = std::vector<llvm::GlobalVariable*>;

struct MatchResult {
  std::vector<Site> sites;
  std::vector<StaticMatch> statics;
  size_t functions = 0;
  size_t instructions = 0;
};

// All modules must live in one context.  What differs but is no number makes an
// Error: kShapeDiffers (another instruction, another constant), kSignature
// (another function type), with the function and source line.
Result<MatchResult> MatchModules(const std::vector<llvm::Module*>& modules);

// What a driver that cannot be built is told, at the end of such a message; and the message
// without it, where the driver is built all the same.
extern const char* const kShapeAdvice;
std::string WithoutAdvice(const std::string& message);

// "file.rs:12" of an instruction, with the outermost inlined-at location, or the
// function's name when it has no debug location.
std::string SourceOf(const llvm::Instruction& instruction);

}  // namespace race::build
