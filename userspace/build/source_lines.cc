// SPDX-License-Identifier: GPL-2.0-only
#include "build/source_lines.h"

#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Module.h>

namespace race::build {

std::string FileOf(const llvm::DILocation& place) {
  std::string file = place.getFilename().str();
  if (!file.starts_with("/")) file = place.getDirectory().str() + "/" + file;
  return file;
}

SourceLines LinesOf(const llvm::Module& module) {
  std::set<const llvm::DILocation*> places;
  for (const llvm::Function& function : module)
    for (const llvm::Instruction& instruction : llvm::instructions(function))
      for (const llvm::DILocation* at = instruction.getDebugLoc().get(); at != nullptr;
           at = at->getInlinedAt())
        if (!places.insert(at).second) break;
  SourceLines lines;
  // Line 0 is code that is of no line.
  for (const llvm::DILocation* place : places)
    if (place->getLine() != 0) lines[FileOf(*place)].insert(place->getLine());
  return lines;
}

}  // namespace race::build
