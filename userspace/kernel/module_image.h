// SPDX-License-Identifier: GPL-2.0-only
//
// One module's file, a .ko, as it lies below /lib/modules: compressed or not.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/exports.h"
#include "support/result.h"

namespace race::kernel {

class ModuleImage {
 public:
  // Errors: kBadModule, with the path.
  static Result<ModuleImage> Read(const std::string& path);

  const std::string& path() const { return path_; }
  uint16_t machine() const { return machine_; }
  // The bytes of a section; empty when there is none of that name.
  std::string_view Section(std::string_view name) const;

  // The values of a modinfo key, in order.
  std::vector<std::string> Modinfo(std::string_view key) const;
  // The modules that it needs, as `depends` has them, by the kernel's names.
  std::vector<std::string> Depends() const;

  // What it exports, from its own tables.  In a module's file these are filled in
  // by relocations.  Errors: kBadModule.
  Result<Exports> ReadExports() const;

 private:
  struct SectionPlace {
    uint64_t offset = 0, size = 0;
  };
  Status ReadSections();
  Result<std::string> RelocatedTable(const std::string& name, uint64_t table_address) const;

  std::string path_;
  std::string bytes_;
  uint16_t machine_ = 0;
  std::map<std::string, SectionPlace, std::less<>> sections_;
  std::map<std::string, uint32_t, std::less<>> section_index_;
};

// The kernel's name of a module: of its file's name without folder and endings,
// with '_' for '-'.
std::string ModuleName(std::string_view file_name);

// Whether a file's name is a module's: .ko, .ko.xz, .ko.zst, .ko.gz.
bool IsModuleFileName(std::string_view file_name);

}  // namespace race::kernel
