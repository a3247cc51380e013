/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/arithmetic.c - see arithmetic.h.
 */
#include "sym/arithmetic.h"

#include <dwarf.h>
#include <string.h>

struct ut__value ut__value_trim(struct ut__value value)
{
	if (value.size < sizeof(value.bits))
		value.bits &= ((uint64_t)1 << value.size * 8) - 1;
	return value;
}

struct ut__value ut__value_generic(uint64_t bits, unsigned bytes)
{
	return ut__value_trim((struct ut__value){.bits = bits, .size = (uint8_t)bytes});
}

bool ut__value_is_unary(uint8_t atom)
{
	return atom == DW_OP_abs || atom == DW_OP_neg || atom == DW_OP_not;
}

bool ut__value_is_binary(uint8_t atom)
{
	switch (atom) {
	case DW_OP_and:
	case DW_OP_div:
	case DW_OP_minus:
	case DW_OP_mod:
	case DW_OP_mul:
	case DW_OP_or:
	case DW_OP_plus:
	case DW_OP_shl:
	case DW_OP_shr:
	case DW_OP_shra:
	case DW_OP_xor:
		return true;
	default:
		return atom >= DW_OP_eq && atom <= DW_OP_ne && atom != DW_OP_skip;
	}
}

static bool is_float(struct ut__value value)
{
	return value.encoding == DW_ATE_float && (value.size == sizeof(float) || value.size == sizeof(double));
}

static double as_double(struct ut__value value)
{
	double wide;
	float narrow;

	if (value.size == sizeof(wide)) {
		memcpy(&wide, &value.bits, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, &value.bits, sizeof(narrow));
	return narrow;
}

static struct ut__value from_double(double number, struct ut__value type)
{
	float narrow = (float)number;

	type.bits = 0;
	if (type.size == sizeof(number))
		memcpy(&type.bits, &number, sizeof(number));
	else
		memcpy(&type.bits, &narrow, sizeof(narrow));
	return type;
}

static int64_t as_signed(struct ut__value value)
{
	unsigned unused = 64 - value.size * 8u;

	return (int64_t)(value.bits << unused) >> unused;
}

/* Generic values divide and compare as signed ones. (2.5.1.4) */
static bool is_signed(struct ut__value value)
{
	return !value.encoding || value.encoding == DW_ATE_signed || value.encoding == DW_ATE_signed_char;
}

static struct ut__value with_bits(struct ut__value type, uint64_t bits)
{
	type.bits = bits;
	return ut__value_trim(type);
}

struct ut__value ut__value_unary(uint8_t atom, struct ut__value value)
{
	if (is_float(value) && atom != DW_OP_not)
		return from_double(atom == DW_OP_neg || as_double(value) < 0 ? -as_double(value) : as_double(value),
				   value);
	if (atom == DW_OP_not)
		return with_bits(value, ~value.bits);
	if (atom == DW_OP_neg || as_signed(value) < 0)
		return with_bits(value, 0 - (uint64_t)as_signed(value));
	return value;
}

static bool holds(uint8_t atom, int order)
{
	switch (atom) {
	case DW_OP_eq:
		return order == 0;
	case DW_OP_ge:
		return order >= 0;
	case DW_OP_gt:
		return order > 0;
	case DW_OP_le:
		return order <= 0;
	case DW_OP_lt:
		return order < 0;
	default:
		return order != 0;
	}
}

static int order_of(struct ut__value left, struct ut__value right)
{
	if (is_float(left))
		return (as_double(left) > as_double(right)) - (as_double(left) < as_double(right));
	if (is_signed(left))
		return (as_signed(left) > as_signed(right)) - (as_signed(left) < as_signed(right));
	return (left.bits > right.bits) - (left.bits < right.bits);
}

static uint64_t divide(uint8_t atom, struct ut__value left, struct ut__value right)
{
	/* The smallest number by -1 overflows, which C leaves undefined. */
	if (is_signed(left) && atom == DW_OP_div)
		return as_signed(right) == -1 ? 0 - left.bits : (uint64_t)(as_signed(left) / as_signed(right));
	/* The generic modulo is unsigned. */
	if (is_signed(left) && left.encoding)
		return as_signed(right) == -1 ? 0 : (uint64_t)(as_signed(left) % as_signed(right));
	return atom == DW_OP_div ? left.bits / right.bits : left.bits % right.bits;
}

static uint64_t shift(uint8_t atom, struct ut__value left, uint64_t count)
{
	uint64_t width = UINT64_C(8) * left.size;

	if (atom == DW_OP_shra)
		return (uint64_t)(as_signed(left) >> (count < width ? count : 63));
	if (count >= width)
		return 0;
	return atom == DW_OP_shl ? left.bits << count : left.bits >> count;
}

static uint64_t integer(uint8_t atom, struct ut__value left, struct ut__value right)
{
	switch (atom) {
	case DW_OP_and:
		return left.bits & right.bits;
	case DW_OP_or:
		return left.bits | right.bits;
	case DW_OP_xor:
		return left.bits ^ right.bits;
	case DW_OP_plus:
		return left.bits + right.bits;
	case DW_OP_minus:
		return left.bits - right.bits;
	case DW_OP_mul:
		return left.bits * right.bits;
	case DW_OP_div:
	case DW_OP_mod:
		return divide(atom, left, right);
	default:
		return shift(atom, left, right.bits);
	}
}

static struct ut__value floating(uint8_t atom, struct ut__value left, struct ut__value right)
{
	double a = as_double(left);
	double b = as_double(right);

	switch (atom) {
	case DW_OP_plus:
		return from_double(a + b, left);
	case DW_OP_minus:
		return from_double(a - b, left);
	case DW_OP_mul:
		return from_double(a * b, left);
	default:
		return from_double(a / b, left);
	}
}

bool ut__value_binary(uint8_t atom, struct ut__value left, struct ut__value right, unsigned bytes,
		      struct ut__value *result)
{
	bool is_division = atom == DW_OP_div || atom == DW_OP_mod;

	if (atom >= DW_OP_eq && atom <= DW_OP_ne) {
		*result = ut__value_generic(holds(atom, order_of(left, right)), bytes);
		return true;
	}
	if (is_float(left) && (atom == DW_OP_plus || atom == DW_OP_minus || atom == DW_OP_mul || atom == DW_OP_div)) {
		*result = floating(atom, left, right);
		return true;
	}
	if (is_division && !right.bits)
		return false;
	*result = with_bits(left, integer(atom, left, right));
	return true;
}

/* Out of range is undefined in C: such a number becomes 0. */
static uint64_t to_integer(double number, bool is_negative_fine)
{
	if (number >= 0 && number < 18446744073709551616.0)
		return (uint64_t)number;
	if (is_negative_fine && number < 0 && number >= -9223372036854775808.0)
		return (uint64_t)(int64_t)number;
	return 0;
}

struct ut__value ut__value_convert(struct ut__value from, struct ut__value to, bool keep_bits)
{
	if (keep_bits)
		return with_bits(to, from.bits);
	if (is_float(from) && is_float(to))
		return from_double(as_double(from), to);
	if (is_float(from))
		return with_bits(to, to_integer(as_double(from), true));
	if (is_float(to))
		return from_double(is_signed(from) ? (double)as_signed(from) : (double)from.bits, to);
	return with_bits(to, is_signed(from) && from.encoding ? (uint64_t)as_signed(from) : from.bits);
}
