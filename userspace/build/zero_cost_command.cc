// SPDX-License-Identifier: GPL-2.0-only
#include "build/zero_cost_command.h"

#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/FileUtilities.h>
#include <llvm/Support/MemoryBuffer.h>

#include <map>

#include "build/code_comparison.h"
#include "build/code_generation.h"
#include "build/disassembler.h"
#include "kernel/target.h"
#include "rcrate/expression.h"
#include "rcrate/rcrate_file.h"
#include "resolve/contract_resolution.h"
#include "resolve/pipeline.h"
#include "support/file.h"

namespace race::build {
namespace {

using Numbers = std::map<std::string, int64_t>;

Result<Numbers> LayoutNumbers(const rcrate::RcrateFile& file, const kernel::Target& target) {
  resolve::Resolution resolution = resolve::ResolveContracts(file, target);
  if (!resolution.problems.empty()) return resolve::Join(resolution.problems);
  Numbers numbers;
  for (const rcrate::Symbol& symbol : file.rcrate.symbols) {
    RACE_ASSIGN(value, rcrate::Evaluate(file.rcrate, resolution.values, symbol.expr));
    numbers[symbol.name] = value;
  }
  return numbers;
}

// What rustc would have written for this kernel: a number wherever a layout
// symbol's address is taken as one.
Status SubstituteNumbers(const Numbers& numbers, llvm::Module* module) {
  for (llvm::GlobalVariable& symbol : llvm::make_early_inc_range(module->globals())) {
    std::string name = symbol.getName().str();
    if (name.rfind(RACE_SYMBOL_PREFIX, 0) != 0) continue;
    auto number = numbers.find(name);
    if (number == numbers.end())
      return Fail(Code::kBuildInput) << name << " is in the bitcode, but not in the .rcrate: they "
                                     << "are of different builds";
    while (!symbol.use_empty()) {
      auto* use = llvm::dyn_cast<llvm::ConstantExpr>(symbol.user_back());
      if (use == nullptr || use->getOpcode() != llvm::Instruction::PtrToInt)
        return Fail(Code::kUnsupported) << name << " is used as an address";
      use->replaceAllUsesWith(llvm::ConstantInt::getSigned(use->getType(), number->second));
      use->destroyConstant();
    }
    symbol.eraseFromParent();
  }
  return Ok{};
}

// The bitcode with numbers, compiled as race build compiles it with symbols.
Result<elf::Object> CompileWithNumbers(const std::string& bitcode, const Numbers& numbers) {
  llvm::LLVMContext context;
  auto buffer = llvm::MemoryBuffer::getFile(bitcode);
  if (!buffer) return Fail(Code::kFileOpen) << bitcode << ": " << buffer.getError().message();
  auto module = llvm::parseBitcodeFile((*buffer)->getMemBufferRef(), context);
  if (!module)
    return Fail(Code::kBuildInput) << bitcode << ": " << llvm::toString(module.takeError());
  RACE_TRY(SubstituteNumbers(numbers, module->get()));
  RACE_TRY(Optimise(module->get(), {}));
  llvm::SmallString<64> path;
  if (std::error_code error = llvm::sys::fs::createTemporaryFile("race-zero-cost", "o", path))
    return Fail(Code::kFileWrite) << "a temporary file: " << error.message();
  llvm::FileRemover remover(path);
  RACE_TRY(EmitObject(module->get(), {}, path.str().str()));
  RACE_ASSIGN(bytes, ReadFile(path.str().str()));
  return elf::ReadObject(bytes, path.str().str());
}

}  // namespace

Status ZeroCost(const ZeroCostOptions& options, std::ostream& out) {
  RACE_ASSIGN(file, rcrate::OpenRcrate(options.rcrate));
  RACE_ASSIGN(target, kernel::ReadTarget(options.target, nullptr));

  // What the user's machine makes.
  RACE_ASSIGN(module,
              resolve::Resolve(file, *target, {.role = resolve::Role::kUnvalidated}, nullptr));
  RACE_ASSIGN(resolved, elf::ReadObject(module.bytes, module.name + ".ko"));

  // What a compiler would have made there.
  RACE_ASSIGN(numbers, LayoutNumbers(file, *target));
  RACE_ASSIGN(constant, CompileWithNumbers(options.bitcode, numbers));

  RACE_ASSIGN(disassembler, Disassembler::Make());
  RACE_ASSIGN(left, disassembler->Functions(resolved, nullptr));
  RACE_ASSIGN(right, disassembler->Functions(constant, nullptr));
  Compilation as_resolved(resolved, std::move(left));
  Compilation as_constant(constant, std::move(right));
  out << module.name << " on " << target->release << ", " << numbers.size()
      << " layout symbols\n\n";
  Print(Compare(as_resolved, as_constant), "resolved", "constant", out);
  return Ok{};
}

}  // namespace race::build
