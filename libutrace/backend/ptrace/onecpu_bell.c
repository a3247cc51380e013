/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/onecpu_bell.c - what the bell does for onecpu.c: ends it when it does not pay, and stands guard over a pinned tracee.
 *
 * The tracer thread can't be trusted with either: as SCHED_IDLE it may not get to run, and it may be killed.  While there is something to
 * look after the bell wakes once a tick, otherwise never.  On guard it does not die with the tracer: it finds itself an
 * orphan at its next tick, unpins the tracee, and ends.
 *
 * All this runs on borrowed memory without a thread control block: raw calls only, and nothing that a sanitizer would instrument.
 */
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "backend/ptrace/ptrace.h"
#include "util/rawcall.h"

#define ON_THE_BELL __attribute__((no_sanitize("address", "thread", "undefined")))

ON_THE_BELL bool pt_one_cpu_switch(struct pt_one_cpu *one, int from, int to)
{
	return __atomic_compare_exchange_n((int *)&one->state, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

ON_THE_BELL static int state_of(struct pt_one_cpu *one)
{
	return __atomic_load_n((int *)&one->state, __ATOMIC_ACQUIRE);
}

ON_THE_BELL void pt_one_cpu_put_back(struct pt_one_cpu *one)
{
	if (!pt_one_cpu_switch(one, ONE_CPU_ON, ONE_CPU_CLAIMED))
		return;
	if (one->pinned)
		(void)ut__rawcall(SYS_sched_setaffinity, one->pinned, sizeof(one->tracee_mask), (long)&one->tracee_mask,
				  0, 0, 0);
	else
		(void)ut__rawcall(SYS_sched_setscheduler, one->tracer, one->policy, (long)&one->parameter, 0, 0, 0);
	(void)ut__rawcall(SYS_sched_setaffinity, one->tracer, sizeof(one->mask), (long)&one->mask, 0, 0, 0);
	__atomic_store_n((int *)&one->state, one->pinned ? ONE_CPU_GUARDED : ONE_CPU_OFF, __ATOMIC_RELEASE);
}

ON_THE_BELL static uint64_t raw_clock(void)
{
	struct timespec now = {0};

	(void)ut__rawcall(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0, 0, 0);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

ON_THE_BELL static bool is_orphan(const struct pt_one_cpu *one)
{
	return ut__rawcall(SYS_getppid, 0, 0, 0, 0, 0, 0) != one->program;
}

ON_THE_BELL void pt_one_cpu_die_with_tracer(struct pt_one_cpu *one, bool die)
{
	(void)ut__rawcall(SYS_prctl, PR_SET_PDEATHSIG, die ? SIGKILL : 0, 0, 0, 0, 0);
	if (die && is_orphan(one))
		(void)ut__rawcall(SYS_exit, 0, 0, 0, 0, 0, 0);
}

/* A tick is over; whether another is to follow. */
ON_THE_BELL static bool tick(struct pt_one_cpu *one)
{
	uint32_t stops = __atomic_load_n((uint32_t *)&one->stops, __ATOMIC_RELAXED);
	uint32_t enough = __atomic_load_n((uint32_t *)&one->enough, __ATOMIC_RELAXED);
	bool few = stops - one->stops_seen < enough;

	one->stops_seen = stops;
	if (is_orphan(one) || (few && state_of(one) == ONE_CPU_ON))
		pt_one_cpu_put_back(one);
	if (pt_one_cpu_switch(one, ONE_CPU_GUARDED, ONE_CPU_OFF))
		pt_one_cpu_die_with_tracer(one, true);
	return state_of(one) != ONE_CPU_OFF;
}

ON_THE_BELL uint64_t pt_one_cpu_tick(struct pt_one_cpu *one)
{
	uint64_t now;

	if (state_of(one) == ONE_CPU_OFF && __atomic_exchange_n((bool *)&one->guard_wanted, false, __ATOMIC_ACQ_REL)) {
		pt_one_cpu_die_with_tracer(one, false);
		(void)pt_one_cpu_switch(one, ONE_CPU_OFF, ONE_CPU_GUARDED);
	} else if (state_of(one) == ONE_CPU_OFF) {
		one->next_tick = 0;
		return 0;
	}
	now = raw_clock();
	if (one->next_tick && now < one->next_tick)
		return one->next_tick;
	if (one->next_tick && !tick(one)) {
		one->next_tick = 0;
		return 0;
	}
	one->stops_seen = __atomic_load_n((uint32_t *)&one->stops, __ATOMIC_RELAXED);
	one->next_tick = now + PT_ONE_CPU_TICK_NS;
	return one->next_tick;
}
