/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * btf.h - BTF bytes, read in place
 *
 * libbpf does this for the rest of RACE; it is no part of the kernel, and what the
 * kernel has itself is not for modules.  Opening walks all types once, checks
 * every record and name, and makes an index; nothing later leaves the bytes.
 * References between types are checked where they are followed, and chains of
 * them are followed to a limit only.
 */
#ifndef RACE_BTF_H
#define RACE_BTF_H

#include "host.h"

/* Kinds as in include/uapi/linux/btf.h; those beyond are known by their size only. */
enum race_btf_kind {
	RACE_BTF_VOID = 0,
	RACE_BTF_INT = 1,
	RACE_BTF_PTR = 2,
	RACE_BTF_ARRAY = 3,
	RACE_BTF_STRUCT = 4,
	RACE_BTF_UNION = 5,
	RACE_BTF_ENUM = 6,
	RACE_BTF_FWD = 7,
	RACE_BTF_TYPEDEF = 8,
	RACE_BTF_VOLATILE = 9,
	RACE_BTF_CONST = 10,
	RACE_BTF_RESTRICT = 11,
	RACE_BTF_FUNC = 12,
	RACE_BTF_PROTO = 13,
	RACE_BTF_VAR = 14,
	RACE_BTF_DATASEC = 15,
	RACE_BTF_FLOAT = 16,
	RACE_BTF_DECL_TAG = 17,
	RACE_BTF_TYPE_TAG = 18,
	RACE_BTF_ENUM64 = 19,
};

/* No type of a kernel nests deeper; recursion to it fits a kernel stack. */
#define RACE_BTF_MAX_DEPTH 16
/* Bytes of a name, NUL included, as the kernel's own check of BTF has it. */
#define RACE_BTF_MAX_NAME 512u
/* Bytes of BTF; the largest kernels have 20 MiB. */
#define RACE_BTF_MAX_SIZE (64u << 20)

/* Why there is no answer.  What is not known is neither there nor absent. */
enum race_unknown {
	RACE_KNOWN = 0,
	RACE_TOO_DEEP,		/* nested deeper than RACE_BTF_MAX_DEPTH */
	RACE_MALFORMED,		/* a type refers to one that there is not */
	RACE_UNSEEN,		/* a module that may have it shows no types */
};

/* Bytes of work between two looks at whether others want to run. */
#define RACE_PAUSE_AFTER (1u << 17)

/*
 * What one job may yet do.  Every loop is charged for the bytes that it touches before
 * it touches them.  Once nothing is left, every answer is "no", and the job as a whole
 * has none.
 */
struct race_budget {
	u64 left;		/* bytes */
	u32 since_pause;	/* bytes */
	bool killed;		/* nothing is left because nobody waits any more */
	enum race_unknown doubt; /* of the question in hand; whoever asks resets it */
};

struct race_btf {
	const u8 *types;
	u32 types_len;			/* bytes */
	const char *strings;
	u32 strings_len;		/* bytes */
	u32 first_id, end_id;		/* its own types: [first_id, end_id) */
	u32 first_string;		/* where its own strings begin: 0 without a base */
	const struct race_btf *base;	/* of split BTF; NULL: none */
	const u8 *layouts;		/* struct btf_layout of each kind, from 2026 on */
	u32 nr_layouts;
	/* One allocation holds the index. */
	u32 *marks;			/* offset of every so many types */
	u32 *buckets;			/* first entry of each bucket, and the end */
	u32 nr_buckets;			/* a power of two */
	u32 *entries;			/* type ids */
	struct race_budget *budget;	/* of all who work on one job */
};

/* One type, decoded. */
struct race_type {
	u32 id;
	u32 kind;
	u32 vlen;
	bool kflag;
	u32 name;			/* string offset */
	u32 ref;			/* size in bytes, or the type that it refers to */
	const u8 *extra;		/* what follows struct btf_type */
	const struct race_btf *btf;	/* that holds it */
};

/* A member of a struct or union, a parameter of a prototype. */
struct race_member {
	u32 name, type;
	u64 bit_offset;
	u32 bits;			/* 0: not a bit field */
};

/*
 * Reads `size` bytes of BTF, which stay where they are until race_btf_close().
 * `base` is what split BTF refers to, or NULL.  -EINVAL: not well-formed BTF; -ENOMEM;
 * -E2BIG: larger than RACE_BTF_MAX_SIZE, or nothing is left of the budget; -EINTR: so,
 * because the process is being killed.
 */
int race_btf_open(struct race_btf *btf, const void *data, size_t size,
		  const struct race_btf *base, struct race_budget *budget);
void race_btf_close(struct race_btf *btf);

/* Bytes that the index of this BTF takes. */
size_t race_btf_index_size(const struct race_btf *btf);

/* False when there is no such type. */
bool race_btf_type(const struct race_btf *btf, u32 id, struct race_type *type);
/* Always a string that ends within the bytes; how long it is, nobody has promised. */
const char *race_btf_string(const struct race_btf *btf, u32 offset);

/*
 * Types of this BTF (not of its base) whose own name this is, and unnamed enums
 * that hold an enumerator of the name.  Start with *at = 0.
 */
bool race_btf_find(const struct race_btf *btf, const char *name, size_t length, u32 *at,
		   struct race_type *type);

/* Whether the string at `offset` is these `length` bytes. */
bool race_btf_is_name(const struct race_btf *btf, u32 offset, const char *name, size_t length);

/*
 * Without typedefs, qualifiers and type tags.
 *
 * Here and below, what could not be followed to its end leaves a doubt in the budget:
 * then neither "yes" nor "no" is an answer.
 */
bool race_btf_strip(const struct race_btf *btf, u32 id, struct race_type *type);
/* Of a struct, a union or a prototype; `index` < vlen. */
void race_btf_member(const struct race_type *type, u32 index, struct race_member *member);
/* Of an enum; *name gets a string offset. */
u64 race_btf_enumerator(const struct race_type *type, u32 index, u32 *name);

/* In bytes; false where it is not known.  Alignment is what the members demand. */
bool race_btf_size(const struct race_btf *btf, u32 id, u64 *size);
bool race_btf_align(const struct race_btf *btf, u32 id, u64 *align);

/*
 * The member of `root` at `path`: dot separated, through unnamed members as C
 * does.  `member->bit_offset` counts from the start of `root`.
 */
bool race_btf_path(const struct race_btf *btf, u32 root, const char *path,
		   struct race_member *member);

/*
 * The type as C spells it without a name: "struct file *", "int (*)(void)".
 * Type tags (__user, __rcu) are left out.  False where it does not fit.
 */
bool race_btf_spell(const struct race_btf *btf, u32 id, char *text, size_t size);

static inline bool race_btf_is_aggregate(const struct race_type *type)
{
	return type->kind == RACE_BTF_STRUCT || type->kind == RACE_BTF_UNION;
}

static inline bool race_btf_is_enum(const struct race_type *type)
{
	return type->kind == RACE_BTF_ENUM || type->kind == RACE_BTF_ENUM64;
}

/* Of an array: its element's type (0), its index type (1), its length (2). */
static inline u32 race_btf_array_word(const struct race_type *type, int index)
{
	u32 word;

	memcpy(&word, type->extra + 4 * index, sizeof(word));
	return word;
}

/* What is touched next; false when that is more than is left. */
static inline bool race_charge(struct race_budget *budget, u64 bytes)
{
	if (bytes >= budget->left) {
		budget->left = 0;
		return false;
	}
	budget->left -= bytes;
	if (bytes < RACE_PAUSE_AFTER - budget->since_pause) {
		budget->since_pause += bytes;
		return true;
	}
	budget->since_pause = 0;
	if (race_pause()) {
		budget->killed = true;
		budget->left = 0;
	}
	return budget->left != 0;
}

/* A step: a record of a few words, wherever it lies. */
#define RACE_STEP 32u

static inline bool race_btf_step(const struct race_btf *btf)
{
	return race_charge(btf->budget, RACE_STEP);
}

static inline bool race_doubt(const struct race_btf *btf, enum race_unknown why)
{
	btf->budget->doubt = why;
	return false;
}

#endif /* RACE_BTF_H */
