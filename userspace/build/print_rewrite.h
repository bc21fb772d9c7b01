// SPDX-License-Identifier: GPL-2.0-only
//
// Keeps fmt::Arguments out of C (rule 1): a C call whose format holds %pA would
// hand a value with this rustc's layout to the target kernel's own core.
#pragma once

#include <llvm/IR/Module.h>

#include "support/result.h"

namespace race::build {

// Formats in the driver's own core, through the shim, and hands C a plain
// string.  Returns how many calls were rewritten.  kPrintFormat when the format
// of a variadic C call cannot be determined.
Result<size_t> RewritePrinting(llvm::Module* module);

}  // namespace race::build
