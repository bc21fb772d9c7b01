// SPDX-License-Identifier: GPL-2.0-only
//
// Files as they are put in place: the old one or the new one, whatever happens meanwhile.
#include "support/write_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>
#include <utility>

#include "support/file.h"

namespace race {
namespace {

namespace fs = std::filesystem;

// What a file is called until it is whole: this, and 16 digits.
constexpr std::string_view kTemporary = ".race-tmp-";
constexpr size_t kDigits = 16;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Fail CannotWrite(const std::string& path, int reason) {
  return Fail(Code::kFileWrite) << path << ": " << strerror(reason);
}

// A folder and a name in it.
struct Place {
  std::string folder, name;
};

Place PlaceOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

// False with errno.
bool WriteAll(int fd, std::string_view content) {
  for (size_t done = 0; done < content.size();) {
    const ssize_t n = write(fd, content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    done += n;
  }
  return true;
}

// False with errno.  There are things that cannot be synced, and need not be.
bool Sync(int fd) {
  while (fsync(fd) != 0) {
    if (errno == EINTR) continue;
    return errno == EINVAL || errno == ENOTSUP || errno == EROFS || errno == EBADF;
  }
  return true;
}

// What is read and written in it goes by this descriptor, so that it stays the same folder.
// One that may not be read cannot be synced or swept, but written to.
Descriptor OpenFolder(const std::string& path) {
  constexpr int kFlags = O_DIRECTORY | O_CLOEXEC;
  Descriptor folder(open(path.c_str(), O_RDONLY | kFlags));
  if (!folder && errno == EACCES) folder = Descriptor(open(path.c_str(), O_PATH | kFlags));
  return folder;
}

// Who makes a temporary file holds its lock until it has its name: one that nobody holds was
// left by a run that was killed.
void RemoveLeftOver(int folder, const char* name) {
  struct stat st;
  if (strncmp(name, kTemporary.data(), kTemporary.size()) != 0 ||
      strlen(name) != kTemporary.size() + kDigits ||
      fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode) ||
      st.st_uid != geteuid())
    return;
  const Descriptor file(openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file && flock(file.get(), LOCK_EX | LOCK_NB) == 0) unlinkat(folder, name, 0);
}

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

void Sweep(int folder) {
  Descriptor again(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, CloseFolder> entries(again ? fdopendir(again.get()) : nullptr);
  if (!entries) return;
  again.Release();  // closed with the entries
  while (const dirent* entry = readdir(entries.get())) RemoveLeftOver(folder, entry->d_name);
}

// A new file in `folder`, which goes again unless it is put in place.
class Temporary {
 public:
  explicit Temporary(int folder) : folder_(folder) {}
  ~Temporary() {
    if (file_ && !placed_) unlinkat(folder_, name_.c_str(), 0);
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  // False with errno.  Mode and owner are those of any new file: what the umask and the folder
  // (its default ACL, its group) say.
  bool Make() {
    constexpr int kTries = 100;
    for (int i = 0; i < kTries; ++i) {
      uint64_t number = 0;
      char digits[kDigits + 1];
      if (getrandom(&number, sizeof number, 0) != sizeof number) return false;
      snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(number));
      name_ = std::string(kTemporary) + digits;
      Descriptor file(openat(folder_, name_.c_str(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
      if (!file && errno == EEXIST) continue;
      if (!file) return false;
      // Where there are no locks, nobody sweeps.
      flock(file.get(), LOCK_EX);
      struct stat st;
      if (fstat(file.get(), &st) == 0 && st.st_nlink == 0) continue;  // swept before it was locked
      file_ = std::move(file);
      return true;
    }
    errno = EEXIST;
    return false;
  }
  int file() const { return file_.get(); }
  // False with errno.
  bool PutInPlace(const std::string& name) {
    placed_ = renameat(folder_, name_.c_str(), folder_, name.c_str()) == 0;
    return placed_;
  }

 private:
  int folder_;
  std::string name_;
  Descriptor file_;
  bool placed_ = false;
};

Status Replace(const std::string& path, std::string_view content) {
  const Place place = PlaceOf(path);
  const Descriptor folder = OpenFolder(place.folder);
  if (!folder) return CannotWrite(path, errno);
  Sweep(folder.get());
  Temporary file(folder.get());
  if (!file.Make() || !WriteAll(file.file(), content) || !Sync(file.file()) ||
      !file.PutInPlace(place.name) || !Sync(folder.get()))
    return CannotWrite(path, errno);
  return Ok{};
}

// Devices and pipes.
Status WriteInto(const std::string& path, std::string_view content, int flags) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC | flags));
  if (!file || !WriteAll(file.get(), content) || !Sync(file.get())) return CannotWrite(path, errno);
  return Ok{};
}

// /dev/stdout, /dev/fd/1, /proc/self/fd/1: links that the system made, where nobody else can
// put any.
bool IsSystemLink(const std::string& path) {
  std::error_code error;
  const std::string folder = fs::canonical(PlaceOf(path).folder, error);
  return !error && (folder == "/dev" || folder.starts_with("/proc/"));
}

// Whether the digits that `text` begins with are the id of a process that is there.
bool IsRunning(const char* text) {
  const pid_t process = static_cast<pid_t>(strtol(text, nullptr, 10));
  return process <= 0 || kill(process, 0) == 0 || errno != ESRCH;
}

}  // namespace

Status WriteFileAtomically(const std::string& path, std::string_view content) {
  struct stat st;
  const std::string name = PlaceOf(path).name;
  if (name.empty() || name == "." || name == "..") return CannotWrite(path, EISDIR);
  if (lstat(path.c_str(), &st) != 0)
    return errno == ENOENT ? Replace(path, content) : Status(CannotWrite(path, errno));
  if (S_ISREG(st.st_mode)) return Replace(path, content);
  if (S_ISDIR(st.st_mode)) return CannotWrite(path, EISDIR);
  if (!S_ISLNK(st.st_mode)) return WriteInto(path, content, O_NOFOLLOW);
  if (IsSystemLink(path)) return WriteInto(path, content, O_TRUNC);
  // Of a link to a file, or to nothing, the link is replaced.
  if (stat(path.c_str(), &st) == 0 && !S_ISREG(st.st_mode))
    return Fail(Code::kFileWrite) << path << ": a symbolic link to what is no file; expected a "
                                  << "file, or the name of the device itself";
  return Replace(path, content);
}

Status SyncFolder(const std::string& path) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    const fs::file_status status = at->symlink_status(error);
    if (error || (!fs::is_regular_file(status) && !fs::is_directory(status))) continue;
    const Descriptor file(open(at->path().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file || !Sync(file.get())) return CannotWrite(at->path(), errno);
  }
  if (error) return Fail(Code::kFileWrite) << path << ": " << error.message();
  const Descriptor folder = OpenFolder(path);
  if (!folder || !Sync(folder.get())) return CannotWrite(path, errno);
  return Ok{};
}

void SweepFoldersOfDead(const std::string& folder, const std::string& prefix) {
  constexpr time_t kDay = 24 * 60 * 60;  // seconds
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    struct stat st;
    if (!name.starts_with(prefix) || IsRunning(name.c_str() + prefix.size()) ||
        lstat(at->path().c_str(), &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
        time(nullptr) - st.st_mtime < kDay)
      continue;
    std::error_code ignored;
    fs::remove_all(at->path(), ignored);
  }
}

}  // namespace race
