// SPDX-License-Identifier: GPL-2.0-only
//
// Options of the kernel's configuration that a driver's source asks for, and those that the
// kernel crate's code which it brings was compiled under.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "build/contract_builder.h"
#include "build/source_lines.h"

namespace race::build {

// An option that cfg(), cfg!() or cfg_attr() names.
struct ConfigQuestion {
  unsigned line = 0;      // the first
  bool by_value = false;  // asked is `CONFIG_X = "m"`, and not only whether it is set
};
std::map<std::string, ConfigQuestion> ConfigQuestions(std::string_view rust);

// What a target has to answer of an option: what the base kernel's configuration (the text of a
// .config) says.  By value or by whether it is set at all, in which case "y|m" is both.
std::string ExpectedConfig(const std::string& configuration, const std::string& option,
                           bool by_value);

// A CONFIG contract for each option that one of the files asks for, with what the
// base kernel's configuration (the text of a .config) answered.
void AddConfigFacts(const std::set<std::string>& files, const std::string& configuration,
                    ContractBuilder* contracts);

// The same of the kernel crate's sources, which are all files of `code` below `folder`: only
// what code of these lines depends on, as CfgScopes() sees it.  What an option brings as a
// whole file or module (`#[cfg(CONFIG_PCI)] pub mod pci;`) is left to the imports and types
// that the file's code asks for.
void AddKernelConfigFacts(const SourceLines& code, const std::string& folder,
                          const std::string& configuration, ContractBuilder* contracts);

}  // namespace race::build
