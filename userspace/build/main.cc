// SPDX-License-Identifier: GPL-2.0-only
//
// race-build: the build side of RACE, which `race` runs for its subcommands
// sdk, build and inspect --disassemble.  It links LLVM; `race` does not.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "build/sdk.h"

namespace {

int Report(const race::Status& status) {
  if (status) return 0;
  std::cerr << "race: " << status.error().Text() << "\n";
  return 2;
}

void AddSdk(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<race::build::SdkOptions>();
  CLI::App* sdk = app.add_subcommand("sdk", "prepare a kernel tree to build drivers against");
  sdk->require_subcommand(1);
  CLI::App* build = sdk->add_subcommand("build", "make an SDK from a kernel tree");
  build->add_option("--kernel-tree", options->kernel_tree, "the kernel's sources")->required();
  build->add_option("--config", options->config, "its configuration (a .config)")->required();
  build->add_option("--output", options->output, "folder of the SDK")->required();
  build->add_option("--rustc", options->rustc, "Rust compiler")->capture_default_str();
  build->add_option("--bindgen", options->bindgen, "bindgen 0.72.1 or newer")
      ->capture_default_str();
  build->add_option("--rust-library", options->rust_library, "sources of core")
      ->capture_default_str();
  build->add_option("--jobs,-j", options->jobs, "compilers at once")->capture_default_str();
  build->callback([options, exit_status] {
    for (std::string* path : {&options->kernel_tree, &options->config, &options->output})
      *path = std::filesystem::absolute(*path).lexically_normal();
    *exit_status = Report(race::build::BuildSdk(*options));
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"race-build: the build side of race"};
  app.require_subcommand(1);
  int exit_status = 0;
  AddSdk(app, &exit_status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return exit_status;
}
