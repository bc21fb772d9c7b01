// SPDX-License-Identifier: GPL-2.0-only
//
// Two compilations of the same code, instruction by instruction.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "build/disassembler.h"

namespace race::build {

// An object and its code.
struct Compilation {
  Compilation(const elf::Object& object, std::vector<CodeFunction> functions);

  const elf::Object* object;
  std::vector<CodeFunction> functions;  // without what only aligns them
};

enum class PairKind {
  kIdentical,  // the same instruction in as many bytes
  kWidth,      // the same, its displacement or immediate in more or fewer bytes
  kOnlyLeft,
  kOnlyRight,
};

struct InstructionPair {
  PairKind kind = PairKind::kIdentical;
  const CodeInstruction* left = nullptr;
  const CodeInstruction* right = nullptr;
};

struct FunctionComparison {
  std::string name;                     // as in the symbol table
  const CodeFunction* left = nullptr;   // nullptr: only the other one has it
  const CodeFunction* right = nullptr;  // likewise
  std::vector<InstructionPair> pairs;   // in order

  size_t Count(PairKind kind) const;
  bool SameInstructions() const {
    return Count(PairKind::kOnlyLeft) == 0 && Count(PairKind::kOnlyRight) == 0;
  }
};

// Functions by name, in the order of `left`.  Branches are the same when they
// lead to instructions that are; addresses of data without a name when the data
// begin with the same bytes, wherever they lie.  The result points into both.
std::vector<FunctionComparison> Compare(const Compilation& left, const Compilation& right);

// Totals, one line per function, and every instruction that only one side has,
// beside the other side's.
void Print(const std::vector<FunctionComparison>& functions, const std::string& left_title,
           const std::string& right_title, std::ostream& out);

}  // namespace race::build
