// SPDX-License-Identifier: GPL-2.0-only
/*
 * race_ko_test RACE.ko MODULE.ko [--parameter NAME] [--foreign FILE] GROUP...
 *
 * Tests of race.ko with a driver that it validates, on the kernel that runs, as KTAP.
 * MODULE.ko has been resolved for this kernel; --foreign names the same driver made for
 * another one.  Exit status: 0 all passed, 1 not.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"

static const struct {
  const char* name;
  void (*run)(const struct inputs* in);
} kGroups[] = {
    {"alone", TestAlone},        {"facts", TestFacts},   {"module-types", TestModuleTypes},
    {"own-facts", TestOwnFacts}, {"damage", TestDamage}, {"bytes", TestBytes},
    {"many", TestMany},          {"loads", TestLoads},   {"sysfs", TestSysfs},
    {"foreign", TestForeign},    {"work", TestWork},
};

static bool RunGroup(const struct inputs* in, const char* name) {
  for (size_t i = 0; i < sizeof kGroups / sizeof *kGroups; i++) {
    if (strcmp(kGroups[i].name, name)) continue;
    Remark("%s", name);
    kGroups[i].run(in);
    return true;
  }
  return false;
}

int main(int count, char** words) {
  struct inputs in = {0};
  int at = 3, result;
  if (count < 4) errx(2, "usage: race_ko_test RACE.ko MODULE.ko [OPTION]... GROUP...");
  in.race = ReadImage(words[1]);
  in.module = ReadImage(words[2]);
  in.contract = ReadContract(&in.module);
  ModuleName(&in.module, in.name);
  for (; at + 1 < count && words[at][0] == '-'; at += 2) {
    if (!strcmp(words[at], "--parameter"))
      in.parameter = words[at + 1];
    else if (!strcmp(words[at], "--foreign"))
      in.foreign = words[at + 1];
    else
      errx(2, "unknown option %s", words[at]);
  }
  puts("KTAP version 1");
  if (!strcmp(words[at], "alone")) RunGroup(&in, words[at++]);
  LogMark();
  result = Load(&in.race, "");
  Report(result == 0, "race.ko is loaded%s%s", result ? ": " : "", result ? strerror(result) : "");
  if (result) {
    ShowLog();
    return Finish() != 0;
  }
  for (; at < count; at++)
    if (!RunGroup(&in, words[at])) errx(2, "no tests called %s", words[at]);
  result = Unload("race");
  Report(result == 0 && !IsThere("/sys/kernel/race"),
         "race.ko is unloaded, and /sys/kernel/race is gone");
  return Finish() != 0;
}
