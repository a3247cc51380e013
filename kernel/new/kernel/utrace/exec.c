// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): the current task has executed a program.
 *
 * Its credentials and memory are new, and it has not run. A session whose opener could not
 * trace what it is now is detached here. Between the change of the credentials and this point
 * utrace_may_access() keeps such a session out.
 */
#include <linux/binfmts.h>
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/coredump.h>
#include <linux/security.h>
#include <linux/string.h>

#include "internal.h"

static bool same_user(const struct cred *opener, const struct cred *cred)
{
	return uid_eq(opener->uid, cred->euid) && uid_eq(opener->uid, cred->suid) &&
	       uid_eq(opener->uid, cred->uid) && gid_eq(opener->gid, cred->egid) &&
	       gid_eq(opener->gid, cred->sgid) && gid_eq(opener->gid, cred->gid);
}

/**
 * utrace_may_trace_current - may the opener of a session touch the current task?
 * @opener: its credentials
 *
 * ptrace_may_access() can't be asked: it lets every task access itself.
 */
bool utrace_may_trace_current(const struct cred *opener)
{
	const struct cred *cred = current_cred();

	if (get_dumpable(current->mm) == SUID_DUMP_USER && same_user(opener, cred) &&
	    opener->user_ns == cred->user_ns &&
	    cap_issubset(cred->cap_permitted, opener->cap_permitted))
		return true;
	return !security_capable(opener, current->mm->user_ns, CAP_SYS_PTRACE, CAP_OPT_NOAUDIT);
}

/* A watch that must end, with a reference. */
static struct utrace_watch *find_lost(struct utrace_task *ut)
{
	struct utrace_watch *watch, *found = NULL;

	spin_lock(&ut->lock);
	list_for_each_entry(watch, &ut->watches, on_task) {
		if (utrace_may_trace_current(watch->session->cred))
			continue;
		found = utrace_watch_get(watch);
		break;
	}
	spin_unlock(&ut->lock);
	return found;
}

static void detach_lost(struct utrace_task *ut)
{
	struct utrace_watch *watch;
	struct utrace_record rec;

	while ((watch = find_lost(ut))) {
		utrace_record_init(&rec, UTRACE_EV_DETACH);
		rec.detach.why = UTRACE_DETACH_EXEC;
		utrace_unwatch(watch, &rec, NULL);
		utrace_watch_put(watch);
	}
}

static bool has_points(const struct utrace_watch *watch)
{
	return memchr_inv(watch->points, 0, sizeof(watch->points));
}

/* A watch with watchpoints, with a reference. */
static struct utrace_watch *find_points(struct utrace_task *ut)
{
	struct utrace_watch *watch, *found = NULL;

	spin_lock(&ut->lock);
	list_for_each_entry(watch, &ut->watches, on_task) {
		if (!has_points(watch))
			continue;
		found = utrace_watch_get(watch);
		break;
	}
	spin_unlock(&ut->lock);
	return found;
}

/* Their addresses mean nothing in the new program. */
static void clear_points(struct utrace_task *ut)
{
	struct utrace_watch *watch;

	while ((watch = find_points(ut))) {
		utrace_watchpoints_clear(watch);
		utrace_watch_put(watch);
	}
}

static void renumber(struct utrace_task *ut)
{
	struct utrace_watch *watch;

	spin_lock(&ut->lock);
	list_for_each_entry(watch, &ut->watches, on_task) {
		watch->old_tid = watch->tid;
		watch->tid = task_pid_nr_ns(current, watch->session->pid_ns);
		watch->tgid = task_tgid_nr_ns(current, watch->session->pid_ns);
	}
	spin_unlock(&ut->lock);
}

void __utrace_exec(void)
{
	struct utrace_task *ut = current->utrace;
	struct utrace_record rec;

	renumber(ut);
	detach_lost(ut);
	clear_points(ut);
	utrace_record_init(&rec, UTRACE_EV_EXEC);
	utrace_report(&rec);
}
