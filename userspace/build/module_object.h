// SPDX-License-Identifier: GPL-2.0-only
//
// From a module's code to the .rcrate's file.
#pragma once

#include <set>
#include <string>

#include "build/driver.h"
#include "rcrate/model.h"
#include "steg/graph.h"
#include "support/result.h"

namespace race::build {

// OUTPUT/.race-build-PID-..., for intermediate files (in the folder of temporary files, where make
// would not take OUTPUT's name); it goes with the object, unless it is to be kept: then it is
// .race-kept-PID-....  Those of builds that were killed are swept.
class WorkFolder {
 public:
  WorkFolder(const std::string& output, bool keep);
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::string& path() const { return path_; }
  // Whether the folder is there.  kFileWrite.
  Status Made() const;

 private:
  std::string path_;
  bool keep_, made_ = false;
  int reason_ = 0;
};

// What Kbuild does to the object of a module: objtool with the same options, and the
// relocatable link with the module's linker script and the common part, to `linked`.
// Errors: kBuildObjtool, kBuildLink.
Status FinishObject(const Sdk& sdk, const Driver& driver, const std::string& object,
                    const std::string& linked);

// Names of the object's sections that are not empty.
Result<std::set<std::string>> SectionsOf(const std::string& object);

// "key=value" strings of the module's .modinfo that the resolver asks for.
// kBuildInput when there is no licence.
Status AddModuleInfo(const std::string& linked, rcrate::Rcrate* rcrate);

// Who made the .rcrate, from what, and the module's name and aliases.
void AddManifest(const Sdk& sdk, const Driver& driver, const std::string& base,
                 rcrate::Rcrate* rcrate);

// Writes OUTPUT/NAME.rcrate: `linked` without its debug information and without
// the sections in `without`, and the .race sections.  Returns its path.  Errors:
// kBuildLink, kFileWrite.
Result<std::string> WriteRcrate(const Sdk& sdk, const Driver& driver, const rcrate::Rcrate& rcrate,
                                const steg::Graph& types, const std::string& linked,
                                const std::string& output,
                                const std::vector<std::string>& without = {});

}  // namespace race::build
