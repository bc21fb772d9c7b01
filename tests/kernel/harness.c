// SPDX-License-Identifier: GPL-2.0-only
#include "harness.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int tests, failures;

void Report(bool ok, const char* format, ...) {
  va_list arguments;
  printf("%sok %d - ", ok ? "" : "not ", ++tests);
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
  if (!ok) failures++;
  fflush(stdout);
}

void Remark(const char* format, ...) {
  va_list arguments;
  printf("# ");
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
  fflush(stdout);
}

void Skipped(const char* what, const char* why) {
  printf("ok %d - %s # SKIP %s\n", ++tests, what, why);
  fflush(stdout);
}

int Finish(void) {
  printf("1..%d\n", tests);
  return failures;
}

int Load(const struct image* image, const char* parameters) {
  return syscall(SYS_init_module, image->bytes, image->size, parameters) ? errno : 0;
}

int LoadFile(const struct image* image, int flags) {
  const int fd = memfd_create("module", 0);
  int result = 0;
  if (fd < 0 || write(fd, image->bytes, image->size) != (ssize_t)image->size)
    err(1, "memfd_create");
  if (syscall(SYS_finit_module, fd, "", flags)) result = errno;
  close(fd);
  return result;
}

int Unload(const char* name) { return syscall(SYS_delete_module, name, O_NONBLOCK) ? errno : 0; }

static int kmsg = -1;
static char* seen; /* lines since the mark */
static size_t seen_size;

void LogMark(void) {
  if (kmsg < 0) kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
  if (kmsg < 0) err(1, "/dev/kmsg");
  lseek(kmsg, 0, SEEK_END);
  seen_size = 0;
}

/* A record is "priority,number,time,flags;text\n", and lines of keys. */
const char* Log(void) {
  char record[8192];
  ssize_t length;
  while ((length = read(kmsg, record, sizeof record - 1)) >= 0 || errno == EPIPE) {
    char* text;
    if (length <= 0) continue;
    record[length] = '\0';
    text = strchr(record, ';');
    if (!text) continue;
    text++;
    text[strcspn(text, "\n") + 1] = '\0';
    length = (ssize_t)strlen(text);
    seen = realloc(seen, seen_size + (size_t)length + 1);
    if (!seen) err(1, "no memory");
    memcpy(seen + seen_size, text, (size_t)length + 1);
    seen_size += (size_t)length;
  }
  return seen_size ? seen : "";
}

bool LogHas(const char* words) { return strstr(Log(), words); }

bool LogHasLine(const char* line) {
  const size_t length = strlen(line);
  for (const char* at = Log(); (at = strstr(at, line)); at++)
    if ((at == seen || at[-1] == '\n') && at[length] == '\n') return true;
  return false;
}

void ShowLog(void) {
  const char* at = Log();
  for (; *at; at += strcspn(at, "\n") + 1) Remark("%.*s", (int)strcspn(at, "\n"), at);
}

char* ReadText(const char* path) {
  const int fd = open(path, O_RDONLY);
  size_t size = 0, room = 4096;
  char* text;
  ssize_t got;
  if (fd < 0) return NULL;
  text = malloc(room + 1);
  while (text && (got = read(fd, text + size, room - size)) > 0) {
    size += (size_t)got;
    if (size == room) text = realloc(text, (room *= 2) + 1);
  }
  if (!text) err(1, "no memory");
  close(fd);
  text[size] = '\0';
  return text;
}

bool IsThere(const char* path) { return access(path, F_OK) == 0; }

long Validated(void) {
  char* text = ReadText("/sys/kernel/race/validated");
  const long count = text ? strtol(text, NULL, 10) : -1;
  free(text);
  return count;
}

long RefusedFor(const char* reason) {
  char* text = ReadText("/sys/kernel/race/refused");
  long count = 0;
  bool found = !reason;
  if (!text) return -1;
  for (char* line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
    char* words;
    const long number = strtol(line, &words, 10);
    if (reason && strcmp(words + 1, reason)) continue;
    count += number;
    found = true;
  }
  free(text);
  return found ? count : -1;
}
