// SPDX-License-Identifier: GPL-2.0-only
/*
 * exported.c - /sys/kernel/race, see Documentation/ABI/sysfs-kernel-race
 *
 * All files are binary attributes, also those that hold a line of text: one kind of
 * attribute and one read function, which cuts what was asked for out of bytes that
 * are there or out of lines that are made.  A folder's attributes and its bytes go
 * only after kobject_del(), which waits for readers.
 */
#include "race.h"

#ifndef RACE_PORTABLE
#include <linux/vmalloc.h>
#endif

/* Cuts [offset, offset + room) out of what is put into it piece by piece. */
struct window {
	char *out;
	u64 offset, room;
	u64 at;		/* where the next piece begins */
	u64 done;	/* bytes in `out` */
};

static void put(struct window *window, const void *piece, u64 length)
{
	u64 skip = 0;

	if (window->offset + window->done > window->at)
		skip = window->offset + window->done - window->at;
	window->at += length;
	if (skip >= length)
		return;
	length -= skip;
	if (length > window->room - window->done)
		length = window->room - window->done;
	memcpy(window->out + window->done, (const char *)piece + skip, length);
	window->done += length;
}

static void put_text(struct window *window, const char *text)
{
	put(window, text, strlen(text));
}

struct race_file {
	const char *name;
	void (*make)(const struct race_file *file, struct window *window);
	const void *data;	/* what `make` makes it of */
	size_t size;		/* bytes of `data`; 0: not known before it is read */
};

static void make_bytes(const struct race_file *file, struct window *window)
{
	put(window, file->data, file->size);
}

static void make_text(const struct race_file *file, struct window *window)
{
	put_text(window, file->data);
}

static void make_count(const struct race_file *file, struct window *window)
{
	char line[24];

	snprintf(line, sizeof(line), "%lu\n", *(const unsigned long *)file->data);
	put_text(window, line);
}

static void make_refused(const struct race_file *file, struct window *window)
{
	const struct race_counters *counters = file->data;
	char line[128];
	unsigned int i;

	for (i = RACE_NO_SECTION; i < RACE_REFUSALS; i++) {
		snprintf(line, sizeof(line), "%lu %s\n", counters->refused[i],
			 race_refusal_name(i));
		put_text(window, line);
	}
}

static void make_number(const struct race_file *file, struct window *window)
{
	char line[24];

	snprintf(line, sizeof(line), "%lld\n", *(const s64 *)file->data);
	put_text(window, line);
}

static void make_hash(const struct race_file *file, struct window *window)
{
	const struct race_record *record = file->data;
	char digits[4];
	u32 i;

	for (i = 0; i < RACE_DIGEST_LEN; i++) {
		snprintf(digits, sizeof(digits), "%02x", record->facts.header->digest[i]);
		put_text(window, digits);
	}
	put_text(window, "\n");
}

static void make_contracts(const struct race_file *file, struct window *window)
{
	const struct race_record *record = file->data;
	const struct race_fact *fact = record->facts.facts;
	char line[RACE_LINE_MAX];

	for (; fact != race_facts_end(&record->facts) && window->done < window->room; fact++) {
		race_fact_promise(&record->facts, fact, line, sizeof(line));
		put_text(window, line);
		put_text(window, "\n");
	}
}

static ssize_t read_file(struct file *open, struct kobject *kobj,
			 const struct bin_attribute *attribute, char *out, loff_t offset,
			 size_t size)
{
	const struct race_file *file = race_attribute_private(attribute);
	struct window window = { out, offset, size, 0, 0 };

	if (offset < 0)
		return -EINVAL;
	file->make(file, &window);
	return window.done;
}

struct race_folder {
	struct kobject *kobj;
	char *attributes;	/* struct bin_attribute, race_attribute_size() bytes each */
	struct race_file files[6];
	unsigned int nr_files;
};

static void add(struct race_folder *folder, const char *name,
		void (*make)(const struct race_file *file, struct window *window),
		const void *data, size_t size)
{
	folder->files[folder->nr_files++] = (struct race_file) { name, make, data, size };
}

static void init_attribute(void *attribute, struct race_file *file)
{
	static struct race_lock_class lock_class;

	race_attribute_init(attribute, &lock_class);
	race_attribute_set_name(attribute, file->name);
	race_attribute_set_mode(attribute, 0444);
	race_attribute_set_size(attribute, file->size);
	race_attribute_set_private(attribute, file);
	race_attribute_set_read(attribute, read_file);
}

/* The folder with all its files, or none of it. */
static bool create(struct race_folder *folder, const char *name, struct kobject *parent)
{
	unsigned int i;

	folder->attributes = race_alloc(folder->nr_files * race_attribute_size());
	if (!folder->attributes)
		return false;
	folder->kobj = kobject_create_and_add(name, parent);
	for (i = 0; folder->kobj && i < folder->nr_files; i++) {
		void *attribute = folder->attributes + i * race_attribute_size();

		init_attribute(attribute, &folder->files[i]);
		if (sysfs_create_bin_file(folder->kobj, attribute))
			break;
	}
	return folder->kobj && i == folder->nr_files;
}

static void destroy(struct race_folder *folder)
{
	if (folder->kobj) {
		kobject_del(folder->kobj);
		kobject_put(folder->kobj);
	}
	race_free(folder->attributes);
	folder->kobj = NULL;
	folder->attributes = NULL;
}

static struct race_folder root;
static struct kobject *modules;

int race_export(const void *btf, size_t size)
{
	add(&root, "version", make_text, RACE_KO_VERSION "\n", 0);
	add(&root, "steg", make_bytes, btf, size);
	add(&root, "validated", make_count, &race_counters.validated, 0);
	add(&root, "refused", make_refused, &race_counters, 0);
	if (create(&root, "race", kernel_kobj))
		modules = kobject_create_and_add("modules", root.kobj);
	if (modules)
		return 0;
	destroy(&root);
	return -ENOMEM;
}

void race_unexport(void)
{
	kobject_del(modules);
	kobject_put(modules);
	destroy(&root);
}

struct race_folder *race_show(const char *name, const struct race_record *record)
{
	struct race_folder *folder = race_alloc(sizeof(*folder));

	if (!folder)
		return NULL;
	add(folder, "contracts", make_contracts, record, 0);
	add(folder, "contract_hash", make_hash, record, 0);
	add(folder, "steg", make_bytes, record->facts.steg, record->facts.header->steg.count);
	add(folder, "validated_at", make_number, &record->validated_at, 0);
	add(folder, "took_ns", make_number, &record->took, 0);
	if (create(folder, name, modules))
		return folder;
	race_hide(folder);
	return NULL;
}

void race_hide(struct race_folder *folder)
{
	if (!folder)
		return;
	destroy(folder);
	race_free(folder);
}
