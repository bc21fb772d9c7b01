// SPDX-License-Identifier: GPL-2.0-only
#include "support/metrics.h"

#include <cstdio>

namespace race {

void Metrics::Print(std::ostream& out) const {
  char line[64];
  for (const Time& time : times_) {
    std::snprintf(line, sizeof line, "%12.3f ms  ", time.milliseconds);
    out << line << time.name << '\n';
  }
  for (const Counter& counter : counts_) {
    std::snprintf(line, sizeof line, "%12llu     ", static_cast<unsigned long long>(counter.value));
    out << line << counter.name << '\n';
  }
}

}  // namespace race
