/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * sym/register.c - registers of a frame as bytes: general ones through the frame, floating point and vector ones from
 * the thread's own sets, which a function may change, so that only the innermost frame knows them. (AMD64 supplement,
 * figure 3.36; i386 supplement, table 2.14; layout: Intel SDM, volume 1, "XSAVE-Managed Features")
 */
#include <string.h>
#include <utrace/regs.h>

#include "sym/variable.h"

enum { FXSAVE_ST = 32, FXSAVE_XMM = 160, XSAVE_HEADER = 512, YMM_HIGH = 576, SET_MAX = 16384, SLOT = 16 };

/* Where a register is in the extended state; -1: in none. */
static int place_in_state(const utrace_module *module, unsigned number, bool *is_vector)
{
	bool wide = module->file->bits == 64;
	unsigned vector = wide ? 17 : 21;
	unsigned stack = wide ? 33 : 11;

	*is_vector = number >= vector && number < vector + (wide ? 16 : 8);
	if (*is_vector)
		return FXSAVE_XMM + SLOT * (int)(number - vector);
	return number >= stack && number < stack + 8 ? FXSAVE_ST + SLOT * (int)(number - stack) : -1;
}

static bool is_innermost(utrace_frame *frame)
{
	utrace_frame *first = utrace_stack_frame(utrace_frame_stack(frame), 0);

	return first == frame || utrace_frame_cfa(first) == utrace_frame_cfa(frame);
}

static int state_bytes(utrace_frame *frame, unsigned char *state, ssize_t *size, struct utrace_error *error)
{
	utrace_thread *thread = utrace_stack_thread(utrace_frame_stack(frame));

	if (!is_innermost(frame))
		return ut__fail(error, UTRACE_NOT_FOUND, 0,
				"Floating point and vector registers are not saved across calls.");
	*size = utrace_regset_get(thread, UTRACE_REGSET_XSTATE, state, SET_MAX, error);
	if (*size == UTRACE_UNSUPPORTED && utrace_frame_module(frame)->file->bits == 64)
		*size = utrace_regset_get(thread, UTRACE_REGSET_FLOAT, state, SET_MAX, error);
	return *size < 0 ? (int)*size : UTRACE_OK;
}

int ut__frame_register_bytes(utrace_frame *frame, unsigned number, void *buffer, size_t size,
			     struct utrace_error *error)
{
	unsigned char state[SET_MAX];
	bool is_vector = false;
	int place = utrace_frame_module(frame) ? place_in_state(utrace_frame_module(frame), number, &is_vector) : -1;
	uint64_t value;
	ssize_t state_size = 0;
	int status;
	size_t low;

	if (place < 0) {
		status = utrace_frame_register(frame, (int)number, &value, error);
		if (!status)
			memcpy(buffer, &value, size < sizeof(value) ? size : sizeof(value));
		return status;
	}
	status = state_bytes(frame, state, &state_size, error);
	if (status)
		return status;
	low = size < SLOT ? size : SLOT;
	memcpy(buffer, state + place, low);
	place += YMM_HIGH - FXSAVE_XMM;
	if (size > SLOT && is_vector && place + SLOT <= state_size)
		memcpy((unsigned char *)buffer + SLOT, state + place, size - SLOT < SLOT ? size - SLOT : SLOT);
	return UTRACE_OK;
}

int ut__frame_set_register_bytes(utrace_frame *frame, unsigned number, const void *buffer, size_t size,
				 struct utrace_error *error)
{
	unsigned char state[SET_MAX];
	bool is_vector = false;
	int place = utrace_frame_module(frame) ? place_in_state(utrace_frame_module(frame), number, &is_vector) : -1;
	uint64_t value = 0;
	ssize_t state_size = 0;
	int status;

	if (place < 0) {
		/* The rest of the register stays as it is. */
		status = utrace_frame_register(frame, (int)number, &value, error);
		memcpy(&value, buffer, size < sizeof(value) ? size : sizeof(value));
		return status ? status : utrace_frame_set_register(frame, (int)number, value, error);
	}
	status = state_bytes(frame, state, &state_size, error);
	if (status)
		return status;
	if (size > SLOT || state_size <= XSAVE_HEADER)
		return ut__fail(error, UTRACE_UNSUPPORTED, 0, "This register can't be written here.");
	memcpy(state + place, buffer, size);
	/* XSTATE_BV says which parts count: x87 and SSE do from now on. */
	state[XSAVE_HEADER] |= 3;
	return utrace_regset_set(utrace_stack_thread(utrace_frame_stack(frame)), UTRACE_REGSET_XSTATE, state,
				 (size_t)state_size, error);
}
