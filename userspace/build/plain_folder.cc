// SPDX-License-Identifier: GPL-2.0-only
#include "build/plain_folder.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace race::build {

namespace fs = std::filesystem;

bool IsPlainName(const std::string& path) {
  return std::all_of(path.begin(), path.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("/._-+,@~=").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

Result<PlainFolder> PlainFolder::Of(const std::string& folder, const std::string& work) {
  PlainFolder plain;
  plain.given_ = plain.path_ = folder;
  std::error_code failed;
  const std::string real = fs::canonical(folder, failed).string();
  // What is not there is for others to say.
  if (failed || (IsPlainName(folder) && IsPlainName(real))) return plain;
  plain.path_ = work + "/sources";
  fs::create_directories(work, failed);
  if (!failed) fs::copy(real, plain.path_, fs::copy_options::recursive, failed);
  if (failed)
    return Fail(Code::kFileWrite) << "copying " << folder << " to " << plain.path_
                                  << ", since make takes no such name: " << failed.message();
  return plain;
}

std::string PlainFolder::Restored(std::string text) const {
  if (path_ == given_) return text;
  for (size_t at = 0; (at = text.find(path_, at)) != std::string::npos; at += given_.size())
    text.replace(at, path_.size(), given_);
  return text;
}

}  // namespace race::build
