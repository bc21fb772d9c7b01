// SPDX-License-Identifier: GPL-2.0-only
#include "build/variant_match.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/Operator.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <set>

#include "build/module_assembly.h"

namespace race::build {

const char* const kShapeAdvice =
    "\n  a size or offset is used where a type, a branch or a static decision is made at compile "
    "time; such a driver cannot be made layout-independent";

namespace {

using Values = std::vector<llvm::Value*>;

std::string Print(const llvm::Value& value) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  value.print(stream);
  return text.size() > 200 ? text.substr(0, 200) + " ..." : text;
}

// The modules share a context, in which each has own struct types: those of one
// form are the same.  rustc writes such types for volatile accesses.  (LLVM's
// isLayoutIdentical() compares the members' types by identity.)
bool SameType(llvm::Type* one, llvm::Type* other) {
  if (one == other) return true;
  auto* array = llvm::dyn_cast<llvm::ArrayType>(one);
  auto* other_array = llvm::dyn_cast<llvm::ArrayType>(other);
  if (array != nullptr && other_array != nullptr)
    return array->getNumElements() == other_array->getNumElements() &&
           SameType(array->getElementType(), other_array->getElementType());
  auto* type = llvm::dyn_cast<llvm::StructType>(one);
  auto* other_type = llvm::dyn_cast<llvm::StructType>(other);
  return type != nullptr && other_type != nullptr && !type->isOpaque() && !other_type->isOpaque() &&
         type->isPacked() == other_type->isPacked() &&
         std::equal(type->element_begin(), type->element_end(), other_type->element_begin(),
                    other_type->element_end(), SameType);
}

class Matcher {
 public:
  explicit Matcher(const std::vector<llvm::Module*>& modules)
      : modules_(modules), maps_(modules.size()) {}

  Result<MatchResult> Match() {
    for (size_t m = 1; m < count(); m++) RACE_TRY(CheckSameAssembly(*modules_[0], *modules_[m]));
    // rustc makes none.
    for (const llvm::Module* module : modules_)
      if (!module->alias_empty() || !module->ifunc_empty())
        return Fail(Code::kUnsupported) << "the code has two names for one thing (an alias)";
    for (llvm::Function& function : *modules_[0]) {
      if (!function.isDeclaration())
        RACE_TRY(MatchFunction(function));
      else if (!function.use_empty())
        RACE_TRY(MatchDeclaration(function));
    }
    for (llvm::GlobalVariable& variable : modules_[0]->globals())
      if (variable.hasName() && !variable.hasPrivateLinkage()) RACE_TRY(MatchNamedStatic(variable));
    // Matching statics finds further ones.
    for (size_t i = 0; i < statics_.size(); i++) RACE_TRY(MatchStatic(i));
    for (size_t i : moving_) result_.statics.push_back(statics_[i]);
    return std::move(result_);
  }

 private:
  size_t count() const { return modules_.size(); }

  Error Differs(const llvm::Instruction& at, const std::string& what, const llvm::Value* other) {
    std::string text = llvm::demangle(at.getFunction()->getName().str()) + "\n  at " +
                       SourceOf(at) + ": " + what + "\n    " + Print(at);
    if (other != nullptr) text += "\n    " + Print(*other);
    return Fail(Code::kShapeDiffers)
           << "the code depends on a layout in more than numbers: " << text << kShapeAdvice;
  }

  Status MatchFunction(llvm::Function& first) {
    std::vector<llvm::Function*> functions = {&first};
    for (size_t m = 1; m < count(); m++) {
      llvm::Function* other = modules_[m]->getFunction(first.getName());
      if (other == nullptr || other->isDeclaration())
        return Fail(Code::kShapeDiffers)
               << llvm::demangle(first.getName().str())
               << ": this function exists under one layout but not under another: a type or "
                  "constant depends on a layout";
      if (other->getFunctionType() != first.getFunctionType())
        return Fail(Code::kSignature) << llvm::demangle(first.getName().str())
                                      << ": its calling convention depends on a layout (a C type "
                                         "by value that the SDK does not keep)";
      functions.push_back(other);
    }
    result_.functions++;
    for (size_t m = 1; m < count(); m++) {
      maps_[m].clear();
      for (unsigned a = 0; a < first.arg_size(); a++)
        maps_[m][first.getArg(a)] = functions[m]->getArg(a);
    }
    RACE_TRY(MatchAttributes(functions));
    RACE_TRY(MapBlocks(functions));
    // All instructions are mapped: operands, even of phis, can be compared.
    for (llvm::BasicBlock& block : first)
      for (llvm::Instruction& instruction : block) {
        std::vector<llvm::Instruction*> same = {&instruction};
        for (size_t m = 1; m < count(); m++)
          same.push_back(llvm::cast<llvm::Instruction>(maps_[m][&instruction]));
        RACE_TRY(MatchInstruction(same));
      }
    return Ok{};
  }

  // What is claimed of its parameters and its result holds for each call as well.
  Status MatchDeclaration(llvm::Function& first) {
    std::vector<llvm::Function*> functions = {&first};
    for (size_t m = 1; m < count(); m++) {
      llvm::Function* other = modules_[m]->getFunction(first.getName());
      // Whoever calls it differs, too.
      if (other == nullptr) return Ok{};
      if (other->getFunctionType() != first.getFunctionType())
        return Fail(Code::kSignature) << llvm::demangle(first.getName().str())
                                      << ": its calling convention depends on a layout (a C type "
                                         "by value that the SDK does not keep)";
      functions.push_back(other);
    }
    return MatchAttributes(functions);
  }

  Status MapBlocks(const std::vector<llvm::Function*>& functions) {
    for (size_t m = 1; m < count(); m++) {
      auto block = functions[m]->begin();
      for (llvm::BasicBlock& first : *functions[0]) {
        if (block == functions[m]->end())
          return Differs(first.front(), "a block is missing under another layout", nullptr);
        maps_[m][&first] = &*block;
        auto instruction = block->begin();
        for (llvm::Instruction& mine : first) {
          if (instruction == block->end() || instruction->getOpcode() != mine.getOpcode())
            return Differs(mine, "another instruction under another layout",
                           instruction == block->end() ? nullptr : &*instruction);
          maps_[m][&mine] = &*instruction++;
        }
        if (instruction != block->end())
          return Differs(first.back(), "more instructions under another layout", &*instruction);
        ++block;
      }
      if (block != functions[m]->end())
        return Differs(functions[0]->back().back(), "more blocks under another layout", nullptr);
    }
    return Ok{};
  }

  Status MatchInstruction(const std::vector<llvm::Instruction*>& same) {
    result_.instructions++;
    llvm::Instruction& first = *same[0];
    for (size_t m = 1; m < count(); m++) {
      const llvm::Instruction& other = *same[m];
      if (!SameType(first.getType(), other.getType()) ||
          first.getNumOperands() != other.getNumOperands())
        return Differs(first, "another type under another layout", &other);
      // Compared by themselves: sizes of slots and strides, attributes of calls.
      bool own_type = llvm::isa<llvm::AllocaInst, llvm::GetElementPtrInst>(first);
      KeepWeakest(&first, other);
      if (!own_type && !SameSpecialState(first, other))
        return Differs(first, "another kind of the instruction under another layout", &other);
    }
    RACE_TRY(MatchTypes(same));
    for (unsigned i = 0; i < first.getNumOperands(); i++) {
      Values operands;
      for (llvm::Instruction* instruction : same) operands.push_back(instruction->getOperand(i));
      Site site;
      site.instruction = &first;
      site.operand = i;
      RACE_TRY(MatchOperand(operands, &site));
    }
    return Ok{};
  }

  // Types that carry a size: of stack slots and of array elements.
  Status MatchTypes(const std::vector<llvm::Instruction*>& same) {
    const llvm::DataLayout& layout = modules_[0]->getDataLayout();
    Site site;
    site.instruction = same[0];
    std::set<llvm::Type*> types;
    for (llvm::Instruction* instruction : same) {
      llvm::Type* type = nullptr;
      if (auto* alloca = llvm::dyn_cast<llvm::AllocaInst>(instruction)) {
        type = alloca->getAllocatedType();
        site.kind = SiteKind::kAllocaSize;
      } else if (auto* gep = llvm::dyn_cast<llvm::GetElementPtrInst>(instruction)) {
        type = gep->getSourceElementType();
        site.kind = SiteKind::kGepStride;
      } else {
        return Ok{};
      }
      types.insert(type);
      site.values.push_back(static_cast<int64_t>(layout.getTypeAllocSize(type).getFixedValue()));
    }
    if (types.size() == 1) return Ok{};
    bool same_size = std::all_of(site.values.begin(), site.values.end(),
                                 [&](int64_t size) { return size == site.values[0]; });
    // Modules name their struct types apart; a stride or slot of the same size
    // is the same.
    if (same_size && same[0]->getNumOperands() <= 2) return Ok{};
    // A further index would be into a type of another shape.
    if (site.kind == SiteKind::kGepStride && same[0]->getNumOperands() != 2)
      return Differs(*same[0], "an index into a type of another shape", same[1]);
    result_.sites.push_back(std::move(site));
    return Ok{};
  }

  Status MatchOperand(const Values& operands, Site* site) {
    llvm::Value* first = operands[0];
    if (auto* integer = llvm::dyn_cast<llvm::ConstantInt>(first)) {
      bool differs = false;
      for (llvm::Value* value : operands) {
        auto* other = llvm::dyn_cast<llvm::ConstantInt>(value);
        if (other == nullptr || other->getType() != integer->getType())
          return Differs(*site->instruction, "another constant under another layout", value);
        differs |= other != integer;
      }
      if (!differs) return Ok{};
      if (integer->getBitWidth() > 64 || llvm::isa<llvm::SwitchInst>(site->instruction) ||
          integer->getBitWidth() < 8)
        return Differs(*site->instruction, "a decision of the compiler depends on a layout",
                       operands[1]);
      for (llvm::Value* value : operands)
        site->values.push_back(llvm::cast<llvm::ConstantInt>(value)->getSExtValue());
      result_.sites.push_back(*site);
      return Ok{};
    }
    if (auto* function = llvm::dyn_cast<llvm::Function>(first)) {
      for (llvm::Value* value : operands)
        if (value->getName() != function->getName())
          return Differs(*site->instruction, "another function under another layout", value);
      return Ok{};
    }
    if (llvm::isa<llvm::GlobalVariable>(first)) {
      StaticMatch match;
      for (llvm::Value* value : operands) {
        auto* variable = llvm::dyn_cast<llvm::GlobalVariable>(value);
        if (variable == nullptr)
          return Differs(*site->instruction, "another static under another layout", value);
        match.push_back(variable);
      }
      return PairStatics(match, site->instruction);
    }
    if (auto* constant = llvm::dyn_cast<llvm::Constant>(first)) {
      bool equal = std::all_of(operands.begin(), operands.end(),
                               [&](llvm::Value* value) { return value == first; });
      if (equal && constant->getNumOperands() == 0) return Ok{};
      return MatchConstant(operands, site);
    }
    if (llvm::isa<llvm::InlineAsm>(first)) {
      for (llvm::Value* value : operands)
        if (value != first)
          return Differs(*site->instruction,
                         "other assembly under another layout (pass the number with `in(reg)` "
                         "instead of `const`)",
                         value);
      return Ok{};
    }
    if (llvm::isa<llvm::MetadataAsValue>(first)) return Ok{};
    for (size_t m = 1; m < count(); m++)
      if (maps_[m].lookup(first) != operands[m])
        return Differs(*site->instruction, "another operand under another layout", operands[m]);
    return Ok{};
  }

  // A constant with operands: expression or aggregate.
  Status MatchConstant(const Values& operands, Site* site) {
    auto* first = llvm::cast<llvm::Constant>(operands[0]);
    auto* expression = llvm::dyn_cast<llvm::ConstantExpr>(first);
    for (llvm::Value* value : operands) {
      auto* other = llvm::dyn_cast<llvm::Constant>(value);
      auto* other_expression = llvm::dyn_cast<llvm::ConstantExpr>(value);
      bool same = other != nullptr && SameType(other->getType(), first->getType()) &&
                  other->getValueID() == first->getValueID() &&
                  other->getNumOperands() == first->getNumOperands() &&
                  (first->getNumOperands() != 0 ||
                   llvm::isa<llvm::ConstantAggregateZero, llvm::UndefValue>(first));
      if (same && expression != nullptr)
        same = other_expression->getOpcode() == expression->getOpcode();
      if (same && expression != nullptr && llvm::isa<llvm::GEPOperator>(expression))
        same = llvm::cast<llvm::GEPOperator>(expression)->getSourceElementType() ==
               llvm::cast<llvm::GEPOperator>(other_expression)->getSourceElementType();
      if (!same) return Differs(*site->instruction, "another constant under another layout", value);
    }
    for (unsigned i = 0; i < first->getNumOperands(); i++) {
      Values inner;
      for (llvm::Value* value : operands)
        inner.push_back(llvm::cast<llvm::Constant>(value)->getOperand(i));
      Site deeper = *site;
      deeper.path.push_back(i);
      RACE_TRY(MatchOperand(inner, &deeper));
    }
    return Ok{};
  }

  Status PairStatics(const StaticMatch& match, const llvm::Instruction* at) {
    auto [known, fresh] = pairs_.try_emplace(match[0], statics_.size());
    if (fresh) {
      statics_.push_back(match);
      return Ok{};
    }
    // The compiler merges equal constants: under one layout two statics may be
    // one.  Keeping them apart by the first module is right if contents agree.
    if (statics_[known->second] == match) return Ok{};
    std::string where = at == nullptr ? match[0]->getName().str() : SourceOf(*at);
    for (size_t m = 0; m < count(); m++)
      if (match[m]->hasInitializer() &&
          match[m]->getInitializer() != statics_[known->second][m]->getInitializer())
        return Fail(Code::kShapeDiffers)
               << where << ": one static under one layout is two under another";
    return Ok{};
  }

  Status MatchNamedStatic(llvm::GlobalVariable& variable) {
    StaticMatch match = {&variable};
    for (size_t m = 1; m < count(); m++) {
      llvm::GlobalVariable* other = modules_[m]->getGlobalVariable(variable.getName(), true);
      if (other == nullptr) return Ok{};  // an internal name: paired through its uses
      match.push_back(other);
    }
    return PairStatics(match, nullptr);
  }

  // Statics with the same content stay as they are; addresses lead to others.
  Status MatchStatic(size_t index) {
    StaticMatch match = statics_[index];
    if (!match[0]->hasInitializer()) return Ok{};
    bool moves = false;
    for (llvm::GlobalVariable* variable : match) {
      if (!variable->hasInitializer() || variable->isConstant() != match[0]->isConstant())
        return Fail(Code::kShapeDiffers)
               << "static " << match[0]->getName().str() << ": another kind under another layout";
      if (variable->getAlign().valueOrOne() != match[0]->getAlign().valueOrOne())
        return Fail(Code::kShapeDiffers) << "static " << match[0]->getName().str()
                                         << ": another alignment under another layout";
      if (variable->getSection() != match[0]->getSection() ||
          variable->getThreadLocalMode() != match[0]->getThreadLocalMode())
        return Fail(Code::kShapeDiffers) << "static " << match[0]->getName().str()
                                         << ": in another section under another layout";
      moves |= variable->getInitializer() != match[0]->getInitializer();
    }
    std::vector<StaticImage> images;
    for (llvm::GlobalVariable* variable : match) {
      RACE_ASSIGN(image, ReadStatic(*variable));
      images.push_back(std::move(image));
    }
    bool same_bytes = true;
    for (const StaticImage& image : images) {
      if (image.addresses.size() != images[0].addresses.size())
        return Fail(Code::kShapeDiffers)
               << "static " << match[0]->getName().str() << ": " << image.addresses.size()
               << " addresses under one layout, " << images[0].addresses.size() << " under another";
      same_bytes &= image.bytes == images[0].bytes;
    }
    bool same_addresses = true;
    for (size_t a = 0; a < images[0].addresses.size(); a++) {
      StaticMatch targets;
      for (const StaticImage& image : images) {
        same_addresses &= image.addresses[a].offset == images[0].addresses[a].offset &&
                          image.addresses[a].addend == images[0].addresses[a].addend;
        llvm::GlobalValue* target = image.addresses[a].target;
        if (auto* variable = llvm::dyn_cast<llvm::GlobalVariable>(target))
          targets.push_back(variable);
        if (llvm::isa<llvm::Function>(target) &&
            target->getName() != images[0].addresses[a].target->getName())
          return Fail(Code::kShapeDiffers) << "static " << match[0]->getName().str()
                                           << ": another function in it under another layout";
      }
      if (!targets.empty()) {
        if (targets.size() != count())
          return Fail(Code::kShapeDiffers) << "static " << match[0]->getName().str()
                                           << ": other targets under another layout";
        RACE_TRY(PairStatics(targets, nullptr));
      }
    }
    if (moves && !(same_bytes && same_addresses)) moving_.push_back(index);
    return Ok{};
  }

  // With attributes compared apart from those that KeepWeakest() has weakened.
  static bool SameSpecialState(const llvm::Instruction& first, const llvm::Instruction& other) {
    auto* call = llvm::dyn_cast<llvm::CallBase>(&first);
    if (call == nullptr) return first.hasSameSpecialState(&other, /*IgnoreAlignment=*/true);
    const auto& other_call = llvm::cast<llvm::CallBase>(other);
    return call->getCallingConv() == other_call.getCallingConv() &&
           call->arg_size() == other_call.arg_size() &&
           call->getFunctionType() == other_call.getFunctionType() &&
           Essential(call->getAttributes(), call->arg_size(), call->getContext()) ==
               Essential(other_call.getAttributes(), other_call.arg_size(), call->getContext());
  }

  // Without what is weakened to what holds in all modules.
  static llvm::AttributeList Essential(llvm::AttributeList list, unsigned arguments,
                                       llvm::LLVMContext& context) {
    for (auto kind : {llvm::Attribute::Dereferenceable, llvm::Attribute::DereferenceableOrNull,
                      llvm::Attribute::StructRet, llvm::Attribute::Range}) {
      list = list.removeRetAttribute(context, kind);
      for (unsigned i = 0; i < arguments; i++) list = list.removeParamAttribute(context, i, kind);
    }
    return list;
  }

  // Claims that differ are weakened to what holds in all of them.  A place for a result has a
  // size, which LLVM takes for all that there is: a larger one would be read too far, and of a
  // smaller one it takes the first store that is as large for the whole result.  So such a place
  // is an argument like others.  Only C is told by a register where a result is, and what C
  // returns by value keeps its layout (FindByValue()).
  void KeepWeakest(llvm::Instruction* first, const llvm::Instruction& other) {
    if (auto* load = llvm::dyn_cast<llvm::LoadInst>(first))
      load->setAlignment(std::min(load->getAlign(), llvm::cast<llvm::LoadInst>(other).getAlign()));
    if (auto* store = llvm::dyn_cast<llvm::StoreInst>(first))
      store->setAlignment(
          std::min(store->getAlign(), llvm::cast<llvm::StoreInst>(other).getAlign()));
    for (unsigned kind :
         {llvm::LLVMContext::MD_range, llvm::LLVMContext::MD_dereferenceable,
          llvm::LLVMContext::MD_dereferenceable_or_null, llvm::LLVMContext::MD_align})
      if (first->getMetadata(kind) != other.getMetadata(kind)) first->setMetadata(kind, nullptr);
    auto* call = llvm::dyn_cast<llvm::CallBase>(first);
    if (call == nullptr) return;
    const auto& other_call = llvm::cast<llvm::CallBase>(other);
    for (unsigned i = 0; i < call->arg_size(); i++) {
      WeakenDereferenceable(call->getParamDereferenceableBytes(i),
                            other_call.getParamDereferenceableBytes(i),
                            [&](auto kind) { call->removeParamAttr(i, kind); });
      if (call->getParamStructRetType(i) != other_call.getParamStructRetType(i))
        call->removeParamAttr(i, llvm::Attribute::StructRet);
    }
    if (call->getRetDereferenceableBytes() != other_call.getRetDereferenceableBytes())
      call->removeRetAttr(llvm::Attribute::Dereferenceable);
    call->setAttributes(WithoutRanges(call->getAttributes(), other_call.getAttributes(),
                                      call->arg_size(), call->getContext()));
  }

  // Without the ranges of arguments and results that are not the same in both.
  static llvm::AttributeList WithoutRanges(llvm::AttributeList list,
                                           const llvm::AttributeList& other, unsigned arguments,
                                           llvm::LLVMContext& context) {
    constexpr auto kRange = llvm::Attribute::Range;
    if (list.getRetAttrs().getAttribute(kRange) != other.getRetAttrs().getAttribute(kRange))
      list = list.removeRetAttribute(context, kRange);
    for (unsigned i = 0; i < arguments; i++)
      if (list.getParamAttrs(i).getAttribute(kRange) != other.getParamAttrs(i).getAttribute(kRange))
        list = list.removeParamAttribute(context, i, kRange);
    return list;
  }

  template <typename Remove>
  void WeakenDereferenceable(uint64_t mine, uint64_t other, Remove remove) {
    if (mine == other) return;
    remove(llvm::Attribute::Dereferenceable);
    remove(llvm::Attribute::DereferenceableOrNull);
  }

  Status MatchAttributes(const std::vector<llvm::Function*>& functions) {
    llvm::Function* first = functions[0];
    llvm::LLVMContext& context = first->getContext();
    for (size_t m = 1; m < count(); m++) {
      const llvm::Function& other = *functions[m];
      for (unsigned i = 0; i < first->arg_size(); i++) {
        WeakenDereferenceable(
            first->getParamDereferenceableBytes(i) + first->getParamDereferenceableOrNullBytes(i),
            other.getParamDereferenceableBytes(i) + other.getParamDereferenceableOrNullBytes(i),
            [&](auto kind) { first->removeParamAttr(i, kind); });
        // As in calls.
        if (first->getParamStructRetType(i) != other.getParamStructRetType(i))
          first->removeParamAttr(i, llvm::Attribute::StructRet);
      }
      if (first->getAttributes().getRetDereferenceableBytes() !=
          other.getAttributes().getRetDereferenceableBytes())
        first->removeRetAttr(llvm::Attribute::Dereferenceable);
      first->setAttributes(
          WithoutRanges(first->getAttributes(), other.getAttributes(), first->arg_size(), context));
      // What is left says how it is called: where an argument lies, how many bytes are copied.
      if (first->getCallingConv() != other.getCallingConv() ||
          Essential(first->getAttributes(), first->arg_size(), context) !=
              Essential(other.getAttributes(), other.arg_size(), context))
        return Fail(Code::kSignature)
               << llvm::demangle(first->getName().str())
               << ": how it is called depends on a layout (a type by value, on the stack): pass "
                  "a reference or a pointer";
    }
    return Ok{};
  }

  const std::vector<llvm::Module*>& modules_;
  std::vector<llvm::DenseMap<llvm::Value*, llvm::Value*>> maps_;
  std::map<llvm::GlobalVariable*, size_t> pairs_;
  std::vector<StaticMatch> statics_;
  std::vector<size_t> moving_;
  MatchResult result_;
};

}  // namespace

namespace {

// Where the author wrote what became this instruction; nullptr when nothing says so.
const llvm::DILocation* PlaceOf(const llvm::Instruction& instruction) {
  const llvm::DILocation* location = instruction.getDebugLoc().get();
  while (location != nullptr && location->getInlinedAt() != nullptr)
    location = location->getInlinedAt();
  return location;
}

// rustc's own library: that size_of() asks for a size tells nobody who wants to know.
// Also what bindgen made, whose lines are of no use to who wrote the driver.
bool IsLibrary(const llvm::DILocation* location) {
  return location == nullptr || location->getFilename().contains("/rust/library/") ||
         location->getFilename().ends_with("/bindings_generated.rs");
}

std::string Spell(const llvm::DILocation& location) {
  return location.getFilename().str() + ":" + std::to_string(location.getLine());
}

}  // namespace

// Of the library's functions, and of the bindings', the nearest call from elsewhere.
std::string SourceOf(const llvm::Instruction& instruction) {
  constexpr size_t kMostFunctions = 64;
  const llvm::DILocation* location = PlaceOf(instruction);
  if (!IsLibrary(location)) return Spell(*location);
  std::vector<const llvm::Function*> functions = {instruction.getFunction()};
  for (size_t next = 0; next < functions.size() && next < kMostFunctions; next++)
    for (const llvm::User* user : functions[next]->users()) {
      auto* call = llvm::dyn_cast<llvm::CallBase>(user);
      if (call == nullptr) continue;
      const llvm::DILocation* caller = PlaceOf(*call);
      if (!IsLibrary(caller)) return Spell(*caller);
      if (std::find(functions.begin(), functions.end(), call->getFunction()) == functions.end())
        functions.push_back(call->getFunction());
    }
  if (location == nullptr) return llvm::demangle(instruction.getFunction()->getName().str());
  return Spell(*location);
}

Result<MatchResult> MatchModules(const std::vector<llvm::Module*>& modules) {
  return Matcher(modules).Match();
}

std::string WithoutAdvice(const std::string& message) {
  return message.substr(0, message.find(kShapeAdvice));
}

}  // namespace race::build
