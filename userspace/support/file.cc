// SPDX-License-Identifier: GPL-2.0-only
#include "support/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace race {

Result<std::string> ReadFile(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Fail(Code::kFileOpen) << path << ": " << strerror(errno);
  std::string content;
  struct stat st;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) content.reserve(st.st_size + 1);
  char buffer[1 << 16];
  for (;;) {
    ssize_t n = read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      int saved = errno;
      close(fd);
      return Fail(Code::kFileRead) << path << ": " << strerror(saved);
    }
    if (n == 0) break;
    content.append(buffer, n);
  }
  close(fd);
  return content;
}

Status WriteFileAtomically(const std::string& path, std::string_view content, unsigned mode) {
  std::string beside = path + ".tmp-XXXXXX";
  int fd = mkstemp(beside.data());
  if (fd < 0) return Fail(Code::kFileWrite) << beside << ": " << strerror(errno);
  auto fail = [&](int number) {
    close(fd);
    unlink(beside.c_str());
    return Fail(Code::kFileWrite) << path << ": " << strerror(number);
  };
  for (size_t done = 0; done < content.size();) {
    ssize_t n = write(fd, content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(errno);
    done += n;
  }
  if (fchmod(fd, mode) < 0) return fail(errno);
  if (close(fd) < 0 || rename(beside.c_str(), path.c_str()) < 0) {
    int saved = errno;
    unlink(beside.c_str());
    return Fail(Code::kFileWrite) << path << ": " << strerror(saved);
  }
  return Ok{};
}

}  // namespace race
