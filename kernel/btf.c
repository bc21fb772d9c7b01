// SPDX-License-Identifier: GPL-2.0-only
/*
 * btf.c - opening BTF, its types and names
 */
#include "btf.h"

#define STRIDE	16u	/* types between two marks: at most that many are walked */
#define MAGIC	0xeb9fu
#define TYPE_LEN	12u
#define HEADER_MIN	24u	/* up to str_len */
#define HEADER_LAYOUT	32u	/* with layout_off and layout_len */

static u32 load32(const u8 *at)
{
	u32 value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static u16 load16(const u8 *at)
{
	u16 value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* FNV-1a: short, and good enough for names that an attacker gains nothing by choosing. */
static u32 hash_of(const char *name, size_t length)
{
	u32 hash = 2166136261u;

	while (length--)
		hash = (hash ^ (u8)*name++) * 16777619u;
	return hash ^ hash >> 15;
}

/* The sizes of kinds that came after this was written stand in BTF itself. */
static bool extra_size(const struct race_btf *btf, u32 kind, u32 vlen, u64 *size)
{
	switch (kind) {
	case RACE_BTF_INT:
	case RACE_BTF_VAR:
	case RACE_BTF_DECL_TAG:
		*size = 4;
		return true;
	case RACE_BTF_ARRAY:
		*size = 12;
		return true;
	case RACE_BTF_STRUCT:
	case RACE_BTF_UNION:
	case RACE_BTF_DATASEC:
	case RACE_BTF_ENUM64:
		*size = 12ull * vlen;
		return true;
	case RACE_BTF_ENUM:
	case RACE_BTF_PROTO:
		*size = 8ull * vlen;
		return true;
	case RACE_BTF_PTR:
	case RACE_BTF_FWD:
	case RACE_BTF_TYPEDEF:
	case RACE_BTF_VOLATILE:
	case RACE_BTF_CONST:
	case RACE_BTF_RESTRICT:
	case RACE_BTF_FUNC:
	case RACE_BTF_FLOAT:
	case RACE_BTF_TYPE_TAG:
		*size = 0;
		return true;
	}
	if (kind == RACE_BTF_VOID || kind >= btf->nr_layouts)
		return false;
	*size = btf->layouts[4 * kind] + (u64)btf->layouts[4 * kind + 1] * vlen;
	return true;
}

static void decode(const u8 *at, u32 id, const struct race_btf *btf, struct race_type *type)
{
	u32 info = load32(at + 4);

	/* vlen had 16 bits and kind 5 until 2026; what they grew into was 0. */
	type->id = id;
	type->kind = info >> 24 & 0x7f;
	type->vlen = info & 0xffffff;
	type->kflag = info >> 31;
	type->name = load32(at);
	type->ref = load32(at + 8);
	type->extra = at + TYPE_LEN;
	type->btf = btf;
}

const char *race_btf_string(const struct race_btf *btf, u32 offset)
{
	if (offset < btf->first_string)
		btf = btf->base;
	offset -= btf->first_string;
	return offset < btf->strings_len ? btf->strings + offset : "";
}

/* What its own name is looked up by. */
static bool is_named(const struct race_type *type)
{
	switch (type->kind) {
	case RACE_BTF_STRUCT:
	case RACE_BTF_UNION:
	case RACE_BTF_ENUM:
	case RACE_BTF_ENUM64:
	case RACE_BTF_TYPEDEF:
	case RACE_BTF_FUNC:
	case RACE_BTF_VAR:
		return *race_btf_string(type->btf, type->name) != '\0';
	}
	return false;
}

static bool is_unnamed_enum(const struct race_type *type)
{
	return (type->kind == RACE_BTF_ENUM || type->kind == RACE_BTF_ENUM64) &&
	       *race_btf_string(type->btf, type->name) == '\0';
}

/* The sections that the header names lie within `size` bytes and are what they must be. */
static int read_header(struct race_btf *btf, const u8 *data, size_t size)
{
	u32 header, type_off, str_off;
	u64 layout_off, layout_len;

	if (size > RACE_BTF_MAX_SIZE)
		return -E2BIG;
	if (size < HEADER_MIN || load16(data) != MAGIC || data[2] != 1)
		return -EINVAL;
	header = load32(data + 4);
	if (header < HEADER_MIN || header > size)
		return -EINVAL;
	type_off = load32(data + 8);
	btf->types_len = load32(data + 12);
	str_off = load32(data + 16);
	btf->strings_len = load32(data + 20);
	size -= header;
	if ((u64)type_off + btf->types_len > size || (u64)str_off + btf->strings_len > size)
		return -EINVAL;
	btf->types = data + header + type_off;
	btf->strings = (const char *)data + header + str_off;
	if (btf->strings_len == 0 ? !btf->base : btf->strings[btf->strings_len - 1] != '\0')
		return -EINVAL;
	if (header < HEADER_LAYOUT)
		return 0;
	layout_off = load32(data + 24);
	layout_len = load32(data + 28);
	if (layout_off + layout_len > size)
		return -EINVAL;
	btf->layouts = data + header + layout_off;
	btf->nr_layouts = layout_len / 4;
	return 0;
}

/*
 * The index is a counting sort of the type ids by the hash of their names: one
 * walk checks and counts, one counts each bucket, one fills in.
 */
enum pass { CHECK, COUNT, FILL };

static int out_of_budget(const struct race_btf *btf)
{
	return btf->budget->killed ? -EINTR : -E2BIG;
}

static int enter(struct race_btf *btf, enum pass pass, u32 name, u32 id, u32 *entries)
{
	const char *text = race_btf_string(btf, name);
	size_t length = race_length(text, RACE_BTF_MAX_NAME);
	u32 *bucket;

	if (length == RACE_BTF_MAX_NAME)
		return -EINVAL;
	if (!race_charge(btf->budget, length + 1))
		return out_of_budget(btf);
	++*entries;
	if (pass == CHECK)
		return 0;
	bucket = &btf->buckets[hash_of(text, length) & (btf->nr_buckets - 1)];
	if (pass == COUNT)
		++*bucket;
	else
		btf->entries[--*bucket] = id;
	return 0;
}

/* Its own name, or its enumerators' where it has none. */
static int enter_names(struct race_btf *btf, enum pass pass, const struct race_type *type,
		       u32 *entries)
{
	u32 strings_end = btf->first_string + btf->strings_len, name, i;
	int err = 0;

	if (is_named(type))
		return enter(btf, pass, type->name, type->id, entries);
	if (!is_unnamed_enum(type))
		return 0;
	for (i = 0; i < type->vlen && !err; i++) {
		race_btf_enumerator(type, i, &name);
		err = name < strings_end ? enter(btf, pass, name, type->id, entries) : -EINVAL;
	}
	return err;
}

static int walk(struct race_btf *btf, enum pass pass, u32 *entries)
{
	u32 strings_end = btf->first_string + btf->strings_len;
	u32 offset = 0, id = btf->first_id;
	struct race_type type;
	u64 extra;
	int err;

	*entries = 0;
	while (offset < btf->types_len) {
		if (!race_charge(btf->budget, TYPE_LEN))
			return out_of_budget(btf);
		if (btf->types_len - offset < TYPE_LEN)
			return -EINVAL;
		decode(btf->types + offset, id, btf, &type);
		if (!extra_size(btf, type.kind, type.vlen, &extra) ||
		    extra > btf->types_len - offset - TYPE_LEN || type.name >= strings_end)
			return -EINVAL;
		if (pass == FILL && (id - btf->first_id) % STRIDE == 0)
			btf->marks[(id - btf->first_id) / STRIDE] = offset;
		err = enter_names(btf, pass, &type, entries);
		if (err)
			return err;
		offset += TYPE_LEN + extra;
		id++;
	}
	btf->end_id = id;
	return 0;
}

static size_t nr_marks(const struct race_btf *btf)
{
	return (btf->end_id - btf->first_id) / STRIDE + 1;
}

int race_btf_open(struct race_btf *btf, const void *data, size_t size,
		  const struct race_btf *base, struct race_budget *budget)
{
	u32 entries, i;
	int err;

	memset(btf, 0, sizeof(*btf));
	btf->base = base;
	btf->budget = budget;
	btf->first_id = base ? base->end_id : 1;
	btf->first_string = base ? base->first_string + base->strings_len : 0;
	err = read_header(btf, data, size);
	if (!err)
		err = walk(btf, CHECK, &entries);
	if (err)
		return err;

	/* Four names to a bucket: as small as the ids themselves, nearly. */
	btf->nr_buckets = 1;
	while (btf->nr_buckets < entries / 4)
		btf->nr_buckets *= 2;
	btf->marks = race_alloc((nr_marks(btf) + btf->nr_buckets + 1 + entries) * sizeof(u32));
	if (!btf->marks)
		return -ENOMEM;
	btf->buckets = btf->marks + nr_marks(btf);
	btf->entries = btf->buckets + btf->nr_buckets + 1;
	err = walk(btf, COUNT, &entries);
	for (i = 1; i <= btf->nr_buckets; i++)
		btf->buckets[i] += btf->buckets[i - 1];
	if (!err)
		err = walk(btf, FILL, &entries);
	if (err) {
		race_btf_close(btf);
		btf->end_id = 0;
	}
	return err;
}

void race_btf_close(struct race_btf *btf)
{
	race_free(btf->marks);
	btf->marks = NULL;
}

size_t race_btf_index_size(const struct race_btf *btf)
{
	return (nr_marks(btf) + btf->nr_buckets + 1 + btf->buckets[btf->nr_buckets]) * sizeof(u32);
}

bool race_btf_type(const struct race_btf *btf, u32 id, struct race_type *type)
{
	static const u8 nothing[TYPE_LEN];
	u32 offset, at;
	u64 extra;

	if (id == 0) {
		decode(nothing, 0, btf, type);
		return true;
	}
	if (id < btf->first_id)
		btf = btf->base;
	if (id >= btf->end_id)
		return false;
	at = (id - btf->first_id) / STRIDE;
	if (!race_charge(btf->budget, TYPE_LEN * (1 + (id - btf->first_id) % STRIDE)))
		return false;
	offset = btf->marks[at];
	for (at = btf->first_id + at * STRIDE; ; at++) {
		decode(btf->types + offset, at, btf, type);
		if (at == id)
			return true;
		extra_size(btf, type->kind, type->vlen, &extra);
		offset += TYPE_LEN + extra;
	}
}

bool race_btf_is_name(const struct race_btf *btf, u32 offset, const char *name, size_t length)
{
	const char *text = race_btf_string(btf, offset);

	/* No more is compared than the name that is looked for has. */
	return race_charge(btf->budget, length + 1) && !strncmp(text, name, length) &&
	       text[length] == '\0';
}

bool race_btf_find(const struct race_btf *btf, const char *name, size_t length, u32 *at,
		   struct race_type *type)
{
	u32 bucket, first, end, enumerator, i;

	if (!race_charge(btf->budget, RACE_STEP + length))
		return false;
	bucket = hash_of(name, length) & (btf->nr_buckets - 1);
	first = btf->buckets[bucket];
	end = btf->buckets[bucket + 1];
	while (*at < end - first && race_btf_step(btf)) {
		/* Its index leads to types that are there, and no further than its budget. */
		if (!race_btf_type(btf, btf->entries[first + (*at)++], type))
			return false;
		if (!is_unnamed_enum(type)) {
			if (race_btf_is_name(btf, type->name, name, length))
				return true;
			continue;
		}
		for (i = 0; i < type->vlen && race_charge(btf->budget, TYPE_LEN); i++) {
			race_btf_enumerator(type, i, &enumerator);
			if (race_btf_is_name(btf, enumerator, name, length))
				return true;
		}
	}
	return false;
}

u64 race_btf_enumerator(const struct race_type *type, u32 index, u32 *name)
{
	const u8 *at = type->extra + index * (type->kind == RACE_BTF_ENUM ? 8 : 12);
	u32 low = load32(at + 4);

	*name = load32(at);
	if (type->kind == RACE_BTF_ENUM64)
		return low | (u64)load32(at + 8) << 32;
	return type->kflag ? (u64)(s64)(int)low : low;
}

void race_btf_member(const struct race_type *type, u32 index, struct race_member *member)
{
	bool is_proto = type->kind == RACE_BTF_PROTO;
	const u8 *at = type->extra + index * (is_proto ? 8 : 12);
	u32 place = is_proto ? 0 : load32(at + 8);

	member->name = load32(at);
	member->type = load32(at + 4);
	member->bits = type->kflag ? place >> 24 : 0;
	member->bit_offset = type->kflag ? place & 0xffffff : place;
}
