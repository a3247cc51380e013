/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/wait.c - waiting for tracees.
 *
 * Which children wait4 sees: __WCLONE takes in every tracee, traced or not by birth, and leaves out the host's own
 * children, whose exit signal is SIGCHLD; __WNOTHREAD leaves out what other threads of the host trace.  So nothing of
 * the host's is ever reaped. (kernel/exit.c, eligible_child)
 *
 * How it waits: most of the cost of a stop is waking the other CPU, so it looks actively for a short time before it
 * sleeps, as long as that has paid off lately.  An idle session sleeps: a spin that fails lowers the score, and at zero
 * it tries only once in SPIN_RETRY waits.
 *
 * On one CPU (onecpu.c) it mostly need not wait at all: the tracee has had its turn when the tracer thread gets its
 * own, so it stands at its next call, and the question what call that is tells so.  wait4 still has the news of such
 * a stop, which are dropped if they come while it lasts.
 *
 * Every tracee that is ready is taken before any is served, so that one that stops often can't starve the others.
 */
#include <errno.h>
#include <signal.h>

#include "backend/ptrace/ptrace.h"
#include "util/clock.h"

enum {
	WAIT_FLAGS = __WCLONE | __WNOTHREAD,
	BATCH = 64,
	SPIN_NS = 50000,
	SPIN_BEST = 8,
	SPIN_COST = 4,
	SPIN_RETRY = 64,
	ASK_AT_MOST = 16, /* stops in a row without wait4, which tells of all others */
	LAZY_NS = 2000000,
	UNCLAIMED_NS = 20000000,
};

struct raw {
	pid_t tid;
	int status;
	struct rusage usage;
};

static pid_t look(struct raw *raw)
{
	raw->tid = wait4(-1, &raw->status, WNOHANG | WAIT_FLAGS, &raw->usage);
	return raw->tid;
}

static bool spin_pays(struct pt_spin *spin)
{
	if (!spin->possible)
		return false;
	if (spin->score > 0)
		return true;
	if (++spin->skipped < SPIN_RETRY)
		return false;
	spin->skipped = 0;
	return true;
}

/* Slow success is none: we lost the CPU meanwhile, perhaps to the tracee, which had waited for it all the time. */
static void learn(struct pt_spin *spin, bool paid)
{
	if (paid)
		spin->score += spin->score < SPIN_BEST;
	else
		spin->score = spin->score > SPIN_COST ? spin->score - SPIN_COST : 0;
}

static bool spin(struct pt_session *ps, struct raw *raw)
{
	uint64_t end;
	bool found;
	bool in_time;

	if (!spin_pays(&ps->spin))
		return false;
	end = ut__clock_now() + SPIN_NS;
	do {
		found = look(raw) != 0;
		in_time = ut__clock_now() < end;
	} while (!found && in_time);
	learn(&ps->spin, found && in_time);
	return found;
}

/* When the sleep must end whatever the tracees do; 0 for never. */
static uint64_t sleep_until(const struct pt_session *ps, uint64_t deadline)
{
	uint64_t until = deadline;
	uint64_t period = 0;

	if (!ut__list_empty(&ps->lazy))
		period = LAZY_NS;
	else if (ps->unclaimed)
		period = UNCLAIMED_NS;
	if (period && ut__clock_now() + period < until)
		until = ut__clock_now() + period;
	return until == UINT64_MAX ? 0 : until;
}

/* What wait4 would say of a thread in this stop; 0 if it is none at a system call. */
static int status_of(const struct __ptrace_syscall_info *info)
{
	if (info->op == PTRACE_SYSCALL_INFO_SECCOMP)
		return PTRACE_EVENT_SECCOMP << 16 | SIGTRAP << 8 | 0x7f;
	if (info->op == PTRACE_SYSCALL_INFO_ENTRY || info->op == PTRACE_SYSCALL_INFO_EXIT)
		return (SIGTRAP | 0x80) << 8 | 0x7f;
	return 0;
}

/* Asks the tracee that shares the CPU; that it can be asked means that it has stopped. */
static bool ask(struct pt_session *ps, struct raw *raw)
{
	utrace_thread *thread = NULL;
	struct pt_thread *pt;

	if (pt_one_cpu_is_on(ps) && !pt_one_cpu_is_pinned(ps) && ps->asked < ASK_AT_MOST)
		thread = ut__sink_find(ps->session, ps->one_cpu.tid);
	ps->asked++;
	if (!thread || pt_of(thread)->stopped || ps->one_cpu.late) {
		ps->asked = 0;
		return false;
	}
	pt = pt_of(thread);
	raw->tid = pt_tid(thread);
	if (pt_request(PTRACE_GET_SYSCALL_INFO, raw->tid, sizeof(ps->answer), &ps->answer) <= 0)
		return false;
	raw->status = status_of(&ps->answer);
	pt->asked = raw->status != 0;
	pt->asked_status = raw->status;
	ps->answer_of = pt->asked ? thread : NULL;
	return pt->asked;
}

/* 1 with something, 0 without, or -errno. */
static int wait_first(struct pt_session *ps, struct raw *raw, uint64_t deadline)
{
	/* Beside a pinned tracee, which gets its turn when we sleep, looking is in vain. */
	if (deadline == 0 || (ps->spin.possible && !pt_one_cpu_is_pinned(ps))) {
		pid_t found = look(raw);

		pt_one_cpu_came(ps, found > 0);
		if (found > 0)
			return 1;
		if (deadline == 0)
			return found < 0 && errno != EINTR ? -errno : 0;
		if (!pt_one_cpu_is_on(ps) && spin(ps, raw))
			return raw->tid > 0 ? 1 : -errno;
	}
	pt_bell_set(ps, sleep_until(ps, deadline));
	raw->tid = wait4(-1, &raw->status, WAIT_FLAGS, &raw->usage);
	return raw->tid > 0 ? 1 : -errno;
}

static void dispatch_end(struct pt_session *ps, const struct raw *raw)
{
	struct ut__idmap_node *leader = ut__idmap_find(&ps->processes, raw->tid);
	utrace_thread *thread = ut__sink_find(ps->session, raw->tid);

	if (leader)
		pt_leader_died(ps, UT__ENTRY(leader, struct pt_process, by_pid), raw->status, &raw->usage);
	else if (thread)
		pt_thread_died(thread, raw->status, &raw->usage);
	else
		(void)pt_unknown_died(ps, raw->tid, raw->status, &raw->usage);
}

static void dispatch(struct pt_session *ps, const struct raw *raw)
{
	utrace_thread *thread;

	if (raw->tid == ps->bell.pid) {
		pt_bell_answer(ps, raw->status);
		return;
	}
	if (!WIFSTOPPED(raw->status)) {
		if (raw->tid == ps->one_cpu.tid)
			pt_one_cpu_end(ps);
		dispatch_end(ps, raw);
		return;
	}
	if (raw->status >> 16 == PTRACE_EVENT_EXEC) {
		pt_one_cpu_end(ps);
		pt_exec_event(ps, raw->tid);
		return;
	}
	thread = ut__sink_find(ps->session, raw->tid);
	if (thread && pt_of(thread)->asked && pt_of(thread)->stopped && raw->status == pt_of(thread)->asked_status)
		return;
	if (thread) {
		pt_one_cpu_stopped(ps, thread);
		pt_stopped(thread, raw->status);
	} else {
		pt_unknown_stopped(ps, raw->tid);
	}
}

int pt_pump(utrace_session *session, uint64_t deadline, struct utrace_error *error)
{
	struct pt_session *ps = session->backend;
	struct raw batch[BATCH];
	int count;

	if (deadline && ask(ps, &batch[0])) {
		dispatch(ps, &batch[0]);
		ps->answer_of = NULL;
		return UTRACE_OK;
	}
	count = wait_first(ps, &batch[0], deadline);
	if (count == -EINTR)
		return ut__fail(error, UTRACE_INTERRUPTED, EINTR, "A signal handler of this program ran.");
	if (count < 0)
		return ut__fail(error, UTRACE_SYSTEM, -count,
				"Waiting for tracees failed; another thread of this program may have waited for them "
				"with waitpid(-1).");
	if (count && atomic_load(&session->live_threads) > 1) {
		while (count < BATCH && look(&batch[count]) > 0)
			count++;
	}
	for (int i = 0; i < count; i++)
		dispatch(ps, &batch[i]);
	if (!ut__list_empty(&ps->lazy))
		pt_serve_lazy(ps);
	if (ps->unclaimed)
		pt_children_adopt(ps);
	return UTRACE_OK;
}

bool pt_wait_stop(utrace_thread *thread, int *status)
{
	struct pt_thread *pt = pt_of(thread);
	utrace_session *session = atomic_load(&thread->process->session);

	pt->private_ready = false;
	while (!pt->private_ready) {
		int result;

		if (pt->reaped || atomic_load(&thread->state) == UT__THREAD_GONE)
			return false;
		result = pt_pump(session, UINT64_MAX, NULL);
		if (result < 0 && result != UTRACE_INTERRUPTED)
			return false;
	}
	*status = pt->private_status;
	return true;
}
