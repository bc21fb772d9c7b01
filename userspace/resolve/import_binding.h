// SPDX-License-Identifier: GPL-2.0-only
//
// Contracts about what the target exports to modules.
#pragma once

#include <set>
#include <string>

#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "support/result.h"

namespace race::resolve {

// Checks a FUNCTION or VARIABLE contract; adds the module that exports it, if it
// is not the kernel, to *depends.  A type of RACE_NO_TYPE stands for a symbol
// that the compiler calls of itself, such as memcpy, whose prototype is fixed and
// which the target's types often do not describe; only its existence is checked.
//
// Errors: kImportMissing, kImportPrototype, kImportGpl, kImportNamespace.
Status BindImport(const rcrate::RcrateFile& file, const rcrate::Contract& contract,
                  const kernel::Target& target, std::set<std::string>* depends);

// Checks a CONFIG contract.  kConfig, too, when the target does not say.
Status BindConfig(const rcrate::Contract& contract, const kernel::Target& target);

}  // namespace race::resolve
