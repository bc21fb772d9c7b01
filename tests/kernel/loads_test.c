// SPDX-License-Identifier: GPL-2.0-only
/* Many loads, loads at once, and what is left of them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define LOADS 1000
#define AT_ONCE 8
#define ROUNDS 10

/* A line of /proc/meminfo in kB. */
static long MemoryLine(const char* name) {
  char *text = ReadText("/proc/meminfo"), *at = text ? strstr(text, name) : NULL;
  const long value = at ? strtol(at + strlen(name) + 1, NULL, 10) : -1;
  free(text);
  return value;
}

/* How many areas of vmalloc memory race.ko holds. */
static int Areas(void) {
  char* text = ReadText("/proc/vmallocinfo");
  int areas = 0;
  for (char* at = text; at && (at = strstr(at, "[race]")); at++) areas++;
  free(text);
  return areas;
}

static int Folders(void) {
  DIR* modules = opendir("/sys/kernel/race/modules");
  int folders = 0;
  for (struct dirent* entry; modules && (entry = readdir(modules));)
    folders += entry->d_name[0] != '.';
  if (modules) closedir(modules);
  return modules ? folders : -1;
}

static bool FolderThere(const char* name) {
  char path[128];
  snprintf(path, sizeof path, "/sys/kernel/race/modules/%s", name);
  return IsThere(path);
}

static void TestThousand(const struct inputs* in) {
  const int areas = Areas();
  const long validated = Validated();
  long unreclaimable, vmalloc, loaded = 0, unloaded = 0, folders = 0;
  struct timespec begin, end;
  double seconds;
  klogctl(8, NULL, 1);
  /* The first ones fill caches. */
  for (int i = 0; i < 20; i++)
    if (Load(&in->module, "") == 0) Unload(in->name);
  unreclaimable = MemoryLine("SUnreclaim");
  vmalloc = MemoryLine("VmallocUsed");
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (int i = 0; i < LOADS; i++) {
    loaded += Load(&in->module, "") == 0;
    folders += FolderThere(in->name);
    unloaded += Unload(in->name) == 0;
    folders -= FolderThere(in->name);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  klogctl(8, NULL, 7);
  seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
  Report(loaded == LOADS && unloaded == LOADS && folders == LOADS,
         "%d loads and unloads: %ld, %ld; the folder came and went %ld times; %.1f s", LOADS,
         loaded, unloaded, folders, seconds);
  Report(Validated() == validated + LOADS + 20, "each was validated");
  Report(Areas() == areas, "race.ko holds as many areas of memory as before: %d, %d", areas,
         Areas());
  sleep(1); /* what is freed after a grace period */
  unreclaimable = MemoryLine("SUnreclaim") - unreclaimable;
  vmalloc = MemoryLine("VmallocUsed") - vmalloc;
  if (IsThere("/sys/kernel/debug/kmemleak")) {
    /* KASAN keeps what was freed for a while, so that it is not used again at once. */
    Remark("%ld kB slab, %ld kB vmalloc more", unreclaimable, vmalloc);
    Skipped("the kernel has as much memory as before", "KASAN keeps it; kmemleak looks at the end");
    return;
  }
  /* 1 kB of each load would make 1000. */
  Report(unreclaimable < 800 && vmalloc < 800,
         "the kernel has as much memory as before: %ld kB slab, %ld kB vmalloc", unreclaimable,
         vmalloc);
}

struct loader {
  struct image module;
  char name[56];
  pthread_barrier_t* barrier;
  bool broken;
  int loaded, unloaded; /* errno */
  bool shown, gone;
};

static void* LoadOne(void* argument) {
  struct loader* loader = argument;
  pthread_barrier_wait(loader->barrier);
  loader->loaded = Load(&loader->module, "");
  loader->shown = FolderThere(loader->name);
  pthread_barrier_wait(loader->barrier);
  if (loader->loaded == 0) loader->unloaded = Unload(loader->name);
  loader->gone = !FolderThere(loader->name);
  return NULL;
}

/* Eight modules of eight names at once; with `broken`, every other one is refused. */
static void TestAtOnce(const struct inputs* in, bool broken) {
  struct contract contract = CopyContract(&in->contract);
  struct loader loaders[AT_ONCE];
  pthread_t threads[AT_ONCE];
  pthread_barrier_t barrier;
  int right = 0;
  AddFact(&contract,
          (struct fact){.kind = RACE_CONTRACT_SIZE, .root = "struct list_head", .value = 24});
  pthread_barrier_init(&barrier, NULL, AT_ONCE);
  for (int i = 0; i < AT_ONCE; i++) {
    loaders[i].broken = broken && i % 2;
    loaders[i].module =
        loaders[i].broken ? WithContract(&in->module, &contract) : CopyImage(&in->module);
    snprintf(loaders[i].name, sizeof loaders[i].name, "%s", in->name);
    loaders[i].name[0] = (char)('a' + i);
    RenameModule(&loaders[i].module, loaders[i].name);
    loaders[i].barrier = &barrier;
  }
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < AT_ONCE; i++) pthread_create(&threads[i], NULL, LoadOne, &loaders[i]);
    for (int i = 0; i < AT_ONCE; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < AT_ONCE; i++) {
      const struct loader* loader = &loaders[i];
      right += loader->broken
                   ? loader->loaded == ENOEXEC && !loader->shown
                   : loader->loaded == 0 && loader->shown && loader->unloaded == 0 && loader->gone;
    }
  }
  Report(right == ROUNDS * AT_ONCE, "eight at once%s, ten times: %d of %d as they should",
         broken ? ", every other one broken" : "", right, ROUNDS * AT_ONCE);
  for (int i = 0; i < AT_ONCE; i++) FreeImage(&loaders[i].module);
  pthread_barrier_destroy(&barrier);
  FreeContract(&contract);
}

/* race.ko stays as long as what it validated. */
static void TestHeld(const struct inputs* in) {
  int result = Load(&in->module, "");
  Report(result == 0, "a module is loaded");
  result = Unload("race");
  Report(result == EAGAIN && IsThere("/sys/kernel/race/version"),
         "race.ko is not unloaded below it: %s", strerror(result));
  Report(Load(&in->module, "") == EEXIST, "it is not loaded twice");
  Report(FolderThere(in->name), "its folder is there");
  Report(Unload(in->name) == 0 && !FolderThere(in->name), "it is unloaded, and its folder is gone");
}

static atomic_bool stop;
static atomic_long reads, whole;

/* Reads a folder's files, over and over, while it comes and goes. */
static void* ReadFolder(void* argument) {
  static const char* const files[] = {"contracts", "contract_hash", "steg", "validated_at",
                                      "took_ns"};
  char path[160];
  for (unsigned i = 0; !stop; i++) {
    char* text;
    snprintf(path, sizeof path, "/sys/kernel/race/modules/%s/%s", (const char*)argument,
             files[i % 5]);
    text = ReadText(path);
    reads++;
    whole += text && *text;
    free(text);
  }
  return NULL;
}

static void TestReaders(const struct inputs* in) {
  char path[160], byte;
  pthread_t threads[2];
  long right = 0;
  int fd;
  snprintf(path, sizeof path, "/sys/kernel/race/modules/%s/contracts", in->name);
  Load(&in->module, "");
  fd = open(path, O_RDONLY);
  Report(fd >= 0 && read(fd, &byte, 1) == 1, "a file of the folder is open");
  Report(Unload(in->name) == 0, "its module is unloaded all the same");
  Report(read(fd, &byte, 1) == -1 && errno == ENODEV, "the file that is open ends");
  close(fd);

  klogctl(8, NULL, 1);
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, ReadFolder, (void*)in->name);
  for (int i = 0; i < 100; i++) {
    right += Load(&in->module, "") == 0;
    usleep(1000);
    right += Unload(in->name) == 0;
  }
  stop = true;
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  klogctl(8, NULL, 7);
  Report(right == 200 && whole > 0,
         "100 loads and unloads under two readers (%ld reads, %ld of a file)", (long)reads,
         (long)whole);
}

void TestMany(const struct inputs* in) {
  TestThousand(in);
  Report(Folders() == 0, "/sys/kernel/race/modules is empty");
}

void TestLoads(const struct inputs* in) {
  TestHeld(in);
  TestAtOnce(in, false);
  TestAtOnce(in, true);
  TestReaders(in);
  Report(Folders() == 0, "/sys/kernel/race/modules is empty");
}
