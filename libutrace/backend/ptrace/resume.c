/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/resume.c - letting threads run, and stopping them.
 *
 * A thread in a group-stop is resumed with PTRACE_LISTEN, so that it stays stopped as job control wants it.  A signal
 * can be handed to ptrace only in a signal-delivery-stop; elsewhere it is queued with tgkill and given its siginfo
 * when it arrives.
 *
 * STOP_NEXT: a thread that sleeps in a system call is looked at again from time to time until it runs; then it is
 * interrupted.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "backend/ptrace/ptrace.h"
#include "util/procfs.h"

bool pt_wants_children(const utrace_process *process)
{
	const utrace_session *session = atomic_load(&process->session);
	uint64_t told = process->masks.stop | process->masks.record;

	return !session->options.no_follow || process->filter_binds || (told & UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE));
}

uint64_t pt_wanted_options(const utrace_process *process)
{
	uint64_t options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT;

	/* Children that are not followed too: they must not run into breakpoints that they were born with. */
	options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE;
	if (process->end_policy == UTRACE_END_KILL)
		options |= PTRACE_O_EXITKILL;
	if (process->filter_binds)
		options |= PTRACE_O_TRACESECCOMP;
	return options;
}

void pt_update_options(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);
	uint64_t wanted = pt_wanted_options(thread->process);

	if (wanted == pt->options)
		return;
	if (pt_request(PTRACE_SETOPTIONS, pt_tid(thread), 0, (void *)wanted) == 0)
		pt->options = wanted;
}

void pt_policy_changed(utrace_process *process)
{
	struct ut__list *node;
	struct ut__list *safe;

	pt_one_cpu_end(pt_session_of(process));
	UT__LIST_EACH (node, safe, &process->threads) {
		utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);

		if (pt_of(thread)->stopped)
			pt_update_options(thread);
	}
}

static bool is_blocked_in_call(pid_t tid)
{
	char path[64];
	char text[256];

	(void)snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
	return ut__procfs_read(path, text, sizeof(text)) > 0 && strncmp(text, "running", 7) != 0 &&
	       strncmp(text, "-1", 2) != 0;
}

int pt_stop_thread(utrace_thread *thread, struct utrace_error *error)
{
	struct pt_thread *pt = pt_of(thread);
	struct pt_session *ps = pt_session_of(thread->process);

	if (pt->reaped)
		return ut__fail_dead(error, pt_tid(thread));
	ut__list_remove(&pt->lazy);
	if (thread->stop_strength == UTRACE_STOP_NEXT && is_blocked_in_call(pt_tid(thread))) {
		ut__list_append(&ps->lazy, &pt->lazy);
		return UTRACE_OK;
	}
	if (pt_request(PTRACE_INTERRUPT, pt_tid(thread), 0, NULL) < 0)
		return ut__fail_dead(error, pt_tid(thread));
	return UTRACE_OK;
}

void pt_serve_lazy(struct pt_session *ps)
{
	struct ut__list *node;
	struct ut__list *safe;

	UT__LIST_EACH (node, safe, &ps->lazy) {
		utrace_thread *thread = UT__ENTRY(node, struct pt_thread, lazy)->thread;

		if (thread->stop_request && is_blocked_in_call(pt_tid(thread)))
			continue;
		ut__list_remove(node);
		if (thread->stop_request)
			(void)pt_request(PTRACE_INTERRUPT, pt_tid(thread), 0, NULL);
	}
}

void pt_queue_signal(utrace_thread *thread, const siginfo_t *info)
{
	struct pt_thread *pt = pt_of(thread);

	pt->queued_signal = info->si_signo;
	pt->queued_info = *info;
	(void)syscall(SYS_tgkill, thread->process->pid, pt_tid(thread), info->si_signo);
}

/* Which signal the restart itself delivers; others are put on their way. */
static int signal_to_deliver(utrace_thread *thread, const struct ut__resume *how)
{
	struct pt_thread *pt = pt_of(thread);
	siginfo_t waiting;

	if (!how->signal)
		return 0;
	if (!how->info)
		return pt->stop == PT_STOP_SIGNAL ? how->signal : 0;
	if (pt->stop != PT_STOP_SIGNAL) {
		pt_queue_signal(thread, how->info);
		return 0;
	}
	if (how->inject && pt->signal && pt_request(PTRACE_GETSIGINFO, pt_tid(thread), 0, &waiting) == 0)
		pt_queue_signal(thread, &waiting);
	(void)pt_request(PTRACE_SETSIGINFO, pt_tid(thread), 0, how->info);
	return how->signal;
}

void pt_restart(utrace_thread *thread, unsigned long request, int signal)
{
	struct pt_thread *pt = pt_of(thread);
	enum pt_stop stop = pt->stop;

	pt->stopped = false;
	pt->stop = PT_STOP_NONE;
	pt->child_told = false;
	pt->asked = false;
	thread->registers.arch = NULL;
	/* Its next calls will not be seen, and might ask for its mask. */
	if (request != PTRACE_SYSCALL && pt_one_cpu_is_pinned(pt_session_of(thread->process)))
		pt_one_cpu_end(pt_session_of(thread->process));
	if (stop == PT_STOP_EXITING) {
		pt_exit_resumed(thread);
		return;
	}
	if (signal)
		pt->last_signal = signal;
	/* Every stop takes a pending interrupt with it. (kernel/signal.c, ptrace_stop) */
	if (pt->attach_hold)
		(void)pt_request(PTRACE_INTERRUPT, pt_tid(thread), 0, NULL);
	/* A failure means that it was killed in the stop: its end comes by wait4. */
	(void)pt_request(request, pt_tid(thread), 0, (void *)(unsigned long)signal);
}

static unsigned long choose_request(utrace_thread *thread, const struct ut__resume *how)
{
	if (how->step)
		return PTRACE_SINGLESTEP;
	if (how->calls || ut__sink_wants_calls_of(thread) || ut__sink_wants_exit(thread))
		return PTRACE_SYSCALL;
	return PTRACE_CONT;
}

void pt_resume(utrace_thread *thread, const struct ut__resume *how)
{
	struct pt_thread *pt = pt_of(thread);
	int signal;

	if (!pt->stopped || pt->reaped)
		return;
	pt_update_options(thread);
	if (pt->exit_owed) {
		pt->exit_owed = false;
		ut__sink_syscall_exit(thread, &pt->owed_exit);
		return;
	}
	signal = signal_to_deliver(thread, how);
	if (pt->stop == PT_STOP_EVENT && pt->group_signal && !pt->queued_signal) {
		pt->stepping = false;
		pt_restart(thread, PTRACE_LISTEN, 0);
		return;
	}
	pt->stepping = how->step;
	if (how->step)
		pt_step_prepare(thread, how->quiet);
	else if (how->quiet)
		pt_quieten(thread);
	pt_restart(thread, choose_request(thread, how), signal);
}

int pt_kill(utrace_process *process, struct utrace_error *error)
{
	struct ut__list *node;
	struct ut__list *safe;

	if (kill(process->pid, SIGKILL) && errno == ESRCH)
		return ut__fail_dead(error, process->pid);
	/* One that stands in its last stop has taken its SIGKILL already, or will not look for another. */
	UT__LIST_EACH (node, safe, &process->threads) {
		utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);

		if (pt_of(thread)->stopped && pt_of(thread)->stop == PT_STOP_EXITING)
			pt_restart(thread, PTRACE_CONT, 0);
	}
	return UTRACE_OK;
}
