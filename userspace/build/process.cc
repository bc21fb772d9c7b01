// SPDX-License-Identifier: GPL-2.0-only
#include "build/process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <thread>

namespace race::build {
namespace {

std::string Spell(const Command& command) {
  std::string text;
  for (const std::string& word : command.words) text += (text.empty() ? "" : " ") + word;
  return text.size() > 400 ? text.substr(0, 400) + " ..." : text;
}

[[noreturn]] void Exec(const Command& command, int output) {
  int null = open("/dev/null", O_RDONLY);
  dup2(null, 0);
  dup2(output, 1);
  dup2(output, 2);
  if (!command.directory.empty() && chdir(command.directory.c_str()) < 0) _exit(127);
  for (const std::string& setting : command.environment) putenv(strdup(setting.c_str()));
  std::vector<char*> argv;
  for (const std::string& word : command.words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  dprintf(2, "%s: %s\n", argv[0], strerror(errno));
  _exit(127);
}

}  // namespace

std::string Tail(const std::string& text, size_t lines) {
  size_t position = text.size();
  while (position > 0 && lines-- > 0) {
    position = text.rfind('\n', position - 1);
    if (position == std::string::npos) return text;
  }
  return text.substr(position);
}

Result<Output> Run(const Command& command) {
  int pipes[2];
  if (pipe2(pipes, O_CLOEXEC) < 0) return Fail(Code::kCommandFailed) << "pipe: " << strerror(errno);
  pid_t child = fork();
  if (child < 0) return Fail(Code::kCommandFailed) << "fork: " << strerror(errno);
  if (child == 0) Exec(command, pipes[1]);
  close(pipes[1]);
  Output output;
  char buffer[1 << 14];
  for (;;) {
    ssize_t n = read(pipes[0], buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    output.text.append(buffer, n);
  }
  close(pipes[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status))
    return Fail(Code::kCommandFailed)
           << Spell(command) << ": killed by signal " << WTERMSIG(status) << "\n"
           << Tail(output.text, 20);
  output.exit_status = WEXITSTATUS(status);
  if (output.exit_status == 127)
    return Fail(Code::kCommandFailed) << Spell(command) << ": " << Tail(output.text, 20);
  return output;
}

Status RunOrFail(const Command& command, Code code) {
  RACE_ASSIGN(output, Run(command));
  if (output.exit_status != 0)
    return Fail(code) << Spell(command) << ": exit status " << output.exit_status << "\n"
                      << Tail(output.text, 40);
  return Ok{};
}

namespace {

// Calls `work` for each of `count` indexes, on `parallel` threads, until it fails for one.
template <typename Work>
Status ForEach(size_t count, unsigned parallel, const Work& work) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  std::optional<Error> failure;
  auto loop = [&] {
    for (size_t index; (index = next++) < count;) {
      {
        std::lock_guard lock(mutex);
        if (failure) return;
      }
      Status status = work(index);
      if (!status) {
        std::lock_guard lock(mutex);
        if (!failure) failure = status.error();
      }
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < parallel; i++) workers.emplace_back(loop);
  for (std::thread& worker : workers) worker.join();
  if (failure) return *failure;
  return Ok{};
}

}  // namespace

Status RunAll(const std::vector<Command>& commands, unsigned parallel, Code code) {
  return ForEach(commands.size(), parallel,
                 [&](size_t index) { return RunOrFail(commands[index], code); });
}

Result<std::vector<Output>> RunEach(const std::vector<Command>& commands, unsigned parallel) {
  std::vector<Output> outputs(commands.size());
  RACE_TRY(ForEach(commands.size(), parallel, [&](size_t index) -> Status {
    RACE_ASSIGN(output, Run(commands[index]));
    outputs[index] = std::move(output);
    return Ok{};
  }));
  return outputs;
}

}  // namespace race::build
