// SPDX-License-Identifier: GPL-2.0-only
/*
 * facts.c - do the facts hold of these types?
 */
#include "facts.h"

static const struct race_btf *source_of(const struct race_types *types, u32 source)
{
	return source == 0 ? types->kernel : &types->modules[source - 1];
}

/* "struct ", "union ", "enum ": what the tag says, and the name behind it. */
static const char *split_tag(const char *root, u32 *kind)
{
	static const struct {
		const char *tag;
		u32 kind;
	} tags[] = {
		{ "struct ", RACE_BTF_STRUCT },
		{ "union ", RACE_BTF_UNION },
		{ "enum ", RACE_BTF_ENUM },
	};
	size_t i, length;

	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		length = strlen(tags[i].tag);
		if (!strncmp(root, tags[i].tag, length)) {
			*kind = tags[i].kind;
			return root + length;
		}
	}
	*kind = RACE_BTF_TYPEDEF;
	return root;
}

static bool is_of_kind(const struct race_type *type, u32 kind)
{
	if (kind == RACE_BTF_ENUM)
		return type->kind == RACE_BTF_ENUM || type->kind == RACE_BTF_ENUM64;
	return type->kind == kind;
}

/*
 * A typedef stands for what it names, when that is complete.  The name must be the type's
 * own: the index finds enums without one by their enumerators.
 */
static bool as_root(struct race_type *type, u32 kind, const char *name, size_t length)
{
	if (!is_of_kind(type, kind) || !race_btf_is_name(type->btf, type->name, name, length))
		return false;
	return kind != RACE_BTF_TYPEDEF || (race_btf_strip(type->btf, type->ref, type) &&
					    type->kind != RACE_BTF_FWD);
}

bool race_next_candidate(const struct race_types *types, const char *root,
			 struct race_candidate *at, struct race_type *type)
{
	const char *name;
	size_t length;
	u32 kind;

	name = split_tag(root, &kind);
	length = race_length(name, RACE_TEXT_MAX);
	for (; at->source <= types->nr_modules; at->source++, at->index = 0) {
		const struct race_btf *btf = source_of(types, at->source);

		while (btf->end_id != 0 &&
		       race_btf_find(btf, name, length, &at->index, type))
			if (as_root(type, kind, name, length))
				return true;
	}
	return false;
}

static bool find_enumerator(const struct race_type *type, const char *name, u64 *value)
{
	size_t length = race_length(name, RACE_TEXT_MAX);
	u32 i, offset;

	for (i = 0; i < type->vlen && race_btf_step(type->btf); i++) {
		*value = race_btf_enumerator(type, i, &offset);
		if (race_btf_is_name(type->btf, offset, name, length))
			return true;
	}
	return false;
}

/* Whether a module of the section shows no types: it may have what is not found. */
static bool has_unseen(const struct race_types *types)
{
	u32 i;

	for (i = 0; i < types->nr_modules; i++)
		if (types->modules[i].end_id == 0)
			return true;
	return false;
}

/* The third answer: what was not found is absent only if all was seen that may have it. */
static void settle(const struct race_types *types, u16 kind, struct race_found *found)
{
	if (types->kernel->budget->doubt)
		found->unknown = types->kernel->budget->doubt;
	else if (race_is_absence(kind) && !found->exists && has_unseen(types))
		found->unknown = RACE_UNSEEN;
}

static void find_fact(const struct race_question *fact, const struct race_types *types,
		      const struct race_type *candidate, struct race_found *found)
{
	const char *path = fact->path;
	const struct race_btf *btf = candidate->btf;
	struct race_member member;
	u64 size;

	memset(found, 0, sizeof(*found));
	found->text = "";
	switch (fact->kind) {
	case RACE_CONTRACT_FIELD:
	case RACE_CONTRACT_BITFIELD:
	case RACE_FACT_NO_FIELD:
		if (!race_btf_path(btf, candidate->id, path, &member))
			return;
		found->exists = true;
		found->bits = member.bits;
		found->value = member.bit_offset;
		if (fact->kind == RACE_CONTRACT_FIELD && member.bits == 0) {
			/* Bits that are no whole bytes are no field's address. */
			found->bits = member.bit_offset % 8;
			found->value = member.bit_offset / 8;
		}
		if (race_btf_spell(btf, member.type, types->text, RACE_TEXT_MAX))
			found->text = types->text;
		return;
	case RACE_CONTRACT_SIZE:
		found->exists = race_btf_size(btf, candidate->id, &found->value);
		return;
	case RACE_CONTRACT_ALIGN:
		found->exists = race_btf_align(btf, candidate->id, &found->value);
		return;
	case RACE_FACT_FITS_ALIGN:
		if (!race_btf_align(btf, candidate->id, &found->value) ||
		    !race_btf_size(btf, candidate->id, &size))
			return;
		found->exists = true;
		if (found->value <= fact->at_most && size % fact->at_most == 0)
			found->value = fact->at_most;
		return;
	case RACE_CONTRACT_FROZEN:
		found->exists = race_btf_is_aggregate(candidate);
		found->value = candidate->vlen;
		return;
	case RACE_CONTRACT_ENUMERATOR:
	case RACE_FACT_NO_ENUMERATOR:
		found->exists = race_btf_is_enum(candidate) &&
				find_enumerator(candidate, path, &found->value);
		return;
	case RACE_FACT_NO_TYPE:
		found->exists = true;
		return;
	}
}

void race_find_fact(const struct race_question *question, const struct race_types *types,
		    const struct race_type *candidate, struct race_found *found)
{
	types->kernel->budget->doubt = RACE_KNOWN;
	find_fact(question, types, candidate, found);
	settle(types, question->kind, found);
}

static struct race_question question_of(const struct race_facts *facts,
					const struct race_fact *fact)
{
	return (struct race_question) {
		.kind = fact->kind,
		.module = fact->module,
		.at_most = fact->value,
		.root = race_facts_string(facts, fact->root),
		.path = race_facts_string(facts, fact->path),
	};
}

static bool holds(const struct race_facts *facts, const struct race_fact *fact,
		     const struct race_found *found)
{
	if (found->unknown)
		return false;
	if (race_is_absence(fact->kind))
		return !found->exists;
	return found->exists && found->value == fact->value && found->bits == fact->bits &&
	       !strcmp(found->text, race_facts_string(facts, fact->text));
}

#define SEPARATOR " | "

/*
 * Every function of the name: which of several the kernel exports is not said, so
 * all their prototypes are the answer, each of them once.
 */
void race_find_function(const struct race_question *question, const struct race_types *types,
			struct race_found *found)
{
	u32 wanted = question->kind == RACE_CONTRACT_FUNCTION ? RACE_BTF_FUNC : RACE_BTF_VAR;
	char *last = types->text, *end = last, *limit = types->text + RACE_TEXT_MAX;
	size_t length = race_length(question->root, RACE_TEXT_MAX);
	u32 source = question->module, at = 0;
	const struct race_btf *btf;
	struct race_type type;

	memset(found, 0, sizeof(*found));
	found->text = types->text;
	*end = '\0';
	types->kernel->budget->doubt = RACE_KNOWN;
	for (;; source = 0, at = 0) {
		btf = source_of(types, source);
		/* That the kernel has one, too, does not say what the module's own is. */
		if (source != 0 && btf->end_id == 0) {
			found->unknown = RACE_UNSEEN;
			return;
		}
		while (btf->end_id != 0 &&
		       race_btf_find(btf, question->root, length, &at, &type)) {
			char *next = found->exists ? end + strlen(SEPARATOR) : end;

			if (type.kind != wanted)
				continue;
			if (next >= limit ||
			    !race_btf_spell(type.btf, type.id, next, limit - next)) {
				found->text = "";
				settle(types, question->kind, found);
				return;
			}
			if (found->exists && !strcmp(last, next))
				continue;
			if (found->exists)
				memcpy(end, SEPARATOR, strlen(SEPARATOR));
			found->exists = true;
			last = next;
			end = next + strlen(next);
		}
		*end = '\0';
		/* What the kernel has, too, a module's own BTF does not describe again. */
		if (found->exists || source == 0)
			return;
	}
}

static u32 check_function(const struct race_facts *facts, const struct race_types *types,
			  const struct race_fact *fact, race_broken_fn broken, void *context)
{
	struct race_question question;
	struct race_found found;

	question = question_of(facts, fact);
	race_find_function(&question, types, &found);
	if (holds(facts, fact, &found))
		return 0;
	broken(context, facts, fact, &found);
	return 1;
}

/* Enumerators of enums without a name: all that have it must agree. */
static u32 check_unnamed(const struct race_facts *facts, const struct race_types *types,
			 const struct race_fact *fact, race_broken_fn broken, void *context)
{
	const char *name = race_facts_string(facts, fact->path);
	size_t length = race_length(name, RACE_TEXT_MAX);
	struct race_found found = { .text = "" };
	struct race_type type;
	u32 source, at;
	u64 value;

	for (source = 0; source <= types->nr_modules; source++) {
		const struct race_btf *btf = source_of(types, source);

		for (at = 0; btf->end_id != 0 &&
			     race_btf_find(btf, name, length, &at, &type);) {
			if (!race_btf_is_enum(&type) || *race_btf_string(btf, type.name) != '\0' ||
			    !find_enumerator(&type, name, &value))
				continue;
			if (found.exists && found.value != value)
				found.bits = 1;
			found.exists = true;
			found.value = value;
		}
	}
	types->kernel->budget->doubt = RACE_KNOWN;
	settle(types, fact->kind, &found);
	if (holds(facts, fact, &found))
		return 0;
	broken(context, facts, fact, &found);
	return 1;
}

/* Facts [first, end) are about one type. */
static u32 try_candidate(const struct race_facts *facts, const struct race_types *types,
			 const struct race_fact *first, const struct race_fact *end,
			 const struct race_type *candidate, race_broken_fn broken, void *context)
{
	const struct race_fact *fact;
	struct race_question question;
	struct race_found found;
	u32 wrong = 0;

	for (fact = first; fact != end && race_btf_step(types->kernel); fact++) {
		question = question_of(facts, fact);
		race_find_fact(&question, types, candidate, &found);
		if (holds(facts, fact, &found))
			continue;
		wrong++;
		if (broken)
			broken(context, facts, fact, &found);
	}
	return wrong;
}

static u32 check_root(const struct race_facts *facts, const struct race_types *types,
		      const struct race_fact *first, const struct race_fact *end,
		      race_broken_fn broken, void *context)
{
	const char *root = race_facts_string(facts, first->root);
	struct race_candidate at = { 0, 0 };
	struct race_type candidate, best = { .btf = NULL };
	struct race_found nothing = { .text = "" };
	u32 fewest = UINT_MAX, wrong;
	enum race_unknown doubt;

	types->kernel->budget->doubt = RACE_KNOWN;
	while (race_next_candidate(types, root, &at, &candidate)) {
		wrong = try_candidate(facts, types, first, end, &candidate, NULL, NULL);
		if (wrong == 0)
			return 0;
		if (wrong < fewest) {
			fewest = wrong;
			best = candidate;
		}
	}
	doubt = types->kernel->budget->doubt;
	if (best.btf)
		return try_candidate(facts, types, first, end, &best, broken, context);
	for (wrong = 0; first != end && race_btf_step(types->kernel); first++) {
		/* A typedef that could not be followed may be the type. */
		nothing.unknown = RACE_KNOWN;
		types->kernel->budget->doubt = doubt;
		settle(types, first->kind, &nothing);
		if (holds(facts, first, &nothing))
			continue;
		wrong++;
		broken(context, facts, first, &nothing);
	}
	return wrong;
}

int race_facts_check(const struct race_facts *facts, const struct race_types *types,
		     race_broken_fn broken, void *context)
{
	const struct race_fact *fact = facts->facts, *end = race_facts_end(facts), *next;
	u32 wrong = 0;

	/* Facts name modules by their number. */
	if (types->nr_modules != facts->header->modules.count)
		return -EINVAL;
	for (; fact != end && race_btf_step(types->kernel); fact = next) {
		next = fact + 1;
		if (race_is_about_function(fact)) {
			wrong += check_function(facts, types, fact, broken, context);
			continue;
		}
		if (*race_facts_string(facts, fact->root) == '\0') {
			wrong += check_unnamed(facts, types, fact, broken, context);
			continue;
		}
		while (next != end && !race_is_about_function(next) && next->root == fact->root)
			next++;
		wrong += check_root(facts, types, fact, next, broken, context);
	}
	/* Nothing was found any more: that proves no absence either. */
	if (types->kernel->budget->left == 0)
		return types->kernel->budget->killed ? -EINTR : -E2BIG;
	return (int)wrong;
}
