/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * race.h - the parts of race.ko
 *
 *   main.c		init and exit; validates modules as they come
 *   kernel_btf.c	finds the BTF of the kernel that runs, and of its modules
 *   exported.c		/sys/kernel/race
 *   btf*.c, facts.c, section.c, describe.c	the checking core, also in userspace
 */
#ifndef RACE_RACE_H
#define RACE_RACE_H

#include "access.h"
#include "facts.h"

#define RACE_KO_VERSION "1"

#ifdef RACE_PORTABLE
#define race_err(format, ...) _printk(KERN_ERR "race: " format, ##__VA_ARGS__)
#define race_info(format, ...) _printk(KERN_INFO "race: " format, ##__VA_ARGS__)
#define race_count(counter) __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED)
#else
#include <linux/atomic.h>
#include <linux/printk.h>
#define race_err(format, ...) printk(KERN_ERR "race: " format, ##__VA_ARGS__)
#define race_info(format, ...) printk(KERN_INFO "race: " format, ##__VA_ARGS__)
#define race_count(counter) __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED)
#endif

/* Why modules were refused, beyond enum race_damage. */
enum race_refusal {
	RACE_REFUSED_NO_ANCHOR = RACE_DAMAGES,	/* its init does not lead to a section */
	RACE_REFUSED_FACTS,			/* facts that do not hold here */
	RACE_REFUSED_UNKNOWN_START,		/* asked to start without being validated */
	RACE_REFUSED_MEMORY,			/* no memory */
	RACE_REFUSED_UNKNOWN,			/* types of which facts speak are not seen */
	RACE_REFUSED_WORK,			/* facts or types that take for ever */
	RACE_REFUSED_KILLED,			/* nobody waits for the answer */
	RACE_REFUSALS
};

struct race_counters {
	unsigned long validated;
	unsigned long refused[RACE_REFUSALS];
};
extern struct race_counters race_counters;
const char *race_refusal_name(unsigned int refusal);

/* A module that was validated: what is kept of it until it goes. */
struct race_record {
	const struct module *module;
	struct race_record *next;
	struct race_facts facts;	/* of `section` */
	const void *section;		/* a copy: the module's own goes after its init */
	size_t size;
	s64 validated_at;		/* seconds since 1970 */
	s64 took;			/* nanoseconds */
	struct race_folder *folder;	/* NULL: not shown */
};

/* The BTF of "vmlinux" or of a module, in the kernel's own memory.  -ENOENT */
int race_find_btf(const char *name, const void **data, size_t *size);

/* /sys/kernel/race; `btf` is the kernel's. */
int race_export(const void *btf, size_t size);
void race_unexport(void);
/* A module's folder.  On failure the module is not shown, but valid. */
struct race_folder *race_show(const char *name, const struct race_record *record);
void race_hide(struct race_folder *folder);

#endif /* RACE_RACE_H */
