// SPDX-License-Identifier: GPL-2.0-only
//
// Two declarations of one function, C's and the code's.
#pragma once

#include <llvm/IR/DerivedTypes.h>

#include "steg/graph.h"

namespace race::build {

// Whether what calls a function of this type passes what C's prototype takes: as
// many parameters, and each, like the result, a pointer or an integer of the same
// size.  Structs by value are never said to agree.
bool CallsAs(const llvm::FunctionType& type, const steg::Graph& types, steg::NodeId prototype);

// The same, but true where a parameter or the result is none of those.
bool MayCallAs(const llvm::FunctionType& type, const steg::Graph& types, steg::NodeId prototype);

}  // namespace race::build
