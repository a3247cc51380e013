/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/worker.h - the tracer thread of a session that every thread may call.
 */
#ifndef UT_CORE_WORKER_H
#define UT_CORE_WORKER_H

#include "core/request.h"

/* Starts the thread, which opens the backend; sets session->worker and session->owner. */
int ut__worker_start(utrace_session *session, struct utrace_error *error);
/* Ends the thread, which closes the backend. */
void ut__worker_stop(struct ut__worker *worker);
/* Hands a request over and waits for it. */
ssize_t ut__worker_call(struct ut__worker *worker, struct ut__request *request);
/* The queue of events was full and has room again. */
void ut__worker_nudge(struct ut__worker *worker);

#endif
