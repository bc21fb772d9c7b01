// SPDX-License-Identifier: GPL-2.0-only
//
// race: links a driver's layouts against the kernel that it shall run on.
#include <iostream>
#include <new>
#include <stdexcept>

#include "race/commands.h"
#include "race/steg_command.h"
#include "store/version.h"

int main(int argc, char** argv) {
  // What compiles is done by race-build, which parses its own words.
  if (argc > 1 && race::IsBuildSideCommand(argv[1]))
    return race::RunBuildSide(std::vector<std::string>(argv + 1, argv + argc));

  int exit_status = race::kExitOk;
  CLI::App app{
      "RACE: compile a Rust kernel driver once, and link it against the layouts of the kernel "
      "that it runs on.",
      "race"};
  app.footer(
      "Exit status: 0 done; 1 the answer is no: the target does not have what the driver needs\n"
      "(resolve, check), the two differ (steg diff), nothing has that name (steg dump --type),\n"
      "a driver is refused or not current (cache, status);\n"
      "2 trouble: wrong usage, or a file that cannot be read or written or is malformed.\n"
      "Errors are explained, by their code, in Documentation/diagnostics.md.");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("race ") + race::store::kVersion,
                       "Print the version and exit");
  race::AddResolveCommand(app, &exit_status);
  race::AddCheckCommand(app, &exit_status);
  race::AddInspectCommand(app, &exit_status);
  race::AddStegCommand(app, &exit_status);
  race::AddCacheCommand(app, &exit_status);
  race::AddStatusCommand(app, &exit_status);
  race::AddBuildSideCommands(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return race::ReportError(race::Fail(race::Code::kUsage)
                             << error.what() << " (see `race --help`)");
  } catch (const std::bad_alloc&) {
    return race::ReportError(race::Fail(race::Code::kFileRead)
                             << "there is not enough memory for what the files ask for");
  } catch (const std::length_error&) {
    return race::ReportError(race::Fail(race::Code::kFileRead)
                             << "there is not enough memory for what the files ask for");
  }
  // An answer that nobody got, as where the disk is full, is no answer.
  if (!std::cout.flush())
    return race::ReportError(race::Fail(race::Code::kFileWrite)
                             << "standard output: not all could be written");
  return exit_status;
}
