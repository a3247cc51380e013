/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * backend/ptrace/step.c - what a single step would leave behind in the tracee, and must not.
 *
 * The kernel forces the step's SIGTRAP: where it is blocked, that would unblock it and reset its handler for good
 * (kernel/signal.c, force_sig_info_to_task).  So a blocked SIGTRAP is opened for the one step and closed at the next stop,
 * unless the instruction has set the mask itself.  An instruction that stores the flags stores the trap flag too; and
 * after a popf the kernel takes its own trap flag for the tracee's (arch/x86/kernel/step.c, enable_single_step).
 */
#include <signal.h>

#include "backend/ptrace/ptrace.h"

enum { SIGSET_SIZE = 8 };

static const uint64_t trap_bit = UINT64_C(1) << (SIGTRAP - 1);

/* What an instruction can raise by itself; blocked, it would be fatal. (kernel/signal.c, SYNCHRONOUS_MASK) */
static uint64_t own_signals(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGSYS};
	uint64_t mask = 0;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		mask |= UINT64_C(1) << (signals[i] - 1);
	return mask;
}

static void change_mask(struct pt_thread *pt, bool quiet)
{
	pid_t tid = pt_tid(pt->thread);
	uint64_t mask = 0;

	if (pt_request(PTRACE_GETSIGMASK, tid, SIGSET_SIZE, &mask) < 0)
		return;
	pt->saved_mask = mask;
	pt->step_mask = (quiet ? mask | ~own_signals() : mask) & ~trap_bit;
	if (pt->step_mask != mask)
		pt->mask_changed = pt_request(PTRACE_SETSIGMASK, tid, SIGSET_SIZE, &pt->step_mask) == 0;
}

void pt_quieten(utrace_thread *thread)
{
	change_mask(pt_of(thread), true);
}

/* The kernel never gives back SIGKILL and SIGSTOP as blocked. */
static void restore_mask(struct pt_thread *pt)
{
	static const uint64_t never = UINT64_C(1) << (SIGKILL - 1) | UINT64_C(1) << (SIGSTOP - 1);
	pid_t tid = pt_tid(pt->thread);
	uint64_t mask = 0;

	if (!pt->mask_changed)
		return;
	pt->mask_changed = false;
	if (pt_request(PTRACE_GETSIGMASK, tid, SIGSET_SIZE, &mask) == 0 && mask == (pt->step_mask & ~never))
		(void)pt_request(PTRACE_SETSIGMASK, tid, SIGSET_SIZE, &pt->saved_mask);
}

void pt_step_prepare(utrace_thread *thread, bool quiet)
{
	struct pt_thread *pt = pt_of(thread);

	ut__flags_before(thread, &pt->flags);
	change_mask(pt, quiet);
}

void pt_step_over(utrace_thread *thread)
{
	struct pt_thread *pt = pt_of(thread);

	restore_mask(pt);
	ut__flags_after(thread, &pt->flags, pt->stop == PT_STOP_SIGNAL && pt->signal == SIGTRAP);
}
