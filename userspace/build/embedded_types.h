// SPDX-License-Identifier: GPL-2.0-only
//
// Which kernel types a program's own types, locals and statics hold by value,
// from its debug information.
#pragma once

#include <llvm/IR/Module.h>

#include <map>
#include <set>
#include <string>

#include "build/sdk.h"
#include "support/result.h"

namespace race::build {

struct EmbeddedTypes {
  std::set<std::string> held;  // bindgen's names, the outermost of each
  // A size below which one of the program's own types would be laid out in
  // another way: where a kernel type shares its place with something else (an
  // enum's variants), the larger one gives the size.
  std::map<std::string, uint64_t> least;
  // The program's own types that were looked at, as MIR spells them.
  std::set<std::string> own;
};

// `first`: the program under the first variant of kVariants, whose crate is
// `crate`.  kShapeDiffers when two kernel types share a place, so that it cannot
// be said which is larger.
Result<EmbeddedTypes> FindEmbeddedTypes(const llvm::Module& first, const Sdk& sdk,
                                        const std::string& crate);

// The kernel types, by bindgen's names, that the arguments, results and variables of one
// function of it hold.
std::set<std::string> TypesHeldIn(const llvm::Function& function, const Sdk& sdk,
                                  const std::string& crate);

}  // namespace race::build
