// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): how an event becomes a record, and how the sessions that record it are told.
 *
 * A record is made once, and then becomes each watch's own in turn: cookies, ids, pieces of
 * memory. The list of watches may change when a task gives its lock up, to copy memory or to wait
 * for room in a ring; utrace_watch->seen tells then who has been told of the event.
 */
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>

#include "internal.h"

/**
 * utrace_record_init - the part of a record that is the same for every session
 * @rec: the record
 * @event: the event
 */
void utrace_record_init(struct utrace_record *rec, enum utrace_ev event)
{
	memset(rec, 0, sizeof(*rec));
	rec->size = utrace_record_size(event);
	rec->event = event;
	rec->time = ktime_get_ns();
}

/* The same for SIGNAL. */
void utrace_record_signal(struct utrace_record *rec, const kernel_siginfo_t *info)
{
	utrace_record_init(rec, UTRACE_EV_SIGNAL);
	rec->signal.signo = info->si_signo;
	copy_siginfo_to_external((siginfo_t *)rec->signal.info, info);
}

static bool is_call(const struct utrace_record *rec)
{
	return rec->event == UTRACE_EV_SYSCALL_ENTRY || rec->event == UTRACE_EV_SYSCALL_EXIT;
}

/**
 * utrace_record_for - the part that is not
 * @rec: the record
 * @watch: for whom it is
 */
void utrace_record_for(struct utrace_record *rec, struct utrace_watch *watch)
{
	rec->task = watch->cookie;
	rec->process = watch->process->cookie;
	rec->tid = watch->tid;
	rec->tgid = watch->tgid;
	rec->size = utrace_record_size(rec->event);
	rec->stop = 0;
	rec->request = 0;
	rec->flags &= ~(UTRACE_REC_STOPPED | UTRACE_REC_ANSWERS | UTRACE_REC_INCOMPLETE);
	if (is_call(rec))
		rec->syscall.pieces = 0;
	if (rec->event == UTRACE_EV_CLONE || rec->event == UTRACE_EV_VFORK_DONE)
		rec->clone = watch->child;
	else if (rec->event == UTRACE_EV_EXEC)
		rec->exec.old_tid = watch->old_tid;
}

static bool wait_for_room(struct utrace_watch *watch, u32 size)
{
	struct utrace_session *session = watch->session;

	return !wait_event_state(session->writers,
				 !READ_ONCE(watch->watching) || utrace_ring_has_room(session, size),
				 UTRACE_TASK_HELD);
}

/**
 * utrace_wants - does a watch want this event?
 * @watch: the watch; the lock of its task is held
 * @rec: the event; if so it is made the watch's own
 * @stop: true: to be stopped by it; false: to be told of it
 */
bool utrace_wants(struct utrace_watch *watch, struct utrace_record *rec, bool stop)
{
	if (!utrace_rules_match(&watch->rules->policy, rec, stop))
		return false;
	utrace_record_for(rec, watch);
	return utrace_condition(watch->session, rec);
}

/*
 * Gives lock up to collect pieces or, if that is done, to wait for room. True: the watch is to be
 * looked at again.
 */
static bool prepare(struct utrace_task *ut, struct utrace_watch *watch, struct utrace_record *rec,
		    bool capture)
{
	bool again = true;

	utrace_watch_get(watch);
	spin_unlock(&ut->lock);
	if (capture)
		utrace_capture(watch, rec);
	else
		again = wait_for_room(watch, rec->size);
	spin_lock(&ut->lock);
	utrace_watch_put(watch);
	return again;
}

/* Tells a watch that records. Returns false if the list may have changed meanwhile. */
static bool record_for(struct utrace_task *ut, struct utrace_watch *watch,
		       struct utrace_record *rec, bool may_wait)
{
	bool capture = is_call(rec) && READ_ONCE(watch->session->captures);
	const struct utrace_pieces *pieces = NULL;
	u64 seq = ut->seq;

	if (capture && watch->pieces.seq == seq) {
		capture = false;
		utrace_captured(watch, rec);
		pieces = &watch->pieces;
	}
	if (!capture && utrace_ring_record(watch->session, rec, pieces, may_wait))
		return true;
	if (capture)
		watch->pieces.seq = seq;
	if (prepare(ut, watch, rec, capture))
		watch->seen = seq - 1;
	return false;
}

/**
 * utrace_tell_recorders - tell the sessions that record an event
 * @ut: the current task; its lock is held, and given up while the task waits for room or copies
 * @rec: the event
 * @may_wait: false: it is lost where there is no room
 */
void utrace_tell_recorders(struct utrace_task *ut, struct utrace_record *rec, bool may_wait)
{
	struct utrace_watch *watch;

	ut->seq++;
again:
	list_for_each_entry(watch, &ut->watches, on_task) {
		if (watch->seen == ut->seq)
			continue;
		watch->seen = ut->seq;
		if (utrace_rules_match(&watch->rules->policy, rec, true) ||
		    !utrace_wants(watch, rec, false))
			continue;
		if (!record_for(ut, watch, rec, may_wait))
			goto again;
	}
}

/**
 * utrace_record - tell the sessions that record what the current task does
 * @rec: the event; what differs between sessions is filled in
 *
 * May sleep.
 */
void utrace_record(struct utrace_record *rec)
{
	struct utrace_task *ut = current->utrace;

	if (!(READ_ONCE(ut->wanted) & UTRACE_EV_BIT(rec->event)))
		return;
	spin_lock(&ut->lock);
	utrace_tell_recorders(ut, rec, true);
	spin_unlock(&ut->lock);
}
