// SPDX-License-Identifier: GPL-2.0-only
//
// race-modprobe: what modprobe is for modules, for .rcrates: links one against
// the running kernel and loads it.
//
// The module is made in memory and given to init_module(2) from there.  libkmod
// inserts files only, and a file would have to be kept from others and removed
// again whatever happens; what is signed or cached later is the same bytes.
#include <getopt.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernel/kmod.h"
#include "kernel/target.h"
#include "rcrate/rcrate_file.h"
#include "resolve/pipeline.h"
#include "resolve/validation.h"

namespace race {
namespace {

using kernel::KmodContext;
using kernel::KmodModule;

struct Options {
  bool remove = false;
  bool dry_run = false;
  bool verbose = false;
  std::string validator;
  std::vector<std::string> words;
};

// As modprobe has them: 0 or 1.
constexpr int kDone = 0;
constexpr int kFailed = 1;

constexpr char kUsage[] =
    "Usage: race-modprobe [-n] [-v] FILE.rcrate [PARAMETER=VALUE...]\n"
    "       race-modprobe [-n] [-v] -r MODULE...\n"
    "\n"
    "Links a .rcrate against the running kernel and loads it.\n"
    "\n"
    "  -r, --remove    remove modules\n"
    "  -n, --dry-run   do everything but load or remove\n"
    "  -v, --verbose   say what is done\n"
    "      --validator FILE  the .rcrate of race.ko, which checks in the kernel what was\n"
    "                  resolved; loaded first where it is not there yet (default:\n"
    "                  $RACE_VALIDATOR, or else /usr/lib/race/race.rcrate)\n"
    "  -h, --help      this text\n"
    "\n"
    "Exit status: 0 done (also when it is loaded already), 1 not.\n";

int Die(const std::string& message) {
  std::istringstream lines(message);
  for (std::string line; std::getline(lines, line);)
    std::cerr << "race-modprobe: FATAL: " << line << '\n';
  return kFailed;
}

KmodModule FindByName(kmod_ctx* context, const std::string& name) {
  kmod_module* module = nullptr;
  kmod_module_new_from_name(context, name.c_str(), &module);
  return KmodModule(module);
}

bool IsLoaded(kmod_ctx* context, const std::string& name) {
  KmodModule module = FindByName(context, name);
  if (!module) return false;
  int state = kmod_module_get_initstate(module.get());
  return state == KMOD_MODULE_LIVE || state == KMOD_MODULE_BUILTIN;
}

// What the module's own kernel modules are: ordinary ones, found as modprobe
// finds them.
int LoadDependency(const Options& options, kmod_ctx* context, const std::string& name) {
  if (IsLoaded(context, name)) return kDone;
  kmod_list* list = nullptr;
  int error = kmod_module_new_from_lookup(context, name.c_str(), &list);
  if (error < 0 || !list) return Die("Module " + name + " not found, which the driver needs");
  int status = kDone;
  for (kmod_list* item = list; item && status == kDone; item = kmod_list_next(list, item)) {
    KmodModule module(kmod_module_get_module(item));
    if (options.verbose) std::cout << "insmod " << kmod_module_get_name(module.get()) << '\n';
    if (options.dry_run) continue;
    error = kmod_module_probe_insert_module(module.get(), KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY,
                                            nullptr, nullptr, nullptr, nullptr);
    if (error < 0) status = Die("could not insert '" + name + "': " + std::strerror(-error));
  }
  kmod_module_unref_list(list);
  return status;
}

std::string ValidatorPath(const Options& options) {
  if (!options.validator.empty()) return options.validator;
  const char* named = std::getenv("RACE_VALIDATOR");
  return named && *named ? named : "/usr/lib/race/race.rcrate";
}

std::string InsertReason(int error) {
  switch (error) {
    case ENOENT:
      return "Unknown symbol in module, or unknown parameter (see dmesg)";
    case ENOEXEC:
      return "Invalid module format (see dmesg)";
    case EKEYREJECTED:
      return "Key was rejected by service: the kernel loads signed modules only";
    default:
      return std::strerror(error);
  }
}

int Insert(const std::string& name, const std::string& bytes, const std::string& parameters) {
  if (syscall(SYS_init_module, bytes.data(), bytes.size(), parameters.c_str()) == 0) return kDone;
  if (errno == EEXIST) return kDone;  // somebody else was faster
  return Die("could not insert '" + name + "': " + InsertReason(errno));
}

// race.ko: as a module of this kernel where somebody built one, else of its .rcrate.
int LoadValidator(const Options& options, kmod_ctx* context, const kernel::Target& target) {
  const std::string name(resolve::kValidator);
  if (IsLoaded(context, name)) return kDone;
  kmod_list* list = nullptr;
  if (kmod_module_new_from_lookup(context, name.c_str(), &list) == 0 && list) {
    kmod_module_unref_list(list);
    return LoadDependency(options, context, name);
  }
  const std::string path = ValidatorPath(options);
  auto file = rcrate::OpenRcrate(path);
  if (!file)
    return Die(file.error().Text() +
               "\nThe driver needs race.ko: name its .rcrate with --validator");
  auto module = resolve::Resolve(*file, target, {resolve::Role::kValidator}, nullptr);
  if (!module) return Die(module.error().Text());
  if (options.verbose)
    std::cout << "insmod " << path << "  (it checks its own layouts: nothing validates it)\n";
  return options.dry_run ? kDone : Insert(name, module->bytes, "");
}

int Load(const Options& options, kmod_ctx* context) {
  const std::string& path = options.words.front();
  std::string parameters;
  for (size_t i = 1; i < options.words.size(); ++i)
    parameters += (i > 1 ? " " : "") + options.words[i];

  auto file = rcrate::OpenRcrate(path);
  if (!file) return Die(file.error().Text());
  const std::string name(file->rcrate.Manifest("module"));
  if (IsLoaded(context, name)) {
    if (options.verbose) std::cout << "Module " << name << " is loaded already\n";
    return kDone;
  }

  auto target = kernel::ReadTarget("running", nullptr);
  if (!target) return Die(target.error().Text());
  auto module = resolve::Resolve(*file, **target, {}, nullptr);
  if (!module) return Die(module.error().Text());
  for (const std::string& note : module->notes)
    std::cerr << "race-modprobe: WARNING: " << note << '\n';

  for (const std::string& dependency : module->depends) {
    const int status = dependency == resolve::kValidator
                           ? LoadValidator(options, context, **target)
                           : LoadDependency(options, context, dependency);
    if (status != kDone) return kFailed;
  }

  if (options.verbose)
    std::cout << "insmod " << path << (parameters.empty() ? "" : " ") << parameters << '\n';
  if (options.dry_run) return kDone;
  return Insert(name, module->bytes, parameters);
}

int Remove(const Options& options, kmod_ctx* context) {
  for (std::string name : options.words) {
    if (name.ends_with(".rcrate")) {
      auto file = rcrate::OpenRcrate(name);
      if (!file) return Die(file.error().Text());
      name = file->rcrate.Manifest("module");
    }
    KmodModule module = FindByName(context, name);
    if (!module) return Die("Module " + name + " not found.");
    // A builtin one is found by its folder in /sys/module only.
    int state = kmod_module_get_initstate(module.get());
    if (state == KMOD_MODULE_BUILTIN) return Die("Module " + name + " is builtin.");
    if (state < 0) return Die("Module " + name + " is not currently loaded.");
    if (kmod_module_get_refcnt(module.get()) > 0) return Die("Module " + name + " is in use.");
    if (options.verbose) std::cout << "rmmod " << name << '\n';
    if (options.dry_run) continue;
    int error = kmod_module_remove_module(module.get(), 0);
    if (error < 0) return Die("could not remove '" + name + "': " + std::strerror(-error));
  }
  return kDone;
}

}  // namespace

int ModprobeMain(int argc, char** argv) {
  const option kOptions[] = {{"remove", no_argument, nullptr, 'r'},
                             {"dry-run", no_argument, nullptr, 'n'},
                             {"show", no_argument, nullptr, 'n'},
                             {"verbose", no_argument, nullptr, 'v'},
                             {"help", no_argument, nullptr, 'h'},
                             {"validator", required_argument, nullptr, 'V'},
                             {}};
  Options options;
  for (int letter; (letter = getopt_long(argc, argv, "rnvh", kOptions, nullptr)) != -1;) {
    switch (letter) {
      case 'r':
        options.remove = true;
        break;
      case 'n':
        options.dry_run = true;
        break;
      case 'v':
        options.verbose = true;
        break;
      case 'V':
        options.validator = optarg;
        break;
      case 'h':
        std::cout << kUsage;
        return kDone;
      default:
        std::cerr << kUsage;
        return kFailed;
    }
  }
  options.words.assign(argv + optind, argv + argc);
  if (options.words.empty()) {
    std::cerr << "race-modprobe: ERROR: missing parameters. See -h.\n";
    return kFailed;
  }
  KmodContext context(kmod_new(nullptr, nullptr));
  if (!context) return Die(std::string("kmod_new() failed: ") + std::strerror(errno));
  return options.remove ? Remove(options, context.get()) : Load(options, context.get());
}

}  // namespace race

int main(int argc, char** argv) {
  const auto out_of_memory = [] {
    std::cerr << "race-modprobe: "
              << race::Error(race::Fail(race::Code::kFileRead)
                             << "there is not enough memory for what the files ask for")
                     .Text()
              << "\n";
    return 1;
  };
  try {
    return race::ModprobeMain(argc, argv);
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::length_error&) {
    return out_of_memory();
  }
}
