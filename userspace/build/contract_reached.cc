// SPDX-License-Identifier: GPL-2.0-only
//
// Contracts of what code reaches without a symbol: types that no variant moves, and members of
// unions.
#include "build/contract_builder.h"

namespace race::build {
namespace {

// bindgen writes a union whose members are no Copy as a struct of members without a size, and
// one that has the room.
constexpr std::string_view kRoomOfUnion = "bindgen_union_field";
bool IsUnion(const Aggregate& aggregate) {
  return aggregate.is_union ||
         (!aggregate.fields.empty() && aggregate.fields.back().name == kRoomOfUnion);
}

}  // namespace

bool ContractBuilder::IsUnnamedField(const std::string& field) {
  return field.starts_with("__bindgen_anon_");
}

// All that lie where the aggregate does, looking into unnamed ones: several in a union.  By
// bindgen's names.
std::vector<std::string> ContractBuilder::NamedAtStart(const Aggregate& aggregate,
                                                       int depth) const {
  std::vector<std::string> names;
  for (const Field& field : aggregate.fields) {
    if (field.name == kRoomOfUnion) continue;
    if (!IsUnnamedField(field.name))
      names.push_back(field.name);
    else if (const Aggregate* inner = ContainedAggregate(*bindings_, field.type);
             inner != nullptr && depth < kMostNesting)
      for (std::string& name : NamedAtStart(*inner, depth + 1)) names.push_back(std::move(name));
    if (!IsUnion(aggregate)) break;
  }
  return names;
}

// Those that the sources name; all where they name none.
std::vector<std::string> ContractBuilder::MembersMeant(
    const std::vector<std::string>& fields) const {
  std::vector<std::string> meant;
  for (const std::string& field : fields)
    if (members_named_.count(field) != 0) meant.push_back(field);
  return meant.empty() ? fields : meant;
}

void ContractBuilder::ReachMember(const Part& part) {
  const std::vector<steg::NodeId> roots = steg::FindRoot(*base_, part.member.root);
  steg::Place place;
  if (part.kind != RACE_CONTRACT_SIZE && !roots.empty() &&
      steg::FindMember(*base_, roots[0], part.member.path, &place, nullptr))
    ReachFrom(place.type);
}

void ContractBuilder::ReachFrom(steg::NodeId type) {
  Reached& reached = reached_[scope_];
  std::vector<steg::NodeId> left = {type};
  while (!left.empty()) {
    const steg::NodeId id = left.back();
    left.pop_back();
    if (!reached.nodes.insert(id).second) continue;
    const steg::Node& node = (*base_)[id];
    if (!node.name.empty()) reached.names.insert(node.name);
    // What has no name is frozen with what it is in.
    const bool is_aggregate = node.kind == STEG_STRUCT || node.kind == STEG_UNION;
    if (is_aggregate && !node.name.empty() && WhyExact(node.name).empty()) continue;
    for (const steg::Edge& edge : node.edges)
      if (edge.kind != STEG_EDGE_ENUMERATOR) left.push_back(edge.target);
  }
}

Status ContractBuilder::AddReached(const std::set<std::string>& types,
                                   const std::set<std::string>& functions) {
  for (const std::string& name : types) {
    reached_[scope_].names.insert(name);
    for (const char* kind : {"struct ", "union ", ""})
      for (steg::NodeId root : steg::FindRoot(*base_, kind + name)) ReachFrom(root);
  }
  for (const std::string& name : functions)
    if (const std::optional<steg::NodeId> declared = Declared(name)) ReachFrom(*declared);
  RACE_TRY(AddUnionMembers());
  AddFrozen();
  return Ok{};
}

// They lie at its start, so that no number in the code says which of them is used.
Status ContractBuilder::AddUnionMembers() {
  std::set<std::string> done;
  // What their members are of may be unions again.
  for (bool more = true; more;) {
    more = false;
    const std::set<std::string> reached = reached_[scope_].names;
    for (const std::string& name : reached) {
      if (!done.insert(name).second) continue;
      more = true;
      RACE_TRY(AddMembersOfUnion(name));
    }
  }
  return Ok{};
}

Status ContractBuilder::AddMembersOfUnion(const std::string& name) {
  auto found = bindings_->index.find(name);
  if (found == bindings_->index.end() || sdk_->frozen.count(name) != 0) return Ok{};
  const Aggregate& aggregate = bindings_->aggregates[found->second];
  const std::string root = "union " + name;
  if (!IsUnion(aggregate) || IsUnnamed(name) || steg::FindRoot(*base_, root).empty()) return Ok{};
  for (const Field& field : aggregate.fields) {
    if (IsUnnamedField(field.name) || source_words_.count(field.name) == 0) continue;
    Part part;
    part.member = {root, CName(root, "", field.name)};
    part.values.assign(kVariantCount, 0);
    RACE_ASSIGN(contract, AddContract(part, "a member of a union that the sources name"));
    NoteUse(contract);
  }
  return Ok{};
}

void ContractBuilder::AddFrozen() {
  for (const std::string& name : reached_[scope_].names)
    if (const std::string why = WhyExact(name); !why.empty() && parents_.count(name) == 0)
      AddExact(name, why);
}

std::string ContractBuilder::WhyExact(const std::string& name) const {
  if (auto frozen = sdk_->frozen.find(name); frozen != sdk_->frozen.end()) return frozen->second;
  auto found = bindings_->index.find(name);
  const bool packed =
      found != bindings_->index.end() && bindings_->aggregates[found->second].packed != 0;
  return packed ? "packed" : "";
}

}  // namespace race::build
