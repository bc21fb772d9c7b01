// SPDX-License-Identifier: GPL-2.0-only
//
// The contracts of portable C: its undefined symbols say what it needs.
#pragma once

#include <map>
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

  // The field "type.path" need not exist; where it does, it is a pointer to a struct of
  // the tag `target`.  To be said before the layout symbols that name the field.
  void Guard(const std::string& field, const std::string& target) { guarded_[field] = target; }

  // A layout symbol of the symbol grammar: "race:off:file.f_mode", "race:size:mutex",
  // "race:enum:NAME" or "race:exists:file.f_llist".  kBuildInput when the base kernel has
  // nothing of that name, unless it is about a guarded field.
  Status AddLayout(const std::string& symbol);

  // An import; `by_name`: its type is no part of the contract.  kBuildInput when the
  // base kernel does not export it, or does not say what type it has.
  Status AddImport(const std::string& symbol, bool by_name);

  rcrate::Rcrate& rcrate() { return rcrate_; }
  const steg::Graph& graph() const { return graph_; }

 private:
  Result<rcrate::Contract> Contract(const std::string& kind, const std::string& rest);

  // The EXISTS_FIELD contract of a guarded field "type.path".
  rcrate::ContractId Exists(const std::string& field);

  const kernel::Target& base_;
  std::map<std::string, std::string> guarded_;
  std::map<std::string, rcrate::ContractId> exists_;
  steg::Graph graph_;
  steg::Copier copier_;
  rcrate::Rcrate rcrate_;
};

}  // namespace race::build
