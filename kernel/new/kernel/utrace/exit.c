// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): the current task ends.
 *
 * EXIT comes first, with memory and registers still there, and may hold the task. A task that
 * SIGKILL ends is not held, and one that is held here can be let go by SIGKILL
 * (utrace_kill_held()), which signal.c would otherwise drop for a process that exits. DEATH comes
 * last, before the parent is told and before an exec'ing thread can see that this one is gone.
 */
#include <linux/sched/signal.h>

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

void __utrace_exit(long code)
{
	struct utrace_record rec;

	utrace_record_init(&rec, UTRACE_EV_EXIT);
	rec.exit.status = code;
	rec.exit.cause = cause();
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
	struct utrace_watch *watch;
	struct utrace_record rec;

	while ((watch = first_watch(ut))) {
		utrace_record_init(&rec, UTRACE_EV_DEATH);
		rec.exit.status = current->exit_code;
		rec.exit.cause = ut->cause ?: cause();
		utrace_unwatch(watch, &rec);
		utrace_watch_put(watch);
	}
}
