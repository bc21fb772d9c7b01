// SPDX-License-Identifier: GPL-2.0-only
#include "build/enumerator_numbers.h"

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/IRBuilder.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <iterator>

namespace race::build {
namespace {

EnumeratorValues Masks(const EnumeratorValues& bits) {
  EnumeratorValues masks;
  std::transform(bits.begin(), bits.end(), masks.begin(),
                 [](int64_t bit) { return int64_t{1} << bit; });
  return masks;
}

// One bit wherever it is: a flag, by what the SDK's variants say of it.
bool IsFlag(const EnumeratorValues& values) {
  return std::all_of(values.begin(), values.end(), [](int64_t value) {
    return value > 0 && std::has_single_bit(static_cast<uint64_t>(value));
  });
}

// Several bits, as many wherever they are: a set of flags that C has a name for.
bool IsSet(const EnumeratorValues& values) {
  return std::all_of(values.begin(), values.end(), [&](int64_t value) {
    return value > 0 && std::popcount(static_cast<uint64_t>(value)) > 1 &&
           std::popcount(static_cast<uint64_t>(value)) ==
               std::popcount(static_cast<uint64_t>(values[0]));
  });
}

bool AllSame(const EnumeratorValues& values) {
  return std::all_of(values.begin(), values.end(),
                     [&](int64_t value) { return value == values[0]; });
}

std::string Spell(const EnumeratorValues& values) {
  std::string text;
  for (int64_t value : values) text += (text.empty() ? "" : ", ") + std::to_string(value);
  return text;
}

// A block a case, each with its comparison: the edges to the targets stay as many and in
// their order, so that their phis keep their operands.
void MakeComparisons(llvm::SwitchInst* cases) {
  llvm::BasicBlock* block = cases->getParent();
  llvm::BasicBlock* otherwise = cases->getDefaultDest();
  llvm::Value* value = cases->getCondition();
  const llvm::DebugLoc location = cases->getDebugLoc();
  std::vector<std::pair<llvm::ConstantInt*, llvm::BasicBlock*>> targets;
  for (auto& each : cases->cases())
    targets.emplace_back(each.getCaseValue(), each.getCaseSuccessor());
  // The edges of each target that still come from the switch.
  auto leave_from = [&](llvm::BasicBlock* target, llvm::BasicBlock* from) {
    for (llvm::PHINode& phi : target->phis())
      for (unsigned i = 0; i < phi.getNumIncomingValues(); i++)
        if (phi.getIncomingBlock(i) == block) {
          phi.setIncomingBlock(i, from);
          break;
        }
  };
  cases->eraseFromParent();
  llvm::BasicBlock* at = block;
  for (size_t i = 0; i < targets.size(); i++) {
    llvm::BasicBlock* next = otherwise;
    if (i + 1 < targets.size())
      next =
          llvm::BasicBlock::Create(block->getContext(), "", block->getParent(), at->getNextNode());
    llvm::IRBuilder<> builder(at);
    builder.SetCurrentDebugLocation(location);
    builder.CreateCondBr(builder.CreateICmpEQ(value, targets[i].first), targets[i].second, next);
    if (at != block) leave_from(targets[i].second, at);
    if (i + 1 == targets.size() && at != block) leave_from(otherwise, at);
    at = next;
  }
}

// Switches of one place that have not the same cases.
void LowerDifferingSwitches(const std::vector<llvm::Module*>& modules) {
  for (llvm::Function& first : *modules[0]) {
    std::vector<std::vector<llvm::SwitchInst*>> all;
    for (llvm::Module* module : modules) {
      llvm::Function* function = module->getFunction(first.getName());
      if (function == nullptr) break;
      all.emplace_back();
      for (llvm::BasicBlock& block : *function)
        if (auto* cases = llvm::dyn_cast<llvm::SwitchInst>(block.getTerminator()))
          all.back().push_back(cases);
    }
    for (size_t s = 0; all.size() == modules.size() && s < all[0].size(); s++) {
      bool same_size = true, differs = false;
      for (const auto& switches : all)
        same_size = same_size && s < switches.size() &&
                    switches[s]->getNumCases() == all[0][s]->getNumCases();
      if (!same_size) break;
      for (const auto& switches : all)
        for (unsigned c = 0; c < all[0][s]->getNumCases(); c++)
          differs |= std::next(switches[s]->case_begin(), c)->getCaseValue() !=
                     std::next(all[0][s]->case_begin(), c)->getCaseValue();
      if (!differs || all[0][s]->getNumCases() == 0) continue;
      for (const auto& switches : all) MakeComparisons(switches[s]);
    }
  }
}

// Each word of 8 bytes, or the halves of one that is several numbers.
Result<EnumeratorStatic> SolveStatic(const StaticMatch& statics, const EnumeratorSolver& solver) {
  EnumeratorStatic solved{statics[0], {}};
  std::vector<StaticImage> images;
  for (const llvm::GlobalVariable* variable : statics) {
    RACE_ASSIGN(image, ReadStatic(*variable));
    images.push_back(std::move(image));
    if (images.back().bytes.size() != images[0].bytes.size())
      return Fail(Code::kShapeDiffers) << "its size depends on an enumerator";
  }
  for (size_t a = 0; a < images[0].addresses.size(); a++)
    for (const StaticImage& image : images)
      if (image.addresses[a].offset != images[0].addresses[a].offset ||
          image.addresses[a].addend != images[0].addresses[a].addend)
        return Fail(Code::kShapeDiffers) << "an address in it depends on an enumerator";
  std::function<Status(uint64_t, unsigned)> solve = [&](uint64_t at, unsigned length) -> Status {
    EnumeratorValues values{};
    if (at >= images[0].bytes.size()) return Ok{};
    const bool whole = at + length <= images[0].bytes.size();
    for (size_t v = 0; whole && v < values.size(); v++)
      values[v] = WordAt(images[v].bytes, at, length);
    if (whole && AllSame(values)) return Ok{};
    if (whole)
      if (Result<EnumeratorNumber> number = solver.Solve(values); number) {
        solved.words.push_back({at, length, std::move(*number)});
        return Ok{};
      }
    if (length == 1)
      return Fail(Code::kUnsolved) << "its byte " << at << " is no number of an enumerator";
    RACE_TRY(solve(at, length / 2));
    return solve(at + length / 2, length / 2);
  };
  constexpr unsigned kWord = 8;
  for (uint64_t at = 0; at < images[0].bytes.size(); at += kWord) RACE_TRY(solve(at, kWord));
  return solved;
}

Error Elsewhere(Code code, const std::string& where, const std::string& what) {
  return Fail(code) << where << ": " << what;
}

}  // namespace

EnumeratorSolver::EnumeratorSolver(const std::vector<Enumerator>& enumerators,
                                   const std::set<std::string>& named)
    : named_(named) {
  auto add = [&](const Enumerator& enumerator, bool is_mask, const EnumeratorValues& values) {
    Source source{{&enumerator, is_mask, 1}, values};
    sources_[KeyOf(values, 1)].push_back(source);
    // The number of a bit is none, whatever it is.
    if (IsFlag(values) && is_mask == enumerator.IsBit()) flags_[enumerator.type].push_back(source);
    if (IsSet(values) && named.count(enumerator.constant) != 0)
      sets_[enumerator.type].push_back(values);
  };
  for (const Enumerator& enumerator : enumerators) {
    if (!enumerator.Moves()) continue;
    add(enumerator, false, enumerator.values);
    if (enumerator.IsBit()) add(enumerator, true, Masks(enumerator.values));
  }
}

EnumeratorSolver::Key EnumeratorSolver::KeyOf(const EnumeratorValues& values, int32_t sign) {
  Key key;
  for (size_t v = 0; v < key.size(); v++) key[v] = sign * (values[v + 1] - values[0]);
  return key;
}

std::vector<EnumeratorNumber> EnumeratorSolver::Single(const EnumeratorValues& values) const {
  std::vector<EnumeratorNumber> found;
  for (int32_t sign : {1, -1}) {
    auto sources = sources_.find(KeyOf(values, sign));
    if (sources == sources_.end()) continue;
    for (const Source& source : sources->second) {
      EnumeratorTerm term = source.term;
      term.coefficient = sign;
      found.push_back({values[0] - sign * source.values[0], {term}});
    }
  }
  if (found.size() < 2) return found;
  std::erase_if(found, [&](const EnumeratorNumber& number) {
    return named_.count(number.terms[0].enumerator->constant) == 0;
  });
  return found;
}

// Of several flags, which the first values' bits tell.
std::vector<EnumeratorNumber> EnumeratorSolver::Flags(const EnumeratorValues& values) const {
  std::vector<EnumeratorNumber> found;
  for (const auto& [type, sources] : flags_)
    for (int32_t sign : {1, -1}) {
      // All but some flags: -1 - their sum.
      EnumeratorValues rest = values;
      if (sign < 0)
        for (int64_t& value : rest) value = -1 - value;
      // Whether a set that has a name is meant or each of its flags: no telling.
      const auto sets = sets_.find(type);
      const auto holds = [&](const EnumeratorValues& set) {
        for (size_t v = 0; v < set.size(); v++)
          if ((rest[v] & set[v]) != set[v]) return false;
        return true;
      };
      if (sets != sets_.end() &&
          std::any_of(sets->second.begin(), sets->second.end(),
                      [&](const EnumeratorValues& set) { return set != rest && holds(set); }))
        continue;
      EnumeratorNumber number;
      for (const Source& source : sources) {
        if ((rest[0] & source.values[0]) == 0) continue;
        for (size_t v = 0; v < rest.size(); v++) rest[v] -= source.values[v];
        number.terms.push_back(source.term);
        number.terms.back().coefficient = sign;
      }
      if (number.terms.size() < 2 || !AllSame(rest) || rest[0] < 0) continue;
      number.constant = sign < 0 ? -1 - rest[0] : rest[0];
      found.push_back(std::move(number));
    }
  return found;
}

Result<EnumeratorNumber> EnumeratorSolver::Solve(const EnumeratorValues& values) const {
  std::vector<EnumeratorNumber> found = Single(values), flags = Flags(values);
  // A set of flags that C has a name for has others in other kernels: what is named counts.
  if (!found.empty() && !flags.empty()) {
    found.insert(found.end(), flags.begin(), flags.end());
    std::erase_if(found, [&](const EnumeratorNumber& number) {
      return std::any_of(number.terms.begin(), number.terms.end(), [&](const EnumeratorTerm& term) {
        return named_.count(term.enumerator->constant) == 0;
      });
    });
  } else if (found.empty()) {
    found = std::move(flags);
  }
  if (found.size() == 1) return found[0];
  return Fail(Code::kUnsolved) << "the values " << Spell(values)
                               << (found.empty() ? " are made of no enumerator"
                                                 : " may be made of several enumerators");
}

Result<EnumeratorUses> FindEnumeratorUses(const std::vector<llvm::Module*>& modules,
                                          const EnumeratorSolver& solver,
                                          const MatchResult& layouts) {
  LowerDifferingSwitches(modules);
  RACE_ASSIGN(match, MatchModules(modules));
  std::set<const void*> taken;
  for (const Site& site : layouts.sites)
    taken.insert(&site.instruction->getOperandUse(site.operand));
  for (const StaticMatch& statics : layouts.statics) taken.insert(statics[0]);
  EnumeratorUses uses;
  for (const StaticMatch& statics : match.statics) {
    const std::string where = "static " + llvm::demangle(statics[0]->getName().str());
    if (taken.count(statics[0]) != 0)
      return Elsewhere(Code::kUnsolved, where, "its layout depends on the kernel's, too");
    Result<EnumeratorStatic> words = SolveStatic(statics, solver);
    if (!words) return Elsewhere(words.error().code, where, words.error().message);
    uses.statics.push_back(std::move(*words));
  }
  for (Site& site : match.sites) {
    const std::string where = SourceOf(*site.instruction);
    if (site.kind != SiteKind::kOperand ||
        taken.count(&site.instruction->getOperandUse(site.operand)) != 0)
      return Elsewhere(Code::kUnsolved, where, "a layout depends on an enumerator");
    EnumeratorValues values;
    std::copy(site.values.begin(), site.values.end(), values.begin());
    Result<EnumeratorNumber> number = solver.Solve(values);
    if (!number) return Elsewhere(number.error().code, where, number.error().message);
    uses.code.push_back({std::move(site), std::move(*number)});
  }
  return uses;
}

}  // namespace race::build
