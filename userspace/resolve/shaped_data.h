// SPDX-License-Identifier: GPL-2.0-only
//
// Statics whose own layout is the target's.
#pragma once

#include "rcrate/elf_object.h"
#include "rcrate/expression.h"
#include "rcrate/rcrate_file.h"
#include "support/result.h"

namespace race::resolve {

// Allocates every shape in a section of its kind (.rodata.race, .data.race,
// .bss.race, __param), fills in its pieces and defines its symbol.
//
// Errors: kShape (pieces that overlap or lie outside, a size that no static has,
// a symbol that is defined already or is not unique), kRelocationOverflow (a value
// that its piece is too narrow for), kOutOfRange.
Status LayOutShapes(const rcrate::RcrateFile& file, const rcrate::ContractValues& values,
                    elf::Object* object);

}  // namespace race::resolve
