// SPDX-License-Identifier: GPL-2.0-only
//
// Contracts about what the target exports to modules.
#pragma once

#include <string>

#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "support/result.h"

namespace race::resolve {

// What a FUNCTION or VARIABLE contract is bound to.
struct Import {
  std::string symbol;  // as the target exports it
  std::string module;  // that exports it; empty: the kernel itself
};

// Checks a FUNCTION or VARIABLE contract.  A function that the target does not
// export, but passes on in the exported Rust function that the contract names
// (by path: the symbol holds a hash of the crate), is bound to that one.  A type of RACE_NO_TYPE
// stands for a symbol that the compiler calls of itself, such as memcpy, whose prototype is fixed
// and which the target's types often do not describe; only its existence is checked.
//
// Errors: kImportMissing, kImportPrototype, kImportGpl, kImportNamespace.
Result<Import> BindImport(const rcrate::RcrateFile& file, const rcrate::Contract& contract,
                          const kernel::Target& target);

// Checks a CONFIG contract.  kConfig, too, when the target does not say.
Status BindConfig(const rcrate::Contract& contract, const kernel::Target& target);

}  // namespace race::resolve
