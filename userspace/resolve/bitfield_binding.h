// SPDX-License-Identifier: GPL-2.0-only
//
// Contracts about a bit field.  Rust reaches one through a storage unit, an array
// of bytes in which it knows the field's bits; only where the unit begins depends
// on the target.
#pragma once

#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "support/result.h"

namespace race::resolve {

// The byte offset of the storage unit, for which the target's field lies where the
// code looks for it.  Errors: kFieldMissing; kFieldType (no integer, another
// signedness); kBitfieldUnit (another width, or a place that no unit gives).
Result<int64_t> BindBitfield(const rcrate::RcrateFile& file, const rcrate::Contract& contract,
                             const steg::Graph& types, steg::NodeId type);

}  // namespace race::resolve
