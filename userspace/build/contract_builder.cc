// SPDX-License-Identifier: GPL-2.0-only
#include "build/contract_builder.h"

#include <algorithm>

#include "build/base_types.h"
#include "rcrate/expression.h"
#include "steg/btf_reader.h"
#include "support/file.h"

namespace race::build {
namespace {

// Below this the size of a kernel type is looked at by core's and the kernel
// crate's own code (is there anything at all, does it fit two registers).
constexpr uint64_t kTwoWords = 16;

// What the compiler itself calls or knows as C's own: the convention is the
// standard's, and the kernels' type information describes them as void(void)
// (those in assembler) or not at all.
bool CalledByCompiler(const std::string& symbol) {
  for (const char* name : {"memcpy", "memmove", "memset", "memcmp", "bcmp", "strlen", "memchr"})
    if (symbol == name) return true;
  return symbol == "__x86_return_thunk" || symbol.starts_with("__x86_indirect_thunk_");
}

}  // namespace

Result<ContractBuilder> ContractBuilder::Open(const Sdk& sdk, bool small) {
  ContractBuilder builder(sdk, small);
  RACE_ASSIGN(text, ReadFile(sdk.Tree() + "/rust/bindings/bindings_generated.rs"));
  builder.bindings_ = std::make_shared<Bindings>(ParseBindings(text));
  builder.truth_ = std::make_shared<LayoutEngine>(*builder.bindings_);
  builder.raised_ = std::make_shared<LayoutEngine>(*builder.bindings_);
  std::set<std::string> frozen;
  for (const auto& [name, reason] : sdk.frozen) frozen.insert(name);
  RaiseAlignments(*builder.bindings_, frozen, builder.raised_.get());
  for (const Aggregate& aggregate : builder.bindings_->aggregates)
    for (const Field& field : aggregate.fields)
      if (const Aggregate* inner = ContainedAggregate(*builder.bindings_, field.type))
        if (IsUnnamed(inner->name))
          builder.parents_.emplace(inner->name, std::pair(aggregate.name, field.name));
  builder.enumerators_ = build::EnumeratorsOf(builder.bindings_->lines);
  for (size_t e = 0; sdk.EnumeratorsMove() && e < kEnumeratorVariants.size(); e++) {
    RACE_ASSIGN(moved, ReadFile(sdk.Variant(kEnumeratorVariants[e]) +
                                "/rust/bindings/bindings_generated.rs"));
    ReadValues(LinesOf(moved), e, &builder.enumerators_);
  }
  builder.derived_ = DerivedConstantsOf(builder.bindings_->lines, builder.enumerators_);
  for (size_t a = 0; a < sdk.atoms.size(); a++)
    builder.atoms_[{sdk.atoms[a].aggregate, sdk.atoms[a].field}] = a;
  RACE_ASSIGN(btf, ReadFile(sdk.path + "/base.btf"));
  RACE_ASSIGN(graph, steg::ReadBtf(btf));
  builder.base_ = std::make_shared<steg::Graph>(std::move(graph));
  builder.FindEnums();
  builder.graph_ = std::make_shared<steg::Graph>();
  builder.copier_ = std::make_shared<steg::Copier>(*builder.base_, builder.graph_.get());
  return builder;
}

const LayoutAtom* ContractBuilder::Atom(const std::string& aggregate,
                                        const std::string& field) const {
  auto found = atoms_.find({aggregate, field});
  return found == atoms_.end() ? nullptr : &sdk_->atoms[found->second];
}

Result<ContractBuilder::Home> ContractBuilder::FindHome(const Aggregate& aggregate) const {
  Home home;
  home.values.assign(kVariantCount, 0);
  std::vector<std::string> path;
  std::string name = aggregate.name;
  for (int depth = 0; depth < kMostNesting; depth++) {
    auto parent = parents_.find(name);
    if (parent == parents_.end()) break;
    home.nested = true;
    const auto& [outer, field] = parent->second;
    if (!IsUnnamedField(field)) path.insert(path.begin(), field);
    if (const LayoutAtom* atom = Atom(outer, field)) {
      for (size_t v = 0; v < kVariantCount; v++) home.values[v] += atom->values[v];
      home.true_value += atom->true_value;
    }
    name = outer;
  }
  auto found = bindings_->index.find(name);
  if (found == bindings_->index.end())
    return Fail(Code::kUnsupported) << "bindings have no type " << name;
  home.top = &bindings_->aggregates[found->second];
  std::vector<std::string> spellings = {(home.top->is_union ? "union " : "struct ") + name, name};
  for (const std::string& spelling : spellings)
    if (!steg::FindRoot(*base_, spelling).empty()) {
      home.root = spelling;
      for (const std::string& part : path) home.prefix += CName(home.root, home.prefix, part) + ".";
      return home;
    }
  return Fail(Code::kUnsupported) << "the base kernel's debug information has no C type for "
                                  << "bindings::" << name;
}

// bindgen appends '_' to names that are Rust's keywords.
std::string ContractBuilder::CName(const std::string& root, const std::string& prefix,
                                   const std::string& field) const {
  steg::Place place;
  std::string missing;
  std::vector<steg::NodeId> roots = steg::FindRoot(*base_, root);
  if (!roots.empty() && !steg::FindMember(*base_, roots[0], prefix + field, &place, &missing) &&
      field.ends_with("_"))
    return field.substr(0, field.size() - 1);
  return field;
}

// The first member that has a name, looking into unnamed ones: it lies where
// the unnamed member itself does.
std::string ContractBuilder::FirstNamed(const Aggregate& aggregate) const {
  const Aggregate* at = &aggregate;
  for (int depth = 0; depth < kMostNesting && !at->fields.empty(); depth++) {
    const Field& field = at->fields[0];
    if (!IsUnnamedField(field.name)) return field.name;
    at = ContainedAggregate(*bindings_, field.type);
    if (at == nullptr) break;
  }
  return "";
}

// bindgen counts the units of each type; those of types that C does not name are
// the root's, and have the numbers behind its own.
Result<uint8_t> ContractBuilder::UnitNumber(const Aggregate& aggregate, const Home& home,
                                            uint8_t unit) {
  if (!home.nested) return unit;
  return NestedUnit(home, aggregate.name, unit);
}

Result<uint8_t> ContractBuilder::NestedUnit(const Home& home, const std::string& type,
                                            uint8_t unit) {
  auto& numbers = nested_units_[home.root];
  auto known = numbers.find({type, unit});
  if (known != numbers.end()) return known->second;
  size_t number = numbers.size() + 1;
  for (const Field& field : home.top->fields) number += BitFieldUnit(field.name) == 0 ? 0 : 1;
  if (number > UINT8_MAX)
    return Fail(Code::kUnsupported) << home.root << ": too many unnamed members";
  return numbers[{type, unit}] = static_cast<uint8_t>(number);
}

// The place of a unit is told by the bit fields in it that the code uses; all of
// them where that is not known.
Result<ContractBuilder::Part> ContractBuilder::BitFieldPart(const Aggregate& aggregate,
                                                            const Home& home, uint8_t unit,
                                                            const Part& whole,
                                                            std::vector<Part>* others) {
  std::vector<BitField> fields = BitFieldsOf(*bindings_, aggregate.name, unit), used;
  for (const BitField& field : fields)
    if (IsUsed(functions_, aggregate.name, field)) used.push_back(field);
  if (used.empty()) used = fields;
  if (used.empty())
    return Fail(Code::kUnsupported) << home.root << ": storage unit " << static_cast<int>(unit)
                                    << " of bit fields, none of which has a name";
  RACE_ASSIGN(number, UnitNumber(aggregate, home, unit));
  std::vector<Part> parts;
  for (const BitField& field : used) {
    Part part = whole;
    part.kind = RACE_CONTRACT_BITFIELD;
    part.member = {home.root, home.prefix + CName(home.root, home.prefix, field.name)};
    part.bit_field = field;
    part.unit = number;
    parts.push_back(part);
  }
  others->insert(others->end(), parts.begin() + 1, parts.end());
  return parts[0];
}

uint64_t ContractBuilder::RaisedAlign(const Aggregate& aggregate) const {
  const uint64_t driver = raised_->Of(aggregate).align;
  return driver > truth_->Of(aggregate).align ? driver : 0;
}

ContractBuilder::Part ContractBuilder::SizeOf(const std::string& root,
                                              const LayoutAtom& atom) const {
  Part part;
  part.kind = RACE_CONTRACT_SIZE;
  part.member.root = root;
  part.align = atom.align;
  part.raised_align =
      RaisedAlign(bindings_->aggregates[bindings_->index.find(atom.aggregate)->second]);
  part.values = atom.values;
  part.true_value = atom.true_value;
  return part;
}

Result<std::vector<ContractBuilder::Part>> ContractBuilder::Parts(const LayoutAtom& atom,
                                                                  std::vector<Part>* others) {
  const Aggregate& aggregate = bindings_->aggregates[bindings_->index.find(atom.aggregate)->second];
  RACE_ASSIGN(home, FindHome(aggregate));
  if (atom.field.empty()) {
    if (home.nested)
      return Fail(Code::kUnsupported)
             << "the size of a type that C does not name, inside " << home.root;
    return std::vector<Part>{SizeOf(home.root, atom)};
  }
  auto with_home = [&](std::vector<uint64_t> values) {
    for (size_t v = 0; v < kVariantCount; v++) values[v] += home.values[v];
    return values;
  };
  std::string name = CName(home.root, home.prefix, atom.field);
  std::vector<std::string> at_start;
  if (IsUnnamedField(atom.field)) {
    auto field = std::find_if(aggregate.fields.begin(), aggregate.fields.end(),
                              [&](const Field& f) { return f.name == atom.field; });
    const Aggregate* inner = ContainedAggregate(*bindings_, field->type);
    if (inner == nullptr || FirstNamed(*inner).empty())
      return Fail(Code::kUnsupported) << home.root << ": an unnamed member without named members";
    name = CName(home.root, home.prefix, FirstNamed(*inner));
    for (const std::string& meant : MembersMeant(NamedAtStart(*inner)))
      at_start.push_back(home.prefix + CName(home.root, home.prefix, meant));
  }
  Part whole;
  whole.member = {home.root, home.prefix + name};
  whole.values = with_home(atom.values);
  whole.true_value = atom.true_value + home.true_value;
  if (at_start.size() > 1) {
    RACE_ASSIGN(number, NestedUnit(home, aggregate.name + "." + atom.field, 0));
    whole.unit = number;
  }
  whole.at_start = std::move(at_start);
  std::vector<Part> parts = {whole};
  if (uint8_t unit = BitFieldUnit(atom.field); unit != 0) {
    RACE_ASSIGN(part, BitFieldPart(aggregate, home, unit, parts[0], others));
    parts[0] = part;
  }
  if (home.nested) {
    // From the start of the nested type: its own place in the root goes off.
    std::string own = home.prefix.empty() ? CName(home.root, "", FirstNamed(aggregate))
                                          : home.prefix.substr(0, home.prefix.size() - 1);
    Part way;
    way.sign = -1;
    way.member = {home.root, own};
    way.values = home.values;
    way.true_value = home.true_value;
    parts.push_back(way);
  }
  return parts;
}

Result<rcrate::ContractId> ContractBuilder::AddContract(const Part& part,
                                                        const std::string& source) {
  std::string key = std::to_string(part.kind) + " " + part.member.root + " " + part.member.path;
  if (auto known = contracts_.find(key); known != contracts_.end()) {
    if (part.unit != 0) rcrate_.contracts[known->second].unit = part.unit;
    ReachMember(part);
    return rcrate::ContractId{known->second};
  }
  rcrate::Contract contract;
  contract.kind = part.kind;
  contract.unit = part.unit;
  contract.root = part.member.root;
  contract.path = part.member.path;
  contract.base_value = part.true_value;
  contract.low = contract.high = part.true_value;
  for (size_t v = 0; v < kVariantCount; v++) {
    if (v == kSmallVariant && !small_) continue;
    contract.low = std::min(contract.low, part.values[v]);
    contract.high = std::max(contract.high, part.values[v]);
  }
  contract.source = source;
  std::vector<steg::NodeId> roots = steg::FindRoot(*base_, part.member.root);
  steg::NodeId root = roots[0];
  contract.align = static_cast<uint32_t>(part.align > 1 ? part.align : 0);
  if (part.raised_align != 0) {
    contract.align = static_cast<uint32_t>(part.raised_align);
    contract.align_at_most = true;
  }
  uint64_t in_c = 0;
  if (part.kind == RACE_CONTRACT_SIZE) {
    in_c = steg::SizeOf(*base_, root);
    contract.type = steg::Index(copier_->Copy(root, false));
  } else {
    steg::Place place;
    std::string missing;
    if (!steg::FindMember(*base_, root, part.member.path, &place, &missing))
      return Fail(Code::kUnsupported)
             << source << ": " << part.member.root << " has no member " << part.member.path << " ("
             << missing << ") in the base kernel's debug information";
    if (part.kind == RACE_CONTRACT_BITFIELD) {
      contract.bit = part.bit_field.bit;
      contract.width = part.bit_field.width;
      if (place.bits != part.bit_field.width || place.bit_offset < part.bit_field.bit ||
          (place.bit_offset - part.bit_field.bit) % 8 != 0)
        return Fail(Code::kProofFailed)
               << source << ": bit field " << part.member.path << " of " << part.member.root
               << " has " << part.bit_field.width << " bits for bindgen and " << place.bits
               << " from bit " << place.bit_offset << " in the debug information";
      in_c = (place.bit_offset - part.bit_field.bit) / 8;
    } else {
      in_c = place.bit_offset / 8;
    }
    contract.type = steg::Index(copier_->Copy(place.type, false));
    ReachMember(part);
  }
  // Two independent readers of the same headers must agree.
  if (in_c != part.true_value)
    return Fail(Code::kProofFailed)
           << source << ": " << part.member.root << " " << part.member.path << " is "
           << part.true_value << " for rustc and " << in_c << " in the debug information";
  rcrate::ContractId id = rcrate_.Add(std::move(contract));
  contracts_[key] = rcrate::Index(id);
  return id;
}

Result<rcrate::ExprId> ContractBuilder::AddExpression(const Expression& expression,
                                                      const std::string& source) {
  if (auto known = expressions_.find(expression); known != expressions_.end()) {
    NoteScope(known->second);
    return known->second;
  }
  // Members of unnamed types cancel out against the way to them.
  std::map<std::pair<std::string, uint32_t>, std::pair<int32_t, Part>> merged;
  std::vector<rcrate::ContractId> beside;
  rcrate::Expr result;
  for (const AtomTerm& term : expression.terms) {
    if (!term.inner.empty()) {
      RACE_ASSIGN(inner, AddExpression(term.inner[0], source));
      result.terms.push_back({term.coefficient, {}, term.round, inner});
      beside.insert(beside.end(), beside_[rcrate::Index(inner)].begin(),
                    beside_[rcrate::Index(inner)].end());
      continue;
    }
    std::vector<Part> others;
    Result<std::vector<Part>> parts = Parts(sdk_->atoms[term.atom], &others);
    if (!parts) return Fail(parts.error().code) << source << ": " << parts.error().message;
    for (const Part& other : others) {
      RACE_ASSIGN(contract, AddContract(other, source));
      beside.push_back(contract);
    }
    for (const Part& part : *parts) {
      std::string key = std::to_string(part.kind) + " " + part.member.root + " " + part.member.path;
      auto [place, fresh] = merged.try_emplace({key, term.round}, 0, part);
      place->second.first += part.sign * term.coefficient;
    }
  }
  result.constant = expression.constant;
  for (const auto& [key, value] : merged) {
    if (value.first == 0) continue;
    // What stays an unnamed member is one that has a name at its place: each that may be meant
    // has to be there.
    Part part = value.second;
    const std::vector<std::string> at_start = std::move(part.at_start);
    if (!at_start.empty()) part.member.path = at_start[0];
    for (size_t i = 1; i < at_start.size(); i++) {
      Part other = part;
      other.member.path = at_start[i];
      RACE_ASSIGN(contract, AddContract(other, source));
      beside.push_back(contract);
    }
    RACE_ASSIGN(contract, AddContract(part, source));
    result.terms.push_back({value.first, contract, key.second});
  }
  rcrate::ExprId id = rcrate_.Add(std::move(result));
  expressions_[expression] = id;
  beside_[rcrate::Index(id)] = std::move(beside);
  NoteScope(id);
  return id;
}

void ContractBuilder::NoteScope(rcrate::ExprId id) {
  for (const rcrate::ContractId contract : rcrate::ContractsOf(rcrate_, id)) NoteUse(contract);
  for (const rcrate::ContractId contract : beside_[rcrate::Index(id)]) NoteUse(contract);
}

void ContractBuilder::NoteUse(rcrate::ContractId id) {
  scopes_[rcrate::Index(id)].insert(scope_);
  if (scope_ != nullptr || !answers_) return;
  auto [known, fresh] = needed_with_.try_emplace(rcrate::Index(id), *answers_);
  if (!fresh) known->second = Both(known->second, *answers_);
}

Result<std::string> ContractBuilder::AddSymbol(const Expression& expression,
                                               const std::string& source, int64_t low,
                                               int64_t high) {
  RACE_ASSIGN(id, AddExpression(expression, source));
  if (auto known = symbols_.find(expression); known != symbols_.end()) return known->second;
  const rcrate::Expr& expr = rcrate_[id];
  std::string name = std::string(RACE_SYMBOL_PREFIX) + "expr:" + std::to_string(rcrate::Index(id));
  bool single = expr.constant == 0 && expr.terms.size() == 1 && expr.terms[0].coefficient == 1 &&
                !expr.terms[0].expr;
  if (single) {
    const rcrate::Contract& contract = rcrate_[expr.terms[0].contract];
    size_t space = contract.root.find(' ');
    std::string root = space == std::string::npos ? contract.root : contract.root.substr(space + 1);
    if (contract.kind == RACE_CONTRACT_BITFIELD)
      name = RACE_SYMBOL_PREFIX "unit:" + root + "." + contract.path;
    if (contract.kind == RACE_CONTRACT_FIELD)
      name = RACE_SYMBOL_PREFIX "off:" + root + "." + contract.path;
    if (contract.kind == RACE_CONTRACT_SIZE && expr.terms[0].round == 0)
      name = RACE_SYMBOL_PREFIX "size:" + root;
    if (contract.kind == RACE_CONTRACT_SIZE && expr.terms[0].round != 0)
      name = RACE_SYMBOL_PREFIX "room:" + root;
  }
  // Two ways lead to one number: an unnamed member lies where its first named one
  // does.  It is one symbol then, and another number never gets its name.
  auto [named, fresh] = named_.try_emplace(name, id);
  if (!fresh && rcrate_[named->second] != expr) {
    name = RACE_SYMBOL_PREFIX "expr:" + std::to_string(rcrate::Index(id));
    fresh = true;
  }
  if (fresh) rcrate_.symbols.push_back({name, id, low, high});
  symbols_[expression] = name;
  return name;
}

void ContractBuilder::AddConfig(const std::string& option, const std::string& value,
                                const std::string& source) {
  rcrate::Contract contract;
  contract.kind = RACE_CONTRACT_CONFIG;
  contract.root = option;
  contract.path = value;
  contract.source = source;
  rcrate_.Add(std::move(contract));
}

std::optional<steg::NodeId> ContractBuilder::Declared(const std::string& symbol) const {
  std::vector<steg::NodeId> prototypes =
      steg::FindRoot(*base_, std::string("struct ") + kPrototypeStruct);
  steg::Place place;
  if (prototypes.empty() || !steg::FindMember(*base_, prototypes[0], symbol, &place, nullptr))
    return std::nullopt;
  const steg::Node& pointer = (*base_)[steg::SkipQualifiers(*base_, place.type)];
  return pointer.edges.empty() ? steg::NodeId::kVoid : pointer.edges[0].target;
}

Status ContractBuilder::AddImport(const std::string& symbol, const std::string& forwarder,
                                  const std::string& source, const Answers& answers) {
  rcrate::Contract contract;
  contract.kind = RACE_CONTRACT_FUNCTION;
  contract.is_former = symbol.starts_with(RACE_FORMER_PREFIX);
  contract.root =
      symbol.substr(contract.is_former ? std::string_view(RACE_FORMER_PREFIX).size() : 0);
  contract.path = forwarder;
  contract.source = source;
  if (CalledByCompiler(symbol)) {
    rcrate_.Add(std::move(contract));
    return Ok{};
  }
  if (const std::optional<steg::NodeId> declared = Declared(symbol)) {
    const steg::NodeId type = steg::SkipQualifiers(*base_, *declared);
    if ((*base_)[type].kind != STEG_PROTO) contract.kind = RACE_CONTRACT_VARIABLE;
    if (TakesAllocationFlags(type)) AddAllocationFlags(source);
    // A kernel's BTF describes its functions, but of its variables only the
    // per-CPU ones: for the others there is nothing to compare a type with.
    if (contract.kind == RACE_CONTRACT_FUNCTION)
      contract.type = steg::Index(copier_->Copy(*declared, false));
  }
  needed_with_[rcrate::Index(rcrate_.Add(std::move(contract)))] = answers;
  return Ok{};
}

void ContractBuilder::AddExact(const std::string& name, const std::string& why) {
  auto found = bindings_->index.find(name);
  if (found == bindings_->index.end()) return;
  Result<Home> home = FindHome(bindings_->aggregates[found->second]);
  // A type that only bindgen knows (a bitfield's unit) has no layout in C.
  if (!home) return;
  rcrate::Contract contract;
  contract.kind = RACE_CONTRACT_FROZEN;
  contract.root = home->root;
  const std::string key = std::to_string(contract.kind) + " " + contract.root;
  if (auto known = contracts_.find(key); known != contracts_.end())
    return NoteUse(rcrate::ContractId{known->second});
  steg::NodeId root = steg::FindRoot(*base_, home->root)[0];
  contract.type = steg::Index(copier_->Copy(root, true));
  contract.base_value = contract.low = contract.high = steg::SizeOf(*base_, root);
  contract.source = why;
  const rcrate::ContractId id = rcrate_.Add(std::move(contract));
  contracts_[key] = rcrate::Index(id);
  NoteUse(id);
}

void ContractBuilder::AddSizeRange(const std::string& name, uint64_t least) {
  const LayoutAtom* atom = Atom(name, "");
  auto found = bindings_->index.find(name);
  if (atom == nullptr || found == bindings_->index.end()) return;
  Result<Home> home = FindHome(bindings_->aggregates[found->second]);
  if (!home || home->nested) return;
  std::string key = std::to_string(RACE_CONTRACT_SIZE) + " " + home->root + " ";
  if (contracts_.count(key) == 0) {
    Result<rcrate::ContractId> added =
        AddContract(SizeOf(home->root, *atom), "a type that holds " + name);
    if (!added) return;
    rcrate_.contracts[rcrate::Index(*added)].low = std::min(atom->true_value, kTwoWords);
  }
  // Who holds it needs it, also where an adapter that asked first does not.
  if (scopes_[contracts_[key]].insert(nullptr).second)
    rcrate_.contracts[contracts_[key]].source = "a type that holds " + name;
  needed_with_[contracts_[key]].clear();
  uint64_t& low = rcrate_.contracts[contracts_[key]].low;
  low = std::max(low, least);
}

void ContractBuilder::AddSize(const std::string& name, const std::string& why) {
  auto found = bindings_->index.find(name);
  if (found == bindings_->index.end()) return;
  Result<Home> home = FindHome(bindings_->aggregates[found->second]);
  if (!home) return;
  auto known = contracts_.find(std::to_string(RACE_CONTRACT_SIZE) + " " + home->root + " ");
  if (known == contracts_.end()) return;
  rcrate::Contract& contract = rcrate_.contracts[known->second];
  contract.low = contract.high = contract.base_value;
  contract.source = why;
}

}  // namespace race::build
