/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/request.h - one public call on its way to the tracer thread.
 *
 * A public function fills a request and runs it; the checks that every call shares (whose session, which thread of
 * the caller's, which state of the tracee) are made here once, in this order, so that one wrong state always gives
 * the same error.
 */
#ifndef UT_CORE_REQUEST_H
#define UT_CORE_REQUEST_H

#include <semaphore.h>

#include "backend/sink.h"

enum ut__needs {
	UT__NEEDS_NOTHING,
	UT__NEEDS_LIVE, /* the process or thread is attached and has not ended */
	UT__NEEDS_HELD, /* and the thread is held */
};

struct ut__request {
	ssize_t (*run)(struct ut__request *request);
	enum ut__needs needs;
	bool alive;              /* runs or changes the process, so it can't be a core file's */
	utrace_session *session; /* or it follows from process or thread */
	utrace_process *process; /* or it follows from thread */
	utrace_thread *thread;
	/* What the function wants to hand over. */
	const void *in;
	void *out;
	size_t size;
	uint64_t number;
	uint32_t choice;
	struct utrace_error *error;
	/* For the hand-over itself. */
	ssize_t result;
	sem_t done;
	struct ut__request *next;
};

/* Runs the request on the tracer thread and returns what it gave, or why it could not be run. */
ssize_t ut__request_run(struct ut__request *request);

/* The answer to every call in a child that the host has forked: the tracees are its parent's. */
int ut__request_fail_forked(struct utrace_error *error);

/* Checks `needs` and runs; on the tracer thread. */
ssize_t ut__request_execute(struct ut__request *request);

#endif
