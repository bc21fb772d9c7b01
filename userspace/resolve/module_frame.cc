// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/module_frame.h"

#include <elf.h>

#include <algorithm>
#include <vector>

#include "resolve/validation.h"
#include "support/cursor.h"

namespace race::resolve {
namespace {

constexpr std::string_view kThisModuleSection = ".gnu.linkonce.this_module";
constexpr std::string_view kModinfoSection = ".modinfo";
constexpr uint64_t kThisModuleAlign = 64;  // a cache line: ____cacheline_aligned

Fail Bad(const kernel::Target& target) { return Fail(Code::kModuleFrame) << target.origin << ": "; }

Result<steg::NodeId> StructModule(const kernel::Target& target) {
  auto found = steg::FindRoot(target.types, "struct module");
  if (found.empty() || (target.types[found[0]].flags & STEG_INCOMPLETE))
    return Bad(target) << "its types do not describe struct module";
  for (steg::NodeId id : found) {
    std::string why;
    if (!steg::SameLayout(target.types, found[0], target.types, id, &why))
      return Bad(target) << "it has two different struct module: " << why;
  }
  return found[0];
}

bool HasStart(const elf::Object& object) {
  return elf::Index(object.FindDefined(kStartSymbol)) != 0;
}

void DefineThisModule(elf::SectionId section, uint64_t size, elf::Object* object) {
  elf::Symbol symbol;
  symbol.name = "__this_module";
  symbol.binding = STB_GLOBAL;
  symbol.type = STT_OBJECT;
  symbol.section = section;
  symbol.size = size;
  for (elf::Symbol& existing : object->symbols)
    if (!existing.removed && existing.undefined() && existing.name == symbol.name) {
      existing = symbol;
      return;
    }
  object->Add(std::move(symbol));
}

// Entries that are about the target and made here; and `intree`, which is not
// true of any module that RACE makes.
bool IsMadeHere(std::string_view entry) {
  for (std::string_view key : {"name=", "depends=", "retpoline=", "vermagic=", "intree="})
    if (entry.starts_with(key)) return true;
  return false;
}

// Manifest properties that modpost would have put into modinfo.
bool IsModinfoKey(std::string_view key) {
  for (std::string_view known : {"license", "author", "description", "version", "alias", "softdep",
                                 "firmware", "import_ns", "parm", "parmtype", "srcversion"})
    if (key == known) return true;
  return false;
}

}  // namespace

Status AddThisModule(const rcrate::RcrateFile& file, const kernel::Target& target,
                     elf::Object* object) {
  const std::string name(file.rcrate.Manifest("module"));
  RACE_ASSIGN(type, StructModule(target));
  if (object->Find(kThisModuleSection) || elf::Index(object->FindDefined("__this_module")) != 0)
    return Fail(Code::kModuleFrame) << file.path << ": it has a this_module of its own already";

  elf::Section section;
  section.name = kThisModuleSection;
  section.type = SHT_PROGBITS;
  section.flags = SHF_ALLOC | SHF_WRITE;
  section.align = kThisModuleAlign;
  section.bytes.assign(steg::SizeOf(target.types, type), '\0');

  steg::Place place;
  if (!steg::FindMember(target.types, type, "name", &place, nullptr) || place.bits != 0)
    return Bad(target) << "its struct module has no name";
  const uint64_t room = steg::SizeOf(target.types, place.type);
  if (name.empty() || name.size() >= room ||
      !InRange(section.bytes.size(), place.bit_offset / 8, room))
    return Bad(target) << "the module's name \"" << name << "\" does not fit in the " << room
                       << " bytes that struct module has for it";
  section.bytes.replace(place.bit_offset / 8, name.size(), name);

  const struct {
    const char* field;
    const char* function;
  } kEntries[] = {{"init", HasStart(*object) ? kStartSymbol.data() : "init_module"},
                  {"exit", "cleanup_module"}};
  for (const auto& entry : kEntries) {
    elf::SymbolId function = object->FindDefined(entry.function);
    if (elf::Index(function) == 0) continue;
    // Without module unloading there is no `exit`; then nothing would call it.
    if (!steg::FindMember(target.types, type, entry.field, &place, nullptr)) {
      if (entry.field == std::string_view("exit")) continue;
      return Bad(target) << "its struct module has no " << entry.field;
    }
    if (place.bits != 0 || !InRange(section.bytes.size(), place.bit_offset / 8, 8))
      return Bad(target) << "its struct module has " << entry.field << " at bit "
                         << place.bit_offset;
    section.relocations.push_back({place.bit_offset / 8, R_X86_64_64, function, 0});
  }
  const uint64_t size = section.bytes.size();
  DefineThisModule(object->Add(std::move(section)), size, object);
  return Ok{};
}

Status RewriteModinfo(const rcrate::RcrateFile& file, const kernel::Target& target,
                      const std::set<std::string>& depends, elf::Object* object) {
  if (target.vermagic.empty()) return Bad(target) << "its version magic is not known";
  std::vector<std::string> entries;
  auto add = [&entries](std::string entry) {
    if (std::find(entries.begin(), entries.end(), entry) == entries.end())
      entries.push_back(std::move(entry));
  };
  for (elf::Section& section : object->sections) {
    if (section.removed || section.name != kModinfoSection) continue;
    if (!section.relocations.empty())
      return Fail(Code::kModuleFrame) << file.path << ": .modinfo has relocations";
    std::string_view bytes = section.bytes;
    while (!bytes.empty()) {
      size_t end = std::min(bytes.find('\0'), bytes.size());
      std::string_view entry = bytes.substr(0, end);
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
      if (!entry.empty() && !IsMadeHere(entry)) add(std::string(entry));
    }
    section.removed = true;
  }
  for (const rcrate::Property& property : file.rcrate.manifest)
    if (IsModinfoKey(property.key)) add(property.key + "=" + property.value);

  std::string modules;
  for (const std::string& module : depends) modules += (modules.empty() ? "" : ",") + module;
  add("depends=" + modules);
  if (file.rcrate.Manifest("retpoline") == "Y") add("retpoline=Y");
  add("name=" + std::string(file.rcrate.Manifest("module")));
  add("vermagic=" + target.vermagic);

  elf::Section section;
  section.name = kModinfoSection;
  section.type = SHT_PROGBITS;
  section.flags = SHF_ALLOC;
  for (const std::string& entry : entries) section.bytes.append(entry.c_str(), entry.size() + 1);
  object->Add(std::move(section));
  return Ok{};
}

Status CheckDemands(const rcrate::RcrateFile& file, const kernel::Target& target,
                    const elf::Object& object) {
  // The word stands in the version magic of kernels that compare a checksum of
  // every imported symbol.
  if ((" " + target.vermagic + " ").find(" modversions ") != std::string::npos)
    return Bad(target) << "it checks symbol versions (CONFIG_MODVERSIONS), which " << file.path
                       << " has none of";
  // struct module has this field where indirect calls check a hash before the
  // function that they call.
  RACE_ASSIGN(type, StructModule(target));
  steg::Place place;
  if (steg::FindMember(target.types, type, "kcfi_traps", &place, nullptr) &&
      !object.Find(".kcfi_traps"))
    return Bad(target) << "it is built with kernel control-flow integrity (kCFI), and the code of "
                       << file.path << " is not";
  return Ok{};
}

}  // namespace race::resolve
