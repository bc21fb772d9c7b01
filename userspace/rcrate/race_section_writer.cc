// SPDX-License-Identifier: GPL-2.0-only
#include "rcrate/race_section_writer.h"

#include <elf.h>
#include <zlib.h>

#include <cstddef>
#include <cstring>
#include <unordered_map>

namespace race::rcrate {
namespace {

class StringTable {
 public:
  StringTable() : bytes_(1, '\0') {}

  uint32_t Add(const std::string& text) {
    if (text.empty()) return 0;
    auto [at, is_new] = offsets_.try_emplace(text, static_cast<uint32_t>(bytes_.size()));
    if (is_new) {
      bytes_ += text;
      bytes_ += '\0';
    }
    return at->second;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::unordered_map<std::string, uint32_t> offsets_;
};

// Collects the tables behind the header, each at a multiple of 8.
class Tables {
 public:
  template <typename T>
  race_table Add(const std::vector<T>& records) {
    return AddBytes({reinterpret_cast<const char*>(records.data()), records.size() * sizeof(T)},
                    static_cast<uint32_t>(records.size()));
  }
  race_table AddBytes(std::string_view bytes, uint32_t count) {
    race_table table = {static_cast<uint32_t>(bytes_.size()), count};
    bytes_ += bytes;
    bytes_.resize((bytes_.size() + 7) / 8 * 8, '\0');
    return table;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

std::vector<race_contract> Contracts(const Rcrate& rcrate, StringTable* strings) {
  std::vector<race_contract> records;
  for (const Contract& contract : rcrate.contracts) {
    race_contract record = {};
    record.kind = contract.kind;
    record.root = strings->Add(contract.root);
    record.path = strings->Add(contract.path);
    record.type = contract.type;
    record.align = contract.align;
    record.base_value = contract.base_value;
    record.low = contract.low;
    record.high = contract.high;
    record.source = strings->Add(contract.source);
    record.bit = contract.bit;
    record.width = contract.width;
    record.unit = contract.unit;
    if (contract.guard) record.guard = Index(*contract.guard) + 1;
    if (contract.substitute) record.substitute = Index(*contract.substitute) + 1;
    if (contract.is_former) record.flags |= RACE_CONTRACT_FORMER;
    if (contract.is_unless) record.flags |= RACE_CONTRACT_UNLESS;
    if (contract.is_mask) record.flags |= RACE_CONTRACT_MASK;
    if (contract.align_at_most) record.flags |= RACE_CONTRACT_ALIGN_AT_MOST;
    records.push_back(record);
  }
  return records;
}

race_piece PieceRecord(const Piece& piece, StringTable* strings) {
  race_piece record = {};
  record.offset = Index(piece.offset);
  record.kind = piece.kind;
  switch (piece.kind) {
    case RACE_PIECE_BYTES:
      record.data = strings->Add(piece.data);
      record.length = static_cast<uint32_t>(piece.data.size());
      break;
    case RACE_PIECE_ADDRESS:
      record.data = strings->Add(piece.data);
      record.length = 8;
      record.value = Index(piece.value);
      break;
    case RACE_PIECE_VALUE:
      record.length = piece.length;
      record.value = Index(piece.value);
      break;
  }
  return record;
}

}  // namespace

std::string WriteRaceSection(const Rcrate& rcrate) {
  StringTable strings;
  std::vector<race_property> manifest;
  for (const Property& property : rcrate.manifest)
    manifest.push_back({strings.Add(property.key), strings.Add(property.value)});

  std::vector<race_contract> contracts = Contracts(rcrate, &strings);

  std::vector<race_expr> exprs;
  std::vector<race_term> terms;
  for (const Expr& expr : rcrate.exprs) {
    exprs.push_back({expr.constant, static_cast<uint32_t>(terms.size()),
                     static_cast<uint32_t>(expr.terms.size())});
    for (const Term& term : expr.terms)
      terms.push_back({term.coefficient, term.expr ? Index(*term.expr) : Index(term.contract),
                       term.round,
                       static_cast<uint32_t>(term.expr ? RACE_TERM_EXPR : RACE_TERM_CONTRACT)});
  }

  std::vector<race_symbol> symbols;
  for (const Symbol& symbol : rcrate.symbols)
    symbols.push_back({strings.Add(symbol.name), Index(symbol.expr), symbol.low, symbol.high});

  std::vector<race_room> rooms;
  for (const Room& room : rcrate.rooms)
    rooms.push_back({Index(room.expr), strings.Add(room.source), room.bound});

  std::vector<race_shape> shapes;
  std::vector<race_piece> pieces;
  for (const Shape& shape : rcrate.shapes) {
    shapes.push_back({strings.Add(shape.symbol), strings.Add(shape.section), shape.align,
                      Index(shape.size), static_cast<uint32_t>(pieces.size()),
                      static_cast<uint32_t>(shape.pieces.size())});
    for (const Piece& piece : shape.pieces) pieces.push_back(PieceRecord(piece, &strings));
  }

  Tables tables;
  race_header header = {};
  std::memcpy(header.magic, RACE_MAGIC, RACE_MAGIC_LEN);
  header.version = RACE_VERSION;
  header.machine = EM_X86_64;
  header.hdr_len = sizeof(header);
  header.manifest = tables.Add(manifest);
  header.contracts = tables.Add(contracts);
  header.exprs = tables.Add(exprs);
  header.terms = tables.Add(terms);
  header.symbols = tables.Add(symbols);
  header.rooms = tables.Add(rooms);
  header.shapes = tables.Add(shapes);
  header.pieces = tables.Add(pieces);
  header.strings = tables.AddBytes(strings.bytes(), static_cast<uint32_t>(strings.bytes().size()));

  std::string section(reinterpret_cast<const char*>(&header), sizeof(header));
  section += tables.bytes();
  uint32_t checksum = static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(section.data()), static_cast<uInt>(section.size())));
  std::memcpy(section.data() + offsetof(race_header, crc32), &checksum, sizeof(checksum));
  return section;
}

}  // namespace race::rcrate
