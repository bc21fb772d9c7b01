// SPDX-License-Identifier: GPL-2.0-only
//
// A driver's folder: what Kbuild makes of it for the base kernel, and its
// bitcode under every variant of the SDK.
#pragma once

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <memory>
#include <string>
#include <vector>

#include "build/kbuild_command.h"
#include "build/sdk.h"
#include "support/result.h"

namespace race::build {

struct Driver {
  std::string folder;                // of its sources
  std::string module;                // "rust_misc_device"
  std::string crate;                 // of its Rust source: mostly the same
  std::string work;                  // folder of intermediate files
  std::string kbuild;                // Kbuild's output folder, below `work`
  KbuildCommand compile;             // of the module's Rust (or only) object, by Kbuild
  std::vector<std::string> aliases;  // MODULE_ALIAS() that modpost made
  std::vector<std::string> notes;    // what the author should know of it
};

// Runs the base kernel's Kbuild on `folder`, which makes one module, with its output
// in `work`.  Of several modules, `module` names the one.  `settings`: of variables of
// make, "NAME=value".  Errors: kBuildInput (no module, or several, or not that one),
// kBuildCompile.
Result<Driver> RunKbuildOfModule(const Sdk& sdk, const std::string& folder,
                                 const std::string& module, const std::string& work,
                                 const std::vector<std::string>& settings = {});

// The same for a driver in Rust, which may use the crate `race`.  Objects of C beside the Rust one
// are left out when they hold nothing but trace events, which the driver is then compiled without
// (a note says so).  Errors: kBuildInput (no module, not one Rust object, or another part in C),
// kBuildCompile.
Result<Driver> RunKbuild(const Sdk& sdk, const std::string& folder, const std::string& module,
                         const std::string& work);

// The objects that Kbuild linked the module of, paths below its output folder.
Result<std::vector<std::string>> ObjectsOf(const Driver& driver);

// Kbuild's command for the driver, against one variant and without what it is to
// emit.
Command VariantCommand(const Sdk& sdk, const Driver& driver, const std::string& name);

// Compiles the driver to unoptimised bitcode under the SDK's variants `names`;
// the files are WORK/NAME.bc.  kBuildCompile with rustc's words.
Status CompileVariants(const Sdk& sdk, const Driver& driver, const std::vector<std::string>& names,
                       unsigned jobs);

// The same under variants that the driver may not compile under: then the answer is
// rustc's first error.  "": it does.
Result<std::string> TryVariants(const Sdk& sdk, const Driver& driver,
                                const std::vector<std::string>& names, unsigned jobs);

// The same under one, with all that rustc says.
Result<Output> TryVariant(const Sdk& sdk, const Driver& driver, const std::string& name);
// The line of its first error, or its last line.
std::string FirstError(const std::string& messages);

// The driver under one variant with what it uses of the kernel crate.
Result<std::unique_ptr<llvm::Module>> LinkVariant(const Sdk& sdk, const Driver& driver,
                                                  const std::string& name,
                                                  llvm::LLVMContext& context);

// Links what `module` needs of a bitcode file.  kBuildLink.
Status LinkNeeded(llvm::Module* module, const std::string& path);

}  // namespace race::build
