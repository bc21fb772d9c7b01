// SPDX-License-Identifier: GPL-2.0-only
#include "build/code_comparison.h"

#include <elf.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

namespace race::build {
namespace {

// As many bytes of data without a name have to agree.
constexpr uint64_t kDataBytes = 16;

// What makes two instructions the same one.
struct Identity {
  std::string text;  // with names in place; what moves is not in it
  std::vector<std::string_view> data;
};

// "edi" for "rdi", "r8d" for "r8"; empty for what is no 64-bit register.
std::string LowHalf(const std::string& name) {
  static constexpr std::string_view kOld[] = {"rax", "rbx", "rcx", "rdx",
                                              "rsi", "rdi", "rbp", "rsp"};
  for (std::string_view old : kOld)
    if (name == old) return "e" + name.substr(1);
  bool numbered =
      name.size() >= 2 && name.size() <= 3 && name[0] == 'r' &&
      std::all_of(name.begin() + 1, name.end(), [](char c) { return c >= '0' && c <= '9'; });
  return numbered ? name + "d" : "";
}

// A number of 31 bits can be loaded in three encodings, two of which extend it:
// the register holds the same after each.
std::string NarrowLoad(const std::string& text) {
  size_t tab = text.find('\t'), comma = text.find(", ");
  if (tab == std::string::npos || comma == std::string::npos) return text;
  std::string mnemonic = text.substr(0, tab);
  if (mnemonic != "mov" && mnemonic != "movabs") return text;
  std::string half = LowHalf(text.substr(tab + 1, comma - tab - 1));
  std::string number = text.substr(comma + 2);
  if (half.empty() || number.rfind("0x", 0) != 0) return text;
  uint64_t value = 0;
  const char* end = number.data() + number.size();
  auto [stop, error] = std::from_chars(number.data() + 2, end, value, 16);
  if (error != std::errc() || stop != end || value > 0x7fffffff) return text;
  return "mov\t" + half + ", " + number;
}

// The first bytes of data without a name, no further than they certainly belong
// together: linking sorts and merges strings and constants.
std::string_view DataAt(const elf::Section& section, uint64_t offset) {
  std::string_view bytes = section.bytes;
  if (offset > bytes.size()) return {};
  uint64_t length = kDataBytes;
  bool merged = (section.flags & SHF_MERGE) != 0 && section.entsize != 0;
  if (merged && (section.flags & SHF_STRINGS) != 0)
    length = bytes.find('\0', offset) + 1 - offset;
  else if (merged)
    length = section.entsize - offset % section.entsize;
  return bytes.substr(offset, length);
}

Identity Identify(const CodeInstruction& instruction, const elf::Object& object) {
  Identity identity{NarrowLoad(instruction.text), {}};
  for (size_t i = 0; i < instruction.references.size(); i++) {
    const Reference& reference = instruction.references[i];
    std::string name = reference.name + "+" + std::to_string(reference.addend);
    if (reference.kind == RefersTo::kLabel) name = "(label)";
    if (reference.kind == RefersTo::kData) {
      name = "(data)";
      identity.data.push_back(DataAt(object[reference.section], reference.offset));
    }
    std::string mark = Mark(i);
    for (size_t at = 0; (at = identity.text.find(mark, at)) != std::string::npos; at += name.size())
      identity.text.replace(at, mark.size(), name);
  }
  return identity;
}

// Data at the end of a section show fewer bytes than the same data before others.
bool Same(const Identity& a, const Identity& b) {
  if (a.text != b.text || a.data.size() != b.data.size()) return false;
  for (size_t i = 0; i < a.data.size(); i++) {
    size_t length = std::min(a.data[i].size(), b.data[i].size());
    if (a.data[i].substr(0, length) != b.data[i].substr(0, length)) return false;
  }
  return true;
}

std::vector<Identity> IdentifyAll(const CodeFunction& function, const elf::Object& object) {
  std::vector<Identity> all;
  for (const CodeInstruction& instruction : function.instructions)
    all.push_back(Identify(instruction, object));
  return all;
}

// The longest common subsequence, as pairs of indexes; npos: no counterpart.
constexpr size_t kNone = static_cast<size_t>(-1);
using Alignment = std::vector<std::pair<size_t, size_t>>;
Alignment Align(const std::vector<Identity>& left, const std::vector<Identity>& right) {
  size_t width = right.size() + 1;
  std::vector<uint32_t> best((left.size() + 1) * width, 0);
  for (size_t i = left.size(); i-- > 0;)
    for (size_t j = right.size(); j-- > 0;)
      best[i * width + j] = Same(left[i], right[j])
                                ? best[(i + 1) * width + j + 1] + 1
                                : std::max(best[(i + 1) * width + j], best[i * width + j + 1]);
  Alignment alignment;
  size_t i = 0, j = 0;
  while (i < left.size() || j < right.size()) {
    if (i < left.size() && j < right.size() && Same(left[i], right[j])) {
      alignment.emplace_back(i++, j++);
    } else if (j == right.size() ||
               (i < left.size() && best[(i + 1) * width + j] >= best[i * width + j + 1])) {
      alignment.emplace_back(i++, kNone);
    } else {
      alignment.emplace_back(kNone, j++);
    }
  }
  return alignment;
}

std::map<uint64_t, size_t> IndexByOffset(const CodeFunction& function) {
  std::map<uint64_t, size_t> index;
  for (size_t i = 0; i < function.instructions.size(); i++)
    index[function.instructions[i].offset] = i;
  return index;
}

// The places in the two functions that a pair of branches leads to are paired, or
// what follows them is: an instruction that only one side has may be the target.
class BranchTargets {
 public:
  BranchTargets(const CodeFunction& left, const CodeFunction& right, const Alignment& alignment)
      : left_(IndexByOffset(left)), right_(IndexByOffset(right)) {
    // Each instruction's place in the alignment, and for each place the next pair.
    left_next_.resize(left.instructions.size(), alignment.size());
    right_next_.resize(right.instructions.size(), alignment.size());
    size_t next = alignment.size();
    for (size_t p = alignment.size(); p-- > 0;) {
      auto [l, r] = alignment[p];
      if (l != kNone && r != kNone) next = p;
      if (l != kNone) left_next_[l] = next;
      if (r != kNone) right_next_[r] = next;
    }
  }
  bool Agree(const CodeInstruction& left, const CodeInstruction& right) const {
    for (size_t i = 0; i < left.references.size(); i++) {
      if (left.references[i].kind != RefersTo::kLabel) continue;
      auto l = left_.find(left.references[i].offset);
      auto r = right_.find(right.references[i].offset);
      if (l == left_.end() || r == right_.end()) return false;
      if (left_next_[l->second] != right_next_[r->second]) return false;
    }
    return true;
  }

 private:
  std::map<uint64_t, size_t> left_, right_;
  std::vector<size_t> left_next_, right_next_;
};

void CompareBodies(const Compilation& left, const Compilation& right,
                   FunctionComparison* comparison) {
  const CodeFunction& l = *comparison->left;
  const CodeFunction& r = *comparison->right;
  Alignment alignment = Align(IdentifyAll(l, *left.object), IdentifyAll(r, *right.object));
  BranchTargets targets(l, r, alignment);
  for (auto [i, j] : alignment) {
    const CodeInstruction* a = i == kNone ? nullptr : &l.instructions[i];
    const CodeInstruction* b = j == kNone ? nullptr : &r.instructions[j];
    if (a != nullptr && b != nullptr && targets.Agree(*a, *b)) {
      comparison->pairs.push_back(
          {a->size == b->size && a->text == b->text ? PairKind::kIdentical : PairKind::kWidth, a,
           b});
      continue;
    }
    if (a != nullptr) comparison->pairs.push_back({PairKind::kOnlyLeft, a, nullptr});
    if (b != nullptr) comparison->pairs.push_back({PairKind::kOnlyRight, nullptr, b});
  }
}

std::map<std::string, const CodeFunction*> ByName(const Compilation& compilation) {
  std::map<std::string, const CodeFunction*> functions;
  for (const CodeFunction& function : compilation.functions)
    if (!function.instructions.empty()) functions[function.name] = &function;
  return functions;
}

}  // namespace

Compilation::Compilation(const elf::Object& object, std::vector<CodeFunction> functions)
    : object(&object), functions(std::move(functions)) {
  for (CodeFunction& function : this->functions) std::erase_if(function.instructions, IsFiller);
}

size_t FunctionComparison::Count(PairKind kind) const {
  return static_cast<size_t>(std::count_if(pairs.begin(), pairs.end(),
                                           [&](const auto& pair) { return pair.kind == kind; }));
}

std::vector<FunctionComparison> Compare(const Compilation& left, const Compilation& right) {
  std::vector<FunctionComparison> comparisons;
  std::map<std::string, const CodeFunction*> others = ByName(right);
  for (const CodeFunction& function : left.functions) {
    if (function.instructions.empty()) continue;
    FunctionComparison comparison{function.name, &function, nullptr, {}};
    auto other = others.find(function.name);
    if (other != others.end()) {
      comparison.right = other->second;
      others.erase(other);
      CompareBodies(left, right, &comparison);
    } else {
      for (const CodeInstruction& instruction : function.instructions)
        comparison.pairs.push_back({PairKind::kOnlyLeft, &instruction, nullptr});
    }
    comparisons.push_back(std::move(comparison));
  }
  for (const auto& [name, function] : others) {
    FunctionComparison comparison{name, nullptr, function, {}};
    for (const CodeInstruction& instruction : function->instructions)
      comparison.pairs.push_back({PairKind::kOnlyRight, nullptr, &instruction});
    comparisons.push_back(std::move(comparison));
  }
  return comparisons;
}

}  // namespace race::build
