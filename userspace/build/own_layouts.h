// SPDX-License-Identifier: GPL-2.0-only
//
// The layouts of the program's own types, by the language's rules: a member lies where the one
// in front of it ends, rounded up to its own alignment, and a type ends at a multiple of the
// largest.  Which order the members have, and how they are aligned, is read from the debug
// information; each number that follows is held against rustc's own, in every variant.
#pragma once

#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Module.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "build/expression.h"
#include "build/sdk.h"
#include "support/result.h"

namespace race::build {

// One type in all variants, in their order.
using TypeInVariants = std::vector<const llvm::DIType*>;

// A place in one of the program's own types, or its size.
struct OwnNumber {
  std::string what;               // "Chan.done", "Chan"
  std::string root;               // the identifier of its type in debug information
  std::vector<std::string> path;  // members, each in the one before; none: the size
  Expression expression;
  std::vector<int64_t> values;  // bytes, one a variant
};

// A member of a type, or an element of an array.
struct OwnMember {
  std::string name;
  TypeInVariants type;
  std::vector<int64_t> places;      // bytes, one a variant
  std::optional<Expression> place;  // none: the rules do not explain it
};

struct OwnLayout {
  bool moves = false;              // it or a place in it is not the same in all variants
  std::vector<int64_t> sizes;      // bytes, one a variant
  std::optional<Expression> size;  // none: the rules do not explain it
  uint64_t align = 1;              // bytes
  std::vector<OwnMember> members;  // in order; of an array none
  bool overlaps = false;           // members share their place
  std::optional<size_t> kernel;    // it is this C type, and moves
  uint64_t count = 0;              // of an array: elements
  TypeInVariants element;          // of an array
};

class OwnLayouts {
 public:
  // `variants`: the program under each variant that numbers are solved from or proved on.
  OwnLayouts(const std::vector<llvm::Module*>& variants, const Sdk& sdk);

  // All that moves in the program's own types, those that the rules explain.
  const std::vector<OwnNumber>& numbers() const { return numbers_; }
  // What moves and is not explained, and why.
  const std::map<std::vector<int64_t>, std::string>& unexplained() const { return unexplained_; }

  // What a number is in another program of the same source, in bytes, by its debug
  // information; none where it has no such type.
  using TypesByIdentifier = std::map<std::string, const llvm::DICompositeType*>;
  static TypesByIdentifier TypesOf(const llvm::Module& module);
  static std::optional<int64_t> ValueIn(const TypesByIdentifier& types, const OwnNumber& number);

  // The lengths of arrays of types that move.
  const std::set<uint64_t>& counts() const { return counts_; }

  // The same type in all variants, by the first variant's; empty when it is not in all.
  TypeInVariants Everywhere(const llvm::DIType* first) const;

  const OwnLayout& Of(const TypeInVariants& type);

  // The expression of the place at these offsets (in bytes, one a variant) within a type;
  // none when they are not one place in it.
  std::optional<Expression> PlaceIn(const TypeInVariants& type, const std::vector<int64_t>& at,
                                    int depth = 0);

  // Where a member of that type lies.
  std::optional<Expression> PlaceOf(const OwnLayout& layout, const OwnMember& member) const;
  // Whether it is one that the variants have and C has not.
  static bool IsPadding(const OwnMember& member) { return member.name.starts_with("__race_pad"); }

 private:
  OwnLayout Compute(const TypeInVariants& type);
  void ComputeKernel(const TypeInVariants& type, const std::string& name, OwnLayout* layout);
  void ComputeArray(const TypeInVariants& type, OwnLayout* layout);
  void ComputeAggregate(const TypeInVariants& type, OwnLayout* layout);
  void ComputeEnum(const TypeInVariants& type, OwnLayout* layout);
  bool LiesIn(const OwnMember& member, const std::vector<int64_t>& at);
  bool ReadMembers(const TypeInVariants& type, std::vector<OwnMember>* members);
  std::optional<Expression> Chain(uint64_t align, std::vector<OwnMember>* members,
                                  const OwnMember* tag);
  void AddNumbers(const std::string& name, const std::string& identifier,
                  const TypeInVariants& type);
  void AddPlaces(const TypeInVariants& type, const OwnNumber& at, int depth, size_t* left);
  bool Holds(const Expression& e, const std::vector<int64_t>& values) const;
  std::vector<int64_t> Values(const Expression& e) const;

  const Sdk& sdk_;
  size_t variants_;
  std::vector<size_t> order_;            // of each variant here: its index into LayoutAtom::values
  std::map<std::string, size_t> sizes_;  // C types that move -> their atom
  std::map<std::pair<std::string, std::string>, size_t> fields_;
  std::vector<TypesByIdentifier> types_;
  std::map<const llvm::DIType*, OwnLayout> layouts_;  // by the first's
  std::vector<OwnNumber> numbers_;
  std::map<std::vector<int64_t>, std::string> unexplained_;
  std::set<uint64_t> counts_;
};

}  // namespace race::build
