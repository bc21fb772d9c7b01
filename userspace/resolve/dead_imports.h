// SPDX-License-Identifier: GPL-2.0-only
//
// Imports that the target does not have and the driver does not need there.
#pragma once

#include "rcrate/elf_object.h"
#include "rcrate/expression.h"
#include "rcrate/rcrate_file.h"

namespace race::resolve {

// Defines every import whose contracts are all guarded by something that does not
// exist on the target.  Only code that never runs refers to it, but the kernel's
// loader would refuse the module for it.  Its address is that of an instruction
// that traps (section .text.race), so that code which runs after all is stopped
// there and does not go astray.
void DefineDeadImports(const rcrate::RcrateFile& file, const rcrate::ContractValues& values,
                       elf::Object* object);

}  // namespace race::resolve
