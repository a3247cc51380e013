/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/step.h - steps as a person means them: to the next source line, into or over calls, out of a function.
 *
 * A step is a state machine that the caller's event loop feeds:
 *
 *     utrace_step_start(image, thread, &options, &step, &error);
 *     while (utrace_session_next(session, &event, -1, &error) == 1) {
 *             state = utrace_step_event(step, &event, &error);
 *             if (state == UTRACE_STEP_FINISHED || state == UTRACE_STEP_BROKEN)
 *                     break;
 *             if (state == UTRACE_STEP_NOT_MINE)
 *                     ... as always; to go on after an event of the stepping thread: utrace_step_resume
 *     }
 *     utrace_step_cancel(step);
 *
 * A step never runs away: calls, signal handlers, system calls, new processes, longjmp, C++ exceptions, tail calls, recursion, PLT stubs and
 * the dynamic linker's resolver end where the stepping frame, or a frame outside it, goes on.  Breakpoints of
 * the step are only for its thread and are hit by nobody else.
 *
 * Threads: as for the image (symbol.h); one step a thread of the tracee at a time.
 */
#ifndef UTRACE_STEP_H
#define UTRACE_STEP_H

#include <utrace/control.h>
#include <utrace/event.h>
#include <utrace/symbol.h>

#ifdef __cplusplus
extern "C" {
#endif

enum utrace_step_kind {
	UTRACE_STEP_LINE_INTO,        /* to the start of another line, also in a function that is called */
	UTRACE_STEP_LINE_OVER,        /* to the start of another line in this function or its callers */
	UTRACE_STEP_OUT,              /* to where the function returns to */
	UTRACE_STEP_UNTIL,            /* as LINE_OVER, but never to an earlier line of the function: out of loops */
	UTRACE_STEP_TO_ADDRESS,       /* to `address` */
	UTRACE_STEP_INSTRUCTION_INTO, /* one instruction */
	UTRACE_STEP_INSTRUCTION_OVER, /* one instruction; a call is one */
};

struct utrace_step_options {
	size_t size;
	uint32_t kind;    /* enum utrace_step_kind */
	uint32_t count;   /* so many steps as one; 0 is 1 */
	uint64_t address; /* TO_ADDRESS */
	uint32_t
		hold_others; /* 0: the process's other held threads are resumed too; else they are left to the caller */
	uint32_t step_into_nodebug; /* LINE_INTO: also functions without line numbers */
	uint64_t frame;             /* OUT: CFA of the frame to leave; 0: the innermost */
	uint32_t stop_at_return;    /* TO_ADDRESS: ends also when the present function returns */
	uint32_t signal;            /* enum utrace_signal_choice, for the first resume */
	const siginfo_t *info;
	uint32_t
		at_inlined; /* line steps: non-zero: one ends before the first instruction of an inlined body too, whose call is the line then */
};

typedef struct utrace_step utrace_step;

/*
 * Starts a step of a held thread, and resumes it.  The image and the options' info are only borrowed, the image until the step is cancelled.
 * Errors: UTRACE_NOT_STOPPED, UTRACE_DEAD, UTRACE_NOT_ATTACHED, UTRACE_INVALID, UTRACE_NO_MEMORY,
 * UTRACE_NOT_FOUND (a line step where there is neither a line nor a function; OUT of the outermost frame; the text says
 * which), UTRACE_FAULT (TO_ADDRESS: nothing is mapped there). The thread is then held as before.
 */
UTRACE_API int utrace_step_start(utrace_image *image, utrace_thread *thread, const struct utrace_step_options *options,
				 utrace_step **step, struct utrace_error *error);

enum utrace_step_state {
	UTRACE_STEP_NOT_MINE = 0, /* the caller deals with the event as always */
	UTRACE_STEP_GOING = 1,    /* dealt with; go on taking events */
	UTRACE_STEP_FINISHED = 2, /* the thread is held where the step ends */
	UTRACE_STEP_BROKEN = 3,   /* ended by this event: a breakpoint of the caller's, exec, exit; or by an error */
};

/*
 * What an event means for the step, and does what it asks for.  A signal for the thread, and other events on its way, are NOT_MINE: it is held,
 * and utrace_step_resume goes on.  error is filled with BROKEN if the library could not go on.
 */
UTRACE_API int utrace_step_event(utrace_step *step, const struct utrace_event *event, struct utrace_error *error);

/*
 * Goes on with the step after NOT_MINE, or after BROKEN by a breakpoint of the caller's for which he does not stop.  Of the
 * options (may be NULL) signal and info count.
 */
UTRACE_API int utrace_step_resume(utrace_step *step, const struct utrace_resume_options *options,
				  struct utrace_error *error);

/* Takes the step's breakpoints out and frees it; the thread is left as it is. NULL is allowed. */
UTRACE_API void utrace_step_cancel(utrace_step *step);

#ifdef __cplusplus
}
#endif

#endif
