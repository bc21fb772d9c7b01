// SPDX-License-Identifier: GPL-2.0-only
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <thread>

#include "kernel/target.h"
#include "kernel/target_list.h"
#include "race/check_report.h"
#include "race/commands.h"
#include "rcrate/rcrate_file.h"
#include "resolve/contract_facts.h"
#include "resolve/pipeline.h"
#include "support/metrics.h"

namespace race {
namespace {

struct Options {
  std::string input;
  std::vector<std::string> targets;
  bool json = false;
  bool values = false;
  bool reasons = false;
  bool metrics = false;
  bool is_validator = false;
};

// Each worker holds an unpacked kernel, some 100 MB.
constexpr size_t kMaxWorkers = 4;

// How far it is, for those who wait; nothing is left of it in the end.
class Progress {
 public:
  explicit Progress(size_t count) : count_(count), shown_(count > 1 && isatty(STDERR_FILENO)) {}
  ~Progress() {
    if (shown_) std::cerr << "\r\033[K" << std::flush;
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Begin(const std::string& target) {
    if (!shown_) return;
    std::lock_guard lock(mutex_);
    std::cerr << "\r\033[K" << ++begun_ << " of " << count_ << ": " << target << std::flush;
  }

 private:
  size_t count_;
  bool shown_;
  size_t begun_ = 0;
  std::mutex mutex_;
};

// Of a bit field, in bits as type information has it: where it is linked, from the place of
// its storage unit; where no unit that the code could read reaches it, its own.
std::optional<int64_t> NumberOf(const rcrate::Contract& contract, const resolve::Fact& fact,
                                bool holds) {
  if (contract.kind != RACE_CONTRACT_BITFIELD) return fact.value;
  if (holds) return *fact.value * 8 + contract.bit;
  if (fact.bits == 0) return std::nullopt;
  return static_cast<int64_t>(fact.bit_offset);
}

std::vector<CheckedValue> ValuesOf(const rcrate::RcrateFile& file, const kernel::Target& target,
                                   const resolve::Resolution& resolution) {
  std::vector<CheckedValue> values;
  for (uint32_t i = 0; i < file.rcrate.contracts.size(); ++i) {
    const rcrate::ContractId id{i};
    // What exists or not is an answer, and no number of the target.
    const race_contract_kind kind = file.rcrate[id].kind;
    if (!rcrate::HasValue(kind) || rcrate::IsExists(kind)) continue;
    const resolve::Fact fact = resolve::FindFact(file, id, target, resolution);
    if (!fact.from_target) continue;
    const bool holds = !resolution.holds.empty() && resolution.holds[i];
    values.push_back({id, NumberOf(file.rcrate[id], fact, holds), holds});
  }
  return values;
}

void CheckOne(const rcrate::RcrateFile& file, const Options& options, KernelCheck* check) {
  auto target = kernel::ReadTarget(check->target, &check->metrics);
  if (!target) {
    check->error = target.error();
    return;
  }
  check->report = resolve::Check(
      file, **target, &check->metrics,
      {options.is_validator ? resolve::Role::kValidator : resolve::Role::kUnvalidated});
  if (options.values) check->values = ValuesOf(file, **target, check->report.resolution);
}

// A type graph belongs to one thread at a time, so each worker has a copy of the
// driver's; the order of the result does not depend on who is faster.
void CheckAll(const rcrate::RcrateFile& file, const Options& options,
              std::vector<KernelCheck>* checks) {
  Progress progress(checks->size());
  std::atomic<size_t> next = 0;
  auto work = [&](const rcrate::RcrateFile& own) {
    for (size_t i; (i = next++) < checks->size();) {
      progress.Begin((*checks)[i].target);
      CheckOne(own, options, &(*checks)[i]);
    }
  };
  const size_t processors = std::max(1u, std::thread::hardware_concurrency());
  const size_t count = std::min({checks->size(), processors, kMaxWorkers});
  const std::vector<rcrate::RcrateFile> copies(count, file);
  std::vector<std::future<void>> workers;
  for (size_t i = 1; i < count; ++i)
    workers.push_back(std::async(std::launch::async, work, std::cref(copies[i])));
  if (count > 0) work(copies[0]);
  for (std::future<void>& worker : workers) worker.get();
}

// A kernel that cannot be read does not keep the others from being looked at; a
// folder that holds none is one that cannot be.
std::vector<KernelCheck> Expand(const std::vector<std::string>& targets, bool* has_folder) {
  std::vector<KernelCheck> checks;
  for (const std::string& target : targets) {
    auto list = kernel::ListTargets(target);
    if (!list) {
      checks.emplace_back().target = target;  // reading it says the same
      continue;
    }
    *has_folder |= list->is_folder_of_kernels;
    for (std::string& name : list->names) checks.emplace_back().target = std::move(name);
  }
  return checks;
}

int StatusOf(const std::vector<KernelCheck>& checks) {
  int status = kExitOk;
  for (const KernelCheck& check : checks) switch (check.verdict()) {
      case Verdict::kFits:
        break;
      case Verdict::kRefused:
        status = std::max(status, kExitRefused);
        break;
      case Verdict::kTrouble:
        status = std::max(status, kExitBadInput);
        break;
    }
  return status;
}

int Run(const Options& options) {
  auto file = rcrate::OpenRcrate(options.input);
  if (!file) return ReportError(file.error());
  bool has_folder = false;
  std::vector<KernelCheck> checks = Expand(options.targets, &has_folder);
  CheckAll(*file, options, &checks);

  const bool rows = (has_folder || checks.size() > 1) && !options.reasons && !options.values;
  if (options.json) PrintJson(*file, checks, std::cout);
  if (!options.json && rows) PrintRows(*file, checks, std::cout);
  for (const KernelCheck& check : checks) {
    // The rows and the JSON have it already, but not where errors are looked for.
    if (check.error)
      ReportError(*check.error);
    else if (!options.json && !rows)
      PrintInFull(*file, check, std::cout);
    if (options.metrics) {
      std::cerr << check.target << '\n';
      check.metrics.Print(std::cerr);
    }
  }
  return StatusOf(checks);
}

}  // namespace

void AddCheckCommand(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("check", "Say whether a driver would load, and if not, all reasons");
  command->add_option("FILE", options->input, "The .rcrate")->required();
  command
      ->add_option("--target", options->targets,
                   "As for `race resolve`, or a folder of kernels, such as /boot or /lib/modules; "
                   "may be given repeatedly")
      ->required()
      ->allow_extra_args(false);
  command->add_flag("--json", options->json, "Print one JSON object");
  command->add_flag("--reasons", options->reasons,
                    "Print all reasons for several kernels too, not one row for each");
  command->add_flag("--values", options->values,
                    "Print the numbers of the kernel that the driver is linked with");
  command->add_flag("--validator", options->is_validator, "FILE is the .rcrate of race.ko itself");
  command->add_flag("--metrics", options->metrics, "Print times and counts to standard error");
  command->footer(
      "Exit status: 0 it fits all kernels; 1 a kernel refuses it; 2 trouble, such as a kernel "
      "that cannot be read.");
  command->callback([options, exit_status] { *exit_status = Run(*options); });
}

}  // namespace race
