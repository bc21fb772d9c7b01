// SPDX-License-Identifier: GPL-2.0-only
#include "build/macro_constants.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "build/config_facts.h"
#include "build/enumerators.h"
#include "build/kbuild_command.h"
#include "build/process.h"
#include "build/rust_text.h"
#include "build/sdk_uapi.h"
#include "support/file.h"

namespace race::build {
namespace {

constexpr std::string_view kOption = "CONFIG_";
constexpr std::string_view kModule = "_MODULE";
constexpr std::string_view kHelper = "RUST_CONST_HELPER_";

// What is so on every x86-64 kernel.
bool IsOfProcessor(std::string_view option) {
  return option == "CONFIG_64BIT" || option == "CONFIG_X86_64" || option == "CONFIG_X86" ||
         option == "CONFIG_MMU";
}

std::string_view SkipSpace(std::string_view text) {
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) text.remove_prefix(1);
  return text;
}

// "define" of "#  define X".
std::string_view Directive(std::string_view line, std::string_view* rest) {
  line = SkipSpace(line);
  if (!line.starts_with("#")) return {};
  line = SkipSpace(line.substr(1));
  const std::string_view name = NameAt(line);
  *rest = SkipSpace(line.substr(name.size()));
  return name;
}

// The text that an operator like sizeof is applied to, if it is made of C's own numbers only.
bool IsOfNumbers(std::string_view behind) {
  behind = SkipSpace(behind);
  if (!behind.starts_with("(")) return false;
  const size_t close = behind.find(')');
  static const std::set<std::string_view> kNumbers = {
      "char",  "short", "int",  "long",   "unsigned", "signed", "u8",   "u16",
      "u32",   "u64",   "s8",   "s16",    "s32",      "s64",    "__u8", "__u16",
      "__u32", "__u64", "void", "size_t", "__s32",    "__s64"};
  for (size_t at = 1; at < std::min(close, behind.size());) {
    const std::string_view name = NameAt(behind.substr(at));
    if (name.empty()) {
      at++;
      continue;
    }
    if (kNumbers.count(name) == 0) return false;
    at += name.size();
  }
  return close != behind.npos;
}

std::string WithoutStrings(std::string_view text) {
  std::string plain;
  bool inside = false;
  for (size_t at = 0; at < text.size(); at++) {
    if (text[at] == '\\' && inside) {
      at++;
      continue;
    }
    if (text[at] == '"')
      inside = !inside;
    else if (!inside)
      plain += text[at];
  }
  return plain;
}

// Files that the kernel's build computes.  Wrappers in asm/ only include others.
bool IsGenerated(std::string_view file) {
  return file.find("include/generated/") != file.npos && !file.ends_with("/autoconf.h") &&
         file.find("/asm/") == file.npos;
}

// Constants at the top of a file of bindgen's.
struct Constant {
  std::string type, value;
};
void AddConstants(const std::string& text, std::map<std::string, Constant>* constants) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("pub const ")) continue;
    const std::string name(NameAt(std::string_view(line).substr(10)));
    const size_t equals = line.find(" = ");
    const size_t colon = line.find(": ");
    if (name.empty() || name == "_" || equals == line.npos || colon > equals) continue;
    Constant constant{line.substr(colon + 2, equals - colon - 2), line.substr(equals + 3)};
    if (constant.value.ends_with(";")) constant.value.pop_back();
    constants->emplace(name, std::move(constant));
  }
}

// What the preprocessor defines, without the code between.
std::string OnlyDefinitions(const std::string& preprocessed) {
  std::istringstream lines(preprocessed);
  std::string text, file;
  size_t number = 0, told = 0;
  for (std::string line; std::getline(lines, line); number++) {
    std::string_view rest;
    if (line.starts_with("# ")) {
      const size_t open = line.find('"');
      if (open == line.npos) continue;
      number = std::strtoul(line.c_str() + 2, nullptr, 10) - 1;
      file = line.substr(open);
      told = 0;
    } else if (Directive(line, &rest) == "define") {
      if (told != number) text += "# " + std::to_string(number) + " " + file + "\n";
      text += line + "\n";
      told = number + 1;
    }
  }
  return text;
}

// The macros of the headers that the bindings were made from: kept in the SDK's folder, where it
// can be written to.
Result<std::string> ReadDefinitions(const Sdk& sdk, const std::string& work, std::string* helper) {
  RACE_ASSIGN(command, ReadKbuildCommand(sdk.Tree(), "rust/helpers/helpers.o"));
  const std::string source = work + "/macros.h", path = work + "/macros.i";
  const std::string kept = sdk.path + "/macros";
  std::vector<std::string> words;
  std::string folder;
  for (size_t i = 0; i < command.first.words.size(); i++) {
    const std::string& word = command.first.words[i];
    if (word == "-o") {
      i++;
    } else if (word.ends_with("helpers/helpers.c")) {
      folder = word.substr(0, word.rfind("/helpers/"));
      words.insert(words.end(), {"-x", "c", source});
    } else if (word != "-c" && word != "-Werror" && !word.starts_with("-Wp,-MMD")) {
      words.push_back(word);
    }
  }
  words.insert(words.end(), {"-w", "-E", "-dD", "-o", path});
  *helper = folder + "/bindings/bindings_helper.h";
  if (Result<std::string> known = ReadFile(kept); known) return known;
  RACE_TRY(WriteFileAtomically(
      source, "#include \"" + *helper + "\"\n#include \"" + folder + "/uapi/uapi_helper.h\"\n"));
  command.first.words = std::move(words);
  RACE_TRY(RunOrFail(command.first, Code::kBuildCompile));
  RACE_ASSIGN(preprocessed, ReadFile(path));
  std::string definitions = OnlyDefinitions(preprocessed);
  if (const Status written = WriteFileAtomically(kept, definitions); !written) return definitions;
  return definitions;
}

// What the headers' list of its own defines by macros: RUST_CONST_HELPER_NAME = EXPRESSION.
void DefineHelpers(const std::string& text, Macros* macros) {
  for (size_t at = 0; (at = text.find(kHelper, at)) != text.npos;) {
    at += kHelper.size();
    const std::string name(NameAt(std::string_view(text).substr(at)));
    at += name.size();
    const size_t end = std::min(text.find(';', at), text.size());
    macros->Define(name, text.substr(at, end - at));
    at = end;
  }
}

// What scripts/header-constants found in other kernels' headers: by their names, numbers by name.
using OtherKernels = std::map<std::string, std::map<std::string, uint64_t>>;
OtherKernels ReadOtherKernels(const std::string& folder) {
  OtherKernels kernels;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const Result<std::string> text = ReadFile(entry.path());
    if (!text) continue;
    std::map<std::string, uint64_t>& numbers = kernels[entry.path().filename()];
    std::istringstream lines(*text);
    std::string name, value;
    // Written as a signed number of 64 bits.
    while (lines >> name >> value)
      numbers[name] = static_cast<uint64_t>(std::strtoll(value.c_str(), nullptr, 10));
  }
  return kernels;
}

// Of a number as bindgen wrote it: whether it is the same, in as many bits as it has there.
bool IsSame(const std::string& bindgen, const std::string& type, uint64_t other) {
  const bool negative = bindgen.starts_with("-");
  const uint64_t mine = negative ? static_cast<uint64_t>(std::strtoll(bindgen.c_str(), nullptr, 10))
                                 : std::strtoull(bindgen.c_str(), nullptr, 10);
  unsigned bits = 64;
  if (type == "u32" || type == "i32") bits = 32;
  if (type == "u16" || type == "i16") bits = 16;
  if (type == "u8" || type == "i8") bits = 8;
  const uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  return (mine & mask) == (other & mask);
}

// The first place of each constant in lines that code is from.
void AddMentions(const SourceLines& code, const std::string& folder,
                 std::map<std::string, std::string>* named) {
  for (const auto& [file, lines] : code) {
    if (!file.starts_with(folder + "/")) continue;
    const Result<std::string> text = ReadFile(file);
    if (!text) continue;
    for (const Mention& mention : MentionsOfBindings(*text)) {
      const auto line = lines.lower_bound(mention.statement);
      if (line != lines.end() && *line <= mention.line)
        named->emplace(mention.name, file + ":" + std::to_string(mention.line));
    }
  }
}

}  // namespace

Macros::Macros(std::string_view preprocessed, std::string directory)
    : directory_(std::move(directory)) {
  std::istringstream lines{std::string(preprocessed)};
  std::string file;
  size_t number = 0;
  for (std::string line; std::getline(lines, line); number++) {
    if (line.starts_with("# ")) {
      const size_t open = line.find('"');
      if (open == line.npos) continue;
      number = std::strtoul(line.c_str() + 2, nullptr, 10) - 1;
      file = line.substr(open + 1, line.find('"', open + 1) - open - 1);
      continue;
    }
    std::string_view rest;
    if (Directive(line, &rest) != "define") continue;
    const std::string name(NameAt(rest));
    definitions_[name].push_back({std::string(rest.substr(name.size())), file, number});
  }
}

void Macros::Define(const std::string& name, const std::string& expression) {
  definitions_[name].push_back({expression, "", 0});
}

const Macros::Header& Macros::Read(const std::string& file) {
  auto [known, fresh] = headers_.try_emplace(file);
  Header& header = known->second;
  if (!fresh) return header;
  const Result<std::string> text = ReadFile(file.starts_with("/") ? file : directory_ + "/" + file);
  if (!text) return header;
  std::vector<std::string> around;
  header.conditions.emplace_back();
  std::istringstream lines(*text);
  std::string whole;
  for (std::string line; std::getline(lines, line);) {
    header.conditions.push_back(around);
    whole += line;
    if (whole.ends_with("\\")) {
      whole.back() = ' ';
      continue;
    }
    std::string_view rest;
    const std::string_view directive = Directive(whole, &rest);
    if (directive.starts_with("if")) around.emplace_back(rest);
    if (directive == "elif" && !around.empty()) around.back() += " " + std::string(rest);
    if (directive == "endif" && !around.empty()) around.pop_back();
    if (directive == "define") header.definitions[std::string(NameAt(rest))]++;
    whole.clear();
  }
  return header;
}

void Macros::VisitText(std::string_view text, std::set<std::string>* seen, Dependence* found) {
  const std::string plain = WithoutStrings(text);
  for (size_t at = 0; at < plain.size();) {
    const std::string_view name = NameAt(std::string_view(plain).substr(at));
    if (name.empty()) {
      at++;
      continue;
    }
    at += name.size();
    static const std::set<std::string_view> kOfTypes = {"sizeof",     "offsetof",    "__alignof__",
                                                        "_Alignof",   "alignof",     "typeof",
                                                        "__typeof__", "sizeof_field"};
    if (kOfTypes.count(name) != 0 && !IsOfNumbers(std::string_view(plain).substr(at)))
      found->unknown = "is made of a type's size or place";
    Visit(std::string(name), seen, found);
  }
}

void Macros::Visit(const std::string& name, std::set<std::string>* seen, Dependence* found) {
  if (!seen->insert(name).second) return;
  if (name.starts_with(kOption)) {
    std::string option = name;
    if (option.ends_with(kModule)) option.resize(option.size() - kModule.size());
    if (!IsOfProcessor(option)) found->options.insert(option);
    return;
  }
  const auto all = definitions_.find(name);
  if (all == definitions_.end()) {
    found->names.insert(name);
    return;
  }
  for (const Definition& definition : all->second) {
    if (IsGenerated(definition.file))
      found->unknown = "is computed while a kernel is built (" + definition.file + ")";
    // __AC() appends the suffix of a number.
    if (definition.text.find("##") != std::string::npos && name != "__AC")
      found->unknown = "is made of a name that " + name + "() puts together";
    VisitText(definition.text, seen, found);
    if (definition.file.empty()) continue;
    // Which of several counts is a matter of the conditions around them.
    const Header& header = Read(definition.file);
    const auto times = header.definitions.find(name);
    if (times == header.definitions.end() || times->second < 2 ||
        definition.line >= header.conditions.size())
      continue;
    for (const std::string& condition : header.conditions[definition.line])
      VisitText(condition, seen, found);
  }
}

Macros::Dependence Macros::Of(const std::string& name) {
  Dependence found;
  std::set<std::string> seen;
  Visit(name, &seen, &found);
  if (const auto all = definitions_.find(name); all != definitions_.end())
    found.file = all->second.back().file;
  return found;
}

Status AddMacroConstants(const Sdk& sdk, const std::string& work,
                         const std::map<std::string, std::string>& named, const SourceLines& code,
                         const std::string& kernel_crate, const std::string& configuration,
                         ContractBuilder* contracts) {
  std::map<std::string, Constant> constants;
  for (const std::string& path :
       {std::string("/rust/bindings/bindings_generated.rs"), std::string(kUapiSource)}) {
    RACE_ASSIGN(text, ReadFile(sdk.Tree() + path));
    AddConstants(text, &constants);
  }
  // What C's enumerators give has contracts of its own.
  std::set<std::string> of_enumerators;
  for (const Enumerator& enumerator : contracts->enumerators())
    of_enumerators.insert(enumerator.constant);
  std::map<std::string, std::string> places = named;
  AddMentions(code, kernel_crate, &places);
  std::erase_if(places, [&](const auto& place) {
    return constants.count(place.first) == 0 || of_enumerators.count(place.first) != 0;
  });
  if (places.empty()) return Ok{};
  std::string helper;
  RACE_ASSIGN(definitions, ReadDefinitions(sdk, work, &helper));
  Macros macros(definitions, sdk.Tree());
  RACE_ASSIGN(own, ReadFile(helper));
  DefineHelpers(own, &macros);
  std::set<std::pair<std::string, std::string>> asked;
  std::map<std::string, std::string> enumerators;
  const OtherKernels kernels = ReadOtherKernels(sdk.path + "/constants");
  std::string unknown;
  for (const auto& [name, place] : places) {
    const bool is_drivers = named.count(name) != 0;
    const Macros::Dependence dependence = macros.Of(name);
    if (!dependence.unknown.empty() && is_drivers && !contracts->IsDerived(name))
      unknown += place + ": bindings::" + name + " " + dependence.unknown +
                 ", and is another number in another kernel\n";
    // What flags of allocations and of XArrays are made of becomes symbols.
    if (!contracts->IsDerived(name))
      for (const std::string& part : dependence.names) enumerators.emplace(part, place);
    const bool is_option = name.starts_with(kOption);
    for (const std::string& option : dependence.options) {
      const std::string value = ExpectedConfig(configuration, option, is_option);
      if (asked.emplace(option, value).second)
        contracts->AddConfig(option, value, place + " (" + name + ")");
    }
    if (is_option || !dependence.options.empty() || contracts->IsDerived(name)) continue;
    std::string same;
    for (const auto& [kernel, numbers] : kernels) {
      const auto number = numbers.find(name);
      if (number == numbers.end()) continue;
      if (IsSame(constants[name].value, constants[name].type, number->second))
        same += (same.empty() ? " (as in " : ", ") + kernel;
      else if (dependence.unknown.empty())
        unknown += place + ": bindings::" + name + " is " + constants[name].value + " here and " +
                   std::to_string(static_cast<int64_t>(number->second)) + " in " + kernel + "\n";
    }
    if (is_drivers)
      contracts->rcrate().manifest.push_back(
          {"macro", name + " = " + constants[name].value + (same.empty() ? "" : same + ")")});
  }
  contracts->AddEnumeratorsByName(enumerators);
  if (unknown.empty()) return Ok{};
  return Fail(Code::kUnsupported) << unknown << "  ask the kernel for it when the driver runs";
}

}  // namespace race::build
