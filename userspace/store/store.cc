// SPDX-License-Identifier: GPL-2.0-only
#include "store/store.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "store/digest.h"
#include "store/version.h"
#include "support/file.h"

namespace race::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kModuleEnding = ".ko";

bool IsThere(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

Status MakeFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return Ok{};
  return Fail(Code::kFileWrite) << path << ": " << strerror(errno);
}

}  // namespace

Result<Lock> Lock::Take(const Place& place) {
  if (!IsThere(place.Kernel()))
    return Fail(Code::kTargetNotFound) << place.Kernel() << ": there is no such kernel";
  RACE_TRY(MakeFolder(place.Kernel() + "/updates"));
  RACE_TRY(MakeFolder(place.Folder()));
  const std::string path = place.Folder() + "/.lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return Fail(Code::kFileWrite) << path << ": " << strerror(errno);
  Lock lock(fd);
  while (flock(fd, LOCK_EX) != 0)
    if (errno != EINTR) return Fail(Code::kFileWrite) << path << ": " << strerror(errno);
  return lock;
}

Lock::~Lock() {
  if (fd_ >= 0) close(fd_);
}

Lock::Lock(Lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Result<Index> ReadIndex(const Place& place) {
  if (!IsThere(place.IndexPath())) return Index();
  RACE_ASSIGN(text, ReadFile(place.IndexPath()));
  return ParseIndex(text, place.IndexPath());
}

Index ReadIndexOrNone(const Place& place) {
  auto index = ReadIndex(place);
  if (index) return std::move(*index);
  Index none;
  none.indexed = false;
  return none;
}

Status SaveIndex(const Place& place, const Index& index, const Lock&) {
  return WriteFileAtomically(place.IndexPath(), WriteIndex(index));
}

std::optional<std::string> WhyStale(const Entry& entry, const Wanted& wanted) {
  if (entry.rcrate_hash != wanted.rcrate_hash) return "made from another .rcrate";
  if (entry.kernel != wanted.kernel) return "made for another build of this kernel";
  if (entry.race != kVersion) return "made by race " + entry.race;
  return std::nullopt;
}

std::optional<std::string> WhyDamaged(const Place& place, const std::string& name,
                                      const Entry& entry) {
  auto bytes = ReadFile(place.ModulePath(name));
  if (!bytes) return bytes.error().message;
  if (Sha256(*bytes) != entry.module_hash)
    return place.ModulePath(name) + ": its bytes are not those that were resolved";
  return std::nullopt;
}

std::optional<Stored> Find(const Place& place, const std::string& name, const Wanted& wanted) {
  auto index = ReadIndex(place);
  if (!index) return std::nullopt;
  auto entry = index->modules.find(name);
  if (entry == index->modules.end() || WhyStale(entry->second, wanted)) return std::nullopt;
  auto bytes = ReadFile(place.ModulePath(name));
  // The bytes that were hashed are those that are used.
  if (!bytes || Sha256(*bytes) != entry->second.module_hash) return std::nullopt;
  return Stored{entry->second, std::move(*bytes)};
}

Status Put(const Place& place, const std::string& name, Entry entry, const std::string& bytes,
           const Lock&, Index* index) {
  RACE_TRY(WriteFileAtomically(place.ModulePath(name), bytes));
  entry.race = kVersion;
  entry.module_hash = Sha256(bytes);
  index->modules[name] = std::move(entry);
  index->refused.erase(name);
  index->indexed = false;
  return Ok{};
}

Status Drop(const Place& place, const std::string& name, const Lock&, Index* index) {
  const std::string path = place.ModulePath(name);
  if (unlink(path.c_str()) != 0 && errno != ENOENT)
    return Fail(Code::kFileWrite) << path << ": " << strerror(errno);
  index->modules.erase(name);
  index->indexed = false;
  return Ok{};
}

std::vector<std::string> Strays(const Place& place, const Index& index) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(place.Folder(), error), end; !error && it != end;
       it.increment(error)) {
    std::string name = it->path().filename();
    if (!name.ends_with(kModuleEnding)) continue;
    name.resize(name.size() - kModuleEnding.size());
    if (!index.modules.contains(name)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> ReleasesWithStore(const std::string& root) {
  std::vector<std::string> releases;
  std::error_code error;
  for (fs::directory_iterator it(root + "/lib/modules", error), end; !error && it != end;
       it.increment(error))
    if (IsThere(it->path() / "updates/race")) releases.push_back(it->path().filename());
  std::sort(releases.begin(), releases.end(),
            [](const auto& a, const auto& b) { return strverscmp(a.c_str(), b.c_str()) < 0; });
  return releases;
}

}  // namespace race::store
