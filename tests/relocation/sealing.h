// SPDX-License-Identifier: GPL-2.0-only
//
// Fills in what an assembler, or a fuzzer, cannot: the checksums of a .rcrate's
// sections.
#pragma once

#include <elf.h>
#include <zlib.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "race/rcrate.h"
#include "race/steg.h"
#include "support/cursor.h"

namespace race {

inline void SealSection(std::string* file, uint64_t at, uint64_t size, uint64_t checksum_at) {
  if (size < checksum_at + sizeof(uint32_t)) return;
  char* section = file->data() + at;
  std::memset(section + checksum_at, 0, sizeof(uint32_t));
  const auto sum = static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(section), size));
  std::memcpy(section + checksum_at, &sum, sizeof sum);
}

// Leaves alone what is no ELF file with such sections.
inline void Seal(std::string* file) {
  Elf64_Ehdr header;
  Elf64_Shdr names, section;
  auto read = [file](uint64_t index, const Elf64_Ehdr& elf, Elf64_Shdr* out) {
    uint64_t at;
    return !__builtin_add_overflow(elf.e_shoff, index * sizeof(Elf64_Shdr), &at) &&
           Cursor(*file, at).Read(out);
  };
  if (!Cursor(*file).Read(&header) || !read(header.e_shstrndx, header, &names)) return;
  for (uint64_t i = 0; i < header.e_shnum; ++i) {
    std::string_view table, name;
    if (!read(i, header, &section) || !Slice(*file, names.sh_offset, names.sh_size, &table) ||
        !StringAt(table, section.sh_name, &name) ||
        !InRange(file->size(), section.sh_offset, section.sh_size))
      continue;
    if (name == RACE_SECTION)
      SealSection(file, section.sh_offset, section.sh_size, offsetof(race_header, crc32));
    if (name == RACE_STEG_SECTION)
      SealSection(file, section.sh_offset, section.sh_size, offsetof(steg_header, crc32));
  }
}

}  // namespace race
