// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/module_image.h"

#include <libelf.h>

#include <algorithm>
#include <memory>

#include "kernel/decompress.h"
#include "support/cursor.h"
#include "support/file.h"

namespace race::kernel {
namespace {

constexpr uint64_t kMaxModule = 256 << 20;
constexpr char kStrings[] = "__ksymtab_strings";
// Where the tables would be in memory; only the distances between them matter.
constexpr uint64_t kStringsAddress = 0x10000000;
constexpr uint64_t kTableAddress = 0x20000000;
constexpr std::string_view kEndings[] = {".ko", ".ko.xz", ".ko.zst", ".ko.gz"};

Fail Bad(const std::string& path) { return Fail(Code::kBadModule) << path << ": "; }

}  // namespace

Result<ModuleImage> ModuleImage::Read(const std::string& path) {
  ModuleImage image;
  image.path_ = path;
  auto file = ReadFile(path);
  if (!file) return Fail(Code::kBadModule) << file.error().message;
  if (CompressionName(*file)) {
    auto unpacked = DecompressUpTo(*file, kMaxModule);
    if (!unpacked) return Bad(path) << unpacked.error().message;
    *file = std::move(*unpacked);
  }
  image.bytes_ = std::move(*file);
  RACE_TRY(image.ReadSections());
  return image;
}

Status ModuleImage::ReadSections() {
  elf_version(EV_CURRENT);
  struct ElfEnd {
    void operator()(Elf* elf) const { elf_end(elf); }
  };
  std::unique_ptr<Elf, ElfEnd> elf(elf_memory(bytes_.data(), bytes_.size()));
  const Elf64_Ehdr* header = elf ? elf64_getehdr(elf.get()) : nullptr;
  if (!header || header->e_ident[EI_DATA] != ELFDATA2LSB || header->e_type != ET_REL)
    return Bad(path_) << "not a module: no 64-bit little-endian relocatable ELF file";
  machine_ = header->e_machine;
  size_t names = 0;
  if (elf_getshdrstrndx(elf.get(), &names) != 0)
    return Bad(path_) << "no section names: " << elf_errmsg(-1);
  for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(elf.get(), scn));) {
    const Elf64_Shdr* section = elf64_getshdr(scn);
    const char* name = section ? elf_strptr(elf.get(), names, section->sh_name) : nullptr;
    if (!name) return Bad(path_) << "damaged section table: " << elf_errmsg(-1);
    SectionPlace place{section->sh_offset, section->sh_type == SHT_NOBITS ? 0 : section->sh_size};
    if (place.size != 0 && !InRange(bytes_.size(), place.offset, place.size))
      return Bad(path_) << "cut off: section " << name << " lies outside of the file";
    sections_.try_emplace(name, place);
    section_index_.try_emplace(name, elf_ndxscn(scn));
  }
  if (sections_.empty()) return Bad(path_) << "cut off: no sections";
  return Ok{};
}

std::string_view ModuleImage::Section(std::string_view name) const {
  auto found = sections_.find(name);
  std::string_view bytes;
  if (found != sections_.end()) Slice(bytes_, found->second.offset, found->second.size, &bytes);
  return bytes;
}

std::vector<std::string> ModuleImage::Modinfo(std::string_view key) const {
  std::vector<std::string> values;
  Cursor modinfo(Section(".modinfo"));
  for (std::string_view entry; modinfo.CString(&entry);)
    if (entry.starts_with(key) && entry.size() > key.size() && entry[key.size()] == '=')
      values.emplace_back(entry.substr(key.size() + 1));
  return values;
}

std::vector<std::string> ModuleImage::Depends() const {
  std::vector<std::string> modules;
  for (const std::string& list : Modinfo("depends")) {
    for (size_t start = 0; start < list.size();) {
      size_t end = std::min(list.find(',', start), list.size());
      if (end > start) modules.push_back(ModuleName(list.substr(start, end - start)));
      start = end + 1;
    }
  }
  return modules;
}

// The bytes of an export table as they would be in memory: its entries are places
// relative to themselves, of which the file has a relocation each.
Result<std::string> ModuleImage::RelocatedTable(const std::string& name,
                                                uint64_t table_address) const {
  std::string table(Section(name));
  std::string_view symbols = Section(".symtab");
  auto strings = section_index_.find(kStrings);
  Cursor relocations(Section(".rela" + name));
  while (relocations.remaining() > 0) {
    Elf64_Rela relocation;
    Elf64_Sym symbol;
    if (!relocations.Read(&relocation) ||
        !Cursor(symbols, ELF64_R_SYM(relocation.r_info) * sizeof symbol).Read(&symbol))
      return Bad(path_) << "damaged relocations of " << name;
    // The value of what is exported says nothing here.
    if (strings == section_index_.end() || symbol.st_shndx != strings->second) continue;
    if (ELF64_R_TYPE(relocation.r_info) != R_X86_64_PC32 ||
        !InRange(table.size(), relocation.r_offset, sizeof(int32_t)))
      return Bad(path_) << "relocations of " << name << " of a form that is not known";
    const int32_t distance = kStringsAddress + symbol.st_value + relocation.r_addend -
                             (table_address + relocation.r_offset);
    std::copy_n(reinterpret_cast<const char*>(&distance), sizeof distance,
                table.begin() + relocation.r_offset);
  }
  return table;
}

Result<Exports> ModuleImage::ReadExports() const {
  std::vector<SymbolTable> tables;
  std::vector<std::string> bytes;
  bytes.reserve(2);
  for (const char* name : {"__ksymtab", "__ksymtab_gpl"}) {
    if (Section(name).empty()) continue;
    // Far enough from each other for any table.
    const uint64_t address = kTableAddress + bytes.size() * kTableAddress;
    RACE_ASSIGN(table, RelocatedTable(name, address));
    bytes.push_back(std::move(table));
    SymbolTable found{.entries = bytes.back(), .address = address, .flags = {}};
    found.gpl_only = name == std::string_view("__ksymtab_gpl");
    // Kernels with this table have no second one for the GPL.
    std::string_view flags = Section("__kflagstab");
    if (!found.gpl_only && !flags.empty()) found.flags = flags;
    tables.push_back(found);
  }
  if (tables.empty()) return Exports{};
  auto exports = kernel::ReadExports(tables, {Section(kStrings), kStringsAddress});
  if (!exports) return Bad(path_) << exports.error().message;
  for (auto& [symbol, entry] : *exports) entry.module = ModuleName(path_);
  return exports;
}

std::string ModuleName(std::string_view file_name) {
  size_t slash = file_name.rfind('/');
  if (slash != std::string_view::npos) file_name.remove_prefix(slash + 1);
  for (std::string_view ending : kEndings)
    if (file_name.ends_with(ending)) {
      file_name.remove_suffix(ending.size());
      break;
    }
  std::string name(file_name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

bool IsModuleFileName(std::string_view file_name) {
  return std::any_of(std::begin(kEndings), std::end(kEndings),
                     [&](std::string_view ending) { return file_name.ends_with(ending); });
}

}  // namespace race::kernel
