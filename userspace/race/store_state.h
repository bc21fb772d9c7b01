// SPDX-License-Identifier: GPL-2.0-only
//
// What a kernel's store holds, for those who show it.
#pragma once

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "store/store.h"
#include "support/result.h"

namespace race {

struct DriverState {
  std::string name;
  std::string rcrate;
  std::string state;   // "kept", "current", "stale", "damaged", "stray", "missing", "refused"
  std::string reason;  // why, or nothing
};

struct StoreState {
  std::string release;
  bool indexed = true;  // depmod has run since the last change
  std::vector<DriverState> drivers;

  // All are current; what is refused is none that was kept.
  bool IsGood() const;
  void Print(std::ostream& out) const;
  nlohmann::json Json() const;
};

// `verify`: each module is held against its hash, its .rcrate and its kernel, and what is
// installed and not kept is "missing".  Without it the index alone is read, and all that it
// has is "kept".  Errors: kFileRead for an index that cannot be understood, and with
// `verify` those of store::KernelOf().
Result<StoreState> ReadStoreState(const store::Place& place, bool verify);

}  // namespace race
