// SPDX-License-Identifier: GPL-2.0-only
//
// The last look at the object: what a kernel would read otherwise than it is meant, or
// stumble over.
#pragma once

#include <set>
#include <string>

#include "rcrate/model.h"
#include "support/result.h"

namespace race::build {

// Whether a module may have an allocated section of that name, and the kernel does with it
// what the code expects.
bool IsModuleSection(const std::string& name);

// That all allocated sections are such, and that each function whose address is taken begins
// with endbr64 and keeps it: on processors with indirect branch tracking a call of another one
// is a fault.  `rcrate`: whose statics hold addresses, too; `tracks_branches`: whether the code
// was compiled for such.  kUnsupported with the section or the function; kBuildObjtool.
Status CheckObject(const std::string& object, const rcrate::Rcrate& rcrate, bool tracks_branches);

// Assembly that tells the base kernel's objtool that the addresses of these functions are taken
// where it cannot see it: else it tells kernels to overwrite their endbr64.
std::string KeepBranchTargets(const std::set<std::string>& functions);

}  // namespace race::build
