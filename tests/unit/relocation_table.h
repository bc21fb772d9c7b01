// SPDX-License-Identifier: GPL-2.0-only
//
// The relocation table: cases in tests/relocation/cases/*.s, each a .rcrate in
// assembler, against targets in tests/relocation/targets/*.c.
#pragma once

#include <string>
#include <vector>

#include "kernel/target.h"
#include "support/result.h"

namespace race::relocation {

struct Case {
  std::string name;    // of its file and its own: "bitfields_unit_moved"
  std::string target;  // name of a file in targets/
  std::string code;    // "E0404" of what must be refused; empty: must pass
  std::string words;   // a part of that message
  std::string source;  // the assembler
};

// A case begins with a line "#: pass NAME on TARGET" or "#: refuse NAME on TARGET
// with E0404 WORDS" and goes to the next one.
std::vector<Case> ReadCases();

// Assembles a case and fills in its checksums.  On failure the message is the
// assembler's.
Result<std::string> Assemble(const Case& test);

// The names of targets/*.c.
std::vector<std::string> TargetNames();

// The kernel of that name, compiled when it is first asked for.
Result<const kernel::Target*> TargetOf(const std::string& name);

// What a case expects of the module's bytes: a record of its section .race.expect.
struct Expectation {
  std::string symbol;  // empty: offsets are in .text
  std::string target;  // not empty: an address, of this symbol ("name" or "name@section")
  uint64_t offset = 0, width = 0;
  int64_t value = 0;
};
std::vector<Expectation> ReadExpectations(const std::string& rcrate);

// Empty when the module is as expected; else what is not.
std::string Compare(const std::string& module, const std::vector<Expectation>& expected);

}  // namespace race::relocation
