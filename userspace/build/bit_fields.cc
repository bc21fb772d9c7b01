// SPDX-License-Identifier: GPL-2.0-only
#include "build/bit_fields.h"

#include <llvm/Demangle/Demangle.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/InstIterator.h>

#include <cstdlib>
#include <regex>

namespace race::build {
namespace {

constexpr std::string_view kUnitPrefix = "_bitfield_";

}  // namespace

uint8_t BitFieldUnit(const std::string& field) {
  if (!field.starts_with(kUnitPrefix)) return 0;
  // "_bitfield_align_1" is an empty array before the unit.
  const unsigned long number = std::strtoul(field.c_str() + kUnitPrefix.size(), nullptr, 10);
  return number > UINT8_MAX ? 0 : static_cast<uint8_t>(number);
}

// In `impl T {`: pub fn NAME(&self) ... self._bitfield_N.get(BITusize, WIDTHu8)
std::vector<BitField> BitFieldsOf(const Bindings& bindings, const std::string& aggregate,
                                  uint8_t unit) {
  static const std::regex function(R"(^    pub fn ([A-Za-z0-9_]+)\(&self\))");
  const std::regex get("self\\._bitfield_" + std::to_string(unit) +
                       R"(\s*\.get\(([0-9]+)usize, ([0-9]+)u8\))");
  std::vector<BitField> fields;
  const std::string begin = "impl " + aggregate + " {";
  bool inside = false;
  std::string name;
  for (const std::string& line : bindings.lines) {
    if (line == begin) inside = true;
    if (!inside) continue;
    if (line == "}") break;
    std::smatch match;
    if (std::regex_search(line, match, function)) name = match[1];
    if (!name.empty() && std::regex_search(line, match, get)) {
      fields.push_back({name, static_cast<uint16_t>(std::stoul(match[1])),
                        static_cast<uint8_t>(std::stoul(match[2]))});
      name.clear();
    }
  }
  return fields;
}

std::set<std::string> FunctionNames(const llvm::Module& module) {
  std::set<std::string> mangled, names;
  auto add = [&](const llvm::DISubprogram* subprogram) {
    if (subprogram != nullptr) mangled.insert(subprogram->getLinkageName().str());
  };
  for (const llvm::Function& function : module) {
    mangled.insert(function.getName().str());
    for (const llvm::Instruction& instruction : llvm::instructions(function))
      for (const llvm::DILocation* at = instruction.getDebugLoc(); at != nullptr;
           at = at->getInlinedAt())
        add(at->getScope()->getSubprogram());
  }
  for (const std::string& name : mangled) names.insert(llvm::demangle(name));
  return names;
}

bool IsUsed(const std::set<std::string>& functions, const std::string& aggregate,
            const BitField& field) {
  for (const std::string& name :
       {field.name, "set_" + field.name, field.name + "_raw", "set_" + field.name + "_raw"})
    if (functions.contains("<bindings::bindings_raw::" + aggregate + ">::" + name)) return true;
  return false;
}

}  // namespace race::build
