/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/queue.h - events between the tracer thread, which puts them, and the callers, who take them.
 */
#ifndef UT_CORE_QUEUE_H
#define UT_CORE_QUEUE_H

#include "core/object.h"

int ut__queue_init(utrace_session *session); /* 0, or -1 with errno */
void ut__queue_deinit(utrace_session *session);
/* Only that, keeping errno; for a child that the host has forked. */
void ut__queue_close_descriptors(utrace_session *session);

/* Keeps room for the events that `threads` threads must be able to cause; false when out of memory. */
bool ut__queue_reserve(utrace_session *session, int threads);

/*
 * Copies the event in, with references on its handles.  A recorded event that finds no memory is counted as lost; a
 * held or terminal one has its room reserved.
 */
void ut__queue_put(utrace_session *session, const struct utrace_event *event);

/* Takes the first event; the caller owns its references. false if there is none. */
bool ut__queue_take(utrace_session *session, struct utrace_event *event);

/* Takes the first, waiting until deadline (CLOCK_MONOTONIC), until the session is woken, or has no processes. */
bool ut__queue_wait(utrace_session *session, struct utrace_event *event, uint64_t deadline);

/* Something that a waiter looks at, other than the queue, has changed. Any thread, signal handlers too. */
void ut__queue_alert(utrace_session *session);

/* Drops the events of a process. */
void ut__queue_drop(utrace_session *session, const utrace_process *process);

/* So many events wait that no more tracee shall be asked. */
bool ut__queue_full(utrace_session *session);

#endif
