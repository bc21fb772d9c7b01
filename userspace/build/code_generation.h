// SPDX-License-Identifier: GPL-2.0-only
//
// From the symbolic bitcode to an object file, with LLVM's own optimiser and
// code generator.
#pragma once

#include <llvm/IR/Module.h>

#include <functional>
#include <set>
#include <string>

#include "build/layout_alias.h"
#include "build/sdk.h"
#include "support/result.h"

namespace race::build {

// Links core and the shim in, hides all but what the kernel's loader looks for,
// and drops what is unused.
Status LinkRuntime(const Sdk& sdk, llvm::Module* module, const std::set<llvm::GlobalValue*>& kept);

// What LLVM cannot know of layout symbols.  A module without any needs neither.
struct LayoutKnowledge {
  std::function<Status()> fold = [] { return Status(Ok{}); };  // makes one symbol of a chain
  Meaning meaning = [](const llvm::Value*) { return std::nullopt; };
};

// -O2, then `fold`, then what that leaves to clean up.
Status Optimise(llvm::Module* module, const LayoutKnowledge& layouts);

// Writes the module as it is.  kFileWrite.
// Takes out what nothing refers to.
void RemoveUnused(llvm::Module* module);

Status SaveBitcode(const llvm::Module& module, const std::string& path);

// Writes the object file.  kBuildLink.
Status EmitObject(llvm::Module* module, const LayoutKnowledge& layouts, const std::string& path);

}  // namespace race::build
