// SPDX-License-Identifier: GPL-2.0-only
//
// The layouts of all C types as rustc itself has them: a generated crate with
// one table of size_of, align_of and offset_of, compiled and read back.
#pragma once

#include <string>
#include <vector>

#include "build/bindings_model.h"
#include "build/process.h"
#include "support/result.h"

namespace race::build {

// Source of the catalogue crate for the bindings as the engine's layouts have them.
std::string CatalogueSource(const Bindings& bindings, const LayoutEngine& engine);

// Reads the table of the compiled crate and compares it with what the engine
// says of every type.  Returns how many numbers agreed; kSdkVectors names the
// first that does not.
Result<size_t> VerifyCatalogue(const Bindings& bindings, LayoutEngine* engine,
                               const std::string& object_path);

}  // namespace race::build
