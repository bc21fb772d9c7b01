// SPDX-License-Identifier: GPL-2.0-only
#include "store/depmod.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

namespace race::store {
namespace {

std::string Program() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path ? path : "") + ":/usr/sbin:/sbin");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (const std::string program = folder + "/depmod";
        !folder.empty() && access(program.c_str(), X_OK) == 0)
      return program;
  return "";
}

}  // namespace

Status RunDepmod(const Place& place) {
  std::string program = Program();
  if (program.empty())
    return Fail(Code::kCommandFailed) << "there is no depmod (package kmod), without which "
                                         "modprobe does not find the drivers";
  std::vector<std::string> words = {program};
  if (!place.root.empty()) words.insert(words.end(), {"-b", place.root});
  words.push_back(place.release);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  pid_t child = 0;
  const int error = posix_spawn(&child, program.c_str(), nullptr, nullptr, argv.data(), environ);
  if (error != 0) return Fail(Code::kCommandFailed) << program << ": " << strerror(error);
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return Fail(Code::kCommandFailed) << program << ": " << strerror(errno);
  if (status != 0)
    return Fail(Code::kCommandFailed)
           << program << " failed for " << place.Kernel()
           << (WIFEXITED(status) ? " with status " + std::to_string(WEXITSTATUS(status))
                                 : ", killed by signal " + std::to_string(WTERMSIG(status)));
  return Ok{};
}

}  // namespace race::store
