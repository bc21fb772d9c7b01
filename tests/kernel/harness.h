/* SPDX-License-Identifier: GPL-2.0-only */
/* KTAP, the kernel's log, loading and unloading, small files. */
#ifndef RACE_TESTS_HARNESS_H
#define RACE_TESTS_HARNESS_H

#include "module_image.h"

/* One line of KTAP, and why not. */
void Report(bool ok, const char* format, ...) __attribute__((format(printf, 2, 3)));
void Remark(const char* format, ...) __attribute__((format(printf, 1, 2)));
void Skipped(const char* what, const char* why);
/* The plan; the number of failures. */
int Finish(void);

/* 0, or what errno was. */
int Load(const struct image* image, const char* parameters);
/* As a file, with the flags of finit_module(2). */
int LoadFile(const struct image* image, int flags);
int Unload(const char* name);

/* From here on; and what the kernel has said since, a line each, for the next LogMark(). */
void LogMark(void);
const char* Log(void);
/* Whether a line of it is, or contains, that. */
bool LogHasLine(const char* line);
bool LogHas(const char* words);
/* The messages of race.ko, as remarks. */
void ShowLog(void);

/* A small file of sysfs or procfs as a string; NULL: not there.  To be freed. */
char* ReadText(const char* path);
bool IsThere(const char* path);
/* Of /sys/kernel/race: modules validated; refused for that reason, or (NULL) for any. */
long Validated(void);
long RefusedFor(const char* reason);

/* What the tests work with. */
struct inputs {
  struct image race;   /* race.ko */
  struct image module; /* a driver that it validates */
  char name[56];
  struct contract contract; /* the driver's */
  const char* parameter;    /* an integer parameter of it; NULL: none */
  const char* foreign;      /* path of it made for another kernel; NULL: none */
};

void TestAlone(const struct inputs* in); /* before race.ko is loaded */
void TestFacts(const struct inputs* in);
void TestModuleTypes(const struct inputs* in);
void TestOwnFacts(const struct inputs* in);
void TestDamage(const struct inputs* in);
void TestWork(const struct inputs* in); /* more than there may be, and a kill meanwhile */
void TestBytes(const struct inputs* in);
void TestMany(const struct inputs* in);
void TestLoads(const struct inputs* in);
void TestSysfs(const struct inputs* in);
void TestForeign(const struct inputs* in);

#endif
