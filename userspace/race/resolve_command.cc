// SPDX-License-Identifier: GPL-2.0-only
#include <iostream>
#include <memory>
#include <optional>

#include "kernel/target.h"
#include "race/commands.h"
#include "rcrate/rcrate_file.h"
#include "resolve/pipeline.h"
#include "support/file.h"
#include "support/metrics.h"

namespace race {
namespace {

struct Options {
  std::string input, target, output;
  bool without_validation = false, is_validator = false, metrics = false;

  resolve::Role Role() const {
    if (is_validator) return resolve::Role::kValidator;
    return without_validation ? resolve::Role::kUnvalidated : resolve::Role::kDriver;
  }
};

Status Run(const Options& options, Metrics* metrics) {
  Phase total(metrics, "total");

  // Everything is read and held against each other before a byte is written.
  std::optional<Phase> reading(std::in_place, metrics, "read .rcrate");
  RACE_ASSIGN(file, rcrate::OpenRcrate(options.input));
  reading.reset();
  RACE_ASSIGN(target, kernel::ReadTarget(options.target, metrics));
  RACE_ASSIGN(module, resolve::Resolve(file, *target, {options.Role()}, metrics));

  for (const std::string& note : module.notes) std::cerr << "race: note: " << note << '\n';
  Phase writing(metrics, "write module");
  return WriteFileAtomically(options.output, module.bytes);
}

}  // namespace

void AddResolveCommand(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("resolve", "Make a module (.ko) for one kernel");
  command->add_option("FILE", options->input, "The .rcrate")->required();
  command
      ->add_option(
          "--target", options->target,
          "\"running\", a vmlinuz, a vmlinux, or a folder like /lib/modules/RELEASE, whose "
          "modules then count as well")
      ->required();
  command->add_option("-o,--output", options->output, "The module to write")->required();
  CLI::Option* without = command->add_flag(
      "--without-validation", options->without_validation,
      "Make a module that does not need race.ko: on a kernel that it does not fit, "
      "nothing then refuses it");
  command
      ->add_flag("--validator", options->is_validator,
                 "FILE is the .rcrate of race.ko itself, which validates the others; of no other "
                 "file this is taken from what it says of itself")
      ->excludes(without);
  command->add_flag("--metrics", options->metrics, "Print times and counts to standard error");
  command->callback([options, exit_status] {
    Metrics metrics;
    Status status = Run(*options, &metrics);
    *exit_status = status ? kExitOk : ReportError(status.error());
    if (options->metrics) metrics.Print(std::cerr);
  });
}

}  // namespace race
