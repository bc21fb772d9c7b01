// SPDX-License-Identifier: GPL-2.0-only
// What Rust drivers are made of: types that they embed, tables that they hand over.
#include "target.h"

struct inode;
struct file;
struct mutex {
	u64 owner;
	u32 wait_lock;
	u32 osq;
	void *wait_list[2];
}; /* 32 bytes */
KEEP(struct mutex);

struct spinlock {
	u32 raw;
}; /* 4 bytes */
KEEP(struct spinlock);

struct odd_size {
	u32 a, b, c;
}; /* 12 bytes */
KEEP(struct odd_size);

struct lock_class_key {
};
KEEP(struct lock_class_key);

struct file_operations {
	void *owner;
	u32 fop_flags;
	long (*llseek)(struct file *, long, int);
	int (*open)(struct inode *, struct file *);    /* 24 */
	int (*added_later)(struct file *);	       /* 32 */
	int (*release)(struct inode *, struct file *); /* 40 */
}; /* 48 bytes */
KEEP(struct file_operations);

struct pci_device_id {
	u32 vendor, device;
	u32 subvendor, subdevice;
	u32 class, class_mask;
	u64 driver_data; /* 24 */
	u32 override_only;
}; /* 40 bytes */
KEEP(struct pci_device_id);

struct device {
	char pad[100];
	void *driver_data;  /* 104 */
	struct mutex mutex; /* 112 */
};
KEEP(struct device);

struct device *dev_get(struct device *dev, unsigned int flags)
{
	return dev;
}
int only_gpl(void)
{
	return 1;
}
int in_namespace(void)
{
	return 1;
}
int not_exported(void)
{
	return 1;
}
u64 jiffies;
EXPORT("dev_get");
EXPORT("only_gpl|gpl");
EXPORT("in_namespace|namespace=PRIVATE");
EXPORT("jiffies");
EXPORT("memcpy");

/* The kernel crate's function that passes on to not_exported(), and others. */
EXPORT("_RNvNtCs1a2B_6kernel4base12not_exported|gpl");
EXPORT("_RNvNtCs1a2B_6kernel5other12not_exported");
EXPORT("_RNvNtCs1a2B_6kernel4base5twice");
EXPORT("_RNvNtCs9zZ_6kernel4base5twice");
EXPORT("_RNvNtCs1a2B_6kernel4base8no_types");
int twice(void)
{
	return 1;
}
