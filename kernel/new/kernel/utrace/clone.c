// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): the current task makes another one.
 *
 * The child can be found by others but has not run when utrace_clone_born() gives it the watches
 * of its maker. A session's CLONE record comes after the child's ATTACH and before anything that
 * the child does, unless the session stops on it: then it comes when the maker stops, with the
 * child running or held.
 */
#include <linux/memcontrol.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>

#include "internal.h"

static bool follows(const struct utrace_watch *watch, u64 clone_flags)
{
	return watch->scope >= (clone_flags & CLONE_THREAD ? UTRACE_SCOPE_PROCESS :
							     UTRACE_SCOPE_TREE);
}

/* A watch of the current task that has not seen this event, with a reference. */
static struct utrace_watch *next_watch(struct utrace_task *ut)
{
	struct utrace_watch *watch, *found = NULL;

	spin_lock(&ut->lock);
	list_for_each_entry(watch, &ut->watches, on_task) {
		if (watch->seen == ut->seq)
			continue;
		watch->seen = ut->seq;
		found = utrace_watch_get(watch);
		break;
	}
	spin_unlock(&ut->lock);
	return found;
}

/*
 * A command for all threads of the process may have passed the place of the child before it was
 * there, but then it has reached its maker.
 */
static void catch_up(struct utrace_watch *watch, struct utrace_watch *young)
{
	struct utrace_task *child = young->task->utrace;
	struct utrace_rules *rules, *old;
	u64 request;

	rules = utrace_rules_of(watch);
	spin_lock(&watch->task->utrace->lock);
	request = watch->want_stop ? watch->request : 0;
	spin_unlock(&watch->task->utrace->lock);

	spin_lock(&child->lock);
	old = young->rules;
	young->rules = rules;
	utrace_update(child);
	if (request && !young->want_stop) {
		young->want_stop = true;
		young->request = request;
	}
	spin_unlock(&child->lock);
	utrace_rules_put(old);
}

static int watch_child(struct utrace_watch *watch, struct task_struct *child, u64 clone_flags)
{
	struct utrace_rec_attach why = {
		.why = UTRACE_WHY_CLONE,
		.parent = watch->cookie,
		.clone_flags = clone_flags,
	};
	struct utrace_rules *rules = utrace_rules_of(watch);
	bool hold = rules->policy.stop & UTRACE_EV_BIT(UTRACE_EV_CLONE);
	struct utrace_process *process;
	struct utrace_watch *young;
	int error;

	process = clone_flags & CLONE_THREAD ? utrace_process_get(watch->process) :
					       utrace_process_make(watch->session, child);
	young = utrace_watch_create(watch->session, child, process, rules, watch->scope,
				    watch->flags);
	utrace_rules_put(rules);
	if (!young)
		return -ENOMEM;
	error = utrace_watch_start(young, &why, hold);
	if (!error) {
		catch_up(watch, young);
		watch->child.child = young->cookie;
		watch->child.child_process = young->process->cookie;
	}
	utrace_watch_put(young);
	return error;
}

static void born(struct utrace_watch *watch, struct task_struct *child,
		 const struct kernel_clone_args *args)
{
	struct mem_cgroup *old;

	memset(&watch->child, 0, sizeof(watch->child));
	watch->child.clone_flags = args->flags;
	watch->child.exit_signal = args->exit_signal;
	watch->child.child_tid = task_pid_nr_ns(child, watch->session->pid_ns);
	if (!follows(watch, args->flags))
		return;
	old = set_active_memcg(watch->session->memcg);
	watch->child.error = -watch_child(watch, child, args->flags);
	set_active_memcg(old);
}

void __utrace_clone_born(struct task_struct *child, const struct kernel_clone_args *args)
{
	struct utrace_task *ut = current->utrace;
	struct utrace_watch *watch;
	struct utrace_record rec;

	ut->seq++;
	while ((watch = next_watch(ut))) {
		born(watch, child, args);
		utrace_watch_put(watch);
	}
	if (child->utrace) {
		child->utrace->newborn = true;
		set_tsk_thread_flag(child, TIF_NOTIFY_RESUME);
	}
	utrace_record_init(&rec, UTRACE_EV_CLONE);
	utrace_record(&rec);
}

void __utrace_clone(void)
{
	struct utrace_record rec;

	utrace_record_init(&rec, UTRACE_EV_CLONE);
	utrace_stop(&rec);
}

void __utrace_vfork_done(void)
{
	struct utrace_record rec;

	utrace_record_init(&rec, UTRACE_EV_VFORK_DONE);
	utrace_report(&rec);
}
