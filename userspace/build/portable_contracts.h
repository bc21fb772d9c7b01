// SPDX-License-Identifier: GPL-2.0-only
//
// The contracts of portable C: its undefined symbols say what it needs.
#pragma once

#include <set>
#include <string>

#include "kernel/target.h"
#include "rcrate/model.h"
#include "steg/graph.h"
#include "support/result.h"

namespace race::build {

class PortableContracts {
 public:
  explicit PortableContracts(const kernel::Target& base)
      : base_(base), copier_(base.types, &graph_) {}

  // A layout symbol: "race:off:file.f_mode", "race:size:mutex" or "race:enum:NAME" of the
  // symbol grammar.  kBuildInput when the base kernel has nothing of that name.
  Status AddLayout(const std::string& symbol);

  // An import; `by_name`: its type is no part of the contract.  kBuildInput when the
  // base kernel does not export it, or does not say what type it has.
  Status AddImport(const std::string& symbol, bool by_name);

  rcrate::Rcrate& rcrate() { return rcrate_; }
  const steg::Graph& graph() const { return graph_; }

 private:
  Result<rcrate::Contract> Contract(const std::string& kind, const std::string& rest);

  const kernel::Target& base_;
  steg::Graph graph_;
  steg::Copier copier_;
  rcrate::Rcrate rcrate_;
};

}  // namespace race::build
