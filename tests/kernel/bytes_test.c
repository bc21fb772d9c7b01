// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every byte of the contract section, changed one at a time: as damage, which must never
 * be accepted, and as a forgery whose hash has been made to fit, which may be accepted
 * only where the byte says nothing about the kernel.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define THREADS 2

struct job {
  struct image module; /* its own copy, with its own name */
  char name[56];
  size_t from, step, size; /* bytes from, from + step, ... of the section */
  bool sealed;
  uint8_t* accepted; /* a mark for each byte */
  long refused, otherwise;
};

static void* Run(void* argument) {
  struct job* job = argument;
  uint8_t* bytes = SectionBytes(&job->module, RACE_FACTS_SECTION, NULL);
  struct image section = {bytes, job->size};
  for (size_t at = job->from; at < job->size; at += job->step) {
    const uint8_t old = bytes[at];
    int result;
    /* One bit: that is hardest to see.  Which one goes round. */
    bytes[at] ^= (uint8_t)(1u << at % 8);
    if (job->sealed) Seal(&section);
    result = Load(&job->module, "");
    bytes[at] = old;
    if (result == ENOEXEC) {
      job->refused++;
    } else if (result == 0) {
      job->accepted[at] = 1;
      Unload(job->name);
    } else {
      job->otherwise++;
    }
  }
  if (job->sealed) Seal(&section);
  return NULL;
}

/* Returns the marks of what was accepted. */
static uint8_t* FlipAll(const struct inputs* in, bool sealed, long* refused, long* otherwise) {
  struct job jobs[THREADS];
  pthread_t threads[THREADS];
  size_t size;
  uint8_t* accepted;
  SectionBytes(&in->module, RACE_FACTS_SECTION, &size);
  accepted = calloc(1, size);
  *refused = *otherwise = 0;
  for (int i = 0; i < THREADS; i++) {
    jobs[i] = (struct job){.module = CopyImage(&in->module),
                           .from = (size_t)i,
                           .step = THREADS,
                           .size = size,
                           .sealed = sealed,
                           .accepted = accepted};
    snprintf(jobs[i].name, sizeof jobs[i].name, "%s", in->name);
    jobs[i].name[0] = (char)('a' + i);
    RenameModule(&jobs[i].module, jobs[i].name);
    pthread_create(&threads[i], NULL, Run, &jobs[i]);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    *refused += jobs[i].refused;
    *otherwise += jobs[i].otherwise;
    FreeImage(&jobs[i].module);
  }
  return accepted;
}

/* What an accepted byte says. */
enum meaning { PROMISE, DESCRIPTION, PADDING, ABSENCE, LIMIT, COUNT, MEANINGS };
static const char* const kMeanings[MEANINGS] = {
    [PROMISE] = "of what is promised",
    [DESCRIPTION] = "of the STEG and of sources, which are only shown",
    [PADDING] = "between tables, and of the hash, which is made anew",
    [ABSENCE] = "of the name of what is not there, and by any other name is not, either",
    [LIMIT] = "of an alignment that suits as well",
    [COUNT] = "of how many facts there are: one fewer promises less",
};

static void MarkString(uint8_t* meaning, const struct race_facts_header* header, uint32_t string,
                       uint8_t mark) {
  const size_t at = header->hdr_len + header->strings.offset + string;
  memset(meaning + at, mark, strlen((const char*)header + at) + 1);
}

/* In this order: what is promised in one place counts, whatever else stands there. */
static uint8_t* Meanings(const uint8_t* section, size_t size) {
  const struct race_facts_header* header = (const void*)section;
  const struct race_fact* facts = (const void*)(section + header->hdr_len + header->facts.offset);
  uint8_t* meaning = malloc(size);
  memset(meaning, PADDING, size);
  memset(meaning + header->hdr_len + header->steg.offset, DESCRIPTION, header->steg.count);
  for (int promises = 0; promises < 2; promises++)
    for (uint32_t i = 0; i < header->facts.count; i++) {
      const struct race_fact* fact = &facts[i];
      const bool absent = fact->kind >= RACE_FACT_NO_FIELD;
      uint8_t* record = meaning + ((const uint8_t*)fact - section);
      if (!promises) {
        MarkString(meaning, header, fact->source, DESCRIPTION);
        if (absent) {
          MarkString(meaning, header, fact->path, ABSENCE);
          MarkString(meaning, header, fact->root, ABSENCE);
        }
        continue;
      }
      memset(record, absent ? ABSENCE : PROMISE, sizeof *fact);
      memset(record + offsetof(struct race_fact, source), DESCRIPTION, sizeof fact->source);
      if (fact->kind == RACE_FACT_FITS_ALIGN)
        memset(record + offsetof(struct race_fact, value), LIMIT, sizeof fact->value);
      if (absent) continue;
      MarkString(meaning, header, fact->root, PROMISE);
      MarkString(meaning, header, fact->path, PROMISE);
      MarkString(meaning, header, fact->text, PROMISE);
    }
  memset(meaning, PROMISE, header->hdr_len);
  /* Where the STEG is: nothing is checked with it.  Where no modules are, neither. */
  if (header->modules.count == 0)
    memset(meaning + offsetof(struct race_facts_header, modules.offset), DESCRIPTION,
           sizeof header->modules.offset);
  memset(meaning + offsetof(struct race_facts_header, steg), DESCRIPTION, sizeof header->steg);
  /* Made anew for each forgery. */
  memset(meaning + offsetof(struct race_facts_header, digest), PADDING, RACE_DIGEST_LEN);
  memset(meaning + offsetof(struct race_facts_header, facts.count), COUNT,
         sizeof header->facts.count);
  return meaning;
}

static void SetText(const char* path, const char* text) {
  FILE* file = fopen(path, "w");
  if (!file) return;
  fputs(text, file);
  fclose(file);
}

void TestBytes(const struct inputs* in) {
  const long validated = Validated(), refusals = RefusedFor(NULL);
  long refused, otherwise, accepted = 0, by_meaning[MEANINGS] = {0};
  time_t begin = time(NULL);
  size_t size;
  const uint8_t* section = SectionBytes(&in->module, RACE_FACTS_SECTION, &size);
  uint8_t *marks, *meanings = Meanings(section, size);

  /* A message for each would take the console longer than all else. */
  klogctl(8, NULL, 1);
  SetText("/sys/kernel/rcu_expedited", "1");
  marks = FlipAll(in, false, &refused, &otherwise);
  for (size_t i = 0; i < size; i++) accepted += marks[i];
  free(marks);
  Report(accepted == 0 && otherwise == 0 && refused == (long)size,
         "%zu bytes damaged, one at a time: %ld refused, %ld accepted, %ld otherwise, %ld s", size,
         refused, accepted, otherwise, (long)(time(NULL) - begin));
  Report(RefusedFor(NULL) == refusals + (long)size && Validated() == validated,
         "and each is counted");

  begin = time(NULL);
  marks = FlipAll(in, true, &refused, &otherwise);
  for (size_t i = 0; i < size; i++) {
    if (!marks[i]) continue;
    by_meaning[meanings[i]]++;
    if (meanings[i] == PROMISE) Remark("accepted: byte %zu of %zu", i, size);
  }
  klogctl(8, NULL, 7);
  SetText("/sys/kernel/rcu_expedited", "0");
  accepted = (long)size - refused - otherwise;
  Report(otherwise == 0 && by_meaning[PROMISE] == 0,
         "%zu bytes forged, hash and all: %ld refused, %ld accepted, %ld s", size, refused,
         accepted, (long)(time(NULL) - begin));
  for (int i = 0; i < MEANINGS; i++) Remark("accepted: %ld %s", by_meaning[i], kMeanings[i]);
  free(marks);
  free(meanings);
}
