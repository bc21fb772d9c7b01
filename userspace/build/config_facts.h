// SPDX-License-Identifier: GPL-2.0-only
//
// Options of the kernel's configuration that a driver's source asks for.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "build/contract_builder.h"

namespace race::build {

// An option that cfg(), cfg!() or cfg_attr() names.
struct ConfigQuestion {
  unsigned line = 0;      // the first
  bool by_value = false;  // asked is `CONFIG_X = "m"`, and not only whether it is set
};
std::map<std::string, ConfigQuestion> ConfigQuestions(std::string_view rust);

// A CONFIG contract for each option that one of the files asks for, with what the
// base kernel's configuration (the text of a .config) answered.
void AddConfigFacts(const std::set<std::string>& files, const std::string& configuration,
                    ContractBuilder* contracts);

}  // namespace race::build
