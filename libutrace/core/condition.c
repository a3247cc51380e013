/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/condition.c - see condition.h and breakpoint.h.
 *
 * A program is checked once, when it is set: each step is known, the stack has what it takes and never more than it holds,
 * whichever way the program went, and jumps lead forward.  So evaluating checks only what the tracee decides, and ends.
 */
#include "core/condition.h"

#include <stdlib.h>
#include <string.h>

#include "core/space.h"
#include "util/status.h"

enum { STEPS_MAX = 256, STACK_MAX = 32, UNREACHED = -1 };

/* ---- checking ---- */

static int operands_of(uint32_t op)
{
	switch (op) {
	case UTRACE_CONDITION_CONSTANT:
	case UTRACE_CONDITION_REGISTER:
	case UTRACE_CONDITION_JUMP:
		return 0;
	case UTRACE_CONDITION_LOAD:
	case UTRACE_CONDITION_EXTEND:
	case UTRACE_CONDITION_NEGATE:
	case UTRACE_CONDITION_COMPLEMENT:
	case UTRACE_CONDITION_NOT:
	case UTRACE_CONDITION_JUMP_IF_ZERO:
		return 1;
	default:
		return 2;
	}
}

static int results_of(uint32_t op)
{
	return op != UTRACE_CONDITION_JUMP && op != UTRACE_CONDITION_JUMP_IF_ZERO;
}

static bool is_jump(uint32_t op)
{
	return op == UTRACE_CONDITION_JUMP || op == UTRACE_CONDITION_JUMP_IF_ZERO;
}

static bool takes_size(uint32_t op)
{
	return op == UTRACE_CONDITION_LOAD || op == UTRACE_CONDITION_EXTEND;
}

static int fail_step(struct utrace_error *error, size_t n, const char *why)
{
	return ut__fail(error, UTRACE_INVALID, 0, "Step %zu of the condition %s.", n, why);
}

/* What the way from the step before left on the stack, or a jump to here; both must agree. */
static bool join(int *depth, int other)
{
	if (*depth == UNREACHED)
		*depth = other;
	return *depth == other;
}

static int check_step(const struct utrace_condition_step *step, size_t n, size_t count, int *depths,
		      struct utrace_error *error)
{
	int depth = depths[n];

	if (step->op < UTRACE_CONDITION_CONSTANT || step->op > UTRACE_CONDITION_JUMP_IF_ZERO)
		return fail_step(error, n, "is no enum utrace_condition_op");
	if (takes_size(step->op) && step->size != 1 && step->size != 2 && step->size != 4 && step->size != 8)
		return fail_step(error, n, "has a size that is not 1, 2, 4 or 8");
	if (depth == UNREACHED)
		return fail_step(error, n, "is never reached");
	if (depth < operands_of(step->op))
		return fail_step(error, n, "takes more from the stack than there is");
	depth += results_of(step->op) - operands_of(step->op);
	if (depth > STACK_MAX)
		return fail_step(error, n, "needs a deeper stack than there is");
	if (is_jump(step->op) && step->number >= count - n)
		return fail_step(error, n, "jumps past the end");
	if (is_jump(step->op) && !join(&depths[n + 1 + step->number], depth))
		return fail_step(error, n, "jumps to where the stack has another depth");
	if (step->op != UTRACE_CONDITION_JUMP && !join(&depths[n + 1], depth))
		return fail_step(error, n, "leaves the stack with another depth than a jump to its next");
	return UTRACE_OK;
}

int ut__condition_check(const struct utrace_condition_step *steps, size_t count, struct utrace_error *error)
{
	int depths[STEPS_MAX + 1];
	int status = UTRACE_OK;

	if (!count)
		return UTRACE_OK;
	if (!steps || count > STEPS_MAX)
		return ut__fail(error, UTRACE_INVALID, 0, "A condition has 1 to %d steps.", STEPS_MAX);
	for (size_t i = 0; i <= count; i++)
		depths[i] = i ? UNREACHED : 0;
	for (size_t i = 0; !status && i < count; i++)
		status = check_step(&steps[i], i, count, depths, error);
	if (!status && depths[count] != 1)
		return ut__fail(error, UTRACE_INVALID, 0, "The condition ends with %d values, not with one.",
				depths[count]);
	return status;
}

int ut__condition_make(const struct utrace_condition_step *steps, size_t count, struct ut__condition **condition,
		       struct utrace_error *error)
{
	int status = ut__condition_check(steps, count, error);

	*condition = NULL;
	if (status || !count)
		return status;
	*condition = malloc(sizeof(**condition) + count * sizeof(*steps));
	if (!*condition)
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for a breakpoint's condition.");
	(*condition)->count = count;
	memcpy((*condition)->steps, steps, count * sizeof(*steps));
	return UTRACE_OK;
}

/* ---- evaluating ---- */

static uint64_t extend(uint64_t value, const struct utrace_condition_step *step)
{
	unsigned bits = step->size * 8u;

	if (bits >= 64)
		return value;
	value &= (UINT64_C(1) << bits) - 1;
	if (step->is_signed && value >> (bits - 1))
		value |= ~UINT64_C(0) << bits;
	return value;
}

static bool read_register(utrace_thread *thread, uint64_t number, uint64_t *value)
{
	struct ut__registers *registers;

	if (ut__sink_registers(thread, &registers, NULL))
		return false;
	for (size_t i = 0; i < registers->arch->register_count; i++) {
		const struct utrace_register_info *info = &registers->arch->registers[i];

		if (info->dwarf < 0 || (uint64_t)info->dwarf != number)
			continue;
		*value = ut__arch_load(registers->set, info->offset, info->size);
		return true;
	}
	return false;
}

static bool load(utrace_thread *thread, const struct utrace_condition_step *step, uint64_t *value)
{
	const struct ut__backend *ops = atomic_load(&thread->process->session)->ops;
	uint64_t address = *value;
	uint64_t bytes = 0;

	if (ops->read(thread->process, address, &bytes, step->size, NULL) != step->size)
		return false;
	ut__space_mask(thread->process->space, address, &bytes, step->size);
	*value = extend(bytes, step);
	return true;
}

/* By zero, and of the lowest number by -1, there is no result: the processor traps. */
static bool divide(const struct utrace_condition_step *step, uint64_t a, uint64_t b, uint64_t *result)
{
	bool remainder = step->op == UTRACE_CONDITION_REMAINDER;

	if (!b || (step->is_signed && (int64_t)a == INT64_MIN && (int64_t)b == -1))
		return false;
	if (step->is_signed)
		*result = (uint64_t)(remainder ? (int64_t)a % (int64_t)b : (int64_t)a / (int64_t)b);
	else
		*result = remainder ? a % b : a / b;
	return true;
}

static uint64_t shift_right(const struct utrace_condition_step *step, uint64_t a, uint64_t by)
{
	if (step->is_signed)
		return (uint64_t)((int64_t)a >> (by < 64 ? by : 63));
	return by < 64 ? a >> by : 0;
}

static bool is_less(const struct utrace_condition_step *step, uint64_t a, uint64_t b)
{
	return step->is_signed ? (int64_t)a < (int64_t)b : a < b;
}

static bool compute(const struct utrace_condition_step *step, uint64_t a, uint64_t b, uint64_t *result)
{
	switch (step->op) {
	case UTRACE_CONDITION_ADD:
		*result = a + b;
		return true;
	case UTRACE_CONDITION_SUBTRACT:
		*result = a - b;
		return true;
	case UTRACE_CONDITION_MULTIPLY:
		*result = a * b;
		return true;
	case UTRACE_CONDITION_DIVIDE:
	case UTRACE_CONDITION_REMAINDER:
		return divide(step, a, b, result);
	case UTRACE_CONDITION_AND:
		*result = a & b;
		return true;
	case UTRACE_CONDITION_OR:
		*result = a | b;
		return true;
	case UTRACE_CONDITION_XOR:
		*result = a ^ b;
		return true;
	case UTRACE_CONDITION_SHIFT_LEFT:
		*result = b < 64 ? a << b : 0;
		return true;
	case UTRACE_CONDITION_SHIFT_RIGHT:
		*result = shift_right(step, a, b);
		return true;
	case UTRACE_CONDITION_EQUAL:
		*result = a == b;
		return true;
	case UTRACE_CONDITION_LESS:
		*result = is_less(step, a, b);
		return true;
	default: /* LESS_OR_EQUAL */
		*result = !is_less(step, b, a);
		return true;
	}
}

/* A step that takes one value and leaves one. */
static bool change(utrace_thread *thread, const struct utrace_condition_step *step, uint64_t *top)
{
	switch (step->op) {
	case UTRACE_CONDITION_LOAD:
		return load(thread, step, top);
	case UTRACE_CONDITION_EXTEND:
		*top = extend(*top, step);
		return true;
	case UTRACE_CONDITION_NEGATE:
		*top = -*top;
		return true;
	case UTRACE_CONDITION_COMPLEMENT:
		*top = ~*top;
		return true;
	default: /* NOT */
		*top = !*top;
		return true;
	}
}

enum ut__verdict ut__condition_evaluate(const struct ut__condition *condition, utrace_thread *thread)
{
	uint64_t stack[STACK_MAX + 1] = {0};
	size_t depth = 0;
	bool fine = true;

	for (size_t i = 0; fine && i < condition->count; i++) {
		const struct utrace_condition_step *step = &condition->steps[i];

		if (step->op == UTRACE_CONDITION_CONSTANT) {
			stack[depth++] = step->number;
		} else if (step->op == UTRACE_CONDITION_REGISTER) {
			fine = read_register(thread, step->number, &stack[depth++]);
		} else if (step->op == UTRACE_CONDITION_JUMP) {
			i += step->number;
		} else if (step->op == UTRACE_CONDITION_JUMP_IF_ZERO) {
			i += stack[--depth] ? 0 : step->number;
		} else if (operands_of(step->op) == 1) {
			fine = change(thread, step, &stack[depth - 1]);
		} else {
			depth--;
			fine = compute(step, stack[depth - 1], stack[depth], &stack[depth - 1]);
		}
	}
	if (!fine)
		return UT__CONDITION_FAILED;
	return stack[0] ? UT__CONDITION_TRUE : UT__CONDITION_FALSE;
}
