// SPDX-License-Identifier: GPL-2.0-only
#include "build/symbolise.h"

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Operator.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "build/static_attributes.h"

namespace race::build {
namespace {

// A layout constant fits a signed 32-bit displacement.
constexpr uint64_t kSymbolRangeEnd = 1ull << 31;

// Room for a stack slot beyond its size in the base kernel: a quarter more, at
// least 64 bytes (rule 7).
constexpr uint64_t kLeastRoom = 64;

// The constant with the operand at `path` replaced.
llvm::Constant* Replace(llvm::Constant* whole, const std::vector<unsigned>& path, size_t depth,
                        llvm::Constant* with) {
  if (depth == path.size()) return with;
  std::vector<llvm::Constant*> operands;
  for (unsigned i = 0; i < whole->getNumOperands(); i++)
    operands.push_back(llvm::cast<llvm::Constant>(whole->getOperand(i)));
  operands[path[depth]] = Replace(operands[path[depth]], path, depth + 1, with);
  if (auto* expression = llvm::dyn_cast<llvm::ConstantExpr>(whole))
    return expression->getWithOperands(operands);
  if (auto* type = llvm::dyn_cast<llvm::StructType>(whole->getType()))
    return llvm::ConstantStruct::get(type, operands);
  if (auto* type = llvm::dyn_cast<llvm::ArrayType>(whole->getType()))
    return llvm::ConstantArray::get(type, operands);
  return llvm::ConstantVector::get(operands);
}

// The static that a constant address is some bytes behind; nullptr for anything else.
const llvm::GlobalVariable* StaticOf(const llvm::Value* address) {
  auto* step = llvm::dyn_cast<llvm::GEPOperator>(address);
  if (step == nullptr || !llvm::isa<llvm::ConstantExpr>(address)) return nullptr;
  return llvm::dyn_cast<llvm::GlobalVariable>(step->getPointerOperand());
}

// Bytes.
std::vector<int64_t> SizesOf(const StaticMatch& statics) {
  std::vector<int64_t> sizes;
  for (const llvm::GlobalVariable* variable : statics)
    sizes.push_back(static_cast<int64_t>(
        variable->getDataLayout().getTypeAllocSize(variable->getValueType()).getFixedValue()));
  return sizes;
}

// Runs of bytes that are not zero.
struct Run {
  uint64_t offset;
  std::string bytes;
};
std::vector<Run> Runs(const std::string& bytes) {
  std::vector<Run> runs;
  for (size_t at = bytes.find_first_not_of('\0'); at != bytes.npos;) {
    const size_t end = std::min(bytes.find('\0', at), bytes.size());
    runs.push_back({at, bytes.substr(at, end - at)});
    at = bytes.find_first_not_of('\0', end);
  }
  return runs;
}

}  // namespace

// Of a number that the linker knows, from `low` to below `high`.  Looked up each time: LLVM
// drops what it has come to do without, which may be needed again (FoldChains).
llvm::GlobalVariable* Symboliser::Declare(const std::string& name, uint64_t low, uint64_t high) {
  if (llvm::GlobalVariable* known = module_->getGlobalVariable(name)) return known;
  llvm::LLVMContext& context = module_->getContext();
  // An empty type with an address of no meaning: two layouts may be the same
  // number, where LLVM takes two objects to be at two addresses.  And weak: only
  // of such a symbol LLVM believes that it may be 0.
  auto* symbol =
      new llvm::GlobalVariable(*module_, llvm::ArrayType::get(llvm::Type::getInt8Ty(context), 0),
                               true, llvm::GlobalValue::ExternalWeakLinkage, nullptr, name);
  symbol->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  symbol->setAlignment(llvm::Align(1));
  symbol->setDSOLocal(true);
  llvm::Type* word = llvm::Type::getInt64Ty(context);
  symbol->setMetadata(
      llvm::LLVMContext::MD_absolute_symbol,
      llvm::MDNode::get(context,
                        {llvm::ConstantAsMetadata::get(llvm::ConstantInt::get(word, low)),
                         llvm::ConstantAsMetadata::get(llvm::ConstantInt::get(word, high))}));
  return symbol;
}

Result<llvm::Constant*> Symboliser::Symbol(const Expression& expression, llvm::Type* type,
                                           const std::string& source) {
  if (expression.terms.empty()) return llvm::ConstantInt::getSigned(type, expression.constant);
  // Also when it is known: for whose code it is may be new.
  RACE_TRY(contracts_->AddExpression(expression, source));
  // The range tells LLVM that the "address" is a number that fits an
  // immediate, and may be 0.  The resolver holds targets to it.
  bool negative = solver_->BaseValue(expression) < 0;
  uint64_t low = negative ? -kSymbolRangeEnd : 0, high = negative ? 0 : kSymbolRangeEnd;
  auto found = symbols_.find(expression);
  if (found == symbols_.end()) {
    RACE_ASSIGN(name, contracts_->AddSymbol(expression, source, static_cast<int64_t>(low),
                                            static_cast<int64_t>(high) - 1));
    found = symbols_.emplace(expression, name).first;
    expressions_[name] = expression;
  }
  return llvm::ConstantExpr::getPtrToInt(Declare(found->second, low, high), type);
}

Result<Expression> Symboliser::Solve(const Site& site, Use use) {
  Result<Expression> solved = solver_->Solve(site.values, use);
  if (solved) return solved;
  return Fail(solved.error().code)
         << llvm::demangle(site.instruction->getFunction()->getName().str()) << "\n  at "
         << SourceOf(*site.instruction) << ": " << solved.error().message;
}

Status Symboliser::ApplySite(const Site& site) {
  llvm::Instruction* instruction = site.instruction;
  std::string source = SourceOf(*instruction);
  contracts_->SetScope(AdapterOf(*instruction->getFunction()), guarded_.At(*instruction));
  llvm::LLVMContext& context = module_->getContext();
  if (site.kind == SiteKind::kAllocaSize) {
    auto* slot = llvm::cast<llvm::AllocaInst>(instruction);
    RACE_ASSIGN(size, Solve(site, Use::kOffset));
    uint64_t base = static_cast<uint64_t>(std::max<int64_t>(0, solver_->BaseValue(size)));
    uint64_t bound = (base + std::max(base / 4, kLeastRoom) + 15) / 16 * 16;
    RACE_ASSIGN(expr, contracts_->AddExpression(size, source));
    contracts_->rcrate().rooms.push_back(
        {expr, source + " (" + llvm::demangle(slot->getFunction()->getName().str()) + ")", bound});
    slot->setAllocatedType(llvm::ArrayType::get(llvm::Type::getInt8Ty(context), bound));
    slots++;
    return Ok{};
  }
  if (site.kind == SiteKind::kGepStride) {
    auto* gep = llvm::cast<llvm::GetElementPtrInst>(instruction);
    RACE_ASSIGN(size, Solve(site, Use::kOffset));
    llvm::IRBuilder<> builder(gep);
    llvm::Value* index = gep->getOperand(1);
    llvm::Value* offset;
    if (auto* number = llvm::dyn_cast<llvm::ConstantInt>(index)) {
      const Expression scaled = Add(Expression{}, size, number->getSExtValue());
      RACE_ASSIGN(constant, Symbol(scaled, index->getType(), source));
      offset = constant;
    } else {
      RACE_ASSIGN(constant, Symbol(size, index->getType(), source));
      offset = builder.CreateMul(index, constant);
    }
    llvm::Value* address = builder.CreateGEP(builder.getInt8Ty(), gep->getPointerOperand(), offset,
                                             "", gep->getNoWrapFlags());
    gep->replaceAllUsesWith(address);
    gep->eraseFromParent();
    return Ok{};
  }
  bool address = llvm::isa<llvm::GetElementPtrInst>(instruction) || !site.path.empty();
  Result<Quotient> quotient = solver_->SolveQuotient(site.values);
  if (quotient && !address) return ApplyQuotient(site, *quotient);
  llvm::Value* operand = instruction->getOperand(site.operand);
  // A place in a static is what the static's type says.
  std::optional<Expression> place;
  if (const llvm::GlobalVariable* variable = StaticOf(operand); variable != nullptr)
    if (auto match = matched_.find(variable); match != matched_.end() && !site.path.empty())
      if (const TypeInVariants type = TypeOf(match->second); !type.empty())
        place = own_->PlaceIn(type, site.values);
  Expression value;
  if (place) {
    value = *place;
  } else {
    RACE_ASSIGN(solved, Solve(site, address ? Use::kOffset : Use::kLength));
    value = solved;
  }
  llvm::Constant* whole = llvm::cast<llvm::Constant>(operand);
  llvm::Constant* old = whole;
  for (unsigned step : site.path) old = llvm::cast<llvm::Constant>(old->getOperand(step));
  RACE_ASSIGN(symbol, Symbol(value, old->getType(), source));
  instruction->setOperand(site.operand, Replace(whole, site.path, 0, symbol));
  return Ok{};
}

// The division is the driver's own then, where LLVM cannot do without it.  (It
// mostly can: the kernel crate's vectors promise that the number was checked.)
Status Symboliser::ApplyQuotient(const Site& site, const Quotient& quotient) {
  llvm::Instruction* before = site.instruction;
  if (auto* phi = llvm::dyn_cast<llvm::PHINode>(before))
    before = phi->getIncomingBlock(site.operand)->getTerminator();
  llvm::Type* word = llvm::Type::getInt64Ty(module_->getContext());
  RACE_ASSIGN(divisor, Symbol(quotient.divisor, word, SourceOf(*site.instruction)));
  llvm::IRBuilder<> builder(before);
  site.instruction->setOperand(
      site.operand, builder.CreateUDiv(llvm::ConstantInt::get(word, quotient.numerator), divisor));
  return Ok{};
}

// Of statics that are shapes already, from when they were none.
TypeInVariants Symboliser::TypeOf(const StaticMatch& variables) const {
  auto known = types_.find(variables[0]);
  return known == types_.end() ? TypeOfStatic(variables) : known->second;
}

// A place, in bytes, in a static of these sizes that nothing says the type of (what rustc
// makes of a constant has no name): a number like others or, in an array, one in an element.
Result<Expression> Symboliser::SolvePlace(const std::vector<int64_t>& sizes,
                                          const std::vector<int64_t>& at) {
  Result<Expression> solved = solver_->Solve(at, Use::kOffset);
  // What is a shape already has no size any more in the first variant.
  if (solved || sizes.size() != at.size() || sizes[0] == 0) return solved;
  const Result<Expression> whole = solver_->Solve(sizes, Use::kOffset);
  if (!whole || whole->constant != 0 || whole->terms.size() != 1 || whole->terms[0].coefficient < 2)
    return solved;
  const int64_t count = whole->terms[0].coefficient;
  const int64_t index = at[0] / (sizes[0] / count);
  std::vector<int64_t> rest;
  for (size_t v = 0; v < at.size(); v++) {
    if (at[v] / (sizes[v] / count) != index) return solved;
    rest.push_back(at[v] % (sizes[v] / count));
  }
  Expression element = *whole;
  element.terms[0].coefficient = 1;
  RACE_ASSIGN(within, solver_->Solve(rest, Use::kOffset));
  return Add(within, element, index);
}

// The contents of one place, one a variant: bytes that are the same in all, or a number.
Status Symboliser::AddBytes(const Expression& place, const std::vector<std::string>& contents,
                            const std::string& source, rcrate::Shape* shape) {
  const std::string& first = contents[0];
  auto at = [&](uint64_t offset) {
    return contracts_->AddExpression(Add(place, Expression{static_cast<int64_t>(offset), {}}),
                                     source);
  };
  if (std::all_of(contents.begin(), contents.end(), [&](const auto& c) { return c == first; })) {
    RACE_ASSIGN(zero, contracts_->AddExpression(Expression{}, source));
    for (const Run& run : Runs(first)) {
      RACE_ASSIGN(where, at(run.offset));
      shape->pieces.push_back(
          {where, RACE_PIECE_BYTES, run.bytes, static_cast<uint32_t>(run.bytes.size()), zero});
    }
    return Ok{};
  }
  auto part = [&](uint64_t offset, uint64_t length) {
    std::vector<std::string> parts;
    for (const std::string& content : contents) parts.push_back(content.substr(offset, length));
    return AddBytes(Add(place, Expression{static_cast<int64_t>(offset), {}}), parts, source, shape);
  };
  const uint64_t length = first.size();
  if (length > 8 || (length & (length - 1)) != 0) {
    uint64_t step = 8;
    while (step >= length) step /= 2;
    for (uint64_t offset = 0; offset < length; offset += step)
      RACE_TRY(part(offset, std::min(step, length - offset)));
    return Ok{};
  }
  std::vector<int64_t> words;
  for (const std::string& content : contents) words.push_back(WordAt(content, 0, length));
  Result<Expression> value =
      length > 2 ? solver_->Solve(words, Use::kLength) : solver_->SolveNarrow(words, length * 8);
  if (value) {
    RACE_ASSIGN(where, at(0));
    RACE_ASSIGN(number, contracts_->AddExpression(*value, source));
    shape->pieces.push_back({where, RACE_PIECE_VALUE, "", static_cast<uint32_t>(length), number});
    return Ok{};
  }
  // A word may be several smaller numbers.
  if (length > 2) {
    const size_t before = shape->pieces.size();
    Status halves = part(0, length / 2);
    if (halves) halves = part(length / 2, length / 2);
    if (halves) return Ok{};
    shape->pieces.resize(before);
  }
  return Fail(value.error().code) << source << ": a number in it: " << value.error().message;
}

Status Symboliser::AddPlacedParts(const std::vector<StaticPart>& parts,
                                  const std::vector<StaticImage>& images, const std::string& source,
                                  rcrate::Shape* shape) {
  for (const StaticPart& part : parts) {
    std::vector<std::string> contents;
    for (size_t v = 0; v < images.size(); v++)
      contents.push_back(images[v].bytes.substr(part.places[v], part.size));
    RACE_TRY(AddBytes(part.place, contents, source, shape));
  }
  return Ok{};
}

Status Symboliser::ApplyStatic(const StaticMatch& match) {
  std::vector<StaticImage> images;
  std::vector<int64_t> sizes;
  for (const llvm::GlobalVariable* variable : match) {
    RACE_ASSIGN(image, ReadStatic(*variable));
    sizes.push_back(static_cast<int64_t>(image.bytes.size()));
    images.push_back(std::move(image));
  }
  llvm::GlobalVariable* first = match[0];
  const TypeInVariants type = TypeOf(match);
  std::string source = "static " + llvm::demangle(first->getName().str());
  // A place in a static of that type: what its type says, or else a number like others.
  auto solve_in = [&](const TypeInVariants& in, const std::vector<int64_t>& whole,
                      const std::vector<int64_t>& values,
                      const std::string& what) -> Result<rcrate::ExprId> {
    std::optional<Expression> place;
    if (!in.empty()) place = own_->PlaceIn(in, values);
    if (!place) {
      Result<Expression> solved = SolvePlace(whole, values);
      if (!solved)
        return Fail(solved.error().code)
               << source << ", " << what << ": " << solved.error().message;
      place = *solved;
    }
    return contracts_->AddExpression(*place, source);
  };
  rcrate::Shape shape;
  shape.symbol = "race_shape_" + std::to_string(contracts_->rcrate().shapes.size());
  shape.align = static_cast<uint32_t>(first->getAlign().valueOrOne().value());
  RACE_ASSIGN(size, solve_in(type, sizes, sizes, "its size"));
  shape.size = size;
  for (size_t a = 0; a < images[0].addresses.size(); a++) {
    std::vector<int64_t> offsets, addends;
    StaticMatch objects;
    for (const StaticImage& image : images) {
      offsets.push_back(static_cast<int64_t>(image.addresses[a].offset));
      addends.push_back(image.addresses[a].addend);
      if (auto* object = llvm::dyn_cast<llvm::GlobalVariable>(image.addresses[a].target))
        objects.push_back(object);
    }
    RACE_ASSIGN(offset,
                solve_in(type, sizes, offsets, "the place of address " + std::to_string(a)));
    llvm::GlobalValue* target = images[0].addresses[a].target;
    RACE_ASSIGN(addend,
                solve_in(objects.size() == images.size() ? TypeOf(objects) : TypeInVariants{},
                         SizesOf(objects), addends, "the addend of address " + std::to_string(a)));
    // The resolver finds it by name in the object: it must have one there.
    if (!target->hasName() || target->hasPrivateLinkage()) {
      target->setName("race_data");
      target->setLinkage(llvm::GlobalValue::InternalLinkage);
    }
    address_targets_.push_back({contracts_->rcrate().shapes.size(), shape.pieces.size(), target});
    shape.pieces.push_back({offset, RACE_PIECE_ADDRESS, "", 8, addend});
  }
  const bool same_size =
      std::all_of(sizes.begin(), sizes.end(), [&](int64_t s) { return s == sizes[0]; });
  if (const std::optional<std::vector<StaticPart>> parts = PartsOfStatic(type, images, own_)) {
    RACE_TRY(AddPlacedParts(*parts, images, source, &shape));
  } else if (same_size) {
    // Nothing says of what type it is.  Its places are fixed; words that differ are numbers
    // (a vtable's size).
    std::vector<std::string> contents;
    for (const StaticImage& image : images) contents.push_back(image.bytes);
    RACE_TRY(AddBytes(Expression{}, contents, source, &shape));
  } else {
    std::vector<std::vector<Run>> runs;
    for (const StaticImage& image : images) runs.push_back(Runs(image.bytes));
    for (size_t r = 0; r < runs[0].size(); r++) {
      std::vector<int64_t> offsets;
      for (const std::vector<Run>& mine : runs) {
        if (mine.size() != runs[0].size() || mine[r].bytes != runs[0][r].bytes)
          return Fail(Code::kUnsolved) << source << ": its bytes differ between layouts";
        offsets.push_back(static_cast<int64_t>(mine[r].offset));
      }
      RACE_ASSIGN(place, solve_in(type, sizes, offsets, "the place of its bytes"));
      RACE_ASSIGN(zero, contracts_->AddExpression(Expression{}, source));
      shape.pieces.push_back({place, RACE_PIECE_BYTES, runs[0][r].bytes,
                              static_cast<uint32_t>(runs[0][r].bytes.size()), zero});
    }
  }
  shape.section = ShapeSection(*first, !shape.pieces.empty());
  // Its type would tell LLVM how many bytes are there: of a size not known, none.
  llvm::Type* open = llvm::ArrayType::get(llvm::Type::getInt8Ty(module_->getContext()), 0);
  auto* outside =
      new llvm::GlobalVariable(*module_, open, first->isConstant(),
                               llvm::GlobalValue::ExternalLinkage, nullptr, shape.symbol);
  outside->setDSOLocal(true);
  outside->setAlignment(first->getAlign());
  types_[outside] = type;
  first->replaceAllUsesWith(outside);
  for (AddressTarget& target : address_targets_)
    if (target.value == first) target.value = outside;
  first->eraseFromParent();
  contracts_->rcrate().shapes.push_back(std::move(shape));
  shapes++;
  return Ok{};
}

Result<llvm::Constant*> Symboliser::Symbol(const EnumeratorNumber& number, bool negative,
                                           llvm::Type* type, const std::string& source) {
  const uint64_t low = negative ? -kSymbolRangeEnd : 0, high = negative ? 0 : kSymbolRangeEnd;
  RACE_ASSIGN(name, contracts_->AddSymbol(number, source, static_cast<int64_t>(low),
                                          static_cast<int64_t>(high) - 1));
  enumerators++;
  return llvm::ConstantExpr::getPtrToInt(Declare(name, low, high), type);
}

// The same bytes and addresses, with symbols between them.
Status Symboliser::ApplyEnumerators(const EnumeratorStatic& found) {
  llvm::LLVMContext& context = module_->getContext();
  llvm::Type* byte = llvm::Type::getInt8Ty(context);
  RACE_ASSIGN(image, ReadStatic(*found.variable));
  const std::string source = "static " + llvm::demangle(found.variable->getName().str());
  std::map<uint64_t, llvm::Constant*> parts;
  for (const StaticAddress& address : image.addresses)
    parts[address.offset] = llvm::ConstantExpr::getGetElementPtr(
        byte, address.target,
        llvm::ConstantInt::getSigned(llvm::Type::getInt64Ty(context), address.addend));
  for (const EnumeratorStatic::Word& word : found.words) {
    RACE_ASSIGN(symbol, Symbol(word.number, false, llvm::Type::getIntNTy(context, word.length * 8),
                               source));
    parts[word.offset] = symbol;
  }
  std::vector<llvm::Constant*> all;
  uint64_t at = 0;
  auto bytes_to = [&](uint64_t end) {
    if (end > at)
      all.push_back(llvm::ConstantDataArray::getString(
          context, std::string_view(image.bytes).substr(at, end - at), false));
  };
  for (const auto& [offset, part] : parts) {
    bytes_to(offset);
    all.push_back(part);
    at = offset + module_->getDataLayout().getTypeStoreSize(part->getType());
  }
  bytes_to(image.bytes.size());
  llvm::Constant* contents = llvm::ConstantStruct::getAnon(all, /*Packed=*/true);
  auto* other =
      new llvm::GlobalVariable(*module_, contents->getType(), found.variable->isConstant(),
                               found.variable->getLinkage(), contents, "", found.variable);
  other->copyAttributesFrom(found.variable);
  other->takeName(found.variable);
  found.variable->replaceAllUsesWith(other);
  found.variable->eraseFromParent();
  return Ok{};
}

Status Symboliser::ApplyEnumerators(const EnumeratorUses& uses) {
  for (const EnumeratorUse& use : uses.code) {
    const Site& site = use.site;
    contracts_->SetScope(AdapterOf(*site.instruction->getFunction()),
                         guarded_.At(*site.instruction));
    auto* whole = llvm::cast<llvm::Constant>(site.instruction->getOperand(site.operand));
    llvm::Constant* old = whole;
    for (unsigned step : site.path) old = llvm::cast<llvm::Constant>(old->getOperand(step));
    RACE_ASSIGN(symbol, Symbol(use.number, site.values[0] < 0, old->getType(),
                               SourceOf(*site.instruction)));
    site.instruction->setOperand(site.operand, Replace(whole, site.path, 0, symbol));
  }
  contracts_->SetScope(nullptr);
  for (const EnumeratorStatic& found : uses.statics) RACE_TRY(ApplyEnumerators(found));
  return Ok{};
}

Status Symboliser::Apply(const MatchResult& match) {
  for (const StaticMatch& statics : match.statics) matched_[statics[0]] = statics;
  for (const Site& site : match.sites)
    if (site.kind == SiteKind::kOperand) RACE_TRY(ApplySite(site));
  // These replace or retype the instruction: after its operands.
  for (const Site& site : match.sites)
    if (site.kind != SiteKind::kOperand) RACE_TRY(ApplySite(site));
  contracts_->SetScope(nullptr);
  for (const StaticMatch& statics : match.statics) RACE_TRY(ApplyStatic(statics));
  for (const auto& [expression, name] : symbols_) {
    bool single = expression.terms.size() == 1 && expression.constant == 0 &&
                  expression.terms[0].coefficient == 1;
    if (single && name.find(":off:") != std::string::npos) {
      fields++;
    } else if (single) {
      sizes++;
    } else {
      compound++;
    }
  }
  return KeepAddressTargets();
}

// Statics and functions that only a shape refers to must survive optimising.
Status Symboliser::KeepAddressTargets() {
  for (const AddressTarget& target : address_targets_) {
    contracts_->rcrate().shapes[target.shape].pieces[target.piece].data =
        target.value->getName().str();
    kept_.insert(target.value);
  }
  return Ok{};
}

std::optional<Expression> Symboliser::Parse(const llvm::Value* value) const {
  if (auto* number = llvm::dyn_cast<llvm::ConstantInt>(value)) {
    if (number->getBitWidth() > 64) return std::nullopt;
    return Expression{number->getSExtValue(), {}};
  }
  auto* operation = llvm::dyn_cast<llvm::Operator>(value);
  if (operation == nullptr) return std::nullopt;
  if (operation->getOpcode() == llvm::Instruction::PtrToInt) {
    auto found = expressions_.find(operation->getOperand(0)->getName().str());
    if (found == expressions_.end()) return std::nullopt;
    return found->second;
  }
  if (operation->getOpcode() == llvm::Instruction::And) return ParseRounding(*operation);
  if (operation->getOpcode() != llvm::Instruction::Add &&
      operation->getOpcode() != llvm::Instruction::Sub)
    return std::nullopt;
  std::optional<Expression> left = Parse(operation->getOperand(0));
  std::optional<Expression> right = Parse(operation->getOperand(1));
  if (!left || !right) return std::nullopt;
  return Add(*left, *right, operation->getOpcode() == llvm::Instruction::Sub ? -1 : 1);
}

// value & -2^k, the way in which sizes are rounded: of multiples of 2^k and a
// constant, only the constant changes.  LLVM drops the mask's bits above the
// symbol's range, which are zero in the value.
std::optional<Expression> Symboliser::ParseRounding(const llvm::Operator& operation) const {
  auto* mask = llvm::dyn_cast<llvm::ConstantInt>(operation.getOperand(1));
  std::optional<Expression> value = Parse(operation.getOperand(0));
  if (mask == nullptr || !value || value->constant < 0 || mask->getBitWidth() != 64)
    return std::nullopt;
  uint64_t bits = mask->getZExtValue();
  if (bits == 0) return std::nullopt;
  uint64_t unit = bits & -bits;
  if (((bits | (unit - 1)) & (kSymbolRangeEnd - 1)) != kSymbolRangeEnd - 1) return std::nullopt;
  for (const AtomTerm& term : value->terms)
    if (term.coefficient < 0 || solver_->MultipleOf(term) % unit != 0) return std::nullopt;
  value->constant -= static_cast<int64_t>(static_cast<uint64_t>(value->constant) % unit);
  return value;
}

// A comparison that comes out the same on every target that is not refused: no
// offset and no size is negative.
std::optional<bool> Symboliser::Decide(const llvm::ICmpInst& comparison) const {
  auto* number = llvm::dyn_cast<llvm::ConstantInt>(comparison.getOperand(1));
  std::optional<Expression> value = Parse(comparison.getOperand(0));
  if (number == nullptr || !value || value->terms.empty() || value->constant < 0 ||
      number->getBitWidth() != 64)
    return std::nullopt;
  for (const AtomTerm& term : value->terms)
    if (term.coefficient < 0) return std::nullopt;
  uint64_t least = static_cast<uint64_t>(value->constant), other = number->getZExtValue();
  switch (comparison.getPredicate()) {
    case llvm::CmpInst::ICMP_EQ:
      return other < least ? std::optional<bool>(false) : std::nullopt;
    case llvm::CmpInst::ICMP_NE:
      return other < least ? std::optional<bool>(true) : std::nullopt;
    case llvm::CmpInst::ICMP_ULT:
      return other <= least ? std::optional<bool>(false) : std::nullopt;
    case llvm::CmpInst::ICMP_UGT:
      return other < least ? std::optional<bool>(true) : std::nullopt;
    default:
      return std::nullopt;
  }
}

Status Symboliser::FoldChains() {
  for (llvm::Function& function : *module_) {
    // What is needed where was seen before anything was moved.
    contracts_->SetScope(AdapterOf(function), std::nullopt);
    for (llvm::Instruction& instruction :
         llvm::make_early_inc_range(llvm::instructions(function))) {
      std::string source = SourceOf(instruction);
      // A sum of symbols is one symbol.
      for (unsigned i = 0; i < instruction.getNumOperands(); i++) {
        llvm::Value* operand = instruction.getOperand(i);
        if (llvm::isa<llvm::ConstantInt>(operand) || !operand->getType()->isIntegerTy()) continue;
        auto* operation = llvm::dyn_cast<llvm::Operator>(operand);
        if (operation == nullptr || operation->getOpcode() == llvm::Instruction::PtrToInt) continue;
        std::optional<Expression> sum = Parse(operand);
        if (!sum) continue;
        RACE_ASSIGN(symbol, Symbol(*sum, operand->getType(), source));
        instruction.setOperand(i, symbol);
      }
      if (auto* comparison = llvm::dyn_cast<llvm::ICmpInst>(&instruction))
        if (std::optional<bool> known = Decide(*comparison)) {
          comparison->replaceAllUsesWith(llvm::ConstantInt::getBool(comparison->getType(), *known));
          comparison->eraseFromParent();
          continue;
        }
      // An offset from an offset is one offset.
      auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(&instruction);
      if (gep == nullptr || gep->getNumIndices() != 1 ||
          !gep->getSourceElementType()->isIntegerTy(8))
        continue;
      while (auto* inner = llvm::dyn_cast<llvm::GEPOperator>(gep->getPointerOperand())) {
        if (inner->getNumIndices() != 1 || !inner->getSourceElementType()->isIntegerTy(8)) break;
        std::optional<Expression> outer_offset = Parse(gep->getOperand(1));
        std::optional<Expression> inner_offset = Parse(inner->getOperand(1));
        if (!outer_offset || !inner_offset) break;
        if (outer_offset->terms.empty() && inner_offset->terms.empty()) break;
        RACE_ASSIGN(symbol, Symbol(Add(*inner_offset, *outer_offset), gep->getOperand(1)->getType(),
                                   source));
        gep->setOperand(0, inner->getPointerOperand());
        gep->setOperand(1, symbol);
        gep->setNoWrapFlags(gep->getNoWrapFlags() & inner->getNoWrapFlags());
      }
    }
  }
  return Ok{};
}

}  // namespace race::build
