// SPDX-License-Identifier: GPL-2.0-only
//
// Fills the layout symbols' values into the bytes that refer to them.
#pragma once

#include <map>
#include <string>

#include "rcrate/elf_object.h"
#include "rcrate/expression.h"
#include "rcrate/rcrate_file.h"
#include "support/result.h"

namespace race::resolve {

// Applies and removes every relocation against a layout symbol.  *count is how
// many there were.  Nothing is written unless the old bytes are zero and the
// value fits its field.  What only dead code refers to, since it is guarded by
// something that does not exist on the target, stays zero.
//
// Errors: kRelocation (a type that no layout constant has, a layout symbol that
// the .race section does not define, two relocations of one byte),
// kRelocationOverflow, kOldValue, kOutOfRange.
Status ApplyLayoutSymbols(const rcrate::RcrateFile& file, const rcrate::ContractValues& values,
                          elf::Object* object, uint64_t* count);

}  // namespace race::resolve
