// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/type_binding.h"

#include <algorithm>
#include <optional>

#include "resolve/bitfield_binding.h"
#include "resolve/contract_resolution.h"

namespace race::resolve {
namespace {

using rcrate::Contract;

// BTF has no alignments.  What the members demand is a lower bound; above it, an
// alignment that the size is no multiple of is certainly not the type's.
Status CheckAlignment(const Contract& contract, const steg::Graph& types, steg::NodeId type) {
  if (contract.align == 0) return Ok{};
  const uint64_t natural = steg::AlignOf(types, type);
  const uint64_t size = steg::SizeOf(types, type);
  if (natural <= contract.align && (contract.align_at_most || size % contract.align == 0))
    return Ok{};
  return Fail(Code::kAlignment) << Prefix(contract) << "expected " << contract.root
                                << " to be aligned to "
                                << (contract.align_at_most ? "at most " : "") << contract.align
                                << " bytes; the target's has " << size << " bytes and members"
                                << " that are aligned to " << natural;
}

Result<int64_t> BindField(const rcrate::RcrateFile& file, const Contract& contract,
                          const steg::Graph& types, steg::NodeId type) {
  steg::Place place;
  std::string missing;
  if (!steg::FindMember(types, type, contract.path, &place, &missing))
    return Fail(Code::kFieldMissing) << Prefix(contract) << "expected a field of type "
                                     << steg::Spell(file.types, steg::NodeId{contract.type})
                                     << "; the target's " << contract.root << " has no " << missing;
  if (place.bits != 0 || place.bit_offset % 8 != 0)
    return Fail(Code::kFieldBitfield) << Prefix(contract) << "expected an addressable field; on "
                                      << "the target it is a bit field of " << place.bits
                                      << " bits at bit " << place.bit_offset;
  std::string why;
  if (!steg::Compatible(file.types, steg::NodeId{contract.type}, types, place.type, &why))
    return Fail(Code::kFieldType) << Prefix(contract) << "expected type "
                                  << steg::Spell(file.types, steg::NodeId{contract.type})
                                  << "; the target's is " << steg::Spell(types, place.type) << " ("
                                  << why << ")";
  RACE_TRY(CheckAlignment(contract, types, type));
  RACE_TRY(CheckRange(contract, place.bit_offset / 8));
  return static_cast<int64_t>(place.bit_offset / 8);
}

Result<int64_t> BindSize(const Contract& contract, const steg::Graph& types, steg::NodeId type) {
  RACE_TRY(CheckAlignment(contract, types, type));
  const uint64_t size = steg::SizeOf(types, type);
  RACE_TRY(CheckRange(contract, size));
  return static_cast<int64_t>(size);
}

// Where the target's members demand more than the driver was compiled for, or its
// size shows that it is aligned to less, the target's own is the answer, if there
// is only one.
Result<int64_t> BindAlignment(const Contract& contract, const steg::Graph& types,
                              steg::NodeId type) {
  const uint64_t natural = steg::AlignOf(types, type);
  const uint64_t size = steg::SizeOf(types, type);
  uint64_t align = std::max<uint64_t>(natural, contract.align);
  if (size % align != 0) {
    // The members' demand, unless the source could have asked for more.
    if (size % (natural * 2) == 0)
      return Fail(Code::kAlignment)
             << Prefix(contract) << "expected " << contract.root << " to be aligned to "
             << contract.align << " bytes; the target's has " << size
             << " bytes and members that are aligned to " << natural
             << ", which leaves more than one alignment possible";
    align = natural;
  }
  RACE_TRY(CheckRange(contract, align));
  return static_cast<int64_t>(align);
}

// Constants of an enum of another size are other numbers in the code.
Status CheckEnum(const rcrate::RcrateFile& file, const Contract& contract, const steg::Graph& types,
                 steg::NodeId type) {
  if (contract.type == RACE_NO_TYPE) return Ok{};
  std::string why;
  if (steg::Compatible(file.types, steg::NodeId{contract.type}, types, type, &why)) return Ok{};
  return Fail(Code::kFieldType) << Prefix(contract) << "expected a constant of type "
                                << steg::Spell(file.types, steg::NodeId{contract.type})
                                << "; the target's is of " << steg::Spell(types, type) << " ("
                                << why << ")";
}

Fail NoEnumerator(const Contract& contract, const std::string& where) {
  return Fail(Code::kEnumeratorMissing)
         << Prefix(contract) << "expected a constant of that name; " << where << " has none";
}

// What expressions take an enumerator for: itself, or the mask of the bit that it numbers.
Result<int64_t> ValueOf(const Contract& contract, uint64_t enumerator) {
  constexpr uint64_t kBits = 63;  // of a mask that is no negative number
  if (contract.is_mask && enumerator >= kBits)
    return Fail(Code::kOutOfRange)
           << Prefix(contract) << "expected the number of a bit, from 0 to " << kBits - 1
           << "; the target's is " << static_cast<int64_t>(enumerator);
  const uint64_t value = contract.is_mask ? uint64_t{1} << enumerator : enumerator;
  RACE_TRY(CheckRange(contract, value));
  return static_cast<int64_t>(value);
}

}  // namespace

Status CheckRange(const Contract& contract, uint64_t value) {
  if (contract.kind == RACE_CONTRACT_ENUMERATOR) {
    const auto number = static_cast<int64_t>(value);
    const auto low = static_cast<int64_t>(contract.low);
    const auto high = static_cast<int64_t>(contract.high);
    if (low <= number && number <= high) return Ok{};
    return Fail(Code::kOutOfRange)
           << Prefix(contract) << "expected a value from " << low << " to " << high
           << ", the range that the driver was compiled with; the target's is " << number;
  }
  if (contract.low <= value && value <= contract.high) return Ok{};
  return Fail(Code::kOutOfRange)
         << Prefix(contract) << "expected a value from " << contract.low << " to " << contract.high
         << ", the range that the driver was compiled with; the target's is " << value;
}

Result<int64_t> BindToType(const rcrate::RcrateFile& file, const Contract& contract,
                           const steg::Graph& types, steg::NodeId type) {
  const steg::Node& node = types[type];
  if (node.flags & STEG_INCOMPLETE)
    return Fail(Code::kTypeMissing) << Prefix(contract) << "expected " << contract.root
                                    << " to be a complete type; the target only declares it";
  if (contract.kind == RACE_CONTRACT_FIELD) return BindField(file, contract, types, type);
  if (contract.kind == RACE_CONTRACT_SIZE) return BindSize(contract, types, type);
  if (contract.kind == RACE_CONTRACT_ALIGN) return BindAlignment(contract, types, type);
  if (contract.kind == RACE_CONTRACT_BITFIELD) {
    RACE_ASSIGN(value, BindBitfield(file, contract, types, type));
    RACE_TRY(CheckAlignment(contract, types, type));
    RACE_TRY(CheckRange(contract, static_cast<uint64_t>(value)));
    return value;
  }
  if (contract.kind == RACE_CONTRACT_FROZEN) {
    std::string why;
    if (!steg::SameLayout(file.types, steg::NodeId{contract.type}, types, type, &why))
      return Fail(Code::kFrozenLayout)
             << Prefix(contract) << "expected the layout that the driver was compiled with; on the "
             << "target, " << why;
    return 0;
  }
  const steg::Edge* enumerator = steg::FindEnumerator(node, contract.path);
  if (!enumerator) return NoEnumerator(contract, "the target's " + contract.root);
  RACE_TRY(CheckEnum(file, contract, types, type));
  return ValueOf(contract, enumerator->value);
}

Result<int64_t> BindEnumerator(const rcrate::RcrateFile& file, const Contract& contract,
                               const steg::Graph& types, const std::vector<steg::NodeId>& enums) {
  std::optional<uint64_t> value;
  for (steg::NodeId id : enums) {
    const steg::Edge* enumerator = steg::FindEnumerator(types[id], contract.path);
    if (!enumerator) continue;
    RACE_TRY(CheckEnum(file, contract, types, id));
    if (value && *value != enumerator->value)
      return Fail(Code::kTypeAmbiguous)
             << Prefix(contract) << "expected one constant of that name; the target has one with "
             << "the value " << static_cast<int64_t>(*value) << " and one with "
             << static_cast<int64_t>(enumerator->value);
    value = enumerator->value;
  }
  if (!value) return NoEnumerator(contract, "the target");
  return ValueOf(contract, *value);
}

bool ExistsIn(const rcrate::RcrateFile& file, const Contract& contract, const steg::Graph& types,
              steg::NodeId type) {
  const steg::Node& node = types[type];
  if (node.flags & STEG_INCOMPLETE) return false;
  if (contract.kind == RACE_CONTRACT_EXISTS_TYPE) return true;
  if (contract.kind == RACE_CONTRACT_EXISTS_ENUMERATOR)
    return steg::FindEnumerator(node, contract.path) && CheckEnum(file, contract, types, type);
  steg::Place place;
  if (!steg::FindMember(types, type, contract.path, &place, nullptr)) return false;
  if (contract.type == RACE_NO_TYPE) return true;
  return place.bits == 0 && place.bit_offset % 8 == 0 &&
         steg::Compatible(file.types, steg::NodeId{contract.type}, types, place.type, nullptr);
}

bool EnumeratorExists(const rcrate::RcrateFile& file, const Contract& contract,
                      const steg::Graph& types, const std::vector<steg::NodeId>& enums) {
  return std::any_of(enums.begin(), enums.end(), [&](steg::NodeId id) {
    return steg::FindEnumerator(types[id], contract.path) && CheckEnum(file, contract, types, id);
  });
}

}  // namespace race::resolve
