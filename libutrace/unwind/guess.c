/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * unwind/guess.c - callers of code that has no call frame information: by the state at a function's first
 * instructions, by the frame pointer, and by a search for a return address.  What is taken for one must point behind
 * a call instruction.
 */
#include <string.h>

#include "unwind/unwind.h"

enum { SEARCH_WORDS = 512 };

/* Whether the bytes before the address can be a call: e8 rel32, or ff /2 of 2 to 7 bytes. (Intel SDM, volume 2, CALL)
 * */
static bool is_after_call(utrace_stack *stack, uint64_t address)
{
	unsigned char code[8];

	if (!ut__image_is_code(stack->image, address - 1) ||
	    ut__image_read(stack->image, address - sizeof(code), code, sizeof(code), NULL))
		return false;
	if (code[3] == 0xe8)
		return true;
	for (size_t length = 2; length <= 7; length++) {
		if (code[8 - length] == 0xff && (code[9 - length] & 0x38) == 0x10)
			return true;
	}
	return false;
}

static void set(struct ut__registers *caller, unsigned n, uint64_t value, uint64_t place)
{
	caller->value[n] = value;
	caller->place[n] = place;
	caller->valid |= 1u << n;
	if (!place)
		caller->computed |= 1u << n;
}

/* The caller's registers when its return address lies at `place`. */
static bool return_from(utrace_stack *stack, uint64_t place, struct ut__registers *caller, uint64_t *cfa)
{
	const struct ut__unwind_arch *arch = stack->arch;
	uint64_t pc;

	if (ut__stack_word(stack, place, &pc, NULL) || !is_after_call(stack, pc))
		return false;
	*caller = stack->now;
	caller->valid &= arch->preserved;
	set(caller, arch->pc, pc, place);
	*cfa = place + arch->bytes;
	set(caller, arch->sp, *cfa, 0);
	return true;
}

static bool by_frame_pointer(utrace_stack *stack, struct ut__registers *caller, uint64_t *cfa)
{
	const struct ut__unwind_arch *arch = stack->arch;
	uint64_t fp = stack->now.value[arch->fp];
	uint64_t saved;

	if (!(stack->now.valid & 1u << arch->fp) || fp < stack->now.value[arch->sp] || fp % arch->bytes ||
	    ut__stack_word(stack, fp, &saved, NULL) || !return_from(stack, fp + arch->bytes, caller, cfa))
		return false;
	set(caller, arch->fp, saved, fp);
	return true;
}

/* How far the function's prologue has come, if the pc is in it: 0 at the first instruction, 1 after push bp; -1 not. */
static int prologue_state(utrace_stack *stack, const struct ut__physical *frame)
{
	struct utrace_symbol symbol;
	unsigned char code[8] = {0};
	uint64_t start;
	uint64_t into;
	size_t endbr;

	if (!ut__image_is_code(stack->image, frame->pc))
		return 0; /* a call to nowhere has done nothing yet */
	if (!frame->exact || !frame->module || !frame->module->file ||
	    !ut__file_symbol_at(frame->module->file, frame->pc - frame->module->bias, &symbol))
		return -1;
	start = symbol.address + frame->module->bias;
	into = frame->pc - start;
	if (!into)
		return 0;
	if (ut__image_read(stack->image, start, code, sizeof(code), NULL))
		return -1;
	endbr = code[0] == 0xf3 && code[1] == 0x0f && code[2] == 0x1e ? 4 : 0;
	if (into == endbr)
		return 0;
	return code[endbr] == 0x55 && into == endbr + 1 ? 1 : -1;
}

static bool by_search(utrace_stack *stack, struct ut__registers *caller, uint64_t *cfa)
{
	const struct ut__unwind_arch *arch = stack->arch;
	uint64_t sp = stack->now.value[arch->sp];

	for (unsigned i = 0; i < SEARCH_WORDS; i++) {
		if (return_from(stack, sp + (uint64_t)i * arch->bytes, caller, cfa)) {
			/* Where the frame pointer stands is not known any more, but it may have been left alone. */
			return true;
		}
	}
	return false;
}

bool ut__guess_caller(utrace_stack *stack, const struct ut__physical *frame, struct ut__registers *caller,
		      uint64_t *cfa, const char **unwinder)
{
	uint64_t sp = stack->now.value[stack->arch->sp];
	int state = prologue_state(stack, frame);

	*unwinder = "entry";
	if (state >= 0 && return_from(stack, sp + (uint64_t)state * stack->arch->bytes, caller, cfa))
		return true;
	*unwinder = "frame-pointer";
	if (by_frame_pointer(stack, caller, cfa))
		return true;
	*unwinder = "search";
	return by_search(stack, caller, cfa);
}
