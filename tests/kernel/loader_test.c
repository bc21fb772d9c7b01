// SPDX-License-Identifier: GPL-2.0-only
/* The module loader's side of it: no race.ko, and modules of another kernel. */
#include <errno.h>
#include <linux/module.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

void TestAlone(const struct inputs* in) {
  int result;
  LogMark();
  result = Load(&in->module, "");
  Report(result == ENOENT && LogHas("Unknown symbol race_start (err -2)"),
         "without race.ko the module is not loaded: %s", strerror(result));
}

static const struct fact* Same(const struct contract* contract, const struct fact* as) {
  for (size_t i = 0; i < contract->nr_facts; i++) {
    const struct fact* fact = &contract->facts[i];
    if (fact->kind == as->kind && !strcmp(fact->root, as->root) && !strcmp(fact->path, as->path))
      return fact;
  }
  return NULL;
}

static const char* KindInWords(uint16_t kind) {
  switch (kind) {
    case RACE_CONTRACT_FIELD:
      return "field";
    case RACE_CONTRACT_SIZE:
      return "size of";
    case RACE_CONTRACT_ENUMERATOR:
      return "enumerator";
    case RACE_CONTRACT_FUNCTION:
      return "function";
    case RACE_CONTRACT_FROZEN:
      return "number of members of";
    default:
      return "";
  }
}

/*
 * The same driver made for two kernels says itself where they differ: exactly those
 * facts are named when the one is loaded where the other belongs.
 */
void TestForeign(const struct inputs* in) {
  struct image foreign, edited;
  struct contract contract;
  size_t differ = 0, named = 0, lines = 0;
  char words[512], last[128];
  const uint8_t* info;
  size_t size;
  int result;
  if (!in->foreign) {
    Report(false, "--foreign FILE is missing");
    return;
  }
  foreign = ReadImage(in->foreign);
  contract = ReadContract(&foreign);
  snprintf(last, sizeof last, "race: %s: refused: contracts that do not hold on this kernel",
           in->name);
  LogMark();
  result = Load(&foreign, "");
  Report(result == ENOEXEC && LogHas("version magic"), "the kernel's loader sees another release");

  for (int flags = MODULE_INIT_IGNORE_VERMAGIC;
       flags <= (MODULE_INIT_IGNORE_VERMAGIC | MODULE_INIT_IGNORE_MODVERSIONS); flags++) {
    LogMark();
    result = LoadFile(&foreign, flags);
    Report(result == ENOEXEC && LogHasLine(last), "forced (flags %d), it is refused: %s", flags,
           strerror(result));
    if (result == 0) Unload(in->name);
  }
  ShowLog();
  for (size_t i = 0; i < contract.nr_facts; i++) {
    const struct fact *fact = &contract.facts[i], *here = Same(&in->contract, fact);
    if (here && here->value == fact->value && here->bits == fact->bits &&
        !strcmp(here->text, fact->text))
      continue;
    differ++;
    snprintf(words, sizeof words, "race: %s: %s %s%s%s: ", in->name, KindInWords(fact->kind),
             fact->root, *fact->path ? "." : "", fact->path);
    if (LogHas(words))
      named++;
    else
      Remark("not said: %s", words);
  }
  for (const char* at = Log(); (at = strstr(at, " promised, ")); at++) lines++;
  Report(differ > 0 && named == differ && lines == differ,
         "%zu facts differ, %zu are named, in %zu lines", differ, named, lines);

  /* With all that this kernel's own says of itself it is no different. */
  info = SectionBytes(&in->module, ".modinfo", &size);
  edited = WithBytes(&foreign, ".modinfo", info, size);
  LogMark();
  result = Load(&edited, "");
  Report(result == ENOEXEC && LogHasLine(last), "edited to say it is of this kernel, too: %s",
         strerror(result));
  if (result == 0) Unload(in->name);
  FreeImage(&edited);
  FreeContract(&contract);
  FreeImage(&foreign);
}
