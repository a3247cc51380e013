/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/queue.c - see queue.h.
 *
 * session->queue_lock guards the lists and is taken last: no other lock is taken under it.  The eventfd is readable
 * exactly while the queue is not empty; alert_fd says that something else changed that a waiter looks at.  spare
 * holds at least EVENTS_PER_THREAD nodes for each living thread, less those in the queue, so an event that must not
 * be lost always has a node.
 */
#include "core/queue.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <utrace/breakpoint.h>

#include "core/handle.h"
#include "core/worker.h"
#include "util/clock.h"

enum {
	EVENTS_PER_THREAD = 3, /* what holds it, its end, its process's end */
	SPARE_SLACK = 64,
	FULL = 65536,
};

/* A bound session's queue belongs to one thread. */
static void lock(utrace_session *session)
{
	if (session->options.threading == UTRACE_THREADS_ANY)
		(void)pthread_mutex_lock(&session->queue_lock);
}

static void unlock(utrace_session *session)
{
	if (session->options.threading == UTRACE_THREADS_ANY)
		(void)pthread_mutex_unlock(&session->queue_lock);
}

void ut__queue_close_descriptors(utrace_session *session)
{
	int saved = errno;

	if (session->fd >= 0)
		close(session->fd);
	if (session->alert_fd >= 0)
		close(session->alert_fd);
	errno = saved;
}

int ut__queue_init(utrace_session *session)
{
	ut__list_init(&session->queue);
	ut__list_init(&session->spare);
	session->fd = -1;
	session->alert_fd = -1;
	if (session->options.threading == UTRACE_THREADS_ANY) {
		session->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		session->alert_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (session->fd < 0 || session->alert_fd < 0) {
			ut__queue_close_descriptors(session);
			return -1;
		}
	}
	(void)pthread_mutex_init(&session->queue_lock, NULL);
	return 0;
}

static void free_nodes(struct ut__list *list)
{
	while (!ut__list_empty(list)) {
		struct ut__queued *queued = UT__ENTRY(list->next, struct ut__queued, node);

		ut__list_remove(&queued->node);
		free(queued);
	}
}

void ut__queue_deinit(utrace_session *session)
{
	struct utrace_event event = UTRACE_EVENT_INIT;

	while (ut__queue_take(session, &event))
		utrace_event_clear(&event);
	free_nodes(&session->spare);
	(void)pthread_mutex_destroy(&session->queue_lock);
	ut__queue_close_descriptors(session);
}

bool ut__queue_reserve(utrace_session *session, int threads)
{
	size_t wanted = (size_t)threads * EVENTS_PER_THREAD;
	bool enough = true;

	lock(session);
	while (enough && session->spare_count < wanted) {
		struct ut__queued *queued = malloc(sizeof(*queued));

		enough = queued != NULL;
		if (!queued)
			break;
		ut__list_append(&session->spare, &queued->node);
		session->spare_count++;
	}
	unlock(session);
	return enough;
}

/* With the lock held. */
static struct ut__queued *new_node(utrace_session *session, bool must)
{
	struct ut__queued *queued;

	if (!must && session->spare_count <= (size_t)atomic_load(&session->live_threads) * EVENTS_PER_THREAD)
		return malloc(sizeof(*queued));
	if (ut__list_empty(&session->spare))
		return malloc(sizeof(*queued));
	queued = UT__ENTRY(session->spare.next, struct ut__queued, node);
	ut__list_remove(&queued->node);
	session->spare_count--;
	return queued;
}

static void release_node(utrace_session *session, struct ut__queued *queued)
{
	if (session->spare_count > (size_t)atomic_load(&session->live_threads) * EVENTS_PER_THREAD + SPARE_SLACK) {
		free(queued);
		return;
	}
	ut__list_append(&session->spare, &queued->node);
	session->spare_count++;
}

/* With the lock held: the descriptor shows whether there is something. */
static void show_state(utrace_session *session)
{
	bool ready = session->queue_length > 0;
	uint64_t count = 1;
	ssize_t done;

	if (session->fd < 0 || ready == session->fd_ready)
		return;
	session->fd_ready = ready;
	if (ready)
		done = write(session->fd, &count, sizeof(count));
	else
		done = read(session->fd, &count, sizeof(count));
	(void)done; /* neither can fail: the counter goes from 0 to 1 and back */
}

static void reference(const struct utrace_event *event)
{
	utrace_process_ref(event->process);
	utrace_thread_ref(event->thread);
	if (event->reason == UTRACE_EVENT_CREATE) {
		utrace_process_ref(event->u.create.process);
		utrace_thread_ref(event->u.create.thread);
	}
	if (event->reason == UTRACE_EVENT_BREAKPOINT || event->reason == UTRACE_EVENT_WATCHPOINT)
		utrace_breakpoint_ref(event->u.breakpoint.breakpoint);
}

void ut__queue_put(utrace_session *session, const struct utrace_event *event)
{
	bool must = (event->flags & UTRACE_EVENT_HELD) || event->reason == UTRACE_EVENT_THREAD_EXIT ||
		    event->reason == UTRACE_EVENT_PROCESS_END;
	struct ut__queued *queued;

	lock(session);
	queued = new_node(session, must);
	if (queued) {
		queued->event = *event;
		reference(event);
		ut__list_append(&session->queue, &queued->node);
		session->queue_length++;
		show_state(session);
	} else {
		atomic_fetch_add(&session->lost, 1);
	}
	unlock(session);
}

/* With the lock held. */
static bool take_first(utrace_session *session, struct utrace_event *event)
{
	struct ut__queued *queued;

	if (ut__list_empty(&session->queue))
		return false;
	queued = UT__ENTRY(session->queue.next, struct ut__queued, node);
	ut__list_remove(&queued->node);
	session->queue_length--;
	*event = queued->event;
	if (event->thread && (event->flags & UTRACE_EVENT_HELD))
		atomic_store(&event->thread->event_queued, false);
	if (event->reason == UTRACE_EVENT_CREATE && event->u.create.thread)
		atomic_store(&event->u.create.thread->event_queued, false);
	release_node(session, queued);
	show_state(session);
	return true;
}

bool ut__queue_take(utrace_session *session, struct utrace_event *event)
{
	bool was_full = session->worker && ut__queue_full(session);
	bool taken;

	lock(session);
	taken = take_first(session, event);
	unlock(session);
	if (was_full)
		ut__worker_nudge(session->worker);
	return taken;
}

/* Waits for the queue or an alert; false when the time is over. */
static bool wait_ready(utrace_session *session, uint64_t deadline)
{
	struct pollfd fds[2] = {{.fd = session->fd, .events = POLLIN}, {.fd = session->alert_fd, .events = POLLIN}};
	uint64_t now = ut__clock_now();
	struct timespec left = ut__clock_timespec(deadline > now ? deadline - now : 0);
	uint64_t count;

	if (ppoll(fds, 2, deadline == UINT64_MAX ? NULL : &left, NULL) == 0)
		return false;
	/* Left readable for other waiters when it says that nothing will come any more. */
	if ((fds[1].revents & POLLIN) && atomic_load(&session->process_count) > 0) {
		ssize_t done = read(session->alert_fd, &count, sizeof(count));

		(void)done; /* another waiter may have been faster */
	}
	return true;
}

bool ut__queue_wait(utrace_session *session, struct utrace_event *event, uint64_t deadline)
{
	for (;;) {
		if (ut__queue_take(session, event))
			return true;
		if (atomic_exchange(&session->woken, false))
			return false;
		if (atomic_load(&session->process_count) == 0)
			return ut__queue_take(session, event);
		if (!wait_ready(session, deadline))
			return ut__queue_take(session, event);
	}
}

void ut__queue_alert(utrace_session *session)
{
	uint64_t one = 1;
	ssize_t done;

	if (session->alert_fd < 0)
		return;
	done = write(session->alert_fd, &one, sizeof(one));
	(void)done; /* a full counter is readable, which is all that matters */
}

void ut__queue_drop(utrace_session *session, const utrace_process *process)
{
	struct ut__list *node;
	struct ut__list *safe;
	struct ut__list dropped;

	ut__list_init(&dropped);
	lock(session);
	UT__LIST_EACH (node, safe, &session->queue) {
		if (UT__ENTRY(node, struct ut__queued, node)->event.process != process)
			continue;
		ut__list_remove(node);
		ut__list_append(&dropped, node);
		session->queue_length--;
	}
	show_state(session);
	unlock(session);
	UT__LIST_EACH (node, safe, &dropped) {
		struct ut__queued *queued = UT__ENTRY(node, struct ut__queued, node);

		utrace_event_clear(&queued->event);
		lock(session);
		release_node(session, queued);
		unlock(session);
	}
}

bool ut__queue_full(utrace_session *session)
{
	bool full;

	lock(session);
	full = session->queue_length >= FULL;
	unlock(session);
	return full;
}
