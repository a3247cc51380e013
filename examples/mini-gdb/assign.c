/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/assign.c - changing what a value was read from: memory, registers, variables in pieces, bit fields.
 */
#include <string.h>

#include "value.h"

static bool write_memory(struct gdb *gdb, struct value *target, const unsigned char *bytes)
{
	struct utrace_error error;
	ssize_t done;

	if (!gdb->inferior.process)
		return fail(gdb, "cannot access memory at address 0x%llx without a process",
			    (unsigned long long)target->address);
	done = utrace_memory_write(gdb->inferior.process, target->address, bytes, target->size, &error);
	if (done == (ssize_t)target->size)
		return true;
	return fail(gdb, "Cannot access memory at address 0x%llx", (unsigned long long)target->address);
}

static bool write_variable(struct gdb *gdb, struct value *target, const unsigned char *bytes)
{
	size_t whole = size_of(utrace_variable_type(target->variable));
	unsigned char *all = arena_alloc(&gdb->arena, whole + target->size);
	struct utrace_error error;

	if (target->size != whole && utrace_variable_read(target->variable, target->frame, all, whole, &error) < 0)
		return fail_with(gdb, &error);
	memcpy(all + target->part, bytes, target->size);
	if (utrace_variable_write(target->variable, target->frame, all, whole, &error) < 0)
		return fail_with(gdb, &error);
	return true;
}

static bool write_register(struct gdb *gdb, struct value *target, const unsigned char *bytes)
{
	uint64_t number = load_unsigned(bytes, target->size);
	struct utrace_error error;
	int status;

	if (target->place == PLACE_NAMED)
		status = utrace_register_set_name(gdb->inferior.thread, target->name, number, &error);
	else
		status = utrace_frame_set_register(target->frame, target->dwarf_register, number, &error);
	return status ? fail_with(gdb, &error) : true;
}

/* Negative numbers fit in a field of either sign. */
static bool fits(int64_t number, unsigned int bits)
{
	return bits >= 64 || (number < 0 ? number >> (bits - 1) == -1 : number >> bits == 0);
}

static bool merge_bits(struct gdb *gdb, struct value *target, const struct value *from, unsigned char *bytes)
{
	uint64_t mask = (target->bits == 64 ? UINT64_MAX : (UINT64_C(1) << target->bits) - 1) << target->bit_offset;
	uint64_t number;

	if (!value_fetch(gdb, target))
		return false;
	if (!fits(load_signed(from->bytes, from->size), target->bits))
		say(gdb, "warning: Value does not fit in %u bits.\n", target->bits);
	number = load_unsigned(target->bytes, target->size) & ~mask;
	number |= load_unsigned(from->bytes, from->size) << target->bit_offset & mask;
	store_integer(bytes, target->size, number);
	return true;
}

bool value_assign(struct gdb *gdb, struct value *target, struct value *from)
{
	struct value *converted = is_aggregate(target->type) ? from : value_cast(gdb, from, target->type);
	unsigned char *bytes;

	if (!converted || !value_fetch(gdb, converted))
		return false;
	if (converted->optimized_out || (target->optimized_out && target->place != PLACE_MEMORY))
		return fail(gdb, "value has been optimized out");
	if (is_aggregate(target->type) && converted->size != target->size)
		return fail(gdb, "Invalid cast.");
	bytes = converted->bytes;
	if (target->bits) {
		bytes = arena_alloc(&gdb->arena, target->size);
		if (!merge_bits(gdb, target, converted, bytes))
			return false;
	}
	target->fetched = false;
	switch (target->place) {
	case PLACE_MEMORY:
		return write_memory(gdb, target, bytes);
	case PLACE_VARIABLE:
		return write_variable(gdb, target, bytes);
	case PLACE_REGISTER:
	case PLACE_NAMED:
		return write_register(gdb, target, bytes);
	default:
		return fail(gdb, "Left operand of assignment is not an lvalue.");
	}
}
