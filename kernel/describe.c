// SPDX-License-Identifier: GPL-2.0-only
/*
 * describe.c - a fact that does not hold, in one line
 */
#include "facts.h"

const char *race_unknown_name(enum race_unknown unknown)
{
	switch (unknown) {
	case RACE_KNOWN:
		return "known";
	case RACE_TOO_DEEP:
		return "types are nested too deep";
	case RACE_MALFORMED:
		return "a type refers to one that there is not";
	case RACE_UNSEEN:
		return "a module that may have it shows no types";
	}
	return "?";
}

const char *race_fact_name(u16 kind)
{
	switch (kind) {
	case RACE_CONTRACT_FIELD:
	case RACE_FACT_NO_FIELD:
		return "field";
	case RACE_CONTRACT_BITFIELD:
		return "bit field";
	case RACE_CONTRACT_SIZE:
		return "size of";
	case RACE_CONTRACT_ALIGN:
	case RACE_FACT_FITS_ALIGN:
		return "alignment of";
	case RACE_CONTRACT_FROZEN:
		return "number of members of";
	case RACE_CONTRACT_ENUMERATOR:
	case RACE_FACT_NO_ENUMERATOR:
		return "enumerator";
	case RACE_CONTRACT_FUNCTION:
		return "function";
	case RACE_CONTRACT_VARIABLE:
		return "variable";
	case RACE_FACT_NO_TYPE:
		return "type";
	}
	return "?";
}

/* "192, void *": what of an answer has a meaning for this kind. */
static void answer(char *out, size_t size, u16 kind, u64 value, u16 bits, const char *text)
{
	switch (kind) {
	case RACE_CONTRACT_FUNCTION:
	case RACE_CONTRACT_VARIABLE:
		snprintf(out, size, "%.256s", text);
		return;
	case RACE_CONTRACT_FIELD:
		if (bits == 0)
			snprintf(out, size, "offset %llu, %.256s", (unsigned long long)value, text);
		else
			snprintf(out, size, "a bit field of %.256s", text);
		return;
	case RACE_CONTRACT_BITFIELD:
		snprintf(out, size, "bit %llu, %u bits of %.256s", (unsigned long long)value, bits,
			 text);
		return;
	case RACE_CONTRACT_ENUMERATOR:
		snprintf(out, size, bits ? "several values" : "%lld", (long long)value);
		return;
	case RACE_FACT_NO_FIELD:
	case RACE_FACT_NO_TYPE:
	case RACE_FACT_NO_ENUMERATOR:
		snprintf(out, size, "none");
		return;
	case RACE_FACT_FITS_ALIGN:
		snprintf(out, size, "a size and members that %llu bytes suit",
			 (unsigned long long)value);
		return;
	}
	snprintf(out, size, "%llu", (unsigned long long)value);
}

void race_fact_promise(const struct race_facts *facts, const struct race_fact *fact, char *line,
		       size_t size)
{
	const char *path = race_facts_string(facts, fact->path);
	const char *root = race_facts_string(facts, fact->root);
	char promised[320];

	answer(promised, sizeof(promised), fact->kind, fact->value, fact->bits,
	       race_facts_string(facts, fact->text));
	snprintf(line, size, "%s %.128s%s%.128s: %s", race_fact_name(fact->kind), root,
		 *root && *path ? "." : "", path, promised);
}

void race_fact_describe(const struct race_facts *facts, const struct race_fact *fact,
			const struct race_found *found, char *line, size_t size)
{
	const char *source = race_facts_string(facts, fact->source);
	char has[320];
	size_t length;

	if (found->unknown)
		snprintf(has, sizeof(has), "unknown: %s", race_unknown_name(found->unknown));
	else if (!found->exists)
		snprintf(has, sizeof(has), "nothing");
	else if (fact->kind >= RACE_FACT_NO_FIELD)
		snprintf(has, sizeof(has), "one");
	else if (fact->kind == RACE_FACT_FITS_ALIGN)
		snprintf(has, sizeof(has), "members that demand %llu, or another size",
			 (unsigned long long)found->value);
	else
		answer(has, sizeof(has), fact->kind, found->value, found->bits, found->text);
	race_fact_promise(facts, fact, line, size);
	length = strlen(line);
	snprintf(line + length, size - length, " promised, %s%s%s%s%s", has,
		 found->unknown ? "" : " found", *source ? " (" : "", source, *source ? ")" : "");
}
