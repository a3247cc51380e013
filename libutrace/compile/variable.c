/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * compile/variable.c - see variable.h: a variable's number, or its address, as steps of a condition.
 */
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>
#include <utrace/variable.h>

#include "compile/compile.h"

enum { WORD_BITS = 64 };

static int fail_optimized_out(struct utrace_error *error)
{
	return ut__fail(error, UTRACE_NOT_FOUND, 0, "The variable is optimised out at that address.");
}

static int compile_constant(Dwarf_Attribute *attribute, struct ut__compiled *compiled, struct utrace_error *error)
{
	struct ut__piece piece;
	int status = ut__constant_piece(attribute, &piece, error);

	compiled->parts[0] =
		(struct ut__compiled_part){.kind = piece.kind, .bytes = piece.bytes, .byte_count = piece.byte_count};
	compiled->parts[0].code = ut__steps_constant(piece.value, sizeof(piece.value));
	compiled->count = 1;
	return status;
}

static int compile(utrace_variable *variable, uint64_t pc, struct ut__compiled *compiled, struct utrace_error *error)
{
	struct ut__spot spot = {.module = variable->module, .pc = pc - variable->module->bias, .has_pc = pc != 0};
	Dwarf_Attribute attribute;
	Dwarf_Op *ops;
	size_t count;
	int status;

	compiled->count = 0;
	if (dwarf_attr_integrate(&variable->die, DW_AT_const_value, &attribute))
		return compile_constant(&attribute, compiled, error);
	status = ut__variable_location(variable, pc ? &spot.pc : NULL, &attribute, &ops, &count, error);
	return status > 0 ? ut__compile_place(&spot, &attribute, ops, count, compiled, error) : status;
}

/* ---- a number out of the parts ---- */

/* `bits` of a part from bit `from` on, as a number whose higher bits are zero. */
static int take_from_memory(const struct ut__compiled_part *part, uint64_t from, uint64_t bits,
			    struct ut__steps *number, struct utrace_error *error)
{
	uint64_t at = from / 8;
	uint64_t done = 0;

	if (from % 8 || bits % 8)
		return ut__fail(error, UTRACE_UNSUPPORTED, 0,
				"The variable is in parts of bytes, which steps don't read.");
	*number = ut__steps_constant(0, sizeof(uint64_t));
	while (done < bits) {
		uint64_t left = (bits - done) / 8;
		unsigned size = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
		struct ut__steps piece = part->code;
		struct ut__steps shift = ut__steps_constant(done, sizeof(uint64_t));

		ut__steps_add(&piece, at + done / 8);
		ut__steps_load(&piece, size);
		if (!done) {
			*number = piece;
		} else {
			ut__steps_join(&piece, &shift, UTRACE_CONDITION_SHIFT_LEFT, false);
			ut__steps_join(number, &piece, UTRACE_CONDITION_OR, false);
		}
		done += size * UINT64_C(8);
	}
	return UTRACE_OK;
}

static void take_from_value(const struct ut__compiled_part *part, uint64_t from, uint64_t bits,
			    struct ut__steps *number)
{
	struct ut__steps other = ut__steps_constant(from, sizeof(uint64_t));

	*number = part->code;
	if (from >= WORD_BITS) {
		*number = ut__steps_constant(0, sizeof(uint64_t));
		return;
	}
	ut__steps_extend(number, false);
	if (from)
		ut__steps_join(number, &other, UTRACE_CONDITION_SHIFT_RIGHT, false);
	if (bits >= WORD_BITS - from)
		return;
	other = ut__steps_constant((UINT64_C(1) << bits) - 1, sizeof(uint64_t));
	ut__steps_join(number, &other, UTRACE_CONDITION_AND, false);
}

static void take_from_bytes(const struct ut__compiled_part *part, uint64_t from, uint64_t bits,
			    struct ut__steps *number)
{
	uint64_t value = 0;

	for (uint64_t i = 0; i < bits; i++) {
		uint64_t at = from + i;

		if (at / 8 < part->byte_count && part->bytes[at / 8] >> at % 8 & 1)
			value |= UINT64_C(1) << i;
	}
	*number = ut__steps_constant(value, sizeof(uint64_t));
}

static int take(const struct ut__compiled_part *part, uint64_t from, uint64_t bits, struct ut__steps *number,
		struct utrace_error *error)
{
	switch (part->kind) {
	case UT__PIECE_MEMORY:
		return take_from_memory(part, from, bits, number, error);
	case UT__PIECE_REGISTER:
	case UT__PIECE_VALUE:
		take_from_value(part, from, bits, number);
		return UTRACE_OK;
	case UT__PIECE_BYTES:
		take_from_bytes(part, from, bits, number);
		return UTRACE_OK;
	case UT__PIECE_IMPLICIT_POINTER:
		return ut__fail(error, UTRACE_NOT_FOUND, 0,
				"The pointer points to something that is optimised out, so it has no address.");
	default:
		return fail_optimized_out(error);
	}
}

/* Bits [first, first + wanted) of the variable, put together from the parts that have them. */
static int gather(const struct ut__compiled *compiled, uint64_t first, uint64_t wanted, struct ut__steps *number,
		  struct utrace_error *error)
{
	uint64_t at = 0; /* where the part begins in the variable */
	uint64_t done = 0;
	int status = UTRACE_OK;

	for (size_t i = 0; !status && i < compiled->count && done < wanted; i++) {
		const struct ut__compiled_part *part = &compiled->parts[i];
		uint64_t skip = first + done - at;
		uint64_t bits = part->bits ? part->bits : skip + wanted;
		uint64_t take_bits = skip < bits ? bits - skip : 0;
		struct ut__steps shift = ut__steps_constant(done, sizeof(uint64_t));
		struct ut__steps piece;

		at += bits;
		if (!take_bits)
			continue;
		if (take_bits > wanted - done)
			take_bits = wanted - done;
		status = take(part, part->bit_offset + skip, take_bits, &piece, error);
		if (status)
			return status;
		if (done)
			ut__steps_join(&piece, &shift, UTRACE_CONDITION_SHIFT_LEFT, false);
		if (done)
			ut__steps_join(number, &piece, UTRACE_CONDITION_OR, false);
		else
			*number = piece;
		done += take_bits;
	}
	return done < wanted ? fail_optimized_out(error) : status;
}

static int fail_part(struct utrace_error *error)
{
	return ut__fail(error, UTRACE_INVALID, 0,
			"A condition takes 1, 2, 4 or 8 bytes of a variable, which must lie within it.");
}

/* The whole of the variable, if it is one number. */
static int choose_part(utrace_variable *variable, const struct utrace_variable_part *given,
		       struct utrace_variable_part *part, struct utrace_error *error)
{
	utrace_type *type = utrace_variable_type(variable);
	int64_t size = utrace_type_size(type);

	*part = (struct utrace_variable_part){.size = sizeof(*part)};
	if (given && given->size < sizeof(*given))
		return ut__fail(error, UTRACE_INVALID, 0, "The part of the variable has an unknown size.");
	if (given)
		*part = *given;
	else if (size > 0 && size <= 8)
		*part = (struct utrace_variable_part){.length = (uint32_t)size,
						      .is_signed =
							      (uint32_t)utrace_type_is_signed(utrace_type_strip(type))};
	if (part->length != 1 && part->length != 2 && part->length != 4 && part->length != 8)
		return fail_part(error);
	if (part->offset > UINT32_MAX || (size > 0 && part->offset + part->length > (uint64_t)size))
		return fail_part(error);
	return UTRACE_OK;
}

/* ---- the calls ---- */

static int hand_over(const struct ut__steps *code, struct utrace_condition_step *steps, size_t count,
		     struct utrace_error *error)
{
	if (code->is_too_long)
		return ut__fail(error, UTRACE_UNSUPPORTED, 0,
				"The variable's place needs more steps than a condition has.");
	for (size_t i = 0; i < code->count && i < count; i++)
		steps[i] = code->steps[i];
	return (int)code->count;
}

static int value_steps(utrace_variable *variable, uint64_t pc, const struct utrace_variable_part *part,
		       struct ut__compiled *compiled, struct ut__steps *number, struct utrace_error *error)
{
	int status = compile(variable, pc, compiled, error);

	if (!status && !compiled->count)
		status = fail_optimized_out(error);
	if (!status)
		status = gather(compiled, part->offset * 8, part->length * UINT64_C(8), number, error);
	if (status)
		return status;
	number->size = (uint8_t)part->length;
	number->is_trimmed = true;
	ut__steps_extend(number, part->is_signed);
	return UTRACE_OK;
}

static int address_steps(utrace_variable *variable, uint64_t pc, struct ut__compiled *compiled,
			 struct ut__steps *address, struct utrace_error *error)
{
	int status = compile(variable, pc, compiled, error);

	if (!status && (!compiled->count || compiled->parts[0].kind == UT__PIECE_NONE))
		status = fail_optimized_out(error);
	if (!status && (compiled->count > 1 || compiled->parts[0].kind != UT__PIECE_MEMORY))
		status = ut__fail(error, UTRACE_WRONG_STATE, 0, "The variable has no place in memory at that address.");
	if (status)
		return status;
	*address = compiled->parts[0].code;
	ut__steps_extend(address, false);
	return UTRACE_OK;
}

static int with_lock(utrace_variable *variable, uint64_t pc, const struct utrace_variable_part *part,
		     struct utrace_condition_step *steps, size_t count, struct utrace_error *error)
{
	struct ut__compiled *compiled = calloc(1, sizeof(*compiled));
	struct ut__steps code = {0};
	int status;

	if (!compiled)
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for the steps of a variable.");
	ut__sym_lock(variable->module->image->symbols);
	if (!ut__module_file(variable->module, error))
		status = variable->module->status;
	else if (part)
		status = value_steps(variable, pc, part, compiled, &code, error);
	else
		status = address_steps(variable, pc, compiled, &code, error);
	if (!status)
		status = hand_over(&code, steps, count, error);
	ut__sym_unlock(variable->module->image->symbols);
	free(compiled);
	return status;
}

int utrace_variable_value_steps(utrace_variable *variable, uint64_t pc, const struct utrace_variable_part *part,
				struct utrace_condition_step *steps, size_t count, struct utrace_error *error)
{
	struct utrace_variable_part chosen;
	int status = choose_part(variable, part, &chosen, error);

	return status ? status : with_lock(variable, pc, &chosen, steps, count, error);
}

int utrace_variable_address_steps(utrace_variable *variable, uint64_t pc, struct utrace_condition_step *steps,
				  size_t count, struct utrace_error *error)
{
	return with_lock(variable, pc, NULL, steps, count, error);
}
