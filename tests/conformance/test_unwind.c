/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_unwind.c - stacks of programs built in many ways: the frames, their lines, registers and ends.
 */
#include "support_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE "symbols/stack_walk.c"

static void expect_line(struct image_world *world, utrace_frame *frame, const char *mark)
{
	struct utrace_line line = {.size = sizeof(line)};

	talk_ok(world->talk, utrace_frame_line(frame, &line, &world->talk->error));
	assert_int_equal(line.line, image_mark(SOURCE, mark));
	assert_string_equal(strrchr(line.file, '/'), "/stack_walk.c");
}

/* Everything from the system call in the handler to the end of the stack. */
static void walk(struct image_world *world, bool has_inlined)
{
	size_t number = 0;
	utrace_frame *frame;
	int recursions = 0;

	if (has_inlined) {
		frame = image_find_frame(world, 0, "walk_inlined");
		assert_int_equal(utrace_frame_kind(frame), UTRACE_FRAME_INLINED);
		expect_line(world, frame, "read");
		number = utrace_frame_number(frame);
		assert_string_equal(utrace_frame_function(utrace_stack_frame(world->stack, number + 1)),
				    "walk_handler");
	}
	frame = image_find_frame(world, number, "walk_handler");
	if (has_inlined)
		expect_line(world, frame, "call of inlined");
	frame = utrace_stack_frame(world->stack, utrace_frame_number(frame) + 1);
	assert_non_null(frame);
	assert_int_equal(utrace_frame_kind(frame), UTRACE_FRAME_SIGNAL);
	frame = image_find_frame(world, utrace_frame_number(frame), "walk_recursive");
	while (strcmp(utrace_frame_function(frame), "walk_recursive") == 0) {
		if (recursions++)
			expect_line(world, frame, "recursion");
		frame = utrace_stack_frame(world->stack, utrace_frame_number(frame) + 1);
	}
	assert_int_equal(recursions, 4);
	assert_string_equal(utrace_frame_function(frame), "walk_compare");
	frame = image_find_frame(world, utrace_frame_number(frame), "main");
	assert_int_equal(utrace_stack_end(world->stack, &world->talk->error), UTRACE_STACK_OUTERMOST);
}

/* CFAs rise, but where a handler has a stack of its own; each pc is in a module; frames are numbered. */
static void check_order(struct image_world *world, bool own_stack)
{
	size_t depth = utrace_stack_depth(world->stack);
	uint64_t last = 0;

	for (size_t i = 0; i < depth; i++) {
		utrace_frame *frame = utrace_stack_frame(world->stack, i);

		assert_int_equal(utrace_frame_number(frame), i);
		assert_ptr_equal(utrace_frame_stack(frame), world->stack);
		assert_non_null(utrace_frame_module(frame));
		if (!own_stack && i + 1 < depth)
			assert_true(utrace_frame_cfa(frame) >= last);
		last = utrace_frame_cfa(frame);
	}
	assert_null(utrace_stack_frame(world->stack, depth));
}

static void walk_way(void **state, const char *way, bool own_stack, bool has_inlined)
{
	struct image_world world;
	char name[64];

	(void)snprintf(name, sizeof(name), "stack_walk-%s", way);
	image_start(&world, *state, name, own_stack ? "a" : NULL);
	(void)image_stack(&world);
	walk(&world, has_inlined);
	check_order(&world, own_stack);
	image_finish(&world);
}

#define WAY(name, way, inlined)                                                                                        \
	static void test_walk_##name(void **state)                                                                     \
	{                                                                                                              \
		walk_way(state, way, false, inlined);                                                                  \
	}

WAY(O0, "O0", true)
WAY(O2, "O2", true)
WAY(g1, "g1", true)
WAY(dwarf2, "dwarf2", true)
WAY(dwarf3, "dwarf3", true)
WAY(dwarf4, "dwarf4", true)
WAY(dwarf5, "dwarf5", true)
WAY(split4, "split4", true)
WAY(split5, "split5", true)
WAY(nopie, "nopie", true)
WAY(static, "static", true)
WAY(nocfi, "nocfi", true)
WAY(compressed, "compressed", true)
WAY(32, "32", true)
WAY(linked, "linked", true)

static void test_own_stack(void **state)
{
	walk_way(state, "O2", true, true);
}

/* Without any symbols the frames are the same, only nameless. */
static void test_stripped(void **state)
{
	struct image_world world;

	image_start(&world, *state, "stack_walk-stripped", NULL);
	assert_true(utrace_stack_depth(image_stack(&world)) >= 12);
	assert_int_equal(utrace_stack_end(world.stack, &world.talk->error), UTRACE_STACK_OUTERMOST);
	image_finish(&world);
}

/* A caller's registers: main's view of the stack pointer is the CFA of what it called. */
static void test_registers(void **state)
{
	struct image_world world;
	utrace_frame *frame;
	uint64_t value;

	image_start(&world, *state, "stack_walk-O2", NULL);
	frame = image_find_frame(&world, 0, "walk_recursive");
	for (; utrace_stack_frame(world.stack, utrace_frame_number(frame) + 1);
	     frame = utrace_stack_frame(world.stack, utrace_frame_number(frame) + 1)) {
		utrace_frame *caller = utrace_stack_frame(world.stack, utrace_frame_number(frame) + 1);

		if (utrace_frame_kind(frame) == UTRACE_FRAME_INLINED)
			continue;
		talk_ok(world.talk, utrace_frame_register(caller, 7, &value, &world.talk->error));
		assert_int_equal(value, utrace_frame_cfa(frame));
		talk_ok(world.talk, utrace_frame_register(caller, 16, &value, &world.talk->error));
		assert_int_equal(value, utrace_frame_pc(caller));
	}
	/* What a call may destroy is not known in callers; where a signal struck, everything is. */
	frame = image_find_frame(&world, 0, "main");
	talk_fails(world.talk, UTRACE_NOT_FOUND, utrace_frame_register(frame, 0, &value, &world.talk->error));
	talk_fails(world.talk, UTRACE_NOT_FOUND, utrace_frame_register(frame, 99, &value, &world.talk->error));
	for (size_t i = 0; (frame = utrace_stack_frame(world.stack, i)); i++) {
		if (utrace_frame_kind(frame) == UTRACE_FRAME_SIGNAL)
			break;
	}
	assert_non_null(frame);
	frame = utrace_stack_frame(world.stack, utrace_frame_number(frame) + 1);
	for (int i = 0; i <= 16; i++)
		talk_ok(world.talk, utrace_frame_register(frame, i, &value, &world.talk->error));
	image_finish(&world);
}

static void test_limits(void **state)
{
	struct utrace_unwind_options options = {.size = sizeof(options), .max_frames = 3, .no_inlined = 1, .lazy = 1};
	struct image_world world;
	utrace_stack *stack;

	image_start(&world, *state, "stack_walk-O0", NULL);
	talk_ok(world.talk, utrace_stack_open(world.image, world.thread, &options, &stack, &world.talk->error));
	assert_int_equal(utrace_stack_depth(stack), 3);
	assert_int_equal(utrace_stack_end(stack, &world.talk->error), UTRACE_STACK_TOO_DEEP);
	for (size_t i = 0; i < 3; i++)
		assert_int_not_equal(utrace_frame_kind(utrace_stack_frame(stack, i)), UTRACE_FRAME_INLINED);
	utrace_stack_close(stack);
	image_finish(&world);
}

/* ---- callers' unwinders ---- */

enum { SCRIPT_FRAMES = 3 };

struct script {
	int told;
	int answer; /* for walk_compare */
};

static bool is_in(utrace_image *image, uint64_t pc, const char *function)
{
	struct utrace_function found = {.size = sizeof(found)};

	return utrace_function_at(image, pc - 1, &found, 1, NULL) > 0 && strcmp(found.name, function) == 0;
}

/* Frames of a script stand behind walk_compare, which is their interpreter, and walk_recursive has another name. */
static int step(utrace_image *image, utrace_thread *thread, struct utrace_unwind_frame *frame,
		struct utrace_unwind_frame *caller, void *data)
{
	struct script *script = data;

	(void)thread;
	if (is_in(image, frame->pc, "walk_recursive")) {
		frame->function = "renamed";
		return UTRACE_UNWIND_NAMED;
	}
	if (!is_in(image, frame->pc, "walk_compare"))
		return UTRACE_UNWIND_NOT_MINE;
	if (script->answer != UTRACE_UNWIND_VIRTUAL)
		return script->answer;
	if (script->told == SCRIPT_FRAMES)
		return UTRACE_UNWIND_NOT_MINE;
	caller->function = "scripted";
	caller->file = "script.lua";
	caller->line = (uint32_t)++script->told;
	return UTRACE_UNWIND_VIRTUAL;
}

static void check_script_frames(struct image_world *world, utrace_frame *frame)
{
	struct utrace_line line = {.size = sizeof(line)};

	for (uint32_t i = 1; i <= SCRIPT_FRAMES; i++) {
		frame = utrace_stack_frame(world->stack, utrace_frame_number(frame) + 1);
		assert_int_equal(utrace_frame_kind(frame), UTRACE_FRAME_FOREIGN);
		assert_int_equal(utrace_frame_pc(frame), 0);
		assert_string_equal(utrace_frame_unwinder(frame), "script");
		assert_string_equal(utrace_frame_function(frame), "scripted");
		talk_ok(world->talk, utrace_frame_line(frame, &line, &world->talk->error));
		assert_int_equal(line.line, i);
	}
	frame = image_find_frame(world, utrace_frame_number(frame), "main");
	assert_string_equal(utrace_frame_unwinder(frame), "cfi");
	assert_int_equal(utrace_stack_end(world->stack, &world->talk->error), UTRACE_STACK_OUTERMOST);
}

static void test_callers_unwinder(void **state)
{
	struct script script = {.answer = UTRACE_UNWIND_VIRTUAL};
	struct utrace_unwinder unwinder = {.size = sizeof(unwinder), .name = "script", .step = step, .data = &script};
	struct image_world world;
	utrace_frame *frame;

	image_start(&world, *state, "stack_walk-O2", NULL);
	talk_ok(world.talk, utrace_image_add_unwinder(world.image, &unwinder, &world.talk->error));
	talk_fails(world.talk, UTRACE_BUSY, utrace_image_add_unwinder(world.image, &unwinder, &world.talk->error));
	frame = image_find_frame(&world, 0, "renamed");
	check_script_frames(&world, image_find_frame(&world, utrace_frame_number(frame), "walk_compare"));
	utrace_stack_close(world.stack);
	world.stack = NULL;
	script.answer = UTRACE_UNWIND_END;
	frame = image_find_frame(&world, 0, "walk_compare");
	assert_null(utrace_stack_frame(world.stack, utrace_frame_number(frame) + 1));
	talk_ok(world.talk, utrace_image_remove_unwinder(world.image, "script", &world.talk->error));
	talk_fails(world.talk, UTRACE_NOT_FOUND,
		   utrace_image_remove_unwinder(world.image, "script", &world.talk->error));
	image_finish(&world);
}

/* ---- stacks that are none ---- */

static void test_call_of_null(void **state)
{
	struct talk_world *talk = *state;
	struct utrace_spawn_options options = {.size = sizeof(options),
					       .events = {.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL)}};
	const char *const argv[] = {TALK_PROGRAM("stack_null"), NULL};
	struct image_world world = {.talk = talk};

	talk_spawn(talk, &options, argv);
	talk_until(talk, UTRACE_EVENT_SIGNAL);
	world.thread = talk->event.thread;
	talk_ok(talk, utrace_symbols_create(NULL, &world.symbols, &talk->error));
	talk_ok(talk, utrace_image_open(world.symbols, talk->victim.process, &world.image, &talk->error));
	assert_int_equal(utrace_frame_pc(utrace_stack_frame(image_stack(&world), 0)), 0);
	assert_string_equal(utrace_frame_function(utrace_stack_frame(world.stack, 1)), "null_caller");
	assert_string_equal(utrace_frame_unwinder(utrace_stack_frame(world.stack, 1)), "entry");
	assert_string_equal(utrace_frame_function(utrace_stack_frame(world.stack, 2)), "main");
	utrace_stack_close(world.stack);
	utrace_image_close(world.image);
	utrace_symbols_unref(world.symbols);
	talk_ok(talk, utrace_process_kill(talk->victim.process, &talk->error));
	(void)talk_finish(talk);
}

/* Whatever the registers are, the stack ends soon and says why. */
static void test_wild_registers(void **state)
{
	static const uint64_t values[] = {0, 8, 0x7fffffffffff, 0xffffffffffffff00, 0xdeadbeefdeadbeef, 3};
	struct image_world world;
	uint64_t sp;
	uint64_t fp;

	image_start(&world, *state, "stack_walk-O0", NULL);
	talk_ok(world.talk, utrace_register_get(world.thread, UTRACE_REG_SP, &sp, NULL));
	talk_ok(world.talk, utrace_register_get(world.thread, UTRACE_REG_FP, &fp, NULL));
	for (size_t i = 0; i < 2 * sizeof(values) / sizeof(values[0]); i++) {
		utrace_stack *stack;
		int end;

		talk_ok(world.talk, utrace_register_set(world.thread, UTRACE_REG_FP, values[i / 2], NULL));
		talk_ok(world.talk, utrace_register_set(world.thread, UTRACE_REG_SP, i % 2 ? values[i / 2] : sp, NULL));
		talk_ok(world.talk, utrace_stack_open(world.image, world.thread, NULL, &stack, &world.talk->error));
		assert_in_range(utrace_stack_depth(stack), 1, 64);
		end = utrace_stack_end(stack, &world.talk->error);
		assert_in_range(end, UTRACE_STACK_OUTERMOST, UTRACE_STACK_FAULT);
		assert_true(end == UTRACE_STACK_OUTERMOST || world.talk->error.text[0]);
		utrace_stack_close(stack);
	}
	talk_ok(world.talk, utrace_register_set(world.thread, UTRACE_REG_SP, sp, NULL));
	talk_ok(world.talk, utrace_register_set(world.thread, UTRACE_REG_FP, fp, NULL));
	image_finish(&world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_walk_O0),         TEST(test_walk_O2),          TEST(test_walk_g1),
		TEST(test_walk_dwarf2),     TEST(test_walk_dwarf3),      TEST(test_walk_dwarf4),
		TEST(test_walk_dwarf5),     TEST(test_walk_split4),      TEST(test_walk_split5),
		TEST(test_walk_nopie),      TEST(test_walk_static),      TEST(test_walk_nocfi),
		TEST(test_walk_compressed), TEST(test_walk_32),          TEST(test_walk_linked),
		TEST(test_own_stack),       TEST(test_stripped),         TEST(test_registers),
		TEST(test_limits),          TEST(test_callers_unwinder), TEST(test_call_of_null),
		TEST(test_wild_registers),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
