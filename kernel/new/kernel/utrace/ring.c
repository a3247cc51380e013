// SPDX-License-Identifier: GPL-2.0-only
/*
 * utrace(2): the ring of a session, and what is owed to it.
 *
 * The ring's pages are mapped by user space, which may write anything there at any time. The kernel
 * writes to them and reads only `tail`; a tail that can't be true makes the ring full. What the
 * kernel goes by (head, size, the counts) is in the session.
 *
 * Records that may not be lost are kept in the watch when there is no room, and the watch on the
 * session's list `owed`. While that list is not empty the ring takes nothing else, so a
 * task's records stay in order.
 *
 * All under session->lock.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "internal.h"

u32 utrace_record_size(enum utrace_ev event)
{
	const u32 head = offsetof(struct utrace_record, syscall);

	switch (event) {
	case UTRACE_EV_LOST:
		return head + sizeof(struct utrace_rec_lost);
	case UTRACE_EV_ATTACH:
		return head + sizeof(struct utrace_rec_attach);
	case UTRACE_EV_DETACH:
		return head + sizeof(struct utrace_rec_detach);
	case UTRACE_EV_SYSCALL_ENTRY:
	case UTRACE_EV_SYSCALL_EXIT:
		return head + sizeof(struct utrace_rec_syscall);
	case UTRACE_EV_CLONE:
	case UTRACE_EV_VFORK_DONE:
		return head + sizeof(struct utrace_rec_clone);
	case UTRACE_EV_EXEC:
		return head + sizeof(struct utrace_rec_exec);
	case UTRACE_EV_EXIT:
	case UTRACE_EV_DEATH:
		return head + sizeof(struct utrace_rec_exit);
	case UTRACE_EV_SIGNAL:
		return head + sizeof(struct utrace_rec_signal);
	case UTRACE_EV_JOB_STOP:
	case UTRACE_EV_JOB_CONTINUE:
		return head + sizeof(struct utrace_rec_job);
	case UTRACE_EV_STEP:
		return head + sizeof(struct utrace_rec_step);
	case UTRACE_EV_WATCHPOINT:
		return head + sizeof(struct utrace_rec_watchpoint);
	default:
		return head;
	}
}

static int ring_alloc_pages(struct utrace_session *session)
{
	unsigned int i;

	for (i = 0; i < session->nr_pages; i++) {
		session->pages[i] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
		if (!session->pages[i])
			return -ENOMEM;
		cond_resched();
	}
	session->ring = vmap(session->pages, session->nr_pages, VM_MAP | VM_USERMAP, PAGE_KERNEL);
	return session->ring ? 0 : -ENOMEM;
}

/* On failure the caller drops the session, which frees what there is. */
int utrace_ring_create(struct utrace_session *session, u32 size)
{
	int error;

	if (!is_power_of_2(size) || size < PAGE_SIZE || size > UTRACE_MAX_RING)
		return -EINVAL;
	session->size = size;
	session->nr_pages = 1 + (size >> PAGE_SHIFT);
	session->pages = kvcalloc(session->nr_pages, sizeof(*session->pages), GFP_KERNEL_ACCOUNT);
	if (!session->pages)
		return -ENOMEM;
	error = ring_alloc_pages(session);
	if (error)
		return error;
	session->ring->data_offset = PAGE_SIZE;
	session->ring->data_size = size;
	return 0;
}

void utrace_ring_destroy(struct utrace_session *session)
{
	unsigned int i;

	if (session->ring)
		vunmap(session->ring);
	for (i = 0; session->pages && i < session->nr_pages && session->pages[i]; i++)
		__free_page(session->pages[i]);
	kvfree(session->pages);
}

/* Bytes that the reader has not taken out; a lie makes the ring full. */
static u64 ring_used(struct utrace_session *session)
{
	/* Acquire: what the reader read before is not written over too early. */
	u64 used = session->head - smp_load_acquire(&session->ring->tail);

	return used > min_t(u64, session->size, session->head) || used & 7 ? session->size : used;
}

static void ring_publish(struct utrace_session *session, u32 size)
{
	session->head += size;
	/* Release: who sees the new head sees the record. */
	smp_store_release(&session->ring->head, session->head);
}

/* The record's place, or NULL. Fills the end of the ring if the record does not fit there. */
static void *ring_reserve(struct utrace_session *session, u32 size)
{
	u32 at = session->head & (session->size - 1);
	u32 rest = session->size - at;
	u64 room = session->size - ring_used(session);
	void *data = (void *)session->ring + PAGE_SIZE;
	struct utrace_record *pad;

	if (rest >= size)
		return room >= size ? data + at : NULL;
	if (room < rest + size)
		return NULL;
	pad = data + at;
	pad->size = rest;
	pad->event = UTRACE_EV_PAD;
	pad->flags = 0;
	ring_publish(session, rest);
	return data;
}

/* The pieces are the end of the record. */
static bool ring_put_with(struct utrace_session *session, const struct utrace_record *rec,
			  const void *pieces, u32 size)
{
	void *to = ring_reserve(session, rec->size);

	if (!to)
		return false;
	memcpy(to, rec, rec->size - size);
	if (size)
		memcpy(to + rec->size - size, pieces, size);
	ring_publish(session, rec->size);
	return true;
}

static bool ring_put(struct utrace_session *session, const struct utrace_record *rec)
{
	return ring_put_with(session, rec, NULL, 0);
}

static bool ring_put_lost(struct utrace_session *session)
{
	struct utrace_record rec;

	if (!session->lost_untold)
		return true;
	utrace_record_init(&rec, UTRACE_EV_LOST);
	rec.lost.count = session->lost_untold;
	if (!ring_put(session, &rec))
		return false;
	session->lost_untold = 0;
	return true;
}

static bool ring_put_owed(struct utrace_session *session, struct utrace_watch *watch)
{
	if (watch->owes & UTRACE_OWES_ATTACH && !ring_put(session, &watch->owed_attach))
		return false;
	watch->owes &= ~UTRACE_OWES_ATTACH;
	if (watch->owes & UTRACE_OWES_STOP && !ring_put(session, &watch->owed_stop))
		return false;
	watch->owes &= ~UTRACE_OWES_STOP;
	if (watch->owes & UTRACE_OWES_END && !ring_put(session, &watch->owed_end))
		return false;
	watch->owes = 0;
	return true;
}

/* Moves what is owed into the ring. True if nothing is left. */
static bool ring_settle(struct utrace_session *session)
{
	struct utrace_watch *watch, *next;

	if (!ring_put_lost(session))
		return false;
	list_for_each_entry_safe(watch, next, &session->owed, on_owed) {
		if (!ring_put_owed(session, watch))
			return false;
		list_del_init(&watch->on_owed);
		utrace_watch_put(watch);
	}
	return true;
}

/**
 * utrace_ring_readable - is there anything to read?
 * @session: the session
 *
 * Called by readers, so this is also where room that they made is put to use.
 */
bool utrace_ring_readable(struct utrace_session *session)
{
	bool readable;

	spin_lock(&session->lock);
	ring_settle(session);
	readable = ring_used(session) != 0;
	spin_unlock(&session->lock);
	if (wq_has_sleeper(&session->writers))
		wake_up(&session->writers);
	return readable;
}

/**
 * utrace_ring_has_room - can a record be put now?
 * @session: the session
 * @size: of the record
 *
 * A closed session has room, so that nobody waits for it.
 */
bool utrace_ring_has_room(struct utrace_session *session, u32 size)
{
	bool room;

	spin_lock(&session->lock);
	/* Twice the size: the record may have to start over at the beginning. */
	room = session->closed ||
	       (ring_settle(session) && session->size - ring_used(session) >= 2 * size);
	spin_unlock(&session->lock);
	return room;
}

/**
 * utrace_ring_record - put a record that may be lost
 * @session: the session
 * @rec: the record, complete
 * @pieces: what utrace_captured() made it longer by, or NULL
 * @may_wait: the caller can wait for room
 *
 * Returns false if there is no room and the caller shall wait for it.
 */
bool utrace_ring_record(struct utrace_session *session, const struct utrace_record *rec,
			const struct utrace_pieces *pieces, bool may_wait)
{
	bool done;

	spin_lock(&session->lock);
	done = session->closed ||
	       (ring_settle(session) &&
		ring_put_with(session, rec, pieces ? pieces->data : NULL,
			      pieces ? pieces->used : 0));
	if (!done && !(may_wait && session->flags & UTRACE_OPEN_BACKPRESSURE)) {
		session->lost++;
		session->lost_untold++;
		WRITE_ONCE(session->ring->lost, session->lost);
		done = true;
	}
	spin_unlock(&session->lock);
	if (wq_has_sleeper(&session->readers))
		wake_up_interruptible_poll(&session->readers, EPOLLIN | EPOLLRDNORM);
	return done;
}

static struct utrace_record *owed_record(struct utrace_watch *watch, enum utrace_owed kind)
{
	switch (kind) {
	case UTRACE_OWES_ATTACH:
		return &watch->owed_attach;
	case UTRACE_OWES_STOP:
		return &watch->owed_stop;
	default:
		return &watch->owed_end;
	}
}

/**
 * utrace_ring_tell - put a record that may not be lost
 * @watch: whose record it is; has none of this kind under way
 * @kind: which of the records that a watch can owe
 * @rec: the record, complete; copied
 */
void utrace_ring_tell(struct utrace_watch *watch, enum utrace_owed kind,
		      const struct utrace_record *rec)
{
	struct utrace_session *session = watch->session;

	spin_lock(&session->lock);
	if (!session->closed && !(ring_settle(session) && ring_put(session, rec))) {
		memcpy(owed_record(watch, kind), rec, rec->size);
		if (!watch->owes) {
			refcount_inc(&watch->ref);
			list_add_tail(&watch->on_owed, &session->owed);
		}
		watch->owes |= kind;
	}
	spin_unlock(&session->lock);
	if (wq_has_sleeper(&session->readers))
		wake_up_interruptible_poll(&session->readers, EPOLLIN | EPOLLRDNORM);
}

/* A condition says that the session is not to know of an event. */
void utrace_ring_left_out(struct utrace_session *session, enum utrace_ev event)
{
	spin_lock(&session->lock);
	WRITE_ONCE(session->ring->left_out[event], ++session->left_out[event]);
	spin_unlock(&session->lock);
}

/* A stop that nobody was told of is over. */
void utrace_ring_forget_stop(struct utrace_watch *watch)
{
	spin_lock(&watch->session->lock);
	if (watch->owes & UTRACE_OWES_STOP) {
		watch->owes &= ~UTRACE_OWES_STOP;
		if (!watch->owes) {
			list_del_init(&watch->on_owed);
			utrace_watch_put(watch);
		}
	}
	spin_unlock(&watch->session->lock);
}

/* The session is closed: nobody will read what is owed. */
void utrace_ring_forget_owed(struct utrace_session *session)
{
	struct utrace_watch *watch, *next;

	spin_lock(&session->lock);
	list_for_each_entry_safe(watch, next, &session->owed, on_owed) {
		watch->owes = 0;
		list_del_init(&watch->on_owed);
		utrace_watch_put(watch);
	}
	spin_unlock(&session->lock);
}
