// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/module_file.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "kernel/module_image.h"

namespace race::kernel {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 16;  // folders within each other

bool Visit(const fs::path& folder, int depth, const std::function<bool(const std::string&)>& see) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    entries.push_back(it->path());
  std::sort(entries.begin(), entries.end());
  for (const fs::path& entry : entries) {
    // Not through links: `build` leads to the headers, and links can go in circles.
    fs::file_status status = fs::symlink_status(entry, error);
    if (fs::is_directory(status) && depth < kMaxDepth) {
      if (Visit(entry, depth + 1, see)) return true;
    } else if (fs::is_regular_file(status) && IsModuleFileName(entry.string())) {
      if (see(entry.string())) return true;
    }
  }
  return false;
}

std::optional<ModuleFacts> Search(const std::string& folder) {
  std::optional<ModuleFacts> facts;
  VisitModules(folder, [&](const std::string& path) {
    auto module = ModuleImage::Read(path);
    if (!module) return false;
    auto vermagic = module->Modinfo("vermagic");
    if (vermagic.empty()) return false;
    facts = ModuleFacts{.path = path, .vermagic = vermagic.back(), .orc_hash = {}};
    std::string_view orc = module->Section(".orc_header");
    if (!orc.empty()) facts->orc_hash = orc;
    return true;
  });
  return facts;
}

}  // namespace

void VisitModules(const std::string& folder, const std::function<bool(const std::string&)>& see) {
  Visit(folder, 0, see);
}

std::optional<ModuleFacts> FindModuleFacts(const std::string& folder) {
  // Modules that came with the kernel say what it expects; those that were added
  // (extra/, updates/) say what somebody hoped.
  auto facts = Search(folder + "/kernel");
  return facts ? facts : Search(folder);
}

}  // namespace race::kernel
