// SPDX-License-Identifier: GPL-2.0-only
//
// Contracts about one C type of the target.
#pragma once

#include <vector>

#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "support/result.h"

namespace race::resolve {

// The value of a FIELD, SIZE, FROZEN, BITFIELD, ALIGN or (with a root) ENUMERATOR
// contract when its root is the node `type` of the target.  Errors: kTypeMissing
// (declared only), kFieldMissing, kFieldBitfield, kBitfieldUnit, kFieldType,
// kAlignment, kOutOfRange, kFrozenLayout, kEnumeratorMissing.
Result<int64_t> BindToType(const rcrate::RcrateFile& file, const rcrate::Contract& contract,
                           const steg::Graph& types, steg::NodeId type);

// kOutOfRange when the code was not compiled with anything like this value: a
// comparison that came out the same in every variant may come out differently.
Status CheckRange(const rcrate::Contract& contract, uint64_t value);

// The value of an ENUMERATOR contract without a root, whose enum has no name:
// any of the target's `enums` may have it, all that do must agree.
Result<int64_t> BindEnumerator(const rcrate::RcrateFile& file, const rcrate::Contract& contract,
                               const steg::Graph& types, const std::vector<steg::NodeId>& enums);

// The answer of an EXISTS_FIELD, EXISTS_TYPE or (with a root) EXISTS_ENUMERATOR
// contract when its root is the node `type` of the target.
bool ExistsIn(const rcrate::RcrateFile& file, const rcrate::Contract& contract,
              const steg::Graph& types, steg::NodeId type);

// The answer of an EXISTS_ENUMERATOR contract without a root.
bool EnumeratorExists(const rcrate::RcrateFile& file, const rcrate::Contract& contract,
                      const steg::Graph& types, const std::vector<steg::NodeId>& enums);

}  // namespace race::resolve
