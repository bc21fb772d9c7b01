// SPDX-License-Identifier: GPL-2.0-only
#include "build/used_types.h"

#include <llvm/BinaryFormat/Dwarf.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/DebugProgramInstruction.h>
#include <llvm/IR/InstIterator.h>

namespace race::build {
namespace {

// More pointers than types have behind one another; those that go in circles end there.
constexpr int kAnyPointers = 8;

// The crate or module that a type is defined in.
std::string ModuleOf(const llvm::DIScope* scope) {
  return scope == nullptr ? "" : scope->getName().str();
}

// The crate that has C's types, in whatever module of it.
bool IsOfBindings(const llvm::DIScope* scope) {
  while (scope != nullptr && scope->getScope() != nullptr) scope = scope->getScope();
  return scope != nullptr && scope->getName() == "bindings";
}

class Walker {
 public:
  // Only types of that module; "": of all.  `within_c`: also what C's types hold.
  Walker(std::string module, bool within_c) : module_(std::move(module)), within_c_(within_c) {}

  // `pointers`: how many pointers may still be followed.
  void Visit(const llvm::DIType* type, int pointers) {
    if (type == nullptr || !seen_.insert({type, pointers}).second) return;
    if (auto* derived = llvm::dyn_cast<llvm::DIDerivedType>(type)) {
      bool pointer = derived->getTag() == llvm::dwarf::DW_TAG_pointer_type ||
                     derived->getTag() == llvm::dwarf::DW_TAG_reference_type;
      if (pointer && pointers == 0) return;
      Visit(derived->getBaseType(), pointer ? pointers - 1 : pointers);
      return;
    }
    auto* composite = llvm::dyn_cast<llvm::DICompositeType>(type);
    if (composite == nullptr) return;
    if (!composite->getName().empty() &&
        (module_.empty() || ModuleOf(composite->getScope()) == module_))
      names_.insert(composite->getName().str());
    Visit(composite->getBaseType(), pointers);
    if (!within_c_ && IsOfBindings(composite->getScope())) return;
    for (const llvm::DINode* element : composite->getElements())
      if (auto* member = llvm::dyn_cast<llvm::DIType>(element)) Visit(member, pointers);
  }

  std::set<std::string> names_;

 private:
  const std::string module_;
  const bool within_c_;
  std::set<std::pair<const llvm::DIType*, int>> seen_;
};

}  // namespace

namespace {

void VisitParameters(const llvm::DISubprogram* subprogram, int pointers, Walker* walker) {
  if (subprogram != nullptr && subprogram->getType() != nullptr)
    for (const llvm::DIType* type : subprogram->getType()->getTypeArray())
      walker->Visit(type, pointers);
}

using Counts = std::function<bool(const llvm::Function&)>;
bool All(const llvm::Function&) { return true; }

void Visit(const llvm::Module& module, int pointers, const Counts& counts, Walker* walker) {
  for (const llvm::Function& function : module) {
    if (!counts(function)) continue;
    VisitParameters(function.getSubprogram(), pointers, walker);
    for (const llvm::Instruction& instruction : llvm::instructions(function))
      for (const llvm::DbgVariableRecord& record :
           llvm::filterDbgVars(instruction.getDbgRecordRange()))
        walker->Visit(record.getVariable()->getType(), pointers);
  }
  for (const llvm::GlobalVariable& variable : module.globals()) {
    // What nothing refers to does not come into the module: a table of ids that only
    // the base kernel's modpost reads.
    if (variable.use_empty()) continue;
    llvm::SmallVector<llvm::DIGlobalVariableExpression*, 1> expressions;
    variable.getDebugInfo(expressions);
    for (const llvm::DIGlobalVariableExpression* expression : expressions)
      walker->Visit(expression->getVariable()->getType(), pointers);
  }
}

// Also those whose code is in another one.
std::set<const llvm::DISubprogram*> Subprograms(const llvm::Module& module, const Counts& counts) {
  std::set<const llvm::DISubprogram*> found;
  std::set<const llvm::DILocation*> seen;
  for (const llvm::Function& function : module) {
    if (!counts(function)) continue;
    for (const llvm::Instruction& instruction : llvm::instructions(function))
      for (const llvm::DILocation* at = instruction.getDebugLoc().get();
           at != nullptr && seen.insert(at).second; at = at->getInlinedAt())
        found.insert(at->getScope()->getSubprogram());
  }
  return found;
}

}  // namespace

std::set<std::string> UsedTypes(const llvm::Module& module, const std::string& of) {
  Walker walker(of, true);
  Visit(module, 1, All, &walker);
  return walker.names_;
}

std::set<std::string> TypesAtHand(const llvm::Module& module) {
  Walker walker("", false);
  Visit(module, 1, All, &walker);
  return walker.names_;
}

std::set<std::string> TypesReached(const llvm::Module& module, const Counts& counts) {
  Walker walker("", false);
  Visit(module, kAnyPointers, counts, &walker);
  for (const llvm::DISubprogram* subprogram : Subprograms(module, counts)) {
    if (subprogram == nullptr) continue;
    VisitParameters(subprogram, kAnyPointers, &walker);
    for (const llvm::DITemplateParameter* parameter : subprogram->getTemplateParams())
      walker.Visit(parameter->getType(), kAnyPointers);
  }
  return walker.names_;
}

}  // namespace race::build
