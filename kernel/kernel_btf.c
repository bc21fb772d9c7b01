// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel_btf.c - the BTF of the kernel that runs
 *
 * The kernel keeps it in memory and shows it as /sys/kernel/btf/vmlinux, and that of
 * each module beside it.  It is taken from the attribute behind the file, not by
 * reading the file: no path is looked up, so nothing that is mounted matters, and
 * the bytes are the kernel's own, which nobody can write.
 *
 * The offsets on this way are not checked yet when the kernel's BTF is looked for:
 * so every step reads through copy_from_kernel_nofault() and what is found must
 * look like what is expected.
 */
#include "race.h"

#ifndef RACE_PORTABLE
#include <linux/uaccess.h>
#endif

/* The namespace was a void pointer before 7.0; here it is NULL. */
RACE_IMPORT_BY_NAME(kernfs_find_and_get_ns);

static bool load_pointer(const void *place, const void **value)
{
	return !copy_from_kernel_nofault(value, place, sizeof(*value)) && *value;
}

/* Whether the node is called that. */
static bool is_called(const void *node, const char *name)
{
	char found[16];
	const void *text;
	size_t length = strlen(name) + 1;

	return length <= sizeof(found) && load_pointer(race_node_name(node), &text) &&
	       !copy_from_kernel_nofault(found, text, length) && !memcmp(found, name, length);
}

int race_find_btf(const char *name, const void **data, size_t *size)
{
	struct kernfs_node *folder, *file;
	const void *parent, *attribute;
	u8 magic[2];
	int err = -ENOENT;

	/* /sys/kernel */
	if (!load_pointer(race_kobject_sd(kernel_kobj), &parent) || !is_called(parent, "kernel"))
		return -ENOENT;
	folder = kernfs_find_and_get_ns((struct kernfs_node *)parent, "btf", NULL);
	if (!folder)
		return -ENOENT;
	file = kernfs_find_and_get_ns(folder, name, NULL);
	kernfs_put(folder);
	if (!file)
		return -ENOENT;
	/* In the BTF's own byte order, so that a swapped one is none. */
	if (load_pointer(race_node_priv(file), &attribute) &&
	    load_pointer(race_attribute_data(attribute), data) &&
	    !copy_from_kernel_nofault(size, race_attribute_length(attribute), sizeof(*size)) &&
	    !copy_from_kernel_nofault(magic, *data, sizeof(magic)) && magic[0] == 0x9f &&
	    magic[1] == 0xeb)
		err = 0;
	kernfs_put(file);
	return err;
}
