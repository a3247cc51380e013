/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/typeprint.c - a type as C declares a variable of it, from the inside out: the declarator grows around the name,
 * then the name of the base type goes in front. Blanks are as in gdb's output.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sym/type.h"

enum { PARAMETERS_MAX = 64, NESTING_MAX = 16 };

static char *print(utrace_type *type, char *inner, int depth);

static char *join(const char *a, const char *b, const char *c)
{
	char *text = NULL;

	return asprintf(&text, "%s%s%s", a, b, c) < 0 ? NULL : text;
}

/* Replaces the text by one with something before and after it. */
static char *around(char *inner, const char *before, const char *after)
{
	char *text = inner ? join(before, inner, after) : NULL;

	free(inner);
	return text;
}

static char *parameters(utrace_type *type, int depth)
{
	struct utrace_member members[PARAMETERS_MAX];
	char *text = strdup("");
	size_t count;

	members[0].size = sizeof(members[0]);
	count = utrace_type_members(type, members, PARAMETERS_MAX);
	for (size_t i = 0; text && i < count && i < PARAMETERS_MAX; i++) {
		char *one = print(members[i].type, strdup(""), depth + 1);
		char *more = one ? join(text, i ? ", " : "", one) : NULL;

		free(one);
		free(text);
		text = more;
	}
	if (text && utrace_type_is_variadic(type))
		text = around(text, "", count ? ", ..." : "...");
	else if (text && !count && type->die.addr) /* of a made one nothing is known */
		text = around(text, "void", "");
	return text;
}

static bool is_suffix(const utrace_type *type)
{
	return type && (type->kind == UTRACE_TYPE_ARRAY || type->kind == UTRACE_TYPE_FUNCTION ||
			type->kind == UTRACE_TYPE_VECTOR);
}

/* "*name", in parentheses before an array's or function's brackets. */
static char *pointer(utrace_type *type, char *inner, const char *mark, int depth)
{
	utrace_type *target = utrace_type_target(type);

	inner = is_suffix(target) ? around(around(inner, mark, ""), "(", ")") : around(inner, mark, "");
	return print(target, inner, depth + 1);
}

static char *array(utrace_type *type, char *inner, int depth)
{
	char brackets[32] = "[]";

	if (type->length >= 0)
		(void)snprintf(brackets, sizeof(brackets), "[%lld]", (long long)type->length);
	return print(utrace_type_target(type), around(inner, "", brackets), depth + 1);
}

static char *function(utrace_type *type, char *inner, int depth)
{
	char *arguments = parameters(type, depth);
	char *text = arguments && inner ? join(inner, " (", arguments) : NULL;

	/* A name, or "(*name)", is followed by the arguments at once. */
	if (text && *inner) {
		free(text);
		text = join(inner, "(", arguments);
	} else if (text) {
		free(text);
		text = join("(", arguments, "");
	}
	free(arguments);
	free(inner);
	return print(utrace_type_target(type), around(text, "", ")"), depth + 1);
}

static const char *qualifier(uint32_t kind)
{
	switch (kind) {
	case UTRACE_TYPE_CONST:
		return "const";
	case UTRACE_TYPE_VOLATILE:
		return "volatile";
	case UTRACE_TYPE_RESTRICT:
		return "restrict";
	default:
		return "_Atomic";
	}
}

/* Behind the star of a pointer, before anything else's name. */
static char *qualified(utrace_type *type, char *inner, int depth)
{
	utrace_type *target = utrace_type_target(type);
	char *text;

	if (target && target->kind == UTRACE_TYPE_POINTER) {
		text = around(inner, inner && *inner ? " " : "", "");
		text = around(text, qualifier(type->kind), "");
		return print(target, around(text, " ", ""), depth + 1);
	}
	text = print(target, inner, depth + 1);
	return around(around(text, " ", ""), qualifier(type->kind), "");
}

static const char *keyword(const utrace_type *type)
{
	if (type->is_cxx && type->name)
		return "";
	switch (type->kind) {
	case UTRACE_TYPE_STRUCT:
		return "struct ";
	case UTRACE_TYPE_CLASS:
		return "class ";
	case UTRACE_TYPE_UNION:
		return "union ";
	case UTRACE_TYPE_ENUM:
		return "enum ";
	default:
		return "";
	}
}

/* gcc describes "unsigned long" as "long unsigned int"; people write the shorter one. */
static const char *plain_name(const utrace_type *type)
{
	static const char *const names[][2] = {
		{"long int", "long"},           {"long unsigned int", "unsigned long"},
		{"short int", "short"},         {"short unsigned int", "unsigned short"},
		{"long long int", "long long"}, {"long long unsigned int", "unsigned long long"},
	};

	if (!type)
		return "void";
	for (size_t i = 0; type->kind == UTRACE_TYPE_INTEGER && type->name && i < sizeof(names) / sizeof(names[0]);
	     i++) {
		if (strcmp(type->name, names[i][0]) == 0)
			return names[i][1];
	}
	return type->name;
}

static char *named(const utrace_type *type, char *inner)
{
	const char *name = plain_name(type);
	char *full = join(type ? keyword(type) : "", name ? name : "{...}", inner && *inner ? " " : "");
	char *text = full && inner ? join(full, inner, "") : NULL;

	free(full);
	free(inner);
	return text;
}

/* Takes `inner`. */
static char *print(utrace_type *type, char *inner, int depth)
{
	if (!inner || depth > NESTING_MAX)
		return named(NULL, inner);
	switch (utrace_type_kind(type)) {
	case UTRACE_TYPE_POINTER:
		return pointer(type, inner, "*", depth);
	case UTRACE_TYPE_REFERENCE:
		return pointer(type, inner, "&", depth);
	case UTRACE_TYPE_RVALUE_REFERENCE:
		return pointer(type, inner, "&&", depth);
	case UTRACE_TYPE_ARRAY:
	case UTRACE_TYPE_VECTOR:
		return array(type, inner, depth);
	case UTRACE_TYPE_FUNCTION:
		return function(type, inner, depth);
	case UTRACE_TYPE_CONST:
	case UTRACE_TYPE_VOLATILE:
	case UTRACE_TYPE_RESTRICT:
	case UTRACE_TYPE_ATOMIC:
		return qualified(type, inner, depth);
	default:
		return named(type, inner);
	}
}

char *utrace_type_print(utrace_type *type, const char *variable)
{
	return print(type, strdup(variable ? variable : ""), 0);
}
