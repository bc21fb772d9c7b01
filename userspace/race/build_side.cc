// SPDX-License-Identifier: GPL-2.0-only
//
// The build side links LLVM and is a program of its own, so that this one can run
// in an initramfs; to the user both are `race`.
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "race/commands.h"

namespace race {
namespace {

struct BuildSideCommand {
  const char* name;
  const char* description;
};

constexpr BuildSideCommand kCommands[] = {
    {"sdk", "Prepare a kernel tree for building drivers (run by race-build)"},
    {"build", "Compile a driver's folder to a .rcrate (run by race-build)"},
    {"zero-cost", "Compare resolved code with code for one kernel (run by race-build)"},
};

}  // namespace

void AddBuildSideCommands(CLI::App& app) {
  for (const BuildSideCommand& command : kCommands)
    app.add_subcommand(command.name, command.description);
}

bool IsBuildSideCommand(const std::string& name) {
  for (const BuildSideCommand& command : kCommands)
    if (name == command.name) return true;
  return false;
}

int RunBuildSide(const std::vector<std::string>& words) {
  char self[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", self, sizeof(self));
  if (length < 0)
    return ReportError(Fail(Code::kCommandFailed)
                       << "cannot tell where this program is: /proc/self/exe: "
                       << std::strerror(errno));
  std::string program(self, static_cast<size_t>(length));
  program.resize(program.rfind('/') + 1);
  program += "race-build";

  std::vector<std::string> copies = words;
  std::vector<char*> argv = {program.data()};
  for (std::string& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  if (errno == ENOENT)
    return ReportError(Fail(Code::kCommandFailed)
                       << "`race " << words.front() << "` needs the build side, which is not "
                       << "installed: there is no " << program);
  return ReportError(Fail(Code::kCommandFailed)
                     << "cannot run " << program << ": " << std::strerror(errno));
}

}  // namespace race
