// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/module_file.h"

#include <libelf.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "kernel/decompress.h"
#include "support/cursor.h"
#include "support/file.h"

namespace race::kernel {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxModule = 256 << 20;
constexpr int kMaxDepth = 16;  // folders within each other

bool IsModuleName(const std::string& name) {
  for (const char* end : {".ko", ".ko.xz", ".ko.zst", ".ko.gz"})
    if (name.ends_with(end)) return true;
  return false;
}

struct ElfEnd {
  void operator()(Elf* elf) const { elf_end(elf); }
};

std::string_view SectionBytes(Elf* elf, std::string_view file, std::string_view wanted) {
  size_t names = 0;
  if (elf_getshdrstrndx(elf, &names) != 0) return {};
  for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(elf, scn));) {
    const Elf64_Shdr* section = elf64_getshdr(scn);
    const char* name = section ? elf_strptr(elf, names, section->sh_name) : nullptr;
    std::string_view bytes;
    if (name && name == wanted && section->sh_type != SHT_NOBITS &&
        Slice(file, section->sh_offset, section->sh_size, &bytes))
      return bytes;
  }
  return {};
}

std::optional<ModuleFacts> ReadModule(const std::string& path) {
  auto file = ReadFile(path);
  if (!file) return std::nullopt;
  if (CompressionName(*file)) {
    auto unpacked = DecompressUpTo(*file, kMaxModule);
    if (!unpacked) return std::nullopt;
    *file = std::move(*unpacked);
  }
  elf_version(EV_CURRENT);
  std::unique_ptr<Elf, ElfEnd> elf(elf_memory(file->data(), file->size()));
  if (!elf || !elf64_getehdr(elf.get())) return std::nullopt;
  ModuleFacts facts{.path = path, .vermagic = {}, .orc_hash = {}};
  std::string_view orc = SectionBytes(elf.get(), *file, ".orc_header");
  if (!orc.empty()) facts.orc_hash = orc;
  Cursor modinfo(SectionBytes(elf.get(), *file, ".modinfo"));
  constexpr std::string_view kKey = "vermagic=";
  for (std::string_view entry; modinfo.CString(&entry);)
    if (entry.starts_with(kKey)) facts.vermagic = entry.substr(kKey.size());
  return facts.vermagic.empty() ? std::nullopt : std::optional(std::move(facts));
}

std::optional<ModuleFacts> Search(const fs::path& folder, int depth) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    entries.push_back(it->path());
  std::sort(entries.begin(), entries.end());
  for (const fs::path& entry : entries) {
    // Not through links: `build` leads to the headers, and links can go in circles.
    fs::file_status status = fs::symlink_status(entry, error);
    std::optional<ModuleFacts> facts;
    if (fs::is_directory(status) && depth < kMaxDepth)
      facts = Search(entry, depth + 1);
    else if (fs::is_regular_file(status) && IsModuleName(entry.string()))
      facts = ReadModule(entry.string());
    if (facts) return facts;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ModuleFacts> FindModuleFacts(const std::string& folder) {
  // Modules that came with the kernel say what it expects; those that were added
  // (extra/, updates/) say what somebody hoped.
  auto facts = Search(folder + "/kernel", 0);
  return facts ? facts : Search(folder, 0);
}

}  // namespace race::kernel
