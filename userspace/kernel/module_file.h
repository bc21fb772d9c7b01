// SPDX-License-Identifier: GPL-2.0-only
//
// The module files of a folder, and what any one of them says of its kernel.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace race::kernel {

// Calls `see` with the path of each module below `folder`, in the order of their
// names, until it returns true.
void VisitModules(const std::string& folder, const std::function<bool(const std::string&)>& see);

struct ModuleFacts {
  std::string path;
  std::string vermagic;
  std::optional<std::string> orc_hash;  // bytes of .orc_header
};

// From the first module below `folder` (/lib/modules/RELEASE) that can be read,
// in the order of their names; compressed ones too.
std::optional<ModuleFacts> FindModuleFacts(const std::string& folder);

}  // namespace race::kernel
