/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_condition.c - conditions that the library evaluates beside the stop: what they compute, when they fail, and which it
 * refuses to set.
 */
#include "support_break.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RDI = 5, RSP = 7 }; /* DWARF numbers: AMD64 supplement, figure 3.36 */

#define CONSTANT(value)                                                                                                \
	{                                                                                                              \
		.op = UTRACE_CONDITION_CONSTANT, .number = (uint64_t)(value)                                           \
	}
#define REGISTER(name)                                                                                                 \
	{                                                                                                              \
		.op = UTRACE_CONDITION_REGISTER, .number = (name)                                                      \
	}
#define LOAD(bytes)                                                                                                    \
	{                                                                                                              \
		.op = UTRACE_CONDITION_LOAD, .size = (bytes)                                                           \
	}
#define OP(name)                                                                                                       \
	{                                                                                                              \
		.op = UTRACE_CONDITION_##name                                                                          \
	}
#define SIGNED(name)                                                                                                   \
	{                                                                                                              \
		.op = UTRACE_CONDITION_##name, .is_signed = 1                                                          \
	}
#define CAST(bytes)                                                                                                    \
	{                                                                                                              \
		.op = UTRACE_CONDITION_EXTEND, .size = (bytes)                                                         \
	}
#define CAST_SIGNED(bytes)                                                                                             \
	{                                                                                                              \
		.op = UTRACE_CONDITION_EXTEND, .size = (bytes), .is_signed = 1                                         \
	}
#define JUMP(steps)                                                                                                    \
	{                                                                                                              \
		.op = UTRACE_CONDITION_JUMP, .number = (steps)                                                         \
	}
#define JUMP_IF(steps)                                                                                                 \
	{                                                                                                              \
		.op = UTRACE_CONDITION_JUMP_IF_ZERO, .number = (steps)                                                 \
	}

enum { MOST = 12 };

struct program {
	size_t count;
	struct utrace_condition_step steps[MOST];
};

static uint64_t start(struct talk_world *world, const char *rounds)
{
	const char *const argv[] = {TALK_PROGRAM("brk_loop"), "1", rounds, NULL};
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = UTRACE_EVENTS_NONE}};

	talk_spawn(world, &options, argv);
	return break_address(&world->victim, "target");
}

static utrace_breakpoint *insert(struct talk_world *world, uint64_t address, uint32_t kind,
				 const struct utrace_condition_step *steps, size_t count)
{
	struct utrace_breakpoint_options options = {
		.address = address, .kind = kind, .steps = steps, .step_count = count};

	return break_insert(world, &options);
}

static uint64_t argument(struct talk_world *world)
{
	return break_register(world, world->event.thread, UTRACE_REG_ARG0);
}

/* Of a thousand hits one is told, and nobody was asked about the others. */
static void check_one(void **state, uint32_t kind)
{
	static const struct utrace_condition_step is_700[] = {REGISTER(RDI), CONSTANT(700), OP(EQUAL)};
	struct talk_world *world = *state;
	utrace_breakpoint *breakpoint = insert(world, start(world, "1000"), kind, is_700, 3);

	talk_tell(&world->victim, "g");
	break_expect(world, breakpoint, 1);
	assert_int_equal(argument(world), 700);
	assert_int_equal(world->event.flags & UTRACE_EVENT_CONDITION_FAILED, 0);
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 1);
	talk_resume(world, NULL);
	talk_expect(&world->victim, world->session, "total 500500");
	talk_finish_well(world);
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 1);
	utrace_breakpoint_unref(breakpoint);
}

static void test_one_of_thousand(void **state)
{
	check_one(state, UTRACE_BREAKPOINT_SOFTWARE);
}

static void test_one_of_thousand_in_hardware(void **state)
{
	check_one(state, UTRACE_BREAKPOINT_HARDWARE);
}

/* Each is true; an argument that counts up tells them apart. */
static const struct program truths[] = {
	{3, {CONSTANT(2), CONSTANT(2), OP(EQUAL)}},
	{4, {CONSTANT(2), CONSTANT(3), OP(EQUAL), OP(NOT)}},
	{5, {CONSTANT(7), CONSTANT(5), OP(SUBTRACT), CONSTANT(2), OP(EQUAL)}},
	{5, {CONSTANT(7), CONSTANT(5), OP(MULTIPLY), CONSTANT(35), OP(EQUAL)}},
	{5, {CONSTANT(-7), CONSTANT(2), SIGNED(DIVIDE), CONSTANT(-3), OP(EQUAL)}},
	{5, {CONSTANT(-7), CONSTANT(2), SIGNED(REMAINDER), CONSTANT(-1), OP(EQUAL)}},
	{5, {CONSTANT(-1), CONSTANT(2), OP(DIVIDE), CONSTANT(INT64_MAX), OP(EQUAL)}},
	{3, {CONSTANT(-1), CONSTANT(0), SIGNED(LESS)}},
	{4, {CONSTANT(-1), CONSTANT(0), OP(LESS), OP(NOT)}},
	{3, {CONSTANT(3), CONSTANT(3), SIGNED(LESS_OR_EQUAL)}},
	{4, {CONSTANT(3), CONSTANT(3), OP(LESS), OP(NOT)}},
	{5, {CONSTANT(12), CONSTANT(10), OP(AND), CONSTANT(8), OP(EQUAL)}},
	{5, {CONSTANT(12), CONSTANT(10), OP(OR), CONSTANT(14), OP(EQUAL)}},
	{5, {CONSTANT(12), CONSTANT(10), OP(XOR), CONSTANT(6), OP(EQUAL)}},
	{5, {CONSTANT(3), CONSTANT(4), OP(SHIFT_LEFT), CONSTANT(48), OP(EQUAL)}},
	{5, {CONSTANT(-16), CONSTANT(2), SIGNED(SHIFT_RIGHT), CONSTANT(-4), OP(EQUAL)}},
	{5, {CONSTANT(-16), CONSTANT(60), OP(SHIFT_RIGHT), CONSTANT(15), OP(EQUAL)}},
	{4, {CONSTANT(1), CONSTANT(64), OP(SHIFT_LEFT), OP(NOT)}},
	{4, {CONSTANT(5), OP(NEGATE), CONSTANT(-5), OP(EQUAL)}},
	{4, {CONSTANT(5), OP(COMPLEMENT), CONSTANT(-6), OP(EQUAL)}},
	{4, {CONSTANT(0x1ff), CAST(1), CONSTANT(255), OP(EQUAL)}},
	{4, {CONSTANT(0x1ff), CAST_SIGNED(1), CONSTANT(-1), OP(EQUAL)}},
	{4, {CONSTANT(0x80000000), CAST_SIGNED(4), CONSTANT(INT32_MIN), OP(EQUAL)}},
	/* 0 && 1/0, which must not be evaluated, is 0. */
	{8, {CONSTANT(0), JUMP_IF(4), CONSTANT(1), CONSTANT(0), OP(DIVIDE), JUMP(1), CONSTANT(0), OP(NOT)}},
	/* What returns to the caller lies at the stack pointer. */
	{4, {REGISTER(RSP), LOAD(8), CONSTANT(0), OP(EQUAL)}},
};

enum { TRUTHS = sizeof(truths) / sizeof(truths[0]) };

static void test_what_they_compute(void **state)
{
	struct talk_world *world = *state;
	utrace_breakpoint *breakpoint;
	char rounds[16];

	(void)snprintf(rounds, sizeof(rounds), "%d", TRUTHS);
	breakpoint = insert(world, start(world, rounds), UTRACE_BREAKPOINT_SOFTWARE, truths[0].steps, truths[0].count);
	talk_tell(&world->victim, "g");
	for (size_t i = 0; i < TRUTHS - 1; i++) {
		break_expect(world, breakpoint, 1);
		if (argument(world) != i)
			fail_msg("the condition %zu is not true", i);
		assert_int_equal(world->event.flags & UTRACE_EVENT_CONDITION_FAILED, 0);
		talk_ok(world, utrace_breakpoint_set_steps(breakpoint, truths[i + 1].steps, truths[i + 1].count,
							   &world->error));
		talk_resume(world, NULL);
	}
	/* The last one is false, so nothing more is told. */
	talk_expect(&world->victim, world->session, "total 325");
	talk_finish_well(world);
	assert_int_equal(utrace_breakpoint_hits(breakpoint), TRUTHS - 1);
	utrace_breakpoint_unref(breakpoint);
}

static void test_failures_are_told(void **state)
{
	static const struct program failing[] = {
		{2, {CONSTANT(8), LOAD(4)}},
		{3, {CONSTANT(8), CONSTANT(0), OP(DIVIDE)}},
		{3, {CONSTANT(INT64_MIN), CONSTANT(-1), SIGNED(REMAINDER)}},
		{1, {REGISTER(999)}},
	};
	struct talk_world *world = *state;
	utrace_breakpoint *breakpoint =
		insert(world, start(world, "4"), UTRACE_BREAKPOINT_SOFTWARE, failing[0].steps, failing[0].count);

	talk_tell(&world->victim, "g");
	for (size_t i = 0; i < 4; i++) {
		break_expect(world, breakpoint, 1);
		assert_int_equal(argument(world), i);
		assert_true(world->event.flags & UTRACE_EVENT_CONDITION_FAILED);
		if (i < 3)
			talk_ok(world, utrace_breakpoint_set_steps(breakpoint, failing[i + 1].steps,
								   failing[i + 1].count, &world->error));
		talk_resume(world, NULL);
	}
	talk_finish_well(world);
	utrace_breakpoint_unref(breakpoint);
}

static int only_odd(utrace_breakpoint *breakpoint, utrace_thread *thread, void *data)
{
	uint64_t value = 0;

	(void)breakpoint;
	++*(int *)data;
	assert_int_equal(utrace_register_get(thread, UTRACE_REG_ARG0, &value, NULL), 0);
	return value & 1;
}

/* The callback is asked only where the steps hold. */
static void test_both_kinds(void **state)
{
	static const struct utrace_condition_step below_10[] = {REGISTER(RDI), CONSTANT(10), OP(LESS)};
	struct talk_world *world = *state;
	int asked = 0;
	struct utrace_breakpoint_options options = {
		.condition = only_odd, .data = &asked, .steps = below_10, .step_count = 3};
	utrace_breakpoint *breakpoint;

	options.address = start(world, "100");
	breakpoint = break_insert(world, &options);
	talk_tell(&world->victim, "g");
	for (uint64_t i = 1; i < 10; i += 2) {
		break_expect(world, breakpoint, 1);
		assert_int_equal(argument(world), i);
		talk_resume(world, NULL);
	}
	talk_finish_well(world);
	assert_int_equal(asked, 10);
	utrace_breakpoint_unref(breakpoint);
}

static void test_refused(void **state)
{
	static const struct program bad[] = {
		{1, {{.op = 0}}},
		{1, {{.op = 99}}},
		{1, {OP(NOT)}},
		{2, {CONSTANT(1), OP(ADD)}},
		{2, {CONSTANT(1), CONSTANT(2)}},
		{2, {CONSTANT(1), LOAD(3)}},
		{2, {CONSTANT(1), JUMP(1)}},
		{3, {CONSTANT(1), JUMP(UINT64_MAX), CONSTANT(1)}},
		/* Never reached; another depth by each way. */
		{4, {CONSTANT(1), JUMP(1), CONSTANT(2), OP(NOT)}},
		{5, {CONSTANT(1), CONSTANT(1), JUMP_IF(1), CONSTANT(1), OP(NOT)}},
		{1, {JUMP(0)}},
	};
	static struct utrace_condition_step deep[300];
	struct talk_world *world = *state;
	struct utrace_breakpoint_options options = {.size = sizeof(options)};
	utrace_breakpoint *breakpoint;

	options.address = start(world, "3");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		options.steps = bad[i].steps;
		options.step_count = bad[i].count;
		if (utrace_breakpoint_insert(world->victim.process, &options, &breakpoint, &world->error) !=
		    UTRACE_INVALID)
			fail_msg("the condition %zu was taken", i);
		assert_null(breakpoint);
	}
	for (size_t i = 0; i < 300; i++)
		deep[i] = (struct utrace_condition_step)CONSTANT(1);
	options.steps = NULL;
	options.step_count = 0;
	breakpoint = break_insert(world, &options);
	talk_fails(world, UTRACE_INVALID, utrace_breakpoint_set_steps(breakpoint, deep, 300, &world->error));
	talk_fails(world, UTRACE_INVALID, utrace_breakpoint_set_steps(breakpoint, deep, 40, &world->error));
	assert_non_null(strstr(world->error.text, "deeper stack"));
	talk_fails(world, UTRACE_INVALID, utrace_breakpoint_set_steps(breakpoint, NULL, 1, &world->error));
	/* It has none, as before. */
	talk_tell(&world->victim, "g");
	break_expect(world, breakpoint, 1);
	break_remove(world, breakpoint);
	talk_resume(world, NULL);
	talk_finish_well(world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_one_of_thousand),   TEST(test_one_of_thousand_in_hardware),
		TEST(test_what_they_compute), TEST(test_failures_are_told),
		TEST(test_both_kinds),        TEST(test_refused),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
