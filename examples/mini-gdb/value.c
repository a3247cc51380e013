/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/value.c - see value.h.
 */
#include "value.h"

#include <string.h>

#include "cplus.h"
#include "expr.h"
#include "layouts.h"

enum { VALUE_MAX = 64 << 20 };

struct value *value_new(struct gdb *gdb, utrace_type *type)
{
	struct value *value = arena_alloc(&gdb->arena, sizeof(*value));

	value->type = type;
	value->size = size_of(type);
	return value;
}

struct value *value_at(struct gdb *gdb, utrace_type *type, uint64_t address)
{
	struct value *value = value_new(gdb, type);

	value->place = PLACE_MEMORY;
	value->address = address;
	return value;
}

struct value *value_untyped(struct gdb *gdb, const char *name, uint64_t address)
{
	struct value *value = value_at(gdb, NULL, address);

	value->untyped = true;
	value->name = name;
	return value;
}

struct value *value_of_variable(struct gdb *gdb, utrace_variable *variable, utrace_frame *frame)
{
	struct utrace_place place = {.size = sizeof(place)};
	struct value *value = value_new(gdb, utrace_variable_type(variable));
	struct utrace_error error;

	value->variable = variable;
	value->frame = frame;
	value->place = PLACE_VARIABLE;
	if (utrace_variable_place(variable, frame, &place, &error)) {
		if (error.status != UTRACE_NOT_FOUND) {
			(void)fail_with(gdb, &error);
			return NULL;
		}
		value->optimized_out = true;
		return value;
	}
	if (place.kind == UTRACE_PLACE_MEMORY) {
		value->place = PLACE_MEMORY;
		value->address = place.address;
	} else if (place.kind == UTRACE_PLACE_REGISTER) {
		value->dwarf_register = place.dwarf_register;
	} else if (place.kind == UTRACE_PLACE_OPTIMIZED_OUT) {
		value->optimized_out = true;
	}
	return value;
}

static struct value *value_filled(struct gdb *gdb, utrace_type *type)
{
	struct value *value = value_new(gdb, type);

	value->bytes = arena_alloc(&gdb->arena, value->size);
	value->fetched = true;
	return value;
}

struct value *value_integer(struct gdb *gdb, utrace_type *type, uint64_t number)
{
	struct value *value = value_filled(gdb, type);

	store_integer(value->bytes, value->size, number);
	return value;
}

static bool is_quad(utrace_type *type);

struct value *value_double(struct gdb *gdb, utrace_type *type, long double number)
{
	struct value *value = value_filled(gdb, type);

	if (is_quad(type)) {
		__float128 quad = (__float128)number;

		memcpy(value->bytes, &quad, sizeof(quad));
		return value;
	}
	store_real(value->bytes, value->size, number);
	return value;
}

struct value *value_keep(struct gdb *gdb, struct arena *arena, const struct value *value)
{
	struct value *copy = arena_copy(arena, value, sizeof(*value));

	(void)gdb;
	if (value->bytes)
		copy->bytes = arena_copy(arena, value->bytes, value->size);
	copy->frame = NULL;
	return copy;
}

static bool read_memory(struct gdb *gdb, struct value *value)
{
	struct utrace_error error;
	ssize_t done = utrace_image_read(gdb->image, value->address, value->bytes, value->size, &error);

	if (done == (ssize_t)value->size)
		return true;
	return fail(gdb, "Cannot access memory at address 0x%llx",
		    (unsigned long long)(value->address + (done > 0 ? (uint64_t)done : 0)));
}

static bool read_register(struct gdb *gdb, struct value *value)
{
	struct utrace_error error;
	uint64_t number = 0;
	int status;

	if (value->place == PLACE_NAMED)
		status = utrace_register_get_name(gdb->inferior.thread, value->name, &number, &error);
	else
		status = utrace_frame_register(value->frame, value->dwarf_register, &number, &error);
	/* Asked for by name, one that no frame saved is what it is in the innermost. */
	if (status == UTRACE_NOT_FOUND && value->place == PLACE_REGISTER && value->name)
		status = utrace_register_get_name(gdb->inferior.thread, value->name, &number, &error);
	if (status == UTRACE_NOT_FOUND) {
		value->optimized_out = true;
		return true;
	}
	if (status)
		return fail_with(gdb, &error);
	store_integer(value->bytes, value->size, number);
	return true;
}

static bool read_variable(struct gdb *gdb, struct value *value)
{
	size_t whole = value->part + value->size;
	unsigned char *bytes = arena_alloc(&gdb->arena, whole);
	struct utrace_error error;
	ssize_t done = utrace_variable_read(value->variable, value->frame, bytes, whole, &error);

	if (done == UTRACE_NOT_FOUND) {
		value->optimized_out = true;
		return true;
	}
	if (done < 0)
		return fail_with(gdb, &error);
	memcpy(value->bytes, bytes + value->part, value->size);
	return true;
}

bool value_fetch(struct gdb *gdb, struct value *value)
{
	bool done = false;

	if (value->fetched || value->optimized_out)
		return true;
	if (value->size > VALUE_MAX)
		return fail(gdb, "value requires %zu bytes, which is more than max-value-size", value->size);
	value->bytes = arena_alloc(&gdb->arena, value->size);
	if (value->place == PLACE_MEMORY)
		done = read_memory(gdb, value);
	else if (value->place == PLACE_REGISTER || value->place == PLACE_NAMED)
		done = read_register(gdb, value);
	else if (value->place == PLACE_VARIABLE)
		done = read_variable(gdb, value);
	value->fetched = done && !value->optimized_out;
	return done;
}

uint64_t load_unsigned(const unsigned char *bytes, size_t size)
{
	uint64_t number = 0;

	memcpy(&number, bytes, size < sizeof(number) ? size : sizeof(number));
	return number;
}

int64_t load_signed(const unsigned char *bytes, size_t size)
{
	uint64_t number = load_unsigned(bytes, size);
	unsigned int unused = size < 8 ? 64 - 8 * (unsigned int)size : 0;

	return unused == 64 ? 0 : (int64_t)(number << unused) >> unused;
}

void store_integer(unsigned char *bytes, size_t size, uint64_t number)
{
	memset(bytes, (int64_t)number < 0 ? 0xff : 0, size);
	memcpy(bytes, &number, size < sizeof(number) ? size : sizeof(number));
}

long double load_real(const unsigned char *bytes, size_t size)
{
	long double real = 0;
	double eight = 0;
	float four = 0;

	if (size == sizeof(four)) {
		memcpy(&four, bytes, size);
		return (long double)four;
	}
	if (size == sizeof(eight)) {
		memcpy(&eight, bytes, size);
		return (long double)eight;
	}
	memcpy(&real, bytes, size < sizeof(real) ? size : sizeof(real));
	return real;
}

static bool is_quad(utrace_type *type)
{
	const char *name = kind_of(type) == UTRACE_TYPE_FLOAT ? utrace_type_name(utrace_type_strip(type)) : NULL;

	return name && size_of(type) == 16 && (strcmp(name, "_Float128") == 0 || strcmp(name, "__float128") == 0);
}

/* IEEE 754's 128 bits; what does not fit into x87's 80 is rounded. */
static long double load_quad(const unsigned char *bytes)
{
	__float128 quad;

	memcpy(&quad, bytes, sizeof(quad));
	return (long double)quad;
}

long double value_real(const struct value *value)
{
	return is_quad(value->type) ? load_quad(value->bytes) : load_real(value->bytes, value->size);
}

void store_real(unsigned char *bytes, size_t size, long double number)
{
	double eight = (double)number;
	float four = (float)number;

	if (size == sizeof(four))
		memcpy(bytes, &four, size);
	else if (size == sizeof(eight))
		memcpy(bytes, &eight, size);
	else
		memcpy(bytes, &number, size < 10 ? size : 10);
}

static uint64_t take_bits(const struct value *value)
{
	uint64_t number = load_unsigned(value->bytes, value->size) >> value->bit_offset;
	unsigned int unused = 64 - value->bits;

	/* One that starts within a byte may need nine of them. */
	if (value->size > 8)
		number |= (uint64_t)value->bytes[8] << (64 - value->bit_offset);
	if (utrace_type_is_signed(value->type))
		return (uint64_t)((int64_t)(number << unused) >> unused);
	return number << unused >> unused;
}

static bool check_readable(struct gdb *gdb, struct value *value)
{
	if (!value_fetch(gdb, value))
		return false;
	return value->optimized_out ? fail(gdb, "value has been optimized out") : true;
}

bool value_as_integer(struct gdb *gdb, struct value *value, uint64_t *number)
{
	uint32_t kind = kind_of(value->type);

	if (kind == UTRACE_TYPE_ARRAY || kind == UTRACE_TYPE_FUNCTION)
		return value_as_address(gdb, value, number);
	if (value->untyped)
		return fail(gdb, "'%s' has unknown type; cast it to its declared type", value->name);
	if (kind == UTRACE_TYPE_OTHER && !value->size) { /* nullptr's type */
		*number = 0;
		return true;
	}
	if (!is_scalar(value->type))
		return fail(gdb, "Value can't be converted to integer.");
	if (!check_readable(gdb, value))
		return false;
	if (value->bits)
		*number = take_bits(value);
	else if (kind == UTRACE_TYPE_FLOAT)
		*number = (uint64_t)(int64_t)value_real(value);
	else if (utrace_type_is_signed(value->type))
		*number = (uint64_t)load_signed(value->bytes, value->size);
	else
		*number = load_unsigned(value->bytes, value->size);
	return true;
}

bool value_as_double(struct gdb *gdb, struct value *value, long double *number)
{
	uint64_t integer;

	if (kind_of(value->type) == UTRACE_TYPE_FLOAT) {
		if (!check_readable(gdb, value))
			return false;
		*number = value_real(value);
		return true;
	}
	if (!value_as_integer(gdb, value, &integer))
		return false;
	*number = utrace_type_is_signed(value->type) ? (long double)(int64_t)integer : (long double)integer;
	return true;
}

bool value_is_true(struct gdb *gdb, struct value *value, bool *truth)
{
	long double real;
	uint64_t number;

	if (kind_of(value->type) == UTRACE_TYPE_FLOAT) {
		if (!value_as_double(gdb, value, &real))
			return false;
		*truth = real != 0;
		return true;
	}
	if (!value_as_integer(gdb, value, &number))
		return false;
	*truth = number != 0;
	return true;
}

bool value_as_address(struct gdb *gdb, struct value *value, uint64_t *address)
{
	uint32_t kind = kind_of(value->type);

	if (kind == UTRACE_TYPE_ARRAY || kind == UTRACE_TYPE_FUNCTION || is_aggregate(value->type)) {
		if (value->place != PLACE_MEMORY)
			return fail(gdb, "Attempt to take address of value not located in memory.");
		*address = value->address;
		return true;
	}
	return value_as_integer(gdb, value, address);
}

struct value *value_part(struct gdb *gdb, struct value *whole, utrace_type *type, uint64_t offset)
{
	struct value *part = value_new(gdb, type);

	part->place = whole->place;
	part->address = whole->address + offset;
	part->name = whole->name;
	part->dwarf_register = whole->dwarf_register;
	part->variable = whole->variable;
	part->frame = whole->frame;
	part->part = whole->part + offset;
	part->optimized_out = whole->optimized_out;
	if (whole->fetched && offset + part->size <= whole->size) {
		part->bytes = whole->bytes + offset;
		part->fetched = true;
	}
	return part;
}

struct value *value_member_of(struct gdb *gdb, struct value *object, const struct utrace_member *member)
{
	struct value *part;

	if (!member->bit_size)
		return value_part(gdb, object, member->type, member->offset);
	part = value_part(gdb, object, member->type, member->offset);
	part->bits = member->bit_size;
	part->bit_offset = member->bit_offset;
	part->size = (member->bit_offset + member->bit_size + 7) / 8;
	if (object->fetched && member->offset + part->size <= object->size) {
		part->bytes = object->bytes + member->offset;
		part->fetched = true;
	}
	return part;
}

enum { NESTING_MAX = 16 };

/* "name", or "base::name" for one of a base class. */
static const char *after_scope(const char *name, const char **scope_end)
{
	const char *last = strrchr(name, ':');

	*scope_end = last ? last - 1 : name;
	return last ? last + 1 : name;
}

static struct value *find_member(struct gdb *gdb, struct value *object, const char *name, int depth)
{
	struct utrace_member *members;
	size_t count = take_members(gdb, utrace_type_strip(object->type), &members);

	for (size_t i = 0; i < count; i++)
		if (members[i].name && !members[i].is_base && strcmp(members[i].name, name) == 0)
			return object_member(gdb, object, members, i);
	/* Unnamed structs and unions, and base classes. */
	for (size_t i = 0; i < count && depth < NESTING_MAX; i++) {
		bool nested = is_aggregate(members[i].type) && (!members[i].name || members[i].is_base);
		struct value *part = nested ? object_member(gdb, object, members, i) : NULL;
		struct value *found = part ? find_member(gdb, part, name, depth + 1) : NULL;

		if (found)
			return found;
	}
	return NULL;
}

struct value *value_member(struct gdb *gdb, struct value *object, const char *name)
{
	struct value *member;
	const char *scope_end;
	const char *last = after_scope(name, &scope_end);
	utrace_type *base = NULL;

	if (object->layout)
		return layout_member(gdb, object, name);
	if (!is_aggregate(object->type)) {
		(void)fail(gdb, "Attempt to extract a component of a value that is not a structure%s.",
			   is_pointer(object->type) ? " pointer" : "");
		return NULL;
	}
	if (scope_end > name) {
		char *scope = arena_text(&gdb->arena, name, (size_t)(scope_end - name));

		object = type_by_name(gdb, 0, scope, &base) ? base_object(gdb, object, base) : NULL;
		if (!object) {
			(void)fail(gdb, "base class '%s' is ambiguous or no base class", scope);
			return NULL;
		}
	}
	member = find_member(gdb, object, last, 0);
	if (!member && !gdb->error)
		(void)fail(gdb, "There is no member named %s.", name);
	return member;
}

struct value *value_dereference(struct gdb *gdb, struct value *pointer)
{
	uint32_t kind = kind_of(pointer->type);
	utrace_type *target = target_of(pointer->type);
	uint64_t address;

	if (kind == UTRACE_TYPE_INTEGER)
		target = base_type(gdb, "long");
	else if (kind == UTRACE_TYPE_FUNCTION)
		return pointer;
	else if (kind != UTRACE_TYPE_POINTER && kind != UTRACE_TYPE_ARRAY && kind != UTRACE_TYPE_REFERENCE &&
		 kind != UTRACE_TYPE_RVALUE_REFERENCE) {
		(void)fail(gdb, "Attempt to take contents of a non-pointer value.");
		return NULL;
	} else if (!target || kind_of(target) == UTRACE_TYPE_VOID) {
		(void)fail(gdb, "Attempt to dereference a generic pointer.");
		return NULL;
	}
	if (!target)
		return NULL;
	if (kind == UTRACE_TYPE_ARRAY)
		return value_part(gdb, pointer, target, 0);
	return value_as_address(gdb, pointer, &address) ? value_at(gdb, target, address) : NULL;
}

struct value *value_element(struct gdb *gdb, struct value *array, int64_t index)
{
	utrace_type *element = target_of(array->type);
	uint64_t address;

	if (kind_of(array->type) == UTRACE_TYPE_ARRAY || kind_of(array->type) == UTRACE_TYPE_VECTOR) {
		uint64_t offset = (uint64_t)index * size_of(element);

		if (index < 0 && array->place != PLACE_MEMORY) {
			(void)fail(gdb, "no such vector element");
			return NULL;
		}
		return value_part(gdb, array, element, offset);
	}
	if (!is_pointer(array->type) || !element) {
		(void)fail(gdb, "cannot subscript something of type `%s'", type_text(gdb, array->type));
		return NULL;
	}
	if (!value_as_integer(gdb, array, &address))
		return NULL;
	return value_at(gdb, element, address + (uint64_t)index * size_of(element));
}

struct value *value_address_of(struct gdb *gdb, struct value *value)
{
	utrace_type *type;

	if (value->bits) {
		(void)fail(gdb, "Attempt to take address of value not located in memory.");
		return NULL;
	}
	if (value->place == PLACE_VARIABLE && !value->optimized_out) {
		(void)fail(gdb, "Address requested for identifier \"%s\" which is in a register.",
			   utrace_variable_name(value->variable));
		return NULL;
	}
	if (value->place != PLACE_MEMORY) {
		(void)fail(gdb, "Attempt to take address of value not located in memory.");
		return NULL;
	}
	type = pointer_type(gdb, value->untyped ? NULL : value->type);
	if (!type) {
		(void)fail(gdb, "out of memory");
		return NULL;
	}
	return value_integer(gdb, type, value->address);
}

/* To a class: a base of it, or the same bytes. */
static struct value *cast_to_object(struct gdb *gdb, struct value *value, utrace_type *type)
{
	struct value *base = base_object(gdb, value, type);

	if (base || gdb->error)
		return base;
	if (size_of(type) == value->size)
		return value_part(gdb, value, type, 0);
	(void)fail(gdb, "Invalid cast.");
	return NULL;
}

/* What a reference of this type to the value would refer to. */
static struct value *cast_to_reference(struct gdb *gdb, struct value *value, utrace_type *type)
{
	utrace_type *pointer = pointer_type(gdb, target_of(type));
	struct value *address = pointer ? value_address_of(gdb, value) : NULL;

	address = address ? value_cast(gdb, address, pointer) : NULL;
	return address ? value_dereference(gdb, address) : NULL;
}

struct value *value_reinterpret(struct gdb *gdb, struct value *value, utrace_type *type)
{
	uint64_t number;

	if (!is_pointer(type) || value->untyped)
		return value_cast(gdb, value, type);
	return value_as_integer(gdb, value, &number) ? value_integer(gdb, type, number) : NULL;
}

struct value *value_cast(struct gdb *gdb, struct value *value, utrace_type *type)
{
	uint32_t to = kind_of(type);
	struct value *pointer;
	long double real;
	uint64_t number;

	if (value->untyped)
		return value_at(gdb, type, value->address);
	if (to == UTRACE_TYPE_VOID)
		return value_new(gdb, NULL);
	if (to == UTRACE_TYPE_REFERENCE || to == UTRACE_TYPE_RVALUE_REFERENCE)
		return cast_to_reference(gdb, value, type);
	if (is_aggregate(type) || to == UTRACE_TYPE_ARRAY || to == UTRACE_TYPE_VECTOR ||
	    to == UTRACE_TYPE_MEMBER_POINTER)
		return cast_to_object(gdb, value, type);
	if (to == UTRACE_TYPE_FLOAT)
		return value_as_double(gdb, value, &real) ? value_double(gdb, type, real) : NULL;
	pointer = to == UTRACE_TYPE_POINTER && is_pointer(value->type) ? class_pointer(gdb, value, type) : NULL;
	if (pointer || gdb->error)
		return pointer;
	if (!value_as_integer(gdb, value, &number))
		return NULL;
	return value_integer(gdb, type, to == UTRACE_TYPE_BOOL ? number != 0 : number);
}
