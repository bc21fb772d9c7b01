// SPDX-License-Identifier: GPL-2.0-only
#include "resolve/bitfield_binding.h"

#include "resolve/contract_resolution.h"

namespace race::resolve {
namespace {

bool IsInteger(const steg::Node& node) { return node.kind == STEG_INT || node.kind == STEG_ENUM; }

bool IsSigned(const steg::Node& node) {
  return node.flags & (node.kind == STEG_ENUM ? STEG_ENUM_SIGNED : STEG_INT_SIGNED);
}

bool IsBool(const steg::Node& node) {
  return node.kind == STEG_INT && (node.flags & STEG_INT_BOOL) != 0;
}

// What the bits mean.  The size of the declared type does not matter: it is not
// the field's.
bool SameMeaning(const steg::Node& want, const steg::Node& have) {
  if (!IsInteger(want) || !IsInteger(have) || IsBool(want) != IsBool(have)) return false;
  if (want.kind == STEG_ENUM && have.kind == STEG_ENUM && !want.name.empty() &&
      !have.name.empty() && want.name != have.name)
    return false;
  return IsSigned(want) == IsSigned(have);
}

}  // namespace

Result<int64_t> BindBitfield(const rcrate::RcrateFile& file, const rcrate::Contract& contract,
                             const steg::Graph& types, steg::NodeId type) {
  const steg::NodeId want{contract.type};
  steg::Place place;
  std::string missing;
  if (!steg::FindMember(types, type, contract.path, &place, &missing))
    return Fail(Code::kFieldMissing)
           << Prefix(contract) << "expected a bit field of type " << steg::Spell(file.types, want)
           << "; the target's " << contract.root << " has no " << missing;
  if (!SameMeaning(file.types[steg::SkipQualifiers(file.types, want)],
                   types[steg::SkipQualifiers(types, place.type)]))
    return Fail(Code::kFieldType) << Prefix(contract) << "expected bits of type "
                                  << steg::Spell(file.types, want) << "; the target's are of type "
                                  << steg::Spell(types, place.type)
                                  << " (kind of number or signedness)";
  // An ordinary integer has all bits of its type.
  const uint64_t width = place.bits != 0 ? place.bits : steg::SizeOf(types, place.type) * 8;
  if (width != contract.width)
    return Fail(Code::kBitfieldUnit)
           << Prefix(contract) << "expected a width of " << int{contract.width}
           << " bits; on the target it is " << width;
  if (place.bit_offset < contract.bit || (place.bit_offset - contract.bit) % 8 != 0)
    return Fail(Code::kBitfieldUnit)
           << Prefix(contract) << "expected at bit " << contract.bit
           << " of a storage unit that begins at a whole byte; on the target it is at bit "
           << place.bit_offset << " of " << contract.root;
  return static_cast<int64_t>((place.bit_offset - contract.bit) / 8);
}

}  // namespace race::resolve
