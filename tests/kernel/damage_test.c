// SPDX-License-Identifier: GPL-2.0-only
/* Contract sections that are damaged, forged or missing, and modules that go round them. */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define NO_SECTION "no contract section"
#define LATER "made for another version of race"
#define BAD_SIZE "truncated or extended"
#define BAD_DIGEST "damaged: its contract hash does not fit its bytes"
#define BAD_TABLE "a table lies outside of it or is too long"
#define BAD_STRING "a string in it does not end, is too long, not printable or out of order"
#define BAD_FACT "a fact in it has no known meaning, is out of order or there twice"
#define NO_ANCHOR "no contract section where its init function begins"
#define BROKEN "contracts that do not hold on this kernel"
#define TOO_MUCH "its contracts take more work than they may"

/* Refused for that reason: errno, the log's line, the counter. */
static void ExpectReason(const struct inputs* in, const struct image* module, const char* what,
                         const char* reason) {
  const long before = RefusedFor(reason), all = RefusedFor(NULL);
  char line[256];
  int result;
  bool ok;
  LogMark();
  result = Load(module, "");
  snprintf(line, sizeof line, "race: %s: refused: %s", in->name, reason);
  ok = result == ENOEXEC && LogHasLine(line) && RefusedFor(reason) == before + 1 &&
       RefusedFor(NULL) == all + 1;
  Report(ok, "%s: %s", what, reason);
  if (!ok) {
    Remark("errno %d, counted %ld", result, RefusedFor(reason) - before);
    ShowLog();
  }
  if (result == 0) Unload(in->name);
}

struct parts {
  struct race_facts_header* header;
  struct race_fact* facts;
  struct race_facts_module* modules;
  char* strings;
};

static struct parts PartsOf(const struct image* section) {
  struct race_facts_header* header = (void*)section->bytes;
  uint8_t* tables = section->bytes + header->hdr_len;
  return (struct parts){header, (void*)(tables + header->facts.offset),
                        (void*)(tables + header->modules.offset),
                        (char*)tables + header->strings.offset};
}

/* Edits of a whole section; its digest is made to fit afterwards. */
#define EDIT(name, ...) \
  static void name(struct parts part) { __VA_ARGS__; }
EDIT(VersionZero, part.header->version = 0)
EDIT(VersionNext, part.header->version = RACE_FACTS_VERSION + 1)
EDIT(Reserved, part.header->reserved = 1)
EDIT(Flags, part.header->flags = 0x80000000)
EDIT(Magic, part.header->magic[7] ^= 0x20)
EDIT(SizeLess, part.header->size--)
EDIT(SizeMore, part.header->size++)
EDIT(SizeHuge, part.header->size = UINT_MAX)
EDIT(HeaderNone, part.header->hdr_len = 0)
EDIT(HeaderShort, part.header->hdr_len -= 8)
EDIT(HeaderOdd, part.header->hdr_len++)
EDIT(HeaderHuge, part.header->hdr_len = 0xfffffff8)
EDIT(FactsHuge, part.header->facts.count = UINT_MAX)
EDIT(FactsMany, part.header->facts.count = RACE_FACTS_MAX_COUNT + 1)
EDIT(FactsWrap, part.header->facts.count = 0x08000000)
EDIT(FactsOver, part.header->facts.count = RACE_FACTS_MAX_COUNT)
EDIT(FactsFar, part.header->facts.offset = 0xfffffff8)
EDIT(FactsOdd, part.header->facts.offset += 4)
EDIT(ModulesHuge, part.header->modules.count = UINT_MAX)
EDIT(ModulesMany, part.header->modules.count = RACE_FACTS_MAX_MODULES + 1)
EDIT(ModuleFar, part.header->modules.count = 1; part.modules[0].name = UINT_MAX)
EDIT(StringsHuge, part.header->strings.count = UINT_MAX)
EDIT(StringsOver, part.header->strings.count = part.header->size)
EDIT(StringsNone, part.header->strings.count = 0)
EDIT(StringsCut, part.header->strings.count -= 3)
EDIT(StringsOpen, part.strings[part.header->strings.count - 1] = 'x')
EDIT(StringsFirst, part.strings[0] = 'x')
EDIT(StringsLong, memset(part.strings + 1, 'x', part.header->strings.count - 2))
EDIT(StringsBreak, part.strings[1] = '\n')
EDIT(StringsOrder, part.strings[1] = '~')
EDIT(RootWithin, part.facts[part.header->facts.count - 1].root++)
EDIT(Twice, part.facts[3] = part.facts[2])
EDIT(StegHuge, part.header->steg.count = UINT_MAX)
EDIT(StegFar, part.header->steg.offset = part.header->size)
EDIT(RootFar, part.facts[3].root = part.header->strings.count)
EDIT(PathFar, part.facts[3].path = UINT_MAX)
EDIT(TextFar, part.facts[3].text = 0x80000000)
EDIT(SourceFar, part.facts[3].source = part.header->strings.count)
EDIT(KindNone, part.facts[3].kind = 0)
EDIT(KindConfig, part.facts[3].kind = RACE_CONTRACT_CONFIG)
EDIT(KindExists, part.facts[3].kind = RACE_CONTRACT_EXISTS_FIELD)
EDIT(KindLacks, part.facts[3].kind = RACE_CONTRACT_LACKS_FUNCTION)
EDIT(KindBetween, part.facts[3].kind = 63)
EDIT(KindNext, part.facts[3].kind = RACE_FACT_NO_ENUMERATOR + 1)
EDIT(KindLast, part.facts[3].kind = 0xffff)
EDIT(BitsSpare, part.facts[3].bits = 1)
EDIT(ModuleSpare, part.facts[3].module = 1)
EDIT(ModuleNone, part.facts[3].module = UINT_MAX)
EDIT(Order, struct race_fact first = part.facts[0];
     part.facts[0] = part.facts[part.header->facts.count - 1];
     part.facts[part.header->facts.count - 1] = first)

static const struct {
  const char* what;
  void (*edit)(struct parts part);
  const char* reason;
} kEdits[] = {
    {"version 0", VersionZero, LATER},
    {"the next version", VersionNext, LATER},
    {"a reserved field that is not zero", Reserved, LATER},
    {"a flag", Flags, LATER},
    {"another magic", Magic, NO_SECTION},
    {"a size that is one less", SizeLess, BAD_SIZE},
    {"a size that is one more", SizeMore, BAD_SIZE},
    {"a size of 4 GiB", SizeHuge, BAD_SIZE},
    {"no header", HeaderNone, BAD_TABLE},
    {"a header that is too short", HeaderShort, BAD_TABLE},
    {"a header of odd length", HeaderOdd, BAD_TABLE},
    {"a header beyond the end", HeaderHuge, BAD_TABLE},
    {"4 G facts", FactsHuge, BAD_TABLE},
    {"more facts than there may be", FactsMany, BAD_TABLE},
    {"facts whose size is 2^32", FactsWrap, BAD_TABLE},
    {"more facts than there are bytes", FactsOver, BAD_TABLE},
    {"facts beyond the end", FactsFar, BAD_TABLE},
    {"facts at an odd place", FactsOdd, BAD_TABLE},
    {"4 G modules", ModulesHuge, BAD_TABLE},
    {"more modules than there may be", ModulesMany, BAD_TABLE},
    {"a module's name beyond the end", ModuleFar, BAD_STRING},
    {"4 GiB of strings", StringsHuge, BAD_TABLE},
    {"strings beyond the end", StringsOver, BAD_TABLE},
    {"no strings", StringsNone, BAD_STRING},
    {"strings that are cut off", StringsCut, BAD_STRING},
    {"a last string that does not end", StringsOpen, BAD_STRING},
    {"a first string that is not empty", StringsFirst, BAD_STRING},
    {"a string of more than 2047 bytes", StringsLong, BAD_STRING},
    {"a line break in a string", StringsBreak, BAD_STRING},
    {"strings out of order", StringsOrder, BAD_STRING},
    {"a root within a string", RootWithin, BAD_STRING},
    {"a fact that is there twice", Twice, BAD_FACT},
    {"4 GiB of STEG", StegHuge, BAD_TABLE},
    {"a STEG beyond the end", StegFar, BAD_TABLE},
    {"a root beyond the strings", RootFar, BAD_STRING},
    {"a path beyond the strings", PathFar, BAD_STRING},
    {"a type beyond the strings", TextFar, BAD_STRING},
    {"a source beyond the strings", SourceFar, BAD_STRING},
    {"a fact of kind 0", KindNone, BAD_FACT},
    {"a fact of kind CONFIG", KindConfig, BAD_FACT},
    {"a fact of kind EXISTS_FIELD", KindExists, BAD_FACT},
    {"a fact of kind LACKS_FUNCTION", KindLacks, BAD_FACT},
    {"a fact of kind 63", KindBetween, BAD_FACT},
    {"a fact of the kind after the last", KindNext, BAD_FACT},
    {"a fact of kind 65535", KindLast, BAD_FACT},
    {"a width of what is no bit field", BitsSpare, BAD_FACT},
    {"a module of what is no function", ModuleSpare, BAD_FACT},
    {"a module that there is not", ModuleNone, BAD_FACT},
    {"facts out of order", Order, BAD_FACT},
};

static void TestEdits(const struct inputs* in) {
  for (size_t i = 0; i < sizeof kEdits / sizeof *kEdits; i++) {
    struct image section = WriteSection(&in->contract), module;
    kEdits[i].edit(PartsOf(&section));
    Seal(&section);
    module = WithSection(&in->module, &section);
    ExpectReason(in, &module, kEdits[i].what, kEdits[i].reason);
    FreeImage(&section);
    FreeImage(&module);
  }
}

/* What the anchor says. */
static void TestAnchor(const struct inputs* in) {
  static const struct {
    const char* what;
    uint32_t size;
    const char* reason;
  } sizes[] = {{"an anchor that says: no bytes", 0, NO_SECTION},
               {"an anchor that says: less than a header", 87, NO_SECTION},
               {"an anchor that says: a header", 88, BAD_SIZE},
               {"an anchor that says: 1 MiB and a byte", (1u << 20) + 1, BAD_SIZE},
               {"an anchor that says: 4 GiB", UINT_MAX, BAD_SIZE}};
  struct race_anchor* anchor;
  struct image module;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    module = CopyImage(&in->module);
    anchor = (void*)SectionBytes(&module, RACE_START_SECTION, NULL);
    anchor->size = sizes[i].size;
    ExpectReason(in, &module, sizes[i].what, sizes[i].reason);
    FreeImage(&module);
  }
  for (size_t i = 0; i < sizeof anchor->magic; i++) {
    module = CopyImage(&in->module);
    anchor = (void*)SectionBytes(&module, RACE_START_SECTION, NULL);
    anchor->magic[i] ^= 1;
    ExpectReason(in, &module, "a damaged anchor", NO_ANCHOR);
    FreeImage(&module);
  }
}

static Elf64_Rela* Relocation(const struct image* module, const char* section, uint64_t offset) {
  size_t size;
  Elf64_Rela* rela = (void*)SectionBytes(module, section, &size);
  for (size_t i = 0; i < size / sizeof *rela; i++)
    if (rela[i].r_offset == offset) return &rela[i];
  return NULL;
}

/* The relocation by which the anchor leads to the section. */
static Elf64_Rela* AnchorRelocation(const struct image* module) {
  return Relocation(module, ".rela" RACE_START_SECTION, offsetof(struct race_anchor, facts));
}

static uint64_t InitOffset(const struct inputs* in) {
  for (size_t i = 0; i < in->contract.nr_facts; i++)
    if (!strcmp(in->contract.facts[i].root, "struct module") &&
        !strcmp(in->contract.facts[i].path, "init"))
      return in->contract.facts[i].value;
  return 0;
}

/* Modules made so that the section would not be looked at. */
static void TestDetours(const struct inputs* in) {
  const char* frame = ".rela.gnu.linkonce.this_module";
  struct image module = CopyImage(&in->module);
  struct contract broken;
  Elf64_Rela* rela;
  uint32_t kind;
  int result;

  rela = Relocation(&module, frame, InitOffset(in));
  kind = ELF64_R_TYPE(rela->r_info);
  rela->r_info = ELF64_R_INFO((uint64_t)FindSymbol(&module, "init_module"), kind);
  ExpectReason(in, &module, "init is the driver's own init_module", NO_ANCHOR);
  rela->r_info = ELF64_R_INFO((uint64_t)FindSymbol(&module, "cleanup_module"), kind);
  ExpectReason(in, &module, "init is another function", NO_ANCHOR);
  rela->r_info = R_X86_64_NONE;
  ExpectReason(in, &module, "no init at all", NO_ANCHOR);
  FreeImage(&module);

  /* The same with facts that do not hold: they are found and named. */
  broken = CopyContract(&in->contract);
  AddFact(&broken,
          (struct fact){.kind = RACE_CONTRACT_SIZE, .root = "struct list_head", .value = 24});
  module = WithContract(&in->module, &broken);
  Relocation(&module, frame, InitOffset(in))->r_info = R_X86_64_NONE;
  ExpectReason(in, &module, "no init, and a broken contract", BROKEN);
  Report(LogHas("size of struct list_head: 24 promised, 16 found"), "which is named");
  FreeImage(&module);
  FreeContract(&broken);

  module = CopyImage(&in->module);
  rela = AnchorRelocation(&module);
  rela->r_addend += 8;
  ExpectReason(in, &module, "the anchor leads beside the section", NO_SECTION);
  rela->r_addend += 0x20000000;
  ExpectReason(in, &module, "the anchor leads to memory that is not there", NO_SECTION);
  rela->r_info = R_X86_64_NONE;
  ExpectReason(in, &module, "the anchor leads to itself", NO_SECTION);
  FreeImage(&module);

  module = CopyImage(&in->module);
  FindSection(&module, RACE_FACTS_SECTION)->sh_type = SHT_NOBITS;
  ExpectReason(in, &module, "a section without bytes", NO_SECTION);
  FreeImage(&module);

  /* The kernel does not place it, so nothing can be relocated to it. */
  module = CopyImage(&in->module);
  FindSection(&module, RACE_FACTS_SECTION)->sh_flags = 0;
  LogMark();
  result = Load(&module, "");
  Report(result == ENOEXEC, "a section that is not loaded: ENOEXEC");
  if (result == 0) Unload(in->name);
  FreeImage(&module);
}

static void TestSizes(const struct inputs* in) {
  const size_t steps[] = {1, 8, 64, 1024};
  struct image section, module;
  struct contract contract;
  uint8_t* zeroes;

  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    section = WriteSection(&in->contract);
    section.size -= steps[i];
    module = WithSection(&in->module, &section);
    ExpectReason(in, &module, "a section that is cut off", BAD_SIZE);
    /* With a size and a digest that say so. */
    ((struct race_facts_header*)section.bytes)->size = (uint32_t)section.size;
    Seal(&section);
    FreeImage(&module);
    module = WithSection(&in->module, &section);
    ExpectReason(in, &module, "and says so itself", BAD_TABLE);
    FreeImage(&module);
    FreeImage(&section);
  }

  /* The largest that there may be is read, one that is larger is not. */
  zeroes = calloc(1, RACE_FACTS_MAX_SIZE);
  contract = CopyContract(&in->contract);
  contract.steg = zeroes;
  for (int over = 0; over < 2; over++) {
    contract.steg_size = 0;
    section = WriteSection(&contract);
    contract.steg_size =
        RACE_FACTS_MAX_SIZE - section.size - (section.size % 8 ? 8 - section.size % 8 : 0);
    FreeImage(&section);
    contract.steg_size += over;
    section = WriteSection(&contract);
    module = WithSection(&in->module, &section);
    if (over) {
      ExpectReason(in, &module, "a section of 1 MiB and a byte", BAD_SIZE);
    } else {
      LogMark();
      Report(section.size == RACE_FACTS_MAX_SIZE && Load(&module, "") == 0 && Unload(in->name) == 0,
             "a section of 1 MiB is accepted");
    }
    FreeImage(&section);
    FreeImage(&module);
  }
  FreeContract(&contract);

  free(zeroes);
}

#define KILLED "the process that loads it is being killed"

static double Since(const struct timespec* begin) {
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  return (double)(end.tv_sec - begin->tv_sec) + (double)(end.tv_nsec - begin->tv_nsec) / 1e9;
}

/* Facts that hold, each of which has the members of a large type to go through. */
static struct image ModuleOfWork(const struct inputs* in, size_t facts) {
  static char names[RACE_FACTS_MAX_COUNT][24];
  struct contract contract = CopyContract(&in->contract);
  struct image section, module;
  contract.steg_size = 0;
  for (size_t i = 0; contract.nr_facts < facts; i++) {
    snprintf(names[i], sizeof names[i], "x%05zu", i);
    AddFact(&contract, (struct fact){.kind = RACE_FACT_NO_FIELD,
                                     .root = "struct task_struct",
                                     .path = names[i],
                                     .source = names[i]});
  }
  section = WriteSection(&contract);
  if (section.size > RACE_FACTS_MAX_SIZE) errx(1, "a section of %zu bytes", section.size);
  module = WithSection(&in->module, &section);
  FreeImage(&section);
  FreeContract(&contract);
  return module;
}

/* Killed while it is at work: it is given up, not finished first. */
static void TestKill(const struct inputs* in, const struct image* module) {
  char line[256];
  double took = 0;
  bool said = false;
  int status = 0;
  snprintf(line, sizeof line, "race: %s: refused: " KILLED, in->name);
  /* How long the loader is at work before race.ko is, depends on the machine. */
  for (useconds_t delay = 10000; delay < 1000000 && !said; delay += delay / 2) {
    struct timespec begin;
    int ready[2];
    pid_t child;
    char byte;
    LogMark();
    if (pipe(ready)) err(1, "pipe");
    child = fork();
    if (child < 0) err(1, "fork");
    if (child == 0) {
      if (write(ready[1], "", 1) != 1) _exit(3);
      _exit(Load(module, "") == ENOEXEC ? 0 : 4);
    }
    if (read(ready[0], &byte, 1) != 1) err(1, "read");
    usleep(delay);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    took = Since(&begin);
    close(ready[0]);
    close(ready[1]);
    said = LogHasLine(line);
  }
  Report(said && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && took < 0.5,
         "killed while its facts are checked: it is dead after %.3f s", took);
  if (!said) ShowLog();
}

/* A few are checked to the end, of as many as there may be the work is counted, and ends. */
void TestWork(const struct inputs* in) {
  struct image module = ModuleOfWork(in, in->contract.nr_facts + 8);
  struct timespec begin;
  double took;
  LogMark();
  Report(Load(&module, "") == 0 && Unload(in->name) == 0,
         "eight facts about a large type are accepted");
  FreeImage(&module);
  module = ModuleOfWork(in, RACE_FACTS_MAX_COUNT);
  clock_gettime(CLOCK_MONOTONIC, &begin);
  ExpectReason(in, &module, "16384 facts about a large type", TOO_MUCH);
  took = Since(&begin);
  Report(took < 1, "it is refused in under a second: %.2f s", took);
  TestKill(in, &module);
  FreeImage(&module);
}

/* The loader's own checks come first, and parameters last. */
static void TestParameters(const struct inputs* in) {
  struct contract broken;
  struct image module;
  char words[128];
  int result;
  if (!in->parameter) {
    Skipped("parameters", "the driver has none");
    return;
  }
  snprintf(words, sizeof words, "%s=nonsense", in->parameter);
  LogMark();
  result = Load(&in->module, words);
  Report(result == EINVAL && LogHas("nonsense"), "a parameter's function refuses nonsense");
  broken = CopyContract(&in->contract);
  AddFact(&broken,
          (struct fact){.kind = RACE_CONTRACT_SIZE, .root = "struct list_head", .value = 24});
  module = WithContract(&in->module, &broken);
  LogMark();
  result = Load(&module, words);
  Report(result == ENOEXEC && !LogHas("nonsense") && LogHas("refused: " BROKEN),
         "it is not called when a contract does not hold");
  FreeImage(&module);
  FreeContract(&broken);
}

void TestDamage(const struct inputs* in) {
  TestEdits(in);
  TestAnchor(in);
  TestDetours(in);
  TestSizes(in);
  TestParameters(in);
}
