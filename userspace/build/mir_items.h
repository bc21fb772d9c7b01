// SPDX-License-Identifier: GPL-2.0-only
//
// Which bodies of MIR a path may mean.  Names are compared whole, with the module and the
// type that they belong to; where MIR does not say which it is, it is any of them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "build/mir_text.h"

namespace race::build {

class MirItems {
 public:
  explicit MirItems(const Mir& mir);

  // Those of a constant, static or function that is named in code of the crate `home` (empty:
  // the driver).  Of a function that is compiled twice, the one for compile time.
  std::vector<const MirBody*> Find(std::string_view path, const std::string& home) const;
  // Of "<static(DefId(0:35 ~ crate[cfce]::NAME))>" or "{alloc26: &T}".
  std::vector<const MirBody*> FindStatic(std::string_view constant) const;
  static bool IsStatic(std::string_view constant);

  // "core" of "core::mem::size_of::<T>"; `home` for what has no crate's name in front.
  std::string CrateOf(std::string_view path, const std::string& home) const;

 private:
  // Where a body is, as its name and its impl say.
  struct Key {
    const MirBody* body = nullptr;
    std::vector<std::string> parts;  // without an impl: the whole path
    bool in_impl = false;
    bool in_function = false;            // the impl is inside of another one's function
    std::string owner;                   // empty: any type
    std::string trait;                   // empty: an inherent impl, or not known
    std::vector<std::string> tail = {};  // behind the impl
  };
  struct Use;

  static Key KeyOf(const MirBody& body);
  Use UseOf(std::string_view path, const std::string& home) const;
  static bool Fits(const Key& key, const Use& use);
  bool IsModuleOf(const std::string& home, std::string_view crate) const;

  const Mir& mir_;
  std::multimap<std::string, Key> by_last_;  // by the path's last part
};

// The parts of a path; generic arguments are none.
std::vector<std::string> MirPathParts(std::string_view path);
// "Own" of "a::Own<T>"; empty for what has no name.
std::string MirTypeName(std::string_view type);

}  // namespace race::build
