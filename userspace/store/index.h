// SPDX-License-Identifier: GPL-2.0-only
//
// What is in the store of one kernel, and what each module was made from.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "support/result.h"

namespace race::store {

// A module that was resolved and kept.
struct Entry {
  std::string rcrate;       // its path when it was resolved
  std::string rcrate_hash;  // SHA-256 of its bytes
  std::string kernel;       // the build ID of the kernel
  std::string race;         // version of the race that resolved it
  std::string module_hash;  // SHA-256 of the module
  std::vector<std::string> depends;
  std::string softdep;
  bool operator==(const Entry&) const = default;
};

// A driver that this kernel does not have what it needs for.
struct Refusal {
  std::string rcrate;
  std::string error;  // with its code
  bool operator==(const Refusal&) const = default;
};

struct Index {
  // The modules' indexes have been made since the last change (depmod).
  bool indexed = true;
  std::map<std::string, Entry> modules;
  std::map<std::string, Refusal> refused;
  bool operator==(const Index&) const = default;
};

std::string WriteIndex(const Index& index);

// `path` is for messages.  Errors: kFileRead, when it is no index, is of another format or
// has names that no module has.
Result<Index> ParseIndex(const std::string& text, const std::string& path);

}  // namespace race::store
