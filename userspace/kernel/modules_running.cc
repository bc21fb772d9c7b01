// SPDX-License-Identifier: GPL-2.0-only
//
// Modules of the kernel that runs.
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "kernel/modules.h"
#include "support/file.h"

namespace race::kernel {
namespace {

namespace fs = std::filesystem;

class RunningModules final : public Modules {
 public:
  RunningModules(const SystemRoots& roots, const Target& target)
      : sys_(roots.sys), folder_(roots.modules + "/" + target.release) {
    on_disk_ = ModulesOfFolder(folder_, target);
  }

  // What loaded modules export is among the target's exports already.
  Result<std::optional<Export>> FindExport(const std::string& symbol) const override {
    if (!on_disk_) return std::optional<Export>();
    return on_disk_->FindExport(symbol);
  }

  // The file of a loaded module may have been replaced since.
  Result<Types> ReadTypes(const std::string& module) const override {
    const std::string path = sys_ + "/kernel/btf/" + module;
    if (access(path.c_str(), F_OK) == 0) {
      auto bytes = ReadFile(path);
      if (!bytes) return Fail(Code::kBadModule) << bytes.error().message;
      // The kernel has relocated it already, if it had a base of its own.
      return Types{std::move(*bytes), {}};
    }
    if (IsLoaded(module))
      return Fail(Code::kNoBtf) << path << ": the kernel has no BTF of this loaded module";
    if (!on_disk_) return Missing(module);
    return on_disk_->ReadTypes(module);
  }

  Result<std::vector<std::string>> Depends(const std::string& module) const override {
    if (!IsLoaded(module)) {
      if (!on_disk_) return Missing(module);
      return on_disk_->Depends(module);
    }
    // Each module's folder names those that hold it.
    std::vector<std::string> depends;
    std::error_code error;
    for (fs::directory_iterator it(sys_ + "/module", error), end; !error && it != end;
         it.increment(error))
      if (access((it->path() / "holders" / module).c_str(), F_OK) == 0)
        depends.push_back(it->path().filename());
    std::sort(depends.begin(), depends.end());
    return depends;
  }

  std::string Describe() const override { return folder_; }

 private:
  // What is built in has no state.
  bool IsLoaded(const std::string& module) const {
    return access((sys_ + "/module/" + module + "/initstate").c_str(), F_OK) == 0;
  }
  Fail Missing(const std::string& module) const {
    return Fail(Code::kBadModule) << folder_ << ": the module " << module << " is not there";
  }

  std::string sys_, folder_;
  std::shared_ptr<const Modules> on_disk_;
};

}  // namespace

std::shared_ptr<const Modules> ModulesOfRunning(const SystemRoots& roots, const Target& target) {
  return std::make_shared<RunningModules>(roots, target);
}

}  // namespace race::kernel
