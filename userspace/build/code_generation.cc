// SPDX-License-Identifier: GPL-2.0-only
#include "build/code_generation.h"

#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/Bitcode/BitcodeWriter.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/Transforms/IPO/GlobalDCE.h>
#include <llvm/Transforms/IPO/Internalize.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/ADCE.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/ModuleUtils.h>

#include "build/driver.h"
#include "build/layout_code.h"
#include "support/file.h"

namespace race::build {
namespace {

std::unique_ptr<llvm::TargetMachine> MakeTarget(const llvm::Module& module, std::string* error) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  LLVMInitializeX86AsmParser();
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(module.getTargetTriple(), *error);
  if (target == nullptr) return nullptr;
  // Features stand at every function, as rustc wrote them.
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      module.getTargetTriple(), "x86-64", "", llvm::TargetOptions(), llvm::Reloc::Static,
      llvm::CodeModel::Kernel, llvm::CodeGenOptLevel::Default));
}

// Runs a pipeline with the analyses it needs.
class Pipeline {
 public:
  Pipeline(llvm::TargetMachine* target, const LayoutKnowledge& layouts) : builder_(target) {
    // Of C's library the kernel exports what the compiler itself calls.
    llvm::TargetLibraryInfoImpl library(target->getTargetTriple());
    library.disableAllFunctions();
    for (auto function : {llvm::LibFunc_memcpy, llvm::LibFunc_memmove, llvm::LibFunc_memset,
                          llvm::LibFunc_memcmp, llvm::LibFunc_bcmp, llvm::LibFunc_strlen})
      library.setAvailable(function);
    functions_.registerPass([&] { return llvm::TargetLibraryAnalysis(library); });
    functions_.registerPass([&] { return LayoutAliasAnalysis(layouts.meaning); });
    functions_.registerPass([&] {
      llvm::AAManager aliases = builder_.buildDefaultAAPipeline();
      aliases.registerFunctionAnalysis<LayoutAliasAnalysis>();
      return aliases;
    });
    builder_.registerModuleAnalyses(modules_);
    builder_.registerCGSCCAnalyses(graphs_);
    builder_.registerFunctionAnalyses(functions_);
    builder_.registerLoopAnalyses(loops_);
    builder_.crossRegisterProxies(loops_, functions_, graphs_, modules_);
  }
  llvm::PassBuilder& builder() { return builder_; }
  void Run(llvm::ModulePassManager passes, llvm::Module* module) { passes.run(*module, modules_); }

 private:
  llvm::LoopAnalysisManager loops_;
  llvm::FunctionAnalysisManager functions_;
  llvm::CGSCCAnalysisManager graphs_;
  llvm::ModuleAnalysisManager modules_;
  llvm::PassBuilder builder_;
};

Status Verify(const llvm::Module& module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (llvm::verifyModule(module, &stream))
    return Fail(Code::kBuildLink) << "the module is not valid LLVM IR: " << text.substr(0, 2000);
  return Ok{};
}

}  // namespace

Status LinkRuntime(const Sdk& sdk, llvm::Module* module, const std::set<llvm::GlobalValue*>& kept) {
  for (const char* name : {"race_shim", "core", "compiler_builtins", "build_error"})
    RACE_TRY(LinkNeeded(module, sdk.path + "/" + name + ".bc"));
  std::vector<llvm::GlobalValue*> used(kept.begin(), kept.end());
  llvm::appendToCompilerUsed(*module, used);
  llvm::internalizeModule(*module, [&](const llvm::GlobalValue& value) {
    return value.getName() == "init_module" || value.getName() == "cleanup_module";
  });
  std::string error;
  auto target = MakeTarget(*module, &error);
  if (target == nullptr) return Fail(Code::kBuildLink) << error;
  Pipeline pipeline(target.get(), {});
  llvm::ModulePassManager passes;
  passes.addPass(llvm::GlobalDCEPass());
  pipeline.Run(std::move(passes), module);
  return Verify(*module);
}

Status Optimise(llvm::Module* module, const LayoutKnowledge& layouts) {
  std::string error;
  auto target = MakeTarget(*module, &error);
  if (target == nullptr) return Fail(Code::kBuildLink) << error;
  {
    Pipeline pipeline(target.get(), layouts);
    pipeline.Run(pipeline.builder().buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2),
                 module);
  }
  RACE_TRY(layouts.fold());
  Pipeline pipeline(target.get(), layouts);
  llvm::FunctionPassManager functions;
  functions.addPass(llvm::EarlyCSEPass());
  functions.addPass(llvm::InstCombinePass());
  functions.addPass(llvm::SimplifyCFGPass());
  functions.addPass(llvm::ADCEPass());
  llvm::ModulePassManager passes;
  passes.addPass(llvm::createModuleToFunctionPassAdaptor(std::move(functions)));
  passes.addPass(llvm::GlobalDCEPass());
  pipeline.Run(std::move(passes), module);
  RACE_TRY(layouts.fold());
  SinkFieldAddresses(module);
  return Verify(*module);
}

void RemoveUnused(llvm::Module* module) {
  llvm::ModuleAnalysisManager analyses;
  llvm::PassBuilder().registerModuleAnalyses(analyses);
  llvm::GlobalDCEPass().run(*module, analyses);
}

Status SaveBitcode(const llvm::Module& module, const std::string& path) {
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  llvm::WriteBitcodeToFile(module, stream);
  return WriteFileAtomically(path, bytes);
}

Status EmitObject(llvm::Module* module, const LayoutKnowledge& layouts, const std::string& path) {
  std::string error;
  auto target = MakeTarget(*module, &error);
  if (target == nullptr) return Fail(Code::kBuildLink) << error;
  // In memory first: a stream of LLVM's ends the program where a disk is full.
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  auto narrow = NarrowLayoutLoads();
  llvm::legacy::PassManager passes;
  LayoutAliasResult aliases(layouts.meaning);
  passes.add(llvm::createExternalAAWrapperPass(
      [&](llvm::Pass&, llvm::Function&, llvm::AAResults& all) { all.addAAResult(aliases); }));
  if (target->addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    return Fail(Code::kBuildLink) << path << ": LLVM cannot emit an object file for this target";
  passes.run(*module);
  return WriteFileAtomically(path, {bytes.data(), bytes.size()});
}

}  // namespace race::build
