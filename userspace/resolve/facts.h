// SPDX-License-Identifier: GPL-2.0-only
//
// The contract section of a resolved module: what its contracts were bound to, in
// the target's own words, for race.ko to find true again (include/race/facts.h).
#pragma once

#include <set>
#include <string>

#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "resolve/contract_resolution.h"
#include "support/result.h"

namespace race::resolve {

// The section's bytes.  `resolution` is of the same target and without problems, `imports`
// are the symbols that the finished module imports: modules are listed whose types the
// kernel keeps while it is there.
// The section is read back and held against the target's BTF by the code that
// race.ko is built from.  Errors: kNoBtf (the target's types come from elsewhere);
// kFacts (that code finds other things than the resolver did, or the section would
// be larger than it takes).
Result<std::string> MakeFactsSection(const rcrate::RcrateFile& file, const kernel::Target& target,
                                     const Resolution& resolution,
                                     const std::set<std::string>& imports);

}  // namespace race::resolve
