// SPDX-License-Identifier: GPL-2.0-only
//
// race-modprobe: modprobe, which also loads drivers that are .rcrate files: it links them
// against the kernel that runs.
#include <errno.h>
#include <syslog.h>

#include <cstdlib>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "modprobe/linker.h"
#include "modprobe/log.h"
#include "modprobe/lookup.h"
#include "modprobe/machine.h"
#include "modprobe/options.h"
#include "modprobe/perform.h"
#include "modprobe/plan.h"
#include "modprobe/show.h"
#include "store/version.h"

namespace race::modprobe {
namespace {

// As modprobe has them: 0 or 1.
constexpr int kDone = 0;
constexpr int kFailed = 1;

std::string Environment() {
  const char* text = std::getenv("MODPROBE_OPTIONS");
  return text ? text : "";
}

// Usage errors are modprobe's own words, without a code.
std::string TextOf(const Error& error) {
  return error.code == Code::kUsage ? error.message : error.Text();
}

// One module of those that a word means.
bool Handle(const Machine& machine, Linker& linker, const Found& found,
            const std::string& parameters, const Log& log) {
  if (machine.options.lookup_only && !machine.options.remove) {
    std::cout << found.name << '\n';
    return true;
  }
  auto plan = machine.options.remove ? PlanRemoval(machine, found)
                                     : PlanInsertion(machine, linker, found, parameters);
  if (!plan) {
    // As modprobe: that it is loaded already is no reason to stop.
    if (plan.error().code == Code::kUsage && !machine.options.remove)
      log.Error(TextOf(plan.error()));
    else
      log.Fatal(TextOf(plan.error()));
    return false;
  }
  return Perform(machine, linker, *plan, log);
}

bool HandleWord(const Machine& machine, Linker& linker, const std::string& word,
                const std::string& parameters, const Log& log) {
  auto found = LookUp(machine, word);
  if (!found || found->empty()) {
    const std::string where = machine.options.remove ? "." : " in directory " + machine.modules;
    log.Fatal(found ? "Module " + word + " not found" + where : TextOf(found.error()));
    return false;
  }
  bool done = true;
  for (const Found& one : *found) done = Handle(machine, linker, one, parameters, log);
  return done;
}

int HandleWords(const Machine& machine, const Log& log) {
  const Options& options = machine.options;
  const auto linker = LinkerFor(machine);
  if (!options.remove && !options.all)
    return HandleWord(machine, *linker, options.words[0], JoinParameters(options.words, 1), log)
               ? kDone
               : kFailed;
  int status = kDone;
  for (const std::string& word : options.words) {
    if (HandleWord(machine, *linker, word, "", log)) continue;
    status = kFailed;
    // Without -a the first word that fails is the last one.
    if (!options.all) break;
  }
  return status;
}

int ShowOrHandle(const Machine& machine, const Log& log) {
  const Options& options = machine.options;
  if (options.show_config) {
    ShowConfiguration(machine);
    return kDone;
  }
  if (!options.show_modversions && !options.show_exports) return HandleWords(machine, log);
  Status status = options.show_modversions ? ShowModversions(machine, options.words[0])
                                           : ShowExports(machine, options.words[0]);
  if (!status) log.Fatal(TextOf(status.error()));
  return status ? kDone : kFailed;
}

int Run(const std::vector<std::string>& arguments) {
  const std::string environment = Environment();
  auto options = ParseOptions(arguments, environment);
  if (!options) {
    std::cerr << program_invocation_short_name << ": " << options.error().message << '\n';
    return kFailed;
  }
  if (options->version) {
    std::cout << "race-modprobe version " << store::kVersion << '\n';
    return kDone;
  }
  if (options->help) {
    std::cout << Usage(program_invocation_short_name);
    return kDone;
  }
  const Log log(options->syslog, options->quiet ? LOG_EMERG : LOG_WARNING + options->verbose,
                options->all);
  if (options->words.empty() && !options->show_config) {
    log.Error("missing parameters. See -h.");
    return kFailed;
  }
  // For modprobe in install commands.
  if (const std::string passed = PassedOn(*options); !passed.empty())
    setenv("MODPROBE_OPTIONS", (environment.empty() ? passed : environment + ' ' + passed).c_str(),
           1);

  auto machine = OpenMachine(std::move(*options));
  if (!machine) {
    log.Error(machine.error().message);
    return kFailed;
  }
  log.Take(machine->kmod.get());
  kmod_load_resources(machine->kmod.get());
  return ShowOrHandle(*machine, log);
}

}  // namespace
}  // namespace race::modprobe

int main(int argc, char** argv) {
  const auto out_of_memory = [] {
    std::cerr << program_invocation_short_name << ": "
              << race::Error(race::Fail(race::Code::kFileRead)
                             << "there is not enough memory for what the files ask for")
                     .Text()
              << "\n";
    return 1;
  };
  try {
    return race::modprobe::Run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::length_error&) {
    return out_of_memory();
  }
}
