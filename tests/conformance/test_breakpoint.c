/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_breakpoint.c - breakpoints: each arrival is told once, and nothing of them is visible in the tracee's work.
 * (process-control rows 8, 13, 14, 17)
 */
#include "support_break.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Attaches to brk_loop, which waits for its byte. */
static uint64_t start_program(struct talk_world *world, const char *program, const char *threads, const char *rounds)
{
	const char *const argv[] = {program, threads, rounds, NULL};
	struct utrace_attach_options options = {.size = sizeof(options), .events.stop = UTRACE_EVENTS_NONE};
	uint64_t address;

	talk_start(&world->victim, argv);
	address = break_address(&world->victim, "target");
	talk_attach(world, &options);
	return address;
}

static uint64_t start_loop(struct talk_world *world, const char *threads, const char *rounds)
{
	return start_program(world, TALK_PROGRAM("brk_loop"), threads, rounds);
}

static void test_hit_pass_remove(void **state)
{
	struct talk_world *world = *state;
	utrace_breakpoint *breakpoint = break_at(world, start_loop(world, "1", "10"));

	talk_tell(&world->victim, "x");
	for (uint64_t i = 0; i < 4; i++) {
		break_expect(world, breakpoint, 1);
		assert_int_equal(break_register(world, world->event.thread, UTRACE_REG_ARG0), i);
		if (i == 3)
			talk_ok(world, utrace_breakpoint_remove(breakpoint, &world->error));
		talk_resume(world, NULL);
	}
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 4);
	talk_ok(world, utrace_breakpoint_remove(breakpoint, &world->error));
	talk_fails(world, UTRACE_DEAD, utrace_breakpoint_set_ignore(breakpoint, 1, &world->error));
	utrace_breakpoint_unref(breakpoint);
	talk_finish_well(world);
	talk_expect(&world->victim, NULL, "total 55");
}

/* Two users of one address agree: both are told, and the trap stays as long as one wants it. */
static void test_two_at_one_address(void **state)
{
	struct talk_world *world = *state;
	uint64_t address = start_loop(world, "1", "6");
	utrace_breakpoint *first = break_at(world, address), *second = break_at(world, address);
	utrace_breakpoint *all[3] = {NULL};

	talk_tell(&world->victim, "x");
	break_expect(world, first, 2);
	assert_int_equal(utrace_process_breakpoints(world->victim.process, all, 3, &world->error), 2);
	utrace_breakpoint_unref(all[0]);
	utrace_breakpoint_unref(all[1]);
	break_remove(world, first);
	talk_resume(world, NULL);
	break_expect(world, second, 1);
	talk_ok(world, utrace_breakpoint_set_enabled(second, 0, &world->error));
	assert_int_equal(utrace_breakpoint_is_inserted(second), 0);
	talk_ok(world, utrace_breakpoint_set_enabled(second, 1, &world->error));
	assert_int_equal(utrace_breakpoint_is_inserted(second), 1);
	talk_resume(world, NULL);
	break_expect(world, second, 1);
	break_remove(world, second);
	talk_resume(world, NULL);
	talk_finish_well(world);
	talk_expect(&world->victim, NULL, "total 21");
}

/* Reads show what the program has there, writes go under the trap. */
static void test_hidden_from_memory(void **state)
{
	struct talk_world *world = *state;
	uint64_t address = start_loop(world, "1", "3");
	unsigned char before[32], after[32], nop = 0x90, first;
	struct utrace_memory_span spans[2] = {{.address = address - 4, .buffer = after, .size = 5},
					      {.address = address + 1, .buffer = after + 5, .size = 20}};
	utrace_breakpoint *breakpoint;
	char string[2];

	assert_int_equal(utrace_memory_read(world->victim.process, address - 4, before, 32, &world->error), 32);
	breakpoint = break_at(world, address);
	assert_int_equal(utrace_memory_read(world->victim.process, address - 4, after, 32, &world->error), 32);
	assert_memory_equal(before, after, 32);
	memset(after, 0, sizeof(after));
	assert_int_equal(utrace_memory_readv(world->victim.process, spans, 2, &world->error), 2);
	assert_memory_equal(before, after, 25);
	assert_int_equal(utrace_memory_read_string(world->victim.process, address, string, 2, &world->error), 1);
	assert_int_equal((unsigned char)string[0], before[4]);
	first = before[4];
	assert_int_equal(utrace_memory_write(world->victim.process, address, &nop, 1, &world->error), 1);
	assert_int_equal(utrace_memory_read(world->victim.process, address, after, 1, &world->error), 1);
	assert_int_equal(after[0], nop);
	assert_int_equal(utrace_breakpoint_is_inserted(breakpoint), 1);
	talk_ok(world, utrace_breakpoint_remove(breakpoint, &world->error));
	assert_int_equal(utrace_memory_read(world->victim.process, address, after, 1, &world->error), 1);
	assert_int_equal(after[0], nop);
	assert_int_equal(utrace_memory_write(world->victim.process, address, &first, 1, &world->error), 1);
	utrace_breakpoint_unref(breakpoint);
	talk_tell(&world->victim, "x");
	talk_finish_well(world);
	talk_expect(&world->victim, NULL, "total 6");
}

static int is_third(utrace_breakpoint *breakpoint, utrace_thread *thread, void *data)
{
	uint64_t argument = 0;
	unsigned char byte;

	/* Registers and memory may be looked at here. */
	if (utrace_register_get(thread, UTRACE_REG_ARG0, &argument, NULL) ||
	    utrace_memory_read(utrace_thread_process(thread), utrace_breakpoint_address(breakpoint), &byte, 1, NULL) !=
		    1)
		return -1;
	return argument == *(uint64_t *)data;
}

static void test_condition_ignore_temporary(void **state)
{
	struct talk_world *world = *state;
	uint64_t wanted = 3;
	struct utrace_breakpoint_options options = {
		.address = start_loop(world, "1", "10"), .condition = is_third, .data = &wanted};
	struct utrace_breakpoint_options once = {.address = options.address, .ignore = 2, .temporary = 1};
	utrace_breakpoint *conditional = break_insert(world, &options), *temporary = break_insert(world, &once);

	talk_tell(&world->victim, "x");
	break_expect(world, temporary, 1);
	assert_int_equal(utrace_breakpoint_hits(temporary), 3);
	assert_int_equal(break_register(world, world->event.thread, UTRACE_REG_ARG0), 2);
	assert_int_equal(utrace_breakpoint_is_inserted(temporary), 0);
	talk_resume(world, NULL);
	break_expect(world, conditional, 1);
	assert_ptr_equal(utrace_breakpoint_data(conditional), &wanted);
	assert_int_equal(break_register(world, world->event.thread, UTRACE_REG_ARG0), 3);
	talk_ok(world, utrace_breakpoint_set_condition(conditional, NULL, NULL, &world->error));
	talk_ok(world, utrace_breakpoint_set_ignore(conditional, 4, &world->error));
	talk_resume(world, NULL);
	break_expect(world, conditional, 1);
	assert_int_equal(break_register(world, world->event.thread, UTRACE_REG_ARG0), 8);
	break_remove(world, conditional);
	utrace_breakpoint_unref(temporary);
	talk_resume(world, NULL);
	talk_finish_well(world);
	talk_expect(&world->victim, NULL, "total 55");
}

/* A condition may remove its own breakpoint, and put in another. */
static int replace_me(utrace_breakpoint *breakpoint, utrace_thread *thread, void *data)
{
	struct utrace_breakpoint_options options = {.size = sizeof(options),
						    .address = utrace_breakpoint_address(breakpoint)};

	return utrace_breakpoint_remove(breakpoint, NULL) ||
	       utrace_breakpoint_insert(utrace_thread_process(thread), &options, data, NULL);
}

static void test_condition_changes_breakpoints(void **state)
{
	struct talk_world *world = *state;
	utrace_breakpoint *made = NULL;
	struct utrace_breakpoint_options options = {
		.address = start_loop(world, "1", "3"), .condition = replace_me, .data = (void *)&made};
	utrace_breakpoint *breakpoint = break_insert(world, &options);

	talk_tell(&world->victim, "x");
	talk_next(world);
	assert_non_null(made);
	assert_ptr_equal(world->event.u.breakpoint.breakpoint, made);
	assert_int_equal(world->event.u.breakpoint.count, 1);
	break_remove(world, made);
	utrace_breakpoint_unref(breakpoint);
	talk_resume(world, NULL);
	talk_finish_well(world);
	talk_expect(&world->victim, NULL, "total 6");
}

/* Every thread, every time. */
static void test_threads_miss_nothing(void **state)
{
	struct talk_world *world = *state;
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options options = {
		.address = start_loop(world, "64", "300"), .condition = break_count_and_refuse, .data = &counted};
	utrace_breakpoint *breakpoint = break_insert(world, &options);

	talk_tell(&world->victim, "x");
	talk_finish_well(world);
	assert_int_equal(counted, 64 * 300);
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 0);
	utrace_breakpoint_unref(breakpoint);
	talk_expect(&world->victim, NULL, "total 2889600");
}

static void test_of_one_thread(void **state)
{
	struct talk_world *world = *state;
	uint64_t address = start_loop(world, "8", "20");
	utrace_thread *leader = NULL;
	struct utrace_breakpoint_options options = {.address = address};
	utrace_breakpoint *breakpoint;
	int hits = 0;

	talk_ok(world, utrace_session_find_thread(world->session, world->victim.pid, &leader, &world->error));
	options.thread = leader;
	breakpoint = break_insert(world, &options);
	talk_tell(&world->victim, "x");
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		if (world->event.reason == UTRACE_EVENT_BREAKPOINT) {
			assert_int_equal(world->event.tid, world->victim.pid);
			hits++;
		}
		talk_resume(world, NULL);
	}
	assert_int_equal(hits, 20);
	assert_int_equal(talk_reap_status(&world->victim), 0);
	utrace_breakpoint_unref(breakpoint);
	utrace_thread_unref(leader);
	talk_expect(&world->victim, NULL, "total 1680");
}

/* Threads that hit it while it goes: none is told of a SIGTRAP, none is lost. */
static void test_remove_under_fire(void **state)
{
	struct talk_world *world = *state;
	uint64_t address = start_loop(world, "16", "400");
	utrace_breakpoint *breakpoint = NULL;
	struct utrace_event_masks masks = {.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL)};
	int events = 0;

	talk_ok(world, utrace_process_set_events(world->victim.process, &masks, &world->error));
	breakpoint = break_at(world, address);
	talk_tell(&world->victim, "x");
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		if (world->event.reason == UTRACE_EVENT_SIGNAL)
			fail_msg("signal %d", world->event.u.signal.info.si_signo);
		if (breakpoint && ++events == 100) {
			break_remove(world, breakpoint);
			breakpoint = NULL;
		}
		talk_resume(world, NULL);
		if (!breakpoint && events < 130 && world->event.reason == UTRACE_EVENT_BREAKPOINT) {
			struct utrace_breakpoint_options options = {.size = sizeof(options), .address = address};

			events++;
			/* The victim may be through with its work, and gone. */
			if (utrace_breakpoint_insert(world->victim.process, &options, &breakpoint, NULL) == UTRACE_OK)
				break_remove(world, breakpoint);
			breakpoint = NULL;
		}
	}
	assert_int_equal(talk_reap_status(&world->victim), 0);
	talk_expect(&world->victim, NULL, "total 1283200");
}

/* A thread that is stopped at any time stands at an instruction, never behind a trap. */
static void test_stop_under_fire(void **state)
{
	struct talk_world *world = *state;
	uint64_t address = start_loop(world, "8", "3000");
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options options = {
		.address = address, .condition = break_count_and_refuse, .data = &counted};
	utrace_breakpoint *breakpoint = break_insert(world, &options);

	talk_tell(&world->victim, "x");
	for (int i = 0; i < 100; i++) {
		int asked = utrace_process_stop(world->victim.process, UTRACE_STOP_NOW, &world->error);

		for (int answers = 0; answers < asked;) {
			if (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) != 1)
				break;
			if (!(world->event.flags & UTRACE_EVENT_ANSWERS))
				continue;
			answers++;
			if (world->event.flags & UTRACE_EVENT_HELD)
				assert_int_not_equal(break_pc(world), address + 1);
		}
		if (utrace_process_resume(world->victim.process, NULL) < 0)
			break;
	}
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1)
		talk_resume(world, NULL);
	assert_int_equal(talk_reap_status(&world->victim), 0);
	assert_int_equal(counted, 8 * 3000);
	utrace_breakpoint_unref(breakpoint);
	talk_expect(&world->victim, NULL, "total 36012000");
}

/* Letting go in the midst of hits: the victim never notices. */
static void detach_under_fire(struct talk_world *world, uint32_t mode)
{
	uint64_t address = start_loop(world, "8", "20000");
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options options = {
		.address = address, .condition = break_count_and_refuse, .data = &counted};
	utrace_breakpoint *counting = break_insert(world, &options), *holding = NULL;

	talk_tell(&world->victim, "x");
	while (counted < 500)
		assert_true(utrace_session_next(world->session, &world->event, 1, &world->error) >= 0);
	holding = break_at(world, address);
	for (int i = 0; i < 3; i++)
		talk_next(world);
	talk_ok(world, utrace_detach(world->victim.process, mode, &world->error));
	if (mode == UTRACE_DETACH_STOPPED) {
		talk_wait_state(world->victim.pid, "T");
		kill(world->victim.pid, SIGCONT);
	}
	talk_expect(&world->victim, NULL, "total 1600080000");
	talk_reap(&world->victim);
	utrace_breakpoint_unref(counting);
	utrace_breakpoint_unref(holding);
}

static void test_detach_under_fire(void **state)
{
	detach_under_fire(*state, UTRACE_DETACH_RUNNING);
}

static void test_detach_stopped_under_fire(void **state)
{
	detach_under_fire(*state, UTRACE_DETACH_STOPPED);
}

static void test_close_lets_go(void **state)
{
	struct talk_world *world = *state;
	utrace_breakpoint *breakpoint = break_at(world, start_loop(world, "4", "1000"));

	talk_tell(&world->victim, "x");
	break_expect(world, breakpoint, 1);
	utrace_event_clear(&world->event);
	utrace_session_close(world->session);
	talk_expect(&world->victim, NULL, "total 2002000");
	talk_reap(&world->victim);
	assert_int_equal(utrace_breakpoint_is_inserted(breakpoint), 0);
	utrace_breakpoint_unref(breakpoint);
	world->session = talk_open();
}

/* ---- instructions ---- */

/* A breakpoint on each instruction that a loop executes, found by stepping through a few rounds of it. */
static void every_instruction(struct talk_world *world, const char *program)
{
	enum { STEPS = 60, ROUNDS = 50 };
	static const struct utrace_resume_options step = {.size = sizeof(step), .how = UTRACE_STEP};
	utrace_breakpoint *first = break_at(world, start_program(world, program, "1", "50"));
	utrace_breakpoint *breakpoints[STEPS];
	uint64_t seen[STEPS];
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options options = {.condition = break_count_and_refuse, .data = &counted};
	int count = 0;

	talk_tell(&world->victim, "x");
	break_expect(world, first, 1);
	break_remove(world, first);
	for (int i = 0; i < STEPS; i++) {
		uint64_t pc = break_pc(world);
		int k = 0;

		while (k < count && seen[k] != pc)
			k++;
		if (k == count)
			seen[count++] = pc;
		talk_resume(world, &step);
		break_expect_reason(world, "stepped");
	}
	for (int i = 0; i < count; i++) {
		options.address = seen[i];
		breakpoints[i] = break_insert(world, &options);
	}
	talk_resume(world, NULL);
	talk_finish_well(world);
	assert_true(counted > (uint64_t)count * (ROUNDS - STEPS / 3));
	talk_expect(&world->victim, NULL, "total 1275");
	for (int i = 0; i < count; i++)
		utrace_breakpoint_unref(breakpoints[i]);
}

static void test_every_instruction(void **state)
{
	every_instruction(*state, TALK_PROGRAM("brk_loop"));
}

static void test_every_instruction_32(void **state)
{
	every_instruction(*state, TALK_PROGRAM("brk_loop_32"));
}

enum { POINTS_MAX = 256 };

struct points {
	uint64_t address[POINTS_MAX];
	utrace_breakpoint *breakpoint[POINTS_MAX];
	long count;
};

static void start_instructions(struct talk_world *world, struct points *points, uint64_t stop,
			       const struct utrace_breakpoint_options *how)
{
	const char *const argv[] = {TALK_PROGRAM("brk_instructions"), NULL};
	struct utrace_attach_options options = {.size = sizeof(options), .events.stop = stop};

	talk_start(&world->victim, argv);
	points->count = (long)break_address(&world->victim, "points");
	assert_in_range(points->count, 50, POINTS_MAX);
	for (long i = 0; i < points->count; i++)
		points->address[i] = break_address(&world->victim, "at");
	talk_attach(world, &options);
	for (long i = 0; i < points->count; i++) {
		struct utrace_breakpoint_options one = *how;

		one.address = points->address[i];
		points->breakpoint[i] = break_insert(world, &one);
	}
	talk_tell(&world->victim, "x");
}

static void end_instructions(struct talk_world *world, struct points *points)
{
	/* Says what differs, if something does. */
	talk_expect(&world->victim, NULL, "same");
	assert_int_equal(talk_reap_status(&world->victim), 0);
	for (long i = 0; i < points->count; i++)
		utrace_breakpoint_unref(points->breakpoint[i]);
}

/* Nobody is told: each is passed at once. */
static void test_instructions_passed(void **state)
{
	struct talk_world *world = *state;
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options how = {.condition = break_count_and_refuse, .data = &counted};
	struct points points;

	start_instructions(world, &points, UTRACE_EVENTS_NONE, &how);
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1)
		talk_resume(world, NULL);
	assert_true(counted >= (uint64_t)points.count - 3);
	end_instructions(world, &points);
}

/* Each is told, and then goes on by itself, or by a step, which ends where the processor would have been. */
static void instructions_told(struct talk_world *world, const struct utrace_resume_options *how)
{
	struct utrace_breakpoint_options plain = {0};
	struct points points;
	uint64_t last = 0;
	int hits = 0;

	start_instructions(world, &points, UTRACE_EVENTS_NONE, &plain);
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		if (!(world->event.flags & UTRACE_EVENT_HELD))
			continue;
		if (world->event.reason == UTRACE_EVENT_STEPPED) {
			/* Nobody ever sees the thread in a copy. */
			assert_true(break_pc(world) - last < 0x1000 || last - break_pc(world) < 0x1000);
			talk_resume(world, NULL);
			continue;
		}
		assert_string_equal(utrace_reason_name(world->event.reason), "breakpoint");
		last = break_pc(world);
		assert_int_equal(last, world->event.u.breakpoint.address);
		hits++;
		talk_resume(world, how);
	}
	assert_true(hits >= points.count - 3);
	end_instructions(world, &points);
}

static void test_instructions_told(void **state)
{
	instructions_told(*state, NULL);
}

static void test_instructions_stepped(void **state)
{
	static const struct utrace_resume_options step = {.size = sizeof(step), .how = UTRACE_STEP};

	instructions_told(*state, &step);
}

/* System calls that are told as well show the program's own addresses. */
static void test_instructions_with_calls(void **state)
{
	struct talk_world *world = *state;
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options how = {.condition = break_count_and_refuse, .data = &counted};
	struct points points;
	int calls = 0;

	start_instructions(world, &points, UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_ENTRY), &how);
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		for (long i = 0; i < points.count && world->event.reason == UTRACE_EVENT_SYSCALL_ENTRY; i++)
			calls += world->event.u.syscall.pc == points.address[i] + 2;
		talk_resume(world, NULL);
	}
	assert_int_equal(calls, 2);
	end_instructions(world, &points);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_hit_pass_remove, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_two_at_one_address, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_hidden_from_memory, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_condition_ignore_temporary, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_condition_changes_breakpoints, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_threads_miss_nothing, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_of_one_thread, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_remove_under_fire, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_stop_under_fire, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_detach_under_fire, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_detach_stopped_under_fire, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_close_lets_go, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_every_instruction, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_every_instruction_32, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_instructions_passed, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_instructions_told, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_instructions_stepped, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_instructions_with_calls, talk_setup, talk_teardown),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
