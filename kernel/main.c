// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - refuses modules whose contracts do not hold on this kernel
 *
 * A module that `race resolve` made imports race_start(), so the loader wants this
 * module first and holds it as long as the other is there.  When such a module comes,
 * and before any of its code runs - its parameters' functions, too - its contracts are
 * worked out anew from this kernel's own BTF.  Nothing that userspace worked out is
 * believed; what is doubtful is refused.
 */
#include "race.h"

#ifndef RACE_PORTABLE
#include <crypto/sha2.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "imports.h"
#endif

/* More lines than that tell nobody more. */
#define MAX_LINES 24
/* Where an anchor may be: no driver has more init code, and its section is aligned. */
#define MAX_INIT_TEXT (1u << 20)
#define START_ALIGN 16
/* Bytes of a module's name, as the kernel has it. */
#define MAX_NAME 56
/* How far modules that use modules are followed. */
#define MAX_DEPENDENCIES 8

struct race_counters race_counters;

static struct race_btf kernel_types;
/* For what only init does, once, with BTF that the kernel has checked itself. */
static struct race_budget unlimited = { .left = ~0ull };
/* Of the modules that were validated and are there. */
static struct race_record *records;
static struct rw_semaphore *records_lock;
static struct notifier_block *notifier;

void *race_alloc(size_t size)
{
#ifdef RACE_PORTABLE
	return vzalloc_noprof(size);
#else
	return vzalloc(size);
#endif
}

void race_free(const void *memory)
{
	vfree(memory);
}

/* Not cond_resched(): which kernels export that depends on how they preempt. */
bool race_pause(void)
{
	schedule();
	return race_is_dying();
}

void race_sha256(const u8 *data, size_t size, u8 digest[32])
{
	sha256(data, size, digest);
}

const char *race_refusal_name(unsigned int refusal)
{
	switch (refusal) {
	case RACE_REFUSED_NO_ANCHOR:
		return "no contract section where its init function begins";
	case RACE_REFUSED_FACTS:
		return "contracts that do not hold on this kernel";
	case RACE_REFUSED_UNKNOWN_START:
		return "not validated";
	case RACE_REFUSED_MEMORY:
		return "out of memory";
	case RACE_REFUSED_UNKNOWN:
		return "not known whether its contracts hold on this kernel";
	case RACE_REFUSED_WORK:
		return "its contracts take more work than they may";
	case RACE_REFUSED_KILLED:
		return "the process that loads it is being killed";
	}
	return race_damage_name(refusal);
}

/* What one validation works with. */
struct job {
	const char *name;	/* the module's */
	u32 lines;
	bool unknown;		/* whether a fact holds */
	struct race_budget budget;
	struct race_btf kernel;	/* kernel_types, with this job's budget */
	struct race_btf modules[RACE_FACTS_MAX_MODULES];
	char text[RACE_TEXT_MAX];
	char line[RACE_LINE_MAX];
};

/* Names of BTF come from files, too. */
static void make_printable(char *line)
{
	for (; *line != '\0'; line++)
		if (*line < ' ' || *line > '~')
			*line = '?';
}

static void say_broken(void *context, const struct race_facts *facts,
		       const struct race_fact *fact, const struct race_found *found)
{
	struct job *job = context;

	if (found->unknown)
		job->unknown = true;
	if (job->lines++ >= MAX_LINES)
		return;
	race_fact_describe(facts, fact, found, job->line, sizeof(job->line));
	make_printable(job->line);
	race_err("%s: %s\n", job->name, job->line);
}

/*
 * Whether `mod` uses the module of that name, or uses one that does: then it stays, and
 * its BTF with it, as long as `mod` does.  Any other could go while it is looked at.
 */
static bool is_held(struct job *job, const struct module *mod, const char *name, int depth)
{
	void *head = race_module_targets(mod), *node;
	const struct module *used;

	if (depth > MAX_DEPENDENCIES)
		return false;
	for (node = race_list_next(head); node != head; node = race_list_next(node)) {
		if (!race_charge(&job->budget, RACE_STEP))
			return false;
		used = race_use_target(race_use_of(node));
		if (!strcmp(race_module_name(used), name) || is_held(job, used, name, depth + 1))
			return true;
	}
	return false;
}

/* NULL, or why the types of that module are not known; job->modules[index] has them. */
static const char *open_module(struct job *job, const struct module *mod, const char *name,
			       u32 index)
{
	const void *data;
	size_t size;

	/* What this module itself rests on is in the kernel. */
	if (!mod || !is_held(job, mod, name, 0))
		return "not used by it, so it could go while it is looked at";
	if (race_find_btf(name, &data, &size))
		return "without BTF on this kernel";
	switch (race_btf_open(&job->modules[index], data, size, &job->kernel, &job->budget)) {
	case 0:
		return NULL;
	case -ENOMEM:
		return "out of memory";
	case -EINVAL:
		return "its BTF cannot be read";
	}
	return "its BTF is too large";
}

/*
 * Opens what the section names; 0 or the reason to refuse.  Where types were known when
 * the module was resolved and are not now, it rests on what nobody can look at.
 */
static unsigned int open_modules(struct job *job, const struct module *mod,
				 const struct race_facts *facts)
{
	unsigned int refusal = 0;
	const char *name, *why;
	u32 i;

	job->budget.left = RACE_MAX_INDEXING;
	for (i = 0; i < facts->header->modules.count; i++) {
		name = race_facts_string(facts, facts->modules[i].name);
		why = open_module(job, mod, name, i);
		if (!why)
			continue;
		job->modules[i].end_id = 0;
		race_err("%s: types of module %.55s are not known: %s\n", job->name, name, why);
		if (facts->modules[i].flags & RACE_MODULE_TYPED)
			refusal = RACE_REFUSED_UNKNOWN;
		if (job->budget.killed)
			return RACE_REFUSED_KILLED;
	}
	return refusal;
}

static unsigned int refusal_of(const struct job *job, int wrong)
{
	if (wrong == -EINTR)
		return RACE_REFUSED_KILLED;
	if (wrong < 0)
		return RACE_REFUSED_WORK;
	if (wrong > MAX_LINES)
		race_err("%s: and %d more\n", job->name, wrong - MAX_LINES);
	if (job->unknown)
		return RACE_REFUSED_UNKNOWN;
	return wrong ? RACE_REFUSED_FACTS : 0;
}

/*
 * Holds all facts against this kernel; 0 or the reason to refuse.  `mod` is the module
 * that they are of, or NULL for this one.
 */
static unsigned int check_facts(struct job *job, const struct module *mod,
				const struct race_facts *facts)
{
	struct race_types types = {
		.kernel = &job->kernel,
		.modules = job->modules,
		.nr_modules = facts->header->modules.count,
		.text = job->text,
	};
	unsigned int refusal;
	u32 i;

	job->kernel = kernel_types;
	job->kernel.budget = &job->budget;
	refusal = open_modules(job, mod, facts);
	if (!refusal) {
		job->budget.left = RACE_MAX_CHECKING;
		refusal = refusal_of(job, race_facts_check(facts, &types, say_broken, job));
	}
	for (i = 0; i < types.nr_modules; i++)
		race_btf_close(&job->modules[i]);
	return refusal;
}

static bool read_anchor(const u8 *at, struct race_anchor *anchor)
{
	return !copy_from_kernel_nofault(anchor, at, sizeof(*anchor)) &&
	       !memcmp(anchor->magic, RACE_ANCHOR_MAGIC, sizeof(anchor->magic));
}

/*
 * The anchor that is anywhere in the module's init code, at the start of a section.
 * A module that was made for another struct module has its init function where this
 * kernel does not look; its facts are there all the same and say what is different.
 */
static const u8 *find_anchor(struct module *mod)
{
	const u8 *memory = (const u8 *)race_module_memory(mod) +
			   race_init_text() * race_memory_size();
	const u8 *base = race_memory_base(memory);
	size_t offset, size = race_memory_length(memory);
	struct race_anchor anchor;

	if (!base || size > MAX_INIT_TEXT)
		return NULL;
	for (offset = 0; offset + sizeof(anchor) <= size; offset += START_ALIGN)
		if (read_anchor(base + offset, &anchor))
			return base + offset;
	return NULL;
}

/* A copy of the section that the anchor leads to. */
static unsigned int copy_section(const u8 *at, struct race_record *record)
{
	struct race_anchor anchor;
	void *copy;

	if (!read_anchor(at, &anchor))
		return RACE_REFUSED_NO_ANCHOR;
	if (anchor.size < sizeof(struct race_facts_header))
		return RACE_NO_SECTION;
	if (anchor.size > RACE_FACTS_MAX_SIZE)
		return RACE_BAD_SIZE;
	copy = race_alloc(anchor.size);
	if (!copy)
		return RACE_REFUSED_MEMORY;
	record->section = copy;
	record->size = anchor.size;
	at += offsetof(struct race_anchor, facts);
	if (copy_from_kernel_nofault(copy, at + anchor.facts, anchor.size))
		return RACE_NO_SECTION;
	return RACE_WHOLE;
}

static void forget(struct race_record *record)
{
	if (!record)
		return;
	race_hide(record->folder);
	race_free(record->section);
	race_free(record);
}

static unsigned int examine(struct module *mod, const char *name, struct race_record *record)
{
	const u8 *at = (const u8 *)race_module_init(mod);
	struct race_anchor anchor;
	unsigned int refusal;
	struct job *job;
	bool astray;

	if (at)
		at -= sizeof(anchor);
	astray = !at || !read_anchor(at, &anchor);
	if (astray)
		at = find_anchor(mod);
	if (!at)
		return RACE_REFUSED_NO_ANCHOR;
	refusal = copy_section(at, record);
	if (!refusal)
		refusal = race_facts_open(&record->facts, record->section, record->size);
	if (refusal)
		return astray ? RACE_REFUSED_NO_ANCHOR : refusal;
	job = race_alloc(sizeof(*job));
	if (!job)
		return RACE_REFUSED_MEMORY;
	job->name = name;
	refusal = check_facts(job, mod, &record->facts);
	race_free(job);
	/* Even if they hold: its init would run without race_start(). */
	return !refusal && astray ? RACE_REFUSED_NO_ANCHOR : refusal;
}

static void remember(const struct module *mod, struct race_record *record)
{
	down_write(records_lock);
	record->module = mod;
	record->next = records;
	records = record;
	up_write(records_lock);
}

/* The module's record, which is among the others no more; NULL. */
static struct race_record *take(const struct module *mod)
{
	struct race_record **at = &records, *record;

	down_write(records_lock);
	while (*at && (*at)->module != mod)
		at = &(*at)->next;
	record = *at;
	if (record)
		*at = record->next;
	up_write(records_lock);
	return record;
}

static bool is_validated(const struct module *mod)
{
	const struct race_record *record;

	down_read(records_lock);
	for (record = records; record && record->module != mod;)
		record = record->next;
	up_read(records_lock);
	return record;
}

static int validate(struct module *mod)
{
	struct race_record *record = race_alloc(sizeof(*record));
	unsigned int refusal = RACE_REFUSED_MEMORY;
	char name[MAX_NAME];

	snprintf(name, sizeof(name), "%.55s", (const char *)race_module_name(mod));
	make_printable(name);
	if (record) {
		record->took = ktime_get();
		refusal = examine(mod, name, record);
		record->took = ktime_get() - record->took;
		record->validated_at = ktime_get_real_seconds();
	}
	if (refusal) {
		forget(record);
		race_count(&race_counters.refused[refusal]);
		race_err("%s: refused: %s\n", name, race_refusal_name(refusal));
		return -ENOEXEC;
	}
	remember(mod, record);
	record->folder = race_show(name, record);
	if (!record->folder)
		race_err("%s: valid, but not shown in /sys/kernel/race\n", name);
	race_count(&race_counters.validated);
	return 0;
}

/* Whether it imports from this module: then it claims to be one of ours. */
static bool is_ours(const struct module *mod)
{
	void *head = race_module_targets(mod), *node;

	for (node = race_list_next(head); node != head; node = race_list_next(node))
		if (race_use_target(race_use_of(node)) == THIS_MODULE)
			return true;
	return false;
}

static int on_module(struct notifier_block *self, unsigned long state, void *data)
{
	struct module *mod = data;

	if (state == race_module_coming() && is_ours(mod))
		return notifier_from_errno(validate(mod));
	if (state == race_module_going())
		forget(take(mod));
	return NOTIFY_OK;
}

/*
 * Every resolved module's init function: `init` is the driver's own, or NULL.  The
 * module has been validated by now; one that has not does not start.
 */
int race_start(struct module *mod, race_init_fn init);
int race_start(struct module *mod, race_init_fn init)
{
	if (!is_validated(mod)) {
		race_count(&race_counters.refused[RACE_REFUSED_UNKNOWN_START]);
		race_err("%s: refused: %s\n", (char *)race_module_name(mod),
			 race_refusal_name(RACE_REFUSED_UNKNOWN_START));
		return -ENOEXEC;
	}
	return init ? init() : 0;
}
RACE_EXPORT(race_start);

#ifdef RACE_PORTABLE

/* The facts that this module itself was resolved by; the resolver puts them here. */
extern const char race_own_facts[];

/* Nobody validates the validator: it does so itself, before it relies on an offset. */
static int check_own_layouts(void)
{
	const struct race_facts_header *header = (const void *)race_own_facts;
	struct race_facts facts;
	unsigned int refusal;
	struct job *job;

	refusal = race_facts_open(&facts, race_own_facts, header->size);
	if (!refusal) {
		job = race_alloc(sizeof(*job));
		if (!job)
			return -ENOMEM;
		job->name = "race.ko itself";
		refusal = check_facts(job, NULL, &facts);
		race_free(job);
	}
	if (!refusal)
		return 0;
	race_err("not started: %s\n", race_refusal_name(refusal));
	return -ENOEXEC;
}

#else

/* The one layout that no header of the kernel's shows. */
static int check_own_layouts(void)
{
	static const struct {
		const char *path;
		u64 offset;
	} fields[] = {
		{ "source_list", offsetof(struct module_use, source_list) },
		{ "target_list", offsetof(struct module_use, target_list) },
		{ "source", offsetof(struct module_use, source) },
		{ "target", offsetof(struct module_use, target) },
	};
	struct race_member member;
	struct race_type type;
	u32 at = 0;
	size_t i;

	if (!race_btf_find(&kernel_types, "module_use", strlen("module_use"), &at, &type))
		return -ENOEXEC;
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (!race_btf_path(&kernel_types, type.id, fields[i].path, &member) ||
		    member.bit_offset != fields[i].offset * 8) {
			race_err("not started: struct module_use has another %s\n",
				 fields[i].path);
			return -ENOEXEC;
		}
	return 0;
}

#endif

static int start(void)
{
	static struct race_lock_class lock_class;
	const void *btf;
	size_t size;
	int err;

	err = race_find_btf("vmlinux", &btf, &size);
	if (err) {
		race_err("not started: this kernel shows no BTF (CONFIG_DEBUG_INFO_BTF)\n");
		return err;
	}
	err = race_btf_open(&kernel_types, btf, size, NULL, &unlimited);
	if (err) {
		race_err("not started: this kernel's BTF cannot be read\n");
		return err;
	}
	err = check_own_layouts();
	if (err)
		goto close;
	if (race_lock_class_size() > sizeof(lock_class)) {
		race_err("not started: this kernel's lock classes are larger than any known\n");
		err = -EINVAL;
		goto close;
	}
	err = -ENOMEM;
	records_lock = race_alloc(race_lock_size());
	notifier = race_alloc(race_notifier_size());
	if (!records_lock || !notifier)
		goto free;
	__init_rwsem(records_lock, "race", (struct lock_class_key *)&lock_class);
	race_notifier_set_call(notifier, on_module);
	/* Before every other: none of them is to work for a module that is refused. */
	race_notifier_set_priority(notifier, INT_MAX);
	err = race_export(btf, size);
	if (err)
		goto free;
	err = register_module_notifier(notifier);
	if (err)
		goto unexport;
	race_info("version " RACE_KO_VERSION ", %u types, %lu bytes of index\n",
		  kernel_types.end_id, (unsigned long)race_btf_index_size(&kernel_types));
	return 0;

unexport:
	race_unexport();
free:
	race_free(notifier);
	race_free(records_lock);
close:
	race_btf_close(&kernel_types);
	return err;
}

/* No validated module is left: each of them holds this one. */
static void stop(void)
{
	unregister_module_notifier(notifier);
	race_unexport();
	race_free(notifier);
	race_free(records_lock);
	race_btf_close(&kernel_types);
}

#ifdef RACE_PORTABLE

/* As module_init() does: the addresses are taken, or objtool would seal the functions. */
int init_module(void) __attribute__((alias("start")));
void cleanup_module(void) __attribute__((alias("stop")));
static void *const addressable[]
__attribute__((used, section(".init.data"))) = { init_module, cleanup_module };

#else

static int __init race_init(void)
{
	return start();
}
module_init(race_init);

static void __exit race_exit(void)
{
	stop();
}
module_exit(race_exit);

#endif

RACE_MODINFO(license, "GPL");
RACE_MODINFO(description, "Refuses modules whose contracts do not hold on this kernel");
