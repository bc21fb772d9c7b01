// SPDX-License-Identifier: GPL-2.0-only
//
// `T { a, b, ..old }` of a C type, when it runs: rustc copies the fields that are left,
// one by one, those of the base kernel.  A target's type may have others, which must be
// copied, too, and the paddings of the variants must not.
#pragma once

#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

namespace race::build {

// Finds where code copies all paddings of a type that lies in memory, by the marks that
// they have (variant_layout.cc), and lets it copy the whole first: what is copied or set
// field by field comes after it.  The copies of paddings are taken out.  What has no
// such form stays as it is, and is found to differ from layout to layout.
void CopyWhole(llvm::Module* module);

// Whether CopyWhole() made it, or it is a reference that only that needs: a layout
// without paddings has none.
bool IsWholeCopy(const llvm::Instruction& instruction);

}  // namespace race::build
