/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/cplus.c - see cplus.h.
 */
#include "cplus.h"

#include <stdlib.h>
#include <string.h>

#include "expr.h"
#include "print.h"

enum { NESTING_MAX = 16 };

/* ---- members and bases ---- */

static struct value *static_member(struct gdb *gdb, utrace_type *type, const char *name)
{
	utrace_variable *variable = NULL;
	const char *class = utrace_type_qualified_name(utrace_type_strip(type));

	if (!class ||
	    utrace_variable_find(gdb->image, NULL, arena_print(&gdb->arena, "::%s::%s", class, name), &variable, NULL))
		return NULL;
	return value_of_variable(gdb, variable, NULL);
}

static struct value *virtual_base(struct gdb *gdb, struct value *object, utrace_type *base, size_t index)
{
	struct utrace_error error;
	uint64_t address;

	if (object->place != PLACE_MEMORY) {
		(void)fail(gdb, "Attempt to take address of value not located in memory.");
		return NULL;
	}
	if (utrace_member_address(gdb->image, utrace_type_strip(object->type), index, object->address, &address,
				  &error)) {
		(void)fail_with(gdb, &error);
		return NULL;
	}
	return value_at(gdb, base, address);
}

struct value *object_member(struct gdb *gdb, struct value *object, const struct utrace_member *members, size_t index)
{
	const struct utrace_member *member = &members[index];
	struct value *value;

	if (member->is_virtual_base)
		return virtual_base(gdb, object, member->type, index);
	if (!member->is_static)
		return value_member_of(gdb, object, member);
	value = static_member(gdb, object->type, member->name);
	if (!value)
		(void)fail(gdb, "static field %s has been optimized out", member->name);
	return value;
}

bool same_class(utrace_type *one, utrace_type *other)
{
	const char *a;
	const char *b;

	one = utrace_type_strip(one);
	other = utrace_type_strip(other);
	if (one == other || !one || !other)
		return one == other;
	a = utrace_type_qualified_name(one);
	b = utrace_type_qualified_name(other);
	return a && b && is_aggregate(one) && is_aggregate(other) && strcmp(a, b) == 0;
}

static struct value *find_base(struct gdb *gdb, struct value *object, utrace_type *base, int depth)
{
	struct utrace_member *members;
	size_t count;

	if (same_class(object->type, base))
		return object;
	count = depth < NESTING_MAX ? take_members(gdb, utrace_type_strip(object->type), &members) : 0;
	for (size_t i = 0; i < count && members[i].is_base; i++) {
		struct value *part = object_member(gdb, object, members, i);
		struct value *found = part ? find_base(gdb, part, base, depth + 1) : NULL;

		if (found)
			return found;
	}
	return NULL;
}

struct value *base_object(struct gdb *gdb, struct value *object, utrace_type *base)
{
	return is_aggregate(object->type) && is_aggregate(base) ? find_base(gdb, object, base, 0) : NULL;
}

/* ---- pointers between classes ---- */

/* Where the base is in each object of the class; a virtual base is not always at the same place. */
static bool base_offset(struct gdb *gdb, utrace_type *type, utrace_type *base, int depth, uint64_t *offset)
{
	struct utrace_member *members;
	size_t count;

	*offset = 0;
	if (same_class(type, base))
		return true;
	count = depth < NESTING_MAX ? take_members(gdb, utrace_type_strip(type), &members) : 0;
	for (size_t i = 0; i < count && members[i].is_base; i++) {
		if (members[i].is_virtual_base || !base_offset(gdb, members[i].type, base, depth + 1, offset))
			continue;
		*offset += members[i].offset;
		return true;
	}
	return false;
}

static bool has_base(struct gdb *gdb, utrace_type *type, utrace_type *base, int depth)
{
	struct utrace_member *members;
	size_t count;

	if (same_class(type, base))
		return true;
	count = depth < NESTING_MAX ? take_members(gdb, utrace_type_strip(type), &members) : 0;
	for (size_t i = 0; i < count && members[i].is_base; i++)
		if (has_base(gdb, members[i].type, base, depth + 1))
			return true;
	return false;
}

struct value *class_pointer(struct gdb *gdb, struct value *pointer, utrace_type *type)
{
	utrace_type *from = target_of(pointer->type);
	utrace_type *to = target_of(type);
	struct value *object;
	uint64_t address;
	uint64_t offset;

	if (!is_aggregate(from) || !is_aggregate(to) || same_class(from, to) ||
	    !value_as_integer(gdb, pointer, &address) || !address)
		return NULL;
	object = value_at(gdb, from, address);
	if (has_base(gdb, from, to, 0)) {
		object = find_base(gdb, object, to, 0);
		return object ? value_integer(gdb, type, object->address) : NULL;
	}
	if (base_offset(gdb, to, from, 0, &offset))
		return value_integer(gdb, type, address - offset);
	if (!has_base(gdb, to, from, 0))
		return NULL;
	object = base_object(gdb, whole_object(gdb, object), to);
	return object ? value_integer(gdb, type, object->address) : NULL;
}

/* ---- dynamic types ---- */

static bool find_vptr(struct gdb *gdb, struct value *object, uint64_t *table, int depth)
{
	struct utrace_member *members;
	size_t count = depth < NESTING_MAX ? take_members(gdb, utrace_type_strip(object->type), &members) : 0;

	for (size_t i = 0; i < count; i++) {
		struct value *part;

		if (members[i].name && strncmp(members[i].name, "_vptr", 5) == 0)
			return value_as_integer(gdb, value_member_of(gdb, object, &members[i]), table);
		part = members[i].is_base ? object_member(gdb, object, members, i) : NULL;
		if (part && find_vptr(gdb, part, table, depth + 1))
			return true;
	}
	return false;
}

bool object_vtable(struct gdb *gdb, struct value *object, uint64_t *table)
{
	char *error = gdb->error;
	bool found = find_vptr(gdb, object, table, 0);

	gdb->error = error;
	return found;
}

/* The class that a virtual table is of, by its symbol "vtable for X". */
static utrace_type *class_of_table(struct gdb *gdb, uint64_t table)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	utrace_type *type = NULL;
	char *text;

	if (utrace_symbol_at(gdb->image, table, &symbol, NULL) || strncmp(symbol.name, "_ZTV", 4) != 0)
		return NULL;
	text = utrace_symbol_demangle(symbol.name);
	if (text && strncmp(text, "vtable for ", 11) == 0)
		(void)utrace_type_find(gdb->image, 0, arena_print(&gdb->arena, "::%s", text + 11), &type, NULL);
	free(text);
	return type && is_aggregate(type) ? type : NULL;
}

/* The distance to the whole object stands two words before the table's first function. */
struct value *whole_object(struct gdb *gdb, struct value *object)
{
	const size_t word = pointer_size(gdb);
	char *error = gdb->error;
	unsigned char bytes[8];
	utrace_type *type = NULL;
	uint64_t table;

	if (object->place == PLACE_MEMORY && is_aggregate(object->type) && find_vptr(gdb, object, &table, 0))
		type = class_of_table(gdb, table);
	gdb->error = error;
	if (!type || utrace_image_read(gdb->image, table - 2 * word, bytes, word, NULL) != (ssize_t)word)
		return object;
	return value_at(gdb, type, object->address + (uint64_t)load_signed(bytes, word));
}

struct value *dynamic_cast_value(struct gdb *gdb, struct value *value, utrace_type *type)
{
	bool is_reference = kind_of(type) != UTRACE_TYPE_POINTER;
	struct value *object = is_reference ? value : value_dereference(gdb, value);
	struct value *found;

	if (!object)
		return NULL;
	if (!is_aggregate(object->type) || !is_aggregate(target_of(type))) {
		(void)fail(gdb, "Argument to dynamic_cast must be a pointer or reference to a class");
		return NULL;
	}
	found = base_object(gdb, whole_object(gdb, object), target_of(type));
	if (!found && is_reference) {
		(void)fail(gdb, "dynamic_cast failed");
		return NULL;
	}
	if (is_reference || gdb->error)
		return found;
	return value_integer(gdb, type, found ? found->address : 0);
}

/* ---- names within a class ---- */

struct value *class_member(struct gdb *gdb, const char *name)
{
	const char *separator = strrchr(name, ':');
	utrace_type *type = NULL;
	struct utrace_member *members;
	size_t count;

	if (!separator || separator <= name + 1 ||
	    !type_by_name(gdb, 0, arena_text(&gdb->arena, name, (size_t)(separator - 1 - name)), &type) ||
	    !is_aggregate(type))
		return NULL;
	count = take_members(gdb, utrace_type_strip(type), &members);
	for (size_t i = 0; i < count; i++)
		if (members[i].is_static && members[i].name && strcmp(members[i].name, separator + 1) == 0)
			return static_member(gdb, type, members[i].name);
	return NULL;
}

const char *enumerator_scope(struct gdb *gdb, utrace_type *type)
{
	const char *name = utrace_type_is_cxx(type) && utrace_type_name(type) ? utrace_type_qualified_name(type) : NULL;
	const char *last;

	if (!name)
		return "";
	if (utrace_type_is_scoped(type))
		return arena_print(&gdb->arena, "%s::", name);
	last = name + strlen(name) - strlen(utrace_type_name(type));
	return arena_text(&gdb->arena, name, (size_t)(last - name));
}

/* Where the parameters begin: the last parenthesis that no other one is in. */
static size_t before_parameters(const char *text)
{
	size_t at = strlen(text);
	int depth = 0;

	while (at > 0 && text[at - 1] != ')')
		at--;
	while (at > 0) {
		at--;
		depth += text[at] == ')';
		depth -= text[at] == '(';
		if (!depth)
			break;
	}
	return at;
}

/* A template's function has its result in front. */
static const char *without_result(const char *text, size_t length)
{
	const char *start = text;
	int depth = 0;

	for (size_t i = 0; i < length; i++) {
		depth += text[i] == '<' || text[i] == '(';
		depth -= text[i] == '>' || text[i] == ')';
		if (strncmp(text + i, "operator", 8) == 0)
			break;
		if (!depth && text[i] == ' ')
			start = text + i + 1;
	}
	return start;
}

const char *function_title(struct gdb *gdb, const char *name, const char *linkage_name)
{
	char *text = linkage_name ? utrace_symbol_demangle(linkage_name) : NULL;
	size_t length = text ? before_parameters(text) : 0;
	const char *start = length ? without_result(text, length) : NULL;
	const char *title = start ? arena_text(&gdb->arena, start, (size_t)(text + length - start)) : name;

	free(text);
	return title;
}

const char *function_signature(struct gdb *gdb, const char *linkage_name)
{
	char *text = utrace_symbol_demangle(linkage_name);
	const char *signature = text ? arena_string(&gdb->arena, without_result(text, before_parameters(text))) : NULL;

	free(text);
	return signature;
}

/* ---- pointers to members ---- */

static bool points_to_function(const struct value *pointer)
{
	return kind_of(target_of(pointer->type)) == UTRACE_TYPE_FUNCTION;
}

struct value *through_member_pointer(struct gdb *gdb, struct value *object, struct value *pointer)
{
	uint64_t offset;

	if (is_pointer(object->type))
		object = value_dereference(gdb, object);
	if (!object || !value_fetch(gdb, pointer))
		return NULL;
	if (kind_of(pointer->type) != UTRACE_TYPE_MEMBER_POINTER) {
		(void)fail(gdb, "not a pointer to a member");
		return NULL;
	}
	offset = load_unsigned(pointer->bytes, pointer->size < 8 ? pointer->size : 8);
	if (points_to_function(pointer))
		return value_at(gdb, target_of(pointer->type), offset);
	object = base_object(gdb, object, utrace_type_class(utrace_type_strip(pointer->type)));
	if (!object) {
		(void)fail(gdb, "The object is of another class than the pointer's.");
		return NULL;
	}
	return value_part(gdb, object, target_of(pointer->type), offset);
}

static void print_data_pointer(struct gdb *gdb, struct value *pointer)
{
	utrace_type *class = utrace_type_class(utrace_type_strip(pointer->type));
	int64_t offset = load_signed(pointer->bytes, pointer->size);
	struct utrace_member *members;
	size_t count = take_members(gdb, class, &members);

	if (offset == -1) {
		say(gdb, "NULL");
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (!members[i].is_static && !members[i].is_base && (int64_t)members[i].offset == offset) {
			say(gdb, "&%s::%s", utrace_type_qualified_name(class), members[i].name);
			return;
		}
	say(gdb, "%lld", (long long)offset);
}

/* The address, or an offset in the virtual table plus one, and what to add to `this`. (2.3) */
void print_member_pointer(struct gdb *gdb, struct value *pointer)
{
	const size_t word = pointer->size / 2;
	uint64_t address;
	int64_t adjustment;

	if (!points_to_function(pointer)) {
		print_data_pointer(gdb, pointer);
		return;
	}
	address = load_unsigned(pointer->bytes, word);
	adjustment = load_signed(pointer->bytes + word, word);
	if (!address)
		say(gdb, "NULL");
	else if (address & 1)
		say(gdb, "&virtual table offset %llu", (unsigned long long)(address - 1));
	else {
		say(gdb, "(%s) 0x%llx", type_text(gdb, pointer->type), (unsigned long long)address);
		print_symbol(gdb, address);
	}
	if (address && adjustment)
		say(gdb, ", this adjustment %lld", (long long)adjustment);
}
