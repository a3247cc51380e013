/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/control.c - stop and resume, as the caller asks for them.
 */
#include <utrace/control.h>

#include "core/request.h"
#include "core/state.h"
#include "core/step.h"

static int check_strength(uint32_t strength, struct utrace_error *error)
{
	if (strength <= UTRACE_STOP_NEXT)
		return UTRACE_OK;
	return ut__fail(error, UTRACE_INVALID, 0, "strength is %u, which is no enum utrace_stop_strength.", strength);
}

/* A second request makes a pending one stronger at most: one answer comes for both. */
static int strengthen(utrace_thread *thread, uint32_t strength, struct utrace_error *error)
{
	if (strength == UTRACE_STOP_NEXT || thread->stop_strength == UTRACE_STOP_NOW)
		return UTRACE_OK;
	thread->stop_strength = UTRACE_STOP_NOW;
	return atomic_load(&thread->process->session)->ops->stop(thread, error);
}

static ssize_t run_stop(struct ut__request *request)
{
	utrace_thread *thread = request->thread;
	uint64_t *number = request->out;
	int status;

	if (atomic_load(&thread->state) == UT__THREAD_HELD)
		return ut__fail(request->error, UTRACE_BUSY, 0, "Thread %d is held already.",
				atomic_load(&thread->tid));
	if (thread->stop_request)
		status = strengthen(thread, request->choice, request->error);
	else
		status = ut__state_request_stop(thread, request->choice, request->error);
	if (!status && number)
		*number = thread->stop_request;
	return status;
}

int utrace_thread_stop(utrace_thread *thread, uint32_t strength, uint64_t *request, struct utrace_error *error)
{
	struct ut__request call = {.run = run_stop,
				   .needs = UT__NEEDS_LIVE,
				   .thread = thread,
				   .choice = strength,
				   .out = request,
				   .error = error};
	int status = check_strength(strength, error);

	return status ? status : (int)ut__request_run(&call);
}

static ssize_t run_stop_process(struct ut__request *request)
{
	utrace_process *process = request->process;
	struct ut__list *node;
	struct ut__list *safe;
	int asked = 0;

	process->stopping = process->held_count < process->thread_count;
	process->stop_strength = request->choice;
	UT__LIST_EACH (node, safe, &process->threads) {
		utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);

		if (atomic_load(&thread->state) == UT__THREAD_HELD || thread->stop_request)
			continue;
		if (ut__state_request_stop(thread, request->choice, NULL) == UTRACE_OK)
			asked++;
	}
	return asked;
}

int utrace_process_stop(utrace_process *process, uint32_t strength, struct utrace_error *error)
{
	struct ut__request call = {.run = run_stop_process,
				   .needs = UT__NEEDS_LIVE,
				   .process = process,
				   .choice = strength,
				   .error = error};
	int status = check_strength(strength, error);

	return status ? status : (int)ut__request_run(&call);
}

static ssize_t run_is_stopped(struct ut__request *request)
{
	return request->process->held_count == request->process->thread_count;
}

int utrace_process_is_stopped(utrace_process *process, struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_is_stopped, .needs = UT__NEEDS_LIVE, .process = process, .error = error};

	return (int)ut__request_run(&request);
}

/* The signal that a resume delivers, by the caller's choice and what waits. */
static int choose_signal(utrace_thread *thread, const struct utrace_resume_options *options, struct ut__resume *how,
			 struct utrace_error *error)
{
	int pending = ut__state_pending_signal(thread);

	switch (options->signal) {
	case UTRACE_SIGNAL_DELIVER:
		how->signal = pending;
		return UTRACE_OK;
	case UTRACE_SIGNAL_DROP:
		return UTRACE_OK;
	case UTRACE_SIGNAL_REPLACE:
		if (!pending)
			return ut__fail(
				error, UTRACE_WRONG_STATE, 0,
				"No signal is about to be delivered to thread %d. UTRACE_SIGNAL_INJECT adds one.",
				atomic_load(&thread->tid));
		break;
	case UTRACE_SIGNAL_INJECT:
		break;
	default:
		return ut__fail(error, UTRACE_INVALID, 0, "signal is %u, which is no enum utrace_signal_choice.",
				options->signal);
	}
	if (!options->info || options->info->si_signo <= 0 || options->info->si_signo >= _NSIG)
		return ut__fail(error, UTRACE_INVALID, 0, "info is NULL or has no valid si_signo.");
	how->signal = options->info->si_signo;
	how->info = options->info;
	how->inject = options->signal == UTRACE_SIGNAL_INJECT;
	return UTRACE_OK;
}

static ssize_t run_resume(struct ut__request *request)
{
	const struct utrace_resume_options *options = request->in;
	struct ut__resume how = {.step = options->how != UTRACE_RUN};
	int status;

	/* It has run and stopped again since the event that the caller means: this hold is not known to the caller yet. */
	if (atomic_load(&request->thread->event_queued))
		return ut__fail(
			request->error, UTRACE_NOT_STOPPED, 0,
			"Thread %d is held by an event that was not taken yet; take it with utrace_session_next.",
			atomic_load(&request->thread->tid));
	status = choose_signal(request->thread, options, &how, request->error);
	if (!status)
		status = ut__step_plan(request->thread, options, request->error);
	if (status)
		return status;
	/* Away in a call, a step runs. */
	how.step &= !request->thread->step.away;
	ut__state_resume(request->thread, &how);
	return UTRACE_OK;
}

int utrace_thread_resume(utrace_thread *thread, const struct utrace_resume_options *options, struct utrace_error *error)
{
	struct utrace_resume_options full;
	struct ut__request request = {.run = run_resume,
				      .needs = UT__NEEDS_HELD,
				      .alive = true,
				      .thread = thread,
				      .in = &full,
				      .error = error};
	int status = ut__options_copy(&full, sizeof(full), options, error);

	if (!status && full.how > UTRACE_STEP_RANGE)
		status = ut__fail(error, UTRACE_INVALID, 0, "how is %u, which is no enum utrace_resume_how.", full.how);
	return status ? status : (int)ut__request_run(&request);
}

static ssize_t run_resume_process(struct ut__request *request)
{
	struct ut__list *node;
	struct ut__list *safe;
	int count = 0;

	request->process->stopping = false;
	UT__LIST_EACH (node, safe, &request->process->threads) {
		utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);
		struct ut__resume how = {.signal = ut__state_pending_signal(thread)};

		if (atomic_load(&thread->state) != UT__THREAD_HELD || atomic_load(&thread->event_queued))
			continue;
		ut__step_cancel(thread);
		ut__state_resume(thread, &how);
		count++;
	}
	return count;
}

int utrace_process_resume(utrace_process *process, struct utrace_error *error)
{
	struct ut__request request = {
		.run = run_resume_process, .needs = UT__NEEDS_LIVE, .alive = true, .process = process, .error = error};

	return (int)ut__request_run(&request);
}
