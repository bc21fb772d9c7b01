// SPDX-License-Identifier: GPL-2.0-only
#include "store/kernel_identity.h"

#include <elf.h>

#include "kernel/bytes.h"
#include "kernel/image.h"
#include "store/digest.h"
#include "support/cursor.h"
#include "support/file.h"

namespace race::store {
namespace {

constexpr uint64_t Padded(uint64_t size) { return (size + 3) / 4 * 4; }

}  // namespace

std::string BuildIdOfNotes(std::string_view notes) {
  Cursor cursor(notes);
  Elf64_Nhdr note;
  while (cursor.Read(&note)) {
    std::string_view name, id;
    if (!cursor.Bytes(Padded(note.n_namesz), &name) || !cursor.Bytes(Padded(note.n_descsz), &id))
      return "";
    if (note.n_type != NT_GNU_BUILD_ID || name != std::string_view("GNU\0", 4)) continue;
    return Hex(id.substr(0, note.n_descsz));
  }
  return "";
}

Result<std::string> BuildIdOfRunning(const std::string& sys) {
  const std::string path = sys + "/kernel/notes";
  RACE_ASSIGN(notes, ReadFile(path));
  std::string id = BuildIdOfNotes(notes);
  if (id.empty()) return Fail(Code::kNoRelease) << path << ": the kernel has no build ID";
  return id;
}

Result<std::string> BuildIdOfImage(const std::string& path) {
  RACE_ASSIGN(bytes, kernel::Bytes::Map(path));
  RACE_ASSIGN(image, kernel::Vmlinux::Read(std::move(bytes), path));
  const kernel::Section* notes = image.Find(".notes");
  std::string id = notes ? BuildIdOfNotes(notes->data) : "";
  if (id.empty()) return Fail(Code::kNoRelease) << path << ": the kernel has no build ID";
  return id;
}

}  // namespace race::store
