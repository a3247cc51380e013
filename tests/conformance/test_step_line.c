/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_step_line.c - steps as a person means them, compared with the lines that a reader of the victims' sources expects.
 */
#include "support_break.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lines {
	utrace_symbols *symbols;
	utrace_image *image;
	utrace_thread *thread; /* a reference */
	char text[400][160];
	uint32_t count;
};

static void read_source(struct lines *lines, const char *name)
{
	char path[300];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIM_SOURCES, name);
	file = fopen(path, "r");
	assert_non_null(file);
	lines->count = 0;
	while (lines->count < 400 && fgets(lines->text[lines->count], 160, file))
		lines->count++;
	fclose(file);
}

/* The line with "@NAME " in its comment. */
static uint32_t line_of(const struct lines *lines, const char *name)
{
	char mark[80];

	(void)snprintf(mark, sizeof(mark), "@%s ", name);
	for (uint32_t i = 0; i < lines->count; i++) {
		if (strstr(lines->text[i], mark))
			return i + 1;
	}
	fail_msg("no line is marked %s", name);
	return 0;
}

static uint64_t address_of(struct talk_world *world, utrace_thread *thread)
{
	return break_register(world, thread, UTRACE_REG_PC);
}

static uint32_t where(struct talk_world *world, struct lines *lines)
{
	struct utrace_line line = {.size = sizeof(line)};

	if (utrace_line_at(lines->image, address_of(world, lines->thread), &line, &world->error))
		return 0;
	return line.line;
}

static void expect_at(struct talk_world *world, struct lines *lines, const char *name)
{
	uint32_t line = where(world, lines);

	if (line != line_of(lines, name))
		fail_msg("line %u instead of %u (%s): %s", line, line_of(lines, name), name,
			 line && line <= lines->count ? lines->text[line - 1] : "");
}

/* Feeds the step until it ends; other threads and processes go on as they like. */
static int run(struct talk_world *world, struct lines *lines, const struct utrace_step_options *options)
{
	utrace_step *step = NULL;
	int state = UTRACE_STEP_GOING;

	talk_ok(world, utrace_step_start(lines->image, lines->thread, options, &step, &world->error));
	while (state == UTRACE_STEP_GOING || state == UTRACE_STEP_NOT_MINE) {
		talk_next(world);
		state = utrace_step_event(step, &world->event, &world->error);
		if (state != UTRACE_STEP_NOT_MINE || !(world->event.flags & UTRACE_EVENT_HELD))
			continue;
		if (world->event.reason == UTRACE_EVENT_CREATE && world->event.u.create.thread)
			talk_ok(world, utrace_thread_resume(world->event.u.create.thread, NULL, &world->error));
		if (world->event.thread == lines->thread)
			talk_ok(world, utrace_step_resume(step, NULL, &world->error));
		else
			talk_resume(world, NULL);
	}
	if (state == UTRACE_STEP_BROKEN && world->error.status)
		fail_msg("%s", world->error.text);
	utrace_step_cancel(step);
	return state;
}

static void step(struct talk_world *world, struct lines *lines, uint32_t kind, const char *name)
{
	struct utrace_step_options options = {.size = sizeof(options), .kind = kind};

	assert_int_equal(run(world, lines, &options), UTRACE_STEP_FINISHED);
	expect_at(world, lines, name);
}

static void next(struct talk_world *world, struct lines *lines, const char *name)
{
	step(world, lines, UTRACE_STEP_LINE_OVER, name);
}

static void into(struct talk_world *world, struct lines *lines, const char *name)
{
	step(world, lines, UTRACE_STEP_LINE_INTO, name);
}

static int take_address(const struct utrace_location *location, void *data)
{
	*(uint64_t *)data = location->address;
	return 1;
}

static uint64_t function(struct talk_world *world, struct lines *lines, const char *name)
{
	uint64_t address = 0;

	assert_int_equal(utrace_function_each(lines->image, name, take_address, &address, &world->error), 1);
	return address;
}

/* Runs the thread to an address and drops the breakpoint. */
static void run_to(struct talk_world *world, struct lines *lines, uint64_t address)
{
	struct utrace_step_options options = {
		.size = sizeof(options), .kind = UTRACE_STEP_TO_ADDRESS, .address = address};

	assert_int_equal(run(world, lines, &options), UTRACE_STEP_FINISHED);
	assert_int_equal(address_of(world, lines->thread), address);
}

static void run_to_line(struct talk_world *world, struct lines *lines, const char *file, const char *name)
{
	uint64_t address = 0;

	assert_int_equal(
		utrace_line_each(lines->image, file, line_of(lines, name), take_address, &address, &world->error), 1);
	run_to(world, lines, address);
}

/* In main, behind its prologue. */
static struct lines *start(struct talk_world *world, const char *program, const char *source)
{
	struct utrace_spawn_options options = {.size = sizeof(options), .hold = 1};
	const char *const argv[] = {program, NULL};
	struct lines *lines = calloc(1, sizeof(*lines));

	options.events.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL) | UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE);
	talk_spawn(world, &options, argv);
	break_expect_reason(world, "exec");
	lines->thread = utrace_thread_ref(world->event.thread);
	talk_ok(world, utrace_symbols_create(NULL, &lines->symbols, &world->error));
	talk_ok(world, utrace_image_open(lines->symbols, world->victim.process, &lines->image, &world->error));
	read_source(lines, source);
	run_to(world, lines, function(world, lines, "main"));
	(void)utrace_image_refresh(lines->image, &world->error);
	expect_at(world, lines, "main-first");
	return lines;
}

static void end(struct talk_world *world, struct lines *lines, const char *output)
{
	(void)utrace_thread_resume(lines->thread, NULL, NULL);
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, output);
	utrace_thread_unref(lines->thread);
	utrace_image_close(lines->image);
	utrace_symbols_unref(lines->symbols);
	free(lines);
}

static struct lines *start_steps(struct talk_world *world)
{
	return start(world, TALK_PROGRAM("line_steps"), "line_steps.c");
}

static const char steps_output[] = "done 75 11 1";

/* Through all of main: nothing is stepped into, and nothing runs away. */
static void test_over_everything(void **state)
{
	static const char *const path[] = {"call",          "recursion", "setjmp", "longjmp", "setjmp",  "jump-inside",
					   "before-inline", "inline",    "loop",   "body",    "loop",    "body",
					   "loop",          "body",      "loop",   "signal",  "raise",   "tail",
					   "qsort",         "child",     "print",  "return",  "main-end"};
	struct talk_world *world = *state;
	struct lines *lines = start_steps(world);

	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++)
		next(world, lines, path[i]);
	end(world, lines, steps_output);
}

static void test_into_and_out(void **state)
{
	struct talk_world *world = *state;
	struct lines *lines = start_steps(world);
	struct utrace_step_options out = {.size = sizeof(out), .kind = UTRACE_STEP_OUT};

	next(world, lines, "call");
	into(world, lines, "add-first");
	next(world, lines, "add-last");
	next(world, lines, "add-end");
	/* In the midst of the caller's line, whose rest is done too. */
	next(world, lines, "recursion");
	into(world, lines, "fib-first");
	assert_int_equal(run(world, lines, &out), UTRACE_STEP_FINISHED);
	expect_at(world, lines, "recursion");
	assert_int_equal(break_register(world, lines->thread, UTRACE_REG_RESULT), 8);
	end(world, lines, steps_output);
}

/* Deep in a recursion a step over the call stays in its own frame. */
static void test_in_recursion(void **state)
{
	struct talk_world *world = *state;
	struct lines *lines = start_steps(world);
	uint64_t sp;

	run_to_line(world, lines, "line_steps.c", "fib-call");
	sp = break_register(world, lines->thread, UTRACE_REG_SP);
	next(world, lines, "fib-end");
	assert_int_equal(break_register(world, lines->thread, UTRACE_REG_SP), sp);
	/* The result is added at an address where the compiler begins the line anew. */
	next(world, lines, "recursion");
	next(world, lines, "setjmp");
	end(world, lines, steps_output);
}

static void test_inline(void **state)
{
	struct talk_world *world = *state;
	struct lines *lines = start_steps(world);

	run_to_line(world, lines, "line_steps.c", "before-inline");
	into(world, lines, "inline-first");
	next(world, lines, "inline-last");
	end(world, lines, steps_output);
}

static void test_until_leaves_loop(void **state)
{
	struct talk_world *world = *state;
	struct lines *lines = start_steps(world);

	run_to_line(world, lines, "line_steps.c", "body");
	step(world, lines, UTRACE_STEP_UNTIL, "loop");
	step(world, lines, UTRACE_STEP_UNTIL, "signal");
	end(world, lines, steps_output);
}

static void test_through_libraries(void **state)
{
	struct talk_world *world = *state;
	struct lines *lines = start_steps(world);

	run_to_line(world, lines, "line_steps.c", "raise");
	next(world, lines, "tail");
	into(world, lines, "tail-jump");
	into(world, lines, "tail-first");
	run_to_line(world, lines, "line_steps.c", "child");
	into(world, lines, "fork");
	next(world, lines, "forked");
	next(world, lines, "wait");
	next(world, lines, "child-end");
	end(world, lines, steps_output);
}

/* A jump into another function is a call of it, whose return leads further out. */
static void test_over_tail_call(void **state)
{
	struct talk_world *world = *state;
	struct lines *lines = start_steps(world);

	run_to_line(world, lines, "line_steps.c", "tail-jump");
	next(world, lines, "tail");
	next(world, lines, "qsort");
	end(world, lines, steps_output);
}

static void test_out_of_handler(void **state)
{
	struct talk_world *world = *state;
	struct lines *lines = start_steps(world);

	run_to(world, lines, function(world, lines, "handle"));
	expect_at(world, lines, "handler-first");
	next(world, lines, "handler-end");
	end(world, lines, steps_output);
}

static void test_breakpoint_breaks(void **state)
{
	struct talk_world *world = *state;
	struct lines *lines = start_steps(world);
	struct utrace_step_options over = {.size = sizeof(over), .kind = UTRACE_STEP_LINE_OVER};
	utrace_breakpoint *inside = break_at(world, function(world, lines, "add"));

	next(world, lines, "call");
	assert_int_equal(run(world, lines, &over), UTRACE_STEP_BROKEN);
	assert_string_equal(utrace_reason_name(world->event.reason), "breakpoint");
	expect_at(world, lines, "add-first");
	break_remove(world, inside);
	end(world, lines, steps_output);
}

static void test_instructions_and_counts(void **state)
{
	struct talk_world *world = *state;
	struct lines *lines = start_steps(world);
	struct utrace_step_options options = {.size = sizeof(options), .kind = UTRACE_STEP_LINE_OVER, .count = 3};
	uint64_t pc = address_of(world, lines->thread);

	assert_int_equal(run(world, lines, &options), UTRACE_STEP_FINISHED);
	expect_at(world, lines, "setjmp");
	options.kind = UTRACE_STEP_INSTRUCTION_OVER;
	options.count = 1;
	for (int i = 0; i < 3; i++) {
		pc = address_of(world, lines->thread);
		assert_int_equal(run(world, lines, &options), UTRACE_STEP_FINISHED);
		assert_in_range(address_of(world, lines->thread) - pc, 1, 15);
	}
	end(world, lines, steps_output);
}

static void test_exceptions(void **state)
{
	struct talk_world *world = *state;
	struct lines *lines = start(world, TALK_PROGRAM("line_throw"), "line_throw.cc");

	run_to_line(world, lines, "line_throw.cc", "inside");
	run_to_line(world, lines, "line_throw.cc", "caught-here");
	next(world, lines, "handler");
	run_to_line(world, lines, "line_throw.cc", "through");
	/* The function is left by the exception: the step ends with the one that catches. */
	next(world, lines, "handler-all");
	end(world, lines, "done 8 9");
}

static void test_exception_inside(void **state)
{
	struct talk_world *world = *state;
	struct lines *lines = start(world, TALK_PROGRAM("line_throw"), "line_throw.cc");

	run_to_line(world, lines, "line_throw.cc", "inside");
	next(world, lines, "caught-here");
	end(world, lines, "done 8 9");
}

static void test_wrong_use(void **state)
{
	struct talk_world *world = *state;
	struct lines *lines = start_steps(world);
	struct utrace_step_options options = {.size = sizeof(options), .kind = 77};
	utrace_step *none = NULL;

	talk_fails(world, UTRACE_INVALID,
		   utrace_step_start(lines->image, lines->thread, &options, &none, &world->error));
	options.kind = UTRACE_STEP_TO_ADDRESS;
	options.address = 16;
	talk_fails(world, UTRACE_FAULT, utrace_step_start(lines->image, lines->thread, &options, &none, &world->error));
	assert_null(none);
	utrace_step_cancel(NULL);
	end(world, lines, steps_output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_over_everything, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_into_and_out, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_in_recursion, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_inline, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_until_leaves_loop, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_through_libraries, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_over_tail_call, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_out_of_handler, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_breakpoint_breaks, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_instructions_and_counts, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_exceptions, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_exception_inside, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_wrong_use, talk_setup, talk_teardown),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
