// SPDX-License-Identifier: GPL-2.0-only
//
// race status: the installed drivers on each kernel of this machine.
#include <filesystem>
#include <iostream>
#include <memory>

#include "race/commands.h"
#include "race/store_state.h"
#include "store/installed_drivers.h"

namespace race {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string root;
  bool json = false;
};

// Kernels, and what is left of them: folders below lib/modules with modules or a store.
std::vector<std::string> Releases(const std::string& root) {
  std::vector<std::string> releases;
  std::error_code error, ignored;
  for (fs::directory_iterator it(root + "/lib/modules", error), end; !error && it != end;
       it.increment(error))
    if (fs::exists(it->path() / "kernel", ignored) ||
        fs::exists(it->path() / "updates/race", ignored))
      releases.push_back(it->path().filename());
  std::sort(releases.begin(), releases.end());
  return releases;
}

int Run(const Options& options) {
  int status = kExitOk;
  nlohmann::json kernels = nlohmann::json::array(), installed = nlohmann::json::array();
  const auto drivers = store::InstalledDrivers(options.root);
  for (const store::InstalledDriver& driver : drivers) installed.push_back(driver.path);
  if (!options.json && drivers.empty())
    std::cout << "no driver is installed (NAME.rcrate in " << store::DriverFolders(options.root)[0]
              << " or " << store::DriverFolders(options.root)[1] << ")\n";
  for (const std::string& release : Releases(options.root)) {
    auto state = ReadStoreState({options.root, release}, true);
    if (!state) {
      status = ReportError(state.error());
      continue;
    }
    if (!state->IsGood()) status = std::max(status, kExitRefused);
    for (const DriverState& driver : state->drivers)
      if (driver.state == "refused") status = std::max(status, kExitRefused);
    kernels.push_back(state->Json());
    if (!options.json) state->Print(std::cout);
  }
  if (options.json)
    std::cout << nlohmann::json{{"installed", installed}, {"kernels", kernels}}.dump(2) << '\n';
  return status;
}

}  // namespace

void AddStatusCommand(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("status", "The installed drivers on each kernel of this machine");
  command->add_option("--root", options->root, "Folder to take for /");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->footer(
      "Exit status: 0 each driver is there for each kernel; 1 one is not, or is refused there; "
      "2 trouble, such as a kernel that cannot be read.");
  command->callback([options, exit_status] { *exit_status = Run(*options); });
}

}  // namespace race
