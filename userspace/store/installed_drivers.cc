// SPDX-License-Identifier: GPL-2.0-only
#include "store/installed_drivers.h"

#include <fnmatch.h>

#include <filesystem>
#include <map>

#include "rcrate/rcrate_file.h"

namespace race::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".rcrate";

// Folders that are not there have none.
void AddFolder(const std::string& folder, std::map<std::string, std::string>* paths) {
  std::error_code error;
  std::map<std::string, std::string> own;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string file = it->path().filename();
    std::error_code ignored;
    if (!file.ends_with(kEnding) || file.starts_with('.') || !it->is_regular_file(ignored))
      continue;
    const std::string name =
        WithUnderscores(std::string_view(file).substr(0, file.size() - kEnding.size()));
    // Of a-b.rcrate and a_b.rcrate the same one each time.
    std::string& path = own[name];
    if (path.empty() || it->path().string() < path) path = it->path();
  }
  paths->merge(own);
}

bool HasAlias(const rcrate::Rcrate& rcrate, const std::string& alias) {
  for (const rcrate::Property& property : rcrate.manifest)
    if (property.key == "alias" &&
        fnmatch(WithUnderscores(property.value).c_str(), alias.c_str(), 0) == 0)
      return true;
  return false;
}

}  // namespace

std::vector<std::string> DriverFolders(const std::string& root) {
  return {root + "/usr/local/lib/race", root + "/usr/lib/race"};
}

std::vector<InstalledDriver> InstalledDrivers(const std::string& root) {
  std::map<std::string, std::string> paths;
  for (const std::string& folder : DriverFolders(root)) AddFolder(folder, &paths);
  std::vector<InstalledDriver> drivers;
  for (const auto& [name, path] : paths) drivers.push_back({name, path});
  return drivers;
}

std::optional<InstalledDriver> FindDriver(const std::string& root, std::string_view name) {
  const std::string wanted = WithUnderscores(name);
  for (InstalledDriver& driver : InstalledDrivers(root))
    if (driver.name == wanted) return std::move(driver);
  return std::nullopt;
}

std::vector<InstalledDriver> FindDriversByAlias(const std::string& root, const std::string& alias) {
  const std::string wanted = WithUnderscores(alias);
  std::vector<InstalledDriver> found;
  for (InstalledDriver& driver : InstalledDrivers(root)) {
    auto file = rcrate::OpenRcrate(driver.path);
    if (file && HasAlias(file->rcrate, wanted)) found.push_back(std::move(driver));
  }
  return found;
}

std::string WithUnderscores(std::string_view name) {
  std::string text(name);
  bool within = false;
  for (char& c : text) {
    if (c == '[') within = true;
    if (c == ']') within = false;
    if (c == '-' && !within) c = '_';
  }
  return text;
}

}  // namespace race::store
