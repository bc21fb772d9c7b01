// SPDX-License-Identifier: GPL-2.0-only
#include "build/static_attributes.h"

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/DebugInfoMetadata.h>

#include "rcrate/model.h"

namespace race::build {
namespace {

// What modpost alone reads, in the base kernel's build of the driver.
bool IsForModpost(llvm::StringRef name) { return name.starts_with("__mod_device_table__"); }

// Names that rustc makes are nobody's to look for.
bool IsMangled(llvm::StringRef name) { return name.starts_with("_R") || name.starts_with("_ZN"); }

// "file.rs:12: static NAME"
std::string Spell(const llvm::GlobalVariable& variable) {
  std::string text = "static " + llvm::demangle(variable.getName().str());
  llvm::SmallVector<llvm::DIGlobalVariableExpression*, 1> expressions;
  variable.getDebugInfo(expressions);
  for (const llvm::DIGlobalVariableExpression* expression : expressions) {
    const llvm::DIGlobalVariable* known = expression->getVariable();
    if (known->getLine() == 0) continue;
    return known->getFilename().str() + ":" + std::to_string(known->getLine()) + ": " + text;
  }
  return text;
}

// The module's linker script puts `.data.NAME` and its like into `.data`; what has two dots
// in a row is a section of its own.
bool IsPartOf(llvm::StringRef section, llvm::StringRef whole) {
  if (section == whole) return true;
  return section.consume_front(whole) && section.consume_front(".") && !section.empty() &&
         !section.starts_with(".");
}

bool IsPlain(const llvm::GlobalVariable& variable) {
  const llvm::StringRef section = variable.getSection();
  if (section.empty()) return true;
  if (variable.isConstant()) return IsPartOf(section, ".rodata");
  return IsPartOf(section, ".data") ||
         (IsPartOf(section, ".bss") && variable.getInitializer()->isNullValue());
}

}  // namespace

Status CheckShapedStatics(const std::vector<StaticMatch>& moving) {
  std::string all;
  for (const StaticMatch& statics : moving) {
    const llvm::GlobalVariable& variable = *statics[0];
    auto refuse = [&](const std::string& what, const std::string& advice) {
      all += (all.empty() ? "" : "\n") + Spell(variable) +
             ": its layout depends on the kernel's, and " + what + "\n  " + advice;
    };
    if (variable.isThreadLocal()) refuse("it is of a thread", "a module has no such statics");
    if (variable.hasComdat() || variable.hasPartition())
      refuse("it is in a group with others", "let it be by itself");
    if (!IsPlain(variable) && variable.getSection() != "__param")
      refuse("it is in the section " + variable.getSection().str(),
             "leave out #[link_section], or keep kernel types and their sizes out of it");
    if (!variable.hasLocalLinkage() && !IsMangled(variable.getName()) &&
        !IsForModpost(variable.getName()))
      refuse("it has a name for others (#[no_mangle], #[export_name])",
             "leave the name to the compiler, or keep kernel types and their sizes out of "
             "it");
  }
  return all.empty() ? Status(Ok{}) : Fail(Code::kUnsupported) << all;
}

std::string ShapeSection(const llvm::GlobalVariable& variable, bool contents) {
  if (!IsPlain(variable)) return variable.getSection().str();
  if (variable.isConstant()) return ".rodata";
  return contents ? ".data" : ".bss";
}

}  // namespace race::build
