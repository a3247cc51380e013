/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * step/away.c - where a thread that runs freely for a while comes back: returns, and the two ways around them.
 *
 * longjmp: the C library hides the jump's target from readers of a jmp_buf, each in its own way.  So the thread is stepped through
 * longjmp, some dozens of instructions, until its stack pointer has risen above where longjmp was called, and to the
 * next branch, which is the jump.
 *
 * C++ exceptions: every handler begins by calling __cxa_begin_catch (Itanium C++ ABI: Exception Handling, 2.5.3); who calls it is the frame that
 * catches.  Only if that is the stepping frame or one outside it, the step goes on there.
 */
#include <utrace/unwind.h>

#include "step/step.h"

enum { JUMP_STEPS_MAX = 100000 };

int ut__step_trap(utrace_step *step, uint64_t address, uint64_t above, enum ut__purpose purpose,
		  struct utrace_error *error)
{
	struct utrace_breakpoint_options options = {.size = sizeof(options),
						    .address = address,
						    .thread = step->thread,
						    .frame = above,
						    .not_inherited = 1,
						    .data = step};
	struct ut__step_trap *trap = &step->traps[step->trap_count];
	int status;

	if (step->trap_count == UT__STEP_TRAPS)
		return ut__step_fail(error, UTRACE_NO_MEMORY, "A step has room for no more breakpoints.");
	status = utrace_breakpoint_insert(step->process, &options, &trap->breakpoint, error);
	if (status)
		return status;
	trap->purpose = purpose;
	step->trap_count++;
	return UTRACE_OK;
}

static bool is_guard(const struct ut__step_trap *trap)
{
	return trap->purpose == UT__PURPOSE_JUMP || trap->purpose == UT__PURPOSE_CATCH;
}

void ut__step_drop_traps(utrace_step *step, bool guards_too)
{
	size_t kept = 0;

	for (size_t i = 0; i < step->trap_count; i++) {
		if (!guards_too && is_guard(&step->traps[i])) {
			step->traps[kept++] = step->traps[i];
			continue;
		}
		(void)utrace_breakpoint_remove(step->traps[i].breakpoint, NULL);
		utrace_breakpoint_unref(step->traps[i].breakpoint);
	}
	step->trap_count = kept;
	if (guards_too)
		step->guarded = false;
}

static int guard_symbol(const struct utrace_symbol *symbol, void *data)
{
	utrace_step *step = data;
	bool is_catch = symbol->name[0] == '_' && symbol->name[1] == '_' && symbol->name[2] == 'c';

	/* Half of the room is for where the step goes on. */
	if (symbol->kind != UTRACE_SYMBOL_FUNCTION || step->trap_count >= UT__STEP_TRAPS / 2)
		return 0;
	for (size_t i = 0; i < step->trap_count; i++) {
		if (utrace_breakpoint_address(step->traps[i].breakpoint) == symbol->address)
			return 0;
	}
	/* One that can't be had is a library half mapped; nothing jumps there. */
	(void)ut__step_trap(step, symbol->address, 0, is_catch ? UT__PURPOSE_CATCH : UT__PURPOSE_JUMP, NULL);
	return 0;
}

void ut__step_guard(utrace_step *step)
{
	static const char *const names[] = {"longjmp", "_longjmp", "siglongjmp", "__longjmp_chk", "__cxa_begin_catch"};

	if (step->guarded)
		return;
	step->guarded = true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)utrace_symbol_each(step->image, NULL, names[i], guard_symbol, step);
}

static int open_stack(utrace_step *step, utrace_stack **stack, struct utrace_error *error)
{
	struct utrace_unwind_options options = {.size = sizeof(options), .no_inlined = 1, .lazy = 1};

	return utrace_stack_open(step->image, step->thread, &options, stack, error);
}

uint64_t ut__step_cfa(utrace_step *step)
{
	utrace_stack *stack;
	utrace_frame *frame;
	uint64_t cfa;

	if (open_stack(step, &stack, NULL))
		return 0;
	frame = utrace_stack_frame(stack, 0);
	cfa = frame ? utrace_frame_cfa(frame) : 0;
	utrace_stack_close(stack);
	return cfa;
}

/* The number of the frame with this CFA, or of the first above it; the depth if there is none. */
static size_t frame_number(utrace_stack *stack, uint64_t cfa)
{
	size_t n = 0;
	utrace_frame *frame;

	while (cfa && (frame = utrace_stack_frame(stack, n)) != NULL && utrace_frame_cfa(frame) < cfa)
		n++;
	return n;
}

int ut__step_trap_return(utrace_step *step, uint64_t cfa, enum ut__purpose purpose, struct utrace_error *error)
{
	utrace_stack *stack;
	utrace_frame *frame;
	utrace_frame *caller;
	size_t n;
	int status = open_stack(step, &stack, error);

	if (status)
		return status;
	n = frame_number(stack, cfa);
	frame = utrace_stack_frame(stack, n);
	caller = utrace_stack_frame(stack, n + 1);
	if (!frame || !caller || !utrace_frame_pc(caller)) {
		status = ut__step_fail(error, UTRACE_NOT_FOUND, "The frame has no caller that it could return to.");
	} else {
		/* When it has returned, the stack pointer is its CFA. */
		status = ut__step_trap(step, utrace_frame_pc(caller), utrace_frame_cfa(frame) - 1, purpose, error);
	}
	utrace_stack_close(stack);
	return status;
}

int ut__step_trap_back(utrace_step *step, struct utrace_error *error)
{
	utrace_stack *stack;
	utrace_frame *inner;
	utrace_frame *frame;
	size_t n;
	int status = open_stack(step, &stack, error);

	if (status)
		return status;
	n = frame_number(stack, step->frame);
	frame = utrace_stack_frame(stack, n);
	inner = n ? utrace_stack_frame(stack, n - 1) : NULL;
	if (frame && inner)
		status = ut__step_trap(step, utrace_frame_pc(frame), utrace_frame_cfa(inner) - 1, UT__PURPOSE_LANDING,
				       error);
	utrace_stack_close(stack);
	return status;
}

int ut__step_jump(utrace_step *step, struct utrace_error *error)
{
	step->jumping = true;
	step->jump_steps = 0;
	step->jump_sp = ut__step_register(step, UTRACE_REG_SP);
	ut__step_drop_traps(step, false);
	return ut__step_resume(step, UTRACE_STEP, error);
}

/* After the jump: in a callee that goes on as if called from the frame, or in the frame, or outside. */
static int jump_landed(utrace_step *step, struct utrace_error *error)
{
	int status;

	step->jumping = false;
	if (!step->frame || ut__step_cfa(step) >= step->frame)
		return ut__step_arrived(step, error);
	status = ut__step_trap_back(step, error);
	return status ? status : ut__step_resume(step, UTRACE_RUN, error);
}

int ut__step_jump_on(utrace_step *step, struct utrace_error *error)
{
	/* The call has pushed one word, which a return would take; the jump goes higher. */
	bool risen = ut__step_register(step, UTRACE_REG_SP) > step->jump_sp + sizeof(uint64_t);

	if (step->how.how == UTRACE_STEP_BLOCK)
		return jump_landed(step, error);
	if (++step->jump_steps > JUMP_STEPS_MAX) {
		step->jumping = false;
		return ut__step_resume(step, UTRACE_RUN, error);
	}
	return ut__step_resume(step, risen ? UTRACE_STEP_BLOCK : UTRACE_STEP, error);
}

int ut__step_catch(utrace_step *step, struct utrace_error *error)
{
	utrace_stack *stack;
	utrace_frame *catcher;
	uint64_t back = 0;
	uint64_t cfa = 0;
	int status = open_stack(step, &stack, error);

	if (status)
		return status;
	catcher = utrace_stack_frame(stack, 1);
	if (catcher) {
		cfa = utrace_frame_cfa(catcher);
		back = utrace_frame_pc(catcher);
	}
	utrace_stack_close(stack);
	/* Caught further in: goes on as it went. */
	if (!back || cfa < step->frame)
		return ut__step_resume(step, step->how.how, error);
	ut__step_drop_traps(step, false);
	status = ut__step_trap(step, back, ut__step_register(step, UTRACE_REG_SP), UT__PURPOSE_LANDING, error);
	return status ? status : ut__step_resume(step, UTRACE_RUN, error);
}
