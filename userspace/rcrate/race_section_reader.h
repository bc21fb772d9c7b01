// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>

#include "rcrate/model.h"
#include "support/result.h"

namespace race::rcrate {

// Parses the bytes of the section `.race`.  Every field is checked; what is not
// understood is an error that names file, section and offset.  Node ids of types
// are checked by whoever has the STEG (rcrate_file.h).
//
// Errors: kBadHeader, kBadMagic, kBadVersion, kBadMachine, kBadChecksum,
// kBadTable, kBadString, kBadReference.
Result<Rcrate> ReadRaceSection(std::string_view bytes, const std::string& file);

}  // namespace race::rcrate
