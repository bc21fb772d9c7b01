// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/shaped_data.h"

#include <elf.h>

#include <algorithm>
#include <map>
#include <set>

#include "support/cursor.h"

namespace race::resolve {
namespace {

using rcrate::Piece;
using rcrate::Shape;

// No static of a driver comes near this, nor do all of them together.
constexpr int64_t kMaxShapeBytes = int64_t{16} << 20;

class Layout {
 public:
  Layout(const rcrate::RcrateFile& file, const rcrate::ContractValues& values, elf::Object* object)
      : file_(file), values_(values), object_(*object) {}

  Status LayOut() {
    for (const Shape& shape : file_.rcrate.shapes) RACE_TRY(Allocate(shape));
    for (const Shape& shape : file_.rcrate.shapes)
      for (const Piece& piece : shape.pieces) RACE_TRY(Fill(shape, piece));
    return Ok{};
  }

 private:
  struct Allocated {
    elf::SectionId section;
    uint64_t start;
    uint64_t size;
    std::vector<bool> filled;
  };

  Fail Bad(const Shape& shape, Code code = Code::kShape) const {
    return Fail(code) << file_.path << ": " << shape.symbol << ": ";
  }

  Result<int64_t> Value(rcrate::ExprId id) const {
    return rcrate::Evaluate(file_.rcrate, values_, id);
  }

  // The section for shapes of that kind, made when it is first asked for.
  Result<elf::SectionId> SectionFor(const Shape& shape) {
    auto [at, is_new] = sections_.try_emplace(shape.section, elf::SectionId::kUndefined);
    if (!is_new) return at->second;
    elf::Section section;
    section.type = shape.section == ".bss" ? SHT_NOBITS : SHT_PROGBITS;
    section.flags = SHF_ALLOC;
    if (shape.section == ".data" || shape.section == ".bss") section.flags |= SHF_WRITE;
    // The kernel looks for __param by name and takes the first.  The others are
    // placed by their flags; a name of their own keeps them apart from sections
    // that the object has already.
    section.name = shape.section == "__param" ? shape.section : shape.section + ".race";
    if (object_.Find(section.name))
      return Bad(shape) << "the object has a section " << section.name << " already";
    at->second = object_.Add(std::move(section));
    return at->second;
  }

  bool IsLive(rcrate::ExprId id) const { return rcrate::IsLive(file_.rcrate, values_, id); }

  // Of a shape that only dead code refers to, the symbol is left.
  Status Allocate(const Shape& shape) {
    int64_t size = 0;
    if (IsLive(shape.size)) {
      RACE_ASSIGN(bytes, Value(shape.size));
      size = bytes;
    }
    total_ += std::clamp<int64_t>(size, 0, kMaxShapeBytes + 1);
    if (size < 0 || total_ > kMaxShapeBytes)
      return Bad(shape) << "its size, " << rcrate::Spell(file_.rcrate, shape.size) << ", is "
                        << size << " bytes on the target";
    RACE_ASSIGN(id, SectionFor(shape));
    elf::Section& section = object_[id];
    const uint64_t mask = uint64_t{shape.align} - 1;
    const uint64_t start = (section.size() + mask) & ~mask;
    const uint64_t end = start + static_cast<uint64_t>(size);
    section.align = std::max<uint64_t>(section.align, shape.align);
    if (section.type == SHT_NOBITS)
      section.nobits_size = end;
    else
      section.bytes.resize(end, '\0');

    RACE_ASSIGN(symbol_id, SymbolFor(shape, shape.symbol));
    elf::Symbol& symbol = object_[symbol_id];
    if (!symbol.undefined()) return Bad(shape) << "the object defines this symbol already";
    symbol.type = STT_OBJECT;
    symbol.section = id;
    symbol.value = start;
    symbol.size = static_cast<uint64_t>(size);
    allocated_[shape.symbol] = {id, start, symbol.size, std::vector<bool>(symbol.size, false)};
    return Ok{};
  }

  // A piece whose place or value does not exist on the target is left out.
  bool IsLive(const Shape& shape, const Piece& piece) const {
    return IsLive(shape.size) && IsLive(piece.offset) &&
           (piece.kind == RACE_PIECE_BYTES || IsLive(piece.value));
  }

  Status Fill(const Shape& shape, const Piece& piece) {
    if (!IsLive(shape, piece)) return Ok{};
    Allocated& place = allocated_[shape.symbol];
    RACE_ASSIGN(offset, Value(piece.offset));
    if (offset < 0 || !InRange(place.size, static_cast<uint64_t>(offset), piece.length))
      return Bad(shape) << "a piece of " << piece.length << " bytes at "
                        << rcrate::Spell(file_.rcrate, piece.offset) << " = " << offset
                        << " does not lie within its " << place.size << " bytes on the target";
    for (uint32_t i = 0; i < piece.length; ++i) {
      if (place.filled[offset + i])
        return Bad(shape) << "two pieces overlap at byte " << offset + i << " on the target";
      place.filled[offset + i] = true;
    }
    elf::Section& section = object_[place.section];
    const uint64_t start = place.start + static_cast<uint64_t>(offset);
    if (piece.kind == RACE_PIECE_BYTES) {
      section.bytes.replace(start, piece.data.size(), piece.data);
      return Ok{};
    }
    RACE_ASSIGN(value, Value(piece.value));
    if (piece.kind == RACE_PIECE_ADDRESS) {
      RACE_ASSIGN(symbol, SymbolFor(shape, piece.data));
      object_[place.section].relocations.push_back({start, R_X86_64_64, symbol, value});
      return Ok{};
    }
    if (piece.length >= 1 && piece.length < 8) {
      const int64_t bits = int64_t{piece.length} * 8;
      if (value < -(int64_t{1} << (bits - 1)) || value >= (int64_t{1} << bits))
        return Bad(shape, Code::kRelocationOverflow)
               << rcrate::Spell(file_.rcrate, piece.value) << " = " << value
               << " does not fit in the " << piece.length << " bytes at " << offset;
    }
    section.bytes.replace(start, piece.length, reinterpret_cast<const char*>(&value), piece.length);
    return Ok{};
  }

  // The symbol of that name: a global one, or else the only local one; a new
  // undefined one when the object does not mention it.
  Result<elf::SymbolId> SymbolFor(const Shape& shape, const std::string& name) {
    if (symbols_.empty()) IndexSymbols();
    auto at = symbols_.find(name);
    if (at == symbols_.end()) {
      elf::Symbol symbol;
      symbol.name = name;
      symbol.binding = STB_GLOBAL;
      return symbols_[name] = object_.Add(std::move(symbol));
    }
    if (ambiguous_.contains(name)) return Bad(shape) << "the object has several symbols " << name;
    return at->second;
  }

  void IndexSymbols() {
    for (bool global : {true, false}) {
      std::map<std::string, elf::SymbolId, std::less<>> found;
      for (uint32_t i = 1; i < object_.symbols.size(); ++i) {
        const elf::Symbol& symbol = object_.symbols[i];
        if (symbol.removed || symbol.name.empty() || (symbol.binding != STB_LOCAL) != global)
          continue;
        if (symbols_.contains(symbol.name) && !found.contains(symbol.name)) continue;
        if (!found.try_emplace(symbol.name, elf::SymbolId{i}).second)
          ambiguous_.insert(symbol.name);
        symbols_.try_emplace(symbol.name, elf::SymbolId{i});
      }
    }
  }

  const rcrate::RcrateFile& file_;
  const rcrate::ContractValues& values_;
  elf::Object& object_;
  int64_t total_ = 0;
  std::map<std::string, elf::SectionId> sections_;
  std::map<std::string, elf::SymbolId> symbols_;
  std::set<std::string> ambiguous_;
  std::map<std::string, Allocated> allocated_;
};

}  // namespace

Status LayOutShapes(const rcrate::RcrateFile& file, const rcrate::ContractValues& values,
                    elf::Object* object) {
  return Layout(file, values, object).LayOut();
}

}  // namespace race::resolve
