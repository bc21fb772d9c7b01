// SPDX-License-Identifier: GPL-2.0-only
/*
 * btf_spell.c - a type as C spells it
 *
 * C wraps a declarator around its name: what a pointer to a function returns stands
 * before it, the parameters behind.  So each type writes a part before and a part
 * after; the name, which is empty here, would stand between.
 */
#include "btf.h"

struct text {
	char *at;
	size_t room;	/* bytes left, the NUL included */
	char last;	/* what was written last; 0: nothing yet */
	struct race_budget *budget;
};

static bool put(struct text *text, const char *words)
{
	/* A name of BTF may have any length. */
	size_t length = race_length(words, text->room);

	if (length >= text->room || !race_charge(text->budget, length + 1))
		return false;
	memcpy(text->at, words, length + 1);
	text->at += length;
	text->room -= length;
	if (length != 0)
		text->last = words[length - 1];
	return true;
}

static bool put_number(struct text *text, u64 number)
{
	char digits[24];
	char *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do
		*--at = '0' + number % 10;
	while (number /= 10);
	return put(text, at);
}

/* Tags say who may use a pointer; they come and go with the compiler. */
static bool without_tags(const struct race_btf *btf, u32 id, struct race_type *type)
{
	int depth;

	for (depth = 0; depth < RACE_BTF_MAX_DEPTH && race_btf_step(btf); depth++) {
		if (!race_btf_type(btf, id, type))
			return race_doubt(btf, RACE_MALFORMED);
		if (type->kind != RACE_BTF_TYPE_TAG)
			return true;
		id = type->ref;
	}
	return race_doubt(btf, RACE_TOO_DEEP);
}

static const char *qualifier(const struct race_type *type)
{
	switch (type->kind) {
	case RACE_BTF_CONST:
		return "const";
	case RACE_BTF_VOLATILE:
		return "volatile";
	case RACE_BTF_RESTRICT:
		return "restrict";
	}
	return NULL;
}

/* Whether a pointer to it needs parentheses; *is_pointer: whether it is one itself. */
static bool needs_parentheses(const struct race_btf *btf, u32 id, bool *is_pointer)
{
	struct race_type type;
	int depth;

	*is_pointer = false;
	for (depth = 0; depth < RACE_BTF_MAX_DEPTH && without_tags(btf, id, &type); depth++) {
		if (!qualifier(&type)) {
			*is_pointer = type.kind == RACE_BTF_PTR;
			return type.kind == RACE_BTF_ARRAY || type.kind == RACE_BTF_PROTO;
		}
		id = type.ref;
	}
	return race_doubt(btf, RACE_TOO_DEEP);
}

/* An aggregate without a name is known by its size and how many members it has. */
static bool put_tagged(struct text *text, const char *tag, const struct race_type *type)
{
	const char *name = race_btf_string(type->btf, type->name);

	if (!put(text, tag) || !put(text, " "))
		return false;
	if (*name != '\0')
		return put(text, name);
	return put(text, "{") && put_number(text, type->vlen) && put(text, " members, ") &&
	       put_number(text, type->ref) && put(text, " bytes}");
}

static bool spell(struct text *text, const struct race_btf *btf, u32 id, int depth);

static bool before(struct text *text, const struct race_btf *btf, u32 id, int depth)
{
	struct race_type type;
	const char *word;
	bool is_pointer;

	if (depth > RACE_BTF_MAX_DEPTH)
		return race_doubt(btf, RACE_TOO_DEEP);
	if (!without_tags(btf, id, &type))
		return false;
	word = qualifier(&type);
	if (word) {
		needs_parentheses(btf, type.ref, &is_pointer);
		if (is_pointer)
			return before(text, btf, type.ref, depth + 1) && put(text, " ") &&
			       put(text, word);
		return put(text, word) && put(text, " ") && before(text, btf, type.ref, depth + 1);
	}
	switch (type.kind) {
	case RACE_BTF_VOID:
		return put(text, "void");
	case RACE_BTF_INT:
	case RACE_BTF_FLOAT:
	case RACE_BTF_TYPEDEF:
		return put(text, race_btf_string(btf, type.name));
	case RACE_BTF_STRUCT:
		return put_tagged(text, "struct", &type);
	case RACE_BTF_UNION:
		return put_tagged(text, "union", &type);
	case RACE_BTF_FWD:
		return put_tagged(text, type.kflag ? "union" : "struct", &type);
	case RACE_BTF_ENUM:
	case RACE_BTF_ENUM64:
		return put_tagged(text, "enum", &type);
	case RACE_BTF_PTR:
		if (!before(text, btf, type.ref, depth + 1))
			return false;
		if (needs_parentheses(btf, type.ref, &is_pointer))
			return put(text, " (*");
		return put(text, is_pointer ? "*" : " *");
	case RACE_BTF_ARRAY:
		return before(text, btf, race_btf_array_word(&type, 0), depth + 1);
	case RACE_BTF_PROTO:
		return before(text, btf, type.ref, depth + 1);
	case RACE_BTF_FUNC:
	case RACE_BTF_VAR:
		return before(text, btf, type.ref, depth + 1);
	}
	return false;
}

static bool put_parameters(struct text *text, const struct race_btf *btf,
			   const struct race_type *type, int depth)
{
	struct race_member parameter;
	u32 i;

	if (!put(text, "("))
		return false;
	for (i = 0; i < type->vlen; i++) {
		race_btf_member(type, i, &parameter);
		if (i != 0 && !put(text, ", "))
			return false;
		/* A last parameter of no name and no type stands for "...". */
		if (parameter.type == 0 && parameter.name == 0) {
			if (!put(text, "..."))
				return false;
		} else if (!spell(text, btf, parameter.type, depth + 1)) {
			return false;
		}
	}
	return put(text, type->vlen == 0 ? "void)" : ")");
}

static bool after(struct text *text, const struct race_btf *btf, u32 id, int depth)
{
	struct race_type type;
	bool is_pointer;

	if (depth > RACE_BTF_MAX_DEPTH)
		return race_doubt(btf, RACE_TOO_DEEP);
	if (!without_tags(btf, id, &type))
		return false;
	if (qualifier(&type))
		return after(text, btf, type.ref, depth + 1);
	switch (type.kind) {
	case RACE_BTF_PTR:
		if (needs_parentheses(btf, type.ref, &is_pointer) && !put(text, ")"))
			return false;
		return after(text, btf, type.ref, depth + 1);
	case RACE_BTF_ARRAY:
		return put(text, "[") && put_number(text, race_btf_array_word(&type, 2)) &&
		       put(text, "]") && after(text, btf, race_btf_array_word(&type, 0), depth + 1);
	case RACE_BTF_PROTO:
		return put_parameters(text, btf, &type, depth) &&
		       after(text, btf, type.ref, depth + 1);
	case RACE_BTF_FUNC:
	case RACE_BTF_VAR:
		return after(text, btf, type.ref, depth + 1);
	}
	return true;
}

static bool spell(struct text *text, const struct race_btf *btf, u32 id, int depth)
{
	struct race_type type;

	if (!before(text, btf, id, depth) || !race_btf_type(btf, id, &type))
		return false;
	/* "int (void)", "void *(int)": there a name would stand. */
	if ((type.kind == RACE_BTF_PROTO || type.kind == RACE_BTF_FUNC) &&
	    text->last != '*' && !put(text, " "))
		return false;
	return after(text, btf, id, depth);
}

bool race_btf_spell(const struct race_btf *btf, u32 id, char *text, size_t size)
{
	struct text out = { text, size, 0, btf->budget };

	*text = '\0';
	return spell(&out, btf, id, 0);
}
