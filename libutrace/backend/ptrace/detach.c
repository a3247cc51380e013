/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/detach.c - letting go of a process.
 *
 * PTRACE_DETACH needs a stop, so each thread is interrupted and let go in its next stop, whatever that is: pt_stopped
 * sends every stop of a detaching process here.  A signal that was about to be delivered is delivered by the detach;
 * a step's SIGTRAP that is still to come is fetched first, because it would kill.
 */
#include <signal.h>

#include "backend/ptrace/ptrace.h"
#include "backend/target.h"

/* The child of a fork that was about to be told: it must not stay stopped. */
static void release_child(utrace_thread *thread)
{
	unsigned long child = 0;

	if (pt_request(PTRACE_GETEVENTMSG, pt_tid(thread), 0, &child) == 0)
		pt_child_forget(thread->process, (pid_t)child);
}

static bool owes_step_trap(struct pt_thread *pt)
{
	return (pt->stepping || pt->step_debt) && pt->stop != PT_STOP_SIGNAL &&
	       pt_step_trap_pending(pt_tid(pt->thread));
}

/* What PTRACE_DETACH shall deliver. */
static int last_signal(const struct pt_thread *pt)
{
	siginfo_t info;

	if (pt->stop != PT_STOP_SIGNAL || !pt->signal)
		return 0;
	if ((pt->stepping || pt->step_debt) && pt_request(PTRACE_GETSIGINFO, pt_tid(pt->thread), 0, &info) == 0 &&
	    pt_is_step_trap(&info))
		return 0;
	if (pt->signal == SIGTRAP && pt_request(PTRACE_GETSIGINFO, pt_tid(pt->thread), 0, &info) == 0 &&
	    ((pt_is_trap(&info) && ut__sink_undo_trap(pt->thread)) ||
	     (pt_is_debug_trap(&info) && pt->thread->debug_version) || pt_is_lost_hit(pt->thread, &info)))
		return 0;
	return pt->signal;
}

void pt_release(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);
	utrace_process *process = utrace_process_ref(thread->process);
	int signal;

	ut__sink_leaving(thread);
	if (pt->stop != PT_STOP_SIGNAL && pt->stop != PT_STOP_EXITING && pt_owes_trap(thread)) {
		pt_restart(thread, PTRACE_CONT, 0);
		utrace_process_unref(process);
		return;
	}
	if (owes_step_trap(pt)) {
		pt->step_debt = true;
		pt_restart(thread, PTRACE_CONT, 0);
		utrace_process_unref(process);
		return;
	}
	if ((pt->stop == PT_STOP_CREATE || pt->stop == PT_STOP_VFORK) && !pt->child_told)
		release_child(thread);
	ut__sink_flush_registers(thread);
	signal = last_signal(pt);
	if (pt->queued_signal && pt->stop == PT_STOP_SIGNAL && pt->signal == pt->queued_signal)
		(void)pt_request(PTRACE_SETSIGINFO, pt_tid(thread), 0, &pt->queued_info);
	(void)pt_request(PTRACE_DETACH, pt_tid(thread), 0, (void *)(unsigned long)signal);
	pt->stopped = false;
	ut__sink_thread_exit(thread, UTRACE_EXIT_DETACHED, 0);
	pt_check_detached(process);
	utrace_process_unref(process);
}

void pt_check_detached(utrace_process *process)
{
	if (process->thread_count == 0 && !atomic_load(&process->gone))
		ut__sink_process_end(process, UTRACE_EXIT_DETACHED, 0, NULL, NULL);
}

static void release_or_interrupt(utrace_process *process)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &process->threads) {
		utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);
		struct pt_thread *pt = pt_of(thread);

		if (pt->reaped) {
			ut__sink_thread_exit(thread, UTRACE_EXIT_GROUP, pt->exit_status);
			pt_check_detached(process);
		} else if (pt->stopped)
			pt_release(thread);
		else
			(void)pt_request(PTRACE_INTERRUPT, pt_tid(thread), 0, NULL);
	}
}

/*
 * Children that were born meanwhile are let go at their first stop, which must be waited for: it may be the last that
 * is.
 */
static bool is_unfinished(const utrace_process *process, const utrace_session *session)
{
	const struct pt_session *ps = session->backend;

	return !atomic_load(&process->gone) || !ut__list_empty(&ps->children);
}

int pt_detach(utrace_process *process, uint32_t mode, struct utrace_error *error)
{
	utrace_session *session = atomic_load(&process->session);

	(void)error;
	pt_one_cpu_end(session->backend);
	utrace_process_ref(process);
	pt_process_of(process)->detaching = true;
	if (mode == UTRACE_DETACH_STOPPED)
		(void)kill(process->pid, SIGSTOP);
	release_or_interrupt(process);
	ut__target_await(session, process, is_unfinished);
	utrace_process_unref(process);
	return UTRACE_OK;
}
