// SPDX-License-Identifier: GPL-2.0-only
//
// A relocatable object's code as instructions, through LLVM MC, in Intel syntax.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rcrate/elf_object.h"
#include "rcrate/model.h"
#include "support/result.h"

namespace race::build {

enum class RefersTo {
  kLayout,  // a layout constant: its expression
  kSymbol,  // a function or variable by name
  kData,    // a place in a section that no symbol names
  kLabel,   // a place in the same function
};

// What one operand refers to.
struct Reference {
  RefersTo kind = RefersTo::kSymbol;
  std::string name;  // kLayout: "size(mutex) + 40"; kSymbol: as in the symbol table
  int64_t addend = 0;
  elf::SectionId section = elf::SectionId::kUndefined;  // kData, kLabel
  uint64_t offset = 0;                                  // kData, kLabel: in the section
};

struct CodeInstruction {
  uint64_t offset = 0;  // in the section
  uint64_t size = 0;    // bytes
  std::string text;     // an operand that refers to something is Mark(index)
  std::vector<Reference> references;
};

// Takes up space only: between functions, and before what is aligned.
bool IsFiller(const CodeInstruction& instruction);

struct CodeFunction {
  std::string name;     // as in the symbol table; empty: code that no symbol names
  std::string section;  // its name
  uint64_t offset = 0;
  std::vector<CodeInstruction> instructions;

  bool IsPadding() const;
};

// The place of reference number `index` in a CodeInstruction's text.
std::string Mark(size_t index);

class Disassembler {
 public:
  // kUnsupported when this LLVM has no x86-64.
  static Result<std::unique_ptr<Disassembler>> Make();
  ~Disassembler();

  // All code of the object by function, in the order of the sections.  Layout
  // constants are named by `rcrate`, which may be nullptr when there are none.
  //
  // Errors: kBadElf (bytes that are no instruction, or a relocation that does not
  // fill one operand exactly), kRelocation (a layout symbol that is not defined).
  Result<std::vector<CodeFunction>> Functions(const elf::Object& object,
                                              const rcrate::Rcrate* rcrate);

 private:
  struct Machine;
  Disassembler();
  std::unique_ptr<Machine> machine_;
};

}  // namespace race::build
