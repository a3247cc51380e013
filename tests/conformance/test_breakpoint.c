/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_breakpoint.c - breakpoints: each arrival is told once, and nothing of them is visible in the tracee's work.
 * (process-control rows 8, 13, 14, 17)
 */
#include "support_talk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static uint64_t read_address(struct talk *victim, const char *name)
{
	const char *line = talk_line(victim, NULL);
	size_t length = strlen(name);

	assert_int_equal(strncmp(line, name, length), 0);
	return strtoull(line + length, NULL, 16);
}

static uint64_t pc_of(struct talk_world *world)
{
	uint64_t pc = 0;

	talk_ok(world, utrace_register_get(world->event.thread, UTRACE_REG_PC, &pc, &world->error));
	return pc;
}

static utrace_breakpoint *insert(struct talk_world *world, struct utrace_breakpoint_options *options)
{
	utrace_breakpoint *breakpoint = NULL;

	options->size = sizeof(*options);
	talk_ok(world, utrace_breakpoint_insert(world->victim.process, options, &breakpoint, &world->error));
	return breakpoint;
}

/* Attaches to brk_loop, which waits for its byte. */
static uint64_t start_loop(struct talk_world *world, const char *threads, const char *rounds)
{
	const char *const argv[] = {TALK_PROGRAM("brk_loop"), threads, rounds, NULL};
	struct utrace_attach_options options = {.size = sizeof(options), .events.stop = UTRACE_EVENTS_NONE};
	uint64_t address;

	talk_start(&world->victim, argv);
	address = read_address(&world->victim, "target ");
	talk_attach(world, &options);
	return address;
}

static void expect_hit(struct talk_world *world, utrace_breakpoint *breakpoint)
{
	utrace_breakpoint *hits[4];

	talk_next(world);
	assert_string_equal(utrace_reason_name(world->event.reason), "breakpoint");
	assert_true(world->event.flags & UTRACE_EVENT_HELD);
	assert_ptr_equal(world->event.u.breakpoint.breakpoint, breakpoint);
	assert_int_equal(world->event.u.breakpoint.address, utrace_breakpoint_address(breakpoint));
	assert_int_equal(pc_of(world), utrace_breakpoint_address(breakpoint));
	assert_int_equal(utrace_thread_hits(world->event.thread, hits, 4, &world->error),
			 world->event.u.breakpoint.count);
	for (uint32_t i = 0; i < world->event.u.breakpoint.count && i < 4; i++)
		utrace_breakpoint_unref(hits[i]);
}

static void test_hit_pass_remove(void **state)
{
	struct talk_world *world = *state;
	struct utrace_breakpoint_options options = {.address = start_loop(world, "1", "10")};
	utrace_breakpoint *breakpoint = insert(world, &options);
	uint64_t argument = 0;

	talk_tell(&world->victim, "x");
	for (uint64_t i = 0; i < 4; i++) {
		expect_hit(world, breakpoint);
		talk_ok(world, utrace_register_get(world->event.thread, UTRACE_REG_ARG0, &argument, &world->error));
		assert_int_equal(argument, i);
		if (i == 3)
			talk_ok(world, utrace_breakpoint_remove(breakpoint, &world->error));
		talk_resume(world, NULL);
	}
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 4);
	utrace_breakpoint_unref(breakpoint);
	talk_finish_well(world);
	talk_expect(&world->victim, NULL, "total 55");
}

/* Every thread, every time, in total a lot. */
static int count_and_refuse(utrace_breakpoint *breakpoint, utrace_thread *thread, void *data)
{
	(void)breakpoint;
	(void)thread;
	++*(uint64_t *)data;
	return 0;
}

static void test_threads_miss_nothing(void **state)
{
	struct talk_world *world = *state;
	uint64_t counted = 0;
	struct utrace_breakpoint_options options = {
		.address = start_loop(world, "64", "300"), .condition = count_and_refuse, .data = &counted};
	utrace_breakpoint *breakpoint = insert(world, &options);

	talk_tell(&world->victim, "x");
	talk_finish_well(world);
	assert_int_equal(counted, 64 * 300);
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 0);
	utrace_breakpoint_unref(breakpoint);
	talk_expect(&world->victim, NULL, "total 2889600");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_hit_pass_remove, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_threads_miss_nothing, talk_setup, talk_teardown),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
