/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/state.c - the only writer of thread state, and the sink for stops (calls.c: system calls, life.c: ends).
 *
 * The states and their transitions are drawn at enum ut__thread_state (object.h).  Invariants kept here:
 *  - a thread is HELD exactly from the event that holds it (or its CREATE) to its resume or its end;
 *  - a stop request is answered by the next hold, whatever its reason, and by one event only;
 *  - registers.arch is NULL whenever the thread may have run since they were read.
 */
#include "core/state.h"

#include <errno.h>
#include <signal.h>

#include "core/filter.h"
#include "core/function.h"
#include "core/handle.h"
#include "core/leave.h"
#include "core/queue.h"
#include "core/step.h"
#include "core/trap.h"
#include "core/watch.h"

void ut__state_set(utrace_thread *thread, enum ut__thread_state state)
{
	utrace_process *process = thread->process;

	if (atomic_load(&thread->state) == UT__THREAD_HELD)
		process->held_count--;
	if (state == UT__THREAD_HELD)
		process->held_count++;
	atomic_store(&thread->state, state);
	if (process->held_count == process->thread_count)
		process->stopping = false;
}

void ut__state_put(utrace_process *process, utrace_thread *thread, struct utrace_event *event)
{
	if (process->abandoned)
		return;
	event->size = sizeof(*event);
	event->process = process;
	event->thread = thread;
	event->pid = process->pid;
	event->tid = thread ? atomic_load(&thread->tid) : 0;
	ut__queue_put(atomic_load(&process->session), event);
}

void ut__state_answer(utrace_thread *thread, struct utrace_event *event)
{
	if (!thread->stop_request)
		return;
	event->flags |= UTRACE_EVENT_ANSWERS;
	event->stop_request = thread->stop_request;
	thread->stop_request = 0;
}

static void hold(utrace_thread *thread, uint32_t reason)
{
	thread->hold_reason = reason;
	thread->stepping = false;
	ut__state_set(thread, UT__THREAD_HELD);
}

static void put_held(utrace_thread *thread, struct utrace_event *event)
{
	if (thread->errand && ut__errand_catch(thread, event)) {
		hold(thread, event->reason);
		return;
	}
	event->flags |= UTRACE_EVENT_HELD;
	ut__state_answer(thread, event);
	hold(thread, event->reason);
	atomic_store(&thread->event_queued, true);
	ut__state_put(thread->process, thread, event);
}

static void put_stopped(utrace_thread *thread)
{
	struct utrace_event event = {.reason = UTRACE_EVENT_STOPPED};

	put_held(thread, &event);
}

/*
 * A step is done: told as such, or as the breakpoint that it has come to.  false: it is one of many, and a stop was
 * not asked for.
 */
static bool put_stepped(utrace_thread *thread, bool at_handler)
{
	struct utrace_event event = {.reason = UTRACE_EVENT_STEPPED};
	bool arrived = ut__trap_arrived(thread, &event);
	/* Also when a breakpoint is told: the same step may be asked for again. */
	bool goes_on = ut__step_goes_on(thread, at_handler);

	if (goes_on && !arrived) {
		if (!thread->stop_request)
			return false;
		event.reason = UTRACE_EVENT_STOPPED;
	}
	ut__sink_flush_registers(thread);
	put_held(thread, &event);
	return true;
}

/*
 * Passes the breakpoint that the thread stands at, if any.  false: nothing is left to do.  A step of many
 * instructions may emulate one after the other; so that a loop of emulated ones can't keep the session, it comes back
 * through the kernel after some.
 */
static bool pass_breakpoints(utrace_thread *thread, struct ut__resume *how)
{
	enum { MANY = 1000 };

	for (int i = 0; i < MANY; i++) {
		enum ut__pass pass;

		ut__step_note(thread);
		pass = ut__displaced_begin(thread, how);
		if (pass == UT__PASS_STARTED)
			return false;
		if (pass == UT__PASS_NONE || !how->step || how->signal)
			return true;
		if (put_stepped(thread, false))
			return false;
		*how = (struct ut__resume){.step = thread->stepping};
	}
	how->step = false;
	return ut__session_of(thread)->ops->stop(thread, NULL) == UTRACE_OK;
}

static void run(utrace_thread *thread, const struct ut__resume *wanted)
{
	struct ut__resume how = *wanted;
	siginfo_t corrected = thread->hold_signal;

	if (thread->signal_corrected && how.signal == corrected.si_signo && !how.info)
		how.info = &corrected;
	thread->signal_corrected = false;
	ut__trap_clear_hits(thread);
	ut__watch_sync(thread);
	thread->hold_signal.si_signo = 0;
	ut__state_set(thread, UT__THREAD_RUNNING);
	if (!pass_breakpoints(thread, &how))
		return;
	ut__sink_flush_registers(thread);
	ut__session_of(thread)->ops->resume(thread, &how);
}

void ut__state_run(utrace_thread *thread)
{
	struct ut__resume how = {.signal = thread->hold_signal.si_signo, .step = thread->stepping};

	run(thread, &how);
}

void ut__state_resume(utrace_thread *thread, const struct ut__resume *how)
{
	thread->stepping = how->step;
	run(thread, how);
}

void ut__state_rerun(utrace_thread *thread, const struct ut__resume *how)
{
	run(thread, how);
}

void ut__state_go_on(utrace_thread *thread)
{
	if (!thread->stop_request) {
		ut__state_run(thread);
		return;
	}
	ut__sink_flush_registers(thread);
	put_stopped(thread);
}

void ut__state_hold(utrace_thread *thread, struct utrace_event *event)
{
	ut__sink_flush_registers(thread);
	put_held(thread, event);
}

int ut__state_pending_signal(const utrace_thread *thread)
{
	return thread->hold_signal.si_signo;
}

void ut__state_decide(utrace_thread *thread, struct utrace_event *event, bool told, bool must_hold)
{
	const struct utrace_event_masks *masks = &thread->process->masks;
	bool held;

	told = told && !ut__mask_has(thread->withheld, event->reason);
	held = must_hold || (told && ut__mask_has(masks->stop, event->reason));

	thread->registers.arch = NULL;
	if (thread->errand) {
		told = false;
		held = must_hold || ut__errand_holds(thread, event);
	}
	if (held) {
		put_held(thread, event);
		return;
	}
	if (told && ut__mask_has(masks->record, event->reason))
		ut__state_put(thread->process, thread, event);
	if (thread->stop_request)
		put_stopped(thread);
	else
		ut__state_run(thread);
}

void ut__state_record(utrace_thread *thread, struct utrace_event *event, bool told)
{
	const struct utrace_event_masks *masks = &thread->process->masks;

	if (!told || thread->errand || ut__mask_has(thread->withheld, event->reason))
		return;
	/* One that the mask has begun to stop on meanwhile is told as it was. */
	if (ut__mask_has(masks->stop | masks->record, event->reason))
		ut__state_put(thread->process, thread, event);
}

void ut__sink_recorded(utrace_thread *thread, uint32_t reason, const struct utrace_event *details)
{
	struct utrace_event event = *details;

	event.reason = reason;
	ut__state_record(thread, &event, true);
}

void ut__sink_overflowed(utrace_session *session, uint64_t count)
{
	struct utrace_event event = {.size = sizeof(event), .reason = UTRACE_EVENT_LOST};

	event.u.lost.count = count;
	ut__queue_put(session, &event);
}

/* A single step has ended: the caller's, or ours that took the thread past a breakpoint. */
void ut__sink_stepped(utrace_thread *thread, bool at_handler)
{
	bool displaced = ut__displaced_settle(thread);

	thread->hold_signal.si_signo = 0;
	if (displaced && !thread->stepping) {
		ut__state_go_on(thread);
		return;
	}
	thread->watches_call = false;
	if (!put_stepped(thread, at_handler))
		ut__state_run(thread);
}

void ut__sink_stop(utrace_thread *thread, uint32_t reason, const struct utrace_event *details)
{
	struct utrace_event event = {0};
	bool must_hold = reason == UTRACE_EVENT_ATTACHED || reason == UTRACE_EVENT_STOPPED;

	if (details)
		event = *details;
	event.reason = reason;
	thread->hold_signal.si_signo = 0;
	if (reason == UTRACE_EVENT_SIGNAL)
		thread->hold_signal = event.u.signal.info;
	if (reason == UTRACE_EVENT_SIGNAL)
		ut__displaced_correct(thread, &event.u.signal.info);
	(void)ut__displaced_settle(thread);
	if (reason == UTRACE_EVENT_VFORK_DONE)
		ut__leave_child_left(thread->process);
	ut__state_decide(thread, &event, true, must_hold);
}

void ut__sink_interrupted(utrace_thread *thread)
{
	thread->hold_signal.si_signo = 0;
	(void)ut__displaced_settle(thread);
	thread->registers.arch = NULL;
	ut__state_go_on(thread);
}

/*
 * A child of a process that is being stopped stops with it; so does the child of a thread that an attach is about to
 * hold.
 */
static void start_child(utrace_thread *child)
{
	struct utrace_event attached = {.reason = UTRACE_EVENT_ATTACHED};

	child->registers.arch = NULL;
	if (child->process->stopping)
		child->stop_request = ++ut__session_of(child)->last_stop_request;
	if (child->hold_attached)
		put_held(child, &attached);
	else if (child->stop_request)
		put_stopped(child);
	else
		ut__state_run(child);
}

void ut__sink_create(utrace_process *process, utrace_thread *creator, uint32_t kind, pid_t child_tid,
		     utrace_thread *child)
{
	struct utrace_event event = {.reason = UTRACE_EVENT_CREATE};
	bool child_lives = child && atomic_load(&child->state) == UT__THREAD_NEW;
	bool on_errand = creator && creator->errand;
	uint64_t told = creator ? ~creator->withheld : UINT64_MAX;

	event.u.create = (struct utrace_event_create){
		.kind = kind,
		.child_tid = child_tid,
		.process = child ? child->process : NULL,
		.thread = child,
	};
	if (creator) {
		creator->hold_signal.si_signo = 0;
		(void)ut__displaced_settle(creator);
	}
	if (child && child->process != process) {
		ut__watch_inherit(process, child->process);
		ut__space_inherit(process, child->process,
				  atomic_load(&process->session)->ops->shares_memory(process, child->process->pid));
	}
	if (ut__mask_has(process->masks.stop & told, UTRACE_EVENT_CREATE) && !on_errand) {
		if (child_lives) {
			hold(child, UTRACE_EVENT_CREATE);
			atomic_store(&child->event_queued, true);
		}
		if (creator) {
			creator->registers.arch = NULL;
			put_held(creator, &event);
		} else {
			event.flags = child_lives ? UTRACE_EVENT_HELD : 0;
			ut__state_put(process, NULL, &event);
		}
		return;
	}
	if (ut__mask_has((process->masks.record | (on_errand ? process->masks.stop : 0)) & told, UTRACE_EVENT_CREATE))
		ut__state_put(process, creator, &event);
	if (child_lives)
		start_child(child);
	if (!creator)
		return;
	creator->registers.arch = NULL;
	if (creator->stop_request)
		put_stopped(creator);
	else
		ut__state_run(creator);
}

void ut__sink_exec(utrace_thread *thread, pid_t old_tid, pid_t new_tid)
{
	utrace_session *session = ut__session_of(thread);
	struct utrace_event event = {.reason = UTRACE_EVENT_EXEC};
	bool must_hold = thread->process->hold_exec;

	ut__displaced_forget(thread);
	ut__step_cancel(thread);
	ut__watch_forget(thread->process);
	ut__space_renew(thread->process);
	thread->process->hold_exec = false;
	thread->hold_signal.si_signo = 0;
	event.u.exec = (struct utrace_event_exec){.old_tid = old_tid, .new_tid = new_tid};
	if (old_tid != new_tid) {
		ut__idmap_remove(&session->threads, &thread->in_session);
		atomic_store(&thread->tid, new_tid);
		ut__idmap_insert(&session->threads, new_tid, &thread->in_session);
	}
	ut__state_decide(thread, &event, true, must_hold);
}

int ut__state_request_stop(utrace_thread *thread, uint32_t strength, struct utrace_error *error)
{
	utrace_session *session = ut__session_of(thread);
	int status;

	thread->stop_request = ++session->last_stop_request;
	thread->stop_strength = strength;
	status = session->ops->stop(thread, error);
	if (status)
		thread->stop_request = 0;
	return status;
}
