// SPDX-License-Identifier: GPL-2.0-only
//
// How an SDK's crates are compiled: Kbuild's own commands, for one variant.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "build/process.h"
#include "build/sdk.h"

namespace race::build {

// Leaves out what rustc does to a body according to how large it or its values are: the
// same body must come out of every variant.
void AddSteadyMir(Command* command);

class SdkCommands {
 public:
  explicit SdkCommands(const SdkOptions& options) : options_(options) {}

  std::string tree() const { return options_.output + "/tree"; }
  std::string variant(const std::string& name) const {
    return options_.output + "/variant/" + name;
  }

  // The command that Kbuild used for the crate `like` of rust/, against the variant
  // `name` and without what it is to emit.  With `crate`, for that one and its source.
  Command Crate(const std::string& name, const std::string& like, const std::string& crate,
                const std::string& source) const;
  Command Bindings(const std::string& name) const;
  Command Uapi(const std::string& name) const;
  Command Kernel(const std::string& name) const;
  Command Adapter(const std::string& name, const std::string& crate) const;
  Command Driver(const std::string& name, const std::string& crate,
                 const std::string& source) const;
  // For its errors alone.
  Command Probe(const std::string& name, const std::filesystem::path& source) const;

 private:
  const SdkOptions& options_;
};

// What the Rust sources in `folder` name as bindings::NAME.  kSdkTree.
Result<std::set<std::string>> NamedTypes(const std::string& folder);

// The root sources of the Rust modules below a folder, by what all have: `license:`
// in module! or its like.
std::vector<std::filesystem::path> DriverSources(const std::string& folder);

}  // namespace race::build
