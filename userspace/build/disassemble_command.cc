// SPDX-License-Identifier: GPL-2.0-only
#include "build/disassemble_command.h"

#include <llvm/Demangle/Demangle.h>

#include <algorithm>
#include <iomanip>
#include <set>

#include "rcrate/rcrate_file.h"

namespace race::build {
namespace {

std::string WithAddend(const std::string& name, int64_t addend) {
  if (addend == 0) return name;
  uint64_t amount = addend < 0 ? 0 - static_cast<uint64_t>(addend) : static_cast<uint64_t>(addend);
  return name + (addend < 0 ? " - " : " + ") + std::to_string(amount);
}

std::string NameOf(const Reference& reference, const std::map<uint64_t, std::string>& labels) {
  switch (reference.kind) {
    case RefersTo::kLayout:
      return WithAddend(reference.name, reference.addend);
    case RefersTo::kLabel:
      return labels.at(reference.offset);
    case RefersTo::kData:
      return WithAddend(reference.name, static_cast<int64_t>(reference.offset));
    default:
      return WithAddend(llvm::demangle(reference.name), reference.addend);
  }
}

void ReplaceAll(std::string* text, const std::string& what, const std::string& with) {
  for (size_t at = 0; (at = text->find(what, at)) != std::string::npos; at += with.size())
    text->replace(at, what.size(), with);
}

// "mov rax, qword ptr [rdi]": the register says it already.  Elsewhere (movzx,
// shifts, immediates) the width is news.
void DropRedundantWidth(const std::string& mnemonic, std::string* operands) {
  static const std::set<std::string> kSameWidth = {"mov",  "add", "sub", "cmp", "and",
                                                   "or",   "xor", "adc", "sbb", "test",
                                                   "xchg", "lea", "bt",  "bts", "imul"};
  if (kSameWidth.count(mnemonic) == 0 && mnemonic.rfind("cmov", 0) != 0) return;
  size_t width = operands->find(" ptr ");
  size_t comma = operands->find(", ");
  if (width == std::string::npos || comma == std::string::npos) return;
  size_t start = width;
  while (start > 0 && std::isalpha(static_cast<unsigned char>((*operands)[start - 1]))) start--;
  std::string other =
      start == 0 ? operands->substr(operands->rfind(", ") + 2) : operands->substr(0, comma);
  bool is_register =
      !other.empty() && std::isalpha(static_cast<unsigned char>(other[0])) &&
      other.rfind("race_operand_", 0) != 0 &&
      std::all_of(other.begin(), other.end(), [](unsigned char c) { return std::isalnum(c); });
  if (is_register) operands->erase(start, width + 5 - start);
}

}  // namespace

std::map<uint64_t, std::string> Labels(const CodeFunction& function) {
  std::map<uint64_t, std::string> labels;
  for (const CodeInstruction& instruction : function.instructions)
    for (const Reference& reference : instruction.references)
      if (reference.kind == RefersTo::kLabel) labels[reference.offset];
  size_t number = 0;
  for (auto& [offset, label] : labels) label = "L" + std::to_string(++number);
  return labels;
}

std::string Render(const CodeInstruction& instruction,
                   const std::map<uint64_t, std::string>& labels) {
  size_t tab = instruction.text.find('\t');
  std::string mnemonic = instruction.text.substr(0, tab);
  std::string operands = tab == std::string::npos ? "" : instruction.text.substr(tab + 1);
  DropRedundantWidth(mnemonic, &operands);
  for (size_t i = 0; i < instruction.references.size(); i++) {
    const Reference& reference = instruction.references[i];
    std::string name = NameOf(reference, labels);
    // A layout constant is a number, not an address.
    if (reference.kind == RefersTo::kLayout) ReplaceAll(&operands, "offset " + Mark(i), name);
    ReplaceAll(&operands, Mark(i), name);
  }
  return operands.empty() ? mnemonic : mnemonic + " " + operands;
}

Status Disassemble(const std::string& path, std::ostream& out) {
  RACE_ASSIGN(file, rcrate::OpenRcrate(path));
  RACE_ASSIGN(disassembler, Disassembler::Make());
  Result<std::vector<CodeFunction>> functions = disassembler->Functions(file.object, &file.rcrate);
  if (!functions) return Error{functions.error().code, path + ": " + functions.error().message};
  std::string section;
  for (const CodeFunction& function : *functions) {
    if (function.section != section) {
      section = function.section;
      out << "Section " << section << "\n\n";
    }
    // objtool's room for a tracer, before each function.
    if (function.IsPadding()) continue;
    out << std::hex << std::setfill('0') << std::setw(8) << function.offset << std::dec << " "
        << (function.name.empty() ? "code without a name" : llvm::demangle(function.name)) << ":\n";
    std::map<uint64_t, std::string> labels = Labels(function);
    for (const CodeInstruction& instruction : function.instructions) {
      if (auto label = labels.find(instruction.offset); label != labels.end())
        out << label->second << ":\n";
      out << std::hex << std::setfill(' ') << std::setw(8) << instruction.offset << std::dec << "  "
          << Render(instruction, labels) << "\n";
    }
    out << "\n";
  }
  return Ok{};
}

}  // namespace race::build
