/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-gdb/run.c - going on: who is resumed, what is waited for, and that all stand still before the prompt comes back.
 *
 * Between two commands every thread is held.  A thread that stopped for a reason of its own while the others were being
 * stopped keeps its event in thread_info; the next go_on tells it before anything runs.
 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "inferiors.h"
#include "script.h"
#include "signals.h"
#include "skips.h"
#include "stop.h"
#include "threads.h"

bool need_process(struct gdb *gdb)
{
	return is_live(gdb) ? true : fail(gdb, "The program is not being run.");
}

/* ---- resuming ---- */

static void choose_signal(const struct thread_info *info, struct utrace_resume_options *options, siginfo_t *wanted)
{
	bool at_signal = info->event.reason == UTRACE_EVENT_SIGNAL;

	if (at_signal && info->signal == info->event.u.signal.info.si_signo)
		return;
	if (at_signal && !info->signal) {
		options->signal = UTRACE_SIGNAL_DROP;
		return;
	}
	if (!info->signal)
		return;
	wanted->si_signo = info->signal;
	wanted->si_code = SI_USER;
	options->signal = at_signal ? UTRACE_SIGNAL_REPLACE : UTRACE_SIGNAL_INJECT;
	options->info = wanted;
}

static void resume(struct thread_info *info)
{
	struct utrace_resume_options options = {.size = sizeof(options)};
	siginfo_t wanted = {0};

	choose_signal(info, &options, &wanted);
	info->signal = 0;
	info->hidden = 0;
	info->pending = false;
	utrace_event_clear(&info->event);
	info->event = UTRACE_EVENT_INIT;
	(void)utrace_thread_resume(info->thread, &options, NULL);
}

static void resume_threads(struct gdb *gdb, const struct going *going)
{
	for (struct thread_info *info = threads_first(gdb); info; info = info->next) {
		if (going->only_selected && info->thread != gdb->inferior.thread)
			continue;
		if (going->step && info->thread == gdb->inferior.thread)
			continue;
		resume(info);
	}
}

static void end_step(struct going *going)
{
	if (going->step)
		utrace_step_cancel(going->step);
	going->step = NULL;
}

static uint64_t status_mask(struct gdb *gdb, pid_t tid, const char *field)
{
	FILE *stream = fopen(arena_print(&gdb->arena, "/proc/%d/status", tid), "re");
	size_t length = strlen(field);
	uint64_t mask = 0;
	char line[256];

	while (stream && fgets(line, sizeof(line), stream))
		if (strncmp(line, field, length) == 0 && line[length] == ':')
			mask = strtoull(line + length + 1, NULL, 16);
	if (stream)
		(void)fclose(stream);
	return mask;
}

/* A signal that is passed on now begins its handler: that is where a step ends then, as in gdb. (proc(5): SigCgt, SigBlk) */
static bool enters_handler(struct gdb *gdb, const struct thread_info *info)
{
	pid_t tid = utrace_thread_tid(info->thread);
	uint64_t bit = info->signal ? UINT64_C(1) << (info->signal - 1) : 0;

	return (status_mask(gdb, tid, "SigCgt") & bit) && !(status_mask(gdb, tid, "SigBlk") & bit);
}

static bool is_short_step(const struct utrace_step_options *options)
{
	return options->kind != UTRACE_STEP_OUT && options->kind != UTRACE_STEP_TO_ADDRESS;
}

/* The step resumes its own thread. */
static bool begin_step(struct gdb *gdb, struct going *going)
{
	struct thread_info *info = thread_info(gdb->inferior.thread);
	struct utrace_step_options options = *going->begin;
	struct utrace_resume_options how = {.size = sizeof(how)};
	struct utrace_error error;
	siginfo_t wanted = {0};

	if (is_short_step(&options) && enters_handler(gdb, info)) {
		options.kind = UTRACE_STEP_INSTRUCTION_INTO;
		options.count = 1;
	}
	choose_signal(info, &how, &wanted);
	options.signal = how.signal;
	options.info = how.info;
	if (utrace_step_start(gdb->image, gdb->inferior.thread, &options, &going->step, &error))
		return fail_with(gdb, &error);
	info->signal = 0;
	info->hidden = 0;
	utrace_event_clear(&info->event);
	info->event = UTRACE_EVENT_INIT;
	return true;
}

/* ---- waiting ---- */

static void keep_event(struct utrace_event *event)
{
	struct thread_info *info = event->thread ? thread_info(event->thread) : NULL;

	if (!info || !(event->flags & UTRACE_EVENT_HELD))
		return;
	utrace_event_clear(&info->event);
	info->event = *event;
	*event = UTRACE_EVENT_INIT;
}

/* The stepping thread's own affairs come first. */
static bool step_takes(struct gdb *gdb, struct going *going, const struct utrace_event *event, struct stop *stop)
{
	int state;

	if (!going->step)
		return false;
	state = utrace_step_event(going->step, event, NULL);
	if (state == UTRACE_STEP_FINISHED) {
		going->finished = true;
		stop->kind = STOP_STEP;
		stop->thread = utrace_thread_ref(event->thread);
	}
	(void)gdb;
	return state == UTRACE_STEP_GOING || state == UTRACE_STEP_FINISHED;
}

/* Nothing was to be told: the thread goes on as it was. */
static void carry_on(struct gdb *gdb, struct going *going, struct utrace_event *event)
{
	struct thread_info *info = event->thread ? thread_info(event->thread) : NULL;
	utrace_thread *thread;

	if (!info || !(event->flags & UTRACE_EVENT_HELD) || event->process != gdb->inferior.process)
		return;
	thread = info->thread;
	keep_event(event);
	if (going->step && thread == gdb->inferior.thread) {
		struct utrace_resume_options options = {.size = sizeof(options)};
		siginfo_t wanted = {0};

		choose_signal(info, &options, &wanted);
		info->signal = 0;
		(void)utrace_step_resume(going->step, &options, NULL);
		return;
	}
	resume(info);
}

static void interrupt(struct gdb *gdb, struct stop *stop)
{
	*gdb->interrupted = false;
	stop->kind = STOP_INTERRUPT;
	stop->thread = utrace_thread_ref(gdb->inferior.thread ? gdb->inferior.thread : threads_first(gdb)->thread);
}

/* A fork was followed: the step was the parent's, the child runs. */
static void go_on_in_child(struct gdb *gdb, struct going *going)
{
	end_step(going);
	going->begin = NULL;
	going->only_selected = false;
	resume_threads(gdb, going);
}

static bool wait_for_stop(struct gdb *gdb, struct going *going, struct stop *stop)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	const utrace_process *process;
	struct utrace_error error;

	while (stop->kind == STOP_NONE) {
		int got = utrace_session_next(gdb->session, &event, -1, &error);

		if (got < 0 && got != UTRACE_INTERRUPTED)
			return fail_with(gdb, &error);
		if (got != 1 && *gdb->interrupted && threads_first(gdb))
			interrupt(gdb, stop);
		else if (got == 0 && utrace_process_is_gone(gdb->inferior.process))
			stop->kind = STOP_ENDED;
		if (got != 1)
			continue;
		if (step_takes(gdb, going, &event, stop)) {
			if (stop->kind != STOP_NONE)
				keep_event(&event);
			continue;
		}
		process = gdb->inferior.process;
		classify(gdb, &event, stop);
		if (stop->kind == STOP_NONE && gdb->inferior.process != process)
			go_on_in_child(gdb, going);
		else if (stop->kind == STOP_NONE)
			carry_on(gdb, going, &event);
		else
			keep_event(&event);
	}
	utrace_event_clear(&event);
	return true;
}

/* ---- standing still ---- */

static bool is_own_reason(const struct utrace_event *event)
{
	switch (event->reason) {
	case UTRACE_EVENT_STOPPED:
	case UTRACE_EVENT_ATTACHED:
	case UTRACE_EVENT_STEPPED:
		return false;
	default:
		return (event->flags & UTRACE_EVENT_HELD) != 0;
	}
}

/* An event that comes while the others are being stopped: bookkeeping now, telling later. */
static void while_stopping(struct gdb *gdb, struct utrace_event *event, struct stop *end)
{
	struct thread_info *info;

	if (event->reason == UTRACE_EVENT_CREATE && event->u.create.kind == UTRACE_CREATE_THREAD &&
	    event->process == gdb->inferior.process && event->u.create.thread) {
		(void)thread_add(gdb, event->u.create.thread);
		keep_event(event);
		return;
	}
	if (event->process != gdb->inferior.process || event->reason == UTRACE_EVENT_THREAD_EXIT ||
	    event->reason == UTRACE_EVENT_PROCESS_END || event->reason == UTRACE_EVENT_CREATE) {
		classify(gdb, event, end);
		keep_event(event);
		return;
	}
	info = event->thread ? thread_info(event->thread) : NULL;
	if (!info && event->thread && (event->flags & UTRACE_EVENT_HELD))
		info = thread_add(gdb, event->thread);
	if (info && is_own_reason(event))
		info->pending = true;
	keep_event(event);
}

/* The thread that the stop is about may have been ended by another one meanwhile. */
static void choose_survivor(struct gdb *gdb, struct stop *stop)
{
	struct thread_info *first = threads_first(gdb);

	if (!stop->thread || !utrace_thread_is_gone(stop->thread) || !first)
		return;
	utrace_thread_unref(stop->thread);
	stop->thread = utrace_thread_ref(first->thread);
}

static bool stop_everybody(struct gdb *gdb, struct stop *stop)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	struct stop end = {0};
	struct utrace_error error;

	if (utrace_process_stop(gdb->inferior.process, UTRACE_STOP_NOW, &error) < 0 && error.status != UTRACE_DEAD)
		return fail_with(gdb, &error);
	while (utrace_process_is_stopped(gdb->inferior.process, NULL) == 0 ||
	       (utrace_process_is_gone(gdb->inferior.process) && end.kind != STOP_ENDED)) {
		int got = utrace_session_next(gdb->session, &event, -1, &error);

		if (got < 0 && got != UTRACE_INTERRUPTED)
			return fail_with(gdb, &error);
		if (got == 0 && !*gdb->interrupted)
			break;
		*gdb->interrupted = false;
		if (got == 1)
			while_stopping(gdb, &event, &end);
	}
	/* Events that were queued already when the last thread stopped. */
	while (end.kind != STOP_ENDED && utrace_session_next(gdb->session, &event, 0, NULL) == 1)
		while_stopping(gdb, &event, &end);
	utrace_event_clear(&event);
	if (end.kind == STOP_ENDED) {
		utrace_thread_unref(stop->thread);
		*stop = end;
	} else {
		utrace_thread_unref(end.thread);
		choose_survivor(gdb, stop);
	}
	return true;
}

bool collect_stop(struct gdb *gdb)
{
	struct stop stop = {0};

	if (!stop_everybody(gdb, &stop))
		return false;
	if (stop.kind != STOP_ENDED)
		return true;
	report(gdb, &stop, NULL);
	return fail(gdb, "The program ended while it was being stopped.");
}

/* ---- the whole of it ---- */

static bool take_pending(struct gdb *gdb, struct stop *stop)
{
	for (struct thread_info *info = threads_first(gdb); info; info = info->next) {
		if (!info->pending)
			continue;
		info->pending = false;
		classify(gdb, &info->event, stop);
		if (stop->kind != STOP_NONE)
			return true;
	}
	return false;
}

static void after_stop(struct gdb *gdb, const struct stop *stop, const struct going *going)
{
	struct breakpoint *breakpoint = stop->kind == STOP_SCOPE ? NULL : stop->breakpoint;
	struct body *commands = breakpoint ? body_copy(breakpoint->commands) : NULL;
	const char *first = commands ? commands->line + strspn(commands->line, " \t") : "";
	bool is_silent = strcmp(first, "silent") == 0;

	gdb->stop_signal = stop->kind == STOP_SIGNAL ? stop->signal : 0;
	gdb->stopped_at = breakpoint ? breakpoint->number : 0;

	if (is_silent)
		select_thread(gdb, stop->thread);
	else
		report(gdb, stop, going);
	if (breakpoint && breakpoint->enable_count > 1) {
		breakpoint->enable_count--;
	} else if (breakpoint && breakpoint->disable_after) {
		breakpoint->disable_after = false;
		(void)command_disable(gdb, arena_print(&gdb->arena, "%d", breakpoint->number));
	}
	if (breakpoint && breakpoint->gone)
		breakpoint_delete(gdb, breakpoint);
	if (!commands)
		return;
	/* They may let the program run again, so they wait until this command is over. */
	body_free(gdb->after);
	gdb->after = commands;
}

/* Everybody goes, until something is worth telling. */
static bool run_leg(struct gdb *gdb, struct going *going, struct stop *stop)
{
	bool done = !going->begin || begin_step(gdb, going);

	if (done) {
		resume_threads(gdb, going);
		frames_forget(gdb);
		done = wait_for_stop(gdb, going, stop);
	}
	end_step(going);
	return done;
}

static bool ends_in_skipped(struct gdb *gdb, const struct going *going, const struct stop *stop)
{
	uint64_t pc;

	return stop->kind == STOP_STEP && going->begin && going->begin->kind == UTRACE_STEP_LINE_INTO &&
	       utrace_register_get(stop->thread, UTRACE_REG_PC, &pc, NULL) == 0 && skip_matches(gdb, pc);
}

/* A function that is not to be stepped into is left again, and the line that called it stepped on. */
static bool run_over_skipped(struct gdb *gdb, struct going *going, struct stop *stop)
{
	const struct utrace_step_options *wanted = going->begin;
	struct utrace_step_options out = {.size = sizeof(out), .kind = UTRACE_STEP_OUT, .count = 1, .hold_others = 1};
	bool done = run_leg(gdb, going, stop);

	while (done && ends_in_skipped(gdb, going, stop)) {
		utrace_thread_unref(stop->thread);
		*stop = (struct stop){0};
		going->begin = &out;
		done = run_leg(gdb, going, stop);
		going->begin = wanted;
		if (!done || stop->kind != STOP_STEP)
			break;
		utrace_thread_unref(stop->thread);
		*stop = (struct stop){0};
		done = run_leg(gdb, going, stop);
	}
	return done;
}

bool go_on(struct gdb *gdb, struct going *going)
{
	struct stop stop = {0};
	bool done = true;

	if (!take_pending(gdb, &stop)) {
		fork_settle(gdb);
		terminal_to_program(gdb);
		done = run_over_skipped(gdb, going, &stop);
		if (done && stop.kind != STOP_ENDED)
			done = stop_everybody(gdb, &stop);
		terminal_to_debugger(gdb);
	}
	if (done)
		after_stop(gdb, &stop, going);
	utrace_thread_unref(stop.thread);
	return done;
}
