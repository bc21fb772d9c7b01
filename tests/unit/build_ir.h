// SPDX-License-Identifier: GPL-2.0-only
//
// Modules from LLVM's assembly, in one context, for tests.
#pragma once

#include <gtest/gtest.h>
#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

#include <memory>
#include <string>
#include <vector>

namespace race::build {

class Modules {
 public:
  llvm::Module* Parse(const std::string& text) {
    llvm::SMDiagnostic diagnostic;
    std::unique_ptr<llvm::Module> module = llvm::parseAssemblyString(text, diagnostic, context_);
    if (module == nullptr) {
      std::string message;
      llvm::raw_string_ostream stream(message);
      diagnostic.print("", stream);
      ADD_FAILURE() << message;
      return nullptr;
    }
    modules_.push_back(std::move(module));
    return modules_.back().get();
  }

  static std::string Print(const llvm::Module& module) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    module.print(stream, nullptr);
    return text;
  }

 private:
  llvm::LLVMContext context_;
  std::vector<std::unique_ptr<llvm::Module>> modules_;
};

}  // namespace race::build
