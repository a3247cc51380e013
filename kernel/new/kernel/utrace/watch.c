// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): watches, from attach to detach or death.
 *
 * A watch starts in utrace_watch_start(), with the task's and the session's lock held, so that it
 * is on both the task's list and in the session's xarray or on neither. It ends in
 * utrace_unwatch(), once, whoever comes first: a command, the end of the session, an exec
 * that the session may not follow, or the task's death.
 *
 * task->utrace is set with task_lock held and PF_EXITING seen clear. A task sets PF_EXITING
 * and then takes its task_lock in exit_mm() before it looks at its utrace pointer for the last
 * time, in utrace_death(). So either that sees the pointer, or no watch can start.
 */
#include <linux/cred.h>
#include <linux/memcontrol.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "internal.h"

static struct utrace_task *task_alloc(struct task_struct *task)
{
	struct utrace_task *ut = kzalloc(sizeof(*ut), GFP_KERNEL_ACCOUNT);

	if (!ut)
		return NULL;
	ut->task = task;
	spin_lock_init(&ut->lock);
	mutex_init(&ut->access);
	INIT_LIST_HEAD(&ut->watches);
	return ut;
}

/* job_stop() will not be called for a task that job control has stopped already. */
static void task_note_job(struct task_struct *task, struct utrace_task *ut)
{
	unsigned long flags;

	if (!lock_task_sighand(task, &flags))
		return;
	if (task->jobctl & JOBCTL_STOPPED) {
		ut->where = UTRACE_JOB;
		ut->place = UTRACE_EV_JOB_STOP;
	}
	/* Release: it is read without a lock. */
	smp_store_release(&task->utrace, ut);
	unlock_task_sighand(task, &flags);
}

/**
 * utrace_task_make - the utrace state of a task, made if it has none
 * @task: the task, referenced
 *
 * Returns it, or -ENOMEM, or -ESRCH if the task ends.
 */
struct utrace_task *utrace_task_make(struct task_struct *task)
{
	struct utrace_task *ut = READ_ONCE(task->utrace);

	if (ut)
		return ut;
	ut = task_alloc(task);
	if (!ut)
		return ERR_PTR(-ENOMEM);
	task_lock(task);
	if (!(task->flags & PF_EXITING) && !task->utrace)
		task_note_job(task, ut);
	task_unlock(task);
	if (task->utrace == ut)
		return ut;
	kfree(ut);
	return READ_ONCE(task->utrace) ?: ERR_PTR(-ESRCH);
}

void __utrace_free_task(struct task_struct *task)
{
	WARN_ON_ONCE(!list_empty(&task->utrace->watches));
	kfree(task->utrace);
}

static u64 next_cookie(struct utrace_session *session)
{
	u64 cookie;

	spin_lock(&session->lock);
	cookie = ++session->last_cookie;
	spin_unlock(&session->lock);
	return cookie;
}

struct utrace_process *utrace_process_get(struct utrace_process *process)
{
	refcount_inc(&process->ref);
	return process;
}

void utrace_process_put(struct utrace_process *process)
{
	if (process && refcount_dec_and_test(&process->ref))
		kfree(process);
}

static struct utrace_process *process_find(struct utrace_session *session,
					   const struct signal_struct *signal)
{
	struct utrace_process *process = NULL;
	struct utrace_watch *watch;
	unsigned long cookie;

	xa_lock(&session->watches);
	xa_for_each(&session->watches, cookie, watch) {
		if (watch->process->signal == signal) {
			process = utrace_process_get(watch->process);
			break;
		}
	}
	xa_unlock(&session->watches);
	return process;
}

/**
 * utrace_process_make - what a session knows of a task's process, made if it is nothing
 * @session: the session
 * @task: the task
 *
 * Returns it with a reference, or NULL if there is no memory.
 */
struct utrace_process *utrace_process_make(struct utrace_session *session,
					   struct task_struct *task)
{
	struct utrace_process *process = process_find(session, task->signal);

	if (process)
		return process;
	process = kzalloc(sizeof(*process), GFP_KERNEL_ACCOUNT);
	if (!process)
		return NULL;
	refcount_set(&process->ref, 1);
	process->signal = task->signal;
	process->cookie = next_cookie(session);
	return process;
}

struct utrace_watch *utrace_watch_get(struct utrace_watch *watch)
{
	refcount_inc(&watch->ref);
	return watch;
}

static void watch_free(struct work_struct *work)
{
	struct utrace_watch *watch = container_of(work, struct utrace_watch, free_work);

	kvfree(watch->pieces.data);
	utrace_rules_put(watch->rules);
	utrace_process_put(watch->process);
	put_task_struct(watch->task);
	utrace_session_put(watch->session);
	kfree(watch);
}

/* In any context. */
void utrace_watch_put(struct utrace_watch *watch)
{
	if (refcount_dec_and_test(&watch->ref))
		schedule_work(&watch->free_work);
}

/**
 * utrace_watch_create - a watch that has not started
 * @session: the session
 * @task: what it will watch
 * @process: its process; the reference is taken over, also on failure
 * @rules: its rules; a reference is added
 * @scope: enum utrace_scope
 * @flags: enum utrace_attach_flag
 *
 * Returns it with one reference, or NULL if there is no memory.
 */
struct utrace_watch *utrace_watch_create(struct utrace_session *session, struct task_struct *task,
					 struct utrace_process *process, struct utrace_rules *rules,
					 u32 scope, u32 flags)
{
	struct utrace_watch *watch;

	watch = process ? kzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT) : NULL;
	if (!watch) {
		utrace_process_put(process);
		return NULL;
	}
	refcount_set(&watch->ref, 1);
	INIT_WORK(&watch->free_work, watch_free);
	INIT_LIST_HEAD(&watch->on_task);
	INIT_LIST_HEAD(&watch->on_owed);
	watch->session = utrace_session_get(session);
	watch->task = get_task_struct(task);
	watch->process = process;
	watch->rules = utrace_rules_get(rules);
	watch->cookie = next_cookie(session);
	watch->scope = scope;
	watch->flags = flags;
	watch->tid = task_pid_nr_ns(task, session->pid_ns);
	watch->tgid = task_tgid_nr_ns(task, session->pid_ns);
	return watch;
}

static bool conflicts(const struct utrace_watch *one, const struct utrace_watch *other)
{
	if ((one->flags | other->flags) & UTRACE_ATTACH_OBSERVE)
		return false;
	return !(one->flags & other->flags & UTRACE_ATTACH_SHARE);
}

static int watch_check(struct utrace_task *ut, const struct utrace_watch *watch)
{
	struct utrace_watch *other;

	if (ut->dead)
		return -ESRCH;
	list_for_each_entry(other, &ut->watches, on_task) {
		if (other->session == watch->session)
			return -EEXIST;
		if (conflicts(watch, other))
			return -EBUSY;
	}
	return 0;
}

/* Makes the watch known to its session. There is a place for it. */
static int watch_enter(struct utrace_watch *watch)
{
	struct utrace_session *session = watch->session;
	int error = 0;

	spin_lock(&session->lock);
	if (session->closed) {
		error = -EBADF;
	} else {
		xa_store(&session->watches, watch->cookie, utrace_watch_get(watch), GFP_ATOMIC);
		watch->process->living++;
	}
	spin_unlock(&session->lock);
	return error;
}

/**
 * utrace_watch_start - begin to watch
 * @watch: a new watch
 * @why: what the ATTACH record says
 * @hold: the task shall stop
 *
 * Returns 0, -ENOMEM, -ESRCH if the task ends, -EEXIST if the session watches it already, -EBUSY if
 * another session does not share it, -EBADF if the session is closed.
 */
int utrace_watch_start(struct utrace_watch *watch, const struct utrace_rec_attach *why, bool hold)
{
	struct utrace_task *ut = utrace_task_make(watch->task);
	struct utrace_record rec;
	int error;

	if (IS_ERR(ut))
		return PTR_ERR(ut);
	error = xa_reserve(&watch->session->watches, watch->cookie, GFP_KERNEL_ACCOUNT);
	if (error)
		return error;

	utrace_record_init(&rec, UTRACE_EV_ATTACH);
	rec.attach = *why;
	utrace_record_for(&rec, watch);

	spin_lock(&ut->lock);
	error = watch_check(ut, watch) ?: watch_enter(watch);
	if (!error) {
		watch->watching = true;
		list_add_tail(&watch->on_task, &ut->watches);
		utrace_update(ut);
		utrace_ring_tell(watch, UTRACE_OWES_ATTACH, &rec);
		watch->want_stop = hold;
	}
	spin_unlock(&ut->lock);
	if (error)
		xa_release(&watch->session->watches, watch->cookie);
	return error;
}

/**
 * utrace_watch_find - look a watch up
 * @session: the session
 * @cookie: of the watch
 *
 * Returns it with a reference, or NULL.
 */
struct utrace_watch *utrace_watch_find(struct utrace_session *session, u64 cookie)
{
	struct utrace_watch *watch;

	xa_lock(&session->watches);
	watch = xa_load(&session->watches, cookie);
	if (watch)
		utrace_watch_get(watch);
	xa_unlock(&session->watches);
	return watch;
}

/* The task's death ended its process, as far as this session watches it. */
static void record_process_end(struct utrace_watch *watch, struct utrace_record *rec,
			       const struct utrace_rec_exit *process)
{
	if (watch->process->living || atomic_read(&watch->task->signal->live))
		return;
	rec->flags |= UTRACE_REC_PROCESS_END;
	rec->exit = *process;
}

/**
 * utrace_unwatch - stop watching, and let the task go
 * @watch: the watch
 * @last: the last record of it, or NULL
 * @process: what @last shall say if it is the end of the process, or NULL
 *
 * Returns false if it was over already.
 */
bool utrace_unwatch(struct utrace_watch *watch, struct utrace_record *last,
		    const struct utrace_rec_exit *process)
{
	struct utrace_session *session = watch->session;
	struct utrace_task *ut = watch->task->utrace;

	spin_lock(&ut->lock);
	if (!watch->watching) {
		spin_unlock(&ut->lock);
		return false;
	}
	watch->watching = false;
	watch->want_stop = false;
	watch->step = UTRACE_NO_STEP;
	list_del(&watch->on_task);
	utrace_let_go(watch);
	utrace_update(ut);

	spin_lock(&session->lock);
	xa_erase(&session->watches, watch->cookie);
	watch->process->living--;
	if (process)
		record_process_end(watch, last, process);
	spin_unlock(&session->lock);
	if (last) {
		utrace_record_for(last, watch);
		utrace_ring_tell(watch, UTRACE_OWES_END, last);
	}
	spin_unlock(&ut->lock);

	utrace_watchpoints_clear(watch);
	wake_up_all(&session->writers);
	utrace_watch_put(watch);
	return true;
}
