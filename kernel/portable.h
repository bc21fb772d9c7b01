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

typedef unsigned char u8, __u8, bool_t;
typedef unsigned short u16, __u16, umode_t;
typedef unsigned int u32, __u32, gfp_t;
typedef int __s32;
typedef unsigned long long u64, __u64;
typedef long long s64, __s64, loff_t, ktime_t, time64_t;
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
struct module;
struct notifier_block;
struct ns_common;
struct xarray;

extern struct module __this_module;
#define THIS_MODULE (&__this_module)

extern struct kobject *kernel_kobj;
struct kobject *kobject_create_and_add(const char *name, struct kobject *parent);
void kobject_del(struct kobject *kobj);
void kobject_put(struct kobject *kobj);
int sysfs_create_bin_file(struct kobject *kobj, const struct bin_attribute *attr);
struct kernfs_node *kernfs_find_and_get_ns(struct kernfs_node *parent, const char *name,
					   const struct ns_common *ns);
void kernfs_put(struct kernfs_node *kn);
int register_module_notifier(struct notifier_block *nb);
int unregister_module_notifier(struct notifier_block *nb);
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_load(struct xarray *xa, unsigned long index);
void *xa_erase(struct xarray *xa, unsigned long index);
void *vzalloc_noprof(unsigned long size);
void vfree(const void *addr);
void sha256(const u8 *data, size_t len, u8 *out);
long copy_from_kernel_nofault(void *dst, const void *src, size_t size);
ktime_t ktime_get(void);
time64_t ktime_get_real_seconds(void);
int _printk(const char *fmt, ...);
int snprintf(char *buf, size_t size, const char *fmt, ...);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t length);
size_t strlen(const char *text);
int memcmp(const void *a, const void *b, size_t length);
void *memcpy(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);

#endif /* RACE_PORTABLE_H */
