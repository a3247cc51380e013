/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/function.h - a thread that runs a function for the caller: what its stops mean meanwhile.
 *
 * The state machine asks here while thread->errand is set: nothing of the thread is told then, and what would hold it
 * is caught instead.
 */
#ifndef UT_CORE_FUNCTION_H
#define UT_CORE_FUNCTION_H

#include "backend/sink.h"

struct ut__errand {
	bool pass_breakpoints;
	bool entering;         /* on its way to the entry of the system call that it was held at */
	bool caught;           /* it is held again: */
	uint32_t reason;       /* why */
	siginfo_t info;        /* SIGNAL */
	siginfo_t stop_again;  /* a SIGSTOP that came meanwhile, which nothing blocks */
	uint64_t stop_request; /* ours, after the time was over */
};

/* Whether a stop ends the errand, at least for now; else the thread goes on. */
bool ut__errand_holds(utrace_thread *thread, const struct utrace_event *event);
/* Takes what would be told as a hold; false: it is told all the same (EXEC). */
bool ut__errand_catch(utrace_thread *thread, const struct utrace_event *event);

#endif
