/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * portable.h - what the portable build has instead of kernel headers
 *
 * Types whose size C fixes, and the prototypes of what race.ko imports: each
 * becomes a contract, held against the base kernel's BTF when the .rcrate is built
 * and against the target's when it is resolved.  Every structure of the kernel stays
 * an incomplete type: no layout can slip in.
 */
#ifndef RACE_PORTABLE_H
#define RACE_PORTABLE_H

#include <linux/types.h>

typedef unsigned char u8;
typedef unsigned short u16, umode_t;
typedef unsigned int u32, gfp_t;
typedef unsigned long long u64;
typedef long long s64, loff_t, ktime_t, time64_t;
typedef unsigned long size_t;
typedef long ssize_t;
#define bool _Bool
#define true 1
#define false 0
#define NULL ((void *)0)
#define INT_MAX 0x7fffffff
#define UINT_MAX 0xffffffffu
#define offsetof(type, member) __builtin_offsetof(type, member)

/* include/uapi/asm-generic/errno-base.h: user ABI. */
#define EINTR 4
#define E2BIG 7
#define ENOEXEC 8
#define ENOMEM 12
#define EINVAL 22
#define ENOENT 2

/* include/linux/notifier.h; what they do is written into every notifier there is. */
#define NOTIFY_DONE 0
#define NOTIFY_OK 1
#define NOTIFY_STOP_MASK 0x8000
static inline int notifier_from_errno(int err)
{
	return err ? NOTIFY_STOP_MASK | (NOTIFY_OK - err) : NOTIFY_OK;
}

/* include/linux/kern_levels.h */
#define KERN_ERR "\0013"
#define KERN_INFO "\0016"

struct bin_attribute;
struct file;
struct kernfs_node;
struct kobject;
struct lock_class_key;
struct module;
struct notifier_block;
struct ns_common;
struct rw_semaphore;
struct task_struct;

/* include/uapi/asm/signal.h: user ABI. */
#define SIGKILL 9

/* Of each processor: at this offset from its %gs. */
extern struct task_struct *current_task;

extern struct module __this_module;
#define THIS_MODULE (&__this_module)

/* A function that the target may declare otherwise where that makes no difference to
 * the call: only its existence is a contract. */
#define RACE_IMPORT_BY_NAME(function)                                                        \
	static const char race_by_name_##function[]                                          \
	__attribute__((used, section(".race.by_name"))) = #function
/* Exported to modules under a GPL-compatible licence. */
#define RACE_EXPORT(function)                                                                \
	static const char race_export_##function[]                                           \
	__attribute__((used, section(".race.exports"))) = #function
#define RACE_MODINFO(key, value)                                                             \
	static const char race_modinfo_##key[]                                               \
	__attribute__((used, section(".modinfo"))) = #key "=" value

#include "../imports.h"

/* What compilers call of themselves. */
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t length);
size_t strlen(const char *text);
int memcmp(const void *a, const void *b, size_t length);
void *memcpy(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);

#endif /* RACE_PORTABLE_H */
