// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): who may watch whom, and UTRACE_OP_ATTACH.
 *
 * Everything is judged with the credentials of the session's opener, since the descriptor can
 * travel. To attach takes what PTRACE_SEIZE takes. What is done to a task later is judged again,
 * because the task may have changed its credentials or memory; but then with
 * PTRACE_MODE_READ: a security module that allows only ancestors to attach (Yama) has been
 * asked, and a daemon's ancestors change.
 *
 * No thread of a process is missed. A thread that is being made is on the thread list before its
 * maker runs utrace_clone_born(). So if the maker was not watched then, it became so later, and a
 * pass over the list that starts after that finds the new thread. The passes end when one finds
 * nothing to do.
 */
#include <linux/audit.h>
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "internal.h"

#define BATCH	32

struct attach {
	struct utrace_session *session;
	struct utrace_attach_args *args;
	struct utrace_rules *rules;
	struct task_struct *task;
	struct utrace_process *process;
	u64 last_cookie;		/* before this call */
	struct task_struct *batch[BATCH];
};

/**
 * utrace_may_access - may the session still touch what it watches?
 * @watch: the watch; its task is held, or its exec_update_lock is
 */
bool utrace_may_access(struct utrace_watch *watch)
{
	const struct cred *old = override_creds(watch->session->cred);
	bool ok = ptrace_may_access(watch->task, PTRACE_MODE_READ_REALCREDS);

	revert_creds(old);
	return ok;
}

static bool may_attach(struct attach *attach, struct task_struct *task)
{
	const struct cred *old = override_creds(attach->session->cred);
	bool ok = ptrace_may_access(task, PTRACE_MODE_ATTACH_REALCREDS);

	revert_creds(old);
	return ok;
}

static int attach_one(struct attach *attach, struct task_struct *task)
{
	static const struct utrace_rec_attach why = { .why = UTRACE_WHY_ASKED };
	struct utrace_attach_args *args = attach->args;
	struct utrace_watch *watch;
	int error;

	if (!may_attach(attach, task))
		return -EPERM;
	watch = utrace_watch_create(attach->session, task, utrace_process_get(attach->process),
				    attach->rules, args->scope, args->flags);
	if (!watch)
		return -ENOMEM;
	error = utrace_watch_start(watch, &why, false);
	if (!error && args->flags & UTRACE_ATTACH_HOLD) {
		spin_lock(&task->utrace->lock);
		if (watch->watching && !watch->stop)
			utrace_request_stop(watch, true);
		spin_unlock(&task->utrace->lock);
	}
	if (!error && task == attach->task)
		args->task = watch->cookie;
	utrace_watch_put(watch);
	if (!error)
		args->threads++;
	return error;
}

static bool is_watched(struct utrace_session *session, struct task_struct *task)
{
	struct utrace_task *ut = READ_ONCE(task->utrace);
	struct utrace_watch *watch;
	bool found = false;

	if (!ut)
		return false;
	spin_lock(&ut->lock);
	list_for_each_entry(watch, &ut->watches, on_task)
		found |= watch->session == session;
	spin_unlock(&ut->lock);
	return found;
}

/* Threads that are not watched yet, each with a reference. */
static unsigned int find_threads(struct attach *attach)
{
	struct task_struct *t;
	unsigned int n = 0;

	rcu_read_lock();
	for_each_thread(attach->task, t) {
		if (t->flags & (PF_EXITING | PF_USER_WORKER) || is_watched(attach->session, t))
			continue;
		attach->batch[n++] = get_task_struct(t);
		if (n == BATCH)
			break;
	}
	rcu_read_unlock();
	return n;
}

static int attach_batch(struct attach *attach, unsigned int n)
{
	int error = 0, one;
	unsigned int i;

	for (i = 0; i < n; i++) {
		one = error ? 0 : attach_one(attach, attach->batch[i]);
		/* It has ended, or its maker was faster. */
		if (one != -ESRCH && one != -EEXIST)
			error = error ?: one;
		put_task_struct(attach->batch[i]);
	}
	return error;
}

static int attach_process(struct attach *attach)
{
	unsigned int n;
	int error;

	while ((n = find_threads(attach))) {
		error = attach_batch(attach, n);
		if (error)
			return error;
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return attach->args->threads ? 0 : -ESRCH;
}

/* All or nothing: what this call has attached goes again. */
static void attach_undo(struct attach *attach)
{
	struct utrace_watch *watch;
	unsigned long cookie;

	xa_for_each(&attach->session->watches, cookie, watch) {
		struct utrace_record rec;

		watch = utrace_watch_find(attach->session, cookie);
		if (!watch)
			continue;
		utrace_record_init(&rec, UTRACE_EV_DETACH);
		rec.detach.why = UTRACE_DETACH_ASKED;
		if (watch->process == attach->process && cookie > attach->last_cookie)
			utrace_unwatch(watch, &rec, NULL);
		utrace_watch_put(watch);
	}
}

static int attach_locked(struct attach *attach)
{
	struct task_struct *task = attach->task;
	int error;

	if (is_watched(attach->session, task))
		return -EEXIST;
	attach->last_cookie = READ_ONCE(attach->session->last_cookie);
	attach->process = utrace_process_make(attach->session, task);
	if (!attach->process)
		return -ENOMEM;
	attach->args->process = attach->process->cookie;

	error = down_read_killable(&task->signal->exec_update_lock);
	if (!error) {
		error = attach->args->scope == UTRACE_SCOPE_THREAD ? attach_one(attach, task) :
								     attach_process(attach);
		up_read(&task->signal->exec_update_lock);
	}
	if (error && attach->args->scope != UTRACE_SCOPE_THREAD)
		attach_undo(attach);
	utrace_process_put(attach->process);
	return error;
}

static struct task_struct *find_task(const struct utrace_attach_args *args)
{
	struct task_struct *task;
	unsigned int flags;

	if (args->pidfd >= 0)
		return args->tid ? ERR_PTR(-EINVAL) : pidfd_get_task(args->pidfd, &flags);
	if (args->pidfd != -1)
		return ERR_PTR(-EINVAL);
	task = find_get_task_by_vpid(args->tid);
	return task ?: ERR_PTR(-ESRCH);
}

static int check_args(const struct utrace_attach_args *args)
{
	if (args->flags & ~(UTRACE_ATTACH_HOLD | UTRACE_ATTACH_OBSERVE | UTRACE_ATTACH_SHARE))
		return -EINVAL;
	if (args->scope > UTRACE_SCOPE_TREE || args->threads || args->task || args->process)
		return -EINVAL;
	if (!args->policy != !args->policy_size)
		return -EINVAL;
	return 0;
}

static int attach_task(struct attach *attach)
{
	struct task_struct *task = attach->task;
	int error;

	audit_ptrace(task);
	if (task->flags & (PF_KTHREAD | PF_USER_WORKER))
		return -EPERM;
	if (same_thread_group(task, current))
		return -EINVAL;
	error = mutex_lock_interruptible(&attach->session->mutex);
	if (error)
		return error;
	error = attach_locked(attach);
	mutex_unlock(&attach->session->mutex);
	return error;
}

/**
 * utrace_attach - UTRACE_OP_ATTACH
 * @session: the session
 * @args: in and out
 *
 * Returns how many threads were attached, or an error.
 */
long utrace_attach(struct utrace_session *session, struct utrace_attach_args *args)
{
	struct attach *attach;
	int error;

	error = check_args(args);
	if (error)
		return error;
	attach = kzalloc(sizeof(*attach), GFP_KERNEL);
	if (!attach)
		return -ENOMEM;
	attach->session = session;
	attach->args = args;
	attach->rules = utrace_rules_copy(args->policy, args->policy_size);
	error = PTR_ERR_OR_ZERO(attach->rules);
	if (error)
		goto free;
	attach->task = find_task(args);
	error = PTR_ERR_OR_ZERO(attach->task);
	if (!error) {
		error = attach_task(attach);
		put_task_struct(attach->task);
	}
	utrace_rules_put(attach->rules);
free:
	kfree(attach);
	return error ? error : (long)args->threads;
}
