// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/orc_tables.h"

#include <algorithm>
#include <array>
#include <optional>

namespace race::resolve {
namespace {

// struct orc_entry: s16 sp_offset, s16 bp_offset, and a byte with sp_reg in its
// lower and bp_reg in its upper half; then type and signal, which all known forms
// have alike.
constexpr size_t kEntryBytes = 6;
constexpr size_t kRegistersByte = 4;

enum class Register : uint8_t {
  kUndefined,
  kPrevSp,
  kAx,
  kDx,
  kDi,
  kBp,
  kSp,
  kR10,
  kR13,
  kBpIndirect,
  kSpIndirect,
  kNone
};

struct Form {
  std::array<uint8_t, 20> hash;
  std::array<Register, 16> registers;  // by number
};

constexpr Form kForms[] = {
    // Linux 6.4 to 7.0.
    {{0xfe, 0x5d, 0x32, 0xbf, 0x58, 0x1b, 0xd6, 0x3b, 0x2c, 0xa9,
      0xa5, 0xc6, 0x5b, 0xa5, 0xa6, 0x25, 0xea, 0xb3, 0xfe, 0x24},
     {Register::kUndefined, Register::kPrevSp, Register::kDx, Register::kDi, Register::kBp,
      Register::kSp, Register::kR10, Register::kR13, Register::kBpIndirect, Register::kSpIndirect,
      Register::kNone, Register::kNone, Register::kNone, Register::kNone, Register::kNone,
      Register::kNone}},
    // Since Linux 7.1: in the order in which instructions number them, with AX.
    {{0x13, 0x7c, 0x36, 0xad, 0x76, 0x27, 0xc4, 0xdd, 0x55, 0x93,
      0x21, 0x76, 0xbb, 0x0e, 0xcd, 0xbd, 0x50, 0x41, 0xfc, 0x82},
     {Register::kUndefined, Register::kAx, Register::kDx, Register::kSp, Register::kBp,
      Register::kDi, Register::kR10, Register::kR13, Register::kPrevSp, Register::kSpIndirect,
      Register::kBpIndirect, Register::kNone, Register::kNone, Register::kNone, Register::kNone,
      Register::kNone}},
};

const Form* FormOf(std::string_view hash) {
  for (const Form& form : kForms)
    if (std::equal(form.hash.begin(), form.hash.end(), hash.begin(), hash.end(),
                   [](uint8_t a, char b) { return a == static_cast<uint8_t>(b); }))
      return &form;
  return nullptr;
}

std::optional<uint8_t> Renumber(const Form& from, const Form& to, uint8_t number) {
  const Register wanted = from.registers[number];
  if (wanted == Register::kNone) return std::nullopt;
  for (size_t i = 0; i < to.registers.size(); ++i)
    if (to.registers[i] == wanted) return static_cast<uint8_t>(i);
  return std::nullopt;
}

bool Convert(const Form& from, const Form& to, std::string* entries) {
  if (entries->size() % kEntryBytes != 0) return false;
  for (size_t at = 0; at < entries->size(); at += kEntryBytes) {
    const auto byte = static_cast<uint8_t>((*entries)[at + kRegistersByte]);
    auto sp = Renumber(from, to, byte & 15), bp = Renumber(from, to, byte >> 4);
    if (!sp || !bp) return false;
    (*entries)[at + kRegistersByte] = static_cast<char>(*bp << 4 | *sp);
  }
  return true;
}

bool ConvertTables(const std::string& target_hash, elf::Object* object) {
  const elf::Section* header = object->Find(".orc_header");
  const Form* from = header ? FormOf(header->bytes) : nullptr;
  const Form* to = FormOf(target_hash);
  if (!from || !to) return false;
  for (elf::Section& section : object->sections) {
    if (section.removed) continue;
    if (section.name == ".orc_header") section.bytes = target_hash;
    if (section.name == ".orc_unwind" && !Convert(*from, *to, &section.bytes)) return false;
  }
  return true;
}

}  // namespace

void FitOrcTables(const kernel::Target& target, elf::Object* object,
                  std::vector<std::string>* notes) {
  const elf::Section* header = object->Find(".orc_header");
  // A kernel without the header reads no ORC tables, or ones of before Linux 6.4.
  if (header && target.orc_hash && header->bytes == *target.orc_hash) return;
  if (target.orc_hash && ConvertTables(*target.orc_hash, object)) return;
  bool removed = false;
  for (elf::Section& section : object->sections)
    if (!section.removed && section.name.starts_with(".orc_")) removed = section.removed = true;
  if (removed)
    notes->push_back(
        "the target's ORC unwind tables have a form that is not known: the driver's are left out; "
        "stack traces through the driver are not reliable");
}

}  // namespace race::resolve
