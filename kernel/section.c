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
	[RACE_BAD_VERSION] = "made for another version of race",
	[RACE_BAD_SIZE] = "truncated or extended",
	[RACE_BAD_DIGEST] = "damaged: its contract hash does not fit its bytes",
	[RACE_BAD_TABLE] = "a table lies outside of it or is too long",
	[RACE_BAD_STRING] = "a string in it does not end, is too long, not printable or out of order",
	[RACE_BAD_FACT] = "a fact in it has no known meaning, is out of order or there twice",
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

/* Whether a string begins there: two references are then equal exactly if their strings are. */
static bool is_string(const struct race_facts *facts, u32 offset)
{
	return offset < facts->header->strings.count &&
	       (offset == 0 || facts->strings[offset - 1] == '\0');
}

/* Strings are in order, so their offsets are. */
static bool are_in_order(const struct race_fact *first, const struct race_fact *second)
{
	if (first->root != second->root)
		return first->root < second->root;
	if (race_is_about_function(first) != race_is_about_function(second))
		return race_is_about_function(second);
	if (first->kind != second->kind)
		return first->kind < second->kind;
	if (first->path != second->path)
		return first->path < second->path;
	if (first->value != second->value)
		return first->value < second->value;
	if (first->bits != second->bits)
		return first->bits < second->bits;
	return first->module < second->module;
}

/*
 * - each kind is one of those below, with nothing in fields that have no meaning;
 * - every reference is to a string;
 * - they are in order and none is there twice: all facts about one type stand together.
 */
static enum race_damage check_fact(const struct race_facts *facts, u32 index)
{
	const struct race_facts_header *header = facts->header;
	const struct race_fact *fact = &facts->facts[index];
	bool has_path = false, has_text = false;

	if (!is_string(facts, fact->root) || !is_string(facts, fact->path) ||
	    !is_string(facts, fact->text) || !is_string(facts, fact->source))
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
	if (index != 0 && !are_in_order(fact - 1, fact))
		return RACE_BAD_FACT;
	return RACE_WHOLE;
}

/*
 * Each string ends, and soon, and is printable: it may come into the kernel's log, where a
 * line break would begin a line of somebody else's.  They are in order, each once.
 */
static bool check_strings(const char *strings, u32 count)
{
	u32 i, begin = 0, last = 0;

	if (count == 0 || strings[0] != '\0' || strings[count - 1] != '\0')
		return false;
	for (i = 0; i < count; i++) {
		if (strings[i] != '\0') {
			if (strings[i] < ' ' || strings[i] > '~' || i - begin >= RACE_TEXT_MAX - 1)
				return false;
			continue;
		}
		if (begin != 0 && strcmp(strings + last, strings + begin) >= 0)
			return false;
		last = begin;
		begin = i + 1;
	}
	return true;
}

/* In the order of their names, each once; nothing but flags that are known. */
static enum race_damage check_modules(const struct race_facts *facts)
{
	const struct race_facts_module *module = facts->modules;
	u32 i, last = 0;

	for (i = 0; i < facts->header->modules.count; i++, module++) {
		if (!is_string(facts, module->name))
			return RACE_BAD_STRING;
		if (module->name <= last)
			return RACE_BAD_TABLE;
		if (module->flags & ~RACE_MODULE_TYPED)
			return RACE_BAD_VERSION;
		last = module->name;
	}
	return RACE_WHOLE;
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
	    !table_fits(header, &header->modules, sizeof(struct race_facts_module),
			RACE_FACTS_MAX_MODULES) ||
	    !table_fits(header, &header->strings, 1, RACE_FACTS_MAX_SIZE) ||
	    !table_fits(header, &header->steg, 1, RACE_FACTS_MAX_SIZE))
		return RACE_BAD_TABLE;

	tables = bytes + header->hdr_len;
	facts->header = header;
	facts->facts = (const struct race_fact *)(tables + header->facts.offset);
	facts->modules = (const struct race_facts_module *)(tables + header->modules.offset);
	facts->strings = (const char *)(tables + header->strings.offset);
	facts->steg = tables + header->steg.offset;
	if (!check_strings(facts->strings, header->strings.count))
		return RACE_BAD_STRING;
	damage = check_modules(facts);
	if (damage)
		return damage;
	for (i = 0; i < header->facts.count; i++) {
		damage = check_fact(facts, i);
		if (damage)
			return damage;
	}
	return RACE_WHOLE;
}
