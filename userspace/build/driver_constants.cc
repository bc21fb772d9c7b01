// SPDX-License-Identifier: GPL-2.0-only
//
// CheckDriverConstants(): asks rustc for a driver's MIR and for the layouts of
// its types.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <sstream>

#include "build/const_evaluation.h"
#include "support/file.h"

namespace race::build {
namespace {

// What -Zprint-type-sizes says of each type, by name.
using Printed = std::map<std::string, std::string>;

Printed ReadTypeSizes(const std::string& text) {
  Printed types;
  std::string* current = nullptr;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("print-type-size ")) continue;
    const std::string open = "print-type-size type: `";
    if (line.starts_with(open)) {
      size_t close = line.rfind("`: ");
      if (close == std::string::npos) continue;
      current = &types[line.substr(open.size(), close - open.size())];
    }
    if (current != nullptr) *current += line + "\n";
  }
  return types;
}

bool IsPrimitive(const std::string& type) {
  static const std::set<std::string> names = {"u8",   "i8",   "u16",   "i16",   "u32",  "i32",
                                              "u64",  "i64",  "usize", "isize", "u128", "i128",
                                              "bool", "char", "f32",   "f64",   "()",   "!"};
  return names.count(type) != 0;
}

class PrintedLayouts : public TypeLayouts {
 public:
  PrintedLayouts(Printed narrow, Printed wide)
      : narrow_(std::move(narrow)), wide_(std::move(wide)) {
    for (const auto& [type, layout] : narrow_) by_plain_name_.emplace(MirPlainType(type), type);
  }

  bool Moves(const std::string& type) const override {
    if (narrow_.count(type) != 0) return Differs(type);
    // Of several types with that name, any one may be meant.
    auto [first, last] = by_plain_name_.equal_range(MirPlainType(type));
    if (first != last)
      return std::any_of(first, last, [&](const auto& named) { return Differs(named.second); });
    if (IsPrimitive(type) || type.starts_with("&") || type.starts_with("*")) return false;
    if (type.starts_with("[") && type.ends_with("]")) {
      size_t semicolon = type.rfind("; ");
      if (semicolon == std::string::npos) return Moves(type.substr(1, type.size() - 2));
      for (char c : type.substr(semicolon + 2, type.size() - semicolon - 3))
        if (!std::isdigit(static_cast<unsigned char>(c))) return true;
      return Moves(type.substr(1, semicolon - 1));
    }
    return true;
  }

  bool IsPlainNameClear(const std::string& type) const {
    return by_plain_name_.count(MirPlainType(type)) == 1;
  }

 private:
  bool Differs(const std::string& printed) const {
    auto other = wide_.find(printed);
    return other == wide_.end() || other->second != narrow_.at(printed);
  }

  Printed narrow_, wide_;
  std::multimap<std::string, std::string> by_plain_name_;
};

Result<std::string> Compile(const Sdk& sdk, const Driver& driver, const std::string& variant,
                            const std::vector<std::string>& options) {
  Command command = VariantCommand(sdk, driver, variant);
  command.words.insert(command.words.end(), options.begin(), options.end());
  RACE_ASSIGN(output, Run(command));
  if (output.exit_status != 0)
    return Fail(Code::kBuildCompile)
           << "rustc under the layout '" << variant << "': " << Tail(output.text, 30);
  return output.text;
}

}  // namespace

// As written: rustc's own optimisations would answer the questions.
Result<Mir> ReadDriverMir(const Sdk& sdk, const Driver& driver, const std::string& variant) {
  const std::string path = driver.work + "/driver.mir";
  RACE_TRY(Compile(sdk, driver, variant,
                   {"--emit=mir=" + path, "-Zmir-opt-level=0", "-Zmir-include-spans=on",
                    "-Ztrim-diagnostic-paths=no"}));
  RACE_ASSIGN(text, ReadFile(path));
  return ParseMir(text);
}

Status CheckDriverConstants(const Sdk& sdk, const Driver& driver, const Mir& mir,
                            LayoutQueries* queries) {
  *queries = FindLayoutQueries(mir);
  if (queries->types.empty()) return Ok{};
  // The least and the most padded layouts.
  std::vector<Printed> printed;
  for (const char* variant : {kVariants[0].name, kVariants[kLastHeldOut].name}) {
    RACE_ASSIGN(sizes, Compile(sdk, driver, variant,
                               {"--emit=llvm-bc=" + driver.work + "/sizes.bc",
                                "-Cno-prepopulate-passes", "-Zprint-type-sizes"}));
    printed.push_back(ReadTypeSizes(sizes));
  }
  PrintedLayouts layouts(printed[0], printed[1]);
  for (const std::string& type : queries->types)
    if (printed[0].count(type) != 0 && layouts.Moves(type) && LayoutQueries::Kernel({type}).empty())
      queries->moving.emplace(type, layouts.IsPlainNameClear(type) ? MirPlainType(type) : "");
  return CheckConstEvaluation(mir, layouts);
}

}  // namespace race::build
