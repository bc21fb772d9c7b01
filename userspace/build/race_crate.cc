// SPDX-License-Identifier: GPL-2.0-only
#include "build/race_crate.h"

#include <filesystem>

#include "build/kbuild_command.h"
#include "build/race_crate_source.h"
#include "support/file.h"

namespace race::build {

Result<std::string> CompileRaceCrate(const Sdk& sdk, const std::string& work) {
  const std::string folder = work + "/race-crate";
  std::filesystem::create_directories(folder);
  const std::string source = folder + "/race.rs", metadata = folder + "/librace.rmeta";
  RACE_TRY(WriteFileAtomically(source, kRaceCrateSource));
  // `ffi` is a crate of core's alone, too.
  RACE_ASSIGN(kbuild, ReadKbuildCommand(sdk.Tree(), "rust/ffi.o"));
  Command& command = kbuild.first;
  DropWords(&command.words, "--emit=");
  for (size_t i = 0; i < command.words.size(); i++) {
    if (command.words[i] == "--crate-name" && i + 1 < command.words.size())
      command.words[i + 1] = "race";
    if (command.words[i].ends_with("/ffi.rs")) command.words[i] = source;
  }
  command.words.push_back("--emit=metadata=" + metadata);
  command.words.push_back("-Ztemps-dir=" + folder);
  RACE_TRY(RunOrFail(command, Code::kBuildCompile));
  // A file of its own: no folder of crates is searched for it.
  return "KRUSTFLAGS=--extern race=" + metadata + " --cfg race";
}

}  // namespace race::build
