// SPDX-License-Identifier: GPL-2.0-only
#include "support/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "support/large_file.h"

namespace race {
namespace {

// Bytes of the largest file that is read whole: no .rcrate, no configuration and no file of an
// SDK comes near.
constexpr size_t kLargestFile = 128 << 20;

Result<std::string> ReadUpTo(const std::string& path, size_t largest) {
  // Not to wait for whoever may open the other end of a named pipe, or for a device.
  int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return Fail(Code::kFileOpen) << path << ": " << strerror(errno);
  auto fail = [&](const std::string& why) {
    close(fd);
    return Fail(Code::kFileRead) << path << ": " << why;
  };
  const std::string too_large =
      "larger than " + std::to_string(largest) + " bytes, the most that is read";
  std::string content;
  struct stat st, named;
  if (fstat(fd, &st) != 0) return fail(strerror(errno));
  if (S_ISFIFO(st.st_mode)) {
    if (lstat(path.c_str(), &named) == 0 && S_ISFIFO(named.st_mode))
      return fail("a named pipe; expected a file");
    fcntl(fd, F_SETFL, 0);
  }
  if (S_ISDIR(st.st_mode)) return fail(strerror(EISDIR));
  if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)) return fail("a device; expected a file");
  if (S_ISREG(st.st_mode)) {
    if (static_cast<uint64_t>(st.st_size) > largest) return fail(too_large);
    content.reserve(st.st_size + 1);
  }
  char buffer[1 << 16];
  for (;;) {
    ssize_t n = read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(strerror(errno));
    if (n == 0) break;
    if (content.size() + n > largest) return fail(too_large);
    content.append(buffer, n);
  }
  close(fd);
  return content;
}

}  // namespace

Result<std::string> ReadFile(const std::string& path) { return ReadUpTo(path, kLargestFile); }

Result<std::string> ReadLargeFile(const std::string& path) { return ReadUpTo(path, SIZE_MAX); }

}  // namespace race
