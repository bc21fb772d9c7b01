// SPDX-License-Identifier: GPL-2.0-only
//
// Resolved modules of one kernel: ROOT/lib/modules/RELEASE/updates/race/NAME.ko, where
// depmod, modprobe, udev and the initramfs look, and index.json beside them.
//
// Files are replaced whole.  A module is written before the index that names its hash, so
// that a run which is killed leaves the old entry, the new one, or one whose hash does not
// agree: this is taken for no entry, and made again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/index.h"
#include "support/result.h"

namespace race::store {

struct Place {
  std::string root;     // empty: the machine itself
  std::string release;  // "7.2.13+deb14-amd64"

  std::string Kernel() const { return root + "/lib/modules/" + release; }
  std::string Folder() const { return Kernel() + "/updates/race"; }
  std::string IndexPath() const { return Folder() + "/index.json"; }
  std::string ModulePath(const std::string& name) const { return Folder() + '/' + name + ".ko"; }
};

// What a module has to be made from to be taken.
struct Wanted {
  std::string rcrate_hash;
  std::string kernel;  // build ID
};

// Of several writers one at a time.  Readers need none.
class Lock {
 public:
  // Makes the folder, and waits.  Errors: kFileWrite, when the folder cannot be made or
  // written to; kTargetNotFound, when there is no such kernel.
  static Result<Lock> Take(const Place& place);
  ~Lock();
  Lock(Lock&& other) noexcept;
  Lock& operator=(Lock&&) = delete;

 private:
  explicit Lock(int fd) : fd_(fd) {}
  int fd_;
};

// No index: an empty one.  Errors: kFileRead, kFileOpen.
Result<Index> ReadIndex(const Place& place);
// The same for a writer: what cannot be understood is empty, and everything made again.
Index ReadIndexOrNone(const Place& place);
Status SaveIndex(const Place& place, const Index& index, const Lock& lock);

// Why an entry is not to be used any more; nothing when it is what is wanted.
std::optional<std::string> WhyStale(const Entry& entry, const Wanted& wanted);
// Why the module's file is not the entry's; nothing when it is.
std::optional<std::string> WhyDamaged(const Place& place, const std::string& name,
                                      const Entry& entry);

struct Stored {
  Entry entry;
  std::string bytes;
};
// The module, when there is one that is current and whole.
std::optional<Stored> Find(const Place& place, const std::string& name, const Wanted& wanted);

// Writes the module and enters it into `index`, which the caller saves.
Status Put(const Place& place, const std::string& name, Entry entry, const std::string& bytes,
           const Lock& lock, Index* index);
// Removes the module's file and its entry.  Errors: kFileWrite.
Status Drop(const Place& place, const std::string& name, const Lock& lock, Index* index);

// Names of modules' files in the folder that the index has nothing of.
std::vector<std::string> Strays(const Place& place, const Index& index);

// Releases below ROOT/lib/modules that have a store, in order.
std::vector<std::string> ReleasesWithStore(const std::string& root);

}  // namespace race::store
