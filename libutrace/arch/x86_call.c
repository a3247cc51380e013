/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * arch/x86_call.c - a function call by the ABI, as changes of a register set: where arguments go and results come from.
 * (System V ABI, AMD64 supplement 3.2.2 and 3.2.3; i386 supplement 2.2; state: Intel SDM, volume 1, 13.4)
 */
#include <string.h>

#include "arch/x86.h"

enum {
	RED_ZONE = 128,
	ALIGNMENT = 16,
	VECTORS = 8, /* that arguments are passed in */
	ST_AT = 32,
	XMM_AT = 160,
	XMM_SIZE = 16,
	XSTATE_BV_AT = 512,
	XSTATE_SSE = 2,
	DIRECTION_FLAG = 0x400,
};

/* Arguments on their way: what is in memory lies behind the return address. */
struct layout {
	const struct ut__arch *arch;
	void *set;
	struct ut__function_state *state;
	unsigned char *stack;
	size_t size, room;
	int words, vectors;
};

static bool push(struct layout *layout, uint64_t value, size_t bytes)
{
	if (layout->size + bytes > layout->room)
		return false;
	memcpy(layout->stack + layout->size, &value, bytes);
	layout->size += bytes;
	return true;
}

static uint64_t bits_of(const struct utrace_call_value *value)
{
	float narrow = (float)value->real;
	uint64_t bits = value->number;

	if (value->kind == UTRACE_CALL_DOUBLE)
		memcpy(&bits, &value->real, sizeof(value->real));
	if (value->kind != UTRACE_CALL_FLOAT)
		return bits;
	bits = 0;
	memcpy(&bits, &narrow, sizeof(narrow));
	return bits;
}

static bool pass_64(struct layout *layout, const struct utrace_call_value *value)
{
	uint64_t bits = bits_of(value);
	bool is_real = value->kind == UTRACE_CALL_FLOAT || value->kind == UTRACE_CALL_DOUBLE;

	if (is_real && layout->vectors < VECTORS) {
		uint8_t *vector = &layout->state->bytes[XMM_AT + XMM_SIZE * layout->vectors];

		memset(vector, 0, XMM_SIZE);
		memcpy(vector, &bits, sizeof(bits));
		layout->vectors++;
		return true;
	}
	if (!is_real && layout->words < 6) {
		ut__arch_store(layout->set, layout->arch->args[layout->words++], 8, bits);
		return true;
	}
	return push(layout, bits, 8);
}

static bool pass_32(struct layout *layout, const struct utrace_call_value *value)
{
	bool is_wide = value->kind == UTRACE_CALL_WIDE || value->kind == UTRACE_CALL_DOUBLE;

	return push(layout, bits_of(value), is_wide ? 8 : 4);
}

/* At the first instruction the stack pointer is a multiple of 16 but for the return address. */
static uint64_t place_stack(const struct ut__function *function, uint64_t sp, uint16_t word, size_t size)
{
	uint64_t top = function->stack ? function->stack : sp - RED_ZONE;

	return ((top - (size - word)) & ~(uint64_t)(ALIGNMENT - 1)) - word;
}

bool ut__x86_begin_call(const struct ut__arch *arch, const struct ut__function *function, void *set,
			struct ut__function_state *state, struct ut__function_stack *stack)
{
	struct layout layout = {
		.arch = arch, .set = set, .state = state, .stack = stack->bytes, .room = sizeof(stack->bytes)};
	uint64_t sp = ut__arch_load(set, arch->sp, arch->word);
	uint64_t flags = ut__arch_load(set, arch->flags, arch->word);
	bool fits = push(&layout, function->back, arch->word);

	for (size_t i = 0; fits && i < function->arg_count; i++)
		fits = arch->word == 8 ? pass_64(&layout, &function->args[i]) : pass_32(&layout, &function->args[i]);
	if (!fits)
		return false;
	if (layout.vectors && state->size > XSTATE_BV_AT)
		state->bytes[XSTATE_BV_AT] |= XSTATE_SSE;
	stack->size = layout.size;
	stack->address = place_stack(function, sp, arch->word, layout.size);
	ut__arch_store(set, arch->sp, arch->word, stack->address);
	ut__arch_store(set, arch->pc, arch->word, function->address);
	ut__arch_store(set, arch->flags, arch->word, flags & ~(uint64_t)DIRECTION_FLAG);
	/* What functions with variable arguments are told in al. */
	ut__arch_store(set, arch->result, arch->word, (uint64_t)layout.vectors);
	ut__arch_store(set, arch->call_number, arch->word, (uint64_t)arch->no_call);
	return true;
}

static double real_of(const struct ut__arch *arch, const struct ut__function_state *state, uint32_t kind)
{
	long double extended = 0;
	float single = 0;
	double real = 0;

	if (kind == UTRACE_CALL_LONG_DOUBLE || arch->word == 4) {
		memcpy(&extended, state->bytes + ST_AT, 10);
		return (double)extended;
	}
	memcpy(&single, state->bytes + XMM_AT, sizeof(single));
	memcpy(&real, state->bytes + XMM_AT, sizeof(real));
	return kind == UTRACE_CALL_FLOAT ? (double)single : real;
}

void ut__x86_end_call(const struct ut__arch *arch, const void *set, const struct ut__function_state *state,
		      uint32_t kind, struct utrace_call_result *result)
{
	result->number = ut__arch_load(set, arch->result, arch->word);
	/* dx, the third argument of a system call in both. */
	result->high = ut__arch_load(set, arch->native.args[2], arch->word);
	if (kind == UTRACE_CALL_WIDE && arch->word == 4)
		result->number |= result->high << 32;
	memcpy(result->vector, state->bytes + XMM_AT, sizeof(result->vector));
	memcpy(result->x87, state->bytes + ST_AT, 10);
	if (kind >= UTRACE_CALL_FLOAT)
		result->real = real_of(arch, state, kind);
}
