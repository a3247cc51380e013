/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_step_range.c - steps of many instructions: nothing is told of what is inside, and none runs away over a call, a
 * signal's handler, a system call, or a new process.
 */
#include "support_break.h"

#include <signal.h>
#include <string.h>

struct walk {
	uint64_t walk, start, branch, end, help, handler;
};

/* Stands at the first instruction of the range. */
static struct walk start(struct talk_world *world, const char *depth, uint64_t stop)
{
	const char *const argv[] = {TALK_PROGRAM("step_range"), depth, NULL};
	struct utrace_attach_options options = {.size = sizeof(options), .events.stop = stop};
	struct utrace_breakpoint_options at = {.temporary = 1};
	utrace_breakpoint *breakpoint;
	struct walk walk;

	talk_start(&world->victim, argv);
	walk.walk = break_address(&world->victim, "walk");
	walk.start = break_address(&world->victim, "start");
	walk.branch = break_address(&world->victim, "branch");
	walk.end = break_address(&world->victim, "end");
	walk.help = break_address(&world->victim, "help");
	walk.handler = break_address(&world->victim, "handler");
	talk_attach(world, &options);
	at.address = walk.start;
	breakpoint = break_insert(world, &at);
	talk_tell(&world->victim, "x");
	break_expect(world, breakpoint, 1);
	assert_int_equal(utrace_breakpoint_is_inserted(breakpoint), 0);
	utrace_breakpoint_unref(breakpoint);
	return walk;
}

static struct utrace_resume_options over(const struct walk *walk)
{
	return (struct utrace_resume_options){.size = sizeof(struct utrace_resume_options),
					      .how = UTRACE_STEP_RANGE,
					      .range_start = walk->start,
					      .range_end = walk->end,
					      .over_calls = 1};
}

static void finish(struct talk_world *world, const char *answer)
{
	talk_resume(world, NULL);
	talk_expect(&world->victim, world->session, answer);
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1)
		talk_resume(world, NULL);
	assert_int_equal(talk_reap_status(&world->victim), 0);
}

/* Nothing on the way is told; children that come and end are. */
static void expect_stepped(struct talk_world *world)
{
	do {
		talk_next(world);
	} while (world->event.pid != world->victim.pid);
	assert_string_equal(utrace_reason_name(world->event.reason), "stepped");
}

static void walk_over(struct talk_world *world, const char *depth, const char *answer)
{
	struct walk walk = start(world, depth, UTRACE_EVENTS_NONE);
	struct utrace_resume_options options = over(&walk);
	uint64_t sp = break_register(world, world->event.thread, UTRACE_REG_SP);

	talk_resume(world, &options);
	expect_stepped(world);
	assert_int_equal(break_pc(world), walk.end);
	assert_int_equal(break_register(world, world->event.thread, UTRACE_REG_SP), sp);
	finish(world, answer);
}

static void test_over(void **state)
{
	walk_over(*state, "0", "helped 1 handled 1");
}

/* The range calls its own function: its frame counts, not its addresses. */
static void test_over_recursion(void **state)
{
	walk_over(*state, "3", "helped 4 handled 4");
}

static void test_into(void **state)
{
	struct talk_world *world = *state;
	struct walk walk = start(world, "1", UTRACE_EVENTS_NONE);
	struct utrace_resume_options options = over(&walk);

	options.over_calls = 0;
	talk_resume(world, &options);
	expect_stepped(world);
	assert_int_equal(break_pc(world), walk.walk);
	finish(world, "helped 2 handled 2");
}

/* What is told on the way does not end the step, if it is asked for again. */
static void test_told_events(void **state)
{
	struct talk_world *world = *state;
	struct walk walk = start(world, "1", UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL));
	struct utrace_resume_options options = over(&walk);
	int signals = 0;

	talk_resume(world, &options);
	for (;;) {
		talk_next(world);
		if (world->event.pid != world->victim.pid) {
			talk_resume(world, NULL);
			continue;
		}
		if (world->event.reason == UTRACE_EVENT_STEPPED)
			break;
		assert_string_equal(utrace_reason_name(world->event.reason), "signal");
		signals += world->event.u.signal.info.si_signo == SIGUSR1;
		talk_resume(world, &options);
	}
	assert_int_equal(signals, 2);
	assert_int_equal(break_pc(world), walk.end);
	finish(world, "helped 2 handled 2");
}

/* A breakpoint in what is stepped over is told, and the step then goes on. */
static void test_breakpoint_on_the_way(void **state)
{
	struct talk_world *world = *state;
	struct walk walk = start(world, "0", UTRACE_EVENTS_NONE);
	struct utrace_resume_options options = over(&walk);
	utrace_breakpoint *helper = break_at(world, walk.help);
	utrace_breakpoint *inside = break_at(world, walk.branch);

	talk_resume(world, &options);
	break_expect(world, inside, 1);
	talk_resume(world, &options);
	break_expect(world, helper, 1);
	talk_resume(world, &options);
	expect_stepped(world);
	assert_int_equal(break_pc(world), walk.end);
	break_remove(world, helper);
	break_remove(world, inside);
	finish(world, "helped 1 handled 1");
}

/* A step that arrives at a breakpoint is told as that, once. */
static void test_ends_at_breakpoint(void **state)
{
	struct talk_world *world = *state;
	struct walk walk = start(world, "0", UTRACE_EVENTS_NONE);
	struct utrace_resume_options options = over(&walk);
	utrace_breakpoint *end = break_at(world, walk.end);

	talk_resume(world, &options);
	do {
		talk_next(world);
	} while (world->event.pid != world->victim.pid);
	assert_ptr_equal(world->event.u.breakpoint.breakpoint, end);
	assert_int_equal(break_pc(world), walk.end);
	finish(world, "helped 1 handled 1");
	assert_int_equal(utrace_breakpoint_hits(end), 1);
	utrace_breakpoint_unref(end);
}

static void test_stop_request(void **state)
{
	struct talk_world *world = *state;
	struct walk walk = start(world, "0", UTRACE_EVENTS_NONE);
	struct utrace_resume_options options = over(&walk);
	uint64_t request = 0;

	talk_resume(world, &options);
	talk_ok(world, utrace_thread_stop(world->event.thread, UTRACE_STOP_NOW, &request, &world->error));
	do {
		talk_next(world);
	} while (world->event.pid != world->victim.pid || !(world->event.flags & UTRACE_EVENT_HELD));
	assert_true(world->event.flags & UTRACE_EVENT_ANSWERS);
	assert_int_equal(world->event.stop_request, request);
	finish(world, "helped 1 handled 1");
}

static void test_block(void **state)
{
	static const struct utrace_resume_options block = {.size = sizeof(block), .how = UTRACE_STEP_BLOCK};
	struct talk_world *world = *state;
	struct walk walk = start(world, "0", UTRACE_EVENTS_NONE);

	talk_resume(world, &block);
	expect_stepped(world);
	assert_int_equal(break_pc(world), walk.branch);
	/* The branch that comes next is into the handler, or into the helper; both are no part of the range. */
	talk_resume(world, &block);
	expect_stepped(world);
	assert_int_equal(break_pc(world), walk.handler);
	finish(world, "helped 1 handled 1");
}

static void test_wrong_range(void **state)
{
	struct talk_world *world = *state;
	struct walk walk = start(world, "0", UTRACE_EVENTS_NONE);
	struct utrace_resume_options options = over(&walk);

	options.range_end = options.range_start;
	talk_fails(world, UTRACE_INVALID, utrace_thread_resume(world->event.thread, &options, &world->error));
	options.how = 4;
	talk_fails(world, UTRACE_INVALID, utrace_thread_resume(world->event.thread, &options, &world->error));
	finish(world, "helped 1 handled 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_over, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_over_recursion, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_into, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_told_events, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_breakpoint_on_the_way, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_ends_at_breakpoint, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_stop_request, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_block, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_wrong_range, talk_setup, talk_teardown),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
