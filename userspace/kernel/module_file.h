// SPDX-License-Identifier: GPL-2.0-only
//
// What any module of a kernel says of that kernel.
#pragma once

#include <optional>
#include <string>

namespace race::kernel {

struct ModuleFacts {
  std::string path;
  std::string vermagic;
  std::optional<std::string> orc_hash;  // bytes of .orc_header
};

// From the first module below `folder` (/lib/modules/RELEASE) that can be read,
// in the order of their names; compressed ones too.
std::optional<ModuleFacts> FindModuleFacts(const std::string& folder);

}  // namespace race::kernel
