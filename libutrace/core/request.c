/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/request.c - see request.h.
 */
#include "core/request.h"

#include "core/worker.h"

static int fail_about(struct ut__request *request, int status, const char *text)
{
	pid_t pid = request->thread ? atomic_load(&request->thread->tid) : request->process->pid;

	(void)ut__fail(request->error, status, 0, "%s %d %s", request->thread ? "Thread" : "Process", pid, text);
	if (request->error)
		request->error->pid = pid;
	return status;
}

static int check_live(struct ut__request *request)
{
	bool thread_gone = request->thread && atomic_load(&request->thread->state) == UT__THREAD_GONE;

	if (atomic_load(&request->process->detached))
		return fail_about(request, UTRACE_NOT_ATTACHED, "was detached from this session.");
	if (thread_gone || atomic_load(&request->process->gone))
		return fail_about(request, UTRACE_DEAD, "has ended; its terminal event tells how.");
	return UTRACE_OK;
}

static int check_held(struct ut__request *request)
{
	if (atomic_load(&request->thread->state) == UT__THREAD_HELD || request->thread->examined)
		return UTRACE_OK;
	return fail_about(request, UTRACE_NOT_STOPPED,
			  "is running. Wait for an event that holds it, or ask for a stop with utrace_thread_stop.");
}

static int check_alive(struct ut__request *request)
{
	if (!request->process->is_core)
		return UTRACE_OK;
	return fail_about(request, UTRACE_IS_CORE, "is a core file's: nothing of it can run or be changed.");
}

ssize_t ut__request_execute(struct ut__request *request)
{
	int status = UTRACE_OK;

	if (request->needs >= UT__NEEDS_LIVE)
		status = check_live(request);
	if (!status && request->alive)
		status = check_alive(request);
	if (!status && request->needs >= UT__NEEDS_HELD)
		status = check_held(request);
	return status ? status : request->run(request);
}

static int resolve(struct ut__request *request)
{
	if (request->thread)
		request->process = request->thread->process;
	/* One that is gone has no session to ask, and its session may be closed. */
	if (request->process && atomic_load(&request->process->gone))
		return check_live(request);
	if (request->process)
		request->session = atomic_load(&request->process->session);
	else if (!request->session)
		return ut__fail(request->error, UTRACE_INVALID, 0, "The handle is NULL.");
	if (request->session)
		return UTRACE_OK;
	return fail_about(request, UTRACE_NOT_ATTACHED, "belongs to a session that was closed.");
}

int ut__request_fail_forked(struct utrace_error *error)
{
	return ut__fail(
		error, UTRACE_WRONG_THREAD, 0,
		"The session belongs to the process that opened it, and this one is a child that it has forked. "
		"Open a session here.");
}

static ssize_t run_here(struct ut__request *request)
{
	ssize_t result = ut__request_execute(request);

	if (!request->session->options.defer)
		request->session->ops->flush(request->session);
	return result;
}

ssize_t ut__request_run(struct ut__request *request)
{
	int status = resolve(request);

	if (status)
		return status;
	if (!*request->session->here)
		return ut__request_fail_forked(request->error);
	if (pthread_equal(pthread_self(), request->session->owner))
		return run_here(request);
	if (request->session->worker)
		return ut__worker_call(request->session->worker, request);
	return ut__fail(request->error, UTRACE_WRONG_THREAD, 0,
			"The session is bound to the thread that opened it. Call from there, or open the session "
			"with UTRACE_THREADS_ANY.");
}
