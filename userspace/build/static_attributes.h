// SPDX-License-Identifier: GPL-2.0-only
//
// What a static is beside its bytes: its section, its name, whose it is.
#pragma once

#include <llvm/IR/Module.h>

#include <vector>

#include "build/variant_match.h"
#include "support/result.h"

namespace race::build {

// That the resolver can lay out these statics as they are meant: whoever looks for one by its
// section or its name finds it.  kUnsupported with the static's name.
Status CheckShapedStatics(const std::vector<StaticMatch>& moving);

// The section of the .rcrate's shape of that static, which has `contents` or is all zero.
std::string ShapeSection(const llvm::GlobalVariable& variable, bool contents);

}  // namespace race::build
