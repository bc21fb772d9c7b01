// SPDX-License-Identifier: GPL-2.0-only
//
// What bindgen's output says of the C types: a model of the types of
// bindings_generated.rs, good enough to lay them out.  It is never trusted: the
// numbers it predicts are compared with those of rustc (catalogue.h).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace race::build {

struct Field {
  std::string name;
  std::string type;      // Rust source text, white space folded
  size_t line = 0;       // index into Bindings::lines where the field begins
  size_t last_line = 0;  // and where it ends
};

struct Aggregate {
  std::string name;
  bool is_union = false;
  bool repr_c = false;          // plain #[repr(C)]: may be given another layout
  uint64_t packed = 0;          // bytes, 0: not packed
  uint64_t explicit_align = 0;  // bytes, from #[repr(align(N))]
  bool tuple = false;           // `pub struct N(pub ffi::c_uint);`
  bool incomplete = false;      // `_unused: [u8; 0]`: declared in C, never defined
  std::vector<Field> fields;
  size_t first_line = 0;  // of `pub struct`
  size_t last_line = 0;   // of the closing brace
};

struct Bindings {
  std::vector<std::string> lines;
  std::vector<Aggregate> aggregates;                        // in file order
  std::map<std::string, size_t, std::less<>> index;         // name -> aggregates
  std::map<std::string, std::string, std::less<>> aliases;  // `pub type A = B;`
  // Aggregates that a C function (or pointer to one) takes or returns by value,
  // with one such signature each (rule 2 of the design).
  std::map<std::string, std::string> by_value;
};

Bindings ParseBindings(std::string_view text);

// Adds to by_value what the signatures (`fn name(...) -> T` and `fn(...)`) of
// another text name, such as bindings_helpers_generated.rs.
void FindByValue(std::string_view text, Bindings* bindings);

// Whether C has no name for a type: bindgen numbers them (iov_iter__bindgen_ty_1).
inline bool IsUnnamed(std::string_view name) {
  return name.find("_bindgen_ty_") != std::string_view::npos;
}

// The aggregate a type's text names by value, following aliases and arrays;
// nullptr when it is none (a pointer, a number, a function).
const Aggregate* ByValueAggregate(const Bindings& bindings, std::string_view type);

// The same, looking into bindgen's wrappers: flexible arrays, ManuallyDrop, and
// the members of unions that it writes as structs.
const Aggregate* ContainedAggregate(const Bindings& bindings, std::string_view type);

// How an aggregate differs from what C says of it.  Padding is in units of the
// aggregate's own alignment, capped at 8 bytes.
struct Padding {
  // Units before each field; one more entry pads the end, so that a size is not
  // the last field's offset plus a constant.
  std::vector<uint32_t> before;
  // Fields (by index) that take no room.  They keep their alignment.
  std::set<size_t> left_out = {};
};

struct Layout {
  uint64_t size = 0;              // bytes
  uint64_t align = 1;             // bytes
  std::vector<uint64_t> offsets;  // bytes, one a field
};

// What a field that takes no room is called, so that no code can name it.
std::string LeftOutName(const Field& field);

// Lays out types under a choice of paddings.  Aggregates without a padding keep
// the layout that C gives them.  The padding of a union is one more member.
class LayoutEngine {
 public:
  explicit LayoutEngine(const Bindings& bindings) : bindings_(&bindings) {}

  void Set(const Aggregate& aggregate, Padding padding);
  // Aligns the type to at least this many bytes, whatever its members ask for.
  void Raise(const Aggregate& aggregate, uint64_t align);
  const std::map<std::string, uint64_t, std::less<>>& raised() const { return raised_; }
  // Whether the field of that index takes no room here, and has another name.
  bool IsLeftOut(const Aggregate& aggregate, size_t field) const;
  const std::map<std::string, Padding, std::less<>>& paddings() const { return paddings_; }

  const Layout& Of(const Aggregate& aggregate);
  uint64_t SizeOf(std::string_view type, uint64_t* align);
  // Size in bytes without the aggregate's own padding.
  uint64_t UnpaddedSize(const Aggregate& aggregate);

  // Bytes of one unit of the aggregate's padding: its alignment without the
  // padding, at most 8, so that a padding never changes an alignment.
  uint64_t Unit(const Aggregate& aggregate);
  uint64_t KnownUnit(const std::string& name) const { return units_.find(name)->second; }

 private:
  Layout Compute(const Aggregate& aggregate, const Padding* padding);

  const Bindings* bindings_;
  std::map<std::string, Padding, std::less<>> paddings_;
  std::map<std::string, uint64_t, std::less<>> raised_;  // bytes
  std::map<std::string, Layout, std::less<>> cache_;
  std::map<std::string, uint64_t, std::less<>> units_;
};

}  // namespace race::build
