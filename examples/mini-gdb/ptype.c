/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/ptype.c - types as C and C++ declare them: ptype, whatis.
 */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "cplus.h"
#include "expr.h"
#include "layouts.h"

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

/* A class, struct or union that is being printed, and what its text says instead of types: parameters of the
 * template that it is an instance of, and its own typedefs. */
struct body {
	struct gdb *gdb;
	utrace_type *type;
	int indent;
	struct utrace_member *members;
	size_t member_count;
	struct utrace_method *methods;
	size_t method_count;
	utrace_type **typedefs;
	size_t typedef_count;
	utrace_type **alias_types;
	const char **alias_names;
	size_t alias_count;
	bool labels;
	int section;             /* enum utrace_access of the label that was printed last, -1: none */
	struct offsets *offsets; /* ptype/o; NULL: without */
};

/* The columns of ptype/o, in bits. */
struct offsets {
	uint64_t start; /* of the struct that is being printed, in the outermost one */
	uint64_t end;   /* of the last member, from there; 0: there was none */
};

enum { OFFSETS_WIDTH = 27 };

enum { CHILDREN_MAX = 4096 };

static void declare(const struct body *body, utrace_type *type, const char *name)
{
	char *text =
		type ? utrace_type_print_as(type, name, body->alias_types, body->alias_names, body->alias_count) : NULL;

	if (text)
		say(body->gdb, "%s", text);
	else
		say(body->gdb, "void%s%s", *name ? " " : "", name);
	free(text);
}

static void print_body(struct gdb *gdb, utrace_type *type, int indent, struct offsets *offsets);

/* An unnamed struct inside another is shown with its members. */
static bool is_unnamed_aggregate(utrace_type *type)
{
	return is_aggregate(type) && kind_of(type) == utrace_type_kind(type) && !utrace_type_name(type);
}

static size_t bounded(size_t count)
{
	return count < CHILDREN_MAX ? count : CHILDREN_MAX;
}

static void add_alias(struct body *body, utrace_type *type, const char *name)
{
	if (!type || !name)
		return;
	body->alias_types[body->alias_count] = type;
	body->alias_names[body->alias_count++] = name;
}

static void take_aliases(struct body *body)
{
	struct arena *arena = &body->gdb->arena;
	size_t count = bounded(utrace_type_template_arguments(body->type, NULL, 0));
	struct utrace_template_argument *arguments = arena_alloc(arena, (count + 1) * sizeof(*arguments));

	arguments->size = sizeof(*arguments);
	(void)utrace_type_template_arguments(body->type, arguments, count);
	body->alias_types = arena_alloc(arena, (count + body->typedef_count + 1) * sizeof(utrace_type *));
	body->alias_names = arena_alloc(arena, (count + body->typedef_count + 1) * sizeof(char *));
	for (size_t i = 0; i < count; i++)
		if (!arguments[i].is_value)
			add_alias(body, arguments[i].type, arguments[i].name);
	for (size_t i = 0; i < count; i++) {
		if (arguments[i].is_value || !arguments[i].name)
			continue;
		say(body->gdb, "%s%s = %s", body->labels ? ", " : "[with ", arguments[i].name,
		    type_text(body->gdb, arguments[i].type));
		body->labels = true; /* for the moment: something is open */
	}
	if (body->labels)
		say(body->gdb, "] ");
	body->labels = false;
	for (size_t i = 0; i < body->typedef_count; i++)
		add_alias(body, body->typedefs[i], utrace_type_name(body->typedefs[i]));
}

static void take_children(struct body *body)
{
	struct arena *arena = &body->gdb->arena;

	body->member_count = take_members(body->gdb, body->type, &body->members);
	body->method_count = bounded(utrace_type_methods(body->type, NULL, 0));
	body->methods = arena_alloc(arena, (body->method_count + 1) * sizeof(*body->methods));
	body->methods->size = sizeof(*body->methods);
	(void)utrace_type_methods(body->type, body->methods, body->method_count);
	body->typedef_count = bounded(utrace_type_typedefs(body->type, NULL, 0));
	body->typedefs = arena_alloc(arena, (body->typedef_count + 1) * sizeof(utrace_type *));
	(void)utrace_type_typedefs(body->type, body->typedefs, body->typedef_count);
}

/* Fields of a struct that are all public have no label, and those of a class that are all private. */
static bool needs_labels(const struct body *body)
{
	uint32_t usual =
		utrace_type_kind(body->type) == UTRACE_TYPE_CLASS ? UTRACE_ACCESS_PRIVATE : UTRACE_ACCESS_PUBLIC;

	for (size_t i = 0; i < body->member_count; i++)
		if (!body->members[i].is_base && body->members[i].access != usual)
			return true;
	for (size_t i = 0; i < body->method_count; i++)
		if (body->methods[i].access != usual)
			return true;
	return false;
}

static const char *access_name(uint32_t access)
{
	static const char *const names[] = {"public", "protected", "private"};

	return names[access <= UTRACE_ACCESS_PRIVATE ? access : 0];
}

static void print_label(struct body *body, uint32_t access)
{
	if (body->section == (int)access)
		return;
	if (body->offsets)
		say(body->gdb, "%*s", OFFSETS_WIDTH, "");
	say(body->gdb, "%*s%s:\n", body->indent + 2, "", access_name(access));
	body->section = (int)access;
}

static void print_hole(struct gdb *gdb, const struct offsets *offsets, uint64_t next, const char *what)
{
	uint64_t hole = offsets->end && offsets->end < next ? next - offsets->end : 0;

	if (hole % 8)
		say(gdb, "/* XXX %2u-bit %-7s    */\n", (unsigned int)(hole % 8), what);
	if (hole / 8)
		say(gdb, "/* XXX %2u-byte %-7s   */\n", (unsigned int)(hole / 8), what);
}

static void print_offset(const struct body *body, const struct utrace_member *member)
{
	struct offsets *offsets = body->offsets;
	unsigned int size = (unsigned int)size_of(member->type);
	uint64_t at = member->offset * 8 + member->bit_offset;
	uint64_t whole = at + offsets->start;

	if (member->is_static) {
		say(body->gdb, "%*s", OFFSETS_WIDTH, "");
		return;
	}
	if (kind_of(body->type) == UTRACE_TYPE_UNION) {
		say(body->gdb, "/*                %6u */", size);
		return;
	}
	print_hole(body->gdb, offsets, at, "hole");
	if (member->bit_size || whole % 8)
		say(body->gdb, "/* %6u:%2u  ", (unsigned int)(whole / 8), (unsigned int)(whole % 8));
	else
		say(body->gdb, "/* %6u     ", (unsigned int)(whole / 8));
	say(body->gdb, " |  %6u */", size);
	offsets->end = at + (member->bit_size ? member->bit_size : (uint64_t)size * 8);
}

static void print_nested(const struct body *body, const struct utrace_member *member, int indent)
{
	struct offsets inner = {0};

	if (body->offsets)
		inner.start = body->offsets->start + member->offset * 8;
	print_body(body->gdb, member->type, indent, body->offsets ? &inner : NULL);
}

/* With offsets, structs within structs are shown whole. */
static bool is_nested(const struct body *body, const struct utrace_member *member)
{
	return is_unnamed_aggregate(member->type) ||
	       (body->offsets && !member->is_static && is_aggregate(member->type) &&
		kind_of(member->type) == utrace_type_kind(member->type));
}

static void print_member(struct body *body, const struct utrace_member *member)
{
	struct gdb *gdb = body->gdb;
	int indent = body->indent + 4;
	const char *name = member->name ? member->name : "";

	if (body->labels)
		print_label(body, member->access);
	if (body->offsets)
		print_offset(body, member);
	say(gdb, "%*s%s", indent, "", member->is_static ? "static " : "");
	if (is_nested(body, member)) {
		print_nested(body, member, indent);
		say(gdb, "%s%s", *name ? " " : "", name);
	} else {
		declare(body, member->type, name);
	}
	if (member->bit_size)
		say(gdb, " : %u", member->bit_size);
	say(gdb, ";\n");
}

static void print_bases(struct body *body)
{
	const char *between = ": ";

	for (size_t i = 0; i < body->member_count; i++) {
		const struct utrace_member *member = &body->members[i];

		if (!member->is_base)
			continue;
		say(body->gdb, "%s%s %s", between, access_name(member->access),
		    member->is_virtual_base ? "virtual " : "");
		declare(body, member->type, "");
		between = ", ";
	}
	if (*between == ',')
		say(body->gdb, " ");
}

/* ---- methods ---- */

static bool has_no_result(const struct body *body, const char *name)
{
	const char *class = utrace_type_name(body->type);
	size_t length = class ? strcspn(class, "<") : 0;

	if (*name == '~')
		return true;
	if (strncmp(name, "operator ", 9) == 0)
		return strncmp(name + 9, "new", 3) != 0 && strncmp(name + 9, "delete", 6) != 0;
	return length && strncmp(name, class, length) == 0 && (!name[length] || name[length] == '<');
}

static void print_parameters(const struct body *body, const struct utrace_method *method)
{
	struct utrace_member *parameters;
	size_t count = take_members(body->gdb, method->type, &parameters);
	const char *between = "";

	for (size_t i = 0; i < count; i++) {
		if (parameters[i].is_artificial)
			continue;
		say(body->gdb, "%s", between);
		declare(body, parameters[i].type, "");
		between = ", ";
	}
	if (utrace_type_is_variadic(method->type))
		say(body->gdb, "%s...", between);
	else if (!*between)
		say(body->gdb, "void");
}

/* Of a method, what its `this` points to says it. */
static bool is_const(struct gdb *gdb, const struct utrace_method *method)
{
	struct utrace_member *parameters;
	size_t count = method->is_static ? 0 : take_members(gdb, method->type, &parameters);

	return count && utrace_type_kind(target_of(parameters[0].type)) == UTRACE_TYPE_CONST;
}

static void print_method(struct body *body, const struct utrace_method *method)
{
	struct gdb *gdb = body->gdb;

	print_label(body, method->access);
	say(gdb, "%*s", body->indent + 4, "");
	if (method->is_virtual && method->slot != UINT32_MAX)
		say(gdb, "virtual ");
	else if (method->is_static)
		say(gdb, "static ");
	if (!has_no_result(body, method->name)) {
		declare(body, utrace_type_target(method->type), "");
		say(gdb, " ");
	}
	say(gdb, "%s(", method->name);
	print_parameters(body, method);
	say(gdb, ")%s;\n", is_const(gdb, method) ? " const" : "");
}

static bool is_printed(const struct utrace_method *method)
{
	return method->name && method->type && !method->is_artificial;
}

/* Those of one name together, where the first of them is. */
static void print_methods(struct body *body)
{
	bool *done = arena_alloc(&body->gdb->arena, body->method_count + 1);
	bool any = false;

	for (size_t i = 0; i < body->method_count; i++)
		any |= is_printed(&body->methods[i]);
	if (any && body->section >= 0)
		say(body->gdb, "\n");
	for (size_t i = 0; i < body->method_count; i++) {
		for (size_t n = i; !done[i] && n < body->method_count; n++) {
			if (!is_printed(&body->methods[n]) || !is_printed(&body->methods[i]) ||
			    strcmp(body->methods[n].name, body->methods[i].name) != 0)
				continue;
			if (n > i)
				done[n] = true;
			print_method(body, &body->methods[n]);
		}
	}
}

static void print_typedefs(struct body *body)
{
	if (body->typedef_count && (body->member_count || body->method_count))
		say(body->gdb, "\n");
	for (size_t i = 0; i < body->typedef_count; i++) {
		say(body->gdb, "%*stypedef ", body->indent + 4, "");
		declare(body, utrace_type_target(body->typedefs[i]), utrace_type_name(body->typedefs[i]));
		say(body->gdb, ";\n");
	}
}

static void print_total(const struct body *body)
{
	print_hole(body->gdb, body->offsets, (uint64_t)size_of(body->type) * 8, "padding");
	say(body->gdb, "\n%*s/* total size (bytes): %4zu */\n", OFFSETS_WIDTH + body->indent + 4, "",
	    size_of(body->type));
	say(body->gdb, "%*s", OFFSETS_WIDTH + (body->indent ? 0 : 2), "");
}

static void print_aggregate(struct gdb *gdb, utrace_type *type, int indent, struct offsets *offsets)
{
	struct body body = {.gdb = gdb, .type = type, .indent = indent, .section = -1, .offsets = offsets};
	const char *name = utrace_type_qualified_name(type);

	say(gdb, "%s %s%s", keyword(utrace_type_kind(type)), name ? name : "", name ? " " : "");
	take_children(&body);
	take_aliases(&body);
	print_bases(&body);
	say(gdb, "{\n");
	body.labels = needs_labels(&body);
	if (!body.member_count && !body.method_count && !body.typedef_count)
		say(gdb, "%*s%s\n", indent + 4, "",
		    utrace_type_size(type) < 0 ? "<incomplete type>" : "<no data fields>");
	for (size_t i = 0; i < body.member_count; i++)
		if (!body.members[i].is_base && !body.members[i].is_artificial)
			print_member(&body, &body.members[i]);
	if (offsets) {
		print_total(&body);
	} else {
		print_methods(&body);
		print_typedefs(&body);
	}
	say(gdb, "%*s}", indent, "");
}

static void print_enum(struct gdb *gdb, utrace_type *type)
{
	struct utrace_enumerator *enumerators;
	size_t count = take_enumerators(gdb, type, &enumerators);
	const char *name = utrace_type_qualified_name(type);
	const char *scope = enumerator_scope(gdb, type);
	bool is_cxx = utrace_type_is_cxx(type);
	int64_t expected = 0;

	say(gdb, "enum %s%s%s", utrace_type_is_scoped(type) ? "class " : "", name ? name : "", name ? " " : "");
	if (is_cxx && utrace_type_target(type))
		say(gdb, ": %s ", type_text(gdb, utrace_type_target(type)));
	say(gdb, "{");
	for (size_t i = 0; i < count; i++) {
		say(gdb, "%s%s%s", i ? ", " : "", scope, enumerators[i].name);
		if (enumerators[i].value != expected)
			say(gdb, " = %lld", (long long)enumerators[i].value);
		expected = enumerators[i].value + 1;
	}
	say(gdb, "}");
}

static void print_body(struct gdb *gdb, utrace_type *type, int indent, struct offsets *offsets)
{
	if (utrace_type_kind(type) == UTRACE_TYPE_ENUM)
		print_enum(gdb, type);
	else
		print_aggregate(gdb, type, indent, offsets);
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
static void print_expanded(struct gdb *gdb, utrace_type *type, struct offsets *offsets)
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
		print_body(gdb, bottom, 0, offsets);
		return;
	}
	say(gdb, "%.*s", (int)(at - text), text);
	print_body(gdb, bottom, 0, offsets);
	say(gdb, "%s", at + strlen(short_name));
}

/* With `print object`, what a pointer or reference really points to. */
static void print_real_type(struct gdb *gdb, struct value *value)
{
	utrace_type *target = target_of(value->type);
	uint32_t kind = kind_of(value->type);
	utrace_type *pointer;
	struct value *object;
	uint64_t address;

	if (!gdb->settings.print_object || !is_aggregate(target) ||
	    (kind != UTRACE_TYPE_POINTER && kind != UTRACE_TYPE_REFERENCE && kind != UTRACE_TYPE_RVALUE_REFERENCE) ||
	    !value_as_integer(gdb, value, &address))
		return;
	object = whole_object(gdb, value_at(gdb, target, address));
	if (same_class(object->type, target))
		return;
	pointer = kind == UTRACE_TYPE_POINTER ? pointer_type(gdb, object->type)
					      : utrace_type_reference_to(object->type, kind);
	if (pointer)
		say(gdb, "/* real type = %s */\n", type_text(gdb, pointer));
}

/* What ptype and whatis are asked about. */
struct asked {
	utrace_type *type;
	const struct layout *layout; /* instead of a type */
	bool is_type;                /* by its name, not by that of a value */
	bool with_offsets;           /* "/o" */
	struct value *value;
};

static bool find_asked(struct gdb *gdb, const char *arguments, struct asked *asked)
{
	struct expr *expr;

	if (!*arguments)
		return fail(gdb, "The history is empty.");
	expr = parse_expression(gdb, arguments);
	if (!expr)
		return false;
	if (expr->operation == OP_TYPE) {
		asked->is_type = true;
		asked->type = expr->type;
		return true;
	}
	asked->value = evaluate(gdb, expr);
	if (!asked->value)
		return false;
	if (asked->value->untyped)
		return fail(gdb, "'%s' has unknown type; cast it to its declared type", asked->value->name);
	asked->type = asked->value->type;
	asked->layout = asked->value->layout;
	return true;
}

/* "/r" is how types are printed anyway: no typedef is put in for another. */
static bool take_flags(struct gdb *gdb, const char **arguments, struct asked *asked)
{
	size_t length = **arguments == '/' ? strcspn(*arguments, " ") : 0;

	for (size_t i = 1; i < length; i++) {
		if ((*arguments)[i] == 'o')
			asked->with_offsets = true;
		else if ((*arguments)[i] != 'r')
			return fail(gdb, "mini-gdb has no flag '%c' of ptype and whatis.", (*arguments)[i]);
	}
	*arguments += length;
	*arguments += strspn(*arguments, " ");
	return true;
}

static bool begin(struct gdb *gdb, const char *arguments, struct asked *asked)
{
	if (!take_flags(gdb, &arguments, asked) || !find_asked(gdb, arguments, asked))
		return false;
	asked->with_offsets = asked->with_offsets && is_aggregate(asked->type);
	/* As gdb, which shows the columns' heads for a struct that goes by its own name only. */
	say(gdb, "%stype = ",
	    asked->with_offsets && kind_of(asked->type) == utrace_type_kind(asked->type)
		    ? "/* offset      |    size */  "
		    : "");
	if (asked->value && !asked->layout)
		print_real_type(gdb, asked->value);
	gdb->error = NULL;
	return true;
}

bool command_ptype(struct gdb *gdb, const char *arguments)
{
	struct offsets offsets = {0};
	struct asked asked = {0};

	if (!begin(gdb, arguments, &asked))
		return false;
	if (asked.layout)
		print_layout_type(gdb, asked.layout, true);
	else
		print_expanded(gdb, asked.type, asked.with_offsets ? &offsets : NULL);
	say(gdb, "\n");
	return true;
}

bool command_whatis(struct gdb *gdb, const char *arguments)
{
	struct asked asked = {0};
	utrace_type *type;

	if (!begin(gdb, arguments, &asked))
		return false;
	if (asked.layout) {
		print_layout_type(gdb, asked.layout, false);
		say(gdb, "\n");
		return true;
	}
	/* Of a type's name, whatis takes one typedef off. */
	type = asked.type;
	if (asked.is_type && type && utrace_type_kind(type) == UTRACE_TYPE_TYPEDEF)
		type = utrace_type_target(type);
	say(gdb, "%s\n", short_type_text(gdb, type));
	return true;
}
