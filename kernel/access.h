/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * access.h - the kernel's structures, as race.ko reaches them
 *
 * Each line of the table at the end makes an accessor: under Kbuild an ordinary
 * field access; in the portable build, which sees no kernel header, an access at
 * an offset that is a layout symbol of the .rcrate format.  So there is one source,
 * and what it rests on stands here.
 */
#ifndef RACE_ACCESS_H
#define RACE_ACCESS_H

#include "host.h"

#ifdef RACE_PORTABLE

#define RACE_OFFSET(function, structure, field)                                              \
	extern const char race_at_##function[] __asm__("race:off:" #structure "." #field)
/* The type's own accessor: *object->field, its value. */
#define RACE_GET(type, function, structure, field)                                           \
	RACE_OFFSET(function, structure, field);                                             \
	static inline type function(const void *object)                                      \
	{                                                                                    \
		return *(type const *)((const char *)object + (size_t)race_at_##function);   \
	}
#define RACE_SET(type, function, structure, field)                                           \
	RACE_OFFSET(function, structure, field);                                             \
	static inline void function(void *object, type value)                                \
	{                                                                                    \
		*(type *)((char *)object + (size_t)race_at_##function) = value;              \
	}
/* The address of object->field, whatever type it has. */
#define RACE_PLACE(function, structure, field)                                               \
	RACE_OFFSET(function, structure, field);                                             \
	static inline void *function(const void *object)                                     \
	{                                                                                    \
		return (char *)object + (size_t)race_at_##function;                          \
	}
/* The object whose field is at `place`. */
#define RACE_HOLDER(function, structure, field)                                              \
	RACE_OFFSET(function, structure, field);                                             \
	static inline void *function(const void *place)                                      \
	{                                                                                    \
		return (char *)place - (size_t)race_at_##function;                           \
	}
/* object->field = value, a `struct target *`, where the structure has such a field. */
#define RACE_SET_OPTIONAL(target, function, structure, field)                                \
	static const char race_guarded_##function[]                                          \
	__attribute__((used, section(".race.guarded"))) =                                    \
		#structure "." #field " " #target;                                    \
	RACE_OFFSET(function, structure, field);                                             \
	extern const char race_has_##function[] __asm__("race:exists:" #structure "." #field); \
	static inline void function(void *object, struct target *value)                      \
	{                                                                                    \
		size_t there = (size_t)race_has_##function;                                  \
		/* To the compiler no array's address is 0. */                               \
		__asm__("" : "+r"(there));                                                   \
		if (there)                                                                   \
			*(struct target **)((char *)object + (size_t)race_at_##function) = value; \
	}
#define RACE_SIZE(function, structure)                                                       \
	extern const char race_at_##function[] __asm__("race:size:" #structure);             \
	static inline size_t function(void)                                                  \
	{                                                                                    \
		return (size_t)race_at_##function;                                           \
	}
#define RACE_ENUMERATOR(function, name)                                                      \
	extern const char race_at_##function[] __asm__("race:enum:" #name);                  \
	static inline unsigned int function(void)                                            \
	{                                                                                    \
		return (unsigned int)(size_t)race_at_##function;                             \
	}

#else /* Kbuild */

#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/rwsem.h>
#include <linux/sched/signal.h>
#include <linux/sysfs.h>

/* Those of the portable build: the kernel's own macros do the same here. */
#define RACE_IMPORT_BY_NAME(function)
#define RACE_EXPORT(function) EXPORT_SYMBOL_GPL(function)
#define RACE_MODINFO(key, value) MODULE_INFO(key, value)

/* Private to kernel/module: not in its headers.  Checked against BTF at init. */
struct module_use {
	struct list_head source_list;
	struct list_head target_list;
	struct module *source, *target;
};

#define RACE_GET(type, function, structure, field)                                           \
	static inline type function(const void *object)                                      \
	{                                                                                    \
		return (type)((const struct structure *)object)->field;                      \
	}
#define RACE_SET(type, function, structure, field)                                           \
	static inline void function(void *object, type value)                                \
	{                                                                                    \
		((struct structure *)object)->field = value;                                 \
	}
#define RACE_PLACE(function, structure, field)                                               \
	static inline void *function(const void *object)                                     \
	{                                                                                    \
		return (void *)&((struct structure *)object)->field;                         \
	}
#define RACE_HOLDER(function, structure, field)                                              \
	static inline void *function(const void *place)                                      \
	{                                                                                    \
		return (char *)place - offsetof(struct structure, field);                    \
	}
#define RACE_SIZE(function, structure)                                                       \
	static inline size_t function(void)                                                  \
	{                                                                                    \
		return sizeof(struct structure);                                             \
	}
#define RACE_ENUMERATOR(function, name)                                                      \
	static inline unsigned int function(void)                                            \
	{                                                                                    \
		return name;                                                                 \
	}

#endif

typedef int (*race_init_fn)(void);
typedef int (*race_notifier_fn)(struct notifier_block *, unsigned long, void *);
typedef ssize_t (*race_read_fn)(struct file *, struct kobject *, const struct bin_attribute *,
				char *, loff_t, size_t);

RACE_PLACE(race_module_name, module, name)
RACE_GET(race_init_fn, race_module_init, module, init)
RACE_PLACE(race_module_memory, module, mem)
RACE_SIZE(race_memory_size, module_memory)
RACE_GET(const void *, race_memory_base, module_memory, base)
RACE_GET(unsigned int, race_memory_length, module_memory, size)
RACE_ENUMERATOR(race_init_text, MOD_INIT_TEXT)
RACE_PLACE(race_module_targets, module, target_list)
RACE_HOLDER(race_use_of, module_use, target_list)
RACE_GET(struct module *, race_use_target, module_use, target)
RACE_GET(void *, race_list_next, list_head, next)
RACE_ENUMERATOR(race_module_coming, MODULE_STATE_COMING)
RACE_ENUMERATOR(race_module_going, MODULE_STATE_GOING)

RACE_SIZE(race_notifier_size, notifier_block)
RACE_SET(race_notifier_fn, race_notifier_set_call, notifier_block, notifier_call)
RACE_SET(int, race_notifier_set_priority, notifier_block, priority)

RACE_PLACE(race_kobject_sd, kobject, sd)
RACE_PLACE(race_node_name, kernfs_node, name)
RACE_PLACE(race_node_priv, kernfs_node, priv)

RACE_SIZE(race_attribute_size, bin_attribute)
RACE_PLACE(race_attribute_data, bin_attribute, private)
RACE_PLACE(race_attribute_length, bin_attribute, size)
RACE_GET(const void *, race_attribute_private, bin_attribute, private)
RACE_SET(void *, race_attribute_set_private, bin_attribute, private)
RACE_SET(size_t, race_attribute_set_size, bin_attribute, size)
RACE_SET(race_read_fn, race_attribute_set_read, bin_attribute, read)
RACE_SET(const char *, race_attribute_set_name, bin_attribute, attr.name)
RACE_SET(umode_t, race_attribute_set_mode, bin_attribute, attr.mode)

RACE_SIZE(race_lock_size, rw_semaphore)
/* lockdep's: it must be at an address that stays as long as the module, so there is
 * room for one, whose size is looked at before it is used. */
RACE_SIZE(race_lock_class_size, lock_class_key)
struct race_lock_class {
	unsigned long words[16];
};

#ifdef RACE_PORTABLE

RACE_PLACE(race_task_signals, task_struct, pending.signal)

/* fatal_signal_pending(): a signal that ends the process stands as SIGKILL in each of its
 * threads. */
static inline bool race_is_dying(void)
{
	const struct task_struct *task;

	__asm__("movq %%gs:%1, %0" : "=r"(task) : "m"(current_task));
	return *(const volatile unsigned long *)race_task_signals(task) >> (SIGKILL - 1) & 1;
}

#else

static inline bool race_is_dying(void)
{
	return fatal_signal_pending(current);
}

#endif

#ifdef RACE_PORTABLE

RACE_SET_OPTIONAL(lock_class_key, race_attribute_set_lock_class, bin_attribute, attr.key)

static inline void race_attribute_init(void *attribute, struct race_lock_class *lock_class)
{
	race_attribute_set_lock_class(attribute, (struct lock_class_key *)lock_class);
}

#else

static inline void race_attribute_init(void *attribute, struct race_lock_class *lock_class)
{
	sysfs_bin_attr_init((struct bin_attribute *)attribute);
}

#endif

#endif /* RACE_ACCESS_H */
