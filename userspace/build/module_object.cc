// SPDX-License-Identifier: GPL-2.0-only
#include "build/module_object.h"

#include <llvm/Object/ELFObjectFile.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "build/plain_folder.h"
#include "rcrate/race_section_writer.h"
#include "rcrate/rcrate_file.h"
#include "steg/binary.h"
#include "support/file.h"
#include "support/write_file.h"

namespace race::build {
namespace {

// What is kept is not swept.
constexpr const char* kWork = ".race-build-";
constexpr const char* kKept = ".race-kept-";

}  // namespace

// Where make would not take the name of OUTPUT, it is with other temporary files.  A name that
// nobody can foretell, and a folder that nobody else may write to: others write there, too.
WorkFolder::WorkFolder(const std::string& output, bool keep)
    : path_((IsPlainName(std::filesystem::absolute(output).string())
                 ? output
                 : std::filesystem::temp_directory_path().string()) +
            "/" + (keep ? kKept : kWork) + std::to_string(getpid()) + "-XXXXXX"),
      keep_(keep) {
  SweepFoldersOfDead(std::filesystem::path(path_).parent_path(), kWork);
  made_ = mkdtemp(path_.data()) != nullptr;
  reason_ = errno;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  if (made_ && !keep_) std::filesystem::remove_all(path_, ignored);
}

Status WorkFolder::Made() const {
  if (made_) return Ok{};
  return Fail(Code::kFileWrite) << path_ << ": " << strerror(reason_);
}

// What Kbuild does to the object of a module: objtool with the same options,
// and the relocatable link with the module's linker script and the common part.
Status FinishObject(const Sdk& sdk, const Driver& driver, const std::string& object,
                    const std::string& linked) {
  bool checked = false;
  for (std::vector<std::string> words : driver.compile.after) {
    if (words.empty() || words[0].find("objtool") == std::string::npos) continue;
    words.back() = object;
    RACE_TRY(RunOrFail({words, {}, driver.kbuild}, Code::kBuildObjtool));
    checked = true;
  }
  // Without its tables of returns and indirect calls a kernel warns, or does worse.
  if (!checked)
    return Fail(Code::kBuildObjtool) << driver.module << ": Kbuild ran no objtool on the module's "
                                     << "object, so it is not known how to";
  const std::string& suffix = sdk.properties.at("llvm_suffix");
  RACE_TRY(RunOrFail({{"ld.lld" + suffix, "-r", "-m", "elf_x86_64", "-z", "noexecstack", "-T",
                       sdk.Tree() + "/scripts/module.lds", "-o", linked, object,
                       driver.kbuild + "/.module-common.o"},
                      {},
                      driver.work},
                     Code::kBuildLink));
  return Ok{};
}

Result<std::set<std::string>> SectionsOf(const std::string& object) {
  auto buffer = llvm::MemoryBuffer::getFile(object);
  if (!buffer) return Fail(Code::kFileRead) << object << ": " << buffer.getError().message();
  auto file = llvm::object::ObjectFile::createObjectFile((*buffer)->getMemBufferRef());
  if (!file) return Fail(Code::kBuildLink) << object << ": " << llvm::toString(file.takeError());
  std::set<std::string> names;
  for (const llvm::object::SectionRef& section : (*file)->sections())
    if (auto name = section.getName(); name && section.getSize() != 0) names.insert(name->str());
  return names;
}

// "key=value" strings of the module's .modinfo that the resolver asks for.
Status AddModuleInfo(const std::string& linked, rcrate::Rcrate* rcrate) {
  auto buffer = llvm::MemoryBuffer::getFile(linked);
  if (!buffer) return Fail(Code::kFileRead) << linked << ": " << buffer.getError().message();
  auto object = llvm::object::ObjectFile::createObjectFile((*buffer)->getMemBufferRef());
  if (!object)
    return Fail(Code::kBuildLink) << linked << ": " << llvm::toString(object.takeError());
  for (const llvm::object::SectionRef& section : (*object)->sections()) {
    auto name = section.getName();
    auto contents = section.getContents();
    if (!name || *name != ".modinfo" || !contents) continue;
    llvm::SmallVector<llvm::StringRef> entries;
    contents->split(entries, '\0', -1, /*KeepEmpty=*/false);
    for (llvm::StringRef entry : entries) {
      auto [key, value] = entry.split('=');
      if (key == "license" || key == "import_ns")
        rcrate->manifest.push_back({key.str(), value.str()});
    }
  }
  if (rcrate->Manifest("license").empty())
    return Fail(Code::kBuildInput) << linked << ": the module states no licence";
  return Ok{};
}

void AddManifest(const Sdk& sdk, const Driver& driver, const std::string& base,
                 rcrate::Rcrate* rcrate) {
  auto add = [&](const char* key, const std::string& value) {
    rcrate->manifest.push_back({key, value});
  };
  add("format", "1");
  add("producer", "race");
  add("rustc", sdk.properties.at("rustc_version"));
  add("base", base);
  add("module", driver.module);
  add("retpoline", "Y");
  for (const std::string& alias : driver.aliases) add("alias", alias);
}

Result<std::string> WriteRcrate(const Sdk& sdk, const Driver& driver, const rcrate::Rcrate& rcrate,
                                const steg::Graph& types, const std::string& linked,
                                const std::string& output,
                                const std::vector<std::string>& without) {
  const std::string section = driver.work + "/race", steg = driver.work + "/steg";
  RACE_TRY(WriteFileAtomically(section, rcrate::WriteRaceSection(rcrate)));
  RACE_TRY(WriteFileAtomically(steg, steg::WriteBinary(types)));
  const std::string made = driver.work + "/" + driver.module + ".rcrate";
  Command copy{{"llvm-objcopy" + sdk.properties.at("llvm_suffix"), "--strip-debug", "--add-section",
                std::string(RACE_SECTION) + "=" + section, "--add-section",
                std::string(RACE_STEG_SECTION) + "=" + steg},
               {},
               {}};
  for (const std::string& name : without) copy.words.push_back("--remove-section=" + name);
  copy.words.insert(copy.words.end(), {linked, made});
  RACE_TRY(RunOrFail(copy, Code::kBuildLink));
  // What no command reads must not look like a result.
  RACE_ASSIGN(read, rcrate::OpenRcrate(made));
  if (read.rcrate.contracts.size() != rcrate.contracts.size())
    return Fail(Code::kBuildLink) << made << ": " << read.rcrate.contracts.size() << " of "
                                  << rcrate.contracts.size() << " contracts are there";
  const std::string path = output + "/" + driver.module + ".rcrate";
  // Like all that a command leaves; the work folder may be on another file system.
  RACE_ASSIGN(bytes, ReadFile(made));
  RACE_TRY(WriteFileAtomically(path, bytes));
  return path;
}

}  // namespace race::build
