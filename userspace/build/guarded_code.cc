// SPDX-License-Identifier: GPL-2.0-only
#include "build/guarded_code.h"

#include <llvm/IR/Constants.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/PatternMatch.h>

#include <algorithm>

#include "build/questions.h"
#include "build/source_lines.h"

namespace race::build {
namespace {

bool Knows(const Answers& answers, const Answer& answer) {
  return std::find(answers.begin(), answers.end(), answer) != answers.end();
}

// An edge of the control flow that is only taken with this answer.
struct Edge {
  Answer answer;
  const llvm::BasicBlock* from;
  const llvm::BasicBlock* to;
};

// The branches by a value that is true exactly when the answer is `yes`.
void FindEdges(const llvm::Value& value, const std::string& question, bool yes,
               std::vector<Edge>* edges) {
  using llvm::PatternMatch::m_Not, llvm::PatternMatch::m_Specific;
  for (const llvm::User* user : value.users()) {
    if (llvm::PatternMatch::match(user, m_Not(m_Specific(&value)))) {
      FindEdges(*user, question, !yes, edges);
      continue;
    }
    auto* branch = llvm::dyn_cast<llvm::BranchInst>(user);
    if (branch == nullptr || branch->getSuccessor(0) == branch->getSuccessor(1)) continue;
    edges->push_back({{question, yes}, branch->getParent(), branch->getSuccessor(0)});
    edges->push_back({{question, !yes}, branch->getParent(), branch->getSuccessor(1)});
  }
}

std::vector<Edge> EdgesOf(const llvm::Function& function) {
  std::vector<Edge> edges;
  for (const llvm::Instruction& instruction : llvm::instructions(function))
    if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction))
      if (const llvm::Function* callee = call->getCalledFunction();
          callee != nullptr && callee->getName().starts_with(kQuestionPrefix))
        FindEdges(*call, callee->getName().str(), true, &edges);
  return edges;
}

}  // namespace

Answers Both(const Answers& a, const Answers& b) {
  Answers both = a;
  std::erase_if(both, [&](const Answer& answer) { return !Knows(b, answer); });
  return both;
}

GuardedCode::GuardedCode(llvm::Module& module) {
  FindBranches(module);
  if (blocks_.empty()) return;
  for (const llvm::GlobalObject& object : module.global_objects()) FindPlaces(object);
  Spread(module);
}

void GuardedCode::FindBranches(llvm::Module& module) {
  for (llvm::Function& function : module) {
    std::vector<Edge> edges = EdgesOf(function);
    if (edges.empty()) continue;
    const llvm::DominatorTree tree(function);
    auto level = [&](const Edge& edge) {
      const llvm::DomTreeNode* node = tree.getNode(edge.from);
      return node == nullptr ? 0 : node->getLevel();
    };
    // Outer ones first.
    std::stable_sort(edges.begin(), edges.end(),
                     [&](const Edge& a, const Edge& b) { return level(a) < level(b); });
    for (const llvm::BasicBlock& block : function)
      for (const Edge& edge : edges)
        if (tree.dominates(llvm::BasicBlockEdge(edge.from, edge.to), &block) &&
            !Knows(blocks_[&block], edge.answer))
          blocks_[&block].push_back(edge.answer);
  }
}

void GuardedCode::FindPlaces(const llvm::GlobalObject& object) {
  std::vector<Place>& places = places_[&object];
  std::vector<const llvm::Value*> open = {&object};
  while (!open.empty()) {
    const llvm::Value* value = open.back();
    open.pop_back();
    for (const llvm::User* user : value->users()) {
      if (auto* instruction = llvm::dyn_cast<llvm::Instruction>(user))
        places.push_back({instruction->getParent(), instruction->getFunction()});
      else if (auto* holder = llvm::dyn_cast<llvm::GlobalObject>(user))
        places.push_back({nullptr, holder});
      else if (llvm::isa<llvm::GlobalValue>(user))
        places.push_back({});  // an alias, by which anybody may refer to it
      else
        open.push_back(user);
    }
  }
  // What nothing refers to is called from outside, or not at all.
  objects_[&object] = places.empty() ? std::optional<Answers>(Answers{}) : std::nullopt;
}

// From what is called from outside to all that is reached from there: each round knows less.
void GuardedCode::Spread(const llvm::Module& module) {
  for (bool changed = true; changed;) {
    changed = false;
    for (const llvm::GlobalObject& object : module.global_objects()) {
      std::optional<Answers>& known = objects_.at(&object);
      const std::vector<Place>& places = places_.at(&object);
      if (places.empty()) continue;
      std::optional<Answers> now = KnownAtAll(places);
      // As sets: their order alone could change for ever.
      if (!now || (known && now->size() == known->size())) continue;
      known = std::move(now);
      changed = true;
    }
  }
}

std::optional<Answers> GuardedCode::Known(const Place& place) const {
  if (place.holder == nullptr) return Answers{};
  auto known = objects_.find(place.holder);
  if (known == objects_.end()) return Answers{};
  std::optional<Answers> answers = known->second;
  auto here = blocks_.find(place.block);
  if (!answers || here == blocks_.end()) return answers;
  for (const Answer& answer : here->second)
    if (!Knows(*answers, answer)) answers->push_back(answer);
  return answers;
}

std::optional<Answers> GuardedCode::KnownAtAll(const std::vector<Place>& places) const {
  std::optional<Answers> all;
  for (const Place& place : places)
    if (std::optional<Answers> known = Known(place)) all = all ? Both(*all, *known) : *known;
  return all;
}

Answers GuardedCode::At(const llvm::Instruction& instruction) const {
  if (blocks_.empty()) return {};
  return Known({instruction.getParent(), instruction.getFunction()}).value_or(Answers{});
}

SourceAnswers::SourceAnswers(const llvm::Module& module, const GuardedCode& guarded) {
  if (guarded.empty()) return;
  for (const llvm::Function& function : module)
    for (const llvm::Instruction& instruction : llvm::instructions(function))
      for (const llvm::DILocation* at = instruction.getDebugLoc().get(); at != nullptr;
           at = at->getInlinedAt()) {
        const std::string file = FileOf(*at);
        const Answers known = guarded.At(instruction);
        auto [line, fresh] = files_[file].try_emplace(at->getLine(), known);
        if (!fresh) line->second = Both(line->second, known);
      }
}

Answers SourceAnswers::At(const std::string& file, unsigned first, unsigned last) const {
  auto lines = files_.find(file);
  if (lines == files_.end()) return {};
  std::optional<Answers> all;
  for (auto at = lines->second.lower_bound(first); at != lines->second.end() && at->first <= last;
       ++at)
    all = all ? Both(*all, at->second) : at->second;
  return all.value_or(Answers{});
}

Answers GuardedCode::OfUses(const llvm::GlobalObject& import) const {
  auto places = places_.find(&import);
  if (places == places_.end()) return {};
  return KnownAtAll(places->second).value_or(Answers{});
}

}  // namespace race::build
