// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/relocation.h"

#include <elf.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "support/cursor.h"

namespace race::resolve {
namespace {

// A field that a relocation fills: how wide it is, and which values it can hold
// whatever the instruction does with it.
struct Field {
  unsigned width;
  int64_t low;
  int64_t high;
};

bool FieldOf(uint32_t type, Field* field) {
  switch (type) {
    case R_X86_64_64:
      *field = {8, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
      return true;
    case R_X86_64_32:  // zero-extended
      *field = {4, 0, std::numeric_limits<uint32_t>::max()};
      return true;
    case R_X86_64_32S:  // sign-extended
      *field = {4, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
      return true;
    case R_X86_64_16:
      *field = {2, std::numeric_limits<int16_t>::min(), std::numeric_limits<uint16_t>::max()};
      return true;
    case R_X86_64_8:
      // An imm8 is sign-extended in most instructions, so that 128 to 255 would
      // silently become negative.
      *field = {1, std::numeric_limits<int8_t>::min(), std::numeric_limits<int8_t>::max()};
      return true;
    default:
      return false;
  }
}

std::string Place(const elf::Section& section, const elf::Relocation& relocation,
                  const std::string& symbol) {
  std::ostringstream place;
  place << section.name << "+0x" << std::hex << relocation.offset << ": " << symbol << ": ";
  return place.str();
}

// `symbol` with its value, or without one when only dead code refers to it: then
// the field stays zero.
Status Apply(const elf::Relocation& relocation, const rcrate::Symbol& layout,
             std::optional<int64_t> value, elf::Section* section) {
  const std::string& symbol = layout.name;
  Field field;
  if (!FieldOf(relocation.type, &field))
    return Fail(Code::kRelocation)
           << Place(*section, relocation, symbol) << "relocation type " << relocation.type
           << "; expected an absolute one (R_X86_64_64, 32, 32S, 16 or 8)";
  if (!InRange(section->bytes.size(), relocation.offset, field.width))
    return Fail(Code::kRelocation)
           << Place(*section, relocation, symbol) << field.width << " bytes do not lie within the "
           << section->bytes.size() << " of the section";
  for (unsigned i = 0; i < field.width; ++i)
    if (section->bytes[relocation.offset + i] != 0)
      return Fail(Code::kOldValue)
             << Place(*section, relocation, symbol) << "expected " << field.width
             << " zero bytes to be filled in; byte " << i << " is not zero";
  if (!value) return Ok{};
  // A number that may be negative is in 32 bits only where no more of it is used:
  // the code generator takes a zero-extending instruction for nothing else.
  if (relocation.type == R_X86_64_32 && layout.low < 0)
    field.low = std::numeric_limits<int32_t>::min();
  int64_t number;
  if (__builtin_add_overflow(*value, relocation.addend, &number) || number < field.low ||
      number > field.high)
    return Fail(Code::kRelocationOverflow)
           << Place(*section, relocation, symbol) << "expected a value from " << field.low << " to "
           << field.high << "; on the target it is " << *value << " + " << relocation.addend;
  std::memcpy(section->bytes.data() + relocation.offset, &number, field.width);
  return Ok{};
}

// The value of a layout symbol; none on the dead side of something that does not
// exist.
Result<std::optional<int64_t>> ValueOf(const rcrate::RcrateFile& file,
                                       const rcrate::ContractValues& values,
                                       const rcrate::Symbol& symbol) {
  if (!rcrate::IsLive(file.rcrate, values, symbol.expr)) return std::optional<int64_t>();
  RACE_ASSIGN(value, rcrate::Evaluate(file.rcrate, values, symbol.expr));
  if (value < symbol.low || value > symbol.high)
    return Fail(Code::kOutOfRange)
           << file.path << ": " << symbol.name << ": expected a value from " << symbol.low << " to "
           << symbol.high << ", which the code was compiled for; on the target "
           << rcrate::Spell(file.rcrate, symbol.expr) << " is " << value;
  return std::optional<int64_t>(value);
}

// Two relocations that fill one byte: what the second finds there would depend on
// the first's number.
Status CheckOverlaps(const rcrate::RcrateFile& file, const elf::Section& section) {
  std::vector<std::pair<uint64_t, uint64_t>> fields;
  for (const elf::Relocation& relocation : section.relocations)
    if (Field field; FieldOf(relocation.type, &field))
      fields.push_back({relocation.offset, field.width});
    else if (relocation.type != R_X86_64_NONE)
      fields.push_back({relocation.offset, relocation.type == R_X86_64_PC64 ? 8 : 4});
  std::sort(fields.begin(), fields.end());
  for (size_t i = 1; i < fields.size(); ++i)
    if (fields[i].first - fields[i - 1].first < fields[i - 1].second)
      return Fail(Code::kRelocation) << file.path << ": " << section.name << "+0x" << std::hex
                                     << fields[i].first << ": two relocations fill the same bytes";
  return Ok{};
}

bool HasLayoutSymbols(const elf::Object& object, const elf::Section& section) {
  return std::any_of(section.relocations.begin(), section.relocations.end(),
                     [&object](const elf::Relocation& relocation) {
                       return object[relocation.symbol].name.starts_with(RACE_SYMBOL_PREFIX);
                     });
}

}  // namespace

Status ApplyLayoutSymbols(const rcrate::RcrateFile& file, const rcrate::ContractValues& values,
                          elf::Object* object, uint64_t* count) {
  std::map<std::string_view, const rcrate::Symbol*> symbols;
  for (const rcrate::Symbol& symbol : file.rcrate.symbols) symbols[symbol.name] = &symbol;

  *count = 0;
  for (elf::Section& section : object->sections) {
    if (section.removed || !HasLayoutSymbols(*object, section)) continue;
    RACE_TRY(CheckOverlaps(file, section));
    std::vector<elf::Relocation> others;
    for (const elf::Relocation& relocation : section.relocations) {
      const elf::Symbol& symbol = (*object)[relocation.symbol];
      if (!symbol.name.starts_with(RACE_SYMBOL_PREFIX)) {
        others.push_back(relocation);
        continue;
      }
      auto layout = symbols.find(symbol.name);
      if (layout == symbols.end() || !symbol.undefined())
        return Fail(Code::kRelocation)
               << file.path << ": " << Place(section, relocation, symbol.name)
               << (symbol.undefined() ? "the section .race does not define this layout symbol"
                                      : "a layout symbol must not be defined in the object");
      RACE_ASSIGN(value, ValueOf(file, values, *layout->second));
      Status status = Apply(relocation, *layout->second, value, &section);
      if (!status) return Error{status.error().code, file.path + ": " + status.error().message};
      ++*count;
    }
    section.relocations = std::move(others);
  }
  return Ok{};
}

}  // namespace race::resolve
