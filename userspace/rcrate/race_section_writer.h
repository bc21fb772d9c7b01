// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "rcrate/model.h"

namespace race::rcrate {

// The bytes of the section `.race`.  The same Rcrate gives the same bytes.
std::string WriteRaceSection(const Rcrate& rcrate);

}  // namespace race::rcrate
