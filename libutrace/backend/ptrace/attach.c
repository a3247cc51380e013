/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/attach.c - PTRACE_SEIZE for every thread of a process, to a fixed point.
 *
 * A seized thread's new threads are traced from birth (PTRACE_O_TRACECLONE), unless it was inside clone(2) when it
 * was seized: the kernel decides at the call's beginning, and the new thread may appear much later.  So a seized
 * thread is "settled" when it has been seen to sleep in another call, or to stop; those that run are interrupted to
 * find out.  When all are settled and a whole pass over /proc/PID/task then finds no new thread, there is none.
 * (kernel/fork.c, kernel_clone)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/ptrace/ptrace.h"
#include "backend/target.h"
#include "util/clock.h"
#include "util/procfs.h"

enum {
	SETTLE_NS = 2000000000, /* for all; one that waits for a CPU may take long */
	SETTLE_LOOK_NS = 1000000,
};

struct pass {
	utrace_process *process;
	bool interrupt;
	bool hold;
	int found; /* new ones in this pass */
	int denied_errno;
	pid_t denied_tid;
};

static bool is_ours_already(const struct pt_session *ps, pid_t tid)
{
	return ut__sink_find(ps->session, tid) || ut__procfs_status(tid, "TracerPid") == ps->tracer;
}

static bool is_zombie(pid_t tid)
{
	unsigned long flags;
	char state;

	return !ut__procfs_stat(tid, &state, &flags) || state == 'Z' || state == 'X';
}

static void adopt(struct pass *pass, utrace_thread *thread, uint64_t options)
{
	struct pt_thread *pt = pt_of(thread);

	pt->options = options;
	pt->attach_hold = pass->hold;
	pt->interrupted = pass->interrupt;
	ut__sink_running(thread);
	pass->found++;
	if (pass->interrupt)
		(void)pt_request(PTRACE_INTERRUPT, pt_tid(thread), 0, NULL);
}

/* The handle comes first: one that is seized and unknown would stop some day, with nobody to let it go on. */
static void seize(void *context, pid_t tid)
{
	struct pass *pass = context;
	uint64_t options = pt_wanted_options(pass->process);
	utrace_thread *thread;
	long status = -ENOMEM;

	if (is_ours_already(pt_session_of(pass->process), tid))
		return;
	thread = ut__sink_thread(pass->process, tid);
	if (thread)
		status = pt_request(PTRACE_SEIZE, tid, 0, (void *)options);
	if (status == 0) {
		adopt(pass, thread, options);
		return;
	}
	if (thread)
		ut__sink_thread_forget(thread);
	/* One that is ending is no loss, and no longer anybody's to trace. */
	if (status == -ESRCH || is_zombie(tid)) {
		if (tid == pass->process->pid)
			pt_process_of(pass->process)->leader_untraced = true;
		return;
	}
	pass->denied_errno = (int)-status;
	pass->denied_tid = tid;
}

static int check_target(struct pt_session *ps, pid_t pid, struct utrace_error *error)
{
	if (ut__idmap_find(&ps->processes, pid))
		return ut__fail(error, UTRACE_BUSY, 0, "This session has process %d already.", pid);
	return ut__target_check(pid, error);
}

static void undo(utrace_process *process)
{
	ut__sink_drop_events(process);
	(void)pt_detach(process, UTRACE_DETACH_RUNNING, NULL);
}

/*
 * Whether this call, as /proc/PID/syscall gives it, makes a thread; one that makes a process is no concern of the
 * attach.
 */
static bool makes_thread(utrace_process *process, const char *text)
{
	char *rest;
	long number = strtol(text, &rest, 10);
	uint64_t flags = strtoull(rest, NULL, 16);
	bool is_clone = false;

	for (uint32_t abi = UTRACE_ABI_X86_64; abi <= UTRACE_ABI_I386; abi++) {
		if (number == utrace_syscall_number(abi, "clone"))
			is_clone = true;
		/* Its flags are the first member of a struct in the tracee's memory. (clone(2)) */
		if (number == utrace_syscall_number(abi, "clone3"))
			is_clone = pt_read(process, flags, &flags, sizeof(flags), NULL) == sizeof(flags);
	}
	return is_clone && (flags & CLONE_THREAD);
}

/* Whether a thread sleeps, uninterruptibly, on its way to a new thread. */
static bool sleeps_in_clone(utrace_thread *thread, const char *call)
{
	unsigned long flags;
	char state;

	return makes_thread(thread->process, call) && ut__procfs_stat(pt_tid(thread), &state, &flags) && state == 'D';
}

/* Asks the kernel what the thread does; one that runs is interrupted, once, and its stop settles it. */
static void try_to_settle(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);
	char path[64];
	char call[256];

	(void)snprintf(path, sizeof(path), "/proc/%d/syscall", pt_tid(thread));
	if (ut__procfs_read(path, call, sizeof(call)) <= 0)
		pt->settled = errno == ENOENT || errno == ESRCH; /* it has ended */
	else if (strncmp(call, "running", 7) != 0)
		pt->settled = !sleeps_in_clone(thread, call);
	if (!pt->settled && !pt->interrupted) {
		pt->interrupted = true;
		(void)pt_request(PTRACE_INTERRUPT, pt_tid(thread), 0, NULL);
	}
}

static int count_unsettled(struct pass *pass)
{
	struct ut__list *node;
	struct ut__list *safe;
	int count = 0;

	UT__LIST_EACH (node, safe, &pass->process->threads) {
		utrace_thread *thread = UT__ENTRY(node, utrace_thread, in_process);

		if (!pt_of(thread)->settled)
			try_to_settle(thread);
		count += !pt_of(thread)->settled;
	}
	return count;
}

/* Of what looking into /proc needs: that it failed says nothing about the process. */
static bool is_shortage(int error_number)
{
	return error_number == EMFILE || error_number == ENFILE || error_number == ENOMEM;
}

/* One pass over the threads; how many were new, or a negative errno. */
static int seize_new(struct pass *pass)
{
	pass->found = 0;
	if (ut__procfs_each_task(pass->process->pid, seize, pass) < 0) {
		if (!is_shortage(errno))
			return 0;
		pass->denied_errno = errno;
		pass->denied_tid = pass->process->pid;
	}
	return pass->denied_errno ? -pass->denied_errno : pass->found;
}

static int seize_to_fixed_point(struct pass *pass)
{
	utrace_session *session = atomic_load(&pass->process->session);
	uint64_t end = ut__clock_now() + SETTLE_NS;
	int found = seize_new(pass);

	while (found >= 0 && !atomic_load(&pass->process->gone)) {
		int unsettled = count_unsettled(pass);

		found = seize_new(pass);
		if (!found && (!unsettled || ut__clock_now() > end))
			break;
		if (!found && session->ops->pump(session, ut__clock_now() + SETTLE_LOOK_NS, NULL) == UTRACE_SYSTEM)
			break;
	}
	return found;
}

static int seize_all(struct pass *pass, struct utrace_error *error)
{
	pid_t pid = pass->process->pid;

	if (seize_to_fixed_point(pass) < 0)
		return pt_explain_denied(pass->denied_tid, pass->denied_errno, error);
	/* One that has ended meanwhile was attached to, and tells so. */
	if (pass->process->thread_count || atomic_load(&pass->process->gone))
		return UTRACE_OK;
	if (is_zombie(pid) && ut__target_process(pid)) {
		(void)ut__fail(error, UTRACE_NO_PROCESS, ESRCH,
			       "Process %d has ended; only its status is left, for its parent.", pid);
		return UTRACE_NO_PROCESS;
	}
	return ut__target_gone(pid, error);
}

int pt_attach(utrace_process *process, const struct utrace_attach_options *options, struct utrace_error *error)
{
	struct pt_session *ps = pt_session_of(process);
	struct pass pass = {
		.process = process, .hold = options->hold, .interrupt = options->hold || ut__sink_wants_calls(process)};
	pid_t pid;
	int status;

	errno = 0;
	pid = ut__target_process(process->pid);
	if (!pid)
		return is_shortage(errno) ? pt_explain_denied(process->pid, errno, error)
					  : ut__target_gone(process->pid, error);
	process->pid = pid;
	status = check_target(ps, pid, error);
	if (status)
		return status;
	pt_process_known(process);
	pt_process_of(process)->host_child = ut__procfs_status(pid, "PPid") == getpid();
	status = seize_all(&pass, error);
	if (!status)
		status = ut__target_check_pidfd(options->pidfd, pid, error);
	if (status && process->thread_count)
		undo(process);
	return status;
}
