// SPDX-License-Identifier: GPL-2.0-only
//
// What a driver's source asks of the target: race::exists!(...), in the IR a call of a
// function whose name is the question.
#pragma once

#include <llvm/IR/Module.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "race/rcrate.h"
#include "support/result.h"

namespace race::build {

inline constexpr std::string_view kQuestionPrefix = RACE_SYMBOL_PREFIX "exists:";

// "race:exists:struct:file.f_llist" as the contract that it is.
struct Question {
  race_contract_kind kind = RACE_CONTRACT_EXISTS_TYPE;
  std::string root;  // "struct file"
  std::string path;  // "f_llist"
};

// kUnsupported for a name that the crate `race` does not make.
Result<Question> ParseQuestion(std::string_view symbol);

// The questions of a module, by name, with the place in the source that asks first.
// kUnsupported when one is not called but used in another way.
Result<std::map<std::string, std::string>> FindQuestions(const llvm::Module& module);

// Puts an answer in the place of each question: the lowest bit of the absolute symbol that
// `symbols` names for it, 1 or 0.
void ReplaceQuestions(llvm::Module* module, const std::map<std::string, std::string>& symbols);

}  // namespace race::build
