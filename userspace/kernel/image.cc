// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/image.h"

#include <libelf.h>

#include <algorithm>
#include <cstring>

#include "kernel/decompress.h"
#include "support/cursor.h"

namespace race::kernel {
namespace {

// More than any kernel unpacks to; a size field that says more is damaged.
constexpr uint32_t kMaxVmlinux = 1u << 30;

// The x86 boot protocol's setup header, Documentation/arch/x86/boot.rst: where
// the fields lie in the file.
constexpr uint64_t kSetupSectors = 0x1f1;
constexpr uint64_t kMagicAt = 0x202;
constexpr uint64_t kProtocolAt = 0x206;
constexpr uint64_t kVersionAt = 0x20e;
constexpr uint64_t kPayloadAt = 0x248;
constexpr uint16_t kProtocolWithPayload = 0x208;
constexpr uint32_t kSectorSize = 512;

template <typename T>
bool Field(std::string_view file, uint64_t offset, T* value) {
  return Cursor(file, offset).Read(value);
}

bool IsBzImage(std::string_view file) {
  std::string_view magic;
  return Slice(file, kMagicAt, 4, &magic) && magic == "HdrS";
}

std::string BootVersion(std::string_view file) {
  uint16_t offset;
  std::string_view text;
  if (!Field(file, kVersionAt, &offset) || offset == 0) return "";
  return StringAt(file, offset + kSectorSize, &text) ? std::string(text.substr(0, 256)) : "";
}

Result<Bytes> UnpackBzImage(std::string_view file, const std::string& origin) {
  uint16_t protocol = 0;
  if (!Field(file, kProtocolAt, &protocol) || protocol < kProtocolWithPayload)
    return Fail(Code::kNotKernel) << origin
                                  << ": boot protocol older than 2.08, which does not "
                                     "say where the compressed kernel is";
  uint8_t sectors = 0;
  uint32_t offset = 0, length = 0;
  Cursor cursor(file, kPayloadAt);
  if (!Field(file, kSetupSectors, &sectors) || !cursor.Read(&offset) || !cursor.Read(&length))
    return Fail(Code::kNotKernel) << origin << ": cut off in the setup header";
  if (sectors == 0) sectors = 4;
  uint64_t start = (uint64_t{sectors} + 1) * kSectorSize + offset;
  std::string_view payload;
  uint32_t size = 0;
  if (!Slice(file, start, length, &payload))
    return Fail(Code::kNotKernel) << origin << ": the compressed kernel should be " << length
                                  << " bytes at " << start << ", but the file has " << file.size();
  // The build puts the unpacked size behind the payload, as gzip itself does.
  if (length < 8 || !Field(payload, length - 4, &size) || size == 0 || size > kMaxVmlinux)
    return Fail(Code::kNotKernel) << origin << ": no plausible size behind the compressed kernel";
  auto unpacked = DecompressExactly(payload, size);
  if (!unpacked) return Fail(unpacked.error().code) << origin << ": " << unpacked.error().message;
  return unpacked;
}

struct ElfEnd {
  void operator()(Elf* elf) const { elf_end(elf); }
};

const char* DescribeFile(std::string_view file) {
  if (file.starts_with("MZ") && file.substr(0, 8).ends_with("zimg"))
    return "an EFI zboot image, which only other architectures use";
  if (file.starts_with("MZ")) return "an EFI program without a Linux boot header";
  if (file.starts_with("!<arch>")) return "an archive";
  if (CompressionName(file)) return "a compressed file that is not a bzImage";
  return "neither a bzImage nor an ELF file";
}

}  // namespace

Result<Vmlinux> Vmlinux::Read(Bytes file, const std::string& origin) {
  Vmlinux image;
  if (IsBzImage(file.view())) {
    image.boot_version_ = BootVersion(file.view());
    RACE_ASSIGN(unpacked, UnpackBzImage(file.view(), origin));
    image.bytes_ = std::move(unpacked);
  } else {
    image.bytes_ = std::move(file);
  }
  std::string_view elf_bytes = image.bytes_.view();
  if (!elf_bytes.starts_with("\x7f"
                             "ELF"))
    return Fail(Code::kNotKernel) << origin << ": " << DescribeFile(elf_bytes);
  elf_version(EV_CURRENT);
  std::unique_ptr<Elf, ElfEnd> elf(elf_memory(image.bytes_.data(), image.bytes_.size()));
  const Elf64_Ehdr* header = elf ? elf64_getehdr(elf.get()) : nullptr;
  if (!header || header->e_ident[EI_DATA] != ELFDATA2LSB)
    return Fail(Code::kNotKernel) << origin << ": not a 64-bit little-endian ELF file";
  if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
    return Fail(Code::kNotKernel) << origin
                                  << ": an ELF file, but not an executable: not a vmlinux";
  image.machine_ = header->e_machine;
  size_t names = 0;
  if (elf_getshdrstrndx(elf.get(), &names) != 0)
    return Fail(Code::kNotKernel) << origin << ": no section names: " << elf_errmsg(-1);
  for (Elf_Scn* scn = nullptr; (scn = elf_nextscn(elf.get(), scn));) {
    const Elf64_Shdr* section = elf64_getshdr(scn);
    const char* name = section ? elf_strptr(elf.get(), names, section->sh_name) : nullptr;
    if (!name)
      return Fail(Code::kNotKernel) << origin << ": damaged section table: " << elf_errmsg(-1);
    Section found{.data = {}, .address = section->sh_addr};
    if (section->sh_type != SHT_NOBITS &&
        !Slice(elf_bytes, section->sh_offset, section->sh_size, &found.data))
      return Fail(Code::kNotKernel)
             << origin << ": section " << name << " lies outside of the file";
    image.sections_.try_emplace(name, found);
  }
  return image;
}

const Section* Vmlinux::Find(std::string_view name) const {
  auto found = sections_.find(name);
  return found == sections_.end() ? nullptr : &found->second;
}

std::optional<std::string> FindRelease(const Vmlinux& vmlinux) {
  constexpr std::string_view kBanner = "Linux version ";
  std::string_view text = vmlinux.boot_version();
  if (text.empty()) {
    const Section* rodata = vmlinux.Find(".rodata");
    size_t at = rodata ? rodata->data.find(kBanner) : std::string_view::npos;
    if (at == std::string_view::npos) return std::nullopt;
    text = rodata->data.substr(at + kBanner.size());
  }
  size_t end = text.substr(0, 256).find(' ');
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  return std::string(text.substr(0, end));
}

std::optional<std::string> FindVermagic(std::string_view data, std::string_view release) {
  auto in_word = [](unsigned char c) { return isalnum(c) || (c && strchr("_-.+()=,", c)); };
  std::string start = std::string(release) + ' ';
  size_t at = 0;
  while (at < data.size()) {
    void* found = memmem(data.data() + at, data.size() - at, start.data(), start.size());
    if (!found) break;
    at = static_cast<char*>(found) - data.data();
    size_t begin = at;
    at += start.size();
    if (begin != 0 && data[begin - 1] != '\0') continue;
    std::string_view text;
    if (!StringAt(data, begin, &text) || text.size() > 256 || text.back() != ' ') continue;
    // "7.2.12+deb13-amd64 SMP preempt mod_unload ": words, one blank behind each.
    bool words = text.find("  ") == std::string_view::npos &&
                 std::all_of(text.begin() + release.size(), text.end(),
                             [&](char c) { return c == ' ' || in_word(c); });
    if (words) return std::string(text);
  }
  return std::nullopt;
}

}  // namespace race::kernel
