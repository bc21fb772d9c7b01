// SPDX-License-Identifier: GPL-2.0-only
//
// From what the compiler's side calls a layout (an atom of the bindings) to what
// C calls it: the contracts, expressions and STEG of the .rcrate.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "build/adapter.h"
#include "build/bindings_model.h"
#include "build/bit_fields.h"
#include "build/enumerator_numbers.h"
#include "build/guarded_code.h"
#include "build/solver.h"
#include "rcrate/model.h"
#include "steg/graph.h"
#include "support/result.h"

namespace race::build {

class ContractBuilder {
 public:
  // Reads the SDK's bindings and base types.  `small`: the driver is the same
  // program under the small variant, whose numbers count for the ranges.
  static Result<ContractBuilder> Open(const Sdk& sdk, bool small);

  // The expression in terms of contracts, which it adds; `source` names the
  // place of the driver that needs it, in the message when it cannot be done.
  Result<rcrate::ExprId> AddExpression(const Expression& expression, const std::string& source);

  // Name of the layout symbol for an expression, added with it; its value is
  // promised to the code generator to lie from `low` to `high`.
  Result<std::string> AddSymbol(const Expression& expression, const std::string& source,
                                int64_t low, int64_t high);

  // An import: a function or variable of the kernel.  Without a description in
  // the base kernel (what the compiler itself calls) only existence is promised.
  // `forwarder`: path of the kernel crate's function that passes it on, or "".
  // `answers`: what is known wherever it is referred to.
  Status AddImport(const std::string& symbol, const std::string& forwarder,
                   const std::string& source, const Answers& answers);

  // What the base kernel declares under a symbol's name, a prototype or a variable's type, in
  // base(); nothing where the bindings do not have it.
  std::optional<steg::NodeId> Declared(const std::string& symbol) const;
  const steg::Graph& base() const { return *base_; }
  const Bindings& bindings() const { return *bindings_; }

  // That types have the base kernel's alignment, which is a number in the driver at that place
  // of its source: `asked` of the type itself, `held` of one of the driver's that holds it.
  // kShapeDiffers: that number is not the base kernel's (kRaisedTypes).
  Status AddAlignments(const std::map<std::string, std::string>& asked,
                       const std::map<std::string, std::string>& held);
  // The exact layout of a type, by bindgen's name; nothing where it knows none.
  void AddExact(const std::string& name, const std::string& why);

  // Of types of the crate uapi that keep their layout in all variants (SDK::uapi), by their names
  // and with the place that needs each: the base kernel's layout wherever a target knows the type.
  // The driver and user space agree on it whether the kernel does or not.  kUnsupported for one
  // that C does not have so.  Notes say of what nobody can check.
  Status AddUapi(const std::map<std::string, std::string>& used, std::vector<std::string>* notes);
  // That these enumerators (of the crate uapi) have the base kernel's values.
  void AddUapiEnumerators(const std::map<std::string, std::string>& names);
  // The same of enumerators by C's names: macros are made of them.
  void AddEnumeratorsByName(const std::map<std::string, std::string>& names);
  // Whether a constant of the bindings is made of enumerators in a way that is known.
  bool IsDerived(const std::string& constant) const;

  // The range of sizes that the code was compiled with, of a type whose size may
  // appear nowhere: what was decided from it while compiling came out the same
  // in all of them.  `least`: below it an own type would have another layout.
  void AddSizeRange(const std::string& name, uint64_t least);
  // That it has the base kernel's size, after AddSizeRange(); `why` is the contract's source.
  void AddSize(const std::string& name, const std::string& why);

  // An option of the configuration that the driver's source asks for: "n", "m", "y",
  // "y|m" (either) or another value.
  void AddConfig(const std::string& option, const std::string& value, const std::string& source);

  // The same for a number that C's enumerators give.
  Result<std::string> AddSymbol(const EnumeratorNumber& number, const std::string& source,
                                int64_t low, int64_t high);

  const std::vector<Enumerator>& enumerators() const { return enumerators_; }
  // Constants of the enumerators that these constants of the bindings are or are made of.
  std::set<std::string> EnumeratorsOf(const std::map<std::string, std::string>& names) const;

  // All numbers that come from enumerators are symbols: allocation flags need no contracts
  // of their own, nor does what an adapter names.
  void SetEnumeratorsMove() { enumerators_move_ = true; }

  // That each enumerator of C among these constants of the bindings has the number that
  // the code holds (rule 9), but for those that are symbols.  What the base kernel's types
  // do not have as an enumerator is none, but a macro.  `names`: with the place that needs
  // it.  `answers`: what is known where they are named.
  void AddEnumerators(const std::map<std::string, std::string>& names,
                      const std::map<std::string, Answers>& answers);

  // Whose code what follows is for: the driver's (nullptr) or an adapter's; and what is
  // known wherever it runs.  Without answers, it is code that was looked at before.
  void SetScope(const Adapter* scope, std::optional<Answers> answers = Answers{}) {
    scope_ = scope;
    answers_ = std::move(answers);
  }

  // A question of the source, by the name that it has in the IR: its contract, the symbol
  // of its answer, and whether the base kernel has what is asked for.
  struct Asked {
    std::string symbol;
    std::string what;  // "function misc_register"
    bool in_base = false;
  };
  Result<Asked> AddQuestion(const std::string& question, const std::string& source);

  // Names of the functions that the code comes from: which bit fields it uses.
  void SetFunctions(std::set<std::string> names) { functions_ = std::move(names); }

  // The last step, for the adapters that are linked in: what only they need counts
  // only where the target lacks the service, and what they replace need not hold
  // there.  What other adapters would have needed goes.  And what is needed only where a
  // question has one answer counts only there.
  Status FinishAdapters(const llvm::Module& module, const std::set<const Adapter*>& adapters);

  rcrate::Rcrate& rcrate() { return rcrate_; }
  const steg::Graph& graph() const { return *graph_; }
  // Names in the sources that the code comes from: all, and those of members of unions without
  // a name that it may use.
  void SetSourceWords(std::set<std::string> words, std::set<std::string> members) {
    source_words_ = std::move(words);
    members_named_ = std::move(members);
  }
  // Contracts of what the code of the scope may get hold of without a symbol: types by their
  // names, and what functions return and take.
  Status AddReached(const std::set<std::string>& types, const std::set<std::string>& functions);

 private:
  ContractBuilder(const Sdk& sdk, bool small) : sdk_(&sdk), small_(small) {}

  // How C names a member: a root type and a path.
  struct Member {
    std::string root;
    std::string path;
  };
  struct Part {
    int sign = 1;
    race_contract_kind kind = RACE_CONTRACT_FIELD;
    Member member;
    BitField bit_field = {};  // BITFIELD only, and its unit
    uint8_t unit = 0;
    std::vector<std::string> at_start = {};  // paths: of an unnamed member, which may be meant
    uint64_t align = 1;                      // bytes, in the base kernel
    uint64_t raised_align = 0;               // bytes, in the driver, where that is more
    std::vector<uint64_t> values;            // over the variants
    uint64_t true_value = 0;
  };

  // Where an aggregate lives: itself, or inside the type that contains it when
  // C gives it no name.  `outer` are the atoms' values on the way there.
  struct Home {
    std::string root;
    std::string prefix;  // "" or "a.b."
    const Aggregate* top = nullptr;
    std::vector<uint64_t> values;
    uint64_t true_value = 0;
    bool nested = false;
  };
  // Bound of a chain of unnamed types within unnamed types.
  static constexpr int kMostNesting = 16;
  Result<Home> FindHome(const Aggregate& aggregate) const;
  // The sum that is the atom.  *others: contracts of further bit fields that the
  // code reaches through the same unit.
  Result<std::vector<Part>> Parts(const LayoutAtom& atom, std::vector<Part>* others);
  std::string FirstNamed(const Aggregate& aggregate) const;
  std::string CName(const std::string& root, const std::string& prefix,
                    const std::string& field) const;
  const LayoutAtom* Atom(const std::string& aggregate, const std::string& field) const;
  // Why no variant of the SDK moves what is in a C type; "": they do, or it is none.
  std::string WhyExact(const std::string& name) const;
  Part SizeOf(const std::string& root, const LayoutAtom& atom) const;
  // Bytes, in the driver, where that is more than in the base kernel; else 0.
  uint64_t RaisedAlign(const Aggregate& aggregate) const;
  void AddAlignment(const std::string& name, const std::string& place);
  bool TakesAllocationFlags(steg::NodeId prototype) const;
  void AddAllocationFlags(const std::string& source);
  // Leaves only enumerators that C's types have.
  void FindEnums();
  std::optional<steg::NodeId> EnumOf(const Enumerator& enumerator) const;
  // `moves`: with any value of a target, not the base kernel's alone.  None where C has no
  // such enumerator.
  std::optional<rcrate::ContractId> AddEnumerator(const Enumerator& enumerator, bool is_mask,
                                                  bool moves, const std::string& source);
  void AddEnumerators(const DerivedConstant& derived, const std::string& source,
                      const Answers* known);
  Status AddAbsence(const Adapter& adapter);
  Status AddEnumerators(const Adapter& adapter);
  Status CheckFormer(const rcrate::Contract& contract, const llvm::Module& module) const;
  std::set<const Adapter*> Needing(rcrate::ContractId id) const;
  void AddGuards();
  void Guard(rcrate::Contract* contract, const Answers& answers) const;
  bool DescribeQuestion(rcrate::Contract* contract);
  std::string NameAnswer(const rcrate::Contract& contract) const;
  Result<rcrate::ContractId> AddContract(const Part& part, const std::string& source);

  const Sdk* sdk_;
  bool small_;
  std::shared_ptr<Bindings> bindings_;
  std::shared_ptr<LayoutEngine> truth_;   // the base kernel's layouts
  std::shared_ptr<LayoutEngine> raised_;  // those with the driver's alignments
  std::map<std::string, std::pair<std::string, std::string>> parents_;  // of unnamed types
  std::map<std::pair<std::string, std::string>, size_t> atoms_;
  std::multimap<std::string, std::pair<steg::NodeId, int64_t>> enums_;  // by enumerator
  std::vector<Enumerator> enumerators_;
  std::vector<DerivedConstant> derived_;
  std::map<EnumeratorNumber, std::string> enumerator_symbols_;
  bool enumerators_move_ = false;
  std::shared_ptr<steg::Graph> base_;
  std::shared_ptr<steg::Graph> graph_;
  std::shared_ptr<steg::Copier> copier_;
  rcrate::Rcrate rcrate_;
  void NoteScope(rcrate::ExprId id);
  void NoteUse(rcrate::ContractId id);
  Result<Part> BitFieldPart(const Aggregate& aggregate, const Home& home, uint8_t unit,
                            const Part& whole, std::vector<Part>* others);
  Result<uint8_t> UnitNumber(const Aggregate& aggregate, const Home& home, uint8_t unit);
  // By root: of the units of types without a name in C, (bindgen's type, its unit).
  std::map<std::string, std::map<std::pair<std::string, uint8_t>, uint8_t>> nested_units_;
  std::set<std::string> functions_;
  const Adapter* scope_ = nullptr;
  std::optional<Answers> answers_ = Answers{};
  // By contract: what is known wherever the driver's code needs it.
  std::map<uint32_t, Answers> needed_with_;
  std::map<std::string, rcrate::ContractId> questions_;  // by their names in the IR
  // By contract: those whose code needs it, nullptr for the driver's.
  std::map<uint32_t, std::set<const Adapter*>> scopes_;
  // Of the adapters that are linked in: where it is 1 they stand in.
  std::map<const Adapter*, rcrate::ContractId> lacks_;
  std::map<std::string, uint32_t> contracts_;  // by kind, root, path
  std::map<Expression, rcrate::ExprId> expressions_;
  // By expression: of further bit fields that are reached through the same unit.
  std::map<uint32_t, std::vector<rcrate::ContractId>> beside_;
  std::map<Expression, std::string> symbols_;
  std::map<std::string, rcrate::ExprId> named_;  // what each symbol's name stands for
  // Names of types that are reached through one: behind pointers, in arrays, and, where a type
  // keeps its layout, in and behind its members, since code that goes on through those needs no
  // contract of a field.
  void ReachFrom(steg::NodeId type);
  void ReachMember(const Part& part);
  // Of each union among what is reached, that the members that the sources name are there.
  Status AddUnionMembers();
  Status AddMembersOfUnion(const std::string& name);
  // Exact layouts of the types among what is reached that no variant of the SDK moves.
  void AddFrozen();
  // Of an unnamed member, as bindgen calls it.
  static bool IsUnnamedField(const std::string& field);
  std::vector<std::string> NamedAtStart(const Aggregate& aggregate, int depth = 0) const;
  std::vector<std::string> MembersMeant(const std::vector<std::string>& fields) const;
  Result<uint8_t> NestedUnit(const Home& home, const std::string& type, uint8_t unit);
  std::set<std::string> source_words_, members_named_;
  struct Reached {
    std::set<std::string> names;
    std::set<steg::NodeId> nodes;
  };
  std::map<const Adapter*, Reached> reached_;  // by scope
  bool allocation_flags_ = false;
};

}  // namespace race::build
