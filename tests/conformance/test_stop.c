/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_stop.c - stop requests: numbered, each answered exactly once; whole processes; nothing of it is visible.
 * (process-control rows 5, 16, 23)
 */
#include "support_talk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void spawn(struct talk_world *world, uint64_t stop, const char *name, const char *one, const char *two)
{
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = stop}};
	char path[256];
	const char *const argv[] = {path, one, two, NULL};

	snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, name);
	talk_spawn(world, &options, argv);
}

static utrace_thread *leader(struct talk_world *world)
{
	utrace_thread *thread = NULL;

	talk_ok(world, utrace_session_find_thread(world->session, world->victim.pid, &thread, &world->error));
	return thread;
}

/* The next held event of the thread must answer this request. */
static void expect_answer(struct talk_world *world, uint64_t request)
{
	talk_next(world);
	assert_true(world->event.flags & UTRACE_EVENT_HELD);
	assert_true(world->event.flags & UTRACE_EVENT_ANSWERS);
	assert_int_equal(world->event.stop_request, request);
}

static void cycle(struct talk_world *world, utrace_thread *thread, int rounds)
{
	uint64_t request = 0, last = 0;

	for (int i = 0; i < rounds; i++) {
		uint32_t strength = i % 10 == 9 ? UTRACE_STOP_NEXT : UTRACE_STOP_NOW;

		talk_ok(world, utrace_thread_stop(thread, strength, &request, &world->error));
		assert_true(request != last && request != 0);
		last = request;
		expect_answer(world, request);
		assert_int_equal(world->event.reason, UTRACE_EVENT_STOPPED);
		talk_resume(world, NULL);
		/* A stale one would surface here. */
		assert_int_equal(utrace_session_next(world->session, &world->event, 0, &world->error), 0);
	}
}

static uint64_t spinning_word(struct talk_world *world)
{
	unsigned long address = 0;

	assert_int_equal(sscanf(talk_line(&world->victim, world->session), "ready %lx", &address), 1);
	return address;
}

static void stop_spinning(struct talk_world *world, uint64_t word)
{
	int one = 1;

	assert_int_equal(utrace_memory_write(world->victim.process, word, &one, sizeof(one), &world->error),
			 sizeof(one));
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ok 1");
}

static void test_thousand_cycles_spinning(void **state)
{
	struct talk_world *world = *state;
	utrace_thread *thread;
	uint64_t word;

	spawn(world, UTRACE_EVENTS_NONE, "stop_spin", NULL, NULL);
	word = spinning_word(world);
	thread = leader(world);
	cycle(world, thread, 1000);
	utrace_thread_unref(thread);
	stop_spinning(world, word);
}

static void test_thousand_cycles_blocked(void **state)
{
	struct talk_world *world = *state;
	utrace_thread *thread;

	spawn(world, UTRACE_EVENTS_NONE, "att_blocked", "read", NULL);
	talk_expect(&world->victim, world->session, "ready");
	talk_wait_blocked(world->victim.pid, SYS_read);
	thread = leader(world);
	for (int i = 0; i < 1000; i++) {
		uint64_t request;

		talk_ok(world, utrace_thread_stop(thread, UTRACE_STOP_NOW, &request, &world->error));
		expect_answer(world, request);
		talk_resume(world, NULL);
	}
	utrace_thread_unref(thread);
	talk_tell(&world->victim, "g");
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ok read");
}

/* Row 5: the stop that was asked for falls together with others; each request is answered by exactly one hold. */
static void test_answered_by_other_events(void **state)
{
	struct talk_world *world = *state;
	uint64_t asked = 0, answered = 0, request = 0;

	spawn(world, UTRACE_EVENTS_DEFAULT, "call_many", "200", NULL);
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		bool held = world->event.flags & UTRACE_EVENT_HELD;
		utrace_thread *thread = held ? utrace_thread_ref(world->event.thread) : NULL;

		if (world->event.flags & UTRACE_EVENT_ANSWERS) {
			assert_int_equal(world->event.stop_request, request);
			answered++;
			request = 0;
		}
		talk_resume(world, NULL);
		if (held && !request && utrace_thread_stop(thread, UTRACE_STOP_NOW, &request, NULL) == 0)
			asked++;
		/* One at a time, and only in the first thread: else `request` would have to be a map. */
		while (request && utrace_session_next(world->session, &world->event, TALK_PATIENCE, NULL) == 1) {
			bool same = world->event.thread == thread;

			if (world->event.flags & UTRACE_EVENT_ANSWERS) {
				assert_true(same);
				assert_int_equal(world->event.stop_request, request);
				request = 0;
				answered++;
			}
			/* The end answers too, whether it says so or not. */
			if (request && same && world->event.reason == UTRACE_EVENT_THREAD_EXIT)
				request = 0, answered++;
			talk_resume(world, NULL);
		}
		utrace_thread_unref(thread);
	}
	assert_true(asked > 10);
	assert_int_equal(asked, answered);
	talk_expect(&world->victim, NULL, "ok 200");
}

/*
 * Row 16: the weak stop leaves a blocked epoll_wait alone, and is answered when it is over; the victim allows no
 * EINTR.
 */
static void test_next_does_not_interrupt(void **state)
{
	struct talk_world *world = *state;
	utrace_thread *thread;
	uint64_t request;

	spawn(world, UTRACE_EVENTS_NONE, "att_blocked", "epoll", NULL);
	talk_expect(&world->victim, world->session, "ready");
	talk_wait_blocked(world->victim.pid, SYS_epoll_wait);
	thread = leader(world);
	talk_ok(world, utrace_thread_stop(thread, UTRACE_STOP_NEXT, &request, &world->error));
	assert_int_equal(utrace_session_next(world->session, &world->event, 50, &world->error), 0);
	talk_tell(&world->victim, "g");
	expect_answer(world, request);
	assert_int_equal(world->event.reason, UTRACE_EVENT_STOPPED);
	talk_resume(world, NULL);
	utrace_thread_unref(thread);
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ok epoll");
}

/* A weak request can be made a strong one, which gets it answered at once. */
static void test_next_then_now(void **state)
{
	struct talk_world *world = *state;
	uint64_t weak = 0, strong = 0;
	utrace_thread *thread;
	int status;

	spawn(world, UTRACE_EVENTS_NONE, "att_blocked", "read", NULL);
	talk_expect(&world->victim, world->session, "ready");
	talk_wait_blocked(world->victim.pid, SYS_read);
	thread = leader(world);
	talk_ok(world, utrace_thread_stop(thread, UTRACE_STOP_NEXT, &weak, &world->error));
	status = utrace_thread_stop(thread, UTRACE_STOP_NOW, &strong, &world->error);
	talk_ok(world, status);
	talk_next(world);
	assert_true(world->event.flags & UTRACE_EVENT_ANSWERS);
	assert_true(world->event.stop_request == weak || world->event.stop_request == strong);
	talk_resume(world, NULL);
	utrace_thread_unref(thread);
	talk_tell(&world->victim, "g");
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ok read");
}

static void take_until_stopped(struct talk_world *world)
{
	while (talk_ok(world, utrace_process_is_stopped(world->victim.process, &world->error)) != 1)
		talk_next(world);
}

/* Nothing of a stopped process moves. */
static unsigned long long used_time(pid_t pid)
{
	unsigned long long user = 0, system = 0;
	char path[64];
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	stat = fopen(path, "r");
	assert_non_null(stat);
	assert_int_equal(fscanf(stat, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system),
			 2);
	fclose(stat);
	return user + system;
}

static void stop_whole(struct talk_world *world, const char *threads, const char *churn, uint32_t strength)
{
	char ok[32];

	spawn(world, UTRACE_EVENTS_NONE, "stop_mixed", threads, churn);
	talk_expect(&world->victim, world->session, "ready");
	for (int round = 0; round < 10; round++) {
		unsigned long long before;

		assert_true(talk_ok(world, utrace_process_stop(world->victim.process, strength, &world->error)) > 0);
		take_until_stopped(world);
		before = used_time(world->victim.pid);
		while (utrace_session_next(world->session, &world->event, 0, &world->error) == 1)
			assert_true(world->event.reason == UTRACE_EVENT_STOPPED ||
				    world->event.reason == UTRACE_EVENT_THREAD_EXIT ||
				    world->event.reason == UTRACE_EVENT_CREATE);
		assert_int_equal(used_time(world->victim.pid), before);
		assert_true(talk_ok(world, utrace_process_resume(world->victim.process, &world->error)) >=
			    atoi(threads));
		assert_int_equal(utrace_process_is_stopped(world->victim.process, &world->error), 0);
	}
	talk_tell(&world->victim, "g");
	assert_int_equal(talk_finish(world), 0);
	snprintf(ok, sizeof(ok), "ok %s", threads);
	talk_expect(&world->victim, NULL, ok);
	talk_forget(&world->victim);
}

static void test_whole_process(void **state)
{
	stop_whole(*state, "32", NULL, UTRACE_STOP_NOW);
}

/* "... also those made meanwhile". */
static void test_whole_process_while_threads_are_made(void **state)
{
	stop_whole(*state, "64", "churn", UTRACE_STOP_NOW);
}

/* Threads whose event has not been taken stay held. */
static void test_process_resume_keeps_untaken(void **state)
{
	struct talk_world *world = *state;
	int asked, resumed;

	spawn(world, UTRACE_EVENTS_NONE, "stop_mixed", "8", NULL);
	talk_expect(&world->victim, world->session, "ready");
	asked = talk_ok(world, utrace_process_stop(world->victim.process, UTRACE_STOP_NOW, &world->error));
	assert_int_equal(asked, 9);
	for (int i = 0; i < 4; i++)
		assert_int_equal(talk_next(world)->reason, UTRACE_EVENT_STOPPED);
	resumed = talk_ok(world, utrace_process_resume(world->victim.process, &world->error));
	assert_int_equal(resumed, 4);
	for (int i = 4; i < 9; i++)
		assert_int_equal(talk_next(world)->reason, UTRACE_EVENT_STOPPED);
	assert_int_equal(utrace_process_resume(world->victim.process, &world->error), 5);
	talk_tell(&world->victim, "g");
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ok 8");
}

static void test_stop_of_held_is_busy(void **state)
{
	struct talk_world *world = *state;

	spawn(world, UTRACE_EVENTS_DEFAULT, "call_many", "1", NULL);
	talk_until(world, UTRACE_EVENT_SYSCALL_ENTRY);
	talk_fails(world, UTRACE_BUSY, utrace_thread_stop(world->event.thread, UTRACE_STOP_NOW, NULL, &world->error));
	assert_int_equal(utrace_process_stop(world->victim.process, UTRACE_STOP_NOW, &world->error), 0);
	assert_int_equal(utrace_process_is_stopped(world->victim.process, &world->error), 1);
	talk_resume(world, NULL);
	talk_fails(world, UTRACE_NOT_STOPPED, utrace_thread_resume(world->event.thread, NULL, &world->error));
	talk_finish(world);
	talk_fails(world, UTRACE_DEAD, utrace_process_stop(world->victim.process, UTRACE_STOP_NOW, &world->error));
	talk_fails(world, UTRACE_DEAD, utrace_process_is_stopped(world->victim.process, &world->error));
}

static void test_bad_arguments(void **state)
{
	struct talk_world *world = *state;
	utrace_thread *thread;

	spawn(world, UTRACE_EVENTS_NONE, "att_blocked", "read", NULL);
	talk_expect(&world->victim, world->session, "ready");
	thread = leader(world);
	talk_fails(world, UTRACE_INVALID, utrace_thread_stop(thread, 7, NULL, &world->error));
	talk_fails(world, UTRACE_INVALID, utrace_process_stop(world->victim.process, 7, &world->error));
	talk_fails(world, UTRACE_INVALID, utrace_thread_stop(NULL, UTRACE_STOP_NOW, NULL, &world->error));
	utrace_thread_unref(thread);
	talk_tell(&world->victim, "g");
	assert_int_equal(talk_finish(world), 0);
}

/* Row 23: killed while the request is on its way, or while held by it: one end each, and no call hangs. */
static void test_killed_while_stopping(void **state)
{
	struct talk_world *world = *state;

	for (int round = 0; round < 20; round++) {
		int ends = 0, exits = 0;

		spawn(world, UTRACE_EVENTS_NONE, "stop_mixed", "16", NULL);
		talk_expect(&world->victim, world->session, "ready");
		talk_ok(world, utrace_process_stop(world->victim.process, UTRACE_STOP_NOW, &world->error));
		for (int i = 0; i < round && i < 17; i++)
			talk_next(world);
		if (round % 2)
			talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
		else
			assert_int_equal(kill(world->victim.pid, SIGKILL), 0);
		while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
			exits += world->event.reason == UTRACE_EVENT_THREAD_EXIT;
			ends += world->event.reason == UTRACE_EVENT_PROCESS_END;
			/* It may have left its hold by itself, for SIGKILL ends every stop. */
			if (world->event.flags & UTRACE_EVENT_HELD)
				(void)utrace_thread_resume(world->event.thread, NULL, NULL);
		}
		assert_int_equal(exits, 17);
		assert_int_equal(ends, 1);
		talk_forget(&world->victim);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_thousand_cycles_spinning),
		TEST(test_thousand_cycles_blocked),
		TEST(test_answered_by_other_events),
		TEST(test_next_does_not_interrupt),
		TEST(test_next_then_now),
		TEST(test_whole_process),
		TEST(test_whole_process_while_threads_are_made),
		TEST(test_process_resume_keeps_untaken),
		TEST(test_stop_of_held_is_busy),
		TEST(test_bad_arguments),
		TEST(test_killed_while_stopping),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
