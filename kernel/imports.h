/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * imports.h - the kernel's functions that race.ko calls, as it understands them
 *
 * Under Kbuild the compiler holds these declarations against the kernel's own; in
 * the portable build they are all there is, and each becomes a contract.
 */
#ifndef RACE_IMPORTS_H
#define RACE_IMPORTS_H

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
void __init_rwsem(struct rw_semaphore *sem, const char *name, struct lock_class_key *key);
void down_read(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);
void *vzalloc_noprof(unsigned long size);
void vfree(const void *addr);
void sha256(const u8 *data, size_t len, u8 out[32]);
long copy_from_kernel_nofault(void *dst, const void *src, size_t size);
ktime_t ktime_get(void);
time64_t ktime_get_real_seconds(void);
void schedule(void);
int _printk(const char *fmt, ...);
int snprintf(char *buf, size_t size, const char *fmt, ...);

#endif /* RACE_IMPORTS_H */
