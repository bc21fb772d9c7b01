// SPDX-License-Identifier: GPL-2.0-only
//
// Two kernels seen by one driver: which of the things that it needs are other
// ones there.
#pragma once

#include <string>
#include <vector>

#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "resolve/pipeline.h"

namespace race::resolve {

struct ContractDifference {
  struct Detail {
    std::string what;  // "offset", "type", ...; for people
    std::string before, after;
  };
  std::string contract;  // "field private_data of struct file"
  std::string source;    // "driver.rs:12", where it is known
  std::vector<Detail> details;
  // The code of why it does not hold there; empty where it does.
  std::string old_code, new_code;
};

// In the order of the contracts; behind them what is no contract (rooms, the
// module's frame) and holds on one of the two only.  Numbers, the types of fields
// (as for STEG's Compatible), frozen layouts, exports and configuration are
// compared.  Both reports are Check's for the same file.
std::vector<ContractDifference> CompareContracts(const rcrate::RcrateFile& file,
                                                 const kernel::Target& old_target,
                                                 const CheckReport& old_report,
                                                 const kernel::Target& new_target,
                                                 const CheckReport& new_report);

}  // namespace race::resolve
