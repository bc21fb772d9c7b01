// SPDX-License-Identifier: GPL-2.0-only
/* /sys/kernel/race, as Documentation/ABI/sysfs-kernel-race has it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define ROOT "/sys/kernel/race"

/* The file in pieces of that size; NULL: it cannot be read. */
static uint8_t* ReadPieces(const char* path, size_t piece, size_t* size) {
  const int fd = open(path, O_RDONLY);
  uint8_t* bytes = NULL;
  ssize_t got = 1;
  *size = 0;
  if (fd < 0) return NULL;
  while (got > 0) {
    bytes = realloc(bytes, *size + piece);
    got = pread(fd, bytes + *size, piece, (off_t)*size);
    if (got > 0) *size += (size_t)got;
  }
  close(fd);
  if (got == 0) return bytes;
  free(bytes);
  return NULL;
}

static bool SameInPieces(const char* path, size_t piece, const uint8_t* whole, size_t size) {
  size_t length;
  uint8_t* bytes = ReadPieces(path, piece, &length);
  const bool same = bytes && length == size && !memcmp(bytes, whole, size);
  if (!same) Remark("%s in pieces of %zu: %zu bytes, not %zu", path, piece, length, size);
  free(bytes);
  return same;
}

/* One file, however it is read: odd pieces, odd places, beyond the end. */
static void TestPieces(const char* path) {
  static const size_t pieces[] = {1, 7, 4096, 4097, 65536};
  size_t size;
  uint8_t *whole = ReadPieces(path, 1 << 20, &size), byte;
  const int fd = open(path, O_RDONLY);
  bool same = whole && size > 0;
  for (size_t i = 0; same && i < sizeof pieces / sizeof *pieces; i++)
    if (pieces[i] >= 4096 || size < 100000) /* the BTF would take minutes */
      same = SameInPieces(path, pieces[i], whole, size);
  for (size_t at = 1; same && at < size; at = at * 3 + 1)
    same = pread(fd, &byte, 1, (off_t)at) == 1 && byte == whole[at];
  same = same && pread(fd, &byte, 1, (off_t)size) == 0 && pread(fd, &byte, 1, 1ll << 40) == 0;
  Report(same, "%s: the same %zu bytes in pieces of any size", path, size);
  close(fd);
  free(whole);
}

static void TestLikeFile(const char* path, const uint8_t* expected, size_t length) {
  size_t size;
  uint8_t* bytes = ReadPieces(path, 1 << 20, &size);
  Report(bytes && size == length && !memcmp(bytes, expected, length), "%s is what it should be",
         path);
  free(bytes);
}

static bool ReadOnly(const char* path) {
  struct stat status;
  const int fd = open(path, O_WRONLY);
  const bool written = fd >= 0 && write(fd, "1", 1) == 1;
  if (fd >= 0) close(fd);
  return !written && stat(path, &status) == 0 && (status.st_mode & 07777) == 0444;
}

static void TestReadOnly(const char* folder, int expected) {
  char path[512];
  DIR* entries = opendir(folder);
  int files = 0, right = 0;
  for (struct dirent* entry; entries && (entry = readdir(entries));) {
    if (entry->d_type != DT_REG) continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    files++;
    right += ReadOnly(path);
  }
  if (entries) closedir(entries);
  Report(files == expected && right == files, "%s: %d files, none can be written", folder, right);
}

static long Number(const char* folder, const char* file) {
  char path[256], *text;
  long number;
  snprintf(path, sizeof path, "%s/%s", folder, file);
  text = ReadText(path);
  number = text ? strtol(text, NULL, 10) : -1;
  free(text);
  return number;
}

static void TestModule(const struct inputs* in) {
  const struct race_facts_header* header =
      (const void*)SectionBytes(&in->module, RACE_FACTS_SECTION, NULL);
  const long before = (long)time(NULL);
  char folder[128], path[160], hash[66], *text;
  size_t lines = 0, promises = 0;
  snprintf(folder, sizeof folder, ROOT "/modules/%s", in->name);
  Report(Load(&in->module, "") == 0 && IsThere(folder), "a module is loaded, %s is there", folder);

  for (int i = 0; i < RACE_DIGEST_LEN; i++) snprintf(hash + 2 * i, 3, "%02x", header->digest[i]);
  strcat(hash, "\n");
  snprintf(path, sizeof path, "%s/contract_hash", folder);
  TestLikeFile(path, (const uint8_t*)hash, strlen(hash));
  TestPieces(path);
  snprintf(path, sizeof path, "%s/steg", folder);
  TestLikeFile(path, in->contract.steg, in->contract.steg_size);
  TestPieces(path);

  snprintf(path, sizeof path, "%s/contracts", folder);
  TestPieces(path);
  text = ReadText(path);
  for (char* line = text ? strtok(text, "\n") : NULL; line; line = strtok(NULL, "\n"), lines++) {
    const struct fact* fact = &in->contract.facts[lines];
    if (lines < in->contract.nr_facts && strstr(line, fact->root) && strstr(line, fact->path) &&
        strstr(line, ": "))
      promises++;
  }
  free(text);
  Report(lines == in->contract.nr_facts && promises == lines, "%s has a line for each of %zu facts",
         path, in->contract.nr_facts);

  Report(Number(folder, "validated_at") >= before && Number(folder, "validated_at") <= before + 60,
         "validated_at is now");
  Report(Number(folder, "took_ns") > 0 && Number(folder, "took_ns") < 60000000000, "took_ns is %ld",
         Number(folder, "took_ns"));
  TestReadOnly(folder, 5);
  Report(Unload(in->name) == 0 && !IsThere(folder), "it is unloaded, and its folder is gone");
}

void TestSysfs(const struct inputs* in) {
  size_t size;
  uint8_t* btf = ReadPieces("/sys/kernel/btf/vmlinux", 1 << 20, &size);
  const long validated = Validated(), refused = RefusedFor(NULL);
  struct image damaged = CopyImage(&in->module);
  TestLikeFile(ROOT "/version", (const uint8_t*)"1\n", 2);
  TestLikeFile(ROOT "/steg", btf, size);
  TestPieces(ROOT "/version");
  TestPieces(ROOT "/steg");
  TestPieces(ROOT "/refused");
  TestPieces(ROOT "/validated");
  TestReadOnly(ROOT, 4);
  TestModule(in);
  SectionBytes(&damaged, RACE_FACTS_SECTION, NULL)[200] ^= 1;
  Report(Load(&damaged, "") == ENOEXEC, "a damaged module is refused");
  Report(Validated() == validated + 1 && RefusedFor(NULL) == refused + 1, "the counters say so");
  FreeImage(&damaged);
  free(btf);
}
