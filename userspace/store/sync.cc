// SPDX-License-Identifier: GPL-2.0-only
#include "store/sync.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <set>

#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "resolve/pipeline.h"
#include "resolve/validation.h"
#include "store/depmod.h"
#include "store/digest.h"
#include "store/installed_drivers.h"
#include "store/kernel_identity.h"
#include "support/file.h"

namespace race::store {
namespace {

bool IsRunning(const Place& place) {
  utsname running;
  return place.root.empty() && uname(&running) == 0 && place.release == running.release;
}

class Syncer {
 public:
  Syncer(const Place& place, const Lock& lock)
      : place_(place), lock_(lock), index_(ReadIndexOrNone(place)), before_(index_) {}

  Result<SyncReport> Run() {
    RACE_ASSIGN(kernel, KernelOf(place_));
    kernel_ = std::move(kernel);
    index_.refused.clear();
    std::set<std::string> installed;
    for (const InstalledDriver& driver : InstalledDrivers(place_.root)) {
      installed.insert(driver.name);
      RACE_TRY(Bring(driver));
    }
    RACE_TRY(DropOthers(installed));
    RACE_TRY(Finish());
    return std::move(report_);
  }

 private:
  // One driver: kept, made or refused.
  Status Bring(const InstalledDriver& driver) {
    auto bytes = ReadFile(driver.path);
    if (!bytes) return Refuse(driver, bytes.error());
    const Wanted wanted{Sha256(*bytes), kernel_};
    auto entry = index_.modules.find(driver.name);
    if (entry != index_.modules.end() && !WhyStale(entry->second, wanted) &&
        !WhyDamaged(place_, driver.name, entry->second)) {
      entry->second.rcrate = driver.path;  // the same file may have moved
      report_.drivers.push_back({driver.name, driver.path, Outcome::kCurrent, ""});
      return Ok{};
    }
    RACE_TRY(ReadKernel());
    auto file = rcrate::ParseRcrate(*bytes, driver.path);
    if (!file) return Refuse(driver, file.error());
    if (file->rcrate.Manifest("module") != driver.name)
      return Refuse(driver, Fail(Code::kModuleFrame) << driver.path << ": is the module "
                                                     << file->rcrate.Manifest("module")
                                                     << "; name the file as its module");
    const auto role =
        driver.name == resolve::kValidator ? resolve::Role::kValidator : resolve::Role::kDriver;
    auto module = resolve::Resolve(*file, *target_, {role}, nullptr);
    if (!module) return Refuse(driver, module.error());
    RACE_TRY(Put(place_, driver.name,
                 {.rcrate = driver.path,
                  .rcrate_hash = wanted.rcrate_hash,
                  .kernel = kernel_,
                  .race = {},
                  .module_hash = {},
                  .depends = module->depends,
                  .softdep = std::string(file->rcrate.Manifest("softdep"))},
                 module->bytes, lock_, &index_));
    report_.drivers.push_back({driver.name, driver.path, Outcome::kMade, ""});
    return Ok{};
  }

  // A module of an earlier version is not what is installed now: it goes.
  Status Refuse(const InstalledDriver& driver, const Error& error) {
    if (index_.modules.contains(driver.name)) RACE_TRY(Drop(place_, driver.name, lock_, &index_));
    index_.refused[driver.name] = {driver.path, error.Text()};
    report_.drivers.push_back({driver.name, driver.path, Outcome::kRefused, error.Text()});
    return Ok{};
  }

  Status DropOthers(const std::set<std::string>& installed) {
    std::vector<std::string> others = Strays(place_, index_);
    for (const auto& [name, entry] : index_.modules)
      if (!installed.contains(name)) others.push_back(name);
    for (const std::string& name : others) {
      RACE_TRY(Drop(place_, name, lock_, &index_));
      report_.drivers.push_back({name, "", Outcome::kDropped, ""});
    }
    return Ok{};
  }

  // The index says that depmod is due before it is run: who is killed here leaves it due.
  Status Finish() {
    if (index_ != before_) RACE_TRY(SaveIndex(place_, index_, lock_));
    if (index_.indexed) return Ok{};
    RACE_TRY(RunDepmod(place_));
    report_.has_run_depmod = true;
    index_.indexed = true;
    return SaveIndex(place_, index_, lock_);
  }

  Status ReadKernel() {
    if (target_) return Ok{};
    const bool has_image = static_cast<bool>(kernel::ImageOfFolder(place_.Kernel()));
    auto target =
        kernel::ReadTarget(!has_image && IsRunning(place_) ? "running" : place_.Kernel(), nullptr);
    if (!target) return target.error();
    if ((*target)->release != place_.release)
      return Fail(Code::kTargetNotFound)
             << place_.Kernel() << ": the kernel image there is of " << (*target)->release;
    target_ = std::move(*target);
    return Ok{};
  }

  const Place& place_;
  const Lock& lock_;
  Index index_;
  const Index before_;
  std::string kernel_;
  std::unique_ptr<kernel::Target> target_;
  SyncReport report_;
};

// Whether a kernel is there, and not only what was added to it.
bool HasKernel(const Place& place) {
  return access((place.Kernel() + "/kernel").c_str(), F_OK) == 0 ||
         static_cast<bool>(kernel::ImageOfFolder(place.Kernel()));
}

// Whether a module is not what is wanted any more.
bool IsGarbage(const Place& place, const std::string& name, const Entry& entry,
               const std::string& kernel) {
  auto driver = FindDriver(place.root, name);
  auto bytes = driver ? ReadFile(driver->path) : Result<std::string>(std::string());
  if (!driver || !bytes) return true;
  return WhyStale(entry, {Sha256(*bytes), kernel}) || WhyDamaged(place, name, entry);
}

// The folder, and the kernel's where nothing else is in it.
Status RemoveAll(const Place& place) {
  std::error_code error;
  std::filesystem::remove_all(place.Folder(), error);
  if (error) return Fail(Code::kFileWrite) << place.Folder() << ": " << error.message();
  // rmdir() leaves what is not empty.
  rmdir((place.Kernel() + "/updates").c_str());
  rmdir(place.Kernel().c_str());
  return Ok{};
}

}  // namespace

Result<SyncReport> Sync(const Place& place) {
  RACE_ASSIGN(lock, Lock::Take(place));
  return Syncer(place, lock).Run();
}

Result<std::vector<std::string>> CollectGarbage(const Place& place) {
  std::vector<std::string> names;
  RACE_ASSIGN(lock, Lock::Take(place));
  Index index = ReadIndexOrNone(place);
  if (!HasKernel(place)) {
    for (const auto& [name, entry] : index.modules) names.push_back(name);
    RACE_TRY(RemoveAll(place));
    return names;
  }
  RACE_ASSIGN(kernel, KernelOf(place));
  names = Strays(place, index);
  for (const auto& [name, entry] : index.modules)
    if (IsGarbage(place, name, entry, kernel)) names.push_back(name);
  for (const std::string& name : names) RACE_TRY(Drop(place, name, lock, &index));
  if (index.indexed) return names;
  RACE_TRY(SaveIndex(place, index, lock));
  RACE_TRY(RunDepmod(place));
  index.indexed = true;
  RACE_TRY(SaveIndex(place, index, lock));
  return names;
}

Result<std::string> KernelOf(const Place& place) {
  auto image = kernel::ImageOfFolder(place.Kernel());
  if (image) return BuildIdOfImage(*image);
  if (IsRunning(place)) return BuildIdOfRunning();
  return image.error();
}

}  // namespace race::store
