// SPDX-License-Identifier: GPL-2.0-only
#include "build/enumerator_variants.h"

#include "build/const_evaluation.h"
#include "build/name_alignment.h"

namespace race::build {

Result<TriedEnumerators> TryEnumerators(const Sdk& sdk, const Driver& driver, const Mir& mir,
                                        llvm::Module* module, const MatchResult& layouts,
                                        const std::vector<Enumerator>& enumerators,
                                        const std::set<std::string>& named, unsigned jobs) {
  TriedEnumerators found;
  if (!sdk.EnumeratorsMove()) {
    found.kept = "the SDK's kernel crate does not compile with other values";
    return found;
  }
  const std::vector<std::string> names(kEnumeratorVariants.begin(), kEnumeratorVariants.end());
  RACE_ASSIGN(refused, TryVariants(sdk, driver, names, jobs));
  if (!refused.empty()) {
    found.kept = refused;
    return found;
  }
  // What is decided from one while compiling may come out the same in all of them.
  std::set<std::string> numbers;
  for (const Enumerator& enumerator : enumerators)
    if (enumerator.Moves() && !enumerator.is_flag) numbers.insert(enumerator.constant);
  RACE_ASSIGN(moved, ReadDriverMir(sdk, driver, names[0]));
  numbers.merge(DifferingConstants(mir, moved));
  if (Status decided = CheckEnumeratorEvaluation(mir, numbers); !decided) {
    found.kept = WithoutAdvice(decided.error().message);
    return found;
  }
  std::vector<std::unique_ptr<llvm::Module>> others;
  std::vector<llvm::Module*> views = {module};
  for (const std::string& name : names) {
    RACE_ASSIGN(other, LinkVariant(sdk, driver, name, module->getContext()));
    AlignNames(*module, other.get());
    others.push_back(std::move(other));
    views.push_back(others.back().get());
  }
  const EnumeratorSolver solver(enumerators, named);
  Result<EnumeratorUses> uses = FindEnumeratorUses(views, solver, layouts);
  if (uses)
    found.uses = std::move(*uses);
  else
    found.kept = WithoutAdvice(uses.error().message);
  return found;
}

}  // namespace race::build
