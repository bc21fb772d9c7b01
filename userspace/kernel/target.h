// SPDX-License-Identifier: GPL-2.0-only
//
// A target kernel: everything the resolver asks of the kernel that a module
// shall be loaded into, wherever it comes from.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "steg/graph.h"
#include "support/metrics.h"
#include "support/result.h"

namespace race::kernel {

struct Export {
  bool gpl_only = false;
  std::string symbol_namespace;  // empty: none
  std::string module;            // empty: the kernel itself
};

struct Target {
  std::string origin;    // what the user named: a path, or "running"
  std::string release;   // "7.2.12+deb13-amd64"
  std::string vermagic;  // "7.2.12+deb13-amd64 SMP preempt mod_unload "
  std::optional<std::string> rustc;  // the compiler that built its Rust code, if it says
  uint16_t machine = 0;              // EM_X86_64
  steg::Graph types;
  std::map<std::string, Export, std::less<>> exports;
  std::optional<std::string> orc_hash;  // bytes of .orc_header, where it can be read
};

// Reads a target: "running", a vmlinuz, a vmlinux, or a folder of the form of
// /lib/modules/RELEASE (which holds a vmlinuz, or whose RELEASE names
// ../../../boot/vmlinuz-RELEASE).  Errors: kTargetNotFound, kNotKernel, kNoBtf,
// kBadBtf, kNoExports, kNoRelease.
Result<std::unique_ptr<Target>> ReadTarget(const std::string& name, Metrics* metrics);

}  // namespace race::kernel
