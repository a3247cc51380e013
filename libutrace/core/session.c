/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/session.c - opening, taking events, closing.
 *
 * Invariant: a session that utrace_session_open gave out has an open backend, and its tracer thread is session->owner.
 */
#include <utrace/session.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/leave.h"
#include "core/queue.h"
#include "core/request.h"
#include "core/state.h"
#include "core/worker.h"
#include "util/clock.h"
#include "util/forkmark.h"

/*
 * The session that is bound to this thread: the kernel's wait can't tell two sessions of one thread apart, so the
 * second is refused.  Per thread and never shared.
 */
static _Thread_local utrace_session *bound_here;

/* With SIGCHLD ignored the kernel drops the status of children that end. (sigaction(2), SA_NOCLDWAIT) */
static int check_sigchld(struct utrace_error *error)
{
	struct sigaction action;

	if (sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler != SIG_IGN && !(action.sa_flags & SA_NOCLDWAIT))
		return UTRACE_OK;
	return ut__fail(error, UTRACE_WRONG_STATE, 0,
			"This program ignores SIGCHLD, so the kernel would not tell how tracees end. Set SIGCHLD to "
			"SIG_DFL before the session is opened.");
}

static int check_options(const struct utrace_session_options *options, struct utrace_error *error)
{
	if (options->threading > UTRACE_THREADS_BOUND)
		return ut__fail(error, UTRACE_INVALID, 0, "threading is %u, which is no enum utrace_threading.",
				options->threading);
	if (options->backend > UTRACE_BACKEND_CORE)
		return ut__fail(error, UTRACE_INVALID, 0, "backend is %u, which is no enum utrace_backend.",
				options->backend);
	if (options->one_cpu > UTRACE_ONE_CPU_AUTO)
		return ut__fail(error, UTRACE_INVALID, 0, "one_cpu is %u, which is no enum utrace_one_cpu.",
				options->one_cpu);
	if (options->overflow > UTRACE_OVERFLOW_LOSE)
		return ut__fail(error, UTRACE_INVALID, 0, "overflow is %u, which is no enum utrace_overflow.",
				options->overflow);
	/* It has no tracees that a wait would have to tell apart. */
	if (options->backend == UTRACE_BACKEND_CORE)
		return UTRACE_OK;
	if (options->threading == UTRACE_THREADS_BOUND && bound_here && *bound_here->here)
		return ut__fail(error, UTRACE_BUSY, 0,
				"This thread already has a bound session. Open the second one on another thread, or "
				"with UTRACE_THREADS_ANY.");
	return check_sigchld(error);
}

/* The option's choice, or else the environment's, or else the best there is. */
static int choose_backend(utrace_session *session, struct utrace_error *error)
{
	uint32_t backend = session->options.backend;
	const char *name = backend == UTRACE_BACKEND_DEFAULT ? secure_getenv("UTRACE_BACKEND") : NULL;

	if (name && strcmp(name, "ptrace") == 0)
		backend = UTRACE_BACKEND_PTRACE;
	else if (name && strcmp(name, "kernel") == 0)
		backend = UTRACE_BACKEND_KERNEL;
	else if (name && *name)
		return ut__fail(error, UTRACE_INVALID, 0,
				"UTRACE_BACKEND is \"%s\": \"ptrace\" and \"kernel\" are possible.", name);
	session->ops = ut__backend_find(backend);
	return session->ops->probe(error);
}

static int prepare(utrace_session *session, struct utrace_error *error)
{
	int status = choose_backend(session, error);

	if (status)
		return status;
	ut__list_init(&session->processes);
	session->here = ut__forkmark_create();
	if (!session->here)
		return ut__fail(error, UTRACE_NO_MEMORY, errno, "No memory for a session.");
	if (ut__idmap_init(&session->threads)) {
		ut__forkmark_destroy(session->here);
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a session.");
	}
	if (ut__queue_init(session) == 0)
		return UTRACE_OK;
	ut__idmap_deinit(&session->threads);
	ut__forkmark_destroy(session->here);
	return ut__fail(error, UTRACE_NO_DESCRIPTOR, errno, "No descriptor for the session: %s.", strerror(errno));
}

static int start(utrace_session *session, struct utrace_error *error)
{
	int status;

	if (session->options.threading == UTRACE_THREADS_ANY)
		return ut__worker_start(session, error);
	session->owner = pthread_self();
	status = session->ops->open(session, error);
	if (!status && !session->ops->core)
		bound_here = session;
	return status;
}

static void destroy(utrace_session *session)
{
	ut__queue_deinit(session);
	ut__idmap_deinit(&session->threads);
	ut__forkmark_destroy(session->here);
	free(session);
}

int utrace_session_open(const struct utrace_session_options *options, utrace_session **session,
			struct utrace_error *error)
{
	struct utrace_session_options full;
	utrace_session *made;
	int status = ut__options_copy(&full, sizeof(full), options, error);

	*session = NULL;
	if (!status)
		status = check_options(&full, error);
	if (status)
		return status;
	made = calloc(1, sizeof(*made));
	if (!made)
		return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "No memory for a session.");
	made->options = full;
	status = prepare(made, error);
	if (status) {
		free(made);
		return status;
	}
	status = start(made, error);
	if (status) {
		destroy(made);
		return status;
	}
	*session = made;
	return UTRACE_OK;
}

/* Kills or lets go what is left, and waits until the kernel has confirmed it. */
static ssize_t run_end_all(struct ut__request *request)
{
	utrace_session *session = request->session;
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &session->processes) {
		utrace_process *process = UT__ENTRY(node, utrace_process, in_session);

		process->masks = (struct utrace_event_masks){0};
		if (process->end_policy == UTRACE_END_KILL)
			(void)session->ops->kill(process, NULL);
	}
	UT__LIST_EACH (node, safe, &session->processes) {
		utrace_process *process = UT__ENTRY(node, utrace_process, in_session);

		if (process->end_policy == UTRACE_END_KILL)
			continue;
		ut__leave_memory(process);
		(void)session->ops->detach(process, UTRACE_DETACH_RUNNING, NULL);
	}
	while (atomic_load(&session->process_count) > 0) {
		int status = session->ops->pump(session, UINT64_MAX, NULL);

		if (status < 0 && status != UTRACE_INTERRUPTED)
			break;
	}
	return UTRACE_OK;
}

/* Handles that outlive the session must find it gone. */
static void orphan_processes(utrace_session *session)
{
	struct utrace_event event = UTRACE_EVENT_INIT;

	while (ut__queue_take(session, &event))
		utrace_event_clear(&event);
}

void utrace_session_close(utrace_session *session)
{
	struct ut__request request = {.run = run_end_all, .session = session};

	if (!session)
		return;
	if (!*session->here) {
		ut__queue_close_descriptors(session);
		return;
	}
	if (ut__request_run(&request) == UTRACE_WRONG_THREAD)
		return;
	orphan_processes(session);
	if (session->worker) {
		ut__worker_stop(session->worker);
	} else {
		session->ops->close(session);
		if (bound_here == session)
			bound_here = NULL;
	}
	destroy(session);
}

int utrace_session_fd(utrace_session *session, struct utrace_error *error)
{
	if (session->fd >= 0)
		return session->fd;
	return ut__fail(error, UTRACE_UNSUPPORTED, 0,
			"A session that is bound to its thread has no descriptor on ptrace. Open it with "
			"UTRACE_THREADS_ANY, or wait with utrace_session_next.");
}

static bool was_woken(utrace_session *session)
{
	return atomic_load(&session->woken) && atomic_exchange(&session->woken, false);
}

static int pump_bound(utrace_session *session, struct utrace_event *event, int timeout_ms, struct utrace_error *error)
{
	uint64_t deadline = timeout_ms > 0 ? ut__clock_deadline(timeout_ms) : timeout_ms < 0 ? UINT64_MAX : 0;
	bool first = true;

	for (;;) {
		int status;

		if (ut__queue_take(session, event))
			return 1;
		if (was_woken(session) || atomic_load(&session->process_count) == 0)
			return 0;
		if (!first && deadline != UINT64_MAX && (deadline == 0 || ut__clock_now() >= deadline))
			return 0;
		first = false;
		status = session->ops->pump(session, deadline, error);
		if (status < 0)
			return ut__queue_take(session, event) ? 1 : status;
	}
}

static int next_bound(utrace_session *session, struct utrace_event *event, int timeout_ms, struct utrace_error *error)
{
	int status = pump_bound(session, event, timeout_ms, error);

	if (!session->options.defer)
		session->ops->flush(session);
	return status;
}

static int check_lost(utrace_session *session, struct utrace_error *error)
{
	unsigned int lost;

	if (!atomic_load_explicit(&session->lost, memory_order_relaxed))
		return UTRACE_OK;
	lost = atomic_exchange(&session->lost, 0);
	return ut__fail(error, UTRACE_NO_MEMORY, ENOMEM, "%u events or children found no memory and are lost.", lost);
}

static int take_next(utrace_session *session, struct utrace_event *event, int timeout_ms, struct utrace_error *error)
{
	int status = *session->here ? check_lost(session, error) : ut__request_fail_forked(error);

	if (status)
		return status;
	if (session->worker)
		return ut__queue_wait(session, event, ut__clock_deadline(timeout_ms));
	if (pthread_equal(pthread_self(), session->owner))
		return next_bound(session, event, timeout_ms, error);
	return ut__fail(error, UTRACE_WRONG_THREAD, 0,
			"The session is bound to the thread that opened it; events are taken there.");
}

/* A caller that was built with a shorter struct gets the beginning. */
static int take_short(utrace_session *session, struct utrace_event *event, int timeout_ms, struct utrace_error *error)
{
	struct utrace_event full = UTRACE_EVENT_INIT;
	int status = take_next(session, &full, timeout_ms, error);

	if (status == 1)
		memcpy(event, &full, event->size);
	return status;
}

int utrace_session_next(utrace_session *session, struct utrace_event *event, int timeout_ms, struct utrace_error *error)
{
	size_t size;
	int status;

	if (!session || !event || event->size < offsetof(struct utrace_event, u))
		return ut__fail(error, UTRACE_INVALID, 0, "The event is NULL, or was not made with UTRACE_EVENT_INIT.");
	utrace_event_clear(event);
	size = event->size;
	status = size < sizeof(*event) ? take_short(session, event, timeout_ms, error)
				       : take_next(session, event, timeout_ms, error);
	event->size = size;
	return status;
}

void utrace_session_wake(utrace_session *session)
{
	if (!*session->here)
		return;
	atomic_store(&session->woken, true);
	if (!session->worker)
		session->ops->wake(session);
	else
		ut__queue_alert(session);
}

uint64_t utrace_session_capabilities(const utrace_session *session)
{
	return session->capabilities;
}

const char *utrace_session_backend(const utrace_session *session)
{
	return session->ops->name;
}

static ssize_t run_count(struct ut__request *request)
{
	return atomic_load(&request->session->process_count);
}

int utrace_session_process_count(utrace_session *session, struct utrace_error *error)
{
	struct ut__request request = {.run = run_count, .session = session, .error = error};

	return (int)ut__request_run(&request);
}

static ssize_t run_find(struct ut__request *request)
{
	pid_t tid = (pid_t)request->number;
	utrace_thread *thread = ut__sink_find(request->session, tid);

	if (!thread) {
		(void)ut__fail(request->error, UTRACE_NO_PROCESS, ESRCH, "This session has no thread %d.", tid);
		return UTRACE_NO_PROCESS;
	}
	if (request->choice)
		*(utrace_thread **)request->out = utrace_thread_ref(thread);
	else
		*(utrace_process **)request->out = utrace_process_ref(thread->process);
	return UTRACE_OK;
}

/* The leader may have ended while the process lives, so a process is also looked up by itself. */
static ssize_t run_find_process(struct ut__request *request)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &request->session->processes) {
		utrace_process *process = UT__ENTRY(node, utrace_process, in_session);

		if (process->pid != (pid_t)request->number)
			continue;
		*(utrace_process **)request->out = utrace_process_ref(process);
		return UTRACE_OK;
	}
	return run_find(request);
}

int utrace_session_find_process(utrace_session *session, pid_t pid, utrace_process **process,
				struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_find_process, .session = session, .out = process, .number = (uint64_t)pid, .error = error};

	*process = NULL;
	return (int)ut__request_run(&request);
}

int utrace_session_find_thread(utrace_session *session, pid_t tid, utrace_thread **thread, struct utrace_error *error)
{
	struct ut__request request = {.run = run_find,
				      .session = session,
				      .out = thread,
				      .number = (uint64_t)tid,
				      .choice = 1,
				      .error = error};

	*thread = NULL;
	return (int)ut__request_run(&request);
}
