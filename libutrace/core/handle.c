/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/handle.c - the life of process and thread handles, and what they answer at any time.
 *
 * A handle is freed by whoever drops the last reference, on any thread; by then it is in no list.
 */
#include "core/handle.h"

#include <errno.h>
#include <stdlib.h>
#include <utrace/breakpoint.h>

#include "backend/sink.h"
#include "core/filter.h"
#include "core/space.h"

utrace_process *ut__process_create(utrace_session *session, pid_t pid, struct utrace_error *error)
{
	utrace_process *process = calloc(1, sizeof(*process));
	struct ut__space *space;

	if (!process) {
		(void)ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a process handle.");
		return NULL;
	}
	atomic_init(&process->refs, 1);
	atomic_init(&process->session, session);
	process->pid = pid;
	process->is_core = session->ops->core != NULL;
	ut__list_init(&process->in_session);
	ut__list_init(&process->threads);
	ut__list_init(&process->in_space);
	ut__list_init(&process->watches);
	space = ut__space_create();
	if (!space) {
		(void)ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a process handle.");
		free(process);
		return NULL;
	}
	ut__space_enter(space, process);
	ut__space_unref(space);
	if (session->ops->process_init(process, error)) {
		ut__space_unref(process->space);
		free(process);
		return NULL;
	}
	return process;
}

utrace_thread *ut__thread_create(utrace_process *process, pid_t tid)
{
	utrace_session *session = atomic_load(&process->session);
	utrace_thread *thread = calloc(1, sizeof(*thread));

	if (!thread)
		return NULL;
	atomic_init(&thread->refs, 1);
	atomic_init(&thread->tid, tid);
	atomic_init(&thread->state, UT__THREAD_NEW);
	thread->process = process;
	ut__list_init(&thread->in_process);
	ut__list_init(&thread->displaced.waiting);
	if (session->ops->thread_init(thread, NULL)) {
		free(thread);
		return NULL;
	}
	utrace_process_ref(process);
	return thread;
}

utrace_process *utrace_process_ref(utrace_process *process)
{
	if (process)
		atomic_fetch_add_explicit(&process->refs, 1, memory_order_relaxed);
	return process;
}

void utrace_process_unref(utrace_process *process)
{
	if (!process || atomic_fetch_sub_explicit(&process->refs, 1, memory_order_acq_rel) != 1)
		return;
	utrace_filter_destroy(process->filter);
	ut__space_unref(process->space);
	free(process->backend);
	free(process);
}

utrace_thread *utrace_thread_ref(utrace_thread *thread)
{
	if (thread)
		atomic_fetch_add_explicit(&thread->refs, 1, memory_order_relaxed);
	return thread;
}

void utrace_thread_unref(utrace_thread *thread)
{
	if (!thread || atomic_fetch_sub_explicit(&thread->refs, 1, memory_order_acq_rel) != 1)
		return;
	utrace_process_unref(thread->process);
	free((void *)thread->hits);
	free(thread->backend);
	free(thread);
}

pid_t utrace_process_pid(const utrace_process *process)
{
	return process->pid;
}

utrace_session *utrace_process_session(const utrace_process *process)
{
	return atomic_load(&process->session);
}

pid_t utrace_thread_tid(const utrace_thread *thread)
{
	return atomic_load(&thread->tid);
}

utrace_process *utrace_thread_process(const utrace_thread *thread)
{
	return thread->process;
}

int utrace_process_is_gone(const utrace_process *process)
{
	return atomic_load(&process->gone);
}

int utrace_thread_is_gone(const utrace_thread *thread)
{
	return atomic_load(&thread->state) == UT__THREAD_GONE;
}

void utrace_process_set_data(utrace_process *process, void *data)
{
	atomic_store(&process->data, data);
}

void *utrace_process_data(const utrace_process *process)
{
	return atomic_load(&process->data);
}

void utrace_thread_set_data(utrace_thread *thread, void *data)
{
	atomic_store(&thread->data, data);
}

void *utrace_thread_data(const utrace_thread *thread)
{
	return atomic_load(&thread->data);
}

void utrace_event_clear(struct utrace_event *event)
{
	size_t size = event->size;

	if (event->reason == UTRACE_EVENT_CREATE) {
		utrace_thread_unref(event->u.create.thread);
		utrace_process_unref(event->u.create.process);
	}
	if (event->reason == UTRACE_EVENT_BREAKPOINT || event->reason == UTRACE_EVENT_WATCHPOINT)
		utrace_breakpoint_unref(event->u.breakpoint.breakpoint);
	utrace_thread_unref(event->thread);
	utrace_process_unref(event->process);
	*event = (struct utrace_event){.size = size};
}

const char *utrace_reason_name(uint32_t reason)
{
	static const char *const names[] = {
		"none",        "syscall-entry", "syscall-exit", "signal",     "job-stop",   "job-continue",
		"create",      "vfork-done",    "exec",         "stopped",    "stepped",    "exiting",
		"thread-exit", "process-end",   "attached",     "breakpoint", "watchpoint", "lost",
	};

	return reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "unknown";
}
