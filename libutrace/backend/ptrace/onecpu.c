/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/onecpu.c - tracer and tracee on one CPU, where a stop costs two switches instead of two wake-ups of an idle CPU.
 *
 * The scheduler wakes a task on an idle CPU if there is one, so the two drift apart even when they start together.  But a CPU
 * that runs nothing but SCHED_IDLE tasks counts as idle (kernel/sched/fair.c, select_idle_sibling and sched_idle_cpu).  So the tracer
 * thread moves to the CPU where the tracee ran last and becomes SCHED_IDLE: the tracee is then woken where it was,
 * takes the CPU at once, and gives it back in its next stop.  Nothing of the tracee is changed: not its mask, not its class.
 *
 * Coming back from SCHED_IDLE needs a privilege.  Without it the tracee is pinned to that CPU instead, where that can be hidden: each
 * of its calls is traced, and it is unpinned before one that would tell its mask, pass it on, or make it somebody's whom we can't
 * unpin.  It is pinned only while the bell is on guard, which unpins it if the tracer dies.
 *
 * All this pays only while one tracee alone makes stop after stop, and a SCHED_IDLE tracer starves beside anybody who computes.  So:
 *  - it begins after `patience` stops of one thread in a row, and ends with the first stop of another;
 *  - the bell looks at every tick; after a tick with few stops, or far fewer than there were before it began, it puts all
 *    back, for the tracer thread may not get to run;
 *  - patience doubles each time it ended soon, so that programs for which it does not pay are left alone.
 *
 * The bell's part is in onecpu_bell.c.  state says who may change class and mask of the two:
 *
 *   OFF      the tracer thread may begin, with the idle class only
 *   GUARDED  the bell outlives us if need be: the tracer thread may begin with a pin
 *   CLAIMED  whoever brought it there, tracer thread or bell, is at it
 *   ON       either may take it to CLAIMED, to put all back
 */
#include <sched.h>
#include <string.h>

#include "backend/ptrace/ptrace.h"
#include "util/clock.h"
#include "util/procfs.h"

enum {
	PATIENCE_LEAST = 32,
	PATIENCE_MOST = 8192,
	STAY_LEAST = 512,  /* stops; less was not worth the while */
	ENOUGH_LEAST = 32, /* stops in a tick of the bell; fewer, and stops are not what takes the time */
	LATE_MOST = 2,     /* stops in a row that had to be waited for: the tracee is on another CPU */
};

/* Whether a thread of this program can come back from SCHED_IDLE; tried on the bell, which may be lost by it. */
static bool can_come_back(pid_t bell)
{
	struct sched_param parameter = {0};

	return sched_setscheduler(bell, SCHED_IDLE, &parameter) == 0 &&
	       sched_setscheduler(bell, SCHED_OTHER, &parameter) == 0;
}

bool pt_one_cpu_probe(struct pt_session *ps)
{
	struct pt_one_cpu *one = &ps->one_cpu;
	cpu_set_t mask;

	one->tracer = ps->tracer;
	one->patience = PATIENCE_LEAST;
	one->judged = true;
	one->possible = sched_getaffinity(0, sizeof(mask), &mask) == 0 && CPU_COUNT(&mask) > 1;
	if (!one->possible)
		return true;
	one->can_idle = can_come_back(ps->bell.pid);
	return one->can_idle;
}

static cpu_set_t only(int cpu)
{
	cpu_set_t mask;

	CPU_ZERO(&mask);
	if (cpu >= 0 && cpu < CPU_SETSIZE)
		CPU_SET(cpu, &mask);
	return mask;
}

static bool move_to(struct pt_one_cpu *one, int cpu)
{
	cpu_set_t there = only(cpu);

	one->cpu = cpu;
	return sched_setaffinity(0, sizeof(there), &there) == 0;
}

static bool pin(struct pt_one_cpu *one, pid_t tid)
{
	cpu_set_t there = only(one->cpu);

	if (sched_getaffinity(tid, sizeof(one->tracee_mask), &one->tracee_mask) ||
	    sched_setaffinity(tid, sizeof(there), &there))
		return false;
	one->pinned = tid;
	return true;
}

static bool become_idle(struct pt_one_cpu *one)
{
	const struct sched_param none = {0};

	one->pinned = 0;
	one->policy = sched_getscheduler(0);
	if ((one->policy != SCHED_OTHER && one->policy != SCHED_BATCH) || sched_getparam(0, &one->parameter))
		return false;
	return sched_setscheduler(0, SCHED_IDLE, &none) == 0;
}

/* How many stops a tick must have: half of what it had lately, apart; with fewer, somebody is in the way. */
static uint32_t stops_enough(const struct pt_one_cpu *one)
{
	uint64_t spent = ut__clock_now() - one->half_at;
	uint64_t stops = spent ? (uint64_t)one->patience / 4 * PT_ONE_CPU_TICK_NS / spent : 0;

	return stops > ENOUGH_LEAST ? (uint32_t)stops : ENOUGH_LEAST;
}

/* From OFF or GUARDED to CLAIMED. A guard that is not there yet is asked for; it comes in time for a later stop. */
static bool may_begin(struct pt_session *ps, const utrace_thread *thread)
{
	struct pt_one_cpu *one = &ps->one_cpu;

	if (one->can_idle)
		return pt_one_cpu_switch(one, ONE_CPU_OFF, ONE_CPU_CLAIMED);
	if (!ut__sink_wants_calls(thread->process))
		return false;
	if (pt_one_cpu_switch(one, ONE_CPU_GUARDED, ONE_CPU_CLAIMED))
		return true;
	if (atomic_load(&one->state) == ONE_CPU_OFF && !atomic_exchange(&one->guard_wanted, true))
		pt_bell_tick(ps);
	return false;
}

static void begin(struct pt_session *ps, const utrace_thread *thread)
{
	struct pt_one_cpu *one = &ps->one_cpu;
	pid_t tid = pt_tid(thread);

	if (!may_begin(ps, thread))
		return;
	one->late = 0;
	one->judged = false;
	one->begun_at = one->stops;
	one->enough = stops_enough(one);
	if (sched_getaffinity(0, sizeof(one->mask), &one->mask) || !move_to(one, ut__procfs_cpu(tid)) ||
	    !(one->can_idle ? become_idle(one) : pin(one, tid))) {
		(void)sched_setaffinity(0, sizeof(one->mask), &one->mask);
		atomic_store(&one->state, one->can_idle ? ONE_CPU_OFF : ONE_CPU_GUARDED);
		one->patience = PATIENCE_MOST;
		return;
	}
	atomic_store(&one->state, ONE_CPU_ON);
	pt_bell_tick(ps);
}

void pt_one_cpu_end(struct pt_session *ps)
{
	pt_one_cpu_put_back(&ps->one_cpu);
}

bool pt_one_cpu_is_on(const struct pt_session *ps)
{
	return atomic_load_explicit(&ps->one_cpu.state, memory_order_relaxed) == ONE_CPU_ON;
}

bool pt_one_cpu_is_pinned(const struct pt_session *ps)
{
	return pt_one_cpu_is_on(ps) && ps->one_cpu.pinned;
}

/* Calls that tell a thread's mask, pass it on, or change who may set it. By the beginnings of their names. */
void pt_one_cpu_call(struct pt_session *ps, const struct utrace_event_syscall *call)
{
	static const char *const names[] = {"sched_getaffinity",
					    "sched_setaffinity",
					    "clone",
					    "fork",
					    "vfork",
					    "exec",
					    "setuid",
					    "setre",
					    "setres"};
	const struct utrace_syscall_info *info = utrace_syscall_describe(call->abi, call->number);

	if (!pt_one_cpu_is_pinned(ps) || !info)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(info->name, names[i], strlen(names[i])) == 0)
			pt_one_cpu_end(ps);
	}
}

/* The scheduler moves the tracee now and then, because of the tracer thread that waits beside it. */
static void follow(struct pt_one_cpu *one, pid_t tid)
{
	int cpu = ut__procfs_cpu(tid);
	bool moved;

	if (cpu == one->cpu || !pt_one_cpu_switch(one, ONE_CPU_ON, ONE_CPU_CLAIMED))
		return;
	moved = move_to(one, cpu);
	atomic_store(&one->state, ONE_CPU_ON);
	if (!moved)
		pt_one_cpu_put_back(one);
}

/* It has ended, perhaps by the bell: draws the conclusion. */
static void judge(struct pt_one_cpu *one)
{
	if (one->stops - one->begun_at >= STAY_LEAST)
		one->patience = PATIENCE_LEAST;
	else if (one->patience < PATIENCE_MOST)
		one->patience *= 2;
	one->in_a_row = 0;
	one->judged = true;
}

void pt_one_cpu_came(struct pt_session *ps, bool at_once)
{
	ps->one_cpu.late = at_once ? 0 : ps->one_cpu.late + 1;
}

void pt_one_cpu_stopped(struct pt_session *ps, const utrace_thread *thread)
{
	struct pt_one_cpu *one = &ps->one_cpu;
	bool on = pt_one_cpu_is_on(ps);
	pid_t tid;

	if (!one->possible)
		return;
	tid = pt_tid(thread);
	atomic_store_explicit(&one->stops, one->stops + 1, memory_order_relaxed);
	if (!on && !one->judged)
		judge(one);
	if (tid != one->tid) {
		one->tid = tid;
		one->in_a_row = 0;
		if (on)
			pt_one_cpu_end(ps);
		return;
	}
	one->in_a_row++;
	if (!on && one->in_a_row == one->patience / 2)
		one->half_at = ut__clock_now();
	if (on && !one->pinned && one->late >= LATE_MOST) {
		one->late = 0;
		follow(one, tid);
	} else if (!on && one->in_a_row >= one->patience) {
		begin(ps, thread);
	}
}
