// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/kernel_memory.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace race::kernel {
namespace {

bool ReadAt(int fd, uint64_t offset, void* out, uint64_t length) {
  char* at = static_cast<char*>(out);
  while (length > 0) {
    ssize_t n = pread(fd, at, length, offset);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    offset += n;
    length -= n;
  }
  return true;
}

}  // namespace

std::optional<KernelMemory> KernelMemory::Open(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  KernelMemory memory(fd, {});
  Elf64_Ehdr header;
  if (!ReadAt(fd, 0, &header, sizeof header) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(Elf64_Phdr))
    return std::nullopt;
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  if (!ReadAt(fd, header.e_phoff, segments.data(), segments.size() * sizeof(Elf64_Phdr)))
    return std::nullopt;
  for (const Elf64_Phdr& segment : segments)
    if (segment.p_type == PT_LOAD)
      memory.ranges_.push_back({segment.p_vaddr, segment.p_memsz, segment.p_offset});
  if (memory.ranges_.empty()) return std::nullopt;
  return memory;
}

KernelMemory::~KernelMemory() {
  if (fd_ >= 0) close(fd_);
}

KernelMemory::KernelMemory(KernelMemory&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), ranges_(std::move(other.ranges_)) {}

std::optional<std::string> KernelMemory::ReadUpTo(uint64_t address, uint64_t length) const {
  constexpr uint64_t kMaxRead = 256 << 20;
  for (const Range& range : ranges_) {
    if (address < range.address || address - range.address >= range.length) continue;
    uint64_t skip = address - range.address;
    std::string bytes(std::min({length, range.length - skip, kMaxRead}), '\0');
    if (!ReadAt(fd_, range.offset + skip, bytes.data(), bytes.size())) continue;
    return bytes;
  }
  return std::nullopt;
}

std::optional<std::string> KernelMemory::Read(uint64_t address, uint64_t length) const {
  auto bytes = ReadUpTo(address, length);
  return bytes && bytes->size() == length ? bytes : std::nullopt;
}

}  // namespace race::kernel
