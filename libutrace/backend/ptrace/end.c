/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/end.c - exits, exec, and telling them apart.
 *
 * Every thread that ends passes PTRACE_EVENT_EXIT, unless a second SIGKILL is faster.  There PF_SIGNALED tells
 * whether the thread ends by itself or because of others; in the second case the reason (exit_group, a fatal signal,
 * or another thread's execve) is known only later, so its THREAD_EXIT waits: for EXEC, or for the process's end.  One
 * of the two always comes, because nothing else kills a thread from outside. (kernel/exit.c; fs/exec.c, de_thread)
 *
 * The kernel tells of a leader's death only after all other threads are gone; its THREAD_EXIT is told when it leaves
 * its PTRACE_EVENT_EXIT stop.
 */
#include <signal.h>

#include "backend/ptrace/ptrace.h"
#include "util/procfs.h"

static bool is_leader(const utrace_thread *thread)
{
	return pt_tid(thread) == thread->process->pid;
}

/* One's own doing: not killed from outside, or killed by a signal that this very thread took. */
static uint32_t cause_of(const struct pt_thread *pt)
{
	int status = pt->exit_status;

	if (!pt->killed)
		return UTRACE_EXIT_SELF;
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL && WTERMSIG(status) == pt->last_signal)
		return UTRACE_EXIT_SELF;
	return UTRACE_EXIT_GROUP;
}

static void end_process(utrace_process *process, int status, const struct rusage *usage)
{
	utrace_thread *last = NULL;

	while (!ut__list_empty(&process->threads)) {
		utrace_thread *thread = UT__ENTRY(process->threads.next, utrace_thread, in_process);
		struct pt_thread *pt = pt_of(thread);

		if (!pt->exiting)
			pt->killed = WIFSIGNALED(status);
		if (!pt->reaped && !pt->exiting)
			pt->exit_status = status;
		utrace_thread_unref(last);
		last = utrace_thread_ref(thread);
		ut__sink_thread_exit(thread, cause_of(pt), pt->exit_status);
	}
	ut__sink_process_end(process, UTRACE_EXIT_SELF, status, usage, last);
	utrace_thread_unref(last);
}

void pt_leader_died(struct pt_session *ps, struct pt_process *pp, int status, const struct rusage *usage)
{
	utrace_process *process = utrace_process_ref(pp->process);

	(void)ps;
	end_process(process, status, usage);
	utrace_process_unref(process);
}

/* The last thread of a process whose leader had ended before we came. */
static void check_leaderless_end(utrace_process *process, int status, const struct rusage *usage)
{
	struct ut__list *node;
	struct ut__list *safe;

	if (!pt_process_of(process)->leader_untraced)
		return;
	UT__LIST_EACH (node, safe, &process->threads) {
		if (!pt_of(UT__ENTRY(node, utrace_thread, in_process))->reaped)
			return;
	}
	end_process(process, status, usage);
}

void pt_thread_died(utrace_thread *thread, int status, const struct rusage *usage)
{
	struct pt_thread *pt = pt_of(thread);
	utrace_process *process = utrace_process_ref(thread->process);
	struct pt_session *ps = pt_session_of(process);

	pt->stopped = false;
	pt->reaped = true;
	/*
	 * Without that event it was past it when we came, or SIGKILL was faster, which execve's leaves no trace in
	 * the status.
	 */
	if (!pt->exiting)
		pt->killed = WIFSIGNALED(status) || pt->met;
	pt->exit_status = status;
	ut__list_remove(&pt->lazy);
	/* The number may be given to another task now. */
	ut__idmap_remove(&ps->session->threads, &thread->in_session);
	if (pt_process_of(process)->detaching) {
		ut__sink_thread_exit(thread, cause_of(pt), status);
		pt_check_detached(process);
		utrace_process_unref(process);
		return;
	}
	if (!pt->killed)
		ut__sink_thread_exit(thread, UTRACE_EXIT_SELF, status);
	check_leaderless_end(process, status, usage);
	utrace_process_unref(process);
}

void pt_exit_event(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);
	struct utrace_event event = {0};
	unsigned long message = 0;
	unsigned long flags = 0;
	char state;

	if (pt_request(PTRACE_GETEVENTMSG, pt_tid(thread), 0, &message) < 0)
		return;
	pt->exiting = true;
	pt->exit_status = (int)message;
	if (ut__procfs_stat(pt_tid(thread), &state, &flags))
		pt->killed = flags & UT__PF_SIGNALED;
	event.u.exit.cause = cause_of(pt);
	event.u.exit.wait_status = pt->exit_status;
	ut__sink_stop(thread, UTRACE_EVENT_EXITING, &event);
}

/*
 * A child of this program's own would be reaped by our wait, and its parent, which is us, would get nothing.  So it
 * is let go in its last stop and dies untraced, with the status that is known already.
 */
static bool let_host_child_die(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);
	utrace_process *process = thread->process;
	struct pt_session *ps = pt_session_of(process);
	int status;

	if (!is_leader(thread) || !pt_process_of(process)->host_child ||
	    pt_request(PTRACE_DETACH, pt_tid(thread), 0, NULL) < 0)
		return false;
	if (process->thread_count == 1) {
		end_process(process, pt->exit_status, NULL);
		return true;
	}
	pt_process_of(process)->leader_untraced = true;
	pt->reaped = true;
	ut__idmap_remove(&ps->session->threads, &thread->in_session);
	status = pt->exit_status;
	utrace_process_ref(process);
	if (!pt->killed)
		ut__sink_thread_exit(thread, UTRACE_EXIT_SELF, status);
	/* The others' deaths may have been seen before. */
	check_leaderless_end(process, status, NULL);
	utrace_process_unref(process);
	return true;
}

void pt_exit_resumed(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);

	if (let_host_child_die(thread))
		return;
	(void)pt_request(PTRACE_CONT, pt_tid(thread), 0, NULL);
	if (is_leader(thread) && !pt->killed && thread->process->thread_count > 1)
		ut__sink_thread_exit(thread, UTRACE_EXIT_SELF, pt->exit_status);
}

/* Everybody else in the process is gone, whether their ends were seen or not. */
static void end_siblings(utrace_thread *survivor)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &survivor->process->threads) {
		utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);

		if (thread != survivor)
			ut__sink_thread_exit(thread, UTRACE_EXIT_EXEC, pt_of(thread)->exit_status);
	}
}

void pt_exec_prepare(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);

	pt->stopped = true;
	pt->stop = PT_STOP_EXEC;
	pt->signal = 0;
	pt_memory_forget(pt_process_of(thread->process));
	end_siblings(thread);
}

void pt_exec_event(struct pt_session *ps, pid_t tid)
{
	unsigned long old_tid = 0;
	utrace_thread *thread;
	struct pt_thread *pt;

	if (pt_request(PTRACE_GETEVENTMSG, tid, 0, &old_tid) < 0)
		return;
	thread = ut__sink_find(ps->session, (pid_t)old_tid);
	if (!thread)
		thread = ut__sink_find(ps->session, tid);
	if (!thread)
		return;
	pt = pt_of(thread);
	pt_exec_prepare(thread);
	pt_process_of(thread->process)->leader_untraced = false;
	if (pt->private_stops) {
		pt->private_ready = true;
		pt->private_status = PTRACE_EVENT_EXEC << 16 | SIGTRAP << 8 | 0x7f;
		return;
	}
	if (pt_process_of(thread->process)->detaching) {
		atomic_store(&thread->tid, tid);
		pt_release(thread);
		return;
	}
	ut__sink_exec(thread, (pid_t)old_tid, tid);
}
