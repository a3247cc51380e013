// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): signals that the current task takes.
 */
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>

#include "internal.h"

/* Is told of signals that would be dropped when they are sent. */
bool __utrace_wants_ignored(struct task_struct *task)
{
	return READ_ONCE(task->utrace->wanted_stop) & UTRACE_EV_BIT(UTRACE_EV_SIGNAL);
}

/* Is told of signals that would end the process when they are sent. */
bool __utrace_wants_fatal(struct task_struct *task)
{
	return READ_ONCE(task->utrace->wanted) & UTRACE_EV_BIT(UTRACE_EV_SIGNAL);
}

/* siglock is held. What the sessions made of the signal: its number, or 0. */
static int apply_verdict(struct utrace_task *ut, int signo, kernel_siginfo_t *info,
			 enum pid_type type)
{
	switch (ut->verdict) {
	case UTRACE_DROP:
		return 0;
	case UTRACE_INJECT:
		/* This one is next. */
		send_signal_locked(signo, info, current, type);
		fallthrough;
	case UTRACE_REPLACE:
		copy_siginfo(info, &ut->info);
		return info->si_signo;
	default:
		return signo;
	}
}

int __utrace_signal(int signo, kernel_siginfo_t *info, enum pid_type type)
{
	struct utrace_task *ut = current->utrace;
	struct utrace_record rec;
	bool held;

	if (!__utrace_wants_fatal(current))
		return signo;
	/* So that a stop signal stops, whichever it will be, unless SIGCONT comes meanwhile. */
	current->jobctl |= JOBCTL_STOP_DEQUEUED;
	spin_unlock_irq(&current->sighand->siglock);

	utrace_record_init(&rec, UTRACE_EV_SIGNAL);
	rec.signal.signo = signo;
	copy_siginfo_to_external((siginfo_t *)rec.signal.info, info);
	held = utrace_report(&rec);

	spin_lock_irq(&current->sighand->siglock);
	if (held)
		signo = apply_verdict(ut, signo, info, type);
	if (signo && (sigismember(&current->blocked, signo) || fatal_signal_pending(current))) {
		send_signal_locked(signo, info, current, type);
		signo = 0;
	}
	return signo;
}
