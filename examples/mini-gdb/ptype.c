/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/ptype.c - types as C and C++ declare them: ptype, whatis.
 */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "expr.h"

static const char *keyword(uint32_t kind)
{
	switch (kind) {
	case UTRACE_TYPE_UNION:
		return "union";
	case UTRACE_TYPE_CLASS:
		return "class";
	case UTRACE_TYPE_ENUM:
		return "enum";
	default:
		return "struct";
	}
}

static void declare(struct gdb *gdb, utrace_type *type, const char *name)
{
	char *text = type ? utrace_type_print(type, name) : NULL;

	if (text)
		say(gdb, "%s", text);
	else
		say(gdb, "void%s%s", *name ? " " : "", name);
	free(text);
}

static void print_body(struct gdb *gdb, utrace_type *type, int indent);

/* An unnamed struct inside another is shown with its members. */
static bool is_unnamed_aggregate(utrace_type *type)
{
	return is_aggregate(type) && kind_of(type) == utrace_type_kind(type) && !utrace_type_name(type);
}

static void print_member(struct gdb *gdb, const struct utrace_member *member, int indent)
{
	utrace_type *base = member->type;
	const char *name = member->name ? member->name : "";

	say(gdb, "%*s%s", indent, "", member->is_static ? "static " : "");
	if (is_unnamed_aggregate(base)) {
		print_body(gdb, base, indent);
		say(gdb, "%s%s", *name ? " " : "", name);
	} else {
		declare(gdb, base, name);
	}
	if (member->bit_size)
		say(gdb, " : %u", member->bit_size);
	say(gdb, ";\n");
}

static void print_bases(struct gdb *gdb, const struct utrace_member *members, size_t count)
{
	const char *between = " : ";

	for (size_t i = 0; i < count; i++) {
		if (!members[i].is_base)
			continue;
		say(gdb, "%spublic %s%s", between, members[i].is_virtual_base ? "virtual " : "",
		    type_text(gdb, members[i].type));
		between = ", ";
	}
}

static void print_aggregate(struct gdb *gdb, utrace_type *type, int indent)
{
	struct utrace_member *members;
	size_t count = take_members(gdb, type, &members);
	const char *name = utrace_type_name(type);

	say(gdb, "%s %s%s", keyword(utrace_type_kind(type)), name ? name : "", name ? " " : "");
	print_bases(gdb, members, count);
	say(gdb, "{\n");
	if (utrace_type_kind(type) == UTRACE_TYPE_CLASS)
		say(gdb, "%*spublic:\n", indent + 2, "");
	if (!count)
		say(gdb, "%*s%s\n", indent + 4, "",
		    utrace_type_size(type) < 0 ? "<incomplete type>" : "<no data fields>");
	for (size_t i = 0; i < count; i++)
		if (!members[i].is_base && !members[i].is_artificial)
			print_member(gdb, &members[i], indent + 4);
	say(gdb, "%*s}", indent, "");
}

static void print_enum(struct gdb *gdb, utrace_type *type)
{
	struct utrace_enumerator *enumerators;
	size_t count = take_enumerators(gdb, type, &enumerators);
	const char *name = utrace_type_name(type);
	int64_t expected = 0;

	say(gdb, "enum %s%s{", name ? name : "", name ? " " : "");
	for (size_t i = 0; i < count; i++) {
		say(gdb, "%s%s", i ? ", " : "", enumerators[i].name);
		if (enumerators[i].value != expected)
			say(gdb, " = %lld", (long long)enumerators[i].value);
		expected = enumerators[i].value + 1;
	}
	say(gdb, "}");
}

static void print_body(struct gdb *gdb, utrace_type *type, int indent)
{
	if (utrace_type_kind(type) == UTRACE_TYPE_ENUM)
		print_enum(gdb, type);
	else
		print_aggregate(gdb, type, indent);
}

/* The struct, union or enum at the bottom of pointers, arrays and functions, or NULL. */
static utrace_type *innermost(utrace_type *type)
{
	for (int depth = 0; type && depth < 64; depth++) {
		uint32_t kind = utrace_type_kind(type);

		if (kind == UTRACE_TYPE_STRUCT || kind == UTRACE_TYPE_CLASS || kind == UTRACE_TYPE_UNION ||
		    kind == UTRACE_TYPE_ENUM)
			return type;
		type = utrace_type_target(type);
	}
	return NULL;
}

/*
 * ptype takes one typedef off, and shows the body of what is at the bottom: for "struct s *" the text that
 * the type prints has the short name, in whose place the body goes.
 */
static void print_expanded(struct gdb *gdb, utrace_type *type)
{
	utrace_type *bottom;
	const char *name;
	const char *short_name;
	char *text;
	char *at;

	while (type && utrace_type_kind(type) == UTRACE_TYPE_TYPEDEF)
		type = utrace_type_target(type);
	bottom = innermost(type);
	if (!bottom) {
		say(gdb, "%s", type_text(gdb, type));
		return;
	}
	short_name = type_text(gdb, bottom);
	text = type_text(gdb, type);
	name = utrace_type_name(bottom);
	at = strstr(text, short_name);
	if (!at || (!name && !*short_name)) {
		print_body(gdb, bottom, 0);
		return;
	}
	say(gdb, "%.*s", (int)(at - text), text);
	print_body(gdb, bottom, 0);
	say(gdb, "%s", at + strlen(short_name));
}

static bool type_of_text(struct gdb *gdb, const char *arguments, utrace_type **type, bool *is_type)
{
	struct value *value;
	struct expr *expr;

	*is_type = false;
	if (!*arguments)
		return fail(gdb, "The history is empty.");
	expr = parse_expression(gdb, arguments);
	if (!expr)
		return false;
	if (expr->operation == OP_TYPE) {
		*is_type = true;
		*type = expr->type;
		return true;
	}
	value = evaluate(gdb, expr);
	if (!value)
		return false;
	if (value->untyped)
		return fail(gdb, "'%s' has unknown type; cast it to its declared type", value->name);
	*type = value->type;
	return true;
}

/* "/o" and the like. */
static const char *skip_flags(const char *arguments)
{
	if (*arguments == '/') {
		arguments += strcspn(arguments, " ");
		arguments += strspn(arguments, " ");
	}
	return arguments;
}

bool command_ptype(struct gdb *gdb, const char *arguments)
{
	utrace_type *type;
	bool is_type;

	if (!type_of_text(gdb, skip_flags(arguments), &type, &is_type))
		return false;
	say(gdb, "type = ");
	print_expanded(gdb, type);
	say(gdb, "\n");
	return true;
}

bool command_whatis(struct gdb *gdb, const char *arguments)
{
	utrace_type *type;
	bool is_type;

	if (!type_of_text(gdb, skip_flags(arguments), &type, &is_type))
		return false;
	/* Of a type's name, whatis takes one typedef off. */
	if (is_type && type && utrace_type_kind(type) == UTRACE_TYPE_TYPEDEF)
		type = utrace_type_target(type);
	say(gdb, "type = %s\n", type_text(gdb, type));
	return true;
}
