// SPDX-License-Identifier: GPL-2.0-only
/*
 * btf_types.c - questions about one type: size, alignment, members
 *
 * They give the same answers as userspace/steg/type_queries.cc, whose graph comes
 * from libbpf: the resolver compares the two on every module that it makes.
 */
#include "btf.h"

bool race_btf_strip(const struct race_btf *btf, u32 id, struct race_type *type)
{
	int depth;

	for (depth = 0; depth < RACE_BTF_MAX_DEPTH; depth++) {
		if (!race_btf_step(btf))
			return false;
		if (!race_btf_type(btf, id, type))
			return race_doubt(btf, RACE_MALFORMED);
		switch (type->kind) {
		case RACE_BTF_TYPEDEF:
		case RACE_BTF_CONST:
		case RACE_BTF_VOLATILE:
		case RACE_BTF_RESTRICT:
		case RACE_BTF_TYPE_TAG:
			id = type->ref;
			break;
		default:
			return true;
		}
	}
	return race_doubt(btf, RACE_TOO_DEEP);
}

bool race_btf_size(const struct race_btf *btf, u32 id, u64 *size)
{
	struct race_type type;
	u64 count = 1;
	int depth;

	for (depth = 0; depth < RACE_BTF_MAX_DEPTH; depth++) {
		if (!race_btf_strip(btf, id, &type))
			return false;
		switch (type.kind) {
		case RACE_BTF_ARRAY:
			if (__builtin_mul_overflow(count, (u64)race_btf_array_word(&type, 2), &count))
				return false;
			id = race_btf_array_word(&type, 0);
			continue;
		case RACE_BTF_PTR:
			return !__builtin_mul_overflow(count, (u64)8, size);
		case RACE_BTF_INT:
		case RACE_BTF_FLOAT:
		case RACE_BTF_ENUM:
		case RACE_BTF_ENUM64:
		case RACE_BTF_STRUCT:
		case RACE_BTF_UNION:
			return !__builtin_mul_overflow(count, (u64)type.ref, size);
		}
		return false;
	}
	return race_doubt(btf, RACE_TOO_DEEP);
}

static u64 lowest_bit(u64 value)
{
	return value & -value;
}

static bool align_of(const struct race_btf *btf, u32 id, int depth, u64 *align)
{
	struct race_member member;
	struct race_type type;
	u64 inner, offset;
	u32 i;

	if (depth > RACE_BTF_MAX_DEPTH)
		return race_doubt(btf, RACE_TOO_DEEP);
	if (!race_btf_strip(btf, id, &type))
		return false;
	*align = 1;
	switch (type.kind) {
	case RACE_BTF_PTR:
		*align = 8;
		return true;
	case RACE_BTF_INT:
	case RACE_BTF_FLOAT:
	case RACE_BTF_ENUM:
	case RACE_BTF_ENUM64:
		*align = lowest_bit(type.ref);
		if (*align < 1)
			*align = 1;
		if (*align > 16)
			*align = 16;
		return true;
	case RACE_BTF_ARRAY:
		return align_of(btf, race_btf_array_word(&type, 0), depth + 1, align);
	case RACE_BTF_STRUCT:
	case RACE_BTF_UNION:
		break;
	default:
		return true;
	}
	for (i = 0; i < type.vlen; i++) {
		race_btf_member(&type, i, &member);
		if (!race_btf_step(btf) || !align_of(btf, member.type, depth + 1, &inner))
			return false;
		/* A packed struct has members where their own type would not be. */
		offset = member.bit_offset / 8;
		if (member.bits == 0 && offset != 0 && lowest_bit(offset) < inner)
			inner = lowest_bit(offset);
		if (inner > *align)
			*align = inner;
	}
	while (*align > 1 && type.ref % *align != 0)
		*align /= 2;
	return true;
}

bool race_btf_align(const struct race_btf *btf, u32 id, u64 *align)
{
	return align_of(btf, id, 0, align);
}

static bool find_member(const struct race_btf *btf, u32 id, const char *name, size_t length,
			int depth, u64 bit_offset, struct race_member *found)
{
	struct race_member member;
	struct race_type type;
	u32 i;

	if (depth > RACE_BTF_MAX_DEPTH)
		return race_doubt(btf, RACE_TOO_DEEP);
	if (!race_btf_strip(btf, id, &type) || !race_btf_is_aggregate(&type))
		return false;
	for (i = 0; i < type.vlen && race_btf_step(btf); i++) {
		race_btf_member(&type, i, &member);
		member.bit_offset += bit_offset;
		if (race_btf_is_name(btf, member.name, name, length)) {
			*found = member;
			return true;
		}
		if (*race_btf_string(btf, member.name) == '\0' && find_member(btf, member.type, name, length, depth + 1,
						 member.bit_offset, found))
			return true;
	}
	return false;
}

bool race_btf_path(const struct race_btf *btf, u32 root, const char *path,
		   struct race_member *member)
{
	const char *end;
	size_t length;

	memset(member, 0, sizeof(*member));
	member->type = root;
	for (;; path = end + 1) {
		for (end = path; *end != '\0' && *end != '.'; end++)
			;
		length = end - path;
		if (!race_charge(btf->budget, length + 1))
			return false;
		if (length == 0 || !find_member(btf, member->type, path, length, 0,
						member->bit_offset, member))
			return false;
		if (*end == '\0')
			return true;
	}
}
