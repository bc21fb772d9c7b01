// SPDX-License-Identifier: GPL-2.0-only
#include <iostream>

#include "race/commands.h"

namespace race {

int ReportError(const Error& error) {
  std::istringstream lines(error.Text());
  for (std::string line; std::getline(lines, line);)
    std::cerr << (line.starts_with("RACE-E") ? "race: " : "race:   ") << line << '\n';
  return ExitStatusOf(error);
}

int ExitStatusOf(const Error& error) {
  // 04xx: a contract does not hold; 05xx: its numbers cannot be linked there.
  const unsigned part = static_cast<unsigned>(error.code) / 100;
  return part == 4 || part == 5 ? kExitRefused : kExitBadInput;
}

}  // namespace race
