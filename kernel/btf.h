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
	/* What a reader has left to do: hostile BTF costs time, but not for ever. */
	u64 *steps;
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
 * `base` is what split BTF refers to, or NULL.  `steps` is shared by all who work
 * on one job.  -EINVAL: not well-formed BTF; -ENOMEM.
 */
int race_btf_open(struct race_btf *btf, const void *data, size_t size,
		  const struct race_btf *base, u64 *steps);
void race_btf_close(struct race_btf *btf);

/* Bytes that the index of this BTF takes. */
size_t race_btf_index_size(const struct race_btf *btf);

/* False when there is no such type. */
bool race_btf_type(const struct race_btf *btf, u32 id, struct race_type *type);
/* Always a string that ends within the bytes. */
const char *race_btf_string(const struct race_btf *btf, u32 offset);

/*
 * Types of this BTF (not of its base) whose own name this is, and unnamed enums
 * that hold an enumerator of the name.  Start with *at = 0.
 */
bool race_btf_find(const struct race_btf *btf, const char *name, size_t length, u32 *at,
		   struct race_type *type);

/* Without typedefs, qualifiers and type tags. */
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

/* Work done; false when too much has been done. */
static inline bool race_btf_steps(const struct race_btf *btf, u64 steps)
{
	*btf->steps -= steps < *btf->steps ? steps : *btf->steps;
	return *btf->steps != 0;
}

static inline bool race_btf_step(const struct race_btf *btf)
{
	return race_btf_steps(btf, 1);
}

#endif /* RACE_BTF_H */
