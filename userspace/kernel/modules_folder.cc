// SPDX-License-Identifier: GPL-2.0-only
//
// Modules in a folder of the form of /lib/modules/RELEASE.
#include <unistd.h>

#include <map>
#include <set>

#include "kernel/kmod.h"
#include "kernel/module_file.h"
#include "kernel/module_image.h"
#include "kernel/modules.h"

namespace race::kernel {
namespace {

// libkmod would print that an index is missing.
void SayNothing(void*, int, const char*, int, const char*, const char*, va_list) {}

// Which module a symbol or a name belongs to.
class Index {
 public:
  virtual ~Index() = default;
  // Names of the modules that say they export it.
  virtual std::set<std::string> Exporters(const std::string& symbol) = 0;
  virtual std::optional<std::string> PathOf(const std::string& module) = 0;
  // Why a symbol that was not found may be exported nevertheless.
  virtual std::optional<Error> Doubt() const { return std::nullopt; }
};

// depmod's, which is all that modprobe needs.
class KmodIndex final : public Index {
 public:
  explicit KmodIndex(const std::string& folder) {
    // The machine's modprobe.d is not about this folder.
    const char* const no_configuration[] = {nullptr};
    context_.reset(kmod_new(folder.c_str(), no_configuration));
    if (context_) kmod_set_log_fn(context_.get(), SayNothing, nullptr);
  }

  std::set<std::string> Exporters(const std::string& symbol) override {
    std::set<std::string> names;
    kmod_list* list = nullptr;
    if (!context_ ||
        kmod_module_new_from_lookup(context_.get(), ("symbol:" + symbol).c_str(), &list) < 0)
      return names;
    for (kmod_list* item = list; item; item = kmod_list_next(list, item)) {
      KmodModule module(kmod_module_get_module(item));
      names.insert(ModuleName(kmod_module_get_name(module.get())));
    }
    kmod_module_unref_list(list);
    return names;
  }

  std::optional<std::string> PathOf(const std::string& name) override {
    kmod_module* found = nullptr;
    if (!context_ || kmod_module_new_from_name(context_.get(), name.c_str(), &found) < 0)
      return std::nullopt;
    KmodModule module(found);
    const char* path = kmod_module_get_path(module.get());
    return path ? std::optional<std::string>(path) : std::nullopt;
  }

 private:
  KmodContext context_;
};

// Without indexes: every module's own tables.  Seconds for a distribution's, and
// only when something is looked for that the kernel itself does not have.
class ScannedIndex final : public Index {
 public:
  explicit ScannedIndex(std::string folder) : folder_(std::move(folder)) {}

  std::set<std::string> Exporters(const std::string& symbol) override {
    if (!scanned_) Scan();
    auto found = exporters_.find(symbol);
    return found == exporters_.end() ? std::set<std::string>() : found->second;
  }
  std::optional<std::string> PathOf(const std::string& module) override {
    std::optional<std::string> found;
    VisitModules(folder_, [&](const std::string& path) {
      if (ModuleName(path) == module) found = path;
      return found.has_value();
    });
    return found;
  }
  std::optional<Error> Doubt() const override { return doubt_; }

 private:
  void Scan() {
    scanned_ = true;
    VisitModules(folder_, [&](const std::string& path) {
      auto module = ModuleImage::Read(path);
      auto exports = module ? module->ReadExports() : Result<Exports>(module.error());
      if (exports)
        for (const auto& [symbol, entry] : *exports) exporters_[symbol].insert(entry.module);
      else if (!doubt_)
        doubt_ = exports.error();
      return false;
    });
  }

  std::string folder_;
  bool scanned_ = false;
  std::map<std::string, std::set<std::string>> exporters_;
  std::optional<Error> doubt_;  // the first module that could not be read
};

class FolderModules final : public Modules {
 public:
  FolderModules(std::string folder, std::string release, uint16_t machine)
      : folder_(std::move(folder)), release_(std::move(release)), machine_(machine) {
    if (access((folder_ + "/modules.symbols.bin").c_str(), R_OK) == 0 &&
        access((folder_ + "/modules.dep.bin").c_str(), R_OK) == 0)
      index_ = std::make_unique<KmodIndex>(folder_);
    else
      index_ = std::make_unique<ScannedIndex>(folder_);
  }

  Result<std::optional<Export>> FindExport(const std::string& symbol) const override {
    std::set<std::string> names = index_->Exporters(symbol);
    if (names.empty()) {
      auto doubt = index_->Doubt();
      if (!doubt) return std::optional<Export>();
      return Fail(doubt->code) << "no module is known to export it, and one cannot be read: "
                               << doubt->message;
    }
    if (names.size() > 1) {
      std::string all;
      for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
      return Fail(Code::kImportAmbiguous)
             << folder_ << ": several modules export " << symbol << ": " << all;
    }
    RACE_ASSIGN(module, Find(*names.begin()));
    auto found = module->exports.find(symbol);
    if (found == module->exports.end())
      return Fail(Code::kBadModule)
             << module->image.path() << ": does not export " << symbol << ", though " << folder_
             << "/modules.symbols.bin says so; run depmod for this folder";
    return std::optional(found->second);
  }

  Result<Types> ReadTypes(const std::string& name) const override {
    RACE_ASSIGN(module, Find(name));
    std::string_view btf = module->image.Section(".BTF");
    if (btf.empty()) return Fail(Code::kNoBtf) << module->image.path() << ": no BTF";
    return Types{std::string(btf), std::string(module->image.Section(".BTF.base"))};
  }

  Result<std::vector<std::string>> Depends(const std::string& name) const override {
    RACE_ASSIGN(module, Find(name));
    return module->image.Depends();
  }

  std::string Describe() const override { return folder_; }

 private:
  struct Module {
    ModuleImage image;
    Exports exports;
  };

  // Each is read once.
  Result<const Module*> Find(const std::string& name) const {
    if (auto known = modules_.find(name); known != modules_.end())
      return static_cast<const Module*>(&known->second);
    auto path = index_->PathOf(name);
    if (!path)
      return Fail(Code::kBadModule) << folder_ << ": the module " << name << " is not there";
    RACE_ASSIGN(image, ModuleImage::Read(*path));
    RACE_TRY(CheckKernel(image));
    RACE_ASSIGN(exports, image.ReadExports());
    auto added = modules_.emplace(name, Module{std::move(image), std::move(exports)});
    return static_cast<const Module*>(&added.first->second);
  }

  // Split BTF of another kernel would be read as nonsense.
  Status CheckKernel(const ModuleImage& image) const {
    auto vermagic = image.Modinfo("vermagic");
    std::string of = vermagic.empty() ? "" : vermagic.back().substr(0, vermagic.back().find(' '));
    if (of != release_)
      return Fail(Code::kBadModule) << image.path() << ": a module of the kernel \"" << of
                                    << "\", the target is " << release_;
    if (image.machine() != machine_)
      return Fail(Code::kBadModule) << image.path() << ": ELF machine " << image.machine()
                                    << ", the target has " << machine_;
    return Ok{};
  }

  std::string folder_, release_;
  uint16_t machine_;
  std::unique_ptr<Index> index_;
  mutable std::map<std::string, Module> modules_;
};

bool HasModules(const std::string& folder) {
  bool any = access((folder + "/modules.dep.bin").c_str(), R_OK) == 0;
  if (!any) VisitModules(folder, [&](const std::string&) { return any = true; });
  return any;
}

}  // namespace

std::shared_ptr<const Modules> ModulesOfFolder(const std::string& folder, const Target& target) {
  if (!HasModules(folder)) return nullptr;
  return std::make_shared<FolderModules>(folder, target.release, target.machine);
}

}  // namespace race::kernel
