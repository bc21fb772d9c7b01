// SPDX-License-Identifier: GPL-2.0-only
//
// Which code only runs where a question was answered with yes, or with no.
#pragma once

#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace race::build {

// A question whose answer is known at some place.
struct Answer {
  std::string question;  // its symbol
  bool yes = true;
  auto operator<=>(const Answer&) const = default;
};

// All that are known there, the innermost last.
using Answers = std::vector<Answer>;

// What is known at both places, in the order of the first.
Answers Both(const Answers& a, const Answers& b);

// Looks at the branches by which the code goes where a question's answer leads, and at the
// functions and statics that only code behind them refers to.  The module's blocks must stay
// what they are while this is in use.
class GuardedCode {
 public:
  explicit GuardedCode(llvm::Module& module);

  // What is known wherever the instruction runs.  What is not seen is not known: an answer
  // that went through memory or a call before it is branched by.
  Answers At(const llvm::Instruction& instruction) const;

  // Whether nothing is known anywhere.
  bool empty() const { return blocks_.empty(); }

  // What is known at all places that refer to an import; nothing when there are none.
  Answers OfUses(const llvm::GlobalObject& import) const;

 private:
  // Where something is referred to: in a block, or in a static.
  struct Place {
    const llvm::BasicBlock* block = nullptr;
    const llvm::GlobalObject* holder = nullptr;  // the function, or the static
  };
  void FindBranches(llvm::Module& module);
  void FindPlaces(const llvm::GlobalObject& object);
  void Spread(const llvm::Module& module);
  std::optional<Answers> Known(const Place& place) const;
  std::optional<Answers> KnownAtAll(const std::vector<Place>& places) const;

  std::map<const llvm::BasicBlock*, Answers> blocks_;  // within their function
  std::map<const llvm::GlobalObject*, std::vector<Place>> places_;
  // Whenever the function runs or the static is used; no value: not reached yet.
  std::map<const llvm::GlobalObject*, std::optional<Answers>> objects_;
};

// The same by lines of the source.
class SourceAnswers {
 public:
  SourceAnswers(const llvm::Module& module, const GuardedCode& guarded);

  // What is known wherever code of these lines runs; nothing where there is none.
  Answers At(const std::string& file, unsigned first, unsigned last) const;

 private:
  std::map<std::string, std::map<unsigned, Answers>> files_;
};

}  // namespace race::build
