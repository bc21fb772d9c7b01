// SPDX-License-Identifier: GPL-2.0-only
//
// The running kernel's memory, read through /proc/kcore: an ELF core file whose
// program headers say which addresses stand where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace race::kernel {

class KernelMemory {
 public:
  // Nothing where there is no kcore, or it may not be read (not root, lockdown).
  static std::optional<KernelMemory> Open(const std::string& path);
  ~KernelMemory();
  KernelMemory(KernelMemory&& other) noexcept;
  KernelMemory& operator=(KernelMemory&&) = delete;

  // Exactly `length` bytes at `address`, or nothing.  One range must hold them.
  std::optional<std::string> Read(uint64_t address, uint64_t length) const;
  // As many of `length` bytes as the range holds; for reading up to a NUL.
  std::optional<std::string> ReadUpTo(uint64_t address, uint64_t length) const;

 private:
  struct Range {
    uint64_t address, length, offset;
  };
  KernelMemory(int fd, std::vector<Range> ranges) : fd_(fd), ranges_(std::move(ranges)) {}

  int fd_;
  std::vector<Range> ranges_;
};

}  // namespace race::kernel
