// SPDX-License-Identifier: GPL-2.0-only
#include "rcrate/rcrate_file.h"

#include "rcrate/race_section_reader.h"
#include "steg/binary.h"
#include "support/file.h"

namespace race::rcrate {
namespace {

Result<const elf::Section*> FindOnly(const elf::Object& object, const std::string& path,
                                     std::string_view name) {
  const elf::Section* found = nullptr;
  for (const elf::Section& section : object.sections) {
    if (section.removed || section.name != name) continue;
    if (found) return Fail(Code::kNotRcrate) << path << ": there are two sections " << name;
    found = &section;
  }
  if (!found)
    return Fail(Code::kNotRcrate) << path << ": there is no section " << name
                                  << ": an ordinary object or module, not one made by `race build`";
  return found;
}

// The contracts' types are nodes of the STEG, of a kind that fits.
Status CheckTypes(const RcrateFile& file) {
  for (size_t i = 0; i < file.rcrate.contracts.size(); ++i) {
    const Contract& contract = file.rcrate.contracts[i];
    if (contract.type == RACE_NO_TYPE) continue;
    if (contract.type >= file.types.size())
      return Fail(Code::kBadReference)
             << file.path << ": " << RACE_SECTION << ": contract " << i << " ("
             << Describe(contract) << ") has type " << contract.type << " of the "
             << file.types.size() << " in " << RACE_STEG_SECTION;
    steg_node_kind kind = file.types[steg::NodeId{contract.type}].kind;
    const bool is_function = contract.kind == RACE_CONTRACT_FUNCTION ||
                             contract.kind == RACE_CONTRACT_EXISTS_FUNCTION ||
                             contract.kind == RACE_CONTRACT_LACKS_FUNCTION;
    if (is_function && kind != STEG_PROTO && kind != STEG_FUNC)
      return Fail(Code::kBadReference)
             << file.path << ": " << RACE_SECTION << ": contract " << i << " ("
             << Describe(contract) << ") has a type that is no function: "
             << steg::Spell(file.types, steg::NodeId{contract.type});
  }
  return Ok{};
}

}  // namespace

Result<RcrateFile> OpenRcrate(const std::string& path) {
  RACE_ASSIGN(bytes, ReadFile(path));
  return ParseRcrate(bytes, path);
}

Result<RcrateFile> ParseRcrate(std::string_view bytes, const std::string& path) {
  RcrateFile file;
  file.path = path;
  RACE_ASSIGN(object, elf::ReadObject(bytes, path));
  file.object = std::move(object);

  RACE_ASSIGN(race_section, FindOnly(file.object, path, RACE_SECTION));
  RACE_ASSIGN(rcrate, ReadRaceSection(race_section->bytes, path));
  file.rcrate = std::move(rcrate);

  RACE_ASSIGN(steg_section, FindOnly(file.object, path, RACE_STEG_SECTION));
  auto types = steg::ReadBinary(steg_section->bytes);
  if (!types)
    return Error{types.error().code,
                 path + ": " + RACE_STEG_SECTION + ": " + types.error().message};
  file.types = std::move(*types);

  RACE_TRY(CheckTypes(file));
  return file;
}

}  // namespace race::rcrate
