// SPDX-License-Identifier: GPL-2.0-only
/*
 * Facts of every kind: true ones are accepted, and a lie is refused by its name.
 *
 * What is true is known here from C, from the CPU's manual or from many years of the
 * kernel, not from the reader that is tested.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

#define SOURCE "test.rs:1"

struct lie {
  const char* what;
  struct fact truth; /* kind 0: there is none beside the lie */
  struct fact lie;
  const char* line; /* what is said of it */
};

#define FIELD(path, text, value) \
  {RACE_CONTRACT_FIELD, 0, "struct list_head", path, text, value, 0, 0}
#define BITS(path, bits, text, value) \
  {RACE_CONTRACT_BITFIELD, bits, "struct desc_struct", path, text, value, 0, 0}
#define PLAIN(kind, root, path, value) {kind, 0, root, path, "", value, 0, 0}
#define CALL(kind, root, text) {kind, 0, root, "", text, 0, 0, 0}
#define STATE "enum module_state"

static const struct lie kLies[] = {
    {"FIELD: offset", FIELD("prev", "struct list_head *", 8),
     FIELD("prev", "struct list_head *", 16),
     "field struct list_head.prev: offset 16, struct list_head * promised, "
     "offset 8, struct list_head * found"},
    {"FIELD: type", FIELD("prev", "struct list_head *", 8), FIELD("prev", "void *", 8),
     "field struct list_head.prev: offset 8, void * promised, "
     "offset 8, struct list_head * found"},
    {"FIELD: not there",
     {0},
     FIELD("race", "void *", 0),
     "field struct list_head.race: offset 0, void * promised, nothing found"},
    {"FIELD: of a typedef",
     {RACE_CONTRACT_FIELD, 0, "atomic_t", "counter", "int", 0, 0, 0},
     {RACE_CONTRACT_FIELD, 0, "atomic_t", "counter", "int", 4, 0, 0},
     "field atomic_t.counter: offset 4, int promised, offset 0, int found"},
    {"FIELD: a path",
     {RACE_CONTRACT_FIELD, 0, "struct rb_root_cached", "rb_root.rb_node", "struct rb_node *", 0, 0,
      0},
     {RACE_CONTRACT_FIELD, 0, "struct rb_root_cached", "rb_root.rb_node", "struct rb_node *", 8, 0,
      0},
     "field struct rb_root_cached.rb_root.rb_node: offset 8, struct rb_node * promised, "
     "offset 0, struct rb_node * found"},
    {"FIELD: is a bit field",
     {0},
     {RACE_CONTRACT_FIELD, 0, "struct desc_struct", "type", "u16", 5, 0, 0},
     "field struct desc_struct.type: offset 5, u16 promised, a bit field of u16 found"},
    {"BITFIELD: place", BITS("type", 4, "u16", 40), BITS("type", 4, "u16", 41),
     "bit field struct desc_struct.type: bit 41, 4 bits of u16 promised, "
     "bit 40, 4 bits of u16 found"},
    {"BITFIELD: width", BITS("type", 4, "u16", 40), BITS("type", 3, "u16", 40),
     "bit field struct desc_struct.type: bit 40, 3 bits of u16 promised, "
     "bit 40, 4 bits of u16 found"},
    {"BITFIELD: type", BITS("type", 4, "u16", 40), BITS("type", 4, "u32", 40),
     "bit field struct desc_struct.type: bit 40, 4 bits of u32 promised, "
     "bit 40, 4 bits of u16 found"},
    {"SIZE", PLAIN(RACE_CONTRACT_SIZE, "struct list_head", "", 16),
     PLAIN(RACE_CONTRACT_SIZE, "struct list_head", "", 24),
     "size of struct list_head: 24 promised, 16 found"},
    {"SIZE: of a union", PLAIN(RACE_CONTRACT_SIZE, "union sigval", "", 8),
     PLAIN(RACE_CONTRACT_SIZE, "union sigval", "", 4), "size of union sigval: 4 promised, 8 found"},
    {"SIZE: no such type",
     {0},
     PLAIN(RACE_CONTRACT_SIZE, "struct race_is_not_there", "", 8),
     "size of struct race_is_not_there: 8 promised, nothing found"},
    {"ALIGN", PLAIN(RACE_CONTRACT_ALIGN, "struct list_head", "", 8),
     PLAIN(RACE_CONTRACT_ALIGN, "struct list_head", "", 4),
     "alignment of struct list_head: 4 promised, 8 found"},
    {"FITS_ALIGN: members demand more", PLAIN(RACE_FACT_FITS_ALIGN, "struct list_head", "", 16),
     PLAIN(RACE_FACT_FITS_ALIGN, "struct list_head", "", 4),
     "alignment of struct list_head: a size and members that 4 bytes suit promised, "
     "members that demand 8, or another size found"},
    {"FITS_ALIGN: the size is no multiple", PLAIN(RACE_FACT_FITS_ALIGN, "struct list_head", "", 8),
     PLAIN(RACE_FACT_FITS_ALIGN, "struct list_head", "", 32),
     "alignment of struct list_head: a size and members that 32 bytes suit promised, "
     "members that demand 8, or another size found"},
    {"FROZEN: number of members", PLAIN(RACE_CONTRACT_FROZEN, "struct list_head", "", 2),
     PLAIN(RACE_CONTRACT_FROZEN, "struct list_head", "", 3),
     "number of members of struct list_head: 3 promised, 2 found"},
    {"ENUMERATOR", PLAIN(RACE_CONTRACT_ENUMERATOR, STATE, "MODULE_STATE_GOING", 2),
     PLAIN(RACE_CONTRACT_ENUMERATOR, STATE, "MODULE_STATE_GOING", 3),
     "enumerator enum module_state.MODULE_STATE_GOING: 3 promised, 2 found"},
    {"ENUMERATOR: not there",
     {0},
     PLAIN(RACE_CONTRACT_ENUMERATOR, STATE, "MODULE_STATE_RACE", 2),
     "enumerator enum module_state.MODULE_STATE_RACE: 2 promised, nothing found"},
    {"ENUMERATOR: of an enum without a name",
     PLAIN(RACE_CONTRACT_ENUMERATOR, "", "___GFP_DMA_BIT", 0),
     PLAIN(RACE_CONTRACT_ENUMERATOR, "", "___GFP_DMA_BIT", 1),
     "enumerator ___GFP_DMA_BIT: 1 promised, 0 found"},
    {"FUNCTION: prototype", CALL(RACE_CONTRACT_FUNCTION, "vfree", "void (const void *)"),
     CALL(RACE_CONTRACT_FUNCTION, "vfree", "void (void *)"),
     "function vfree: void (void *) promised, void (const void *) found"},
    {"FUNCTION: not there",
     {0},
     CALL(RACE_CONTRACT_FUNCTION, "race_is_not_there", "void (void)"),
     "function race_is_not_there: void (void) promised, nothing found"},
    {"VARIABLE: type", CALL(RACE_CONTRACT_VARIABLE, "cpu_number", "int"),
     CALL(RACE_CONTRACT_VARIABLE, "cpu_number", "unsigned int"),
     "variable cpu_number: unsigned int promised, int found"},
    {"VARIABLE: is a function",
     {0},
     CALL(RACE_CONTRACT_VARIABLE, "vfree", "void (const void *)"),
     "variable vfree: void (const void *) promised, nothing found"},
    {"NO_FIELD", PLAIN(RACE_FACT_NO_FIELD, "struct list_head", "race", 0),
     PLAIN(RACE_FACT_NO_FIELD, "struct list_head", "next", 0),
     "field struct list_head.next: none promised, one found"},
    {"NO_TYPE", PLAIN(RACE_FACT_NO_TYPE, "struct race_is_not_there", "", 0),
     PLAIN(RACE_FACT_NO_TYPE, "struct list_head", "", 0),
     "type struct list_head: none promised, one found"},
    {"NO_ENUMERATOR", PLAIN(RACE_FACT_NO_ENUMERATOR, STATE, "MODULE_STATE_RACE", 0),
     PLAIN(RACE_FACT_NO_ENUMERATOR, STATE, "MODULE_STATE_LIVE", 0),
     "enumerator enum module_state.MODULE_STATE_LIVE: none promised, one found"},
    {"NO_ENUMERATOR: of an enum without a name",
     PLAIN(RACE_FACT_NO_ENUMERATOR, "", "___GFP_RACE_BIT", 0),
     PLAIN(RACE_FACT_NO_ENUMERATOR, "", "___GFP_DMA_BIT", 0),
     "enumerator ___GFP_DMA_BIT: none promised, one found"},
};

static int LoadContract(const struct inputs* in, const struct contract* contract) {
  struct image made = WithContract(&in->module, contract);
  int result;
  LogMark();
  result = Load(&made, "");
  FreeImage(&made);
  return result;
}

/* The driver's facts and one more; of a function, as one of the contract's last module. */
static int LoadWith(const struct inputs* in, struct fact fact, const char* module) {
  struct contract contract = CopyContract(&in->contract);
  int result;
  if (module) contract.modules[contract.nr_modules++] = module;
  if (module && (fact.kind == RACE_CONTRACT_FUNCTION || fact.kind == RACE_CONTRACT_VARIABLE))
    fact.module = (uint32_t)contract.nr_modules;
  AddFact(&contract, fact);
  result = LoadContract(in, &contract);
  FreeContract(&contract);
  return result;
}

/*
 * That fact alone, without any module's types: the driver's own facts about such types would
 * be broken, too, and no more than 24 are named.
 */
static int LoadWithoutModules(const struct inputs* in, struct fact fact) {
  struct inputs without = *in;
  int result;
  without.contract = CopyContract(&in->contract);
  without.contract.nr_modules = 0;
  without.contract.nr_facts = 0;
  result = LoadWith(&without, fact, NULL);
  FreeContract(&without.contract);
  return result;
}

static bool Uses(const struct inputs* in, const char* module) {
  for (size_t i = 0; i < in->contract.nr_modules; i++)
    if (!strcmp(in->contract.modules[i], module)) return true;
  return false;
}

static void ExpectAccepted(const struct inputs* in, int result, const char* what) {
  const bool unloaded = result == 0 && Unload(in->name) == 0;
  Report(result == 0 && unloaded, "%s: accepted", what);
  if (result) ShowLog();
}

/* With exactly that line, and the line that ends it. */
static void ExpectRefused(const struct inputs* in, int result, const char* what, const char* said) {
  char line[1024], last[256];
  bool ok;
  snprintf(line, sizeof line, "race: %s: %s (" SOURCE ")", in->name, said);
  snprintf(last, sizeof last, "race: %s: refused: contracts that do not hold on this kernel",
           in->name);
  ok = result == ENOEXEC && LogHasLine(line) && LogHasLine(last);
  Report(ok, "%s: refused by name", what);
  if (!ok) {
    Remark("errno %d; expected: %s", result, line);
    ShowLog();
  }
  if (result == 0) Unload(in->name);
}

#define UNKNOWN "not known whether its contracts hold on this kernel"

/* With that line, and because nobody knows. */
static void ExpectUnknown(const struct inputs* in, int result, const char* what, const char* said) {
  char line[1024], last[256];
  bool ok;
  snprintf(line, sizeof line, "race: %s: %s", in->name, said);
  snprintf(last, sizeof last, "race: %s: refused: " UNKNOWN, in->name);
  ok = result == ENOEXEC && LogHasLine(line) && LogHasLine(last);
  Report(ok, "%s: refused with the reason", what);
  if (!ok) {
    Remark("errno %d; expected: %s", result, line);
    ShowLog();
  }
  if (result == 0) Unload(in->name);
}

/* A module whose types cannot be seen may have whatever is not found. */
static void TestUnseen(const struct inputs* in) {
  const char* unseen =
      "types of module race_is_not_there are not known: not used by it, so it could go while it is "
      "looked at";
  const struct fact absences[] = {
      PLAIN(RACE_FACT_NO_TYPE, "struct race_is_not_there", "", 0),
      PLAIN(RACE_FACT_NO_FIELD, "struct list_head", "race", 0),
      PLAIN(RACE_FACT_NO_ENUMERATOR, STATE, "MODULE_STATE_RACE", 0),
      PLAIN(RACE_FACT_NO_ENUMERATOR, "", "___GFP_RACE_BIT", 0),
      CALL(RACE_CONTRACT_FUNCTION, "vfree", "void (const void *)"),
  };
  struct inputs untyped = *in;
  char line[512];
  /* They were known when it was made: that alone is different now. */
  ExpectUnknown(in, LoadWith(in, kLies[9].truth, "race_is_not_there"), "types that were known once",
                unseen);
  untyped.contract.untyped = true;
  if (in->contract.nr_modules) {
    Skipped("absences over a module without types", "the driver has modules with types");
    return;
  }
  for (size_t i = 0; i < sizeof absences / sizeof *absences; i++) {
    const struct fact* fact = &absences[i];
    const bool is_function = fact->kind == RACE_CONTRACT_FUNCTION;
    snprintf(line, sizeof line,
             "%s %s%s%s: %s promised, unknown: a module that may have it shows no types (" SOURCE
             ")",
             is_function                        ? "function"
             : fact->kind == RACE_FACT_NO_TYPE  ? "type"
             : fact->kind == RACE_FACT_NO_FIELD ? "field"
                                                : "enumerator",
             fact->root, *fact->root && *fact->path ? "." : "", fact->path,
             is_function ? fact->text : "none");
    ExpectUnknown(in, LoadWith(&untyped, *fact, "race_is_not_there"), "over a module without types",
                  line);
  }
  ExpectAccepted(in, LoadWith(&untyped, kLies[9].truth, "race_is_not_there"),
                 "over a module without types, what the kernel shows");
}

void TestFacts(const struct inputs* in) {
  struct contract many = CopyContract(&in->contract);
  struct fact false_fact = kLies[9].lie;
  char line[256];
  long validated = Validated(), refused;
  int result, lines = 0;
  ExpectAccepted(in, LoadContract(in, &in->contract), "as the resolver made it, written anew");
  Report(Validated() == validated + 1, "it is counted");
  for (size_t i = 0; i < sizeof kLies / sizeof *kLies; i++) {
    const struct lie* lie = &kLies[i];
    if (lie->truth.kind) ExpectAccepted(in, LoadWith(in, lie->truth, NULL), lie->what);
    refused = RefusedFor("contracts that do not hold on this kernel");
    ExpectRefused(in, LoadWith(in, lie->lie, NULL), lie->what, lie->line);
    if (RefusedFor("contracts that do not hold on this kernel") != refused + 1)
      Report(false, "%s: it is not counted", lie->what);
  }

  TestUnseen(in);

  /* 24 are named, and how many more there are. */
  for (int i = 0; i < 30; i++, false_fact.value++) AddFact(&many, false_fact);
  result = LoadContract(in, &many);
  FreeContract(&many);
  for (const char* at = Log(); (at = strstr(at, "size of struct list_head: ")); at++) lines++;
  snprintf(line, sizeof line, "race: %s: and 6 more", in->name);
  Report(result == ENOEXEC && lines == 24 && LogHasLine(line),
         "30 broken ones: 24 lines, and 6 more");
}

/* Types that only a module has: configfs, where it is one. */
void TestModuleTypes(const struct inputs* in) {
  const struct fact field = {
      RACE_CONTRACT_FIELD, 0, "struct configfs_dirent", "s_dependent_count", "int", 4, 0, 0};
  struct fact function = {
      RACE_CONTRACT_FUNCTION, 0, "config_group_init", "", "void (struct config_group *)", 0, 0, 0};
  const char* no_field =
      "field struct configfs_dirent.s_dependent_count: offset 4, int promised, nothing found";
  const char* unused =
      "types of module configfs are not known: not used by it, so it could go while it is looked "
      "at";
  struct fact lie;
  uint32_t place = 0;
  if (!IsThere("/sys/kernel/btf/configfs")) {
    Skipped("types of a module", "configfs is no module with BTF here");
    return;
  }
  ExpectRefused(in, LoadWithoutModules(in, field), "a module that is not named", no_field);
  if (!Uses(in, "configfs")) {
    /* It could be unloaded while its types are looked at. */
    ExpectUnknown(in, LoadWith(in, field, "configfs"), "a module that is not used", unused);
    ExpectUnknown(in, LoadWith(in, function, "configfs"), "its function", unused);
    return;
  }
  while (strcmp(in->contract.modules[place++], "configfs"));
  function.module = place;
  ExpectAccepted(in, LoadWith(in, field, NULL), "a field of a module's type");
  lie = field;
  lie.value = 8;
  ExpectRefused(in, LoadWith(in, lie, NULL), "a field of a module's type",
                "field struct configfs_dirent.s_dependent_count: offset 8, int promised, "
                "offset 4, int found");
  ExpectAccepted(in, LoadWith(in, function, NULL), "a function of a module");
  lie = function;
  lie.text = "int (struct config_group *)";
  ExpectRefused(in, LoadWith(in, lie, NULL), "a function of a module",
                "function config_group_init: int (struct config_group *) promised, "
                "void (struct config_group *) found");
}

/* Makes it false; false: no way is known here. */
static bool Falsify(struct fact* fact, char text[2100]) {
  switch (fact->kind) {
    case RACE_CONTRACT_FUNCTION:
    case RACE_CONTRACT_VARIABLE:
      snprintf(text, 2100, "%s *", fact->text);
      fact->text = text;
      return true;
    case RACE_FACT_FITS_ALIGN:
      fact->value = 3; /* no alignment at all, and no size is a multiple but by chance */
      return true;
    case RACE_FACT_NO_FIELD:
    case RACE_FACT_NO_TYPE:
    case RACE_FACT_NO_ENUMERATOR:
      return false;
    default:
      fact->value++;
      return true;
  }
}

void TestOwnFacts(const struct inputs* in) {
  size_t tried = 0, refused = 0, named = 0;
  for (size_t i = 0; i < in->contract.nr_facts; i++) {
    struct contract contract = CopyContract(&in->contract);
    struct fact* fact = &contract.facts[i];
    char text[2100], words[512];
    if (Falsify(fact, text)) {
      const int result = LoadContract(in, &contract);
      tried++;
      refused += result == ENOEXEC;
      snprintf(words, sizeof words, " %s%s%s: ", fact->root, *fact->root && *fact->path ? "." : "",
               fact->path);
      if (LogHas(words)) {
        named++;
      } else {
        Remark("fact %zu:%s not named; errno %d", i, words, result);
        ShowLog();
      }
      if (result == 0) Unload(in->name);
    }
    FreeContract(&contract);
  }
  Report(tried > 0 && refused == tried && named == tried,
         "each fact of the driver itself, made false: %zu of %zu, %zu refused, %zu named", tried,
         in->contract.nr_facts, refused, named);
}
