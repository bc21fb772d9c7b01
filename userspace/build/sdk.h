// SPDX-License-Identifier: GPL-2.0-only
//
// An SDK: what `race sdk build` makes of a kernel tree once, and `race build`
// compiles drivers against.
//
//   tree/                 the kernel's object tree (make O=)
//   variant/NAME/rust/    bindings, kernel crate and its bitcode under one layout;
//                         NAME is "true", a variant of variant_layout.h, or (other
//                         values of C's enumerators) of sdk_enumerators.h
//   variant/NAME/*.bc     the kernel crate's bitcode, and that of the adapters
//   core.bc ...           what does not depend on layouts
//   layouts               every atom: aggregate, field, alignment, true_value, raised_value and
//                         the values of the variants
//   frozen                types that keep their layout, and why
//   uapi                  types of the crate uapi that keep their layout, and why
//   macros                macros of the headers, once a driver was built that names some
//   kernel-constants.mir  what the kernel crate computes while it is compiled
//   constants/            macros' numbers in other kernels' headers (scripts/header-constants)
//   base.btf              the base kernel's C types and prototypes
//   sdk                   "key=value" lines; written last: an SDK without it is
//                         an interrupted one
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "build/bindings_model.h"
#include "build/variant_layout.h"
#include "support/result.h"

namespace race::build {

// Why a type keeps its layout that nothing but its size says it of.
inline constexpr const char* kTwoWordsOrLess = "two words or less";

struct SdkOptions {
  std::string kernel_tree;  // sources of the kernel
  std::string config;       // its configuration
  std::string output;       // folder of the SDK
  std::string rustc = "/usr/bin/rustc";
  std::string bindgen = "bindgen";
  std::string rust_library = "/usr/lib/rustlib/src/rust/library";
  std::string llvm_suffix = "-22";
  // Kernels, as for `race resolve --target`, whose layouts some variants follow: at most
  // kLikeCount.
  std::vector<std::string> like;
  unsigned jobs = 2;
};

// Makes the SDK, showing progress on standard error.  Does nothing when a
// complete one made from the same inputs is there.
Status BuildSdk(const SdkOptions& options);

struct Sdk {
  std::string path;
  std::map<std::string, std::string> properties;
  std::vector<LayoutAtom> atoms;
  std::map<std::string, std::string> frozen;  // type -> reason
  std::map<std::string, std::string> uapi;    // types of the crate uapi that keep their layout

  // Whether its kernel crate compiles with other values of C's enumerators.
  bool EnumeratorsMove() const;
  bool HasAdapter(std::string_view crate) const;
  std::string Tree() const { return path + "/tree"; }
  std::string Variant(const std::string& name) const { return path + "/variant/" + name; }
};

// Errors: kSdkInvalid when it is none, or an interrupted one.
Result<Sdk> OpenSdk(const std::string& path);

// The words for make that select the SDK's toolchain.
std::vector<std::string> MakeWords(const std::map<std::string, std::string>& properties);

}  // namespace race::build
