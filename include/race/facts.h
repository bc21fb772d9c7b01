/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * facts.h - the contract section of a resolved module, as race.ko reads it
 *
 * A .rcrate says what it needs in the words of its base kernel (rcrate.h).  When
 * it is resolved, each of its contracts is bound to something that one kernel
 * has; the section says what: facts about that kernel's types, in that kernel's
 * own words.  race.ko works every fact out anew from the BTF of the kernel that
 * runs and refuses the module unless all of them come out the same.
 *
 * How types are spelled is part of the format: a change there is another version.
 *
 * The section is part of the module's init memory (its name begins with ".init"),
 * little endian, and starts with struct race_facts_header.  Table offsets are in
 * bytes from the end of the header (hdr_len).  A string reference is a byte
 * offset into the string table, where a string begins.  Strings end with NUL and stand
 * in the order of strcmp(), each once, so that two are equal exactly when their offsets
 * are; the first is the empty one.  They are of printable ASCII, and none has more than
 * RACE_TEXT_MAX bytes.  Reserved fields must be zero.
 *
 * Documentation/format-facts.md describes the same in prose.
 */
#ifndef RACE_FACTS_H
#define RACE_FACTS_H

#include <linux/types.h>

#include "rcrate.h"

#define RACE_FACTS_SECTION	".init.rodata.race"
#define RACE_START_SECTION	".init.text.race"

#define RACE_FACTS_MAGIC	"RACEFACT"
#define RACE_FACTS_VERSION	2
#define RACE_DIGEST_LEN		32

/* Bounds that a reader refuses beyond; no driver comes near them. */
#define RACE_FACTS_MAX_SIZE	(1u << 20)	/* bytes, the whole section */
#define RACE_FACTS_MAX_COUNT	16384u		/* facts */
#define RACE_FACTS_MAX_MODULES	64u
#define RACE_TEXT_MAX		2048u		/* bytes of a string, NUL included */

struct race_facts_header {
	__u8  magic[8];			/* RACE_FACTS_MAGIC */
	__u8  digest[RACE_DIGEST_LEN];	/* the contract hash: SHA-256 of the bytes from
					 * `version` to the end of the section */
	__u16 version;			/* RACE_FACTS_VERSION */
	__u16 reserved;
	__u32 hdr_len;			/* bytes, sizeof(struct race_facts_header) here */
	__u32 size;			/* bytes, the whole section */
	__u32 flags;			/* no flag is defined: must be 0 */
	struct race_table facts;	/* struct race_fact */
	struct race_table modules;	/* struct race_facts_module, in the order of names,
					 * each once: whose BTF is asked besides the
					 * kernel's own */
	struct race_table strings;	/* count: bytes */
	struct race_table steg;		/* count: bytes of the driver's STEG (steg.h) */
};

/* A module that this one imports from, itself or through others. */
struct race_facts_module {
	__u32 name;		/* string */
	__u32 flags;		/* RACE_MODULE_* */
};

/* Its types were known when this module was resolved: they must be known again. */
#define RACE_MODULE_TYPED	1u

/*
 * Kinds of facts.  Those of enum race_contract_kind are held as there, and:
 *
 * FROZEN	`root` has exactly `value` members.  The facts about the place and
 *		type of each of them, and its SIZE, stand beside it.
 * ALIGN	the members of `root` demand an alignment of `value` bytes.
 * EXISTS_*, LACKS_FUNCTION, CONFIG  are no facts: what follows from them is.
 * RACE_FACT_FITS_ALIGN  the members of `root` demand no more than `value` bytes,
 *		and its size is a multiple of them.
 * RACE_FACT_NO_FIELD, _NO_TYPE, _NO_ENUMERATOR  there is nothing of that name.
 */
#define RACE_FACT_FITS_ALIGN	64
#define RACE_FACT_NO_FIELD	65
#define RACE_FACT_NO_TYPE	66
#define RACE_FACT_NO_ENUMERATOR	67

/*
 * Facts of one `root` follow one another: all of them must hold of one type.  They are
 * in the order of root, of whether they are about a function or variable, of kind, path,
 * value, bits and module, each once; strings count by their offsets.
 */
struct race_fact {
	__u16 kind;		/* see above */
	__u16 bits;		/* BITFIELD: its width in bits; else 0 */
	__u32 root;		/* string: "struct file", a function's name */
	__u32 path;		/* string: as in struct race_contract */
	__u32 text;		/* string: the type, spelled as C does; or empty */
	__u32 module;		/* FUNCTION: 0, or 1 + index of the module that exports
				 * it; else 0 */
	__u32 source;		/* string: "driver.rs:12", what needs it */
	__u64 value;		/* FIELD: byte offset; BITFIELD: bit offset; SIZE: bytes;
				 * ENUMERATOR: as two's complement */
};

/*
 * What stands at the start of RACE_START_SECTION, in front of the module's init
 * function: there race.ko finds the facts before any code of the module runs.
 */
#define RACE_ANCHOR_MAGIC	"RACEHERE"

struct race_anchor {
	__u8  magic[8];		/* RACE_ANCHOR_MAGIC */
	__s32 facts;		/* bytes from this field to the facts' header */
	__u32 size;		/* bytes of the facts' section */
};

#ifdef __cplusplus
static_assert(sizeof(struct race_facts_header) == 88);
static_assert(sizeof(struct race_fact) == 32);
static_assert(sizeof(struct race_facts_module) == 8);
static_assert(sizeof(struct race_anchor) == 16);
#endif

#endif /* RACE_FACTS_H */
