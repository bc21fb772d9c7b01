// SPDX-License-Identifier: GPL-2.0-only
//
// Times and counts of a command's phases, printed by its --metrics switch.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace race {

class Metrics {
 public:
  void AddTime(std::string name, double milliseconds) {
    times_.push_back({std::move(name), milliseconds});
  }
  void Count(std::string name, uint64_t value) { counts_.push_back({std::move(name), value}); }
  // One line each: "  12.345 ms  read target" and "      123  fields".
  void Print(std::ostream& out) const;

 private:
  struct Time {
    std::string name;
    double milliseconds;
  };
  struct Counter {
    std::string name;
    uint64_t value;
  };
  std::vector<Time> times_;
  std::vector<Counter> counts_;
};

// Adds the time from its construction to its end to a Metrics.
class Phase {
 public:
  Phase(Metrics* metrics, std::string name)
      : metrics_(metrics), name_(std::move(name)), start_(Clock::now()) {}
  ~Phase() {
    metrics_->AddTime(std::move(name_),
                      std::chrono::duration<double, std::milli>(Clock::now() - start_).count());
  }
  Phase(const Phase&) = delete;
  Phase& operator=(const Phase&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  Metrics* metrics_;
  std::string name_;
  Clock::time_point start_;
};

}  // namespace race
