// SPDX-License-Identifier: GPL-2.0-only
//
// Numbers that C's macros give and bindgen wrote down: what of the kernel's configuration they
// follow from.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "build/contract_builder.h"
#include "build/sdk.h"
#include "build/source_lines.h"
#include "support/result.h"

namespace race::build {

// The macros of a preprocessor's output with definitions (-E -dD).
class Macros {
 public:
  // `directory`: what names of files are relative to.
  Macros(std::string_view preprocessed, std::string directory);

  // A macro's own text is the same in all kernels of these sources; what it is made of, and which
  // of several definitions counts, may follow from options.
  struct Dependence {
    std::set<std::string> options;  // CONFIG_*
    std::set<std::string> names;    // of what is no macro: enumerators are among them
    std::string unknown;            // why it cannot be told; "": it can
    std::string file;               // that defines it; "": none does
  };
  Dependence Of(const std::string& name);

  // The same of a name that a C expression defines.
  void Define(const std::string& name, const std::string& expression);

 private:
  struct Definition {
    std::string text;
    std::string file;
    size_t line = 0;
  };
  struct Header {
    std::vector<std::vector<std::string>> conditions;  // by line, from 1: those around it
    std::map<std::string, unsigned> definitions;       // how often each name is defined
  };
  const Header& Read(const std::string& file);
  void Visit(const std::string& name, std::set<std::string>* seen, Dependence* found);
  void VisitText(std::string_view text, std::set<std::string>* seen, Dependence* found);

  std::string directory_;
  std::map<std::string, std::vector<Definition>> definitions_;
  std::map<std::string, Header> headers_;
};

// CONFIG contracts for the constants that the driver's sources name ("file:line" by name), and for
// those that the kernel crate's sources below `kernel_crate` name in lines that code is from.  The
// others are listed in the manifest, as "macro".  kUnsupported for a number that nobody can tell
// for a target.
Status AddMacroConstants(const Sdk& sdk, const std::string& work,
                         const std::map<std::string, std::string>& named, const SourceLines& code,
                         const std::string& kernel_crate, const std::string& configuration,
                         ContractBuilder* contracts);

}  // namespace race::build
