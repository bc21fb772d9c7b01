// SPDX-License-Identifier: GPL-2.0-only
//
// race inspect --disassemble: the code of a .rcrate with its layout constants
// named in place.
#pragma once

#include <ostream>
#include <string>

#include "build/disassembler.h"
#include "support/result.h"

namespace race::build {

// One line of assembly: every operand that refers to something by its name, as
// people read it; `label` names a place in the function.
std::string Render(const CodeInstruction& instruction,
                   const std::map<uint64_t, std::string>& labels);

// "L1" and so on for each place of the function that it jumps to.
std::map<uint64_t, std::string> Labels(const CodeFunction& function);

Status Disassemble(const std::string& path, std::ostream& out);

}  // namespace race::build
