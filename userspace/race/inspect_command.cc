// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "race/commands.h"
#include "rcrate/expression.h"
#include "rcrate/rcrate_file.h"

namespace race {
namespace {

using rcrate::Contract;
using rcrate::Piece;
using rcrate::RcrateFile;
using Json = nlohmann::ordered_json;

struct Options {
  std::string input;
  bool json = false;
  bool disassemble = false;
};

std::string Number(const Contract& contract, uint64_t value) {
  return rcrate::IsSigned(contract.kind) ? std::to_string(static_cast<int64_t>(value))
                                         : std::to_string(value);
}

// Its base value and range: "24 [8, 4096]".
std::string Values(const Contract& contract) {
  if (!rcrate::HasValue(contract.kind)) return "";
  return Number(contract, contract.base_value) + " [" + Number(contract, contract.low) + ", " +
         Number(contract, contract.high) + "]";
}

std::string TypeOf(const RcrateFile& file, const Contract& contract) {
  return contract.type == RACE_NO_TYPE ? "" : steg::Spell(file.types, steg::NodeId{contract.type});
}

// What it is, its place in a storage unit and what it depends on.
std::string Words(const RcrateFile& file, const Contract& contract) {
  std::string words = rcrate::Describe(contract);
  if (contract.kind == RACE_CONTRACT_BITFIELD)
    words += ", " + std::to_string(contract.width) + " bits from bit " +
             std::to_string(contract.bit) + " of unit " + std::to_string(contract.unit);
  if (contract.guard)
    words += (contract.is_unless ? ", unless " : ", if ") +
             rcrate::Describe(file.rcrate[*contract.guard]);
  if (contract.substitute)
    words += ", or the driver's own in the " + rcrate::Describe(file.rcrate[*contract.substitute]);
  return words;
}

std::string Spell(const RcrateFile& file, rcrate::ExprId id) {
  return rcrate::Spell(file.rcrate, id);
}

std::string SpellPiece(const RcrateFile& file, const Piece& piece) {
  switch (piece.kind) {
    case RACE_PIECE_BYTES:
      return std::to_string(piece.length) + " bytes";
    case RACE_PIECE_ADDRESS: {
      std::string addend = Spell(file, piece.value);
      return "&" + piece.data + (addend == "0" ? "" : " + " + addend);
    }
    default:
      return Spell(file, piece.value) + " in " + std::to_string(piece.length) + " bytes";
  }
}

// A heading and rows, each column as wide as its widest cell.
void PrintTable(const std::string& title, const std::vector<std::vector<std::string>>& rows) {
  std::cout << title << " (" << rows.size() << ")\n";
  std::vector<size_t> widths;
  for (const auto& row : rows)
    for (size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], row[i].size());
    }
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i)
      line += "  " + row[i] + std::string(widths[i] - row[i].size(), ' ');
    std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
  std::cout << '\n';
}

void PrintText(const RcrateFile& file) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& property : file.rcrate.manifest) rows.push_back({property.key, property.value});
  PrintTable("Manifest", rows);

  rows.clear();
  for (const Contract& contract : file.rcrate.contracts)
    rows.push_back(
        {Words(file, contract), Values(contract), TypeOf(file, contract), contract.source});
  PrintTable("Contracts: what, base value [range], type, source", rows);

  rows.clear();
  for (const auto& symbol : file.rcrate.symbols)
    rows.push_back({symbol.name, "= " + Spell(file, symbol.expr)});
  PrintTable("Layout symbols", rows);

  rows.clear();
  for (const auto& room : file.rcrate.rooms)
    rows.push_back({Spell(file, room.expr), "<= " + std::to_string(room.bound), room.source});
  PrintTable("Rooms", rows);

  rows.clear();
  for (const auto& shape : file.rcrate.shapes) {
    rows.push_back({shape.symbol, shape.section, "size " + Spell(file, shape.size),
                    "align " + std::to_string(shape.align)});
    for (const Piece& piece : shape.pieces)
      rows.push_back({"", "at " + Spell(file, piece.offset), SpellPiece(file, piece)});
  }
  PrintTable("Shapes", rows);
}

void PrintJson(const RcrateFile& file) {
  Json all = {{"rcrate", file.path}};
  for (const auto& property : file.rcrate.manifest)
    all["manifest"].push_back({{"key", property.key}, {"value", property.value}});
  for (const Contract& contract : file.rcrate.contracts) {
    Json entry = {{"contract", rcrate::Describe(contract)},
                  {"root", contract.root},
                  {"path", contract.path},
                  {"type", TypeOf(file, contract)},
                  {"align", contract.align},
                  {"source", contract.source}};
    if (rcrate::HasValue(contract.kind)) {
      if (contract.kind == RACE_CONTRACT_BITFIELD) {
        entry["bit"] = contract.bit;
        entry["width"] = contract.width;
        entry["unit"] = contract.unit;
      }
      entry["base_value"] = Number(contract, contract.base_value);
      entry["low"] = Number(contract, contract.low);
      entry["high"] = Number(contract, contract.high);
    }
    if (contract.guard) entry["guard"] = rcrate::Describe(file.rcrate[*contract.guard]);
    if (contract.substitute)
      entry["substitute"] = rcrate::Describe(file.rcrate[*contract.substitute]);
    if (contract.is_former) entry["former"] = true;
    if (contract.is_unless) entry["unless"] = true;
    if (contract.is_mask) entry["mask"] = true;
    if (contract.align_at_most) entry["align_at_most"] = true;
    all["contracts"].push_back(std::move(entry));
  }
  for (const auto& symbol : file.rcrate.symbols)
    all["symbols"].push_back({{"name", symbol.name},
                              {"value", Spell(file, symbol.expr)},
                              {"low", symbol.low},
                              {"high", symbol.high}});
  for (const auto& room : file.rcrate.rooms)
    all["rooms"].push_back(
        {{"need", Spell(file, room.expr)}, {"bound", room.bound}, {"source", room.source}});
  for (const auto& shape : file.rcrate.shapes) {
    Json pieces = Json::array();
    for (const Piece& piece : shape.pieces)
      pieces.push_back({{"offset", Spell(file, piece.offset)}, {"value", SpellPiece(file, piece)}});
    all["shapes"].push_back({{"symbol", shape.symbol},
                             {"section", shape.section},
                             {"align", shape.align},
                             {"size", Spell(file, shape.size)},
                             {"pieces", std::move(pieces)}});
  }
  // Strings of a damaged file need not be UTF-8.
  std::cout << all.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

int Run(const Options& options) {
  // Reading machine code takes LLVM.
  if (options.disassemble) return RunBuildSide({"disassemble", options.input});
  auto file = rcrate::OpenRcrate(options.input);
  if (!file) return ReportError(file.error());
  if (options.json)
    PrintJson(*file);
  else
    PrintText(*file);
  return kExitOk;
}

}  // namespace

void AddInspectCommand(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("inspect", "Show what a .rcrate needs and holds");
  command->add_option("FILE", options->input, "The .rcrate")->required();
  auto* json = command->add_flag("--json", options->json, "Print one JSON object");
  command
      ->add_flag("--disassemble", options->disassemble,
                 "Show the code with its layout constants named (run by race-build)")
      ->excludes(json);
  command->callback([options, exit_status] { *exit_status = Run(*options); });
}

}  // namespace race
