/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/step.c - see step.h.
 *
 * Inside the range the thread is stepped.  A call out of it, and a signal's handler, run freely to a breakpoint of ours where they return
 * to: it counts only for this thread and, so that a deeper call of the same function is not taken for the return, only with
 * a stack pointer at least as high as it will be then.
 */
#include "core/step.h"

#include "core/displaced.h"

static uint64_t get(const struct ut__registers *registers, uint16_t offset)
{
	return ut__arch_load(registers->set, offset, registers->arch->word);
}

static bool is_inside(const struct ut__step *step, uint64_t pc)
{
	return pc >= step->start && pc < step->end;
}

static void drop_return(utrace_thread *thread)
{
	utrace_breakpoint *breakpoint = thread->step.away;

	thread->step.away = NULL;
	thread->step.back = false;
	if (!breakpoint)
		return;
	ut__breakpoint_drop(breakpoint);
	utrace_breakpoint_unref(breakpoint);
}

void ut__step_cancel(utrace_thread *thread)
{
	drop_return(thread);
	thread->step.kind = UT__STEP_ONE;
}

/* Whether the caller asks for the same again, after an event on the way. */
static bool is_continued(const struct ut__step *step, const struct utrace_resume_options *options)
{
	return step->kind == UT__STEP_RANGE && step->away && step->start == options->range_start &&
	       step->end == options->range_end;
}

int ut__step_plan(utrace_thread *thread, const struct utrace_resume_options *options, struct utrace_error *error)
{
	struct ut__step *step = &thread->step;

	if (options->how == UTRACE_STEP_RANGE && options->range_end <= options->range_start)
		return ut__fail(error, UTRACE_INVALID, 0, "The range 0x%llx to 0x%llx is empty.",
				(unsigned long long)options->range_start, (unsigned long long)options->range_end);
	if (options->how == UTRACE_STEP_RANGE && is_continued(step, options))
		return UTRACE_OK;
	ut__step_cancel(thread);
	step->start = options->range_start;
	step->end = options->range_end;
	step->over_calls = options->over_calls;
	if (options->how == UTRACE_STEP_RANGE)
		step->kind = UT__STEP_RANGE;
	if (options->how == UTRACE_STEP_BLOCK)
		step->kind = UT__STEP_BLOCK;
	return UTRACE_OK;
}

void ut__step_note(utrace_thread *thread)
{
	struct ut__registers *registers;

	if (thread->step.kind == UT__STEP_ONE || ut__sink_registers(thread, &registers, NULL))
		return;
	thread->step.pc = get(registers, registers->arch->pc);
	thread->step.sp = get(registers, registers->arch->sp);
}

/* The instruction that was stepped; false: it can't be read any more. */
static bool last_instruction(utrace_thread *thread, const struct ut__arch *arch, struct ut__instruction *instruction)
{
	unsigned char code[UT__INSTRUCTION_MAX];
	const struct ut__backend *ops = atomic_load(&thread->process->session)->ops;
	ssize_t size = ops->read(thread->process, thread->step.pc, code, sizeof(code), NULL);

	if (size <= 0)
		return false;
	ut__space_mask(thread->process->space, thread->step.pc, code, (size_t)size);
	return arch->decode(code, (size_t)size, instruction);
}

/* If the last instruction was a call, where that returns to; 0 otherwise. */
static uint64_t return_address(utrace_thread *thread, const struct ut__registers *registers)
{
	const struct ut__arch *arch = registers->arch;
	const struct ut__backend *ops = atomic_load(&thread->process->session)->ops;
	uint64_t sp = get(registers, arch->sp);
	struct ut__instruction instruction;
	uint64_t back = 0;

	/* A push goes on to the next instruction, and so does a call that only wants to know where it is. */
	if (sp != thread->step.sp - arch->word || get(registers, arch->pc) - thread->step.pc - 1 < UT__INSTRUCTION_MAX)
		return 0;
	if (ops->read(thread->process, sp, &back, arch->word, NULL) != arch->word ||
	    !last_instruction(thread, arch, &instruction) || back != thread->step.pc + instruction.length)
		return 0;
	return back;
}

/* Runs to `address` in this frame. false: no trap can be put there. */
static bool run_to(utrace_thread *thread, uint64_t address, uint64_t above)
{
	struct utrace_breakpoint_options options = {
		.size = sizeof(options), .address = address, .thread = thread, .frame = above};

	thread->step.away = ut__breakpoint_internal(thread->process, &options);
	if (thread->step.away)
		thread->stepping = false;
	return thread->step.away != NULL;
}

static bool block_goes_on(utrace_thread *thread, const struct ut__registers *registers)
{
	uint64_t pc = get(registers, registers->arch->pc);
	struct ut__instruction instruction;

	return last_instruction(thread, registers->arch, &instruction) &&
	       (pc == thread->step.pc + instruction.length || pc == thread->step.pc);
}

bool ut__step_goes_on(utrace_thread *thread, bool at_handler)
{
	struct ut__step *step = &thread->step;
	struct ut__registers *registers;
	uint64_t back;

	if (step->kind == UT__STEP_ONE || ut__sink_registers(thread, &registers, NULL))
		return false;
	if (step->kind == UT__STEP_BLOCK)
		return !at_handler && block_goes_on(thread, registers);
	if (at_handler)
		return run_to(thread, step->pc, step->sp - 1);
	back = step->over_calls ? return_address(thread, registers) : 0;
	if (back)
		return run_to(thread, back, get(registers, registers->arch->sp));
	return is_inside(step, get(registers, registers->arch->pc));
}

enum ut__step_back ut__step_back(utrace_thread *thread)
{
	struct ut__registers *registers;

	if (!thread->step.back)
		return UT__STEP_NOT_BACK;
	drop_return(thread);
	if (ut__sink_registers(thread, &registers, NULL) ||
	    !is_inside(&thread->step, get(registers, registers->arch->pc)))
		return UT__STEP_BACK_OUTSIDE;
	thread->stepping = true;
	return UT__STEP_BACK_INSIDE;
}
