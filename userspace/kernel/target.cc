// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/target.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "kernel/config_witness.h"
#include "kernel/exports.h"
#include "kernel/image.h"
#include "kernel/modules.h"
#include "kernel/running.h"
#include "steg/btf_reader.h"
#include "support/file.h"

namespace race::kernel {
namespace {

bool IsFolder(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

bool IsFile(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

std::string WithoutTrailingSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string BaseName(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string FolderOf(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1) + '.';
}

Result<std::vector<SymbolTable>> TablesOf(const Vmlinux& image, const std::string& origin) {
  const Section* all = image.Find("__ksymtab");
  const Section* gpl = image.Find("__ksymtab_gpl");
  const Section* flags = image.Find("__kflagstab");
  if (!all) return Fail(Code::kNoExports) << origin << ": no section __ksymtab";
  std::vector<SymbolTable> tables{{.entries = all->data, .address = all->address, .flags = {}}};
  if (flags) tables[0].flags = flags->data;
  if (gpl)
    tables.push_back(
        {.entries = gpl->data, .address = gpl->address, .gpl_only = true, .flags = {}});
  // A form that says of no symbol whether it is for the GPL alone: assume it.
  if (!gpl && !flags) tables[0].gpl_only = true;
  return tables;
}

Error Of(const std::string& origin, const Error& error) {
  return Error{error.code, origin + ": " + error.message};
}

// Packages put the configuration beside the image: config-RELEASE in /boot, or config in
// /usr/lib/modules/RELEASE, whose `build` leads to that of the headers; a kernel's own tree has
// it as .config.
void ReadConfig(const std::string& image_path, Target* target) {
  std::string folder = FolderOf(image_path);
  for (const std::string& path : {folder + "/config-" + target->release, folder + "/config",
                                  folder + "/build/.config", folder + "/.config"}) {
    // Beside a vmlinuz-A, the configuration named for B is another kernel's.
    if (!IsFile(path)) continue;
    auto text = ReadFile(path);
    if (!text) continue;
    target->config = std::move(*text);
    target->rustc = ConfigValue(*target, "CONFIG_RUSTC_VERSION_TEXT");
    return;
  }
}

Result<std::unique_ptr<Target>> ReadImage(const std::string& path, Metrics* metrics) {
  auto target = std::make_unique<Target>();
  Vmlinux image;
  {
    Phase phase(metrics, "unpack the kernel image");
    RACE_ASSIGN(bytes, Bytes::Map(path));
    RACE_ASSIGN(read, Vmlinux::Read(std::move(bytes), path));
    image = std::move(read);
  }
  target->machine = image.machine();
  {
    Phase phase(metrics, "find release and vermagic");
    auto release = FindRelease(image);
    if (!release) return Fail(Code::kNoRelease) << path << ": the image does not name its release";
    target->release = *release;
    const Section* rodata = image.Find(".rodata");
    auto vermagic = rodata ? FindVermagic(rodata->data, *release) : std::nullopt;
    if (!vermagic)
      return Fail(Code::kNoRelease) << path << ": no vermagic of release " << *release
                                    << " in the image; was it built with CONFIG_MODULES?";
    target->vermagic = *vermagic;
  }
  {
    Phase phase(metrics, "read exports");
    RACE_ASSIGN(tables, TablesOf(image, path));
    const Section* strings = image.Find("__ksymtab_strings");
    if (!strings) return Fail(Code::kNoExports) << path << ": no section __ksymtab_strings";
    auto exports = ReadExports(tables, {strings->data, strings->address});
    if (!exports) return Of(path, exports.error());
    target->exports = std::move(*exports);
  }
  {
    Phase phase(metrics, "read BTF");
    const Section* btf = image.Find(".BTF");
    if (!btf || btf->data.empty())
      return Fail(Code::kNoBtf) << path << ": no BTF; the kernel needs CONFIG_DEBUG_INFO_BTF=y";
    auto types = steg::ReadBtf(btf->data);
    if (!types) return Of(path, types.error());
    target->types = std::move(*types);
  }
  if (const Section* orc = image.Find(".orc_header")) target->orc_hash = orc->data;
  ReadConfig(path, target.get());
  return target;
}

}  // namespace

// From lib/modules/R the root of the system is three steps up, from usr/lib/modules/R
// four.
Result<std::string> ImageOfFolder(const std::string& name) {
  const std::string folder = WithoutTrailingSlash(name);
  std::string release = BaseName(folder);
  char* real = realpath(folder.c_str(), nullptr);
  if (real) release = BaseName(real);
  free(real);
  std::string tried;
  for (const char* up : {"/vmlinuz", "/../../../boot/vmlinuz-", "/../../../../boot/vmlinuz-",
                         "/vmlinux", "/build/vmlinux"}) {
    std::string path = folder + up;
    if (path.back() == '-') path += release;
    if (IsFile(path)) return path;
    tried += (tried.empty() ? "" : ", ") + path;
  }
  return Fail(Code::kTargetNotFound)
         << folder << ": no kernel image in this folder; looked for " << tried;
}

Result<std::unique_ptr<Target>> ReadTarget(const std::string& name, Metrics* metrics,
                                           const SystemRoots& roots) {
  Metrics ignored;
  if (!metrics) metrics = &ignored;
  Result<std::unique_ptr<Target>> target = [&]() -> Result<std::unique_ptr<Target>> {
    if (name == "running") return ReadRunning(roots, metrics);
    if (!IsFile(name)) return Fail(Code::kTargetNotFound) << name << ": " << strerror(errno);
    if (!IsFolder(name)) return ReadImage(name, metrics);
    RACE_ASSIGN(image, ImageOfFolder(name));
    RACE_ASSIGN(read, ReadImage(image, metrics));
    read->modules = ModulesOfFolder(WithoutTrailingSlash(name), *read);
    return read;
  }();
  if (target) {
    (*target)->origin = name;
    metrics->Count("exports of the target", (*target)->exports.size());
    metrics->Count("types of the target", (*target)->types.size());
  }
  return target;
}

std::optional<std::string> ConfigValue(const Target& target, std::string_view name) {
  if (auto decided = ConfigOfProcessor(target, name)) return decided;
  if (!target.config) return WitnessedConfig(target, name);
  std::string_view text = *target.config;
  std::string set = std::string(name) + '=';
  std::string unset = "# " + std::string(name) + " is not set";
  for (size_t start = 0; start < text.size();) {
    size_t end = std::min(text.find('\n', start), text.size());
    std::string_view line = text.substr(start, end - start);
    start = end + 1;
    if (line == unset) return "n";
    if (!line.starts_with(set)) continue;
    line.remove_prefix(set.size());
    if (line.size() >= 2 && line.front() == '"' && line.back() == '"')
      line = line.substr(1, line.size() - 2);
    return std::string(line);
  }
  return std::nullopt;
}

bool HasRust(const Target& target) {
  constexpr std::string_view kHelper = "rust_helper_";
  auto first = target.exports.lower_bound(kHelper);
  return first != target.exports.end() && first->first.starts_with(kHelper);
}

void MarkExports(Target* target) {
  for (const auto& [name, entry] : target->exports)
    for (auto kind : {STEG_FUNC, STEG_VAR})
      for (steg::NodeId id : target->types.Find(kind, name))
        target->types.Mutable(id).flags |=
            entry.gpl_only ? STEG_EXPORTED | STEG_EXPORTED_GPL : STEG_EXPORTED;
}

}  // namespace race::kernel
