// SPDX-License-Identifier: GPL-2.0-only
//
// What a driver declares of C itself, in `extern` blocks of its own: nothing but its author
// says that C has it so.
#pragma once

#include <llvm/IR/Module.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "build/bindings_model.h"
#include "build/driver.h"
#include "build/sdk.h"
#include "steg/graph.h"
#include "support/result.h"

namespace race::build {

// A function or static of an `extern` block.
struct ForeignItem {
  std::string name;    // in Rust
  std::string symbol;  // the same, or what #[link_name] says
  bool is_function = false;
  bool is_variadic = false;
  std::vector<std::string> parameters;  // types as written
  std::string type;                     // of the result ("" for none), or of the static
};

// Those of a Rust source whose macros are expanded, wherever they stand, and its aliases of types
// (of two of one name, none).
struct ForeignItems {
  std::vector<ForeignItem> items;
  std::map<std::string, std::string> aliases;
};
ForeignItems ParseForeignItems(std::string_view rust);

// Asks rustc for the source of a driver with its macros expanded.
Result<ForeignItems> ReadForeignItems(const Sdk& sdk, const Driver& driver);

// How values are passed to a C function: the types of its declaration and of its calls.
using CalledAs = std::map<std::string, std::set<llvm::FunctionType*>>;
CalledAs CallsOfImports(const llvm::Module& module);

// Why C's declaration of `type` (a prototype, or the type of a variable) is another one than the
// item; "" where they agree.  The number of parameters, and of each the width, whether it is a
// pointer, and the sign where both tell.
std::string Disagreement(const ForeignItem& item, const ForeignItems& all, const Bindings& bindings,
                         const CalledAs& calls, const steg::Graph& types, steg::NodeId type);

// Where the driver's own sources, of which `root` is the first, declare the item, as "file:line";
// `root` where none does (in a macro).
std::string PlaceOf(const ForeignItem& item, const std::string& folder, const std::string& root);

}  // namespace race::build
