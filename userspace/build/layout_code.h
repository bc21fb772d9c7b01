// SPDX-License-Identifier: GPL-2.0-only
//
// What LLVM's code generator does for numbers, but not for symbols: done here for
// layout symbols, so that code costs the same with either.  Documentation/
// zero-cost.md shows what each is worth.
#pragma once

#include <llvm/IR/Module.h>
#include <llvm/Target/RegisterTargetPassConfigCallback.h>

#include <memory>

namespace race::build {

// Whether it is the number that stands for a layout symbol.
bool IsLayoutNumber(const llvm::Value* value);

// Repeats the address of a field in each block that reads or writes it there, so
// that instruction selection, which sees one block at a time, can make the offset
// a displacement.
void SinkFieldAddresses(llvm::Module* module);

// While it lives, code generation loads a layout number that no target can make
// negative or larger than 31 bits with a 32-bit immediate, instead of movabs.
std::unique_ptr<llvm::RegisterTargetPassConfigCallback> NarrowLayoutLoads();

}  // namespace race::build
