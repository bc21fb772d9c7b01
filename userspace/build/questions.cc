// SPDX-License-Identifier: GPL-2.0-only
#include "build/questions.h"

#include <llvm/IR/Constants.h>
#include <llvm/IR/Instructions.h>

#include <algorithm>

#include "build/variant_match.h"

namespace race::build {
namespace {

bool IsName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

bool IsPath(std::string_view text) {
  for (size_t dot; (dot = text.find('.')) != text.npos; text.remove_prefix(dot + 1))
    if (!IsName(text.substr(0, dot))) return false;
  return IsName(text);
}

bool IsQuestion(const llvm::Function& function) {
  return function.getName().starts_with(kQuestionPrefix);
}

// An empty type with an address of no meaning that may be 0, as other layout symbols.
llvm::GlobalVariable* AnswerSymbol(llvm::Module* module, const std::string& name) {
  llvm::LLVMContext& context = module->getContext();
  llvm::Type* none = llvm::ArrayType::get(llvm::Type::getInt8Ty(context), 0);
  auto* symbol = new llvm::GlobalVariable(*module, none, true,
                                          llvm::GlobalValue::ExternalWeakLinkage, nullptr, name);
  symbol->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
  symbol->setAlignment(llvm::Align(1));
  symbol->setDSOLocal(true);
  llvm::Type* word = llvm::Type::getInt64Ty(context);
  auto end = [&](uint64_t number) {
    return llvm::ConstantAsMetadata::get(llvm::ConstantInt::get(word, number));
  };
  symbol->setMetadata(llvm::LLVMContext::MD_absolute_symbol,
                      llvm::MDNode::get(context, {end(0), end(2)}));
  return symbol;
}

}  // namespace

Result<Question> ParseQuestion(std::string_view symbol) {
  std::string_view rest = symbol.substr(std::min(kQuestionPrefix.size(), symbol.size()));
  const size_t colon = std::min(rest.find(':'), rest.size());
  const std::string_view kind = rest.substr(0, colon);
  rest.remove_prefix(std::min(colon + 1, rest.size()));
  if ((kind == "fn" || kind == "static") && IsName(rest))
    return Question{kind == "fn" ? RACE_CONTRACT_EXISTS_FUNCTION : RACE_CONTRACT_EXISTS_VARIABLE,
                    std::string(rest),
                    {}};
  if (kind == "enum") {
    const size_t colons = rest.find("::");
    if (colons != rest.npos) {
      const std::string_view root = rest.substr(0, colons), name = rest.substr(colons + 2);
      if ((root.empty() || IsName(root)) && IsName(name))
        return Question{RACE_CONTRACT_EXISTS_ENUMERATOR,
                        root.empty() ? "" : "enum " + std::string(root), std::string(name)};
    } else if (IsName(rest)) {
      return Question{RACE_CONTRACT_EXISTS_TYPE, "enum " + std::string(rest), {}};
    }
  }
  if ((kind == "struct" || kind == "union" || kind == "typedef") && IsPath(rest)) {
    const size_t dot = std::min(rest.find('.'), rest.size());
    const std::string root =
        (kind == "typedef" ? "" : std::string(kind) + " ") + std::string(rest.substr(0, dot));
    if (dot == rest.size()) return Question{RACE_CONTRACT_EXISTS_TYPE, root, {}};
    return Question{RACE_CONTRACT_EXISTS_FIELD, root, std::string(rest.substr(dot + 1))};
  }
  return Fail(Code::kUnsupported) << std::string(symbol)
                                  << ": this is no question that race::exists! asks";
}

Result<std::map<std::string, std::string>> FindQuestions(const llvm::Module& module) {
  std::map<std::string, std::string> questions;
  for (const llvm::Function& function : module) {
    if (!IsQuestion(function) || function.use_empty()) continue;
    const std::string name = function.getName().str();
    std::string first;
    for (const llvm::User* user : function.users()) {
      auto* call = llvm::dyn_cast<llvm::CallInst>(user);
      if (call == nullptr || call->getCalledOperand() != &function || !call->arg_empty() ||
          !call->getType()->isIntegerTy(1))
        return Fail(Code::kUnsupported)
               << name << ": asked in another way than by race::exists!, which is a bool";
      // Uses have no order of their own.
      const std::string source = SourceOf(*call);
      if (first.empty() || source < first) first = source;
    }
    questions[name] = first;
  }
  return questions;
}

void ReplaceQuestions(llvm::Module* module, const std::map<std::string, std::string>& symbols) {
  for (const auto& [question, name] : symbols) {
    llvm::Function* function = module->getFunction(question);
    if (function == nullptr) continue;
    // The bit as it is: a comparison would be one more instruction where the answer is a value.
    llvm::Constant* answer = llvm::ConstantExpr::getPtrToInt(
        AnswerSymbol(module, name), llvm::Type::getInt1Ty(module->getContext()));
    for (llvm::User* user : llvm::make_early_inc_range(function->users())) {
      auto* call = llvm::cast<llvm::CallInst>(user);
      call->replaceAllUsesWith(answer);
      call->eraseFromParent();
    }
    function->eraseFromParent();
  }
}

}  // namespace race::build
