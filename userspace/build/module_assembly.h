// SPDX-License-Identifier: GPL-2.0-only
//
// Code that is no instruction of LLVM's IR: the text of global_asm! and of naked functions,
// which a module has as a whole.
#pragma once

#include <llvm/IR/Module.h>

#include <string>
#include <vector>

#include "build/variant_match.h"
#include "support/result.h"

namespace race::build {

// That it is the same text in both.  A number in it is not like one in an instruction: nothing
// says what it means where it stands, so none becomes a symbol.  kShapeDiffers, with the line of
// the text and the places in the driver's sources that it may be from.
Status CheckSameAssembly(const llvm::Module& first, const llvm::Module& other);

// Names that the text refers to or defines.
struct AssemblySymbols {
  std::vector<std::string> defined;
  std::vector<std::string> undefined;
};
AssemblySymbols AssemblySymbolsOf(const llvm::Module& module);

// What the text names of the module's own stays under its name: LLVM does not read the text.
// kUnsupported where that is one of `moving`, which the resolver lays out under other names.
Status KeepForAssembly(llvm::Module* module, const std::vector<StaticMatch>& moving);

}  // namespace race::build
