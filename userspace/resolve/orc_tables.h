// SPDX-License-Identifier: GPL-2.0-only
//
// ORC, the kernel's unwind tables (arch/x86/include/asm/orc_types.h).  objtool
// writes them for the base kernel; the target may number the registers otherwise.
#pragma once

#include <string>
#include <vector>

#include "kernel/target.h"
#include "rcrate/elf_object.h"

namespace race::resolve {

// Brings .orc_unwind and .orc_header into the target's form.  A form is known by
// the hash that .orc_header holds: 20 bytes, the SHA-1 of the definitions that
// scripts/orc_hash.sh picks.  Where the target's form is not known, or cannot say
// what the driver's tables say, all tables are taken out and *notes says so: the
// kernel then walks the driver's frames by guessing.
void FitOrcTables(const kernel::Target& target, elf::Object* object,
                  std::vector<std::string>* notes);

}  // namespace race::resolve
