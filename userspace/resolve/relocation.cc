// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/relocation.h"

#include <elf.h>

#include <limits>

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

Status Apply(const elf::Relocation& relocation, const std::string& symbol, int64_t value,
             elf::Section* section) {
  Field field;
  if (!FieldOf(relocation.type, &field))
    return Fail(Code::kRelocation)
           << Place(*section, relocation, symbol) << "relocation type " << relocation.type
           << "; expected an absolute one (R_X86_64_64, 32, 32S, 16 or 8)";
  if (!InRange(section->bytes.size(), relocation.offset, field.width))
    return Fail(Code::kRelocation)
           << Place(*section, relocation, symbol) << field.width << " bytes do not lie within the "
           << section->bytes.size() << " of the section";
  int64_t number;
  if (__builtin_add_overflow(value, relocation.addend, &number) || number < field.low ||
      number > field.high)
    return Fail(Code::kRelocationOverflow)
           << Place(*section, relocation, symbol) << "expected a value from " << field.low << " to "
           << field.high << "; on the target it is " << value << " + " << relocation.addend;
  for (unsigned i = 0; i < field.width; ++i)
    if (section->bytes[relocation.offset + i] != 0)
      return Fail(Code::kOldValue)
             << Place(*section, relocation, symbol) << "expected " << field.width
             << " zero bytes to be filled in; byte " << i << " is not zero";
  std::memcpy(section->bytes.data() + relocation.offset, &number, field.width);
  return Ok{};
}

}  // namespace

Status ApplyLayoutSymbols(const rcrate::RcrateFile& file, const rcrate::ContractValues& values,
                          elf::Object* object, uint64_t* count) {
  std::map<std::string_view, rcrate::ExprId> exprs;
  for (const rcrate::Symbol& symbol : file.rcrate.symbols) exprs[symbol.name] = symbol.expr;

  *count = 0;
  for (elf::Section& section : object->sections) {
    if (section.removed) continue;
    std::vector<elf::Relocation> others;
    for (const elf::Relocation& relocation : section.relocations) {
      const elf::Symbol& symbol = (*object)[relocation.symbol];
      if (!symbol.name.starts_with(RACE_SYMBOL_PREFIX)) {
        others.push_back(relocation);
        continue;
      }
      auto expr = exprs.find(symbol.name);
      if (expr == exprs.end() || !symbol.undefined())
        return Fail(Code::kRelocation)
               << file.path << ": " << Place(section, relocation, symbol.name)
               << (symbol.undefined() ? "the section .race does not define this layout symbol"
                                      : "a layout symbol must not be defined in the object");
      RACE_ASSIGN(value, rcrate::Evaluate(file.rcrate, values, expr->second));
      Status status = Apply(relocation, symbol.name, value, &section);
      if (!status) return Error{status.error().code, file.path + ": " + status.error().message};
      ++*count;
    }
    section.relocations = std::move(others);
  }
  return Ok{};
}

}  // namespace race::resolve
