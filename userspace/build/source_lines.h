// SPDX-License-Identifier: GPL-2.0-only
//
// Which lines of which sources code comes from.
#pragma once

#include <map>
#include <set>
#include <string>

namespace llvm {
class DILocation;
class Module;
}  // namespace llvm

namespace race::build {

// The whole path of the file that a place is in.
std::string FileOf(const llvm::DILocation& place);

// Lines by file, inlined code included: both where it is from and where it was put.
using SourceLines = std::map<std::string, std::set<unsigned>>;
SourceLines LinesOf(const llvm::Module& module);

}  // namespace race::build
