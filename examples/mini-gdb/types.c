/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/types.c - questions about types that the rest asks all the time.
 */
#include <stdlib.h>
#include <string.h>

#include "frames.h"
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

char wide_prefix(utrace_type *type)
{
	static const struct {
		const char *name;
		size_t size;
		char prefix;
	} wide[] = {{"wchar_t", 4, 'L'}, {"char16_t", 2, 'u'}, {"char32_t", 4, 'U'}};

	for (int depth = 0; type && depth < 16; depth++) {
		const char *name = utrace_type_name(type);

		for (size_t i = 0; name && i < sizeof(wide) / sizeof(wide[0]); i++)
			if (strcmp(name, wide[i].name) == 0 && size_of(type) == wide[i].size)
				return wide[i].prefix;
		if (utrace_type_kind(type) < UTRACE_TYPE_TYPEDEF || utrace_type_kind(type) > UTRACE_TYPE_ATOMIC)
			break;
		type = utrace_type_target(type);
	}
	return 0;
}

/* The biggest of what is in it; an address that is a multiple of it suits the type. (System V ABI, 3.1.2) */
size_t alignment_of(struct gdb *gdb, utrace_type *type)
{
	utrace_type *plain = utrace_type_strip(type);
	struct utrace_member *members;
	size_t alignment = 1;
	size_t count;

	if (kind_of(plain) == UTRACE_TYPE_ARRAY)
		return alignment_of(gdb, target_of(plain));
	if (!is_aggregate(plain))
		return size_of(plain) ? size_of(plain) : 1;
	count = take_members(gdb, plain, &members);
	for (size_t i = 0; i < count; i++) {
		size_t own = members[i].is_static ? 1 : alignment_of(gdb, members[i].type);

		if (own > alignment)
			alignment = own;
	}
	return alignment;
}

static int take_main(const struct utrace_location *location, void *data)
{
	*(uint64_t *)data = location->entry;
	return 1;
}

bool speaks_cxx(struct gdb *gdb)
{
	utrace_frame *frame = gdb->image ? selected_frame(gdb) : NULL;
	uint64_t address = frame ? utrace_frame_lookup_pc(frame) : 0;
	utrace_type *type = NULL;

	if (!gdb->image)
		return false;
	if (!frame)
		(void)utrace_function_each(gdb->image, "main", take_main, &address, NULL);
	return address && utrace_type_of_function(gdb->image, address, &type, NULL) == 0 && utrace_type_is_cxx(type);
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
