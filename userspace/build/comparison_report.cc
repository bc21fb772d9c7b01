// SPDX-License-Identifier: GPL-2.0-only
#include <llvm/Demangle/Demangle.h>

#include <algorithm>
#include <iomanip>

#include "build/code_comparison.h"
#include "build/disassemble_command.h"

namespace race::build {
namespace {

constexpr int kColumn = 56;
constexpr size_t kContext = 1;  // instructions of both sides around a difference

uint64_t Bytes(const CodeFunction* function) {
  uint64_t bytes = 0;
  if (function != nullptr)
    for (const CodeInstruction& instruction : function->instructions) bytes += instruction.size;
  return bytes;
}
size_t Instructions(const CodeFunction* function) {
  return function == nullptr ? 0 : function->instructions.size();
}

using LabelMap = std::map<uint64_t, std::string>;
std::string Side(const CodeInstruction* instruction, const LabelMap& labels) {
  if (instruction == nullptr) return "";
  auto label = labels.find(instruction->offset);
  return (label == labels.end() ? "" : label->second + ": ") + Render(*instruction, labels);
}

void PrintLine(char sign, const std::string& left, const std::string& right, std::ostream& out) {
  out << "  " << sign << " " << std::left << std::setw(kColumn) << left << std::right << "| "
      << right << "\n";
}

bool Alone(PairKind kind) { return kind == PairKind::kOnlyLeft || kind == PairKind::kOnlyRight; }

// A run of instructions that only one side has, left beside right.
void PrintRun(const std::vector<InstructionPair>& run, const LabelMap& left, const LabelMap& right,
              std::ostream& out) {
  std::vector<const CodeInstruction*> lefts, rights;
  for (const InstructionPair& pair : run)
    (pair.left != nullptr ? lefts : rights)
        .push_back(pair.left != nullptr ? pair.left : pair.right);
  for (size_t i = 0; i < std::max(lefts.size(), rights.size()); i++)
    PrintLine('!', Side(i < lefts.size() ? lefts[i] : nullptr, left),
              Side(i < rights.size() ? rights[i] : nullptr, right), out);
}

void PrintDifferences(const FunctionComparison& function, std::ostream& out) {
  LabelMap left = function.left ? Labels(*function.left) : LabelMap();
  LabelMap right = function.right ? Labels(*function.right) : LabelMap();
  const auto& pairs = function.pairs;
  size_t shown = 0;
  for (size_t i = 0; i < pairs.size();) {
    if (!Alone(pairs[i].kind)) {
      i++;
      continue;
    }
    size_t end = i;
    std::vector<InstructionPair> run;
    while (end < pairs.size() && Alone(pairs[end].kind)) run.push_back(pairs[end++]);
    size_t first = std::max(shown, i < kContext ? 0 : i - kContext);
    if (first > shown) out << "    ...\n";
    for (size_t c = first; c < i; c++)
      PrintLine(' ', Side(pairs[c].left, left), Side(pairs[c].right, right), out);
    PrintRun(run, left, right, out);
    shown = end;
    for (; shown < std::min(pairs.size(), end + kContext) && !Alone(pairs[shown].kind); shown++)
      PrintLine(' ', Side(pairs[shown].left, left), Side(pairs[shown].right, right), out);
    i = end;
  }
}

}  // namespace

void Print(const std::vector<FunctionComparison>& functions, const std::string& left_title,
           const std::string& right_title, std::ostream& out) {
  struct Total {
    size_t functions = 0, instructions = 0;
  } identical, width, exception;
  size_t left = 0, right = 0, only_left = 0, only_right = 0;
  uint64_t left_bytes = 0, right_bytes = 0;
  out << std::right << std::setw(10) << left_title << std::setw(11) << right_title << std::setw(11)
      << "identical" << std::setw(7) << "width" << std::setw(12) << "exceptions"
      << "  function\n";
  for (const FunctionComparison& function : functions) {
    size_t same = function.Count(PairKind::kIdentical), wide = function.Count(PairKind::kWidth);
    size_t extra = function.Count(PairKind::kOnlyLeft),
           missing = function.Count(PairKind::kOnlyRight);
    (extra + missing != 0 ? exception : wide != 0 ? width : identical).functions++;
    identical.instructions += same;
    width.instructions += wide;
    only_left += extra;
    only_right += missing;
    left += Instructions(function.left);
    right += Instructions(function.right);
    left_bytes += Bytes(function.left);
    right_bytes += Bytes(function.right);
    std::string exceptions =
        extra + missing == 0 ? "-" : "-" + std::to_string(missing) + "+" + std::to_string(extra);
    out << std::setw(10) << Instructions(function.left) << std::setw(11)
        << Instructions(function.right) << std::setw(11) << same << std::setw(7) << wide
        << std::setw(12) << exceptions << "  " << llvm::demangle(function.name) << "\n";
  }
  out << "\nfunctions: " << functions.size() << ": " << identical.functions << " identical, "
      << width.functions << " differ in width only, " << exception.functions
      << " with exceptions\ninstructions: " << left << " " << left_title << ", " << right << " "
      << right_title << ": " << identical.instructions << " identical, " << width.instructions
      << " differ in width only, " << only_left << " only " << left_title << ", " << only_right
      << " only " << right_title << "\nbytes: " << left_bytes << " " << left_title << ", "
      << right_bytes << " " << right_title << "\n";
  for (const FunctionComparison& function : functions) {
    if (function.SameInstructions()) continue;
    out << "\n" << llvm::demangle(function.name) << "\n";
    PrintLine(' ', left_title, right_title, out);
    PrintDifferences(function, out);
  }
}

}  // namespace race::build
