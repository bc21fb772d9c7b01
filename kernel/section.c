// SPDX-License-Identifier: GPL-2.0-only
/*
 * section.c - is this a contract section, and is it whole?
 *
 * The bytes come from a file that anybody may have written.
 */
#include "facts.h"

static const char *const damages[RACE_DAMAGES] = {
	[RACE_WHOLE] = "whole",
	[RACE_NO_SECTION] = "no contract section",
	[RACE_BAD_VERSION] = "made for a later race",
	[RACE_BAD_SIZE] = "truncated or extended",
	[RACE_BAD_DIGEST] = "damaged: its contract hash does not fit its bytes",
	[RACE_BAD_TABLE] = "a table lies outside of it or is too long",
	[RACE_BAD_STRING] = "a string in it does not end or is too long",
	[RACE_BAD_FACT] = "a fact in it has no known meaning",
};

const char *race_damage_name(enum race_damage damage)
{
	return damage < RACE_DAMAGES ? damages[damage] : "?";
}

static bool table_fits(const struct race_facts_header *header, const struct race_table *table,
		       u32 record, u32 max)
{
	u32 room = header->size - header->hdr_len;

	return table->count <= max && table->offset <= room && table->offset % 8 == 0 &&
	       (u64)table->count * record <= room - table->offset;
}

/*
 * - each kind is one of those below, with nothing in fields that have no meaning;
 * - every reference is inside;
 * - roots are in order: all facts about one type stand together.
 */
static enum race_damage check_fact(const struct race_facts *facts, u32 index)
{
	const struct race_facts_header *header = facts->header;
	const struct race_fact *fact = &facts->facts[index];
	u32 end = header->strings.count;
	bool has_path = false, has_text = false;
	int order;

	if (fact->root >= end || fact->path >= end || fact->text >= end || fact->source >= end)
		return RACE_BAD_STRING;
	switch (fact->kind) {
	case RACE_CONTRACT_BITFIELD:
		if (fact->bits < 1 || fact->bits > 64)
			return RACE_BAD_FACT;
		has_path = has_text = true;
		break;
	case RACE_CONTRACT_FIELD:
		has_path = has_text = true;
		break;
	case RACE_CONTRACT_ENUMERATOR:
	case RACE_FACT_NO_FIELD:
	case RACE_FACT_NO_ENUMERATOR:
		has_path = true;
		break;
	case RACE_CONTRACT_FUNCTION:
	case RACE_CONTRACT_VARIABLE:
		has_text = true;
		break;
	case RACE_CONTRACT_SIZE:
	case RACE_CONTRACT_FROZEN:
	case RACE_CONTRACT_ALIGN:
	case RACE_FACT_NO_TYPE:
		break;
	case RACE_FACT_FITS_ALIGN:
		if (fact->value == 0)
			return RACE_BAD_FACT;
		break;
	default:
		return RACE_BAD_FACT;
	}
	if (has_path != (facts->strings[fact->path] != '\0') ||
	    has_text != (facts->strings[fact->text] != '\0') ||
	    (fact->bits != 0 && fact->kind != RACE_CONTRACT_BITFIELD) ||
	    fact->module > header->modules.count ||
	    (fact->module != 0 && !race_is_about_function(fact)))
		return RACE_BAD_FACT;
	if (index == 0)
		return RACE_WHOLE;
	order = strcmp(facts->strings + fact[-1].root, facts->strings + fact->root);
	if (order > 0 || (order == 0 && race_is_about_function(fact - 1) && !race_is_about_function(fact)))
		return RACE_BAD_FACT;
	return RACE_WHOLE;
}

/* Each string ends, and soon: to compare or to look up one is a bounded piece of work. */
static bool strings_end(const char *strings, u32 count)
{
	u32 i, length = 0;

	if (count == 0 || strings[0] != '\0')
		return false;
	for (i = 0; i < count; i++)
		if (strings[i] == '\0')
			length = 0;
		else if (++length >= RACE_TEXT_MAX)
			return false;
	return length == 0;
}

enum race_damage race_facts_open(struct race_facts *facts, const void *section, size_t size)
{
	const struct race_facts_header *header = section;
	const u8 *bytes = section, *tables;
	enum race_damage damage;
	u8 digest[RACE_DIGEST_LEN];
	u32 i;

	if (size < sizeof(*header) || memcmp(header->magic, RACE_FACTS_MAGIC, sizeof(header->magic)))
		return RACE_NO_SECTION;
	if (size > RACE_FACTS_MAX_SIZE || header->size != size)
		return RACE_BAD_SIZE;
	/* Before anything else is read: what was flipped by chance is said to be so. */
	race_sha256(bytes + offsetof(struct race_facts_header, version),
		    size - offsetof(struct race_facts_header, version), digest);
	if (memcmp(digest, header->digest, sizeof(digest)))
		return RACE_BAD_DIGEST;
	if (header->version != RACE_FACTS_VERSION || header->flags != 0 || header->reserved != 0)
		return RACE_BAD_VERSION;
	if (header->hdr_len < sizeof(*header) || header->hdr_len > size || header->hdr_len % 8)
		return RACE_BAD_TABLE;
	if (!table_fits(header, &header->facts, sizeof(struct race_fact), RACE_FACTS_MAX_COUNT) ||
	    !table_fits(header, &header->modules, sizeof(u32), RACE_FACTS_MAX_MODULES) ||
	    !table_fits(header, &header->strings, 1, RACE_FACTS_MAX_SIZE) ||
	    !table_fits(header, &header->steg, 1, RACE_FACTS_MAX_SIZE))
		return RACE_BAD_TABLE;

	tables = bytes + header->hdr_len;
	facts->header = header;
	facts->facts = (const struct race_fact *)(tables + header->facts.offset);
	facts->modules = (const u32 *)(tables + header->modules.offset);
	facts->strings = (const char *)(tables + header->strings.offset);
	facts->steg = tables + header->steg.offset;
	if (!strings_end(facts->strings, header->strings.count))
		return RACE_BAD_STRING;
	for (i = 0; i < header->modules.count; i++)
		if (facts->modules[i] >= header->strings.count)
			return RACE_BAD_STRING;
	for (i = 0; i < header->facts.count; i++) {
		damage = check_fact(facts, i);
		if (damage)
			return damage;
	}
	return RACE_WHOLE;
}
