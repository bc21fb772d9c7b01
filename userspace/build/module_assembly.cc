// SPDX-License-Identifier: GPL-2.0-only
#include "build/module_assembly.h"

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/Object/ModuleSymbolTable.h>
#include <llvm/Object/SymbolicFile.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Transforms/Utils/ModuleUtils.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "build/enumerators.h"
#include "build/rust_text.h"
#include "support/file.h"

namespace race::build {
namespace {

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The sources of the crates that the module is made of say where such text may be from: the
// text itself does not.
std::string PlacesOf(const llvm::Module& module) {
  std::set<std::string> folders;
  for (const llvm::DICompileUnit* unit : module.debug_compile_units()) {
    // rustc appends its own name of the unit.
    std::string file = unit->getFilename().str();
    file = file.substr(0, file.find("/@/"));
    if (!file.starts_with("/")) file = unit->getDirectory().str() + "/" + file;
    folders.insert(std::filesystem::path(file).parent_path());
  }
  std::string places;
  for (const std::string& folder : folders)
    for (const std::string& file : SourceFilesBelow(folder)) {
      const Result<std::string> text = ReadFile(file);
      if (!text) continue;
      unsigned number = 0;
      for (const std::string& line : LinesOf(CodeOnly(*text))) {
        number++;
        if (line.find("global_asm!") != line.npos || line.find("naked_asm!") != line.npos)
          places += (places.empty() ? "" : ", ") + file + ":" + std::to_string(number);
      }
    }
  return places;
}

}  // namespace

Status CheckSameAssembly(const llvm::Module& first, const llvm::Module& other) {
  const std::string &mine = first.getModuleInlineAsm(), &theirs = other.getModuleInlineAsm();
  if (mine == theirs) return Ok{};
  const std::vector<std::string> lines = LinesOf(mine), other_lines = LinesOf(theirs);
  size_t at = 0;
  while (at < lines.size() && at < other_lines.size() && lines[at] == other_lines[at]) at++;
  auto spell = [&](const std::vector<std::string>& text) {
    return "\n    " + (at < text.size() ? text[at] : "(none)");
  };
  const std::string places = PlacesOf(first);
  return Fail(Code::kShapeDiffers)
         << (places.empty() ? "" : places + ": ")
         << "assembly outside of functions (global_asm!, a naked function) is another text under "
         << "another layout or with other values of enumerators:" << spell(lines)
         << spell(other_lines)
         << "\n  let a static hold the number, and let the assembly load it from there (`sym`)";
}

AssemblySymbols AssemblySymbolsOf(const llvm::Module& module) {
  AssemblySymbols symbols;
  if (module.getModuleInlineAsm().empty()) return symbols;
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmParser();
  llvm::ModuleSymbolTable::CollectAsmSymbols(
      module, [&](llvm::StringRef name, llvm::object::BasicSymbolRef::Flags flags) {
        const bool undefined = (flags & llvm::object::BasicSymbolRef::SF_Undefined) != 0;
        (undefined ? symbols.undefined : symbols.defined).push_back(name.str());
      });
  return symbols;
}

Status KeepForAssembly(llvm::Module* module, const std::vector<StaticMatch>& moving) {
  const AssemblySymbols symbols = AssemblySymbolsOf(*module);
  std::set<const llvm::GlobalValue*> laid_out;
  for (const StaticMatch& statics : moving) laid_out.insert(statics[0]);
  std::vector<llvm::GlobalValue*> named;
  for (const std::string& name : symbols.undefined) {
    llvm::GlobalValue* value = module->getNamedValue(name);
    if (value == nullptr || value->isDeclaration()) continue;
    if (laid_out.count(value) != 0)
      return Fail(Code::kUnsupported)
             << PlacesOf(*module) << ": assembly names the static " << llvm::demangle(name)
             << ", whose layout depends on the kernel's\n  let a static of one number be between";
    named.push_back(value);
  }
  llvm::appendToCompilerUsed(*module, named);
  return Ok{};
}

}  // namespace race::build
