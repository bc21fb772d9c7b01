// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace race::kernel {

Bytes::~Bytes() {
  if (data_) munmap(data_, size_);
}

Result<Bytes> Bytes::Map(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return Fail(Code::kTargetNotFound) << path << ": " << strerror(errno);
  struct stat st;
  if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
    close(fd);
    return Fail(Code::kNotKernel) << path << ": empty or not a regular file";
  }
  void* at = mmap(nullptr, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  int reason = errno;
  close(fd);
  if (at == MAP_FAILED) return Fail(Code::kTargetNotFound) << path << ": " << strerror(reason);
  Bytes bytes;
  bytes.data_ = static_cast<char*>(at);
  bytes.size_ = st.st_size;
  return bytes;
}

Result<Bytes> Bytes::Allocate(size_t size) {
  void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED)
    return Fail(Code::kNotKernel) << "no memory for " << size << " bytes: " << strerror(errno);
  // A hint only: 60 MB in small pages cost 15,000 page faults.
  madvise(at, size, MADV_HUGEPAGE);
  Bytes bytes;
  bytes.data_ = static_cast<char*>(at);
  bytes.size_ = size;
  return bytes;
}

Result<Bytes> Bytes::Copy(std::string_view content) {
  RACE_ASSIGN(bytes, Allocate(content.empty() ? 1 : content.size()));
  memcpy(bytes.data(), content.data(), content.size());
  return bytes;
}

}  // namespace race::kernel
