/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/types.c - questions about types that the rest asks all the time.
 */
#include <stdlib.h>
#include <string.h>

#include "value.h"

uint32_t kind_of(utrace_type *type)
{
	utrace_type *stripped = type ? utrace_type_strip(type) : NULL;

	return stripped ? utrace_type_kind(stripped) : UTRACE_TYPE_VOID;
}

bool is_integral(utrace_type *type)
{
	uint32_t kind = kind_of(type);

	return kind == UTRACE_TYPE_INTEGER || kind == UTRACE_TYPE_CHAR || kind == UTRACE_TYPE_BOOL ||
	       kind == UTRACE_TYPE_ENUM;
}

bool is_pointer(utrace_type *type)
{
	return kind_of(type) == UTRACE_TYPE_POINTER;
}

bool is_scalar(utrace_type *type)
{
	uint32_t kind = kind_of(type);

	return is_integral(type) || kind == UTRACE_TYPE_FLOAT || kind == UTRACE_TYPE_POINTER ||
	       kind == UTRACE_TYPE_REFERENCE || kind == UTRACE_TYPE_RVALUE_REFERENCE;
}

bool is_aggregate(utrace_type *type)
{
	uint32_t kind = kind_of(type);

	return kind == UTRACE_TYPE_STRUCT || kind == UTRACE_TYPE_CLASS || kind == UTRACE_TYPE_UNION;
}

bool is_character(utrace_type *type)
{
	return kind_of(type) == UTRACE_TYPE_CHAR && size_of(type) == 1;
}

utrace_type *target_of(utrace_type *type)
{
	return type ? utrace_type_target(utrace_type_strip(type)) : NULL;
}

size_t size_of(utrace_type *type)
{
	int64_t size = type ? utrace_type_size(type) : 1;

	return size < 0 ? 0 : (size_t)size;
}

utrace_type *base_type(struct gdb *gdb, const char *name)
{
	utrace_type *type = NULL;
	struct utrace_error error;

	if (!gdb->image)
		(void)fail(gdb, "No symbol table is loaded.  Use the \"file\" command.");
	else if (utrace_type_find(gdb->image, 0, name, &type, &error))
		(void)fail_with(gdb, &error);
	return type;
}

size_t pointer_size(struct gdb *gdb)
{
	return gdb->image && utrace_image_architecture(gdb->image, NULL) == UTRACE_ARCH_I386 ? 4 : 8;
}

char *type_text(struct gdb *gdb, utrace_type *type)
{
	char *text = type ? utrace_type_print(type, "") : NULL;
	char *copy = arena_string(&gdb->arena, text ? text : "void");

	free(text);
	return copy;
}

utrace_type *pointer_type(struct gdb *gdb, utrace_type *target)
{
	return target ? utrace_type_pointer_to(target) : base_type(gdb, "void *");
}

enum { MEMBERS_MAX = 4096 };

size_t take_members(struct gdb *gdb, utrace_type *type, struct utrace_member **members)
{
	size_t count = utrace_type_members(type, NULL, 0);

	if (count > MEMBERS_MAX)
		count = MEMBERS_MAX;
	*members = arena_alloc(&gdb->arena, (count + 1) * sizeof(**members));
	for (size_t i = 0; i < count; i++)
		(*members)[i].size = sizeof(**members);
	(void)utrace_type_members(type, *members, count);
	return count;
}

size_t take_enumerators(struct gdb *gdb, utrace_type *type, struct utrace_enumerator **enumerators)
{
	size_t count = utrace_type_enumerators(type, NULL, 0);

	if (count > MEMBERS_MAX)
		count = MEMBERS_MAX;
	*enumerators = arena_alloc(&gdb->arena, (count + 1) * sizeof(**enumerators));
	for (size_t i = 0; i < count; i++)
		(*enumerators)[i].size = sizeof(**enumerators);
	(void)utrace_type_enumerators(type, *enumerators, count);
	return count;
}
