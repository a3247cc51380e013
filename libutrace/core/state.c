/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/state.c - the only writer of thread state, and the sink of the backends.
 *
 * The states and their transitions are drawn at enum ut__thread_state (object.h).  Invariants kept here:
 *  - a thread is HELD exactly from the event that holds it (or its CREATE) to its resume or its end;
 *  - a stop request is answered by the next hold, whatever its reason, and by one event only;
 *  - THREAD_EXIT is put once per thread, PROCESS_END once per process and after all its threads';
 *  - registers.arch is NULL whenever the thread may have run since they were read.
 */
#include "core/state.h"

#include <errno.h>
#include <signal.h>

#include "core/filter.h"
#include "core/handle.h"
#include "core/leave.h"
#include "core/queue.h"
#include "core/step.h"
#include "core/trap.h"
#include "core/watch.h"

static utrace_session *session_of(const utrace_thread *thread)
{
	return atomic_load(&thread->process->session);
}

static utrace_session *session_of_process(const utrace_process *process)
{
	return atomic_load(&process->session);
}

static bool wants(uint64_t mask, uint32_t reason)
{
	return mask & UTRACE_EVENT_BIT(reason);
}

static void set_state(utrace_thread *thread, enum ut__thread_state state)
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

static void put(utrace_process *process, utrace_thread *thread, struct utrace_event *event)
{
	event->size = sizeof(*event);
	event->process = process;
	event->thread = thread;
	event->pid = process->pid;
	event->tid = thread ? atomic_load(&thread->tid) : 0;
	ut__queue_put(atomic_load(&process->session), event);
}

/* Marks the event as the answer to the thread's request, if it has one. */
static void answer(utrace_thread *thread, struct utrace_event *event)
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
	set_state(thread, UT__THREAD_HELD);
}

static void put_held(utrace_thread *thread, struct utrace_event *event)
{
	event->flags |= UTRACE_EVENT_HELD;
	answer(thread, event);
	hold(thread, event->reason);
	atomic_store(&thread->event_queued, true);
	put(thread->process, thread, event);
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
	return session_of(thread)->ops->stop(thread, NULL) == UTRACE_OK;
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
	set_state(thread, UT__THREAD_RUNNING);
	if (!pass_breakpoints(thread, &how))
		return;
	ut__sink_flush_registers(thread);
	session_of(thread)->ops->resume(thread, &how);
}

static void run_default(utrace_thread *thread)
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
		run_default(thread);
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

/* The one place that decides about a stop: told and held, told, or neither; a stop request turns all into held. */
static void decide(utrace_thread *thread, struct utrace_event *event, bool told, bool must_hold)
{
	const struct utrace_event_masks *masks = &thread->process->masks;
	bool held = must_hold || (told && wants(masks->stop, event->reason));

	thread->registers.arch = NULL;
	if (held) {
		put_held(thread, event);
		return;
	}
	if (told && wants(masks->record, event->reason))
		put(thread->process, thread, event);
	if (thread->stop_request)
		put_stopped(thread);
	else
		run_default(thread);
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
		run_default(thread);
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
	decide(thread, &event, true, must_hold);
}

void ut__sink_interrupted(utrace_thread *thread)
{
	thread->hold_signal.si_signo = 0;
	(void)ut__displaced_settle(thread);
	thread->registers.arch = NULL;
	ut__state_go_on(thread);
}

/*
 * The call was made from a copy of its instruction: it goes on as if made from its own place. true: its entry is told
 * later, by the filter.
 */
static bool settle_call(utrace_thread *thread, struct utrace_event_syscall *call)
{
	struct ut__registers *registers;

	if (!ut__displaced_settle(thread) || ut__sink_registers(thread, &registers, NULL))
		return false;
	call->pc = ut__arch_load(registers->set, registers->arch->pc, registers->arch->word);
	thread->restart = (struct ut__due){.address = thread->displaced.address, .sp = thread->due.sp};
	thread->watches_call = true;
	return thread->process->filter_place == UTRACE_FILTER_IN_KERNEL;
}

void ut__sink_syscall_entry(utrace_thread *thread, const struct utrace_event_syscall *made)
{
	struct utrace_event event = {.reason = UTRACE_EVENT_SYSCALL_ENTRY};
	struct utrace_event_syscall copy = *made;
	const struct utrace_event_syscall *call = &copy;

	thread->hold_signal.si_signo = 0;
	if (settle_call(thread, &copy)) {
		run_default(thread);
		return;
	}
	thread->call = (struct ut__call){.entry = *call, .inside = true, .refused = thread->call.refused};
	if (thread->call.refused) {
		thread->call.refused = false;
		thread->call.result_set = true;
		thread->call.result = -ENOSYS;
	}
	thread->call.told = ut__filter_wants(thread->process->filter, call->abi, call->number);
	event.u.syscall = *call;
	decide(thread, &event, thread->call.told, false);
}

void ut__sink_syscall_refused(utrace_thread *thread)
{
	thread->call.refused = true;
}

void ut__sink_spawned(utrace_thread *thread)
{
	uint32_t abi = UTRACE_ABI_X86_64;
	int number = utrace_syscall_number(abi, "execve");

	thread->call = (struct ut__call){.inside = true, .unseen = true};
	thread->call.told = ut__filter_wants(thread->process->filter, abi, number);
}

/* A result that the caller wanted and the kernel, or another filter, has overwritten since. */
static void enforce_result(utrace_thread *thread, struct utrace_event_syscall *call)
{
	struct ut__registers *registers;

	if (!thread->call.result_set || call->result == thread->call.result)
		return;
	if (ut__sink_registers(thread, &registers, NULL))
		return;
	ut__arch_store(registers->set, registers->arch->call_result, registers->arch->word,
		       (uint64_t)thread->call.result);
	registers->dirty = true;
	ut__sink_flush_registers(thread);
	call->result = thread->call.result;
	call->is_error = call->result < 0 && call->result >= -4095;
}

void ut__sink_syscall_exit(utrace_thread *thread, const struct utrace_event_syscall *call)
{
	struct utrace_event event = {.reason = UTRACE_EVENT_SYSCALL_EXIT};
	bool told = thread->call.told;

	thread->hold_signal.si_signo = 0;
	(void)ut__displaced_settle(thread);
	ut__trap_call_over(thread, call->result);
	thread->registers.arch = NULL;
	event.u.syscall = *call;
	if (thread->call.unseen)
		event.flags = UTRACE_EVENT_UNMATCHED;
	else if (thread->call.inside) {
		event.u.syscall = thread->call.entry;
		event.u.syscall.result = call->result;
		event.u.syscall.is_error = call->is_error;
		event.u.syscall.pc = call->pc;
		event.u.syscall.sp = call->sp;
		enforce_result(thread, &event.u.syscall);
	} else {
		event.flags = UTRACE_EVENT_UNMATCHED;
		told = ut__filter_wants(thread->process->filter, call->abi, call->number);
	}
	thread->call.inside = false;
	thread->call.unseen = false;
	decide(thread, &event, told, false);
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
		child->stop_request = ++session_of(child)->last_stop_request;
	if (child->hold_attached)
		put_held(child, &attached);
	else if (child->stop_request)
		put_stopped(child);
	else
		run_default(child);
}

void ut__sink_create(utrace_process *process, utrace_thread *creator, uint32_t kind, pid_t child_tid,
		     utrace_thread *child)
{
	struct utrace_event event = {.reason = UTRACE_EVENT_CREATE};
	bool child_lives = child && atomic_load(&child->state) == UT__THREAD_NEW;

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
				  session_of_process(process)->ops->shares_memory(process, child->process->pid));
	}
	if (wants(process->masks.stop, UTRACE_EVENT_CREATE)) {
		if (child_lives) {
			hold(child, UTRACE_EVENT_CREATE);
			atomic_store(&child->event_queued, true);
		}
		if (creator) {
			creator->registers.arch = NULL;
			put_held(creator, &event);
		} else {
			event.flags = child_lives ? UTRACE_EVENT_HELD : 0;
			put(process, NULL, &event);
		}
		return;
	}
	if (wants(process->masks.record, UTRACE_EVENT_CREATE))
		put(process, creator, &event);
	if (child_lives)
		start_child(child);
	if (!creator)
		return;
	creator->registers.arch = NULL;
	if (creator->stop_request)
		put_stopped(creator);
	else
		run_default(creator);
}

void ut__sink_exec(utrace_thread *thread, pid_t old_tid, pid_t new_tid)
{
	utrace_session *session = session_of(thread);
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
	decide(thread, &event, true, must_hold);
}

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

void ut__sink_running(utrace_thread *thread)
{
	set_state(thread, UT__THREAD_RUNNING);
}

void ut__sink_thread_exit(utrace_thread *thread, uint32_t cause, int wait_status)
{
	utrace_process *process = thread->process;
	utrace_session *session = session_of(thread);
	struct utrace_event event = {.reason = UTRACE_EVENT_THREAD_EXIT};

	if (atomic_load(&thread->state) == UT__THREAD_GONE)
		return;
	ut__displaced_forget(thread);
	ut__step_cancel(thread);
	ut__trap_clear_hits(thread);
	process->thread_count--;
	set_state(thread, UT__THREAD_GONE);
	ut__list_remove(&thread->in_process);
	ut__idmap_remove(&session->threads, &thread->in_session);
	event.u.exit.cause = cause;
	event.u.exit.wait_status = wait_status;
	/* A request that nothing can answer any more is answered by the end. */
	answer(thread, &event);
	put(process, thread, &event);
	atomic_fetch_sub(&session->live_threads, 1);
	session->ops->thread_deinit(thread);
	utrace_thread_unref(thread);
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
	put(process, last, &event);
	ut__state_remove_process(process);
}

void ut__state_add_process(utrace_process *process)
{
	utrace_session *session = atomic_load(&process->session);

	ut__list_append(&session->processes, &process->in_session);
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

bool ut__sink_wants_calls(const utrace_process *process)
{
	uint64_t calls = UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_ENTRY) | UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_EXIT);

	return ((process->masks.stop | process->masks.record) & calls) &&
	       process->filter_place != UTRACE_FILTER_IN_KERNEL;
}

bool ut__sink_wants_exit(const utrace_thread *thread)
{
	const struct utrace_event_masks *masks = &thread->process->masks;
	bool masked_in = wants(masks->stop | masks->record, UTRACE_EVENT_SYSCALL_EXIT);

	if (thread->watches_call)
		return true;
	return thread->call.inside && (thread->call.result_set || (thread->call.told && masked_in));
}

int ut__state_request_stop(utrace_thread *thread, uint32_t strength, struct utrace_error *error)
{
	utrace_session *session = session_of(thread);
	int status;

	thread->stop_request = ++session->last_stop_request;
	thread->stop_strength = strength;
	status = session->ops->stop(thread, error);
	if (status)
		thread->stop_request = 0;
	return status;
}
