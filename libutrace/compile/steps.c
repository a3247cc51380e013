/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * compile/steps.c - values as steps, and DWARF's arithmetic on them. (DWARF 5, 2.5.1.4 and 2.5.1.6)
 *
 * The machine computes with 64 bits. Sums, products and bits of smaller types are right in their lowest bytes whatever is above,
 * so what is above is put right only where it counts: in addresses, comparisons, divisions and shifts to the right.
 */
#include <dwarf.h>

#include "compile/compile.h"

void ut__steps_append(struct ut__steps *code, uint32_t op, unsigned size, bool is_signed, uint64_t number)
{
	if (code->count == UT__STEPS_MAX) {
		code->is_too_long = true;
		return;
	}
	code->steps[code->count++] = (struct utrace_condition_step){
		.op = op, .size = (uint16_t)size, .is_signed = is_signed, .number = number};
}

struct ut__steps ut__steps_constant(uint64_t number, unsigned size)
{
	struct ut__steps code = {.size = (uint8_t)size};

	ut__steps_append(&code, UTRACE_CONDITION_CONSTANT, 0, false, number);
	return code;
}

struct ut__steps ut__steps_register(unsigned number, unsigned size)
{
	struct ut__steps code = {.size = (uint8_t)size, .is_trimmed = true};

	ut__steps_append(&code, UTRACE_CONDITION_REGISTER, 0, false, number);
	return code;
}

/* A frame base and an offset in the frame are one addition. */
void ut__steps_add(struct ut__steps *code, uint64_t number)
{
	struct utrace_condition_step *last = &code->steps[code->count];

	if (!number)
		return;
	code->is_trimmed = false;
	if (code->count == 1 && last[-1].op == UTRACE_CONDITION_CONSTANT) {
		last[-1].number += number;
	} else if (code->count > 2 && last[-1].op == UTRACE_CONDITION_ADD && last[-2].op == UTRACE_CONDITION_CONSTANT) {
		last[-2].number += number;
	} else {
		ut__steps_append(code, UTRACE_CONDITION_CONSTANT, 0, false, number);
		ut__steps_append(code, UTRACE_CONDITION_ADD, 0, false, 0);
	}
}

void ut__steps_extend(struct ut__steps *code, bool is_signed)
{
	struct utrace_condition_step *last = code->count ? &code->steps[code->count - 1] : NULL;

	if (code->size >= sizeof(uint64_t) || (code->is_trimmed && !is_signed))
		return;
	if (last && last->op == UTRACE_CONDITION_LOAD && last->size == code->size)
		last->is_signed = is_signed;
	else
		ut__steps_append(code, UTRACE_CONDITION_EXTEND, code->size, is_signed, 0);
	code->is_trimmed = !is_signed;
}

void ut__steps_load(struct ut__steps *code, unsigned size)
{
	ut__steps_extend(code, false);
	ut__steps_append(code, UTRACE_CONDITION_LOAD, size, false, 0);
	code->is_trimmed = true;
}

void ut__steps_join(struct ut__steps *left, const struct ut__steps *right, uint32_t op, bool is_signed)
{
	for (size_t i = 0; i < right->count; i++)
		ut__steps_append(left, right->steps[i].op, right->steps[i].size, right->steps[i].is_signed,
				 right->steps[i].number);
	ut__steps_append(left, op, 0, is_signed, 0);
	left->is_too_long |= right->is_too_long;
	left->is_trimmed = false;
}

bool ut__steps_unary(uint8_t atom, struct ut__steps *value)
{
	if (atom != DW_OP_neg && atom != DW_OP_not)
		return false;
	ut__steps_append(value, atom == DW_OP_neg ? UTRACE_CONDITION_NEGATE : UTRACE_CONDITION_COMPLEMENT, 0, false, 0);
	value->is_trimmed = false;
	return true;
}

/* Generic values divide and compare as signed ones. */
static bool is_signed(const struct ut__steps *value)
{
	return !value->encoding || value->encoding == DW_ATE_signed || value->encoding == DW_ATE_signed_char;
}

static void join_extended(struct ut__steps *left, struct ut__steps *right, uint32_t op, bool sign)
{
	ut__steps_extend(left, sign);
	ut__steps_extend(right, sign);
	ut__steps_join(left, right, op, sign);
}

static void compare(uint8_t atom, struct ut__steps *left, struct ut__steps *right, unsigned bytes)
{
	bool negated = atom == DW_OP_ne || atom == DW_OP_gt || atom == DW_OP_ge;
	uint32_t op = UTRACE_CONDITION_EQUAL;

	if (atom == DW_OP_lt || atom == DW_OP_ge)
		op = UTRACE_CONDITION_LESS;
	if (atom == DW_OP_le || atom == DW_OP_gt)
		op = UTRACE_CONDITION_LESS_OR_EQUAL;
	join_extended(left, right, op, is_signed(left));
	if (negated)
		ut__steps_append(left, UTRACE_CONDITION_NOT, 0, false, 0);
	left->size = (uint8_t)bytes;
	left->encoding = 0;
	left->is_trimmed = true;
}

static void shift(uint8_t atom, struct ut__steps *left, struct ut__steps *right)
{
	bool arithmetic = atom == DW_OP_shra;

	ut__steps_extend(right, false);
	if (atom != DW_OP_shl)
		ut__steps_extend(left, arithmetic);
	ut__steps_join(left, right, atom == DW_OP_shl ? UTRACE_CONDITION_SHIFT_LEFT : UTRACE_CONDITION_SHIFT_RIGHT,
		       arithmetic);
}

bool ut__steps_binary(uint8_t atom, struct ut__steps *left, struct ut__steps *right, unsigned bytes)
{
	static const struct {
		uint8_t atom;
		uint32_t op;
	} plain[] = {
		{DW_OP_and, UTRACE_CONDITION_AND},        {DW_OP_or, UTRACE_CONDITION_OR},
		{DW_OP_xor, UTRACE_CONDITION_XOR},        {DW_OP_plus, UTRACE_CONDITION_ADD},
		{DW_OP_minus, UTRACE_CONDITION_SUBTRACT}, {DW_OP_mul, UTRACE_CONDITION_MULTIPLY},
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (plain[i].atom != atom)
			continue;
		ut__steps_join(left, right, plain[i].op, false);
		return true;
	}
	if (atom >= DW_OP_eq && atom <= DW_OP_ne && atom != DW_OP_skip) {
		compare(atom, left, right, bytes);
	} else if (atom == DW_OP_shl || atom == DW_OP_shr || atom == DW_OP_shra) {
		shift(atom, left, right);
	} else if (atom == DW_OP_div) {
		join_extended(left, right, UTRACE_CONDITION_DIVIDE, is_signed(left));
	} else if (atom == DW_OP_mod) {
		/* The generic modulo is unsigned. */
		join_extended(left, right, UTRACE_CONDITION_REMAINDER, left->encoding && is_signed(left));
	} else {
		return false;
	}
	return true;
}

void ut__steps_convert(struct ut__steps *value, unsigned size, uint8_t encoding, bool keep_bits)
{
	if (!keep_bits && size > value->size)
		ut__steps_extend(value, value->encoding && is_signed(value));
	else if (size > value->size)
		ut__steps_extend(value, false);
	value->is_trimmed = value->is_trimmed && size >= value->size;
	value->size = (uint8_t)size;
	value->encoding = encoding;
}
