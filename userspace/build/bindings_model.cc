// SPDX-License-Identifier: GPL-2.0-only
#include "build/bindings_model.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <set>

namespace race::build {
namespace {

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool IsIdentifier(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::string_view Identifier(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && IsIdentifier(text[n])) n++;
  return text.substr(0, n);
}

std::string Fold(std::string_view text) {
  std::string folded;
  for (char c : text) {
    if (!std::isspace(static_cast<unsigned char>(c))) {
      folded += c;
    } else if (!folded.empty() && folded.back() != ' ') {
      folded += ' ';
    }
  }
  while (!folded.empty() && (folded.back() == ' ' || folded.back() == ',')) folded.pop_back();
  return folded;
}

uint64_t Number(std::string_view text) {
  return std::strtoull(std::string(text).c_str(), nullptr, 10);
}

// The attributes that stand above `pub struct` (bindgen writes one a line).
void ReadAttribute(std::string_view line, Aggregate* aggregate) {
  if (line == "#[repr(C)]") aggregate->repr_c = true;
  if (StartsWith(line, "#[repr(C, packed(")) aggregate->packed = Number(line.substr(17));
  if (line == "#[repr(C, packed)]") aggregate->packed = 1;
  if (StartsWith(line, "#[repr(align(")) aggregate->explicit_align = Number(line.substr(13));
  if (StartsWith(line, "#[repr(C, align(")) aggregate->explicit_align = Number(line.substr(16));
}

// Splits "[T; 4usize]" into T and 4.
bool SplitArray(std::string_view type, std::string_view* element, uint64_t* count) {
  if (type.size() < 2 || type.front() != '[' || type.back() != ']') return false;
  size_t semicolon = type.rfind(';');
  if (semicolon == std::string_view::npos) return false;
  *element = type.substr(1, semicolon - 1);
  while (!element->empty() && element->front() == ' ') element->remove_prefix(1);
  std::string_view number = type.substr(semicolon + 1);
  while (!number.empty() && number.front() == ' ') number.remove_prefix(1);
  *count = Number(number);
  return true;
}

const std::map<std::string, uint64_t, std::less<>>& Primitives() {
  static const std::map<std::string, uint64_t, std::less<>> sizes = {{"u8", 1},
                                                                     {"i8", 1},
                                                                     {"bool", 1},
                                                                     {"u16", 2},
                                                                     {"i16", 2},
                                                                     {"u32", 4},
                                                                     {"i32", 4},
                                                                     {"u64", 8},
                                                                     {"i64", 8},
                                                                     {"usize", 8},
                                                                     {"isize", 8},
                                                                     {"u128", 16},
                                                                     {"i128", 16},
                                                                     {"f32", 4},
                                                                     {"f64", 8},
                                                                     {"ffi::c_char", 1},
                                                                     {"ffi::c_schar", 1},
                                                                     {"ffi::c_uchar", 1},
                                                                     {"ffi::c_short", 2},
                                                                     {"ffi::c_ushort", 2},
                                                                     {"ffi::c_int", 4},
                                                                     {"ffi::c_uint", 4},
                                                                     {"ffi::c_long", 8},
                                                                     {"ffi::c_ulong", 8},
                                                                     {"ffi::c_longlong", 8},
                                                                     {"ffi::c_ulonglong", 8},
                                                                     {"__kernel_size_t", 8},
                                                                     {"__kernel_ssize_t", 8},
                                                                     {"__kernel_ptrdiff_t", 8}};
  return sizes;
}

// Finds aggregates in the signature that begins at text[open] == '('.
void ScanSignature(const Bindings& bindings, std::string_view signature,
                   std::map<std::string, std::string>* by_value) {
  // Parameters are "name: Type" and the result "-> Type"; a type that starts
  // with anything but an identifier ('*', '&', ':') is no aggregate by value.
  for (size_t i = 0; i < signature.size(); i++) {
    size_t start;
    if (signature[i] == ':' && (i == 0 || signature[i - 1] != ':') && i + 1 < signature.size() &&
        signature[i + 1] == ' ') {
      start = i + 2;
    } else if (signature.substr(i, 3) == "-> ") {
      start = i + 3;
    } else {
      continue;
    }
    const Aggregate* aggregate = ByValueAggregate(bindings, Identifier(signature.substr(start)));
    if (aggregate != nullptr) by_value->emplace(aggregate->name, std::string(signature));
  }
}

}  // namespace

void FindByValue(std::string_view text, Bindings* bindings) {
  for (size_t at = text.find("fn"); at != std::string_view::npos; at = text.find("fn", at + 2)) {
    if (at > 0 && IsIdentifier(text[at - 1])) continue;
    size_t open = at + 2;
    while (open < text.size() && (text[open] == ' ' || IsIdentifier(text[open]))) open++;
    if (open >= text.size() || text[open] != '(') continue;
    int depth = 0;
    size_t end = open;
    for (; end < text.size(); end++) {
      if (text[end] == '(') depth++;
      if (text[end] == ')' && --depth == 0) break;
    }
    end = std::min(end + 1, text.size());
    // The result type ends before the body, the next item or the outer bracket.
    size_t stop = end;
    if (text.substr(end, 4) == " -> ") stop = text.find_first_of(";{,>)\n", end + 4);
    if (stop == std::string_view::npos) stop = text.size();
    ScanSignature(*bindings, Fold(text.substr(at, stop - at)), &bindings->by_value);
  }
}

const Aggregate* ByValueAggregate(const Bindings& bindings, std::string_view type) {
  for (int depth = 0; depth < 64; depth++) {
    std::string_view element;
    uint64_t count;
    if (SplitArray(type, &element, &count)) {
      type = element;
      continue;
    }
    if (auto found = bindings.index.find(type); found != bindings.index.end())
      return &bindings.aggregates[found->second];
    auto alias = bindings.aliases.find(type);
    if (alias == bindings.aliases.end()) return nullptr;
    type = alias->second;
  }
  return nullptr;
}

const Aggregate* ContainedAggregate(const Bindings& bindings, std::string_view type) {
  for (std::string_view wrapper :
       {"__IncompleteArrayField<", "::core::mem::ManuallyDrop<", "__BindgenUnionField<"})
    if (StartsWith(type, wrapper))
      type = type.substr(wrapper.size(), type.size() - wrapper.size() - 1);
  return ByValueAggregate(bindings, type);
}

Bindings ParseBindings(std::string_view text) {
  Bindings bindings;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) end = text.size();
    bindings.lines.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  const std::vector<std::string>& lines = bindings.lines;
  for (size_t i = 0; i < lines.size(); i++) {
    std::string_view line = lines[i];
    if (StartsWith(line, "pub type ")) {
      std::string item(line);
      for (size_t j = i; item.find(';') == std::string::npos && j + 1 < lines.size();)
        item += lines[++j];
      size_t equals = item.find(" =");
      std::string target = Fold(std::string_view(item).substr(equals + 2));
      if (!target.empty() && target.back() == ';') target.pop_back();
      if (!target.empty() && target.front() == ' ') target.erase(0, 1);
      bindings.aliases.emplace(item.substr(9, equals - 9), target);
      continue;
    }
    bool is_struct = StartsWith(line, "pub struct ");
    bool is_union = StartsWith(line, "pub union ");
    if (!is_struct && !is_union) continue;
    Aggregate aggregate;
    aggregate.is_union = is_union;
    std::string_view rest = line.substr(is_struct ? 11 : 10);
    aggregate.name = std::string(Identifier(rest));
    rest.remove_prefix(aggregate.name.size());
    if (StartsWith(rest, "<")) continue;  // bindgen's own generic helpers
    for (size_t a = i; a > 0 && StartsWith(lines[a - 1], "#["); a--)
      ReadAttribute(lines[a - 1], &aggregate);
    aggregate.first_line = aggregate.last_line = i;
    if (StartsWith(rest, "(")) {
      aggregate.tuple = true;
      aggregate.repr_c = false;
      std::string inner(rest.substr(1, rest.find(')') - 1));
      if (StartsWith(inner, "pub ")) inner.erase(0, 4);
      aggregate.fields.push_back({"0", inner, i, i});
    } else if (rest == " {") {
      size_t j = i + 1;
      for (; j < lines.size() && lines[j] != "}"; j++) {
        std::string_view member = lines[j];
        if (!StartsWith(member, "    ") || StartsWith(member, "     ")) continue;
        member.remove_prefix(4);
        if (StartsWith(member, "#[")) continue;
        if (StartsWith(member, "pub ")) member.remove_prefix(4);
        std::string_view name = Identifier(member);
        if (name.empty() || member.substr(name.size(), 1) != ":") continue;
        Field field{std::string(name), "", j, j};
        std::string type(member.substr(name.size() + 1));
        while (j + 1 < lines.size() && StartsWith(lines[j + 1], "     ")) type += " " + lines[++j];
        // A type broken over lines closes with "    >," at the field's indent.
        while (j + 1 < lines.size() && StartsWith(lines[j + 1], "    >")) type += lines[++j];
        field.last_line = j;
        field.type = Fold(type);
        if (!field.type.empty() && field.type.front() == ' ') field.type.erase(0, 1);
        aggregate.fields.push_back(std::move(field));
      }
      aggregate.last_line = j;
      i = j;
    }
    // bindgen's two ways to write a type that C only declares.
    aggregate.incomplete = aggregate.fields.size() == 1 && (aggregate.fields[0].name == "_unused" ||
                                                            aggregate.fields[0].name == "_address");
    bindings.index.emplace(aggregate.name, bindings.aggregates.size());
    bindings.aggregates.push_back(std::move(aggregate));
  }
  FindByValue(text, &bindings);
  return bindings;
}

uint64_t LayoutEngine::SizeOf(std::string_view type, uint64_t* align) {
  *align = 1;
  std::string_view element;
  uint64_t count;
  if (SplitArray(type, &element, &count)) return SizeOf(element, align) * count;
  if (auto primitive = Primitives().find(type); primitive != Primitives().end())
    return *align = primitive->second;
  if (StartsWith(type, "*") || StartsWith(type, "::core::option::Option<")) return *align = 8;
  if (StartsWith(type, "__BindgenBitfieldUnit<"))
    return SizeOf(type.substr(22, type.size() - 23), align);
  if (StartsWith(type, "__IncompleteArrayField<")) {
    SizeOf(type.substr(23, type.size() - 24), align);
    return 0;
  }
  if (StartsWith(type, "::core::mem::ManuallyDrop<"))
    return SizeOf(type.substr(26, type.size() - 27), align);
  if (StartsWith(type, "__BindgenUnionField<")) {
    SizeOf(type.substr(20, type.size() - 21), align);
    *align = 1;
    return 0;
  }
  if (auto found = bindings_->index.find(type); found != bindings_->index.end()) {
    const Layout& layout = Of(bindings_->aggregates[found->second]);
    *align = layout.align;
    return layout.size;
  }
  auto alias = bindings_->aliases.find(type);
  return alias == bindings_->aliases.end() ? 0 : SizeOf(alias->second, align);
}

uint64_t LayoutEngine::Unit(const Aggregate& aggregate) {
  if (auto known = units_.find(aggregate.name); known != units_.end()) return known->second;
  uint64_t unit = 1;
  for (const Field& field : aggregate.fields) {
    uint64_t align;
    SizeOf(field.type, &align);
    unit = std::max(unit, align);
  }
  // A type that is empty here must not stay so: it takes words (rule 4).
  if (aggregate.fields.empty()) unit = 8;
  unit = std::min<uint64_t>(unit, 8);
  units_[aggregate.name] = unit;
  return unit;
}

void LayoutEngine::Set(const Aggregate& aggregate, Padding padding) {
  paddings_[aggregate.name] = std::move(padding);
  cache_.erase(aggregate.name);
}

void LayoutEngine::Raise(const Aggregate& aggregate, uint64_t align) {
  raised_[aggregate.name] = align;
  cache_.clear();
}

bool LayoutEngine::IsLeftOut(const Aggregate& aggregate, size_t field) const {
  auto padding = paddings_.find(aggregate.name);
  return padding != paddings_.end() && padding->second.left_out.count(field) != 0;
}

std::string LeftOutName(const Field& field) { return "__race_left_out_" + field.name; }

const Layout& LayoutEngine::Of(const Aggregate& aggregate) {
  if (auto known = cache_.find(aggregate.name); known != cache_.end()) return known->second;
  auto padding = paddings_.find(aggregate.name);
  Layout layout = Compute(aggregate, padding == paddings_.end() ? nullptr : &padding->second);
  return cache_[aggregate.name] = std::move(layout);
}

uint64_t LayoutEngine::UnpaddedSize(const Aggregate& aggregate) {
  return Compute(aggregate, nullptr).size;
}

Layout LayoutEngine::Compute(const Aggregate& aggregate, const Padding* padding) {
  Layout layout;
  uint64_t unit = padding == nullptr ? 0 : Unit(aggregate);
  uint64_t end = 0;
  auto round_up = [](uint64_t value, uint64_t align) {
    return (value + align - 1) / align * align;
  };
  auto pad = [&](size_t index) {
    if (padding == nullptr || index >= padding->before.size() || padding->before[index] == 0)
      return;
    layout.align = std::max(layout.align, unit);
    end = round_up(end, unit) + padding->before[index] * unit;
  };
  if (aggregate.is_union || aggregate.fields.empty()) pad(0);
  for (size_t i = 0; i < aggregate.fields.size(); i++) {
    uint64_t align;
    uint64_t size = SizeOf(aggregate.fields[i].type, &align);
    if (padding != nullptr && padding->left_out.count(i) != 0) size = 0;
    if (aggregate.packed != 0) align = std::min(align, aggregate.packed);
    layout.align = std::max(layout.align, align);
    if (aggregate.is_union) {
      layout.offsets.push_back(0);
      end = std::max(end, size);
      continue;
    }
    pad(i);
    end = round_up(end, align);
    layout.offsets.push_back(end);
    end += size;
  }
  if (!aggregate.is_union && !aggregate.fields.empty()) pad(aggregate.fields.size());
  layout.align = std::max(layout.align, aggregate.explicit_align);
  if (auto raised = raised_.find(aggregate.name); raised != raised_.end())
    layout.align = std::max(layout.align, raised->second);
  layout.size = round_up(end, layout.align);
  return layout;
}

}  // namespace race::build
