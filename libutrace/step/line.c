/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * step/line.c - where a step begins, and whether it ends where it has come to.
 *
 * A line step ends at the first instruction of a statement of another line.  In the midst of a line (after a return, a jump, a catch) it
 * goes on to that line's end.  Code inlined into the stepping function is stepped over as a call would be.
 */
#include <string.h>

#include "step/step.h"

static bool is_into(const utrace_step *step)
{
	return step->options.kind == UTRACE_STEP_LINE_INTO;
}

static bool is_line_step(const utrace_step *step)
{
	return step->options.kind == UTRACE_STEP_LINE_INTO || step->options.kind == UTRACE_STEP_LINE_OVER ||
	       step->options.kind == UTRACE_STEP_UNTIL;
}

/* The step, or the last of several, is done. */
static int finish(utrace_step *step, struct utrace_error *error)
{
	ut__step_drop_traps(step, false);
	if (!step->left)
		return UTRACE_STEP_FINISHED;
	step->left--;
	return ut__step_begin(step, error);
}

static int step_through(utrace_step *step, struct utrace_error *error)
{
	const struct ut__place *origin = &step->origin;
	uint64_t start = origin->start;

	if (step->options.kind == UTRACE_STEP_UNTIL && origin->function && origin->function < start)
		start = origin->function;
	return ut__step_resume_range(step, start, origin->end, !is_into(step) || !origin->has_line, error);
}

static int begin_line(utrace_step *step, struct utrace_error *error)
{
	ut__place_find(step->image, ut__step_register(step, UTRACE_REG_PC), &step->origin);
	step->frame = ut__step_cfa(step);
	if (step->origin.end <= step->origin.start)
		return ut__step_fail(error, UTRACE_NOT_FOUND,
				     "There is neither a source line nor a function where the thread is, so a line "
				     "step has no bounds.");
	return step_through(step, error);
}

static int begin_to_address(utrace_step *step, struct utrace_error *error)
{
	int status = ut__step_trap(step, step->options.address, 0, UT__PURPOSE_END, error);

	if (!status && step->options.stop_at_return)
		/* The outermost function returns nowhere, which is no failure. */
		(void)ut__step_trap_return(step, 0, UT__PURPOSE_END, NULL);
	step->frame = ut__step_cfa(step);
	return status ? status : ut__step_resume(step, UTRACE_RUN, error);
}

int ut__step_begin(utrace_step *step, struct utrace_error *error)
{
	uint64_t pc = ut__step_register(step, UTRACE_REG_PC);
	int status;

	if (step->options.kind != UTRACE_STEP_INSTRUCTION_INTO && step->options.kind != UTRACE_STEP_TO_ADDRESS)
		ut__step_guard(step);
	switch (step->options.kind) {
	case UTRACE_STEP_OUT:
		step->frame = step->options.frame ? step->options.frame : ut__step_cfa(step);
		status = ut__step_trap_return(step, step->options.frame, UT__PURPOSE_END, error);
		return status ? status : ut__step_resume(step, UTRACE_RUN, error);
	case UTRACE_STEP_TO_ADDRESS:
		return begin_to_address(step, error);
	case UTRACE_STEP_INSTRUCTION_INTO:
		return ut__step_resume(step, UTRACE_STEP, error);
	case UTRACE_STEP_INSTRUCTION_OVER:
		step->frame = ut__step_cfa(step);
		return ut__step_resume_range(step, pc, pc + 1, true, error);
	default:
		return begin_line(step, error);
	}
}

/* Whether the place is in code that is inlined into where the leg began, further in than that; then its bounds. */
static bool is_inlined_callee(const struct ut__place *origin, const struct ut__place *place, uint64_t *start,
			      uint64_t *end, uint32_t *call_line)
{
	size_t more = place->depth - origin->depth;

	if (!origin->depth || place->depth <= origin->depth || place->entries[more] != origin->entries[0])
		return false;
	*start = place->starts[more - 1];
	*end = place->ends[more - 1];
	*call_line = place->call_lines[more - 1];
	return true;
}

/* The first instruction of a function that the last one called or jumped to; then where that returns to. */
static bool is_entered(utrace_step *step, const struct ut__place *place, uint64_t *back)
{
	uint64_t sp = ut__step_register(step, UTRACE_REG_SP);

	if (!step->frame || sp >= step->frame || !ut__step_word(step, sp, back))
		return false;
	/* By a call from the range. */
	if (*back > step->origin.start && *back <= step->origin.end)
		return true;
	/* By a jump, with the frame taken down: the function returns to where this one would have. */
	return place->pc == place->function && place->function != step->origin.function &&
	       sp + sizeof(uint64_t) >= step->frame && sp < step->frame;
}

static int run_until_return(utrace_step *step, uint64_t back, struct utrace_error *error)
{
	uint64_t sp = ut__step_register(step, UTRACE_REG_SP);
	int status = ut__step_trap(step, back, sp, UT__PURPOSE_LANDING, error);

	return status ? status : ut__step_resume(step, UTRACE_RUN, error);
}

struct stub {
	utrace_step *step;
	uint64_t above;
	size_t found;
};

static int trap_target(const struct utrace_symbol *symbol, void *data)
{
	struct stub *stub = data;

	if (symbol->kind == UTRACE_SYMBOL_FUNCTION &&
	    ut__step_trap(stub->step, symbol->address, stub->above, UT__PURPOSE_LANDING, NULL) == UTRACE_OK)
		stub->found++;
	return stub->found >= 8;
}

/* "write@plt": wherever a function of that name is, it may be the one; the linker may have to find it first. */
static bool trap_behind_stub(utrace_step *step, uint64_t pc)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	struct stub stub = {.step = step, .above = ut__step_register(step, UTRACE_REG_SP) - 1};
	char name[256];
	size_t length;

	if (utrace_symbol_at(step->image, pc, &symbol, NULL) || symbol.kind != UTRACE_SYMBOL_PLT)
		return false;
	length = strcspn(symbol.name, "@");
	if (length >= sizeof(name))
		return false;
	memcpy(name, symbol.name, length);
	name[length] = '\0';
	(void)utrace_symbol_each(step->image, NULL, name, trap_target, &stub);
	return stub.found > 0;
}

/* A function was called: a step into it ends behind its prologue, any other waits for its return. */
static int entered(utrace_step *step, const struct ut__place *place, uint64_t back, struct utrace_error *error)
{
	uint64_t body;
	int status;

	if (!is_into(step))
		return run_until_return(step, back, error);
	if (!place->has_line && !step->entering && trap_behind_stub(step, place->pc)) {
		step->entering = true;
		return run_until_return(step, back, error);
	}
	step->entering = false;
	if (!place->has_line && step->options.step_into_nodebug)
		return finish(step, error);
	if (!place->has_line)
		return run_until_return(step, back, error);
	body = ut__place_body(step->image, place->pc);
	if (body == place->pc)
		return finish(step, error);
	status = ut__step_trap(step, body, 0, UT__PURPOSE_END, error);
	return status ? status : ut__step_resume(step, UTRACE_RUN, error);
}

static bool is_same_place(const struct ut__place *a, const struct ut__place *b)
{
	return a->has_line && b->has_line && a->line == b->line && a->function == b->function && a->file && b->file &&
	       strcmp(a->file, b->file) == 0;
}

/* Goes on inside the line that the thread is in, which counts as the step's own from now on. */
static int go_on_in(utrace_step *step, const struct ut__place *place, struct utrace_error *error)
{
	step->origin = *place;
	step->frame = ut__step_cfa(step);
	return step_through(step, error);
}

/* No line where the thread is: the end of a handler, or a caller without debug information. */
static int arrived_nowhere(utrace_step *step, const struct ut__place *place, struct utrace_error *error)
{
	if (!ut__place_is_signal_return(step->image, step->thread))
		return finish(step, error);
	step->origin = *place;
	if (place->end > place->start)
		return ut__step_resume_range(step, place->start, place->end, false, error);
	return ut__step_resume_range(step, place->pc, place->pc + 1, false, error);
}

static int arrived_at_line(utrace_step *step, struct utrace_error *error)
{
	struct ut__place place;
	uint64_t start;
	uint64_t end;
	uint64_t back;
	uint32_t call_line;

	ut__place_find(step->image, ut__step_register(step, UTRACE_REG_PC), &place);
	ut__step_drop_traps(step, false);
	if (is_entered(step, &place, &back))
		return entered(step, &place, back, error);
	step->entering = false;
	if (!place.has_line)
		return arrived_nowhere(step, &place, error);
	if (is_inlined_callee(&step->origin, &place, &start, &end, &call_line)) {
		/* Before its first instruction the thread is at the line of the call. */
		if (step->options.at_inlined && place.pc == start && call_line &&
		    (is_into(step) || call_line != step->origin.line))
			return finish(step, error);
		if (!is_into(step))
			return ut__step_resume_range(step, start, end, true, error);
	}
	if (place.at_line_start && !is_same_place(&step->origin, &place))
		return finish(step, error);
	return go_on_in(step, &place, error);
}

int ut__step_arrived(utrace_step *step, struct utrace_error *error)
{
	return is_line_step(step) ? arrived_at_line(step, error) : finish(step, error);
}
