// SPDX-License-Identifier: GPL-2.0-only
//
// The .rcrate files that are installed on a machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace race::store {

struct InstalledDriver {
  std::string name;  // as the kernel has it, of the file's name
  std::string path;
  bool operator==(const InstalledDriver&) const = default;
};

// ROOT/usr/local/lib/race, the administrator's, which wins, and ROOT/usr/lib/race, that of
// packages.  `root` is empty for the machine itself.
std::vector<std::string> DriverFolders(const std::string& root);

// All of them, by name; of two of one name, the one that wins.  The validator is among them.
std::vector<InstalledDriver> InstalledDrivers(const std::string& root);

// '-' and '_' are the same.
std::optional<InstalledDriver> FindDriver(const std::string& root, std::string_view name);

// Those that have an alias which matches, as modprobe matches: a shell pattern in the
// manifest.  Every installed file is opened; one that cannot be read has no alias.
std::vector<InstalledDriver> FindDriversByAlias(const std::string& root, const std::string& alias);

// The name as the kernel has it: '_' for '-', but not within brackets, which are a
// pattern's.
std::string WithUnderscores(std::string_view name);

}  // namespace race::store
