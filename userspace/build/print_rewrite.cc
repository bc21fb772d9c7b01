// SPDX-License-Identifier: GPL-2.0-only
#include "build/print_rewrite.h"

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>

#include <map>
#include <optional>
#include <set>

#include "build/variant_match.h"

namespace race::build {
namespace {

constexpr const char* kConversion = "%pA";

// A record of the kernel's log holds less than this; what is longer would be
// cut by printk itself.
constexpr uint64_t kRecordBytes = 1024;

using Formats = std::set<llvm::GlobalVariable*>;

// The argument that a function does nothing but give back, maybe through others that do
// (CStr::as_ptr and <[u8]>::as_ptr, which nothing has inlined yet).
std::optional<unsigned> GivesBack(const llvm::Function* function, int depth = 0) {
  constexpr int kDeepest = 8;
  if (function == nullptr || function->isDeclaration() || function->size() != 1 ||
      depth == kDeepest)
    return std::nullopt;
  auto* result = llvm::dyn_cast<llvm::ReturnInst>(function->getEntryBlock().getTerminator());
  if (result == nullptr || result->getReturnValue() == nullptr) return std::nullopt;
  const llvm::Value* value = result->getReturnValue()->stripPointerCasts();
  while (auto* call = llvm::dyn_cast<llvm::CallInst>(value)) {
    std::optional<unsigned> argument = GivesBack(call->getCalledFunction(), depth + 1);
    if (!argument) return std::nullopt;
    value = call->getArgOperand(*argument)->stripPointerCasts();
  }
  auto* argument = llvm::dyn_cast<llvm::Argument>(value);
  if (argument == nullptr) return std::nullopt;
  return argument->getArgNo();
}

// All constants that may arrive as `value`; false when one cannot be known.
bool TraceFormats(llvm::Value* value, Formats* formats, std::set<llvm::Value*>* seen) {
  if (!seen->insert(value).second) return true;
  value = value->stripPointerCasts();
  if (auto* variable = llvm::dyn_cast<llvm::GlobalVariable>(value)) {
    if (!variable->isConstant() || !variable->hasInitializer()) return false;
    formats->insert(variable);
    return true;
  }
  if (auto* argument = llvm::dyn_cast<llvm::Argument>(value)) {
    for (const llvm::Use& use : argument->getParent()->uses()) {
      auto* call = llvm::dyn_cast<llvm::CallBase>(use.getUser());
      if (call == nullptr || !call->isCallee(&use)) return false;
      if (!TraceFormats(call->getArgOperand(argument->getArgNo()), formats, seen)) return false;
    }
    return true;
  }
  if (auto* phi = llvm::dyn_cast<llvm::PHINode>(value)) {
    for (llvm::Value* incoming : phi->incoming_values())
      if (!TraceFormats(incoming, formats, seen)) return false;
    return true;
  }
  if (auto* select = llvm::dyn_cast<llvm::SelectInst>(value))
    return TraceFormats(select->getTrueValue(), formats, seen) &&
           TraceFormats(select->getFalseValue(), formats, seen);
  if (auto* call = llvm::dyn_cast<llvm::CallInst>(value))
    if (std::optional<unsigned> argument = GivesBack(call->getCalledFunction()))
      return TraceFormats(call->getArgOperand(*argument), formats, seen);
  // A slot that is written once: unoptimised code passes arguments so.
  if (auto* load = llvm::dyn_cast<llvm::LoadInst>(value)) {
    auto* slot = llvm::dyn_cast<llvm::AllocaInst>(load->getPointerOperand());
    if (slot == nullptr) return false;
    llvm::StoreInst* only = nullptr;
    for (llvm::User* user : slot->users()) {
      if (auto* store = llvm::dyn_cast<llvm::StoreInst>(user)) {
        if (only != nullptr || store->getPointerOperand() != slot) return false;
        only = store;
      } else if (!llvm::isa<llvm::LoadInst>(user)) {
        return false;
      }
    }
    return only != nullptr && TraceFormats(only->getValueOperand(), formats, seen);
  }
  return false;
}

std::string Text(const llvm::GlobalVariable& variable) {
  auto* data = llvm::dyn_cast<llvm::ConstantDataSequential>(variable.getInitializer());
  if (data == nullptr && variable.getInitializer()->getNumOperands() == 1)
    data = llvm::dyn_cast<llvm::ConstantDataSequential>(variable.getInitializer()->getOperand(0));
  if (data == nullptr) return "";
  std::string text = data->getRawDataValues().str();
  return text.substr(0, text.find('\0'));
}

// Which of the variadic arguments the first %pA takes; nullopt without one.
std::optional<unsigned> ArgumentOf(const std::string& format) {
  unsigned argument = 0;
  for (size_t i = 0; i < format.size(); i++) {
    if (format[i] != '%') continue;
    if (format.compare(i, 3, kConversion) == 0) return argument;
    for (i++; i < format.size() &&
              std::string("-+ #0123456789.*hljztL").find(format[i]) != std::string::npos;
         i++)
      if (format[i] == '*') argument++;
    if (i < format.size() && format[i] != '%') argument++;
  }
  return std::nullopt;
}

// "%pA" becomes "%s" and what follows moves up, in the same number of bytes.
void PlainString(llvm::GlobalVariable* variable) {
  llvm::Constant* whole = variable->getInitializer();
  auto* data = llvm::dyn_cast<llvm::ConstantDataSequential>(whole);
  bool wrapped = data == nullptr;
  if (wrapped) data = llvm::cast<llvm::ConstantDataSequential>(whole->getOperand(0));
  std::string text = data->getRawDataValues().str();
  size_t length = text.size();
  text.replace(text.find(kConversion), 3, "%s");
  text.resize(length, '\0');
  llvm::Constant* changed =
      llvm::ConstantDataArray::getString(variable->getContext(), text, /*AddNull=*/false);
  if (wrapped)
    changed = llvm::ConstantStruct::get(llvm::cast<llvm::StructType>(whole->getType()), {changed});
  variable->setInitializer(changed);
}

class Rewriter {
 public:
  explicit Rewriter(llvm::Module* module) : module_(module) {}

  Result<size_t> Rewrite() {
    std::vector<llvm::CallInst*> calls;
    for (llvm::Function& function : *module_)
      for (llvm::Instruction& instruction : llvm::instructions(function))
        if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
            call != nullptr && call->getFunctionType()->isVarArg() && !call->isInlineAsm())
          calls.push_back(call);
    std::set<llvm::GlobalVariable*> changed;
    for (llvm::CallInst* call : calls) {
      RACE_ASSIGN(argument, CrossingArgument(call, &changed));
      if (!argument) continue;
      RACE_TRY(RewriteCall(call, *argument));
      rewritten_++;
    }
    for (llvm::GlobalVariable* format : changed) PlainString(format);
    return rewritten_;
  }

 private:
  Error Refuse(const llvm::CallInst& call, const std::string& why) {
    return Fail(Code::kPrintFormat)
           << llvm::demangle(call.getFunction()->getName().str()) << "\n  at " << SourceOf(call)
           << ": a call of " << call.getCalledOperand()->getName().str() << ": " << why;
  }

  // The variadic argument that is a &fmt::Arguments, if there is one.
  Result<std::optional<unsigned>> CrossingArgument(llvm::CallInst* call, Formats* changed) {
    unsigned fixed = call->getFunctionType()->getNumParams();
    if (fixed == 0) return Refuse(*call, "variadic without a format");
    Formats formats;
    std::set<llvm::Value*> seen;
    if (!TraceFormats(call->getArgOperand(fixed - 1), &formats, &seen))
      return Refuse(*call, "its format is not a constant, so whether it holds %pA is not known");
    std::optional<unsigned> argument;
    size_t holding = 0;
    for (llvm::GlobalVariable* format : formats)
      if (std::optional<unsigned> mine = ArgumentOf(Text(*format))) {
        if (argument && *argument != *mine)
          return Refuse(*call, "formats with %pA at other places");
        argument = mine;
        holding++;
        std::string rest = Text(*format);
        rest = rest.substr(rest.find(kConversion) + 3);
        if (ArgumentOf(rest)) return Refuse(*call, "a format with two %pA");
      }
    if (holding != 0 && holding != formats.size())
      return Refuse(*call, "formats with and without %pA at one call");
    if (!argument) return std::optional<unsigned>();
    if (call->getCalledOperand()->getName() != "seq_printf")
      changed->insert(formats.begin(), formats.end());
    else if (formats.size() != 1 || Text(**formats.begin()) != kConversion)
      return Refuse(*call, "a format other than \"%pA\"");
    return std::optional<unsigned>(fixed + *argument);
  }

  Status RewriteCall(llvm::CallInst* call, unsigned argument) {
    llvm::IRBuilder<> builder(call);
    if (call->getCalledOperand()->getName() == "seq_printf") {
      llvm::FunctionCallee shim = module_->getOrInsertFunction(
          "race_shim_seq_write", builder.getVoidTy(), builder.getPtrTy(), builder.getPtrTy());
      builder.CreateCall(shim, {call->getArgOperand(0), call->getArgOperand(argument)});
    } else {
      std::vector<llvm::Value*> arguments(call->arg_begin(), call->arg_end());
      llvm::CallInst* printed = builder.CreateCall(Printer(*call, argument), arguments);
      if (!call->getType()->isVoidTy()) call->replaceAllUsesWith(printed);
    }
    if (!call->use_empty()) return Refuse(*call, "its result is used");
    call->eraseFromParent();
    return Ok{};
  }

  // A function of its own, never inlined, so that the buffer is on the stack
  // only while it is needed.
  llvm::Function* Printer(const llvm::CallInst& call, unsigned argument) {
    std::vector<llvm::Type*> types;
    std::string key = call.getCalledOperand()->getName().str() + "." + std::to_string(argument);
    for (const llvm::Use& operand : call.args()) {
      types.push_back(operand->getType());
      key += "." + std::to_string(operand->getType()->getTypeID());
    }
    llvm::Function*& printer = printers_[key];
    if (printer != nullptr) return printer;
    printer = llvm::Function::Create(llvm::FunctionType::get(call.getType(), types, false),
                                     llvm::GlobalValue::InternalLinkage,
                                     "race_print_" + std::to_string(printers_.size()), module_);
    // The caller's attributes are those of every function of this module:
    // return thunk, patchable entry, no red zone.
    printer->setAttributes(llvm::AttributeList().addFnAttributes(
        module_->getContext(),
        llvm::AttrBuilder(module_->getContext(),
                          call.getFunction()->getAttributes().getFnAttrs())));
    for (auto kind : {llvm::Attribute::AlwaysInline, llvm::Attribute::InlineHint,
                      llvm::Attribute::NoReturn, llvm::Attribute::Memory})
      printer->removeFnAttr(kind);
    printer->addFnAttr(llvm::Attribute::NoInline);
    llvm::IRBuilder<> builder(llvm::BasicBlock::Create(module_->getContext(), "", printer));
    llvm::Value* buffer =
        builder.CreateAlloca(llvm::ArrayType::get(builder.getInt8Ty(), kRecordBytes));
    llvm::FunctionCallee shim =
        module_->getOrInsertFunction("race_shim_format", builder.getInt64Ty(), builder.getPtrTy(),
                                     builder.getInt64Ty(), builder.getPtrTy());
    builder.CreateCall(shim, {buffer, builder.getInt64(kRecordBytes), printer->getArg(argument)});
    std::vector<llvm::Value*> arguments;
    for (llvm::Argument& mine : printer->args())
      arguments.push_back(mine.getArgNo() == argument ? buffer : &mine);
    llvm::CallInst* inner =
        builder.CreateCall(call.getFunctionType(), call.getCalledOperand(), arguments);
    if (call.getType()->isVoidTy()) {
      builder.CreateRetVoid();
    } else {
      builder.CreateRet(inner);
    }
    return printer;
  }

  llvm::Module* module_;
  std::map<std::string, llvm::Function*> printers_;
  size_t rewritten_ = 0;
};

}  // namespace

Result<size_t> RewritePrinting(llvm::Module* module) { return Rewriter(module).Rewrite(); }

}  // namespace race::build
