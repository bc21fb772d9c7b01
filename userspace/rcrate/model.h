// SPDX-License-Identifier: GPL-2.0-only
//
// The content of a .rcrate's `.race` section as plain structs.  What the fields
// mean stands in include/race/rcrate.h; here strings are strings, and the terms
// and pieces stand in the expression or shape that they belong to.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "race/rcrate.h"

namespace race::rcrate {

// Indexes into the tables of one Rcrate.
enum class ContractId : uint32_t {};
enum class ExprId : uint32_t {};
inline uint32_t Index(ContractId id) { return static_cast<uint32_t>(id); }
inline uint32_t Index(ExprId id) { return static_cast<uint32_t>(id); }

struct Property {
  std::string key;
  std::string value;
  bool operator==(const Property&) const = default;
};

struct Contract {
  race_contract_kind kind = RACE_CONTRACT_FIELD;
  std::string root;
  std::string path;
  uint32_t type = RACE_NO_TYPE;  // node id in the .rcrate's STEG
  uint32_t align = 0;
  uint64_t base_value = 0;
  uint64_t low = 0;
  uint64_t high = 0;
  std::string source;
  uint16_t bit = 0;   // BITFIELD: its first bit in the storage unit
  uint8_t width = 0;  // BITFIELD: bits
  uint8_t unit = 0;   // BITFIELD: which unit of the root
  std::optional<ContractId> guard =
      std::nullopt;  // an EXISTS_* contract: where it is 0, this need not hold
  // A LACKS_FUNCTION contract: where it is 1, the driver's own stands in.
  std::optional<ContractId> substitute = std::nullopt;
  bool is_former = false;      // FUNCTION: with a prototype that it had before
  bool is_unless = false;      // it is where its guard is 1 that this need not hold
  bool is_mask = false;        // ENUMERATOR: the value is 1 << the enumerator
  bool align_at_most = false;  // SIZE: the root may be aligned to less than `align`
  bool operator==(const Contract&) const = default;
};

struct Term {
  int32_t coefficient = 1;
  ContractId contract{};  // of no meaning where there is an expression
  uint32_t round = 0;
  std::optional<ExprId> expr = std::nullopt;  // an earlier one, whose value counts
  bool operator==(const Term&) const = default;
};

struct Expr {
  int64_t constant = 0;
  std::vector<Term> terms;
  bool operator==(const Expr&) const = default;
};

struct Symbol {
  std::string name;
  ExprId expr{};
  // What the code generator was told of it, both ends included.
  int64_t low = 0;
  int64_t high = std::numeric_limits<int64_t>::max();
  bool operator==(const Symbol&) const = default;
};

struct Room {
  ExprId expr{};
  std::string source;
  uint64_t bound = 0;
  bool operator==(const Room&) const = default;
};

struct Piece {
  ExprId offset{};
  race_piece_kind kind = RACE_PIECE_BYTES;
  std::string data;     // BYTES: the bytes; ADDRESS: the symbol; VALUE: empty
  uint32_t length = 0;  // ADDRESS: 8; BYTES: data.size(), set by the writer
  ExprId value{};       // ADDRESS, VALUE
  bool operator==(const Piece&) const = default;
};

struct Shape {
  std::string symbol;
  std::string section;
  uint32_t align = 1;
  ExprId size{};
  std::vector<Piece> pieces;
  bool operator==(const Shape&) const = default;
};

struct Rcrate {
  std::vector<Property> manifest;
  std::vector<Contract> contracts;
  std::vector<Expr> exprs;
  std::vector<Symbol> symbols;
  std::vector<Room> rooms;
  std::vector<Shape> shapes;
  bool operator==(const Rcrate&) const = default;

  const Contract& operator[](ContractId id) const { return contracts[Index(id)]; }
  const Expr& operator[](ExprId id) const { return exprs[Index(id)]; }

  ContractId Add(Contract contract) {
    contracts.push_back(std::move(contract));
    return ContractId{static_cast<uint32_t>(contracts.size() - 1)};
  }
  ExprId Add(Expr expr) {
    exprs.push_back(std::move(expr));
    return ExprId{static_cast<uint32_t>(exprs.size() - 1)};
  }

  // The first value of a manifest key, or "".
  std::string_view Manifest(std::string_view key) const {
    for (const Property& property : manifest)
      if (property.key == key) return property.value;
    return {};
  }
};

// The sections that a shape may be allocated in: .rodata, .data, .bss, and
// __param, which the kernel reads as the array of the module's parameters.
inline bool IsShapeSection(std::string_view section) {
  return section == ".rodata" || section == ".data" || section == ".bss" || section == "__param";
}

// Whether the contract asks if something exists: its value is 1 or 0.
bool IsExists(race_contract_kind kind);
// Whether expressions may speak of it.
bool HasValue(race_contract_kind kind);
// Values that may be negative: ends of ranges are two's complement.
inline bool IsSigned(race_contract_kind kind) { return kind == RACE_CONTRACT_ENUMERATOR; }

// The object's symbol for what a FUNCTION or VARIABLE contract speaks of: `root`,
// but for functions with a former prototype.
std::string SymbolOf(const Contract& contract);

// "field file.private_data", "size of struct mutex": a contract in words.
std::string Describe(const Contract& contract);

}  // namespace race::rcrate
