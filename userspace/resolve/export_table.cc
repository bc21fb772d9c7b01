// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/export_table.h"

#include <elf.h>

namespace race::resolve {
namespace {

constexpr uint64_t kEntrySize = 12;  // struct kernel_symbol: three 32-bit offsets from themselves
constexpr char kGplOnly = 1;         // KSYM_FLAG_GPL_ONLY
constexpr const char* kStrings = "__ksymtab_strings";

struct Form {
  const char* table;
  bool has_flags;
};

Result<Form> FormOf(const kernel::Target& target) {
  const auto entry = steg::FindRoot(target.types, "struct kernel_symbol");
  const auto module = steg::FindRoot(target.types, "struct module");
  steg::Place place;
  auto has = [&](const char* field) {
    return !module.empty() && steg::FindMember(target.types, module[0], field, &place, nullptr);
  };
  if (entry.empty() || steg::SizeOf(target.types, entry[0]) != kEntrySize)
    return Fail(Code::kModuleFrame)
           << target.origin << ": expected a struct kernel_symbol of " << kEntrySize << " bytes";
  if (has("flagstab")) return Form{"__ksymtab", true};
  if (has("gpl_syms")) return Form{"__ksymtab_gpl", false};
  return Fail(Code::kModuleFrame) << target.origin
                                  << ": its struct module has neither flagstab nor "
                                  << "gpl_syms: how modules export is not known";
}

elf::Section Table(const char* name, uint64_t align) {
  elf::Section section;
  section.name = name;
  section.type = SHT_PROGBITS;
  section.flags = SHF_ALLOC;
  section.align = align;
  return section;
}

}  // namespace

Status AddExportTable(const rcrate::RcrateFile& file, const kernel::Target& target,
                      elf::Object* object) {
  if (file.rcrate.Manifest("export").empty()) return Ok{};
  RACE_ASSIGN(form, FormOf(target));
  elf::Section strings = Table(kStrings, 1);
  strings.bytes.assign(1, '\0');  // the empty namespace
  elf::Section entries = Table(form.table, 4), flags = Table("__kflagstab", 1);
  const elf::SectionId strings_id = object->Add(Table(kStrings, 1));
  elf::Symbol start;
  start.binding = STB_LOCAL;
  start.type = STT_SECTION;
  start.section = strings_id;
  const elf::SymbolId text = object->Add(std::move(start));
  for (const rcrate::Property& property : file.rcrate.manifest) {
    if (property.key != "export") continue;
    const elf::SymbolId function = object->FindDefined(property.value);
    if (elf::Index(function) == 0)
      return Fail(Code::kUndefined) << file.path << ": no function " << property.value
                                    << ", which the manifest says that it exports";
    const uint64_t at = entries.bytes.size();
    entries.relocations.push_back({at, R_X86_64_PC32, function, 0});
    entries.relocations.push_back(
        {at + 4, R_X86_64_PC32, text, static_cast<int64_t>(strings.bytes.size())});
    entries.relocations.push_back({at + 8, R_X86_64_PC32, text, 0});
    entries.bytes.append(kEntrySize, '\0');
    strings.bytes.append(property.value.c_str(), property.value.size() + 1);
    flags.bytes.push_back(kGplOnly);
  }
  (*object)[strings_id] = std::move(strings);
  object->Add(std::move(entries));
  if (form.has_flags) object->Add(std::move(flags));
  return Ok{};
}

}  // namespace race::resolve
