/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * unwind/apply.c - a row applied to a frame's registers gives those of its caller. (DWARF 5, 6.4.1)
 */
#include <string.h>

#include "sym/expression.h"
#include "unwind/unwind.h"

static int get_register(void *data, unsigned number, uint64_t *value, struct utrace_error *error)
{
	utrace_stack *stack = data;

	if (number >= stack->arch->count || !(stack->now.valid & 1u << number))
		return ut__fail(error, UTRACE_NOT_FOUND, 0, "Register %u is not known in the frame.", number);
	*value = stack->now.value[number];
	return UTRACE_OK;
}

static int get_memory(void *data, uint64_t address, void *buffer, size_t size, struct utrace_error *error)
{
	utrace_stack *stack = data;

	return ut__image_read(stack->image, address, buffer, size, error);
}

/* Rules of registers start with the CFA on the stack, which libdw writes as an operation of its own. */
struct with_cfa {
	utrace_stack *stack;
	uint64_t cfa;
};

static int get_register_of(void *data, unsigned number, uint64_t *value, struct utrace_error *error)
{
	return get_register(((struct with_cfa *)data)->stack, number, value, error);
}

static int get_memory_of(void *data, uint64_t address, void *buffer, size_t size, struct utrace_error *error)
{
	return get_memory(((struct with_cfa *)data)->stack, address, buffer, size, error);
}

static int get_cfa_of(void *data, uint64_t *value, struct utrace_error *error)
{
	(void)error;
	*value = ((struct with_cfa *)data)->cfa;
	return UTRACE_OK;
}

static const struct ut__expression_ops cfa_ops = {.reg = get_register, .read = get_memory};
static const struct ut__expression_ops register_ops = {
	.reg = get_register_of, .read = get_memory_of, .cfa = get_cfa_of};

static int find_cfa(utrace_stack *stack, const struct ut__row *row, uint64_t bias, uint64_t *cfa,
		    struct utrace_error *error)
{
	struct ut__expression expression = {.ops = &cfa_ops, .data = stack, .bytes = stack->arch->bytes, .bias = bias};
	int status;

	if (row->cfa.kind == UT__RULE_EXPRESSION)
		return ut__expression_value(&expression, row->cfa.ops, row->cfa.op_count, cfa, error);
	status = get_register(stack, (unsigned)row->cfa.number, cfa, error);
	*cfa += (uint64_t)row->offset;
	if (stack->arch->bytes == 4)
		*cfa = (uint32_t)*cfa;
	return status;
}

static void set(struct ut__registers *caller, unsigned n, uint64_t value, uint64_t place, bool computed)
{
	caller->value[n] = value;
	caller->place[n] = place;
	caller->valid |= 1u << n;
	if (computed)
		caller->computed |= 1u << n;
	else
		caller->computed &= ~(1u << n);
}

static void copy(utrace_stack *stack, struct ut__registers *caller, unsigned to, unsigned from)
{
	if (from < stack->arch->count && (stack->now.valid & 1u << from))
		set(caller, to, stack->now.value[from], stack->now.place[from], stack->now.computed & 1u << from);
}

static int set_saved(utrace_stack *stack, struct ut__registers *caller, unsigned n, uint64_t place,
		     struct utrace_error *error)
{
	uint64_t value;
	int status = ut__stack_word(stack, place, &value, error);

	if (!status)
		set(caller, n, value, place, false);
	return status;
}

static int apply_expression(utrace_stack *stack, const struct ut__rule *rule, uint64_t bias, uint64_t cfa, unsigned n,
			    struct ut__registers *caller, struct utrace_error *error)
{
	struct with_cfa data = {stack, cfa};
	struct ut__expression expression = {
		.ops = &register_ops, .data = &data, .bytes = stack->arch->bytes, .bias = bias};
	uint64_t value = 0;
	int status = ut__expression_value(&expression, rule->ops, rule->op_count, &value, error);

	if (status)
		return status;
	if (!rule->is_value)
		return set_saved(stack, caller, n, value, error);
	set(caller, n, value, 0, true);
	return UTRACE_OK;
}

static int apply_rule(utrace_stack *stack, const struct ut__rule *rule, uint64_t bias, uint64_t cfa, unsigned n,
		      struct ut__registers *caller, struct utrace_error *error)
{
	switch (rule->kind) {
	case UT__RULE_SAME:
		copy(stack, caller, n, n);
		return UTRACE_OK;
	case UT__RULE_AT_CFA:
		return set_saved(stack, caller, n, cfa + (uint64_t)(int64_t)rule->number, error);
	case UT__RULE_CFA_PLUS:
		set(caller, n, cfa + (uint64_t)(int64_t)rule->number, 0, true);
		return UTRACE_OK;
	case UT__RULE_REGISTER:
		copy(stack, caller, n, (unsigned)rule->number);
		return UTRACE_OK;
	case UT__RULE_EXPRESSION:
		return apply_expression(stack, rule, bias, cfa, n, caller, error);
	default:
		return UTRACE_OK;
	}
}

/* libdw takes the ABI's call-clobbered registers as "same"; they are only in a frame that was interrupted. */
static bool is_lost(const utrace_stack *stack, const struct ut__row *row, unsigned n)
{
	return row->rules[n].kind == UT__RULE_SAME && !row->is_signal && !(stack->arch->preserved & 1u << n);
}

/*
 * Nothing is said of a register that a callee has to preserve: it has not been saved yet.  libdw 0.188 takes such a rbx for undefined, because
 * its defaults for x86-64 name register 0 where they mean 3; code that really loses one has no caller to tell of.
 */
static bool is_untouched(const utrace_stack *stack, const struct ut__row *row, unsigned n)
{
	return row->rules[n].kind == UT__RULE_UNDEFINED && (stack->arch->preserved & 1u << n);
}

int ut__row_apply(utrace_stack *stack, const struct ut__row *row, uint64_t bias, struct ut__registers *caller,
		  uint64_t *cfa, bool *outermost, struct utrace_error *error)
{
	const struct ut__unwind_arch *arch = stack->arch;
	int status = find_cfa(stack, row, bias, cfa, error);

	memset(caller, 0, sizeof(*caller));
	*outermost = row->rules[row->return_register].kind == UT__RULE_UNDEFINED;
	if (status || *outermost)
		return status;
	for (unsigned n = 0; n < arch->count && !status; n++) {
		if (is_untouched(stack, row, n))
			copy(stack, caller, n, n);
		else if (n != arch->sp && n != arch->pc && !is_lost(stack, row, n))
			status = apply_rule(stack, &row->rules[n], bias, *cfa, n, caller, error);
	}
	if (!status)
		status = apply_rule(stack, &row->rules[row->return_register], bias, *cfa, arch->pc, caller, error);
	set(caller, arch->sp, *cfa, 0, true);
	if (!status && row->rules[arch->sp].kind == UT__RULE_EXPRESSION)
		status = apply_rule(stack, &row->rules[arch->sp], bias, *cfa, arch->sp, caller, error);
	return status;
}
