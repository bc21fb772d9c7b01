// SPDX-License-Identifier: GPL-2.0-only
#include "build/mir_items.h"

#include <algorithm>
#include <cctype>

namespace race::build {
namespace {

// Crates that a driver is compiled with; MIR spells their items with the crate's name,
// and the driver's own without.
constexpr const char* kCrates[] = {"core", "std",      "kernel", "pin_init", "ffi",
                                   "uapi", "bindings", "race",   "macros",   "zerocopy"};

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

bool Skip(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

size_t FindOutside(std::string_view text, std::string_view what) {
  for (size_t i = 0; i < text.size(); i++) {
    if (text.substr(i, what.size()) == what) return i;
    if (std::string_view("<([{").find(text[i]) == std::string_view::npos) continue;
    const size_t close = MirClosing(text, i);
    if (close == text.npos) return close;
    i = close;
  }
  return text.npos;
}

bool EndsWith(const std::vector<std::string>& parts, const std::vector<std::string>& tail) {
  return parts.size() >= tail.size() && std::equal(tail.rbegin(), tail.rend(), parts.rbegin());
}

struct Impl {
  std::string trait, self;
  std::set<std::string> parameters;
};

// "unsafe impl<T, const N: usize> a::Trait<T> for Own<T>"
Impl ParseImpl(std::string_view text) {
  Impl impl;
  Skip(&text, "unsafe ");
  Skip(&text, "impl");
  if (text.starts_with("<")) {
    const size_t close = MirClosing(text, 0);
    if (close == text.npos) return impl;
    std::string_view list = text.substr(1, close - 1);
    while (!list.empty()) {
      const size_t comma = FindOutside(list, ",");
      std::string_view one = list.substr(0, comma);
      list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
      while (Skip(&one, " ") || Skip(&one, "const ")) {
      }
      size_t end = 0;
      while (end < one.size() && IsWord(one[end])) end++;
      if (end > 0) impl.parameters.emplace(one.substr(0, end));
    }
    text.remove_prefix(close + 1);
  }
  while (Skip(&text, " ") || Skip(&text, "const ") || Skip(&text, "!")) {
  }
  const size_t middle = FindOutside(text, " for ");
  impl.self = MirTypeName(middle == text.npos ? text : text.substr(middle + 5));
  if (middle != text.npos) impl.trait = MirTypeName(text.substr(0, middle));
  return impl;
}

}  // namespace

std::string MirTypeName(std::string_view type) {
  while (Skip(&type, " ")) {
  }
  const size_t end = type.find_first_of("< ");
  type = type.substr(0, end);
  if (const size_t colon = type.rfind("::"); colon != type.npos) type.remove_prefix(colon + 2);
  return !type.empty() && std::all_of(type.begin(), type.end(), IsWord) ? std::string(type) : "";
}

std::vector<std::string> MirPathParts(std::string_view path) {
  std::vector<std::string> parts;
  for (bool first = true;; first = false) {
    const size_t next = FindOutside(path, "::");
    const std::string_view part = path.substr(0, next);
    if (first || !part.starts_with("<") || part.starts_with("<impl "))
      parts.emplace_back(
          part.substr(0, first || part.starts_with("<") ? part.npos : part.find('<')));
    if (next == path.npos) return parts;
    path.remove_prefix(next + 2);
  }
}

// A path in code.
struct MirItems::Use {
  std::string crate;
  bool exact = false;      // from within that crate; others see it by other paths
  bool qualified = false;  // "<Self as Trait>::..."
  std::string self, trait;
  std::vector<std::string> parts;  // behind Self of a qualified one
};

MirItems::MirItems(const Mir& mir) : mir_(mir) {
  for (const MirBody& body : mir.bodies) {
    Key key = KeyOf(body);
    const std::string last = key.in_impl ? key.tail.back() : key.parts.back();
    by_last_.emplace(last, std::move(key));
  }
}

MirItems::Key MirItems::KeyOf(const MirBody& body) {
  Key key;
  key.body = &body;
  for (std::string& part : MirPathParts(body.name)) {
    if (!part.starts_with("<impl ")) {
      (key.in_impl ? key.tail : key.parts).push_back(std::move(part));
      continue;
    }
    key.in_function = key.in_impl;
    key.in_impl = true;
    key.tail.clear();
  }
  if (key.in_impl && key.tail.empty()) key.tail.emplace_back();
  const Impl impl = ParseImpl(body.impl);
  key.trait = impl.trait;
  if (impl.parameters.count(impl.self) == 0) key.owner = impl.self;
  return key;
}

bool MirItems::IsModuleOf(const std::string& home, std::string_view crate) const {
  const std::string start = std::string(crate) + "::";
  return std::any_of(mir_.bodies.begin(), mir_.bodies.end(), [&](const MirBody& body) {
    return body.crate == home && body.name.starts_with(start);
  });
}

std::string MirItems::CrateOf(std::string_view path, const std::string& home) const {
  for (const char* crate : kCrates)
    if (path.starts_with(std::string(crate) + "::") && !IsModuleOf(home, crate)) return crate;
  return home;
}

MirItems::Use MirItems::UseOf(std::string_view path, const std::string& home) const {
  Use use;
  use.crate = CrateOf(path, home);
  use.exact = use.crate == home;
  use.parts = MirPathParts(path);
  if (!use.exact) use.parts.erase(use.parts.begin());
  if (use.parts.empty()) return use;
  const std::string head = use.parts.front();
  if (head.starts_with("<") && !head.starts_with("<impl ")) {
    const size_t as = FindOutside(std::string_view(head).substr(1), " as ");
    if (as != std::string::npos) {
      use.qualified = true;
      use.self = MirTypeName(head.substr(1, as));
      const std::string trait = head.substr(as + 5, head.size() - as - 6);
      use.trait = MirTypeName(trait);
    }
    use.parts.erase(use.parts.begin());
  }
  for (std::string& part : use.parts)
    if (part.starts_with("<impl ")) {
      const std::string_view inner = std::string_view(part).substr(6, part.size() - 7);
      const size_t as = FindOutside(inner, " for ");
      part = MirTypeName(as == inner.npos ? inner : inner.substr(as + 5));
    }
  return use;
}

bool MirItems::Fits(const Key& key, const Use& use) {
  const std::string& crate = key.body->crate;
  if (use.qualified) {
    if (!key.in_impl) {
      std::vector<std::string> tail = {use.trait};
      tail.insert(tail.end(), use.parts.begin(), use.parts.end());
      return EndsWith(key.parts, tail);
    }
    return key.tail == use.parts && (key.trait == use.trait || key.body->impl.empty());
  }
  if (crate != use.crate) return false;
  if (!key.in_impl) {
    if (use.exact) return key.parts == use.parts;
    const bool of_type = use.parts.size() > 1 && key.parts.size() > 1 &&
                         std::isupper(static_cast<unsigned char>(use.parts.end()[-2][0]));
    return !of_type || key.parts.end()[-2] == use.parts.end()[-2];
  }
  if (!key.trait.empty()) return false;
  std::vector<std::string> whole = key.parts;
  // Where it cannot be read whose impl it is, the module must say it.
  const bool end_only = key.in_function || (!use.exact && !key.owner.empty());
  if (end_only) whole.clear();
  whole.push_back(key.owner);
  whole.insert(whole.end(), key.tail.begin(), key.tail.end());
  std::vector<std::string> asked = use.parts;
  const size_t owner = asked.size() - key.tail.size() - 1;
  if (asked.size() <= key.tail.size()) return false;
  if (key.owner.empty()) asked[owner] = "";
  return end_only ? EndsWith(asked, whole) : asked == whole;
}

std::vector<const MirBody*> MirItems::Find(std::string_view path, const std::string& home) const {
  // Generated ones have no bodies here.
  if (path.starts_with("kernel::bindings::") || path.starts_with("kernel::uapi::")) return {};
  const Use use = UseOf(path, home);
  if (use.parts.empty()) return {};
  std::vector<const Key*> fitting;
  const auto [first, last] = by_last_.equal_range(use.parts.back());
  for (auto at = first; at != last; at++)
    if (Fits(at->second, use)) fitting.push_back(&at->second);
  // A type that has an impl of its own is that one; any other is a parameter.
  if (use.qualified && std::any_of(fitting.begin(), fitting.end(), [&](const Key* key) {
        return key->in_impl && !use.self.empty() && key->owner == use.self;
      }))
    std::erase_if(fitting, [&](const Key* key) {
      return !key->in_impl || (!key->owner.empty() && key->owner != use.self);
    });
  std::vector<const MirBody*> found;
  for (const Key* key : fitting) found.push_back(key->body);
  if (std::any_of(found.begin(), found.end(), [](const MirBody* b) { return b->compile_time; }))
    std::erase_if(found, [](const MirBody* body) { return !body->compile_time; });
  return found;
}

bool MirItems::IsStatic(std::string_view constant) {
  return constant.starts_with("<static(") || constant.starts_with("{alloc");
}

std::vector<const MirBody*> MirItems::FindStatic(std::string_view constant) const {
  std::string name;
  if (constant.starts_with("{")) {
    const auto known = mir_.statics.find(std::string(constant.substr(1, constant.find(':') - 1)));
    if (known == mir_.statics.end()) return {};
    name = known->second;
  } else {
    const size_t start = constant.find("]::"), end = constant.rfind("))");
    if (start == constant.npos || end == constant.npos || start > end) return {};
    name = std::string(constant.substr(start + 3, end - start - 3));
  }
  const std::vector<std::string> parts = MirPathParts(name);
  std::vector<const MirBody*> found;
  const auto [first, last] = by_last_.equal_range(parts.back());
  for (auto at = first; at != last; at++)
    if (!at->second.body->function) found.push_back(at->second.body);
  return found;
}

}  // namespace race::build
