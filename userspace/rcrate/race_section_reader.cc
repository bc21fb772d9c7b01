// SPDX-License-Identifier: GPL-2.0-only
#include "rcrate/race_section_reader.h"

#include <elf.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <set>

#include "support/cursor.h"

namespace race::rcrate {
namespace {

// Strings are referred to by offset, so that a small file could ask for the same
// long one again and again; no real .rcrate comes near this.
constexpr uint64_t kMaxStringBytes = uint64_t{64} << 20;

// rustc's largest #[repr(align)].
constexpr uint32_t kMaxAlign = uint32_t{1} << 29;

// The kernel places the parts of a module at pages.
constexpr uint32_t kMaxShapeAlign = 4096;

bool IsPowerOfTwo(uint32_t value) { return std::has_single_bit(value); }

class Reader {
 public:
  Reader(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  Result<Rcrate> Read() {
    RACE_TRY(ReadHeader());
    RACE_TRY(CheckChecksum());
    RACE_TRY(CheckTables());
    RACE_TRY(ReadManifest());
    RACE_TRY(ReadContracts());
    RACE_TRY(CheckGuards());
    RACE_TRY(ReadExprs());
    RACE_TRY(ReadSymbols());
    RACE_TRY(ReadRooms());
    RACE_TRY(ReadShapes());
    return std::move(rcrate_);
  }

 private:
  // A message that starts with the place, "x.rcrate: .race+0x40: ".
  Fail Bad(Code code, uint64_t offset) const {
    Fail fail(code);
    std::ostringstream place;
    place << file_ << ": " << RACE_SECTION << "+0x" << std::hex << offset << ": ";
    return std::move(fail) << place.str();
  }

  Status ReadHeader() {
    if (!Cursor(bytes_, 0).Read(&header_))
      return Bad(Code::kBadHeader, 0) << "the section has " << bytes_.size()
                                      << " bytes, less than its header's " << sizeof(header_);
    if (std::memcmp(header_.magic, RACE_MAGIC, RACE_MAGIC_LEN) != 0)
      return Bad(Code::kBadMagic, 0) << "the section does not begin with \"RCRATE\"";
    if (header_.version != RACE_VERSION)
      return Bad(Code::kBadVersion, offsetof(race_header, version))
             << "format version " << header_.version << "; this program reads version "
             << RACE_VERSION;
    if (header_.machine != EM_X86_64)
      return Bad(Code::kBadMachine, offsetof(race_header, machine))
             << "ELF machine " << header_.machine << "; expected " << EM_X86_64 << " (x86-64)";
    if (header_.hdr_len < sizeof(header_) || header_.hdr_len % 8 != 0 ||
        header_.hdr_len > bytes_.size())
      return Bad(Code::kBadHeader, offsetof(race_header, hdr_len))
             << "header length " << header_.hdr_len << "; expected a multiple of 8 from "
             << sizeof(header_) << " to " << bytes_.size();
    if (header_.flags != 0)
      return Bad(Code::kBadHeader, offsetof(race_header, flags))
             << "unknown flags 0x" << std::hex << header_.flags << "; expected 0";
    return Ok{};
  }

  Status CheckChecksum() {
    constexpr size_t at = offsetof(race_header, crc32);
    const uint32_t zero = 0;
    const auto* data = reinterpret_cast<const Bytef*>(bytes_.data());
    uLong sum = crc32_z(0, data, at);
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(&zero), sizeof(zero));
    sum = crc32_z(sum, data + at + sizeof(zero), bytes_.size() - at - sizeof(zero));
    if (sum != header_.crc32)
      return Bad(Code::kBadChecksum, at)
             << std::hex << "the checksum is 0x" << sum << ", the header says 0x" << header_.crc32
             << ": the file is damaged";
    return Ok{};
  }

  struct TablePlace {
    const char* name;
    race_table table;
    size_t record_size;
    size_t field;
  };

  Status CheckTables() {
    const uint64_t size = bytes_.size() - header_.hdr_len;
#define RACE_TABLE(name, type) \
  TablePlace{#name, header_.name, sizeof(type), offsetof(race_header, name)}
    std::vector<TablePlace> places = {
        RACE_TABLE(strings, char),
        RACE_TABLE(manifest, race_property),
        RACE_TABLE(contracts, race_contract),
        RACE_TABLE(exprs, race_expr),
        RACE_TABLE(terms, race_term),
        RACE_TABLE(symbols, race_symbol),
        RACE_TABLE(rooms, race_room),
        RACE_TABLE(shapes, race_shape),
        RACE_TABLE(pieces, race_piece),
    };
#undef RACE_TABLE
    for (const TablePlace& place : places)
      if (place.table.offset % 8 != 0 ||
          !InRange(size, place.table.offset, uint64_t{place.table.count} * place.record_size))
        return Bad(Code::kBadTable, place.field)
               << "table `" << place.name << "` (" << place.table.count << " records of "
               << place.record_size << " bytes at " << place.table.offset
               << ") is misaligned or does not lie within the " << size
               << " bytes behind the header";
    std::sort(places.begin(), places.end(), [](const TablePlace& a, const TablePlace& b) {
      return std::pair(a.table.offset, a.table.count) < std::pair(b.table.offset, b.table.count);
    });
    for (size_t i = 1; i < places.size(); ++i)
      if (places[i - 1].table.offset +
              uint64_t{places[i - 1].table.count} * places[i - 1].record_size >
          places[i].table.offset)
        return Bad(Code::kBadTable, places[i].field)
               << "tables `" << places[i - 1].name << "` and `" << places[i].name << "` overlap";

    strings_ = bytes_.substr(header_.hdr_len + header_.strings.offset, header_.strings.count);
    if (strings_.empty() || strings_.front() != '\0' || strings_.back() != '\0')
      return Bad(Code::kBadString, offsetof(race_header, strings))
             << "the string table must begin and end with NUL";
    return Ok{};
  }

  // Calls visit(record, offset in the section) for each record of a table.
  template <typename T, typename Visit>
  Status ForEach(const race_table& table, Visit visit) {
    for (uint32_t i = 0; i < table.count; ++i) {
      uint64_t offset = header_.hdr_len + table.offset + uint64_t{i} * sizeof(T);
      T record;
      if (!Cursor(bytes_, offset).Read(&record))
        return Bad(Code::kBadTable, offset) << "the record does not lie within the section";
      RACE_TRY(visit(record, offset));
    }
    return Ok{};
  }

  Status GetBytes(uint32_t reference, uint32_t length, uint64_t offset, std::string* text) {
    if (!InRange(strings_.size(), reference, length))
      return Bad(Code::kBadString, offset)
             << length << " bytes at " << reference << " do not lie within the string table of "
             << strings_.size() << " bytes";
    string_bytes_ += length;
    if (string_bytes_ > kMaxStringBytes)
      return Bad(Code::kBadString, offset)
             << "the strings add up to over " << kMaxStringBytes << " bytes";
    text->assign(strings_.substr(reference, length));
    return Ok{};
  }

  Status GetString(uint32_t reference, uint64_t offset, std::string* text) {
    std::string_view found;
    if (!StringAt(strings_, reference, &found))
      return Bad(Code::kBadString, offset)
             << "string reference " << reference << " is outside of the string table of "
             << strings_.size() << " bytes";
    return GetBytes(reference, static_cast<uint32_t>(found.size()), offset, text);
  }

  Status GetExpr(uint32_t index, uint64_t offset, ExprId* id) {
    if (index >= header_.exprs.count)
      return Bad(Code::kBadReference, offset)
             << "expression " << index << " of " << header_.exprs.count;
    *id = ExprId{index};
    return Ok{};
  }

  Status CheckReserved(uint32_t reserved, uint64_t offset) {
    if (reserved != 0)
      return Bad(Code::kBadReference, offset)
             << "a reserved field is 0x" << std::hex << reserved << "; expected 0";
    return Ok{};
  }

  // Records of the next table must be given out in order, each exactly once:
  // otherwise a small file could have a huge content.
  Status CheckRun(const char* what, uint32_t first, uint32_t count, uint32_t next, uint32_t total,
                  uint64_t offset) {
    if (first != next || count > total - next)
      return Bad(Code::kBadReference, offset)
             << what << " " << first << " and the " << count << " from there; expected those from "
             << next << " on, of " << total;
    return Ok{};
  }

  Status CheckAllUsed(const char* what, uint32_t next, uint32_t total, size_t field) {
    if (next != total)
      return Bad(Code::kBadReference, field)
             << total - next << " of " << total << " " << what << " belong to nothing";
    return Ok{};
  }

  Status ReadManifest() {
    return ForEach<race_property>(
        header_.manifest, [this](const race_property& record, uint64_t offset) -> Status {
          Property property;
          RACE_TRY(GetString(record.key, offset, &property.key));
          RACE_TRY(GetString(record.value, offset, &property.value));
          if (property.key.empty())
            return Bad(Code::kBadReference, offset) << "a manifest entry without a key";
          rcrate_.manifest.push_back(std::move(property));
          return Ok{};
        });
  }

  // Which of root, path and type a contract of its kind must and may have.
  Status CheckContract(const Contract& contract, uint64_t offset) {
    const bool has_path = !contract.path.empty();
    bool ok = false;
    switch (contract.kind) {
      case RACE_CONTRACT_FIELD:
        ok = !contract.root.empty() && has_path && contract.type != RACE_NO_TYPE;
        break;
      case RACE_CONTRACT_SIZE:
      case RACE_CONTRACT_ALIGN:
        ok = !contract.root.empty() && !has_path;
        break;
      case RACE_CONTRACT_BITFIELD:
        ok = !contract.root.empty() && has_path && contract.type != RACE_NO_TYPE &&
             contract.width >= 1 && contract.width <= 64;
        break;
      case RACE_CONTRACT_EXISTS_FIELD:
        ok = !contract.root.empty() && has_path;
        break;
      case RACE_CONTRACT_EXISTS_TYPE:
        ok = !contract.root.empty() && !has_path && contract.type == RACE_NO_TYPE;
        break;
      case RACE_CONTRACT_ENUMERATOR:
      case RACE_CONTRACT_EXISTS_ENUMERATOR:
        ok = has_path;
        break;
      case RACE_CONTRACT_FROZEN:
        ok = !contract.root.empty() && !has_path && contract.type != RACE_NO_TYPE;
        break;
      case RACE_CONTRACT_FUNCTION:
      case RACE_CONTRACT_LACKS_FUNCTION:
        ok = !contract.root.empty();
        break;
      case RACE_CONTRACT_VARIABLE:
      case RACE_CONTRACT_EXISTS_FUNCTION:
      case RACE_CONTRACT_EXISTS_VARIABLE:
        ok = !contract.root.empty() && !has_path;
        break;
      case RACE_CONTRACT_CONFIG:
        ok = !contract.root.empty();
        break;
    }
    if (!ok)
      return Bad(Code::kBadReference, offset)
             << "a " << Describe(contract) << " contract with root \"" << contract.root
             << "\", path \"" << contract.path << "\" and type "
             << static_cast<int64_t>(static_cast<int32_t>(contract.type));
    if (contract.align != 0 && (!IsPowerOfTwo(contract.align) || contract.align > kMaxAlign))
      return Bad(Code::kBadReference, offset)
             << "alignment " << contract.align << " of " << Describe(contract);
    const bool may_share =
        contract.kind == RACE_CONTRACT_BITFIELD || contract.kind == RACE_CONTRACT_FIELD;
    if ((contract.kind != RACE_CONTRACT_BITFIELD && (contract.bit != 0 || contract.width != 0)) ||
        (!may_share && contract.unit != 0))
      return Bad(Code::kBadReference, offset)
             << Describe(contract) << " is no bit field and has a place in a storage unit";
    const bool ordered = IsSigned(contract.kind) ? static_cast<int64_t>(contract.low) <=
                                                       static_cast<int64_t>(contract.high)
                                                 : contract.low <= contract.high;
    if (!ordered)
      return Bad(Code::kBadReference, offset)
             << "the range of " << Describe(contract) << " ends before it begins";
    return Ok{};
  }

  Status ReadContracts() {
    return ForEach<race_contract>(
        header_.contracts, [this](const race_contract& record, uint64_t offset) -> Status {
          Contract contract;
          if (record.kind < RACE_CONTRACT_FIELD || record.kind > RACE_CONTRACT_LACKS_FUNCTION)
            return Bad(Code::kBadReference, offset) << "unknown kind of contract " << record.kind;
          contract.kind = static_cast<race_contract_kind>(record.kind);
          RACE_TRY(GetString(record.root, offset, &contract.root));
          RACE_TRY(GetString(record.path, offset, &contract.path));
          RACE_TRY(GetString(record.source, offset, &contract.source));
          contract.type = record.type;
          contract.align = record.align;
          contract.base_value = record.base_value;
          contract.low = record.low;
          contract.high = record.high;
          contract.bit = record.bit;
          contract.width = record.width;
          contract.unit = record.unit;
          if (record.guard != 0) contract.guard = ContractId{record.guard - 1};
          if (record.substitute != 0) contract.substitute = ContractId{record.substitute - 1};
          if ((record.flags & ~(RACE_CONTRACT_FORMER | RACE_CONTRACT_UNLESS | RACE_CONTRACT_MASK |
                                RACE_CONTRACT_ALIGN_AT_MOST)) != 0)
            return Bad(Code::kBadReference, offset)
                   << "unknown flags 0x" << std::hex << record.flags;
          contract.is_former = (record.flags & RACE_CONTRACT_FORMER) != 0;
          contract.is_unless = (record.flags & RACE_CONTRACT_UNLESS) != 0;
          contract.is_mask = (record.flags & RACE_CONTRACT_MASK) != 0;
          if (contract.is_mask && contract.kind != RACE_CONTRACT_ENUMERATOR)
            return Bad(Code::kBadReference, offset)
                   << Describe(contract) << " is no enumerator and has a mask for its value";
          contract.align_at_most = (record.flags & RACE_CONTRACT_ALIGN_AT_MOST) != 0;
          if (contract.align_at_most && (contract.kind != RACE_CONTRACT_SIZE || record.align == 0))
            return Bad(Code::kBadReference, offset)
                   << Describe(contract) << " is no size with an alignment, and has a bound of one";
          if (contract.is_unless && (contract.is_former || !contract.guard))
            return Bad(Code::kBadReference, offset)
                   << Describe(contract) << ": expected a guard that is 0 where it counts";
          RACE_TRY(CheckContract(contract, offset));
          rcrate_.contracts.push_back(std::move(contract));
          return Ok{};
        });
  }

  // What a guard is may stand behind what it guards.  Nothing guards a guard: so
  // there are no chains to follow, and no cycles.
  Status CheckGuards() {
    for (size_t i = 0; i < rcrate_.contracts.size(); ++i) {
      const Contract& contract = rcrate_.contracts[i];
      RACE_TRY(CheckSubstitute(i));
      RACE_TRY(CheckFormer(i));
      if (!contract.guard) continue;
      const uint64_t offset = header_.hdr_len + header_.contracts.offset +
                              i * sizeof(race_contract) + offsetof(race_contract, guard);
      if (Index(*contract.guard) >= rcrate_.contracts.size() ||
          !IsExists(rcrate_[*contract.guard].kind) || IsExists(contract.kind))
        return Bad(Code::kBadReference, offset)
               << Describe(contract) << " is guarded by contract " << Index(*contract.guard)
               << "; expected one that asks whether something exists, and that none guards such";
    }
    return Ok{};
  }

  // What the driver can stand in for: a function, or the layout of a type that
  // then is its own alone.
  Status CheckSubstitute(size_t index) {
    const Contract& contract = rcrate_.contracts[index];
    if (!contract.substitute) return Ok{};
    const bool possible = contract.kind == RACE_CONTRACT_FUNCTION ||
                          contract.kind == RACE_CONTRACT_FROZEN ||
                          (HasValue(contract.kind) && !IsExists(contract.kind));
    if (possible && Index(*contract.substitute) < rcrate_.contracts.size() &&
        rcrate_[*contract.substitute].kind == RACE_CONTRACT_LACKS_FUNCTION)
      return Ok{};
    return Bad(Code::kBadReference, header_.hdr_len + header_.contracts.offset +
                                        index * sizeof(race_contract) +
                                        offsetof(race_contract, substitute))
           << Describe(contract) << " has a substitute by contract " << Index(*contract.substitute)
           << "; expected a function or a number, and the absence of a function";
  }

  // A prototype that the driver was not compiled with is nobody's but an adapter's.
  Status CheckFormer(size_t index) {
    const Contract& contract = rcrate_.contracts[index];
    if (!contract.is_former) return Ok{};
    if (contract.kind == RACE_CONTRACT_FUNCTION && contract.type != RACE_NO_TYPE &&
        contract.path.empty() && !contract.substitute && contract.guard &&
        Index(*contract.guard) < rcrate_.contracts.size() &&
        rcrate_[*contract.guard].kind == RACE_CONTRACT_LACKS_FUNCTION)
      return Ok{};
    return Bad(Code::kBadReference, header_.hdr_len + header_.contracts.offset +
                                        index * sizeof(race_contract) +
                                        offsetof(race_contract, flags))
           << Describe(contract) << ": expected a function with a prototype, without a substitute, "
           << "guarded by the absence of a function";
  }

  Status ReadTerm(uint32_t index, Expr* expr) {
    uint64_t offset = header_.hdr_len + header_.terms.offset + uint64_t{index} * sizeof(race_term);
    race_term record;
    if (!Cursor(bytes_, offset).Read(&record))
      return Bad(Code::kBadTable, offset) << "the term does not lie within the section";
    if (record.coefficient == 0)
      return Bad(Code::kBadReference, offset) << "a term with coefficient 0";
    if (record.round != 0 && (!IsPowerOfTwo(record.round) || record.round > kMaxAlign))
      return Bad(Code::kBadReference, offset)
             << "rounding to " << record.round << "; expected 0 or a power of two";
    switch (record.kind) {
      case RACE_TERM_CONTRACT:
        if (record.index >= rcrate_.contracts.size())
          return Bad(Code::kBadReference, offset)
                 << "contract " << record.index << " of " << rcrate_.contracts.size();
        if (!HasValue(rcrate_.contracts[record.index].kind))
          return Bad(Code::kBadReference, offset)
                 << "a term of contract " << record.index << ", which has no value";
        expr->terms.push_back({record.coefficient, ContractId{record.index}, record.round});
        return Ok{};
      case RACE_TERM_EXPR:
        if (record.index >= rcrate_.exprs.size())
          return Bad(Code::kBadReference, offset)
                 << "a term of expression " << record.index << "; expected one before expression "
                 << rcrate_.exprs.size();
        expr->terms.push_back({record.coefficient, {}, record.round, ExprId{record.index}});
        return Ok{};
      default:
        return Bad(Code::kBadReference, offset + offsetof(race_term, kind))
               << "term kind " << record.kind << "; expected 0 or 1";
    }
  }

  // Whoever evaluates an expression also evaluates those that it holds: neither how deep nor
  // how much that is may be the file's choice.
  Status CheckExtent(const Expr& expr, uint64_t offset) {
    ExprExtent extent{1, expr.terms.size()};
    for (const Term& term : expr.terms) {
      if (!term.expr) continue;
      extent.depth = std::max(extent.depth, extents_[Index(*term.expr)].depth + 1);
      extent.terms += extents_[Index(*term.expr)].terms;
    }
    if (extent.depth > RACE_EXPR_DEPTH_MAX || extent.terms > RACE_EXPR_TERMS_MAX)
      return Bad(Code::kBadReference, offset)
             << "an expression of " << extent.terms << " terms, " << extent.depth
             << " deep; expected at most " << RACE_EXPR_TERMS_MAX << " and " << RACE_EXPR_DEPTH_MAX;
    extents_.push_back(extent);
    return Ok{};
  }

  Status ReadExprs() {
    uint32_t next = 0;
    RACE_TRY(ForEach<race_expr>(header_.exprs,
                                [this, &next](const race_expr& record, uint64_t offset) -> Status {
                                  RACE_TRY(CheckRun("term", record.first_term, record.term_count,
                                                    next, header_.terms.count, offset));
                                  Expr expr;
                                  expr.constant = record.constant;
                                  for (uint32_t i = 0; i < record.term_count; ++i)
                                    RACE_TRY(ReadTerm(next + i, &expr));
                                  next += record.term_count;
                                  RACE_TRY(CheckExtent(expr, offset));
                                  rcrate_.exprs.push_back(std::move(expr));
                                  return Ok{};
                                }));
    return CheckAllUsed("terms", next, header_.terms.count, offsetof(race_header, terms));
  }

  Status ReadSymbols() {
    return ForEach<race_symbol>(
        header_.symbols, [this](const race_symbol& record, uint64_t offset) -> Status {
          Symbol symbol;
          RACE_TRY(GetString(record.name, offset, &symbol.name));
          RACE_TRY(GetExpr(record.expr, offset, &symbol.expr));
          if (!symbol.name.starts_with(RACE_SYMBOL_PREFIX))
            return Bad(Code::kBadReference, offset)
                   << "layout symbol \"" << symbol.name << "\" does not begin with \""
                   << RACE_SYMBOL_PREFIX << "\"";
          symbol.low = record.low;
          symbol.high = record.high;
          if (symbol.low > symbol.high)
            return Bad(Code::kBadReference, offset)
                   << "the range of " << symbol.name << " ends before it begins";
          RACE_TRY(CheckNew(symbol.name, offset));
          rcrate_.symbols.push_back(std::move(symbol));
          return Ok{};
        });
  }

  Status ReadRooms() {
    return ForEach<race_room>(header_.rooms,
                              [this](const race_room& record, uint64_t offset) -> Status {
                                Room room;
                                RACE_TRY(GetExpr(record.expr, offset, &room.expr));
                                RACE_TRY(GetString(record.source, offset, &room.source));
                                room.bound = record.bound;
                                rcrate_.rooms.push_back(std::move(room));
                                return Ok{};
                              });
  }

  Status ReadPiece(uint32_t index, const Shape& shape, Piece* piece) {
    uint64_t offset =
        header_.hdr_len + header_.pieces.offset + uint64_t{index} * sizeof(race_piece);
    race_piece record;
    if (!Cursor(bytes_, offset).Read(&record))
      return Bad(Code::kBadTable, offset) << "the piece does not lie within the section";
    RACE_TRY(CheckReserved(record.reserved, offset + offsetof(race_piece, reserved)));
    RACE_TRY(GetExpr(record.offset, offset, &piece->offset));
    if (record.kind < RACE_PIECE_BYTES || record.kind > RACE_PIECE_VALUE)
      return Bad(Code::kBadReference, offset)
             << "a piece of " << shape.symbol << " with kind " << record.kind;
    piece->kind = static_cast<race_piece_kind>(record.kind);
    piece->length = record.length;
    bool ok = false;
    switch (record.kind) {
      case RACE_PIECE_BYTES:
        RACE_TRY(GetBytes(record.data, record.length, offset, &piece->data));
        ok = record.length > 0 && record.value == 0;
        break;
      case RACE_PIECE_ADDRESS:
        RACE_TRY(GetString(record.data, offset, &piece->data));
        RACE_TRY(GetExpr(record.value, offset, &piece->value));
        ok = record.length == 8 && !piece->data.empty();
        break;
      case RACE_PIECE_VALUE:
        RACE_TRY(GetExpr(record.value, offset, &piece->value));
        ok = record.data == 0 && record.length <= 8 && IsPowerOfTwo(record.length);
        break;
    }
    if (!ok)
      return Bad(Code::kBadReference, offset)
             << "a piece of " << shape.symbol << " with kind " << record.kind << ", length "
             << record.length << ", data " << record.data << " and value " << record.value;
    return Ok{};
  }

  Status ReadShapes() {
    uint32_t next = 0;
    RACE_TRY(ForEach<race_shape>(
        header_.shapes, [this, &next](const race_shape& record, uint64_t offset) -> Status {
          Shape shape;
          RACE_TRY(GetString(record.symbol, offset, &shape.symbol));
          RACE_TRY(GetString(record.section, offset, &shape.section));
          RACE_TRY(GetExpr(record.size, offset, &shape.size));
          RACE_TRY(CheckNew(shape.symbol, offset));
          shape.align = record.align;
          if (!IsPowerOfTwo(shape.align) || shape.align > kMaxShapeAlign)
            return Bad(Code::kBadReference, offset)
                   << shape.symbol << " has alignment " << shape.align
                   << "; expected a power of two up to " << kMaxShapeAlign;
          if (!IsShapeSection(shape.section))
            return Bad(Code::kBadReference, offset)
                   << shape.symbol << " is in section \"" << shape.section
                   << "\"; expected .rodata, .data, .bss or __param";
          if (shape.section == ".bss" && record.piece_count != 0)
            return Bad(Code::kBadReference, offset) << shape.symbol << " is in .bss and not zero";
          RACE_TRY(CheckRun("piece", record.first_piece, record.piece_count, next,
                            header_.pieces.count, offset));
          shape.pieces.resize(record.piece_count);
          for (Piece& piece : shape.pieces) RACE_TRY(ReadPiece(next++, shape, &piece));
          rcrate_.shapes.push_back(std::move(shape));
          return Ok{};
        }));
    return CheckAllUsed("pieces", next, header_.pieces.count, offsetof(race_header, pieces));
  }

  // Layout symbols and shapes are one name space: the object's symbol table.
  Status CheckNew(const std::string& name, uint64_t offset) {
    if (name.empty()) return Bad(Code::kBadReference, offset) << "a symbol without a name";
    if (!names_.insert(name).second)
      return Bad(Code::kBadReference, offset) << "symbol " << name << " is defined twice";
    return Ok{};
  }

  std::string_view bytes_;
  const std::string& file_;
  race_header header_ = {};
  std::string_view strings_;
  uint64_t string_bytes_ = 0;
  std::set<std::string> names_;
  Rcrate rcrate_;
  struct ExprExtent {
    uint32_t depth;
    uint64_t terms;
  };
  std::vector<ExprExtent> extents_;  // one an expression
};

}  // namespace

Result<Rcrate> ReadRaceSection(std::string_view bytes, const std::string& file) {
  return Reader(bytes, file).Read();
}

}  // namespace race::rcrate
