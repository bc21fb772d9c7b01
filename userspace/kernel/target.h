// SPDX-License-Identifier: GPL-2.0-only
//
// A target kernel: everything the resolver asks of the kernel that a module
// shall be loaded into, wherever it comes from.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

class Modules;

// A module that was added to a target because a driver needs it.
struct AddedModule {
  std::string name;                               // as the kernel has it
  steg::NodeId first_node = steg::NodeId::kVoid;  // its own nodes in the target's graph
  steg::NodeId end_node = steg::NodeId::kVoid;
  std::optional<Error> untyped;  // why its types are not known
  // Its BTF as bytes, split from the kernel's; nullptr when its types are not known.
  std::shared_ptr<const std::string> btf;
};

struct Target {
  std::string origin;                // what the user named: a path, or "running"
  std::string release;               // "7.2.12+deb13-amd64"
  std::string vermagic;              // "7.2.12+deb13-amd64 SMP preempt mod_unload "
  std::optional<std::string> rustc;  // the compiler that built its Rust code, if it says
  uint16_t machine = 0;              // EM_X86_64
  steg::Graph types;
  std::map<std::string, Export, std::less<>> exports;
  std::optional<std::string> orc_hash;  // bytes of .orc_header, where it can be read
  // Modules beyond what is in `exports`; nullptr where none are known.
  std::shared_ptr<const Modules> modules;
  // Those of them whose exports and types are in `exports` and `types`.
  std::vector<AddedModule> added_modules;
  // Text of the kernel's configuration, where a file beside it has it.
  std::optional<std::string> config;
};

// "y", "m", a number or a string without its quotes; "n" where the configuration
// says that it is not set; nothing where it does not say or is not known.  Without a
// configuration, what the kernel shows of itself (kernel/config_witness.h).
std::optional<std::string> ConfigValue(const Target& target, std::string_view name);

// Whether the kernel was built with Rust support: by its exported helpers, which
// are there or not whatever else is known of it.
bool HasRust(const Target& target);

// Puts the exports onto the graph's functions and variables (STEG_EXPORTED), for
// those who show or store the graph.
void MarkExports(Target* target);

// Where a running system shows itself; tests have their own.
struct SystemRoots {
  std::string proc = "/proc";
  std::string sys = "/sys";
  std::string modules = "/lib/modules";
  std::string boot = "/boot";
};

// The kernel image of a folder of the form of /lib/modules/RELEASE.  Errors:
// kTargetNotFound, with the places that were looked at.
Result<std::string> ImageOfFolder(const std::string& folder);

// Reads a target: "running", a vmlinuz, a vmlinux, or a folder of the form of
// /lib/modules/RELEASE (which holds a vmlinuz, or whose RELEASE names
// ../../../boot/vmlinuz-RELEASE).  Errors: kTargetNotFound, kNotKernel, kNoBtf,
// kBadBtf, kNoExports, kNoRelease.
// `metrics` may be nullptr.
Result<std::unique_ptr<Target>> ReadTarget(const std::string& name, Metrics* metrics,
                                           const SystemRoots& roots = {});

}  // namespace race::kernel
