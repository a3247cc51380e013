/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/process.c - spawn, attach, detach, and what is set per process.
 *
 * Invariant: a process is in its session from before the backend's first word of it until PROCESS_END.
 */
#include <utrace/process.h>

#include <string.h>

#include "core/filter.h"
#include "core/handle.h"
#include "core/leave.h"
#include "core/queue.h"
#include "core/request.h"
#include "core/spawn.h"
#include "core/state.h"

static const char *const closed_text = "The session is NULL.";

static void set_masks(utrace_process *process, const struct utrace_event_masks *masks)
{
	process->masks = *masks;
	if (!masks->stop && !masks->record)
		process->masks.stop = UTRACE_EVENTS_DEFAULT;
}

static int set_filter(utrace_process *process, const utrace_filter *filter, struct utrace_error *error)
{
	if (!filter)
		return UTRACE_OK;
	process->filter = ut__filter_copy(filter);
	if (!process->filter)
		return ut__fail(error, UTRACE_NO_MEMORY, 0, "No memory for the filter.");
	process->filter_place = UTRACE_FILTER_IN_LIBRARY;
	return UTRACE_OK;
}

/*
 * A process that could not be had leaves no trace: no events, no reference.  It is the session's until its last thread
 * is let go, for it would stay stopped otherwise.
 */
void ut__process_abandon(utrace_session *session, utrace_process *process)
{
	process->abandoned = true;
	if (!atomic_load(&process->gone) && !process->thread_count) {
		atomic_store(&process->gone, true);
		ut__state_remove_process(process);
	}
	ut__queue_drop(session, process);
	utrace_process_unref(process);
}

static int check_policy(uint32_t policy, struct utrace_error *error)
{
	if (policy <= UTRACE_END_LET_RUN)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_INVALID, 0, "end_policy is %u, which is no enum utrace_end_policy.", policy);
}

static ssize_t run_spawn(struct ut__request *request)
{
	const struct ut__spawn *spawn = request->in;
	utrace_process *process = ut__process_create(request->session, 0, request->error);
	int status;

	if (!process)
		return UTRACE_NO_MEMORY;
	set_masks(process, &spawn->options->events);
	process->end_policy = spawn->options->end_policy ? spawn->options->end_policy : UTRACE_END_KILL;
	process->hold_exec = spawn->options->hold;
	utrace_process_ref(process);
	ut__state_add_process(process);
	status = set_filter(process, spawn->options->filter, request->error);
	if (!status)
		status = request->session->ops->spawn(process, spawn, request->error);
	if (status) {
		ut__process_abandon(request->session, process);
		return status;
	}
	*(utrace_process **)request->out = process;
	return UTRACE_OK;
}

int utrace_spawn(utrace_session *session, const struct utrace_spawn_options *options, utrace_process **process,
		 struct utrace_error *error)
{
	struct utrace_spawn_options full;
	struct ut__spawn_room room;
	struct ut__spawn spawn = {.options = &full};
	struct ut__request request = {
		.run = run_spawn, .session = session, .in = &spawn, .out = process, .error = error};
	int status = session ? UTRACE_OK : ut__fail(error, UTRACE_INVALID, 0, "%s", closed_text);

	*process = NULL;
	if (!status)
		status = ut__options_copy(&full, sizeof(full), options, error);
	if (!status)
		status = check_policy(full.end_policy, error);
	if (!status)
		status = ut__spawn_prepare(&spawn, &room, error);
	if (status)
		return status;
	status = (int)ut__request_run(&request);
	ut__spawn_release(&room);
	return status;
}

static ssize_t run_attach(struct ut__request *request)
{
	const struct utrace_attach_options *options = request->in;
	utrace_process *process;
	int status;

	process = ut__process_create(request->session, (pid_t)request->number, request->error);
	if (!process)
		return UTRACE_NO_MEMORY;
	set_masks(process, &options->events);
	process->end_policy = options->end_policy ? options->end_policy : UTRACE_END_LET_RUN;
	utrace_process_ref(process);
	ut__state_add_process(process);
	status = set_filter(process, options->filter, request->error);
	if (process->filter)
		(void)strcpy(process->filter_reason, "The process was attached, not spawned: this kernel can install a "
						     "filter only before a program starts.");
	if (!status)
		status = request->session->ops->attach(process, options, request->error);
	if (status) {
		ut__process_abandon(request->session, process);
		return status;
	}
	*(utrace_process **)request->out = process;
	return UTRACE_OK;
}

int utrace_attach(utrace_session *session, pid_t pid, const struct utrace_attach_options *options,
		  utrace_process **process, struct utrace_error *error)
{
	struct utrace_attach_options full;
	struct ut__request request = {.run = run_attach,
				      .session = session,
				      .in = &full,
				      .out = process,
				      .number = (uint64_t)pid,
				      .error = error};
	int status = session ? UTRACE_OK : ut__fail(error, UTRACE_INVALID, 0, "%s", closed_text);

	*process = NULL;
	if (!status)
		status = ut__options_copy(&full, sizeof(full), options, error);
	if (!status)
		status = check_policy(full.end_policy, error);
	if (!status && pid <= 0)
		status = ut__fail(error, UTRACE_INVALID, 0, "%d is no process id.", pid);
	return status ? status : (int)ut__request_run(&request);
}

static bool needs_us(const utrace_process *process)
{
	return process->filter_binds;
}

static int fail_filtered(const utrace_process *process, struct utrace_error *error)
{
	return ut__fail(error, UTRACE_FILTERED, 0,
			"Process %d runs under the seccomp filter that it was spawned with; without its tracer the "
			"filtered calls would fail with ENOSYS. Kill it, or spawn it with UTRACE_END_LET_RUN, which "
			"keeps the filter out of the kernel.",
			process->pid);
}

static ssize_t run_detach(struct ut__request *request)
{
	if (needs_us(request->process))
		return fail_filtered(request->process, request->error);
	ut__sink_drop_events(request->process);
	ut__leave_memory(request->process);
	return request->session->ops->detach(request->process, request->choice, request->error);
}

int utrace_detach(utrace_process *process, uint32_t mode, struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_detach, .needs = UT__NEEDS_LIVE, .process = process, .choice = mode, .error = error};

	if (mode > UTRACE_DETACH_STOPPED)
		return ut__fail(error, UTRACE_INVALID, 0, "mode is %u, which is no enum utrace_detach_mode.", mode);
	return (int)ut__request_run(&request);
}

static ssize_t run_kill(struct ut__request *request)
{
	return request->session->ops->kill(request->process, request->error);
}

int utrace_process_kill(utrace_process *process, struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_kill, .needs = UT__NEEDS_LIVE, .alive = true, .process = process, .error = error};

	return (int)ut__request_run(&request);
}

static ssize_t run_set_events(struct ut__request *request)
{
	set_masks(request->process, request->in);
	/* Threads that are never stopped have no next resume. */
	if (request->session->capabilities & UTRACE_CAN_RECORD_UNSTOPPED)
		request->session->ops->policy_changed(request->process);
	return UTRACE_OK;
}

int utrace_process_set_events(utrace_process *process, const struct utrace_event_masks *masks,
			      struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_set_events, .needs = UT__NEEDS_LIVE, .process = process, .in = masks, .error = error};

	if (!masks)
		return ut__fail(error, UTRACE_INVALID, 0, "masks is NULL.");
	return (int)ut__request_run(&request);
}

static ssize_t run_limit_events(struct ut__request *request)
{
	request->thread->withheld = ~request->number;
	if (request->session->capabilities & UTRACE_CAN_RECORD_UNSTOPPED)
		request->session->ops->policy_changed(request->thread->process);
	return UTRACE_OK;
}

int utrace_thread_limit_events(utrace_thread *thread, uint64_t events, struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_limit_events, .needs = UT__NEEDS_LIVE, .thread = thread, .number = events, .error = error};

	return (int)ut__request_run(&request);
}

static ssize_t run_set_policy(struct ut__request *request)
{
	if (request->choice != UTRACE_END_KILL && needs_us(request->process))
		return fail_filtered(request->process, request->error);
	request->process->end_policy = request->choice;
	request->session->ops->policy_changed(request->process);
	return UTRACE_OK;
}

int utrace_process_set_end_policy(utrace_process *process, uint32_t policy, struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_set_policy, .needs = UT__NEEDS_LIVE, .process = process, .choice = policy, .error = error};

	if (policy == UTRACE_END_DEFAULT || policy > UTRACE_END_LET_RUN)
		return ut__fail(error, UTRACE_INVALID, 0, "policy is %u: KILL or LET_RUN are possible.", policy);
	return (int)ut__request_run(&request);
}

static ssize_t run_threads(struct ut__request *request)
{
	utrace_thread **threads = request->out;
	struct ut__list *node;
	struct ut__list *safe;
	size_t count = 0;

	UT__LIST_EACH (node, safe, &request->process->threads) {
		if (count < request->size)
			threads[count] = utrace_thread_ref(UT__ENTRY(node, utrace_thread, in_process));
		count++;
	}
	return (ssize_t)count;
}

int utrace_process_threads(utrace_process *process, utrace_thread **threads, size_t count, struct utrace_error *error)
{
	struct ut__request request = {.run = run_threads,
				      .needs = UT__NEEDS_LIVE,
				      .process = process,
				      .out = threads,
				      .size = count,
				      .error = error};

	return (int)ut__request_run(&request);
}

static ssize_t run_filter_place(struct ut__request *request)
{
	if (request->error)
		(void)ut__fail(request->error, UTRACE_OK, 0, "%s", request->process->filter_reason);
	return (ssize_t)request->process->filter_place;
}

int utrace_process_filter_place(utrace_process *process, struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_filter_place, .needs = UT__NEEDS_LIVE, .process = process, .error = error};

	return (int)ut__request_run(&request);
}

static ssize_t run_set_filter(struct ut__request *request)
{
	utrace_process *process = request->process;
	utrace_filter *copy = NULL;

	if (needs_us(process) && !ut__filter_includes(process->filter, request->in))
		return ut__fail(
			request->error, UTRACE_FILTERED, 0,
			"Process %d has a filter in the kernel that leaves out calls which are wanted now; it can't "
			"be widened.",
			process->pid);
	if (request->in) {
		copy = ut__filter_copy(request->in);
		if (!copy)
			return ut__fail(request->error, UTRACE_NO_MEMORY, 0, "No memory for the filter.");
	}
	utrace_filter_destroy(process->filter);
	process->filter = copy;
	process->filter_version++;
	if (request->session->capabilities & UTRACE_CAN_FILTER_ATTACHED) {
		request->session->ops->policy_changed(process);
		return UTRACE_OK;
	}
	if (!needs_us(process))
		process->filter_place = copy ? UTRACE_FILTER_IN_LIBRARY : UTRACE_FILTER_ABSENT;
	if (copy && !needs_us(process))
		(void)strcpy(process->filter_reason,
			     "The filter was set while the process ran: this kernel can install one "
			     "only before a program starts.");
	return UTRACE_OK;
}

int utrace_process_set_filter(utrace_process *process, const utrace_filter *filter, struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_set_filter, .needs = UT__NEEDS_LIVE, .process = process, .in = filter, .error = error};

	return (int)ut__request_run(&request);
}
