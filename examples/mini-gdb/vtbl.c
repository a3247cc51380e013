/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/vtbl.c - info vtbl: the virtual tables of an object, of itself and of the bases that have one of their own.
 */
#include <string.h>

#include "command.h"
#include "cplus.h"
#include "expr.h"
#include "print.h"

enum { TABLES_MAX = 64, SLOTS_MAX = 4096, NESTING_MAX = 16 };

/* A part of the object at an address of its own; `slots` is how many functions its class is known to have. */
struct table {
	utrace_type *type;
	uint64_t object;
	uint64_t functions;
	uint32_t slots;
};

struct tables {
	struct gdb *gdb;
	struct table list[TABLES_MAX];
	size_t count;
};

static uint32_t slots_of(struct gdb *gdb, utrace_type *type)
{
	size_t count = utrace_type_methods(type, NULL, 0);
	struct utrace_method *methods;
	uint32_t slots = 0;

	if (count > SLOTS_MAX)
		count = SLOTS_MAX;
	methods = arena_alloc(&gdb->arena, (count + 1) * sizeof(*methods));
	methods->size = sizeof(*methods);
	(void)utrace_type_methods(type, methods, count);
	for (size_t i = 0; i < count; i++)
		if (methods[i].is_virtual && methods[i].slot < SLOTS_MAX && methods[i].slot >= slots)
			slots = methods[i].slot + 1;
	return slots;
}

static struct table *table_at(struct tables *tables, struct value *object)
{
	struct table *table;

	for (size_t i = 0; i < tables->count; i++)
		if (tables->list[i].object == object->address)
			return &tables->list[i];
	if (tables->count == TABLES_MAX)
		return NULL;
	table = &tables->list[tables->count++];
	*table = (struct table){.type = utrace_type_strip(object->type), .object = object->address};
	return table;
}

static bool collect(struct tables *tables, struct value *object, int depth)
{
	utrace_type *type = utrace_type_strip(object->type);
	struct utrace_member *members;
	size_t count = take_members(tables->gdb, type, &members);
	struct table *table;
	uint64_t functions;
	uint32_t slots;

	if (depth > NESTING_MAX || !object_vtable(tables->gdb, object, &functions))
		return true;
	table = table_at(tables, object);
	slots = slots_of(tables->gdb, type);
	if (table) {
		table->functions = functions;
		table->slots = slots > table->slots ? slots : table->slots;
	}
	for (size_t i = 0; i < count && members[i].is_base; i++) {
		struct value *base = object_member(tables->gdb, object, members, i);

		if (!base || !collect(tables, base, depth + 1))
			return false;
	}
	return true;
}

static bool print_table(struct gdb *gdb, const struct table *table)
{
	size_t word = pointer_size(gdb);
	unsigned char bytes[8];

	say(gdb, "vtable for '%s' @ 0x%llx (subobject @ 0x%llx):\n", utrace_type_qualified_name(table->type),
	    (unsigned long long)table->functions, (unsigned long long)table->object);
	for (uint32_t i = 0; i < table->slots; i++) {
		uint64_t at = table->functions + i * word;

		if (utrace_image_read(gdb->image, at, bytes, word, NULL) != (ssize_t)word)
			return fail(gdb, "Cannot access memory at address 0x%llx", (unsigned long long)at);
		say(gdb, "[%u]: 0x%llx", i, (unsigned long long)load_unsigned(bytes, word));
		print_symbol(gdb, load_unsigned(bytes, word));
		say(gdb, "\n");
	}
	return true;
}

bool info_vtbl(struct gdb *gdb, const char *arguments)
{
	struct tables tables = {.gdb = gdb};
	struct value *value;
	const char *between = "";
	uint32_t kind;

	if (!*arguments)
		return fail(gdb, "Argument required (expression to compute).");
	value = evaluate_text(gdb, arguments);
	kind = value ? kind_of(value->type) : UTRACE_TYPE_VOID;
	if (kind == UTRACE_TYPE_POINTER || kind == UTRACE_TYPE_REFERENCE || kind == UTRACE_TYPE_RVALUE_REFERENCE)
		value = value_dereference(gdb, value);
	if (!value)
		return false;
	if (!is_aggregate(value->type) || value->place != PLACE_MEMORY || !collect(&tables, value, 0) ||
	    !tables.count) {
		if (!gdb->error)
			say(gdb, "This object does not have a virtual function table\n");
		return !gdb->error;
	}
	for (size_t i = 0; i < tables.count; i++) {
		if (!tables.list[i].slots)
			continue;
		say(gdb, "%s", between);
		between = "\n";
		if (!print_table(gdb, &tables.list[i]))
			return false;
	}
	return true;
}
