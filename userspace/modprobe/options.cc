// SPDX-License-Identifier: GPL-2.0-only
#include "modprobe/options.h"

#include <getopt.h>

#include <charconv>

namespace race::modprobe {
namespace {

// By getopt_long() and not by CLI11, as the other commands are: what modprobe takes, getopt_long()
// has always read (bundles such as -rv, the order of options and names, unique beginnings of
// long names, its words about mistakes), and scripts rely on it.

// Options without a letter.
enum Long {
  kForceVermagic = 256,
  kForceModversion,
  kFirstTime,
  kModversions,
  kHolders,
  kExports,
  kValidator
};

constexpr char kLetters[] = ":arw:RibfDcnC:d:S:sqvVh";
const option kOptions[] = {{"all", no_argument, nullptr, 'a'},
                           {"remove", no_argument, nullptr, 'r'},
                           {"remove-dependencies", no_argument, nullptr, kHolders},
                           {"remove-holders", no_argument, nullptr, kHolders},
                           {"wait", required_argument, nullptr, 'w'},
                           {"resolve-alias", no_argument, nullptr, 'R'},
                           {"show-alias", no_argument, nullptr, 'R'},
                           {"first-time", no_argument, nullptr, kFirstTime},
                           {"ignore-install", no_argument, nullptr, 'i'},
                           {"ignore-remove", no_argument, nullptr, 'i'},
                           {"use-blacklist", no_argument, nullptr, 'b'},
                           {"force", no_argument, nullptr, 'f'},
                           {"force-modversion", no_argument, nullptr, kForceModversion},
                           {"force-vermagic", no_argument, nullptr, kForceVermagic},
                           {"show-depends", no_argument, nullptr, 'D'},
                           {"showconfig", no_argument, nullptr, 'c'},
                           {"show-config", no_argument, nullptr, 'c'},
                           {"show-modversions", no_argument, nullptr, kModversions},
                           {"dump-modversions", no_argument, nullptr, kModversions},
                           {"show-exports", no_argument, nullptr, kExports},
                           {"dry-run", no_argument, nullptr, 'n'},
                           {"show", no_argument, nullptr, 'n'},
                           {"config", required_argument, nullptr, 'C'},
                           {"dirname", required_argument, nullptr, 'd'},
                           {"set-version", required_argument, nullptr, 'S'},
                           {"syslog", no_argument, nullptr, 's'},
                           {"quiet", no_argument, nullptr, 'q'},
                           {"verbose", no_argument, nullptr, 'v'},
                           {"version", no_argument, nullptr, 'V'},
                           {"help", no_argument, nullptr, 'h'},
                           {"validator", required_argument, nullptr, kValidator},
                           {}};

constexpr char kHelp[] =
    "Management options:\n"
    "  -a, --all                  load (or with -r remove) every name\n"
    "  -r, --remove               remove modules, and what nothing needs any more then\n"
    "      --remove-holders       with -r: remove what uses the module first\n"
    "  -w, --wait=MSEC            with -r: wait up to MSEC milliseconds until it is unused\n"
    "      --first-time           fail if it is loaded (or with -r not loaded) already\n"
    "  -i, --ignore-install, --ignore-remove\n"
    "                             ignore the install and remove commands of modprobe.d\n"
    "  -b, --use-blacklist        apply the blacklist to names, too, not to aliases alone\n"
    "  -f, --force                --force-vermagic and --force-modversion; with -r: remove\n"
    "                             what is in use\n"
    "      --force-modversion     ignore versions of symbols\n"
    "      --force-vermagic       ignore the version magic.\n"
    "                             None of the three makes a driver load that does not fit:\n"
    "                             a .rcrate is linked for the kernel or refused\n"
    "Query options:\n"
    "  -R, --resolve-alias, --show-alias\n"
    "                             print the names that match\n"
    "  -D, --show-depends         print what would be loaded, in order\n"
    "  -c, --showconfig, --show-config\n"
    "                             print the configuration and the indexes\n"
    "      --show-modversions, --dump-modversions\n"
    "                             print the versions of symbols that a module's file needs\n"
    "      --show-exports         print what a module's file exports\n"
    "General options:\n"
    "  -n, --dry-run, --show      do everything but load, remove or run commands\n"
    "  -C, --config=FILE          FILE (or folder) for modprobe.d; may be repeated\n"
    "  -d, --dirname=DIR          DIR for / of lib/modules and of the drivers' folders\n"
    "  -S, --set-version=VERSION  VERSION for that of the kernel that runs\n"
    "  -s, --syslog               messages to syslog\n"
    "  -q, --quiet                no messages\n"
    "  -v, --verbose              say what is done\n"
    "      --validator=FILE       the .rcrate of race.ko, which checks drivers in the kernel\n"
    "                             (default: race.rcrate in the drivers' folders)\n"
    "  -V, --version              print the version\n"
    "  -h, --help                 print this text\n"
    "\n"
    "Drivers are NAME.rcrate in /usr/local/lib/race, else in /usr/lib/race, or a path that\n"
    "begins with / or ./ or ends in .rcrate.  All else is an ordinary module of the kernel.\n"
    "modprobe.d(5), MODULE.PARAMETER= on the kernel's command line and $MODPROBE_OPTIONS\n"
    "count as for modprobe(8).\n"
    "\n"
    "Exit status: 0 done (also when it was loaded or removed already), 1 not.\n";

Status SetWait(const std::string& text, Options* options) {
  int base = 10;
  std::string_view digits = text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    base = 16;
    digits.remove_prefix(2);
  }
  auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), options->wait_ms, base);
  if (error == std::errc() && end == digits.data() + digits.size()) return Ok{};
  return Fail(Code::kUsage) << "unexpected wait value '" << text << "', expected milliseconds.";
}

Status Set(int letter, const std::string& value, Options* options) {
  switch (letter) {
    case 'a':
      options->all = true;
      break;
    case 'r':
      options->remove = true;
      break;
    case kHolders:
      options->remove_holders = true;
      break;
    case 'w':
      return SetWait(value, options);
    case 'R':
      options->lookup_only = true;
      break;
    case kFirstTime:
      options->first_time = true;
      break;
    case 'i':
      options->ignore_commands = true;
      break;
    case 'b':
      options->use_blacklist = true;
      break;
    case 'f':
      options->force = true;
      break;
    case kForceModversion:
      options->strip_modversion = true;
      break;
    case kForceVermagic:
      options->strip_vermagic = true;
      break;
    case 'D':
      options->show_depends = true;
      break;
    case 'c':
      options->show_config = true;
      break;
    case kModversions:
      options->show_modversions = true;
      break;
    case kExports:
      options->show_exports = true;
      break;
    case 'n':
      options->dry_run = true;
      break;
    case 'C':
      options->config_paths.push_back(value);
      break;
    case 'd':
      options->root = value;
      break;
    case 'S':
      options->set_version = value;
      break;
    case 's':
      options->syslog = true;
      break;
    case 'q':
      options->quiet = true;
      break;
    case 'v':
      ++options->verbose;
      break;
    case 'V':
      options->version = true;
      break;
    case 'h':
      options->help = true;
      break;
    case kValidator:
      options->validator = value;
      break;
    default:
      break;
  }
  return Ok{};
}

std::string Quoted(const std::string& word) {
  return word.find(' ') == std::string::npos ? word : '"' + word + '"';
}

// getopt's own words.
Error Refused(const std::vector<char*>& argv, bool value_missing) {
  const bool is_letter = optopt != 0 && optopt < 256;
  const std::string letter(1, static_cast<char>(optopt));
  const std::string word = argv[optind - 1];
  if (value_missing && is_letter)
    return Fail(Code::kUsage) << "option requires an argument -- '" << letter << "'";
  if (value_missing) return Fail(Code::kUsage) << "option '" << word << "' requires an argument";
  if (is_letter) return Fail(Code::kUsage) << "invalid option -- '" << letter << "'";
  return Fail(Code::kUsage) << "unrecognized option '" << word << "'";
}

}  // namespace

std::vector<std::string> SplitWords(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool any = false;
  char quote = 0;
  for (char c : text) {
    if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      any = true;
    } else if (c == ' ') {
      if (any) words.push_back(std::exchange(word, {}));
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(word);
  return words;
}

Result<Options> ParseOptions(const std::vector<std::string>& arguments,
                             const std::string& environment) {
  std::vector<std::string> words = {"race-modprobe"};
  for (std::string& word : SplitWords(environment)) {
    // Code for the kernel is chosen by who calls, not by what the environment has.  This is
    // the least that getopt takes for --validator.
    if (word.starts_with("--va"))
      return Fail(Code::kUsage) << "--validator is not taken from $MODPROBE_OPTIONS; give it on "
                                   "the command line";
    words.push_back(std::move(word));
  }
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  const int argc = static_cast<int>(argv.size());
  argv.push_back(nullptr);

  Options options;
  optind = 0;  // also forgets what an earlier call has permuted
  opterr = 0;
  for (int letter; (letter = getopt_long(argc, argv.data(), kLetters, kOptions, nullptr)) != -1;) {
    if (letter == ':' || letter == '?') return Refused(argv, letter == ':');
    RACE_TRY(Set(letter, optarg ? optarg : "", &options));
  }
  for (int i = optind; i < argc; ++i) options.words.emplace_back(argv[i]);
  return options;
}

std::string PassedOn(const Options& options) {
  std::string text;
  auto add = [&text](const std::string& word) { text += (text.empty() ? "" : " ") + word; };
  for (const std::string& path : options.config_paths) add("-C " + Quoted(path));
  if (options.syslog) add("-s");
  if (options.quiet) add("-q");
  for (int i = 0; i < options.verbose; ++i) add("-v");
  return text;
}

std::string JoinParameters(const std::vector<std::string>& words, size_t first) {
  std::string joined;
  for (size_t i = first; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (i > first) joined += ' ';
    const size_t value = word.find('=') == std::string::npos ? word.size() : word.find('=') + 1;
    const bool quoted = value < word.size() && (word[value] == '"' || word[value] == '\'');
    if (value < word.size() && !quoted && word.find(' ', value) != std::string::npos)
      joined += word.substr(0, value) + '"' + word.substr(value) + '"';
    else
      joined += word;
  }
  return joined;
}

std::string Usage(const std::string& program) {
  std::string usage;
  for (const char* form :
       {"[OPTION...] NAME [PARAMETER=VALUE...]", "[OPTION...] -a NAME...", "[OPTION...] -r NAME...",
        "[OPTION...] -c", "[OPTION...] --show-modversions|--show-exports FILE"})
    usage += (usage.empty() ? "Usage: " : "       ") + program + " " + form + "\n";
  return usage +
         "\nLoads modules into the kernel that runs, as modprobe(8) does; a driver that is a\n"
         ".rcrate is linked for that kernel first.\n\n" +
         kHelp;
}

}  // namespace race::modprobe
