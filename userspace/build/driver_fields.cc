// SPDX-License-Identifier: GPL-2.0-only
#include "build/driver_fields.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/SHA256.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

#include "build/adapter.h"
#include "build/catalogue.h"
#include "build/enumerators.h"
#include "build/sdk_commands.h"
#include "build/sdk_small_layout.h"
#include "build/sdk_uapi.h"
#include "support/file.h"
#include "support/write_file.h"

namespace race::build {
namespace {

namespace fs = std::filesystem;

// Part of the key: another program may make another SDK of the same fields.
constexpr const char* kFormat = "1";

// Bound of the chain of derived SDKs: each has at least one field more, and a compile
// shows all those of the next step of a.b.c.
constexpr int kRounds = 6;

const std::string kSmall = kVariants[kSmallVariant].name;
constexpr const char* kBindings = "/rust/bindings/bindings_generated.rs";

// An SDK that was made again, in the same place, is another one.
std::string KeyOf(const Sdk& sdk, const std::set<FieldName>& fields) {
  std::error_code unknown;
  const auto made = fs::last_write_time(sdk.path + "/sdk", unknown).time_since_epoch();
  std::string text = std::string(kFormat) + " " + std::to_string(made.count());
  for (const auto& [type, field] : fields) text += "\n" + type + " " + field;
  llvm::SHA256 hash;
  hash.update(text);
  return llvm::toHex(hash.final(), true).substr(0, 16);
}

// The fields that the small variant of an SDK has: all that are not left out.  Its text has the
// lines of the base kernel's bindings, with paddings in front of fields.
Result<std::set<FieldName>> FieldsOfSmall(const Sdk& sdk, const Bindings& bindings) {
  const std::string path = sdk.Variant(kSmall) + kBindings;
  RACE_ASSIGN(text, ReadFile(path));
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  std::set<FieldName> fields;
  for (const Aggregate& aggregate : bindings.aggregates)
    for (const Field& field : aggregate.fields) {
      if (field.line >= lines.size())
        return Fail(Code::kSdkInvalid)
               << path << ": has " << lines.size() << " lines, and " << aggregate.name << "."
               << field.name << " is on line " << field.line + 1 << " of the base kernel's";
      if (lines[field.line].find("pub " + LeftOutName(field) + ":") == std::string::npos)
        fields.insert({aggregate.name, field.name});
    }
  return fields;
}

// Makes an SDK of links to another one, in a folder beside its place.
class Derivation {
 public:
  Derivation(const Sdk& sdk, const Bindings& bindings, const std::set<FieldName>& fields,
             std::string place)
      : sdk_(sdk),
        bindings_(bindings),
        place_(std::move(place)),
        folder_(place_ + "." + std::to_string(getpid())) {
    std::set<std::string> frozen;
    for (const auto& [name, why] : sdk.frozen) frozen.insert(name);
    layouts_ = ChooseLayouts(bindings, frozen, &fields);
    options_.kernel_tree = sdk.properties.at("kernel_tree");
    options_.output = folder_;
  }
  ~Derivation() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Derivation(const Derivation&) = delete;
  Derivation& operator=(const Derivation&) = delete;

  // The SDK's folder.  Another run may have made it meanwhile.
  Result<std::string> Make(unsigned jobs) {
    SweepFoldersOfDead(fs::path(place_).parent_path(), fs::path(place_).filename().string() + ".");
    try {
      MakeLinks();
    } catch (const fs::filesystem_error& error) {
      return Fail(Code::kFileWrite) << error.what();
    }
    RACE_TRY(WriteFileAtomically(Small() + kBindings,
                                 RewriteBindings(bindings_, layouts_.engines[kSmallVariant])));
    RACE_ASSIGN(uapi, ReadFile(sdk_.Tree() + kUapiSource));
    const Bindings uapi_model = ParseBindings(uapi);
    RACE_TRY(WriteFileAtomically(Small() + kUapiSource, RewriteUapi(uapi_model, sdk_.uapi)));
    RACE_TRY(Compile(jobs));
    RACE_TRY(AskForLayouts());
    RACE_TRY(WriteLayouts());
    RACE_TRY(SyncFolder(folder_));
    std::error_code failed;
    fs::rename(folder_, place_, failed);
    if (failed && !fs::exists(place_ + "/sdk"))
      return Fail(Code::kFileWrite) << place_ << ": " << failed.message();
    return place_;
  }

 private:
  std::string Small() const { return folder_ + "/variant/" + kSmall; }

  void MakeLinks() {
    const fs::path from = fs::canonical(sdk_.path);
    auto link = [](const fs::path& folder, const fs::path& to, const std::set<std::string>& but) {
      fs::create_directories(to);
      for (const auto& entry : fs::directory_iterator(folder))
        if (but.count(entry.path().filename()) == 0)
          fs::create_symlink(entry.path(), to / entry.path().filename());
    };
    link(from, folder_, {"fields", "layouts", "variant"});
    link(from / "variant", folder_ + "/variant", {kSmall});
    const fs::path small = from / "variant" / kSmall;
    fs::create_directories(Small() + "/temporary");
    fs::copy_symlink(small / "include", Small() + "/include");
    link(small / "rust", Small() + "/rust",
         {"bindings", "uapi", "libbindings.rmeta", "libuapi.rmeta", "libkernel.rmeta"});
    fs::create_directories(Small() + "/rust/uapi");
    link(small / "rust/bindings", Small() + "/rust/bindings", {"bindings_generated.rs"});
  }

  Status Compile(unsigned jobs) const {
    const SdkCommands commands(options_);
    for (const Command& command : {commands.Bindings(kSmall), commands.Uapi(kSmall)})
      RACE_TRY(RunOrFail(command, Code::kSdkCompile));
    std::vector<Command> others = {commands.Kernel(kSmall)};
    for (const Adapter& adapter : Adapters())
      if (sdk_.HasAdapter(adapter.crate))
        others.push_back(commands.Adapter(kSmall, std::string(adapter.crate)));
    return RunAll(others, jobs, Code::kSdkCompile);
  }

  // As for the SDK's own variants: no number of ours counts before rustc has confirmed it.
  Status AskForLayouts() {
    LayoutEngine& engine = layouts_.engines[kSmallVariant];
    const std::string source = Small() + "/catalogue.rs", object = Small() + "/catalogue.o";
    RACE_TRY(WriteFileAtomically(source, CatalogueSource(bindings_, engine)));
    Command command = SdkCommands(options_).Crate(kSmall, "bindings", "catalogue", source);
    command.words.push_back("--extern=bindings");
    command.words.push_back("--emit=obj=" + object);
    RACE_TRY(RunOrFail(command, Code::kSdkCompile));
    RACE_ASSIGN(numbers, VerifyCatalogue(bindings_, &engine, object));
    fs::remove(source);
    fs::remove(object);
    return numbers != 0 ? Status(Ok{}) : Fail(Code::kSdkVectors) << source << ": no numbers";
  }

  // The SDK's table with other numbers for the small variant; those of the other variants are
  // the same, since they do not depend on what the small one leaves out.  (Other kernels'
  // layouts, which some variants follow, are known to the SDK alone.)
  Status WriteLayouts() const {
    auto same = [](const LayoutAtom& mine, const LayoutAtom& theirs) {
      for (size_t v = 0; v < kVariantCount; v++)
        if (v != kSmallVariant && kVariants[v].form != VariantForm::kLike &&
            mine.values[v] != theirs.values[v])
          return false;
      return mine.aggregate == theirs.aggregate && mine.field == theirs.field;
    };
    if (!std::equal(layouts_.atoms.begin(), layouts_.atoms.end(), sdk_.atoms.begin(),
                    sdk_.atoms.end(), same))
      return Fail(Code::kSdkVectors) << sdk_.path << ": this program chooses other layouts than "
                                     << "the one that made the SDK; make it again";
    RACE_ASSIGN(table, ReadFile(sdk_.path + "/layouts"));
    std::istringstream lines(table);
    std::string text;
    for (const LayoutAtom& atom : layouts_.atoms) {
      std::string line;
      std::getline(lines, line);
      // The last word is the small variant's number.
      static_assert(kSmallVariant + 1 == kVariantCount);
      text +=
          line.substr(0, line.rfind(' ') + 1) + std::to_string(atom.values[kSmallVariant]) + "\n";
    }
    return WriteFileAtomically(folder_ + "/layouts", text);
  }

  const Sdk& sdk_;
  const Bindings& bindings_;
  const std::string place_, folder_;
  VariantLayouts layouts_;
  SdkOptions options_;
};

std::set<FieldName> AllFields(const Bindings& bindings, const std::set<std::string>& types) {
  std::set<FieldName> fields;
  for (const std::string& type : types)
    if (auto found = bindings.index.find(type); found != bindings.index.end())
      for (const Field& field : bindings.aggregates[found->second].fields)
        fields.insert({type, field.name});
  return fields;
}

// The names that a text has, of whatever.
std::set<std::string> NamesIn(const std::string& text) {
  static const std::regex name("[A-Za-z_][A-Za-z0-9_]*");
  std::set<std::string> names;
  for (std::sregex_iterator match(text.begin(), text.end(), name), end; match != end; ++match)
    names.insert(match->str());
  return names;
}

// The fields that the driver's sources may name: of the types that they name, of those of
// fields that they name, and so on.  All at once, where the compiler says the next step of
// a.b.c only when a.b is there.
std::set<FieldName> FieldsNamed(const Bindings& bindings, const Driver& driver) {
  std::set<std::string> names;
  for (const std::string& path : SourceFilesBelow(driver.folder))
    if (Result<std::string> text = ReadFile(path)) names.merge(NamesIn(*text));
  std::set<FieldName> fields;
  std::set<std::string> seen;
  std::vector<std::string> work(names.begin(), names.end());
  while (!work.empty()) {
    const std::string name = work.back();
    work.pop_back();
    if (!seen.insert(name).second) continue;
    if (auto alias = bindings.aliases.find(name); alias != bindings.aliases.end())
      for (const std::string& of : NamesIn(alias->second)) work.push_back(of);
    auto found = bindings.index.find(name);
    if (found == bindings.index.end()) continue;
    for (const Field& field : bindings.aggregates[found->second].fields) {
      if (!names.contains(field.name)) continue;
      fields.insert({name, field.name});
      for (const std::string& of : NamesIn(field.type)) work.push_back(of);
    }
  }
  return fields;
}

// `from`, or an SDK of `sdk` that has these fields as well.
Result<Sdk> WithFields(const Sdk& sdk, const Sdk& from, const Bindings& bindings,
                       const std::set<FieldName>& more, unsigned jobs) {
  RACE_ASSIGN(fields, FieldsOfSmall(from, bindings));
  const size_t before = fields.size();
  fields.insert(more.begin(), more.end());
  if (fields.size() == before) return from;
  const std::string place = sdk.path + "/fields/" + KeyOf(sdk, fields);
  if (!fs::exists(place + "/sdk")) {
    std::fprintf(stderr, "race: compiling the kernel crate with fields for this driver, once\n");
    RACE_TRY(Derivation(sdk, bindings, fields, place).Make(jobs));
  }
  return OpenSdk(place);
}

}  // namespace

Result<FittedSdk> FitSmallVariant(const Sdk& sdk, const Driver& driver,
                                  const std::set<std::string>& whole, unsigned jobs) {
  FittedSdk fitted{sdk, ""};
  RACE_ASSIGN(first, TryVariant(sdk, driver, kSmall));
  if (first.exit_status == 0 && whole.empty()) return fitted;
  const std::string messages = first.text;
  fitted.reason = FirstError(messages);
  RACE_ASSIGN(text, ReadFile(sdk.Tree() + kBindings));
  const Bindings bindings = ParseBindings(text);
  std::set<FieldName> missing = AllFields(bindings, whole);
  if (FieldsMissing(bindings, messages, &missing) != 0)
    missing.merge(FieldsNamed(bindings, driver));
  for (int round = 0; round < kRounds && !missing.empty(); round++) {
    Result<Sdk> derived = WithFields(sdk, fitted.sdk, bindings, missing, jobs);
    if (!derived) {
      fitted.reason += " (and no small variant has it: " + derived.error().message + ")";
      break;
    }
    fitted.sdk = std::move(*derived);
    RACE_ASSIGN(tried, TryVariant(fitted.sdk, driver, kSmall));
    if (tried.exit_status == 0) return FittedSdk{std::move(fitted.sdk), ""};
    fitted.reason = FirstError(tried.text);
    missing.clear();
    FieldsMissing(bindings, tried.text, &missing);
  }
  return fitted;
}

}  // namespace race::build
