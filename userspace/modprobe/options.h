// SPDX-License-Identifier: GPL-2.0-only
//
// The command line: modprobe's, and --validator.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.h"

namespace race::modprobe {

struct Options {
  // What to do.
  bool remove = false;
  bool all = false;
  bool show_config = false;
  bool show_modversions = false;
  bool show_exports = false;
  bool show_depends = false;
  bool lookup_only = false;
  bool help = false;
  bool version = false;
  // How.
  bool remove_holders = false;
  bool first_time = false;
  bool ignore_commands = false;
  bool use_blacklist = false;
  bool strip_modversion = false;
  bool strip_vermagic = false;
  bool force = false;
  bool dry_run = false;
  bool syslog = false;
  bool quiet = false;
  int verbose = 0;
  uint64_t wait_ms = 0;
  // Where.
  std::vector<std::string> config_paths;
  std::string root;                        // -d; empty: the machine's own
  std::optional<std::string> set_version;  // -S
  std::string validator;                   // empty: where drivers are looked for

  std::vector<std::string> words;

  // -D shows what it would do, and looks at nothing that is loaded.
  bool Shows() const { return show_depends || verbose > 0; }
  bool Dry() const { return show_depends || dry_run; }
};

// The words of $MODPROBE_OPTIONS: parted by blanks, but not within quotes.
std::vector<std::string> SplitWords(std::string_view text);

// `arguments` without the program's name; `environment` is $MODPROBE_OPTIONS, whose words
// come first.  Errors: kUsage, with getopt's words.
Result<Options> ParseOptions(const std::vector<std::string>& arguments,
                             const std::string& environment);

// What a modprobe that an install command starts is to be told: of the options, those
// that modprobe passes on (-C, -s, -q, -v).
std::string PassedOn(const Options& options);

// The kernel's parameter string of PARAMETER=VALUE words.  A value with a blank is put
// into double quotes, unless it begins with a quote.
std::string JoinParameters(const std::vector<std::string>& words, size_t first);

std::string Usage(const std::string& program);

}  // namespace race::modprobe
