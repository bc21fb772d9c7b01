// SPDX-License-Identifier: GPL-2.0-only
//
// race cache: the modules that were resolved for the kernels of this machine.
#include <sys/utsname.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "race/commands.h"
#include "race/store_state.h"
#include "store/sync.h"

namespace race {
namespace {

struct Options {
  std::string root, kernel;
  bool json = false;
};

std::string RunningRelease() {
  utsname running;
  return uname(&running) == 0 ? running.release : "";
}

// The kernel that was named, or all that have a store.
std::vector<store::Place> Places(const Options& options) {
  if (!options.kernel.empty()) return {{options.root, options.kernel}};
  std::vector<store::Place> places;
  for (const std::string& release : store::ReleasesWithStore(options.root))
    places.push_back({options.root, release});
  return places;
}

// Of several kernels each is shown, whatever is wrong with another one.
int List(const Options& options, bool verify) {
  int status = kExitOk;
  nlohmann::json all = nlohmann::json::array();
  for (const store::Place& place : Places(options)) {
    auto state = ReadStoreState(place, verify);
    if (!state) {
      status = ReportError(state.error());
      continue;
    }
    if (verify && !state->IsGood()) status = std::max(status, kExitRefused);
    if (options.json)
      all.push_back(state->Json());
    else
      state->Print(std::cout);
  }
  if (options.json) std::cout << all.dump(2) << '\n';
  return status;
}

int CollectGarbage(const Options& options) {
  int status = kExitOk;
  for (const store::Place& place : Places(options)) {
    auto removed = store::CollectGarbage(place);
    if (!removed) {
      status = ReportError(removed.error());
      continue;
    }
    for (const std::string& name : *removed)
      std::cout << place.release << ": " << name << ": removed\n";
  }
  return status;
}

const char* Word(store::Outcome outcome) {
  switch (outcome) {
    case store::Outcome::kCurrent:
      return "current";
    case store::Outcome::kMade:
      return "made";
    case store::Outcome::kRefused:
      return "refused";
    case store::Outcome::kDropped:
      return "removed, its .rcrate is not installed";
  }
  return "";
}

int Sync(const Options& options) {
  const store::Place place{options.root,
                           options.kernel.empty() ? RunningRelease() : options.kernel};
  auto report = store::Sync(place);
  if (!report) return ReportError(report.error());
  int status = kExitOk;
  for (const store::DriverReport& driver : report->drivers) {
    std::cout << place.release << ": " << driver.name << ": " << Word(driver.outcome) << '\n';
    if (driver.outcome != store::Outcome::kRefused) continue;
    std::cerr << "race: " << driver.error << '\n';
    status = kExitRefused;
  }
  return status;
}

CLI::App* AddPart(CLI::App* command, const std::shared_ptr<Options>& options, const char* name,
                  const char* description, const char* kernel) {
  CLI::App* part = command->add_subcommand(name, description);
  part->add_option("--kernel", options->kernel, kernel);
  part->add_option("--root", options->root,
                   "Folder to take for / (of lib/modules, boot and the drivers' folders)");
  return part;
}

}  // namespace

void AddCacheCommand(CLI::App& app, int* exit_status) {
  constexpr char kAll[] = "Release of the kernel (default: all that have modules in the store)";
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "cache", "Modules that were resolved and kept, in /lib/modules/RELEASE/updates/race");
  command->require_subcommand(1);
  CLI::App* sync = AddPart(
      command, options, "sync",
      "Resolve every installed driver (/usr/local/lib/race, /usr/lib/race) for a kernel that "
      "need not run, keep the modules and run depmod",
      "Release of the kernel (default: that of the one that runs)");
  sync->callback([options, exit_status] { *exit_status = Sync(*options); });
  CLI::App* list = AddPart(command, options, "list", "What is there, by kernel", kAll);
  list->add_flag("--json", options->json, "Print one JSON array");
  list->callback([options, exit_status] { *exit_status = List(*options, false); });
  CLI::App* verify = AddPart(command, options, "verify",
                             "Hold each module against its hash, its .rcrate and its kernel", kAll);
  verify->add_flag("--json", options->json, "Print one JSON array");
  verify->callback([options, exit_status] { *exit_status = List(*options, true); });
  CLI::App* gc = AddPart(command, options, "gc",
                         "Remove what is stale, damaged or of a kernel that is gone", kAll);
  gc->callback([options, exit_status] { *exit_status = CollectGarbage(*options); });
  command->footer(
      "Exit status: 0 done; 1 sync: a driver was refused; verify: something is not current; "
      "2 trouble.");
}

}  // namespace race
