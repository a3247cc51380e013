// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): signals that the current task takes.
 *
 * Two decisions are made when a signal is sent: one that is ignored is dropped, and one that ends
 * the process ends it. Only for a session that stops on signals they are left to the task, as for a
 * ptracer; but then a fatal signal does not end a killable sleep. For a session that
 * records, exit.c tells what ended the process.
 */
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>

#include "internal.h"

bool __utrace_stops_on_signals(struct task_struct *task)
{
	return READ_ONCE(task->utrace->wanted_stop) & UTRACE_EV_BIT(UTRACE_EV_SIGNAL);
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

	if (!(READ_ONCE(ut->wanted) & UTRACE_EV_BIT(UTRACE_EV_SIGNAL)))
		return signo;
	/* So that a stop signal stops, whichever it will be, unless SIGCONT comes meanwhile. */
	current->jobctl |= JOBCTL_STOP_DEQUEUED;
	spin_unlock_irq(&current->sighand->siglock);

	utrace_record_signal(&rec, info);
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
