// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/target_list.h"

#include <string.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "kernel/target.h"

namespace race::kernel {
namespace {

namespace fs = std::filesystem;

bool IsImageName(const std::string& name) {
  return name.starts_with("vmlinuz-") || name.starts_with("vmlinux-") ||
         name.starts_with("bzImage-");
}

// Every question about an entry may fail, as entries go and permissions are
// missing: then it is not taken.
bool IsKernelFolder(const fs::directory_entry& entry) {
  std::error_code ignored;
  if (!entry.is_directory(ignored)) return false;
  return static_cast<bool>(ImageOfFolder(entry.path())) ||
         (fs::is_directory(entry.path() / "kernel", ignored) &&
          fs::exists(entry.path() / "modules.dep", ignored));
}

struct Entries {
  std::vector<fs::directory_entry> kernels;
  bool has_images = false;
};

Result<Entries> ReadFolder(const std::string& folder) {
  Entries entries;
  std::error_code error;
  fs::directory_iterator at(folder, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename();
    std::error_code ignored;
    const bool is_image = IsImageName(name) && at->is_regular_file(ignored);
    entries.has_images |= is_image;
    if (is_image || (!name.starts_with('.') && IsKernelFolder(*at))) entries.kernels.push_back(*at);
  }
  if (error) return Fail(Code::kTargetNotFound) << folder << ": " << error.message();
  return entries;
}

}  // namespace

Result<TargetList> ListTargets(const std::string& name) {
  TargetList list;
  std::error_code error;
  if (name == "running" || !fs::is_directory(name, error)) {
    list.names.push_back(name);
    return list;
  }
  RACE_ASSIGN(entries, ReadFolder(name));
  // A link /boot/vmlinuz does not make /boot the folder of one kernel.
  auto own_image = ImageOfFolder(name);
  if (own_image && !entries.has_images) {
    list.names.push_back(name);
    return list;
  }
  if (entries.kernels.empty())
    return Fail(Code::kTargetNotFound)
           << own_image.error().message << "; and it is no folder of kernels either";

  // Of several names of one kernel, one that is no link.
  std::sort(entries.kernels.begin(), entries.kernels.end(), [](const auto& a, const auto& b) {
    std::error_code ignored;
    const bool link_a = a.is_symlink(ignored), link_b = b.is_symlink(ignored);
    if (link_a != link_b) return link_b;
    return strverscmp(a.path().c_str(), b.path().c_str()) < 0;
  });
  list.is_folder_of_kernels = true;
  std::set<fs::path> seen;
  for (const fs::directory_entry& entry : entries.kernels)
    if (seen.insert(fs::weakly_canonical(entry.path(), error)).second)
      list.names.push_back(entry.path());
  std::sort(list.names.begin(), list.names.end(),
            [](const auto& a, const auto& b) { return strverscmp(a.c_str(), b.c_str()) < 0; });
  return list;
}

}  // namespace race::kernel
