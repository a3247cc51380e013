/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/stop.h - what an event means, and how a stop is told.
 */
#ifndef MINI_GDB_STOP_H
#define MINI_GDB_STOP_H

#include "run.h"

enum stop_kind {
	STOP_NONE, /* nothing to tell: go on */
	STOP_BREAKPOINT,
	STOP_WATCHPOINT,
	STOP_SCOPE, /* the block of a watchpoint was left */
	STOP_CATCH,
	STOP_SIGNAL,
	STOP_STEP,
	STOP_INTERRUPT, /* the user asked */
	STOP_ENDED,
};

struct stop {
	enum stop_kind kind;
	utrace_thread *thread; /* a reference */
	struct breakpoint *breakpoint;
	int signal;
	const char *text; /* of a catchpoint */
	int32_t wait_status;
};

/* Looks at an event of a held thread (or an end) and does what it asks of the debugger itself. */
void classify(struct gdb *gdb, const struct utrace_event *event, struct stop *stop);
/* Prints the stop, selects its thread and frame; then the breakpoint's commands are run by the caller. */
void report(struct gdb *gdb, const struct stop *stop, const struct going *going);

#endif
