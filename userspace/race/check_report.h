// SPDX-License-Identifier: GPL-2.0-only
//
// How `race check` shows what it found: in full, as one row for each of several
// kernels, or as JSON.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "rcrate/rcrate_file.h"
#include "resolve/pipeline.h"
#include "support/metrics.h"

namespace race {

enum class Verdict { kFits, kRefused, kTrouble };

// A number of the target that a contract is about, in bytes, of a bit field its place in bits;
// nothing where it has none.
struct CheckedValue {
  rcrate::ContractId contract;
  std::optional<int64_t> value;
  bool holds;  // else it is what the target has, but nothing is linked with it
};

struct KernelCheck {
  std::string target;
  std::optional<Error> error;  // it could not be read; then there is no more
  resolve::CheckReport report;
  std::vector<CheckedValue> values;
  Metrics metrics;

  Verdict verdict() const;
};

// One kernel and all its problems.
void PrintInFull(const rcrate::RcrateFile& file, const KernelCheck& check, std::ostream& out);

// A row for each kernel with the first of its problems, and the totals.
void PrintRows(const rcrate::RcrateFile& file, const std::vector<KernelCheck>& checks,
               std::ostream& out);

void PrintJson(const rcrate::RcrateFile& file, const std::vector<KernelCheck>& checks,
               std::ostream& out);

}  // namespace race
