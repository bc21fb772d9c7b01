// SPDX-License-Identifier: GPL-2.0-only
#include "build/catalogue.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include <cstring>

namespace race::build {
namespace {

constexpr const char* kTable = "RACE_CATALOGUE";

// Fields that offset_of! may not name, or that have no place.
bool Named(const Aggregate& aggregate, const Field& field) {
  return !aggregate.is_union && field.name != "_phantom_0";
}

// The bytes of the table's symbol.
Result<std::string> ReadTable(const std::string& path) {
  elf_version(EV_CURRENT);
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  Elf* elf = fd < 0 ? nullptr : elf_begin(fd, ELF_C_READ, nullptr);
  std::string table;
  for (Elf_Scn* section = nullptr; elf != nullptr && (section = elf_nextscn(elf, section));) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_SYMTAB) continue;
    Elf_Data* symbols = elf_getdata(section, nullptr);
    for (size_t i = 0; i < header.sh_size / header.sh_entsize; i++) {
      GElf_Sym symbol;
      if (gelf_getsym(symbols, i, &symbol) == nullptr) break;
      const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
      if (name == nullptr || strcmp(name, kTable) != 0) continue;
      Elf_Data* data = elf_getdata(elf_getscn(elf, symbol.st_shndx), nullptr);
      if (data != nullptr && symbol.st_value + symbol.st_size <= data->d_size)
        table.assign(static_cast<char*>(data->d_buf) + symbol.st_value, symbol.st_size);
    }
  }
  if (elf != nullptr) elf_end(elf);
  if (fd >= 0) close(fd);
  if (table.empty()) return Fail(Code::kSdkVectors) << path << ": no symbol " << kTable;
  return table;
}

}  // namespace

std::string CatalogueSource(const Bindings& bindings, const LayoutEngine& engine) {
  std::string body;
  size_t count = 0;
  auto add = [&](const std::string& expression) {
    body += "    " + expression + " as u64,\n";
    count++;
  };
  for (const Aggregate& aggregate : bindings.aggregates) {
    if (aggregate.incomplete) continue;
    std::string type = "bindings::" + aggregate.name;
    add("core::mem::size_of::<" + type + ">()");
    add("core::mem::align_of::<" + type + ">()");
    for (size_t i = 0; i < aggregate.fields.size(); i++) {
      const Field& field = aggregate.fields[i];
      std::string name = engine.IsLeftOut(aggregate, i) ? LeftOutName(field) : field.name;
      if (Named(aggregate, field)) add("core::mem::offset_of!(" + type + ", " + name + ")");
    }
  }
  return "#![no_std]\n#[no_mangle]\npub static " + std::string(kTable) + ": [u64; " +
         std::to_string(count) + "] = [\n" + body + "];\n";
}

Result<size_t> VerifyCatalogue(const Bindings& bindings, LayoutEngine* engine,
                               const std::string& object_path) {
  RACE_ASSIGN(table, ReadTable(object_path));
  size_t at = 0;
  std::string difference;
  auto check = [&](const Aggregate& aggregate, const std::string& what, uint64_t ours) {
    uint64_t theirs = ~0ull;
    if ((at + 1) * 8 <= table.size()) std::memcpy(&theirs, table.data() + at * 8, 8);
    at++;
    if (ours != theirs && difference.empty())
      difference = aggregate.name + " " + what + ": rustc has " + std::to_string(theirs) +
                   ", the layout model " + std::to_string(ours);
  };
  for (const Aggregate& aggregate : bindings.aggregates) {
    if (aggregate.incomplete) continue;
    const Layout& layout = engine->Of(aggregate);
    check(aggregate, "size", layout.size);
    check(aggregate, "alignment", layout.align);
    for (size_t i = 0; i < aggregate.fields.size(); i++)
      if (Named(aggregate, aggregate.fields[i]))
        check(aggregate, "offset of " + aggregate.fields[i].name, layout.offsets[i]);
  }
  if (!difference.empty()) return Fail(Code::kSdkVectors) << object_path << ": " << difference;
  if (at * 8 != table.size())
    return Fail(Code::kSdkVectors)
           << object_path << ": " << table.size() / 8 << " numbers, expected " << at;
  return at;
}

}  // namespace race::build
