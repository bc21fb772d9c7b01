// SPDX-License-Identifier: GPL-2.0-only
//
// From a module's code to the .rcrate's file.
#pragma once

#include <string>

#include "build/driver.h"
#include "rcrate/model.h"
#include "steg/graph.h"
#include "support/result.h"

namespace race::build {

// What Kbuild does to the object of a module: objtool with the same options, and the
// relocatable link with the module's linker script and the common part, to `linked`.
// Errors: kBuildObjtool, kBuildLink.
Status FinishObject(const Sdk& sdk, const Driver& driver, const std::string& object,
                    const std::string& linked);

// "key=value" strings of the module's .modinfo that the resolver asks for.
// kBuildInput when there is no licence.
Status AddModuleInfo(const std::string& linked, rcrate::Rcrate* rcrate);

// Who made the .rcrate, from what, and the module's name and aliases.
void AddManifest(const Sdk& sdk, const Driver& driver, const std::string& base,
                 rcrate::Rcrate* rcrate);

// Writes OUTPUT/NAME.rcrate: `linked` without its debug information and without
// the sections in `without`, and the .race sections.  Returns its path.  Errors:
// kBuildLink, kFileWrite.
Result<std::string> WriteRcrate(const Sdk& sdk, const Driver& driver, const rcrate::Rcrate& rcrate,
                                const steg::Graph& types, const std::string& linked,
                                const std::string& output,
                                const std::vector<std::string>& without = {});

}  // namespace race::build
