// SPDX-License-Identifier: GPL-2.0-only
//
// What a module offers to other modules, in the form that the target's loader reads.
#pragma once

#include "kernel/target.h"
#include "rcrate/elf_object.h"
#include "rcrate/rcrate_file.h"
#include "support/result.h"

namespace race::resolve {

// Exports every function that the manifest names under `export`, to modules under a
// GPL-compatible licence, as modpost would have (include/linux/export-internal.h).
// Kernels with a table of flags beside the symbols have it there that they are so, others
// by the table's name; which, the target's struct module says.
// Errors: kUndefined (the object has no such function), kModuleFrame (a table of
// another form).
Status AddExportTable(const rcrate::RcrateFile& file, const kernel::Target& target,
                      elf::Object* object);

}  // namespace race::resolve
