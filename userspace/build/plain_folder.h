// SPDX-License-Identifier: GPL-2.0-only
//
// A folder whose name make can take.  It takes no blanks, colons or quotes: there a copy of
// the sources is built, and every message names the folder that was given.
#pragma once

#include <string>

#include "support/result.h"

namespace race::build {

// Whether make and the shell take this name as it is.
bool IsPlainName(const std::string& path);

class PlainFolder {
 public:
  // `work`: a folder with a plain name, for a copy.  kFileRead, kFileWrite.
  static Result<PlainFolder> Of(const std::string& folder, const std::string& work);

  const std::string& path() const { return path_; }
  // The text, in which the copy was named, with the folder that was given.
  std::string Restored(std::string text) const;

 private:
  std::string given_, path_;
};

}  // namespace race::build
