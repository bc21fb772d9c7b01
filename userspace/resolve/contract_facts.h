// SPDX-License-Identifier: GPL-2.0-only
//
// What a target has of the things that a .rcrate's contracts speak of, whether it
// is what the contracts ask for or not: for showing numbers, and for saying what
// differs between two kernels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "resolve/contract_resolution.h"

namespace race::resolve {

struct Fact {
  // False where the target is not asked: what is guarded by something that it does
  // not have, or what the driver brings itself.  `text` says which.
  bool from_target = true;
  bool is_present = false;           // the field, type, enumerator or export is there
  std::optional<int64_t> value;      // FIELD: byte offset; SIZE: bytes; ENUMERATOR
  uint32_t bits = 0;                 // FIELD: not 0 for a bit field, which has no value
  uint64_t bit_offset = 0;           // of a field that is there
  std::optional<steg::NodeId> type;  // of the field, type, function or variable
  std::string text;                  // exports: "exported, GPL only"; CONFIG: the value
};

// `resolution` is of the same target: of several types of one name, the one that
// it took is looked at.
Fact FindFact(const rcrate::RcrateFile& file, rcrate::ContractId id, const kernel::Target& target,
              const Resolution& resolution);

}  // namespace race::resolve
