/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/life.c - the sink for lives: threads and processes that a session comes to know, and their ends.
 *
 * Invariants kept here:
 *  - THREAD_EXIT is put once per thread, PROCESS_END once per process and after all its threads';
 *  - room for a thread's last events is reserved before the thread is known;
 *  - a process leaves its session's lists with the last thing that is told of it.
 */
#include "core/filter.h"
#include "core/handle.h"
#include "core/leave.h"
#include "core/queue.h"
#include "core/state.h"
#include "core/step.h"
#include "core/trap.h"
#include "core/watch.h"

utrace_thread *ut__sink_find(utrace_session *session, pid_t tid)
{
	struct ut__idmap_node *node = ut__idmap_find(&session->threads, tid);

	return node ? UT__ENTRY(node, utrace_thread, in_session) : NULL;
}

utrace_thread *ut__sink_thread(utrace_process *process, pid_t tid)
{
	utrace_session *session = atomic_load(&process->session);
	utrace_thread *thread;

	if (!ut__queue_reserve(session, atomic_load(&session->live_threads) + 1))
		return NULL;
	thread = ut__thread_create(process, tid);
	if (!thread)
		return NULL;
	atomic_fetch_add(&session->live_threads, 1);
	ut__list_append(&process->threads, &thread->in_process);
	process->thread_count++;
	ut__idmap_insert(&session->threads, tid, &thread->in_session);
	return thread;
}

utrace_process *ut__sink_child(utrace_process *parent, pid_t pid)
{
	utrace_session *session = atomic_load(&parent->session);
	utrace_process *process = ut__process_create(session, pid, NULL);

	if (!process)
		return NULL;
	process->masks = parent->masks;
	process->end_policy = parent->end_policy;
	process->filter_place = parent->filter_place;
	process->filter_binds = parent->filter_binds;
	process->filter_version = parent->filter_version;
	__builtin_memcpy(process->filter_reason, parent->filter_reason, sizeof(process->filter_reason));
	if (parent->filter)
		process->filter = ut__filter_copy(parent->filter);
	if (parent->filter && !process->filter) {
		utrace_process_unref(process);
		return NULL;
	}
	ut__state_add_process(process);
	return process;
}

void ut__sink_held(utrace_thread *thread)
{
	thread->hold_reason = UTRACE_EVENT_ATTACHED;
	ut__state_set(thread, UT__THREAD_HELD);
}

void ut__sink_running(utrace_thread *thread)
{
	ut__state_set(thread, UT__THREAD_RUNNING);
}

/* Out of its process and session; the session's reference is left to the caller. */
static void take_out(utrace_thread *thread)
{
	ut__displaced_forget(thread);
	ut__step_cancel(thread);
	ut__trap_clear_hits(thread);
	thread->process->thread_count--;
	ut__state_set(thread, UT__THREAD_GONE);
	ut__list_remove(&thread->in_process);
	ut__idmap_remove(&ut__session_of(thread)->threads, &thread->in_session);
}

static void give_back(utrace_thread *thread)
{
	utrace_session *session = ut__session_of(thread);

	atomic_fetch_sub(&session->live_threads, 1);
	session->ops->thread_deinit(thread);
	utrace_thread_unref(thread);
}

void ut__sink_thread_exit(utrace_thread *thread, uint32_t cause, int wait_status)
{
	struct utrace_event event = {.reason = UTRACE_EVENT_THREAD_EXIT};

	if (atomic_load(&thread->state) == UT__THREAD_GONE)
		return;
	take_out(thread);
	event.u.exit.cause = cause;
	event.u.exit.wait_status = wait_status;
	/* A request that nothing can answer any more is answered by the end. */
	ut__state_answer(thread, &event);
	ut__state_put(thread->process, thread, &event);
	give_back(thread);
}

void ut__sink_thread_forget(utrace_thread *thread)
{
	take_out(thread);
	give_back(thread);
}

void ut__sink_process_end(utrace_process *process, uint32_t cause, int wait_status, const struct rusage *usage,
			  utrace_thread *last)
{
	struct utrace_event event = {.reason = UTRACE_EVENT_PROCESS_END};

	event.u.exit.cause = cause;
	event.u.exit.wait_status = wait_status;
	if (usage)
		event.u.exit.usage = *usage;
	atomic_store(&process->detached, cause == UTRACE_EXIT_DETACHED);
	atomic_store(&process->gone, true);
	ut__state_put(process, last, &event);
	ut__state_remove_process(process);
}

void ut__state_add_process(utrace_process *process)
{
	utrace_session *session = atomic_load(&process->session);

	ut__list_append(&session->processes, &process->in_session);
	/* Nothing will come of a core file's, so nobody may wait for it. */
	if (!process->is_core)
		atomic_fetch_add(&session->process_count, 1);
}

void ut__state_remove_process(utrace_process *process)
{
	utrace_session *session = atomic_load(&process->session);

	ut__watch_forget(process);
	ut__space_leave(process);
	session->ops->process_deinit(process);
	ut__list_remove(&process->in_session);
	atomic_store(&process->session, NULL);
	if (!process->is_core)
		atomic_fetch_sub(&session->process_count, 1);
	ut__queue_alert(session);
	utrace_process_unref(process);
}

void ut__sink_forget(utrace_process *process)
{
	atomic_store(&process->gone, true);
	ut__state_remove_process(process);
}

void ut__sink_lost(utrace_session *session)
{
	atomic_fetch_add(&session->lost, 1);
}

void ut__sink_drop_events(utrace_process *process)
{
	ut__queue_drop(atomic_load(&process->session), process);
}
