// SPDX-License-Identifier: GPL-2.0-only
//
// race-build: the build side of RACE, which `race` runs for its subcommands
// sdk, build and inspect --disassemble.  It links LLVM; `race` does not.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <new>
#include <stdexcept>

#include "build/build_command.h"
#include "build/disassemble_command.h"
#include "build/portable_command.h"
#include "build/sdk.h"
#include "build/zero_cost_command.h"

namespace {

std::string Absolute(const std::string& path) {
  std::string absolute = std::filesystem::absolute(path).lexically_normal();
  while (absolute.size() > 1 && absolute.back() == '/') absolute.pop_back();
  return absolute;
}

// The SDK that `make sdk` made: a link in the cache.
std::string DefaultSdk() {
  const char* cache = std::getenv("RACE_CACHE");
  const char* home = std::getenv("HOME");
  return (cache != nullptr ? std::string(cache)
                           : std::string(home == nullptr ? "" : home) + "/.cache/race") +
         "/sdk/default";
}

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
  build
      ->add_option("--like", options->like,
                   "a kernel, as for `race resolve --target`, whose layouts drivers are tried "
                   "with as well; at most " +
                       std::to_string(race::build::kLikeCount) +
                       ": the more it differs from the SDK's, the better")
      ->expected(1, static_cast<int>(race::build::kLikeCount));
  build->add_option("--jobs,-j", options->jobs, "compilers at once")->capture_default_str();
  build->callback([options, exit_status] {
    for (std::string* path : {&options->kernel_tree, &options->config, &options->output})
      *path = Absolute(*path);
    *exit_status = Report(race::build::BuildSdk(*options));
  });
}

void AddBuild(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<race::build::BuildOptions>();
  auto print_metrics = std::make_shared<bool>(false);
  options->sdk = DefaultSdk();
  options->output = ".";
  CLI::App* build = app.add_subcommand("build", "compile a driver's folder to a .rcrate");
  build->add_option("--sdk", options->sdk, "SDK to build against")->capture_default_str();
  build->add_option("-o,--output", options->output, "folder of the .rcrate")->capture_default_str();
  build->add_option("--jobs,-j", options->jobs, "compilers at once")->capture_default_str();
  auto base = std::make_shared<std::string>();
  build->add_option("--portable", *base,
                    "MODULE_DIR is portable C, which names its layouts itself (as race.ko is): "
                    "compile it without kernel headers; the kernel named here, as for `race "
                    "resolve --target`, says what types its contracts have");
  build->add_option("--module", options->module, "which of several modules of MODULE_DIR");
  build->add_flag("--keep", options->keep, "keep intermediate files");
  build->add_option("--save-symbolic", options->save_symbolic,
                    "also write the bitcode that is optimised, for `race zero-cost`");
  build->add_flag("--metrics", *print_metrics, "print counts and times");
  build->add_option("MODULE_DIR", options->folder, "out-of-tree Kbuild folder (obj-m := x.o)")
      ->required();
  build->callback([options, base, print_metrics, exit_status] {
    if (!options->save_symbolic.empty()) options->save_symbolic = Absolute(options->save_symbolic);
    for (std::string* path : {&options->sdk, &options->folder, &options->output})
      *path = Absolute(*path);
    race::Metrics metrics;
    race::Result<race::build::Built> made =
        base->empty() ? race::build::BuildRcrate(*options, &metrics)
                      : race::build::BuildPortable(*options, *base, &metrics);
    if (!made) {
      std::cerr << "race: " << made.error().Text() << "\n";
      *exit_status = 2;
      return;
    }
    for (const std::string& note : made->notes) std::cerr << "race: note: " << note << "\n";
    std::cout << made->path << "\n";
    if (*print_metrics) metrics.Print(std::cout);
  });
}

void AddDisassemble(CLI::App& app, int* exit_status) {
  auto input = std::make_shared<std::string>();
  CLI::App* disassemble =
      app.add_subcommand("disassemble", "show a .rcrate's code with its layout constants named");
  disassemble->add_option("FILE", *input, "the .rcrate")->required();
  disassemble->callback(
      [input, exit_status] { *exit_status = Report(race::build::Disassemble(*input, std::cout)); });
}

void AddZeroCost(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<race::build::ZeroCostOptions>();
  CLI::App* command =
      app.add_subcommand("zero-cost", "compare resolved code with code compiled for one kernel");
  command->add_option("--rcrate", options->rcrate, "the .rcrate")->required();
  command
      ->add_option("--bitcode", options->bitcode,
                   "what `race build --save-symbolic` saved when it made the .rcrate")
      ->required();
  command->add_option("--target", options->target, "a kernel, as for `race resolve`")->required();
  command->callback([options, exit_status] {
    *exit_status = Report(race::build::ZeroCost(*options, std::cout));
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"race-build: the build side of race"};
  app.require_subcommand(1);
  int exit_status = 0;
  AddSdk(app, &exit_status);
  AddBuild(app, &exit_status);
  AddDisassemble(app, &exit_status);
  AddZeroCost(app, &exit_status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::filesystem::filesystem_error& error) {
    // A folder that cannot be made: nothing else of this program throws.
    return Report(race::Fail(race::Code::kFileWrite)
                  << error.path1().string() << ": " << error.code().message());
  } catch (const std::bad_alloc&) {
    return Report(race::Fail(race::Code::kFileRead)
                  << "there is not enough memory for what the files ask for");
  } catch (const std::length_error&) {
    return Report(race::Fail(race::Code::kFileRead)
                  << "there is not enough memory for what the files ask for");
  }
  if (!std::cout.flush())
    return Report(race::Fail(race::Code::kFileWrite)
                  << "standard output: not all could be written");
  return exit_status;
}
