// SPDX-License-Identifier: GPL-2.0-only
//
// Bit fields in bindgen's output: a run of them is one field `_bitfield_N`, an
// array of bytes, with a function for each bit field that picks its bits.
#pragma once

#include <llvm/IR/Module.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "build/bindings_model.h"

namespace race::build {

struct BitField {
  std::string name;   // as in C, but for keywords
  uint16_t bit = 0;   // its first one in the unit
  uint8_t width = 0;  // bits
};

// "_bitfield_1" is unit 1; 0 for any other field.
uint8_t BitFieldUnit(const std::string& field);

// Those of a unit, in the order of the bindings.
std::vector<BitField> BitFieldsOf(const Bindings& bindings, const std::string& aggregate,
                                  uint8_t unit);

// Demangled names of all functions that the module's code comes from, inlined ones
// among them.
std::set<std::string> FunctionNames(const llvm::Module& module);

// Whether one of these functions reads or writes it.
bool IsUsed(const std::set<std::string>& functions, const std::string& aggregate,
            const BitField& field);

}  // namespace race::build
