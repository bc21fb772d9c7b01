/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * facts.h - reading a contract section (include/race/facts.h) and holding it
 * against BTF
 */
#ifndef RACE_KERNEL_FACTS_H
#define RACE_KERNEL_FACTS_H

#include "btf.h"
#include "race/facts.h"

/*
 * Bytes that one validation may touch in types, and to index the BTF of modules: some
 * 50 ms each.  A driver of 185 facts touches 0.7 million.
 */
#define RACE_MAX_CHECKING (1ull << 24)
#define RACE_MAX_INDEXING (1ull << 25)

/* Why a section is refused before its facts are looked at. */
enum race_damage {
	RACE_WHOLE = 0,
	RACE_NO_SECTION,	/* no magic, or shorter than its header */
	RACE_BAD_VERSION,	/* of a later race, or flags that this one does not know */
	RACE_BAD_SIZE,		/* its size is not the one that it states */
	RACE_BAD_DIGEST,	/* its bytes are not those that were hashed */
	RACE_BAD_TABLE,		/* a table lies outside, or is too long */
	RACE_BAD_STRING,	/* a string does not end, is too long, lies outside, is not
				 * printable, out of order or there twice */
	RACE_BAD_FACT,		/* a fact of no known kind, out of order, or there twice */
	RACE_DAMAGES
};
const char *race_damage_name(enum race_damage damage);

/* A section whose bytes have been checked. */
struct race_facts {
	const struct race_facts_header *header;
	const struct race_fact *facts;
	const struct race_facts_module *modules;
	const char *strings;
	const u8 *steg;
};

/*
 * Checks all of the section; afterwards no reference in it leads outside.  Time is
 * linear in `size`, which is no more than RACE_FACTS_MAX_SIZE; no memory is taken.
 */
enum race_damage race_facts_open(struct race_facts *facts, const void *section, size_t size);

static inline const char *race_facts_string(const struct race_facts *facts, u32 offset)
{
	return facts->strings + offset;
}

static inline const struct race_fact *race_facts_end(const struct race_facts *facts)
{
	return facts->facts + facts->header->facts.count;
}

static inline bool race_is_about_function(const struct race_fact *fact)
{
	return fact->kind == RACE_CONTRACT_FUNCTION || fact->kind == RACE_CONTRACT_VARIABLE;
}

/* BTF that facts are held against. */
struct race_types {
	const struct race_btf *kernel;
	const struct race_btf *modules;	/* in the order of the section's; one whose types
					 * are not known has end_id 0 */
	u32 nr_modules;
	char *text;			/* RACE_TEXT_MAX bytes, to work in */
};

/* What is there instead of what was promised. */
struct race_found {
	bool exists;		/* the field, type, enumerator or function */
	enum race_unknown unknown; /* else nobody knows; nothing else counts then */
	u64 value;
	u16 bits;
	const char *text;	/* until the next fact; "" where it has no type */
};

/* Called for each fact that does not hold. */
typedef void (*race_broken_fn)(void *context, const struct race_facts *facts,
			       const struct race_fact *fact, const struct race_found *found);

/*
 * The number of facts that do not hold, or of which nobody knows whether they do; -EINVAL
 * when `types` are not those of the section's modules; -E2BIG when nothing is left of the
 * budget of types->kernel; -EINTR: so, because the process is being killed.  Of several
 * types of one name, all facts about it must hold of one; where none is so, the nearest
 * is reported.
 */
int race_facts_check(const struct race_facts *facts, const struct race_types *types,
		     race_broken_fn broken, void *context);

/*
 * Candidates for a root, one after the other: start with *at = 0.  `module` is as in
 * struct race_fact, for functions and variables.
 */
struct race_candidate {
	u32 source;	/* 0: the kernel; 1 + index of a module */
	u32 index;
};
bool race_next_candidate(const struct race_types *types, const char *root,
			 struct race_candidate *at, struct race_type *type);

/* A fact without its answer. */
struct race_question {
	u16 kind;
	u32 module;
	u64 at_most;		/* FITS_ALIGN: what is asked about */
	const char *root, *path;
};

/* What one candidate has of what is asked; FUNCTION, VARIABLE: what there is at all. */
void race_find_fact(const struct race_question *question, const struct race_types *types,
		    const struct race_type *candidate, struct race_found *found);
void race_find_function(const struct race_question *question, const struct race_types *types,
			struct race_found *found);

/* Whether it says that there is nothing of a name. */
static inline bool race_is_absence(u16 kind)
{
	return kind == RACE_FACT_NO_FIELD || kind == RACE_FACT_NO_TYPE ||
	       kind == RACE_FACT_NO_ENUMERATOR;
}

/* "nested too deep": in words. */
const char *race_unknown_name(enum race_unknown unknown);

/* "field", "size of": the kind in words. */
const char *race_fact_name(u16 kind);

#define RACE_LINE_MAX 1024	/* bytes that a description takes at most, NUL included */
/* "field struct file.f_mode: offset 4, fmode_t promised, offset 8, fmode_t found". */
/* "field struct file.f_mode: offset 4, fmode_t" */
void race_fact_promise(const struct race_facts *facts, const struct race_fact *fact, char *line,
		       size_t size);
void race_fact_describe(const struct race_facts *facts, const struct race_fact *fact,
			const struct race_found *found, char *line, size_t size);

#endif /* RACE_KERNEL_FACTS_H */
