// SPDX-License-Identifier: GPL-2.0-only
#include "build/sdk.h"

#include <sstream>

#include "support/file.h"

namespace race::build {

std::vector<std::string> MakeWords(const std::map<std::string, std::string>& properties) {
  auto get = [&](const char* key) { return properties.at(key); };
  return {"make",
          "LLVM=" + get("llvm_suffix"),
          "RUSTC=" + get("rustc"),
          "HOSTRUSTC=" + get("rustc"),
          "BINDGEN=" + get("bindgen"),
          "RUST_LIB_SRC=" + get("rust_library")};
}

bool Sdk::HasAdapter(std::string_view crate) const {
  auto found = properties.find("adapters");
  std::istringstream words(found == properties.end() ? "" : found->second);
  for (std::string word; words >> word;)
    if (word == crate) return true;
  return false;
}

bool Sdk::EnumeratorsMove() const { return properties.at("enumerators") == "move"; }

Result<Sdk> OpenSdk(const std::string& path) {
  Sdk sdk;
  sdk.path = path;
  Result<std::string> stamp = ReadFile(path + "/sdk");
  if (!stamp)
    return Fail(Code::kSdkInvalid) << path << ": not a complete SDK (no file 'sdk'); make one "
                                   << "with 'race sdk build --output " << path << "'";
  std::istringstream properties(*stamp);
  for (std::string line; std::getline(properties, line);)
    if (size_t equals = line.find('='); equals != std::string::npos)
      sdk.properties[line.substr(0, equals)] = line.substr(equals + 1);
  for (const char* key : {"format", "rustc", "bindgen", "rust_library", "llvm_suffix", "release",
                          "rustc_version", "enumerators"})
    if (sdk.properties.count(key) == 0)
      return Fail(Code::kSdkInvalid) << path << "/sdk: no '" << key << "='";
  if (sdk.properties["format"] != "4")
    return Fail(Code::kSdkInvalid) << path << "/sdk: format " << sdk.properties["format"]
                                   << ", this program knows 4; remake the SDK";
  RACE_ASSIGN(layouts, ReadFile(path + "/layouts"));
  std::istringstream lines(layouts);
  size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    number++;
    std::istringstream words(line);
    LayoutAtom atom;
    if (!(words >> atom.aggregate >> atom.field >> atom.align >> atom.true_value >>
          atom.raised_value))
      return Fail(Code::kSdkInvalid) << path << "/layouts:" << number << ": malformed line";
    if (atom.field == "-") atom.field.clear();
    for (uint64_t value; words >> value;) atom.values.push_back(value);
    if (atom.values.size() != kVariantCount)
      return Fail(Code::kSdkInvalid) << path << "/layouts:" << number << ": " << atom.values.size()
                                     << " values, expected " << kVariantCount;
    sdk.atoms.push_back(std::move(atom));
  }
  RACE_ASSIGN(frozen, ReadFile(path + "/frozen"));
  std::istringstream types(frozen);
  for (std::string line; std::getline(types, line);)
    if (size_t space = line.find(' '); space != std::string::npos)
      sdk.frozen[line.substr(0, space)] = line.substr(space + 1);
  RACE_ASSIGN(exact, ReadFile(path + "/uapi"));
  std::istringstream uapi(exact);
  for (std::string line; std::getline(uapi, line);)
    if (size_t space = line.find(' '); space != std::string::npos)
      sdk.uapi[line.substr(0, space)] = line.substr(space + 1);
  return sdk;
}

}  // namespace race::build
