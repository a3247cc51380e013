/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/typeprint.c - a type as C declares a variable of it, from the inside out: the declarator grows around the name,
 * then the name of the base type goes in front. Blanks are as in gdb's output.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utrace/class.h>

#include "sym/type.h"

enum { PARAMETERS_MAX = 64, NESTING_MAX = 16 };

/* Names that stand for types: of a template's parameters, of a class's own typedefs. */
struct aliases {
	utrace_type *const *types;
	const char *const *names;
	size_t count;
};

/* Where in the type we are. */
struct at {
	const struct aliases *aliases;
	int depth;
};

static char *print(utrace_type *type, char *inner, struct at at);

static struct at deeper(struct at at)
{
	return (struct at){at.aliases, at.depth + 1};
}

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

static char *parameters(utrace_type *type, struct at at)
{
	struct utrace_member members[PARAMETERS_MAX];
	char *text = strdup("");
	size_t count;

	members[0].size = sizeof(members[0]);
	count = utrace_type_members(type, members, PARAMETERS_MAX);
	for (size_t i = 0; text && i < count && i < PARAMETERS_MAX; i++) {
		/* `this` can't be changed, though it is not always described so. */
		bool is_this =
			members[i].is_artificial && members[i].type && members[i].type->kind == UTRACE_TYPE_POINTER;
		char *one = print(members[i].type, strdup(is_this ? " const" : ""), deeper(at));
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
static char *pointer(utrace_type *type, char *inner, const char *mark, struct at at)
{
	utrace_type *target = utrace_type_target(type);

	inner = is_suffix(target) ? around(around(inner, mark, ""), "(", ")") : around(inner, mark, "");
	return print(target, inner, deeper(at));
}

/* "int C::*name". */
static char *member_pointer(utrace_type *type, char *inner, struct at at)
{
	const char *class = utrace_type_qualified_name(utrace_type_class(type));
	char *mark = join(class ? class : "", "::*", "");
	char *text = mark ? pointer(type, inner, mark, at) : NULL;

	if (!mark)
		free(inner);
	free(mark);
	return text;
}

static char *array(utrace_type *type, char *inner, struct at at)
{
	char brackets[32] = "[]";

	if (type->length >= 0)
		(void)snprintf(brackets, sizeof(brackets), "[%lld]", (long long)type->length);
	return print(utrace_type_target(type), around(inner, "", brackets), deeper(at));
}

static char *function(utrace_type *type, char *inner, struct at at)
{
	char *arguments = parameters(type, at);
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
	return print(utrace_type_target(type), around(text, "", ")"), deeper(at));
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
static char *qualified(utrace_type *type, char *inner, struct at at)
{
	utrace_type *target = utrace_type_target(type);
	char *text;

	if (target && target->kind == UTRACE_TYPE_POINTER) {
		text = around(inner, inner && *inner ? " " : "", "");
		text = around(text, qualifier(type->kind), "");
		return print(target, around(text, " ", ""), deeper(at));
	}
	text = print(target, inner, deeper(at));
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

	for (size_t i = 0; type->kind == UTRACE_TYPE_INTEGER && type->name && i < sizeof(names) / sizeof(names[0]);
	     i++) {
		if (strcmp(type->name, names[i][0]) == 0)
			return names[i][1];
	}
	return type->name;
}

static char *named(const char *keyword_text, const char *name, char *inner)
{
	char *full = join(keyword_text, name, inner && *inner ? " " : "");
	char *text = full && inner ? join(full, inner, "") : NULL;

	free(full);
	free(inner);
	return text;
}

static char *plain(utrace_type *type, char *inner)
{
	const char *name = plain_name(type);

	if (name && name == type->name)
		name = utrace_type_qualified_name(type);
	return named(keyword(type), name ? name : "{...}", inner);
}

static const char *alias(const utrace_type *type, struct at at)
{
	for (size_t i = 0; type && i < at.aliases->count; i++) {
		if (at.aliases->types[i] == type)
			return at.aliases->names[i];
	}
	return NULL;
}

/* Takes `inner`. */
static char *print(utrace_type *type, char *inner, struct at at)
{
	const char *name = alias(type, at);

	if (!inner || at.depth > NESTING_MAX || !type)
		return named("", "void", inner);
	if (name)
		return named("", name, inner);
	switch (utrace_type_kind(type)) {
	case UTRACE_TYPE_POINTER:
		return pointer(type, inner, "*", at);
	case UTRACE_TYPE_REFERENCE:
		return pointer(type, inner, "&", at);
	case UTRACE_TYPE_RVALUE_REFERENCE:
		return pointer(type, inner, "&&", at);
	case UTRACE_TYPE_MEMBER_POINTER:
		return member_pointer(type, inner, at);
	case UTRACE_TYPE_ARRAY:
	case UTRACE_TYPE_VECTOR:
		return array(type, inner, at);
	case UTRACE_TYPE_FUNCTION:
		return function(type, inner, at);
	case UTRACE_TYPE_CONST:
	case UTRACE_TYPE_VOLATILE:
	case UTRACE_TYPE_RESTRICT:
	case UTRACE_TYPE_ATOMIC:
		return qualified(type, inner, at);
	default:
		return plain(type, inner);
	}
}

char *utrace_type_print_as(utrace_type *type, const char *variable, utrace_type *const *types, const char *const *names,
			   size_t count)
{
	struct aliases aliases = {types, names, count};

	return print(type, strdup(variable ? variable : ""), (struct at){&aliases, 0});
}

char *utrace_type_print(utrace_type *type, const char *variable)
{
	return utrace_type_print_as(type, variable, NULL, NULL, 0);
}
