/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host.h - what the checking core asks of what it runs in
 *
 * The core (btf.c, spell.c, facts.c) is one source for the kernel and for
 * userspace, where the resolver checks with it what it wrote and where it is
 * fuzzed.  It calls nothing but these functions and the string functions below.
 */
#ifndef RACE_HOST_H
#define RACE_HOST_H

#if defined(RACE_PORTABLE)
#include "portable.h"
#elif defined(__KERNEL__)
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <linux/types.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;
#endif

/* Zeroed memory, or NULL.  `size` has been checked against what it is for. */
void *race_alloc(size_t size);
void race_free(const void *memory);

/*
 * Lets others run, now that some hundred microseconds of work are done.  True: who waits
 * for the answer is being killed, and the work is to be given up.
 */
bool race_pause(void);

/* The string's length in bytes; `most` when it is that long or longer. */
static inline size_t race_length(const char *text, size_t most)
{
	size_t length = 0;

	while (length < most && text[length] != '\0')
		length++;
	return length;
}

void race_sha256(const u8 *data, size_t size, u8 digest[32]);

#endif /* RACE_HOST_H */
