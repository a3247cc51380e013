/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit/core/test_queue.c - events come out as they went in, with their references, and the descriptor shows whether
 * there are any.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/object.h"
#include "core/queue.h"
#include "util/clock.h"

/* Handles that are never freed, to see how often they are referenced. */
static utrace_process processes[2];

static void put(utrace_session *session, int which, uint32_t reason, pid_t mark)
{
	struct utrace_event event = {.reason = reason, .process = &processes[which], .tid = mark};

	ut__queue_put(session, &event);
}

static void start(utrace_session *session, uint32_t threading)
{
	*session = (utrace_session){.options = {.threading = threading}, .process_count = 1};
	for (int i = 0; i < 2; i++)
		processes[i] = (utrace_process){.refs = 1};
	assert_int_equal(ut__queue_init(session), 0);
}

static int references(void)
{
	return (int)(atomic_load(&processes[0].refs) + atomic_load(&processes[1].refs)) - 2;
}

static bool is_readable(const utrace_session *session)
{
	struct pollfd fd = {.fd = session->fd, .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

static void keeps_order_and_references(void **state)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	utrace_session session;

	(void)state;
	start(&session, UTRACE_THREADS_BOUND);
	assert_true(session.fd < 0);
	for (int i = 0; i < 500; i++)
		put(&session, i % 2, UTRACE_EVENT_SIGNAL, i);
	assert_int_equal(references(), 500);
	for (int i = 0; i < 400; i++) {
		assert_true(ut__queue_take(&session, &event));
		assert_int_equal(event.tid, i);
		utrace_event_clear(&event);
	}
	assert_int_equal(references(), 100);
	/* What nobody has taken is dropped at the end. */
	ut__queue_deinit(&session);
	assert_int_equal(references(), 0);
}

static void shows_on_its_descriptor(void **state)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	utrace_session session;

	(void)state;
	start(&session, UTRACE_THREADS_ANY);
	assert_false(is_readable(&session));
	put(&session, 0, UTRACE_EVENT_SIGNAL, 1);
	put(&session, 0, UTRACE_EVENT_SIGNAL, 2);
	assert_true(is_readable(&session));
	assert_true(ut__queue_take(&session, &event));
	utrace_event_clear(&event);
	assert_true(is_readable(&session));
	assert_true(ut__queue_take(&session, &event));
	utrace_event_clear(&event);
	assert_false(is_readable(&session));
	assert_false(ut__queue_take(&session, &event));
	ut__queue_deinit(&session);
}

static void drops_what_belongs_to_one_process(void **state)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	utrace_session session;

	(void)state;
	start(&session, UTRACE_THREADS_ANY);
	for (int i = 0; i < 10; i++)
		put(&session, i % 2, UTRACE_EVENT_SIGNAL, i);
	ut__queue_drop(&session, &processes[0]);
	assert_int_equal(references(), 5);
	for (int i = 1; i < 10; i += 2) {
		assert_true(ut__queue_take(&session, &event));
		assert_int_equal(event.tid, i);
		utrace_event_clear(&event);
	}
	assert_false(is_readable(&session));
	ut__queue_deinit(&session);
}

/* Room that was reserved is used for events that must not be lost, and comes back. */
static void keeps_its_reserve(void **state)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	utrace_session session;
	size_t reserved;

	(void)state;
	start(&session, UTRACE_THREADS_BOUND);
	assert_true(ut__queue_reserve(&session, 4));
	reserved = session.spare_count;
	assert_true(reserved >= 8);
	put(&session, 0, UTRACE_EVENT_THREAD_EXIT, 1);
	put(&session, 0, UTRACE_EVENT_PROCESS_END, 2);
	assert_int_equal(session.spare_count, reserved - 2);
	assert_true(ut__queue_take(&session, &event));
	utrace_event_clear(&event);
	ut__queue_drop(&session, &processes[0]);
	assert_int_equal(session.spare_count, reserved);
	ut__queue_deinit(&session);
}

static void *put_later(void *session)
{
	put(session, 1, UTRACE_EVENT_SIGNAL, 77);
	return NULL;
}

static void *wake_later(void *argument)
{
	utrace_session *session = argument;

	atomic_store(&session->woken, true);
	ut__queue_alert(session);
	return NULL;
}

static void waits_for_events_and_alerts(void **state)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	utrace_session session;
	pthread_t thread;

	(void)state;
	start(&session, UTRACE_THREADS_ANY);
	assert_false(ut__queue_wait(&session, &event, ut__clock_deadline(1)));
	assert_int_equal(pthread_create(&thread, NULL, put_later, &session), 0);
	assert_true(ut__queue_wait(&session, &event, UINT64_MAX));
	assert_int_equal(event.tid, 77);
	utrace_event_clear(&event);
	pthread_join(thread, NULL);
	assert_int_equal(pthread_create(&thread, NULL, wake_later, &session), 0);
	assert_false(ut__queue_wait(&session, &event, UINT64_MAX));
	pthread_join(thread, NULL);
	/* Nothing to wait for. */
	atomic_store(&session.process_count, 0);
	assert_false(ut__queue_wait(&session, &event, UINT64_MAX));
	ut__queue_deinit(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_order_and_references),        cmocka_unit_test(shows_on_its_descriptor),
		cmocka_unit_test(drops_what_belongs_to_one_process), cmocka_unit_test(keeps_its_reserve),
		cmocka_unit_test(waits_for_events_and_alerts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
