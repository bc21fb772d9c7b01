// SPDX-License-Identifier: GPL-2.0-only
//
// A kernel image as it lies in /boot: a bzImage with a compressed vmlinux in it,
// or a vmlinux itself.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/bytes.h"
#include "support/result.h"

namespace race::kernel {

struct Section {
  std::string_view data;
  uint64_t address = 0;
};

// The ELF sections of a vmlinux, by name.
class Vmlinux {
 public:
  // Takes a bzImage apart, or a vmlinux as it is.  `origin` is for messages.
  // Errors: kNotKernel, with what the file is instead.
  static Result<Vmlinux> Read(Bytes file, const std::string& origin);

  const Section* Find(std::string_view name) const;
  uint16_t machine() const { return machine_; }
  // What the boot header says of a bzImage: "7.2.12+deb13-amd64 (debian-kernel@...".
  const std::string& boot_version() const { return boot_version_; }

 private:
  Bytes bytes_;
  uint16_t machine_ = 0;
  std::string boot_version_;
  std::map<std::string, Section, std::less<>> sections_;
};

// "7.2.12+deb13-amd64", from the boot header or the banner.
std::optional<std::string> FindRelease(const Vmlinux& vmlinux);

// The vermagic string of that release in `data`, a part of a kernel's read-only
// memory: a whole string that begins with the release and goes on in words.
std::optional<std::string> FindVermagic(std::string_view data, std::string_view release);

}  // namespace race::kernel
