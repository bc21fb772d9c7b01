// SPDX-License-Identifier: GPL-2.0-only
//
// A .rcrate opened and checked: the object, what it needs and the types that it
// describes those needs with.
#pragma once

#include <string>

#include "rcrate/elf_object.h"
#include "rcrate/model.h"
#include "steg/graph.h"
#include "support/result.h"

namespace race::rcrate {

struct RcrateFile {
  std::string path;
  elf::Object object;  // with its sections .race and .race.steg
  Rcrate rcrate;
  steg::Graph types;
};

// Errors: kFileOpen, kFileRead, and those of ParseRcrate.
Result<RcrateFile> OpenRcrate(const std::string& path);

// `path` is for messages.  Errors: those of ReadObject, ReadRaceSection and the
// STEG's reader; kNotRcrate when a section is missing.
Result<RcrateFile> ParseRcrate(std::string_view bytes, const std::string& path);

}  // namespace race::rcrate
