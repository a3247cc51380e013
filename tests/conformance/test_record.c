/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_record.c - events that are recorded: told in order and in full, and where UTRACE_CAN_RECORD_UNSTOPPED says so, of a
 * tracee that is never stopped.
 */
#include "support_talk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { COUNT = 500, MANY = 40000 };

#define CALLS (UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_ENTRY) | UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_EXIT))

struct record {
	struct talk_world *world;
	utrace_filter *filter;
	uint64_t work; /* address of the victim's function */
};

/* Starts the victim and attaches with this mask for what is recorded; of system calls only getppid. */
static void begin(struct record *record, void **state, int count, uint64_t wanted)
{
	struct utrace_attach_options options = {.size = sizeof(options), .events = {UTRACE_EVENTS_NONE, wanted}};
	struct talk_world *world = *state;
	char number[16];

	*record = (struct record){.world = world};
	snprintf(number, sizeof(number), "%d", count);
	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("rec_work"), number, NULL});
	record->work = strtoull(talk_line(&world->victim, NULL), NULL, 16);
	record->filter = utrace_filter_create();
	assert_non_null(record->filter);
	talk_ok(world, utrace_filter_add_name(record->filter, "getppid", &world->error));
	options.filter = record->filter;
	talk_attach(world, &options);
}

static void end(struct record *record)
{
	talk_tell(&record->world->victim, "g");
	talk_finish_well(record->world);
	utrace_filter_destroy(record->filter);
}

static bool is_unstopped(const struct talk_world *world)
{
	return utrace_session_capabilities(world->session) & UTRACE_CAN_RECORD_UNSTOPPED;
}

/* Tells the victim to do it, while nobody takes events, and reads what it says then. */
static void do_unattended(struct record *record, const char *what, const char *said)
{
	talk_tell(&record->world->victim, what);
	talk_expect(&record->world->victim, NULL, said);
}

/* Takes so many recorded events; nobody is held by one. */
static void take_calls(struct talk_world *world, int count)
{
	for (int i = 0; i < count; i++) {
		struct utrace_event *event = talk_next(world);

		assert_int_equal(event->flags, 0);
		assert_int_equal(event->reason, i % 2 ? UTRACE_EVENT_SYSCALL_EXIT : UTRACE_EVENT_SYSCALL_ENTRY);
		assert_int_equal(event->tid, world->victim.pid);
		assert_int_equal(event->u.syscall.number, SYS_getppid);
		if (i % 2)
			assert_int_equal(event->u.syscall.result, getpid());
	}
}

/* On every backend: each entry and exit, in order. */
static void test_calls(void **state)
{
	struct record record;

	begin(&record, state, COUNT, CALLS);
	talk_tell(&record.world->victim, "c");
	take_calls(record.world, 2 * COUNT);
	talk_expect(&record.world->victim, record.world->session, "0 0");
	end(&record);
}

/* The victim makes its calls and goes on though nobody takes an event: it was not stopped. */
static void test_calls_without_a_stop(void **state)
{
	struct record record;

	begin(&record, state, COUNT, CALLS);
	if (!is_unstopped(record.world)) {
		end(&record);
		skip();
	}
	do_unattended(&record, "c", "0 0");
	do_unattended(&record, "s", "500 0");
	take_calls(record.world, 2 * COUNT);
	end(&record);
}

static void take_signals(struct talk_world *world, int count)
{
	for (int i = 0; i < count; i++) {
		struct utrace_event *event = talk_next(world);

		assert_int_equal(event->reason, UTRACE_EVENT_SIGNAL);
		assert_int_equal(event->flags, 0);
		assert_int_equal(event->u.signal.info.si_signo, SIGUSR1);
		assert_int_equal(event->u.signal.info.si_pid, world->victim.pid);
	}
}

static void test_signals(void **state)
{
	struct record record;

	begin(&record, state, COUNT, UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL));
	talk_tell(&record.world->victim, "s");
	take_signals(record.world, COUNT);
	talk_expect(&record.world->victim, record.world->session, "500 0");
	end(&record);
}

static void test_signals_without_a_stop(void **state)
{
	struct record record;

	begin(&record, state, COUNT, UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL));
	if (!is_unstopped(record.world)) {
		end(&record);
		skip();
	}
	do_unattended(&record, "s", "500 0");
	take_signals(record.world, COUNT);
	end(&record);
}

/* What was recorded before is stopped on from when the mask says so, and back, though the victim never stops by itself. */
static void test_mask_changes(void **state)
{
	const struct utrace_event_masks stop = {.stop = CALLS}, recorded = {UTRACE_EVENTS_NONE, CALLS};
	struct record record;
	struct talk_world *world;

	begin(&record, state, 2, CALLS);
	world = record.world;
	talk_tell(&world->victim, "c");
	take_calls(world, 4);
	talk_expect(&world->victim, world->session, "0 0");
	talk_ok(world, utrace_process_set_events(world->victim.process, &stop, &world->error));
	/* Where it runs by stops, that is from the next one on. */
	if (is_unstopped(world)) {
		talk_tell(&world->victim, "c");
		for (int i = 0; i < 4; i++) {
			assert_true(talk_next(world)->flags & UTRACE_EVENT_HELD);
			if (i == 3)
				talk_ok(world,
					utrace_process_set_events(world->victim.process, &recorded, &world->error));
			talk_resume(world, NULL);
		}
		talk_expect(&world->victim, world->session, "0 0");
		talk_tell(&world->victim, "c");
		take_calls(world, 4);
	}
	end(&record);
}

/* A breakpoint in a process whose signals are recorded: its traps are no signals, and all is told. */
static void test_breakpoint_while_recording(void **state)
{
	struct utrace_breakpoint_options options = {.size = sizeof(options)};
	utrace_breakpoint *breakpoint;
	struct record record;
	struct talk_world *world;

	begin(&record, state, 3, UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL));
	world = record.world;
	options.address = record.work;
	talk_ok(world, utrace_breakpoint_insert(world->victim.process, &options, &breakpoint, &world->error));
	talk_tell(&world->victim, "w");
	for (int i = 0; i < 3; i++) {
		struct utrace_event *event = talk_next(world);

		assert_int_equal(event->reason, UTRACE_EVENT_BREAKPOINT);
		assert_true(event->flags & UTRACE_EVENT_HELD);
		talk_resume(world, NULL);
	}
	talk_expect(&world->victim, world->session, "0 3");
	talk_tell(&world->victim, "s");
	take_signals(world, 3);
	talk_ok(world, utrace_breakpoint_remove(breakpoint, &world->error));
	utrace_breakpoint_unref(breakpoint);
	talk_expect(&world->victim, world->session, "3 3");
	end(&record);
}

/* More than any ring has room for, and nobody takes it: the victim waits, and nothing is lost. */
static void test_overflow_waits(void **state)
{
	struct record record;

	begin(&record, state, MANY, CALLS);
	if (!is_unstopped(record.world)) {
		end(&record);
		skip();
	}
	talk_tell(&record.world->victim, "c");
	take_calls(record.world, 2 * MANY);
	talk_expect(&record.world->victim, record.world->session, "0 0");
	end(&record);
}

/* The same with loss allowed: the victim does not wait, and what is missing is counted. */
static void test_overflow_is_told(void **state)
{
	struct utrace_session_options options = {
		.size = sizeof(options), .threading = UTRACE_THREADS_BOUND, .overflow = UTRACE_OVERFLOW_LOSE};
	struct talk_world *world = *state;
	struct record record;
	uint64_t told = 0, lost = 0;

	utrace_session_close(world->session);
	talk_ok(world, utrace_session_open(&options, &world->session, &world->error));
	begin(&record, state, MANY, CALLS);
	if (!is_unstopped(world)) {
		end(&record);
		skip();
	}
	do_unattended(&record, "c", "0 0");
	while (told + lost < 2 * MANY) {
		struct utrace_event *event = talk_next(world);

		assert_int_equal(event->flags & UTRACE_EVENT_HELD, 0);
		if (event->reason == UTRACE_EVENT_LOST) {
			assert_null(event->process);
			lost += event->u.lost.count;
		} else {
			told++;
		}
	}
	assert_int_equal(told + lost, 2 * MANY);
	assert_true(told > 1000 && lost > 0);
	end(&record);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_calls),          TEST(test_calls_without_a_stop),
		TEST(test_signals),        TEST(test_signals_without_a_stop),
		TEST(test_mask_changes),   TEST(test_breakpoint_while_recording),
		TEST(test_overflow_waits), TEST(test_overflow_is_told),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
