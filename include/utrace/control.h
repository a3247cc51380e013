/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * utrace/control.h - stop, resume, step.
 *
 * A thread is running, held (an event of it was told and the thread waits), or gone.  utrace_thread_resume ends a hold.
 * A stop request is numbered.  The next hold of the thread answers it: a STOPPED event, or another event with
 * UTRACE_EVENT_ANSWERS set, and the number in stop_request.  Each request is answered once, or by the thread's end.
 */
#ifndef UTRACE_CONTROL_H
#define UTRACE_CONTROL_H

#include <signal.h>
#include <utrace/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum utrace_stop_strength {
	UTRACE_STOP_NOW =
		0, /* at once; may make a few blocked system calls return EINTR, as a stop signal does (signal(7)) */
	UTRACE_STOP_NEXT = 1, /* at the next chance: a blocked system call is left alone until it is over */
};

/*
 * Asks a thread to stop, and stores the request's number in *request if that is not NULL.  Returns at once.
 * A thread that is held already needs no request: UTRACE_BUSY.  Errors also: UTRACE_DEAD, UTRACE_NOT_ATTACHED.
 */
UTRACE_API int utrace_thread_stop(utrace_thread *thread, uint32_t strength, uint64_t *request,
				  struct utrace_error *error);

/*
 * Asks every thread of the process to stop that is not held or asked already, also those made meanwhile, and returns
 * how many were asked.  Each one is answered by an event.  A process is stopped when all its threads are:
 * utrace_process_is_stopped.
 */
UTRACE_API int utrace_process_stop(utrace_process *process, uint32_t strength, struct utrace_error *error);

/* 1 if every thread of the process is held, 0 if not, or a status. */
UTRACE_API int utrace_process_is_stopped(utrace_process *process, struct utrace_error *error);

enum utrace_resume_how {
	UTRACE_RUN = 0,
	UTRACE_STEP =
		1, /* one instruction, then STEPPED; a signal that is delivered first ends the step at its handler */
	UTRACE_STEP_BLOCK = 2, /* to where the next taken branch goes, then STEPPED */
	UTRACE_STEP_RANGE =
		3, /* while the PC is in [range_start, range_end), then STEPPED; the first instruction always */
};

enum utrace_signal_choice {
	UTRACE_SIGNAL_DELIVER = 0, /* after a SIGNAL event: as it came */
	UTRACE_SIGNAL_DROP = 1,    /* after a SIGNAL event: it never happened */
	UTRACE_SIGNAL_REPLACE = 2, /* after a SIGNAL event: `info` instead */
	UTRACE_SIGNAL_INJECT =
		3, /* at any stop: `info` is delivered at once; with a SIGNAL event, before the one that came */
};

/*
 * STEP_RANGE tells nothing of the instructions inside.  With over_calls, a call made from the range runs until it has
 * returned to its frame; without, the step ends at the function's first instruction.  A signal's handler always runs
 * until it has returned.  Events on the way are told as they are; the same resume again then goes on with the step,
 * any other ends it.
 */
struct utrace_resume_options {
	size_t size;
	uint32_t how;          /* enum utrace_resume_how */
	uint32_t signal;       /* enum utrace_signal_choice */
	const siginfo_t *info; /* for REPLACE and INJECT: si_signo, si_code, ... as the tracee shall see them */
	uint64_t range_start;  /* STEP_RANGE */
	uint64_t range_end;
	uint32_t over_calls; /* STEP_RANGE: non-zero: calls are not stepped into */
};

/*
 * Ends the hold of a thread.  options may be NULL: run, deliver.  One that job control had stopped stays stopped and
 * is then told by JOB_CONTINUE.
 * Errors: UTRACE_NOT_STOPPED (it runs, or its event was not taken yet), UTRACE_DEAD, UTRACE_NOT_ATTACHED,
 * UTRACE_INVALID, UTRACE_WRONG_STATE (REPLACE without a SIGNAL event).
 */
UTRACE_API int utrace_thread_resume(utrace_thread *thread, const struct utrace_resume_options *options,
				    struct utrace_error *error);

/*
 * Resumes every held thread whose event has been taken, and returns how many that were.  Threads with an event still
 * in the queue stay held, so that no event is lost.
 */
UTRACE_API int utrace_process_resume(utrace_process *process, struct utrace_error *error);

#ifdef __cplusplus
}
#endif

#endif
