/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/state.h - what the rest of the core asks of the state machine.
 */
#ifndef UT_CORE_STATE_H
#define UT_CORE_STATE_H

#include "backend/sink.h"

static inline utrace_session *ut__session_of(const utrace_thread *thread)
{
	return atomic_load(&thread->process->session);
}

static inline bool ut__mask_has(uint64_t mask, uint32_t reason)
{
	return mask & UTRACE_EVENT_BIT(reason);
}

/* Changes a thread's state, and its process's counts with it. For the sink's files only. */
void ut__state_set(utrace_thread *thread, enum ut__thread_state state);
/* Fills what every event has, and puts it into the queue. */
void ut__state_put(utrace_process *process, utrace_thread *thread, struct utrace_event *event);
/* Marks the event as the answer to the thread's request, if it has one. */
void ut__state_answer(utrace_thread *thread, struct utrace_event *event);
/* Tells what has not stopped the thread, if it is wanted. */
void ut__state_record(utrace_thread *thread, struct utrace_event *event, bool told);
/* The one place that decides about a stop: told and held, told, or neither; a stop request turns all into held. */
void ut__state_decide(utrace_thread *thread, struct utrace_event *event, bool told, bool must_hold);
/* Lets a thread go on as it came. */
void ut__state_run(utrace_thread *thread);

/* Puts a process into its session, and takes it out; the session's reference goes with it. */
void ut__state_add_process(utrace_process *process);
void ut__state_remove_process(utrace_process *process);

/* Ends a hold. The thread is HELD. */
void ut__state_resume(utrace_thread *thread, const struct ut__resume *how);

/* Numbers a stop request of a thread that runs and has none, and passes it to the backend. */
int ut__state_request_stop(utrace_thread *thread, uint32_t strength, struct utrace_error *error);

/* The same for one whose hold has ended already and that waited to be resumed. */
void ut__state_rerun(utrace_thread *thread, const struct ut__resume *how);

/* A stop that nobody is told of: answers a stop request, or the thread goes on. */
void ut__state_go_on(utrace_thread *thread);
/* A stop that is told and held. */
void ut__state_hold(utrace_thread *thread, struct utrace_event *event);

/* The signal that waits for the thread's resume, 0 if none. */
int ut__state_pending_signal(const utrace_thread *thread);

#endif
