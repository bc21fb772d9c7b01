// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "kernel/target.h"
#include "race/commands.h"
#include "rcrate/rcrate_file.h"
#include "resolve/pipeline.h"
#include "support/metrics.h"

namespace race {
namespace {

struct Options {
  std::string input;
  std::vector<std::string> targets;
  bool json = false;
  bool metrics = false;
};

// "RACE-E0403", out of an error's text.
std::string CodeName(const Error& error) {
  std::string text = error.Text();
  return text.substr(0, text.find(':'));
}

nlohmann::ordered_json ToJson(const resolve::CheckReport& report) {
  nlohmann::ordered_json problems = nlohmann::ordered_json::array();
  for (const resolve::Problem& problem : report.problems)
    problems.push_back({{"code", CodeName(problem.error)},
                        {"contract", problem.contract},
                        {"source", problem.source},
                        {"message", problem.error.message}});
  return {{"target", report.target},
          {"release", report.release},
          {"fits", report.problems.empty()},
          {"problems", problems},
          {"notes", report.notes}};
}

void PrintText(const std::string& input, const resolve::CheckReport& report) {
  std::cout << report.target << " (" << report.release << "): ";
  if (report.problems.empty())
    std::cout << input << " fits\n";
  else
    std::cout << report.problems.size()
              << (report.problems.size() == 1 ? " contract does" : " contracts do")
              << " not hold\n";
  for (const resolve::Problem& problem : report.problems)
    std::cout << "  " << problem.error.Text() << '\n';
  for (const std::string& note : report.notes) std::cout << "  note: " << note << '\n';
}

// A target that cannot be read does not keep the others from being looked at.
int Run(const Options& options, Metrics* metrics) {
  auto file = rcrate::OpenRcrate(options.input);
  if (!file) return ReportError(file.error());

  int status = kExitOk;
  nlohmann::ordered_json reports = nlohmann::ordered_json::array();
  for (const std::string& name : options.targets) {
    auto target = kernel::ReadTarget(name, metrics);
    if (!target) {
      status = ReportError(target.error());
      reports.push_back({{"target", name}, {"error", target.error().Text()}});
      continue;
    }
    resolve::CheckReport report = resolve::Check(*file, **target, metrics);
    if (!report.problems.empty()) status = std::max(status, kExitRefused);
    if (options.json)
      reports.push_back(ToJson(report));
    else
      PrintText(options.input, report);
  }
  if (options.json) {
    nlohmann::ordered_json all = {{"rcrate", options.input}, {"targets", reports}};
    std::cout << all.dump(2) << '\n';
  }
  return status;
}

}  // namespace

void AddCheckCommand(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("check", "Say whether a driver would load, and if not, all reasons");
  command->add_option("FILE", options->input, "The .rcrate")->required();
  command
      ->add_option("--target", options->targets, "As for `race resolve`; may be given repeatedly")
      ->required()
      ->allow_extra_args(false);
  command->add_flag("--json", options->json, "Print one JSON object");
  command->add_flag("--metrics", options->metrics, "Print times and counts to standard error");
  command->callback([options, exit_status] {
    Metrics metrics;
    *exit_status = Run(*options, &metrics);
    if (options->metrics) metrics.Print(std::cerr);
  });
}

}  // namespace race
