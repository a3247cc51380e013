/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/arith.c - C's operators on values: promotions, pointer arithmetic, comparison.
 */
#include <string.h>

#include "expr.h"

/* The common type of two integers (C11 6.3.1.8) by size and signedness. */
static utrace_type *common_integer(struct gdb *gdb, struct value *left, struct value *right)
{
	size_t size = left->size > right->size ? left->size : right->size;
	bool left_unsigned = left->size == size && !utrace_type_is_signed(left->type);
	bool right_unsigned = right->size == size && !utrace_type_is_signed(right->type);
	bool is_unsigned = left_unsigned || right_unsigned;

	if (size < 4)
		return base_type(gdb, "int");
	if (size == 4)
		return base_type(gdb, is_unsigned ? "unsigned int" : "int");
	if (pointer_size(gdb) == 4)
		return base_type(gdb, is_unsigned ? "unsigned long long" : "long long");
	return base_type(gdb, is_unsigned ? "unsigned long" : "long");
}

static utrace_type *common_real(struct gdb *gdb, struct value *left, struct value *right)
{
	size_t size = 0;

	if (kind_of(left->type) == UTRACE_TYPE_FLOAT)
		size = left->size;
	if (kind_of(right->type) == UTRACE_TYPE_FLOAT && right->size > size)
		size = right->size;
	return base_type(gdb, size == 4 ? "float" : size == 8 ? "double" : "long double");
}

struct value *truth(struct gdb *gdb, bool is_true)
{
	utrace_type *type = base_type(gdb, speaks_cxx(gdb) ? "bool" : "int");

	return type ? value_integer(gdb, type, is_true) : NULL;
}

static bool compare(const char *text, int order, bool *result)
{
	if (strcmp(text, "==") == 0)
		*result = order == 0;
	else if (strcmp(text, "!=") == 0)
		*result = order != 0;
	else if (strcmp(text, "<") == 0)
		*result = order < 0;
	else if (strcmp(text, "<=") == 0)
		*result = order <= 0;
	else if (strcmp(text, ">") == 0)
		*result = order > 0;
	else if (strcmp(text, ">=") == 0)
		*result = order >= 0;
	else
		return false;
	return true;
}

static struct value *real_operation(struct gdb *gdb, const char *text, struct value *left, struct value *right)
{
	utrace_type *type = common_real(gdb, left, right);
	long double a;
	long double b;
	bool result;

	if (!type || !value_as_double(gdb, left, &a) || !value_as_double(gdb, right, &b))
		return NULL;
	if (a != a || b != b) /* not a number: unequal to all, and in no order */
		if (compare(text, 0, &result))
			return truth(gdb, strcmp(text, "!=") == 0);
	if (compare(text, (a > b) - (a < b), &result))
		return truth(gdb, result);
	switch (*text) {
	case '+':
		return value_double(gdb, type, a + b);
	case '-':
		return value_double(gdb, type, a - b);
	case '*':
		return value_double(gdb, type, a * b);
	case '/':
		return value_double(gdb, type, a / b);
	default:
		(void)fail(gdb, "Integer operation on floating-point value.");
		return NULL;
	}
}

static bool divide(struct gdb *gdb, bool is_signed, bool remainder, uint64_t a, uint64_t b, uint64_t *result)
{
	if (!b)
		return fail(gdb, "Division by zero");
	if (is_signed && b == UINT64_MAX) /* the one quotient that does not fit traps in C */
		*result = remainder ? 0 : 0 - a;
	else if (is_signed)
		*result = remainder ? (uint64_t)((int64_t)a % (int64_t)b) : (uint64_t)((int64_t)a / (int64_t)b);
	else
		*result = remainder ? a % b : a / b;
	return true;
}

static bool shift(const char *text, bool is_signed, uint64_t a, uint64_t count, uint64_t *result)
{
	if (*text == '<')
		*result = count > 63 ? 0 : a << count;
	else if (is_signed)
		*result = (uint64_t)((int64_t)a >> (count > 63 ? 63 : count));
	else
		*result = count > 63 ? 0 : a >> count;
	return true;
}

static bool integers(struct gdb *gdb, const char *text, bool is_signed, uint64_t a, uint64_t b, uint64_t *result)
{
	switch (*text) {
	case '+':
		*result = a + b;
		return true;
	case '-':
		*result = a - b;
		return true;
	case '*':
		*result = a * b;
		return true;
	case '/':
	case '%':
		return divide(gdb, is_signed, *text == '%', a, b, result);
	case '&':
		*result = a & b;
		return true;
	case '|':
		*result = a | b;
		return true;
	case '^':
		*result = a ^ b;
		return true;
	default:
		return shift(text, is_signed, a, b, result);
	}
}

static int order_of(bool is_signed, uint64_t a, uint64_t b)
{
	if (is_signed)
		return ((int64_t)a > (int64_t)b) - ((int64_t)a < (int64_t)b);
	return (a > b) - (a < b);
}

static struct value *integer_operation(struct gdb *gdb, const char *text, struct value *left, struct value *right)
{
	bool is_shift = strcmp(text, "<<") == 0 || strcmp(text, ">>") == 0;
	utrace_type *type = common_integer(gdb, left, is_shift ? left : right);
	struct value *a = type ? value_cast(gdb, left, type) : NULL;
	struct value *b = a ? value_cast(gdb, right, is_shift ? right->type : type) : NULL;
	uint64_t x;
	uint64_t y;
	uint64_t number = 0;
	bool result;

	if (!b || !value_as_integer(gdb, a, &x) || !value_as_integer(gdb, b, &y))
		return NULL;
	if (compare(text, order_of(utrace_type_is_signed(type), x, y), &result))
		return truth(gdb, result);
	if (!integers(gdb, text, utrace_type_is_signed(type), x, y, &number))
		return NULL;
	return value_integer(gdb, type, number);
}

static bool points(const struct value *value)
{
	uint32_t kind = kind_of(value->type);

	return kind == UTRACE_TYPE_POINTER || kind == UTRACE_TYPE_ARRAY || kind == UTRACE_TYPE_FUNCTION;
}

static size_t step_of(const struct value *value)
{
	size_t size = size_of(target_of(value->type));

	return size ? size : 1;
}

/* What an array or a function becomes in an operation. */
static utrace_type *decayed(struct gdb *gdb, struct value *value)
{
	if (kind_of(value->type) == UTRACE_TYPE_ARRAY)
		return pointer_type(gdb, target_of(value->type));
	return kind_of(value->type) == UTRACE_TYPE_FUNCTION ? pointer_type(gdb, value->type) : value->type;
}

static struct value *pointer_operation(struct gdb *gdb, const char *text, struct value *left, struct value *right)
{
	uint64_t a;
	uint64_t b;
	bool result;

	if (!value_as_integer(gdb, left, &a) || !value_as_integer(gdb, right, &b))
		return NULL;
	if (compare(text, order_of(false, a, b), &result))
		return truth(gdb, result);
	if (strcmp(text, "-") == 0 && points(left) && points(right)) {
		utrace_type *type = base_type(gdb, "long");

		if (step_of(left) != step_of(right)) {
			(void)fail(gdb, "First argument of `-' is a pointer and second argument is neither\n"
					"an integer nor a pointer of the same type.");
			return NULL;
		}
		return type ? value_integer(gdb, type, (uint64_t)((int64_t)(a - b) / (int64_t)step_of(left))) : NULL;
	}
	if (strcmp(text, "+") == 0 && points(left) != points(right)) {
		struct value *pointer = points(left) ? left : right;
		uint64_t distance = (points(left) ? b : a) * step_of(pointer);

		return value_integer(gdb, decayed(gdb, pointer), (points(left) ? a : b) + distance);
	}
	if (strcmp(text, "-") == 0 && points(left))
		return value_integer(gdb, decayed(gdb, left), a - b * step_of(left));
	if (points(left) && points(right)) {
		(void)fail(gdb, "Argument to arithmetic operation not a number or boolean.");
		return NULL;
	}
	/* `pointer & 7` and the like: as integers. */
	left = value_cast(gdb, left, base_type(gdb, "long"));
	right = left ? value_cast(gdb, right, base_type(gdb, "long")) : NULL;
	return right ? integer_operation(gdb, text, left, right) : NULL;
}

struct value *arithmetic(struct gdb *gdb, const char *operator_text, struct value *left, struct value *right)
{
	if (points(left) || points(right))
		return pointer_operation(gdb, operator_text, left, right);
	if (!is_scalar(left->type) || !is_scalar(right->type)) {
		(void)fail(gdb, "Argument to arithmetic operation not a number or boolean.");
		return NULL;
	}
	if (kind_of(left->type) == UTRACE_TYPE_FLOAT || kind_of(right->type) == UTRACE_TYPE_FLOAT)
		return real_operation(gdb, operator_text, left, right);
	if (left->size > 8 || right->size > 8) {
		(void)fail(gdb, "That operation is not available on integers of more than 8 bytes.");
		return NULL;
	}
	return integer_operation(gdb, operator_text, left, right);
}

struct value *negate(struct gdb *gdb, struct value *value, char operator_character)
{
	utrace_type *type;
	long double real;
	uint64_t number;
	bool is_true;

	if (operator_character == '!')
		return value_is_true(gdb, value, &is_true) ? truth(gdb, !is_true) : NULL;
	if (!is_scalar(value->type)) {
		(void)fail(gdb, "Argument to arithmetic operation not a number or boolean.");
		return NULL;
	}
	if (kind_of(value->type) == UTRACE_TYPE_FLOAT) {
		if (operator_character == '~') {
			(void)fail(gdb, "Argument to complement operation not an integer, boolean.");
			return NULL;
		}
		if (!value_as_double(gdb, value, &real))
			return NULL;
		return value_double(gdb, value->type, operator_character == '-' ? -real : real);
	}
	type = common_integer(gdb, value, value);
	if (!type || !value_as_integer(gdb, value, &number))
		return NULL;
	if (operator_character == '-')
		number = 0 - number;
	return value_integer(gdb, type, operator_character == '~' ? ~number : number);
}
