// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): the current task ends.
 *
 * EXIT comes first, with memory and registers still there, and may hold the task. A task that
 * SIGKILL ends is not held, and one that is held here can be let go by SIGKILL
 * (utrace_kill_held()), which signal.c would otherwise drop for a process that exits. DEATH comes
 * last, before the parent is told and before an exec'ing thread can see that this one is gone.
 *
 * A signal that ended the process when it was sent has been taken by nobody. It is told before EXIT
 * by the thread that it was for, or if it was for any, by the first that gets here.
 */
#include <linux/resource.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>

#include "internal.h"

static u32 cause(void)
{
	struct task_struct *by = READ_ONCE(current->signal->group_exec_task);

	if (by && by != current)
		return UTRACE_CAUSE_EXEC;
	if (!(current->flags & PF_SIGNALED))
		return UTRACE_CAUSE_SELF;
	/* Of many threads that a signal ends, one took it, and the kernel does not keep which. */
	if (current->signal->group_exit_code != SIGKILL && current->signal->nr_threads == 1)
		return UTRACE_CAUSE_SELF;
	return UTRACE_CAUSE_GROUP;
}

/* Takes the signal that ended the process from the queue, where it still is if it was sent. */
static bool take_fatal(kernel_siginfo_t *info)
{
	int signo = current->signal->group_exit_code & 0x7f;
	enum pid_type type;
	sigset_t others;
	bool found;

	/* One that dumps core is always taken by a thread. */
	if (!signo || signo == SIGKILL || sig_kernel_coredump(signo))
		return false;
	sigfillset(&others);
	sigdelset(&others, signo);
	spin_lock_irq(&current->sighand->siglock);
	found = dequeue_signal(&others, info, &type) == signo;
	spin_unlock_irq(&current->sighand->siglock);
	return found;
}

static void tell_fatal(struct utrace_task *ut)
{
	struct utrace_record rec;
	kernel_siginfo_t info;

	if (!(current->flags & PF_SIGNALED) ||
	    !(READ_ONCE(ut->wanted) & UTRACE_EV_BIT(UTRACE_EV_SIGNAL)) || !take_fatal(&info))
		return;
	utrace_record_signal(&rec, &info);
	utrace_record(&rec);
}

static u64 nanoseconds(const struct __kernel_old_timeval *time)
{
	return time->tv_sec * NSEC_PER_SEC + time->tv_usec * NSEC_PER_USEC;
}

/* @who: RUSAGE_THREAD or RUSAGE_SELF */
static void read_usage(struct utrace_rec_exit *exit, int who)
{
	struct rusage usage;

	getrusage(current, who, &usage);
	exit->utime = nanoseconds(&usage.ru_utime);
	exit->stime = nanoseconds(&usage.ru_stime);
	exit->maxrss = (u64)usage.ru_maxrss * SZ_1K;
	exit->minflt = usage.ru_minflt;
	exit->majflt = usage.ru_majflt;
	exit->nvcsw = usage.ru_nvcsw;
	exit->nivcsw = usage.ru_nivcsw;
}

void __utrace_exit(long code)
{
	struct utrace_record rec;

	tell_fatal(current->utrace);
	utrace_record_init(&rec, UTRACE_EV_EXIT);
	rec.exit.status = code;
	rec.exit.cause = cause();
	read_usage(&rec.exit, RUSAGE_THREAD);
	current->utrace->cause = rec.exit.cause;
	utrace_record(&rec);
	if ((code & 0x7f) != SIGKILL)
		utrace_stop(&rec);
}

static struct utrace_watch *first_watch(struct utrace_task *ut)
{
	struct utrace_watch *watch;

	spin_lock(&ut->lock);
	ut->dead = true;
	watch = list_first_entry_or_null(&ut->watches, struct utrace_watch, on_task);
	if (watch)
		utrace_watch_get(watch);
	spin_unlock(&ut->lock);
	return watch;
}

void __utrace_death(void)
{
	struct utrace_task *ut = current->utrace;
	struct utrace_rec_exit thread, process;
	struct utrace_watch *watch;
	struct utrace_record rec;

	thread.status = current->exit_code;
	thread.cause = ut->cause ?: cause();
	read_usage(&thread, RUSAGE_THREAD);
	process.status = current->signal->group_exit_code;
	process.cause = thread.cause;
	read_usage(&process, RUSAGE_SELF);
	while ((watch = first_watch(ut))) {
		utrace_record_init(&rec, UTRACE_EV_DEATH);
		rec.exit = thread;
		utrace_unwatch(watch, &rec, &process);
		utrace_watch_put(watch);
	}
}
