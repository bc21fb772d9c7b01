// SPDX-License-Identifier: GPL-2.0-only
//
// Which types of a program move: have another layout under another variant.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace race::build {

class TypeLayouts {
 public:
  enum class Answer { kStays, kMoves, kUnknown };

  virtual ~TypeLayouts() = default;
  // A type of a name, as MIR spells it, by itself: not of references, arrays or tuples.
  virtual Answer Named(const std::string& type) const = 0;
  virtual bool IsUnion(const std::string& /*type*/) const { return false; }

  // Whether the layout of a value of that type moves.  What nobody has a value of has the
  // layout of its parameters: `parameters` says whether these move.
  bool Moves(const std::string& type, bool parameters) const;
  // Whether a type says the name of one that moves, behind a pointer, too.
  bool Mentions(std::string_view text, bool parameters) const;
  // The same of the path of a function or constant.
  bool PathMentions(std::string_view path, bool parameters) const;

 private:
  bool Search(std::string_view text, bool parameters, bool is_path) const;
};

// From -Zprint-type-sizes under two variants.
class PrintedLayouts : public TypeLayouts {
 public:
  PrintedLayouts(const std::string& narrow, const std::string& wide);

  Answer Named(const std::string& type) const override;
  bool IsUnion(const std::string& type) const override;

  bool IsPlainNameClear(const std::string& type) const;
  bool Has(const std::string& type) const { return narrow_.count(type) != 0; }

 private:
  // What is said of each type, by name.
  using Printed = std::map<std::string, std::string>;
  static Printed Read(const std::string& text);
  bool Differs(const std::string& printed) const;

  Printed narrow_, wide_;
  std::multimap<std::string, std::string> by_plain_name_;
  // Without arguments, of what moves though its arguments do not.
  std::set<std::string> moving_plain_;
};

}  // namespace race::build
