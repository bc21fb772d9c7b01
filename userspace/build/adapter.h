// SPDX-License-Identifier: GPL-2.0-only
//
// Adapters: functions that stand in for C functions which some kernels do not have
// or do not export, made of what those kernels do export.  They are compiled with
// the driver, with symbolic layouts like all its code; the resolver takes one where
// the target lacks the function, and only then holds their contracts against it.
#pragma once

#include <llvm/IR/Module.h>

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace race::build {

struct Adapter {
  std::string_view crate;  // of its source, and its name
  // The C functions of one service: a target has all of them or gets all of these.
  std::span<const std::string_view> functions;
  // C types that only those functions look into, so that they are the driver's own
  // where it brings the functions.
  std::span<const std::string_view> types;
  // Enumerators that its code was compiled with.
  std::span<const std::string_view> enumerators;
  // Functions of the target that it calls with the prototype of before: C's
  // declaration of each, as race_former_NAME.
  std::span<const std::string_view> former;
  std::string_view source;  // Rust; NAME's stand-in is race_adapter_NAME
};

std::span<const Adapter> Adapters();

// All adapters' declarations of functions with a former prototype, as C, and the
// names that they declare.
std::string FormerDeclarations();
std::set<std::string> FormerNames();

// The adapter that a function belongs to, or nullptr: by its name, or by that of
// its crate.
const Adapter* AdapterOf(const llvm::Function& function);

// Declares the stand-ins for what the module imports, so that linking the adapters'
// bitcode brings them in.  Returns the adapters that are needed.
std::set<const Adapter*> DeclareAdapters(llvm::Module* module);

// Leaves out the stand-ins of imports that nothing refers to any more.
void DropUnusedAdapters(llvm::Module* module);

// The functions that stand in for something.
std::set<llvm::GlobalValue*> StandIns(llvm::Module* module);

// Imports that only adapters refer to, with the adapter where it is one alone, or
// nullptr.
std::map<std::string, const Adapter*> ImportsOfAdapters(const llvm::Module& module);

}  // namespace race::build
