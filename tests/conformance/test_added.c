/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_added.c - modules that no mapping shows: code that a program makes while it runs and describes, objects that were not linked, and
 * debug files that the caller finds.
 */
#include "support_break.h"
#include "support_image.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct host {
	struct image_world world;
	uint64_t text;
	char object[512];
};

static void start(struct host *host, struct talk_world *talk)
{
	const char *const argv[] = {TALK_PROGRAM("jit_host"), host->object, NULL};

	(void)snprintf(host->object, sizeof(host->object), "%s/jit_code.o", UTRACE_VICTIMS);
	host->world = (struct image_world){.talk = talk};
	talk_start_ready(&talk->victim, argv);
	host->text = break_address(&talk->victim, "text");
	image_hold(&host->world);
}

static int take_first(const struct utrace_location *location, void *data)
{
	*(struct utrace_location *)data = *location;
	return 1;
}

static void resume_all(struct talk_world *talk)
{
	talk_ok(talk, utrace_process_resume(talk->victim.process, NULL));
}

/* The program is in the middle of the made code when a breakpoint in it is told: the function, its line, its frame, its variables. */
static void check_code(struct host *host)
{
	struct talk_world *talk = host->world.talk;
	struct utrace_location location;
	utrace_breakpoint *breakpoint;
	utrace_stack *stack;
	utrace_frame *frame;
	utrace_variable *given;
	struct utrace_line line = {.size = sizeof(line)};
	int value = 0;

	assert_int_equal(utrace_function_each(host->world.image, "jit_code", take_first, &location, &talk->error), 1);
	assert_int_equal(location.entry, host->text);
	assert_true(location.address > host->text && location.address < host->text + 256);
	breakpoint = break_at(talk, location.address);
	talk_tell(&talk->victim, "c");
	resume_all(talk);
	break_expect(talk, breakpoint, 1);
	talk_ok(talk, utrace_stack_open(host->world.image, talk->event.thread, NULL, &stack, &talk->error));
	frame = utrace_stack_frame(stack, 0);
	assert_string_equal(utrace_frame_function(frame), "jit_code");
	assert_string_equal(utrace_frame_function(utrace_stack_frame(stack, 1)), "main");
	assert_string_equal(utrace_frame_unwinder(utrace_stack_frame(stack, 1)), "cfi");
	talk_ok(talk, utrace_frame_line(frame, &line, &talk->error));
	assert_int_equal(line.line, image_mark("symbols/jit_code.c", "jit call") - 2);
	assert_non_null(strstr(line.file, "jit_code.c"));
	talk_ok(talk, utrace_variable_find(host->world.image, frame, "given", &given, &talk->error));
	assert_int_equal(utrace_variable_read(given, frame, &value, sizeof(value), &talk->error), 4);
	assert_int_equal(value, 14);
	assert_string_equal(
		utrace_type_name(utrace_type_target(utrace_variable_type(given)) ? NULL : utrace_variable_type(given)),
		"int");
	utrace_stack_close(stack);
	break_remove(talk, breakpoint);
	talk_tell(&talk->victim, "w");
	talk_resume(talk, NULL);
	talk_expect(&talk->victim, talk->session, "waiting");
	talk_expect(&talk->victim, talk->session, "done");
}

static void stop_again(struct talk_world *talk)
{
	talk_ok(talk, utrace_process_stop(talk->victim.process, UTRACE_STOP_NOW, &talk->error));
	while (utrace_process_is_stopped(talk->victim.process, NULL) != 1)
		(void)talk_next(talk);
	/* That it has stopped may be told later than it is so. */
	while (utrace_session_next(talk->session, &talk->event, 0, NULL) == 1) {
	}
}

static void test_made_code(void **state)
{
	struct talk_world *talk = *state;
	struct utrace_location location;
	utrace_breakpoint *breakpoint;
	uint64_t events[4] = {0};
	struct host host;
	size_t before;

	start(&host, talk);
	before = utrace_image_modules(host.world.image, NULL, 0);
	assert_null(utrace_module_at(host.world.image, host.text));
	assert_int_equal(utrace_image_jit_events(host.world.image, events, 4, &talk->error), 1);
	assert_int_equal(
		utrace_function_each(host.world.image, "__jit_debug_register_code", take_first, &location, NULL), 1);
	assert_int_equal(events[0], location.entry);
	assert_int_equal(utrace_image_jit_refresh(host.world.image, &talk->error), 1);
	assert_int_equal(utrace_image_jit_refresh(host.world.image, &talk->error), 0);
	assert_int_equal(utrace_image_modules(host.world.image, NULL, 0), before + 1);
	assert_true(utrace_image_refresh(host.world.image, &talk->error) >= 0);
	assert_int_equal(utrace_image_modules(host.world.image, NULL, 0), before + 1);
	assert_non_null(utrace_module_at(host.world.image, host.text));
	check_code(&host);
	stop_again(talk);
	/* It takes the code back, which the breakpoint tells. */
	breakpoint = break_at(talk, events[0]);
	talk_tell(&talk->victim, "u");
	resume_all(talk);
	break_expect(talk, breakpoint, 1);
	assert_int_equal(utrace_image_jit_refresh(host.world.image, &talk->error), 1);
	assert_null(utrace_module_at(host.world.image, host.text));
	talk_fails(talk, UTRACE_NOT_FOUND,
		   utrace_function_each(host.world.image, "jit_code", take_first, &location, &talk->error));
	break_remove(talk, breakpoint);
	image_finish(&host.world);
}

/* The same object, of which the caller says where it is. */
static void test_object_file(void **state)
{
	struct utrace_module_options options = {.size = sizeof(options)};
	struct talk_world *talk = *state;
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	utrace_module *module;
	struct host host;

	start(&host, talk);
	options.text = host.text;
	talk_ok(talk, utrace_image_add_file(host.world.image, host.object, &options, &module, &talk->error));
	assert_ptr_equal(utrace_module_at(host.world.image, host.text), module);
	assert_string_equal(utrace_module_name(module), host.object);
	talk_ok(talk, utrace_symbol_at(host.world.image, host.text + 1, &symbol, &talk->error));
	assert_string_equal(symbol.name, "jit_code");
	check_code(&host);
	stop_again(talk);
	talk_ok(talk, utrace_image_remove_module(module, &talk->error));
	talk_fails(talk, UTRACE_INVALID, utrace_image_remove_module(module, &talk->error));
	assert_null(utrace_module_at(host.world.image, host.text));
	talk_fails(talk, UTRACE_NOT_FOUND,
		   utrace_image_add_file(host.world.image, "/nowhere", NULL, &module, &talk->error));
	talk_fails(talk, UTRACE_INVALID,
		   utrace_image_add_file(host.world.image, "/etc/passwd", NULL, &module, &talk->error));
	talk_fails(talk, UTRACE_FAULT,
		   utrace_image_add_memory(host.world.image, 16, 4096, NULL, &module, &talk->error));
	image_finish(&host.world);
}

/* A stripped program and its debug information, which nothing links to it: names of the one, unwinding by the other. */
static void test_debug_file(void **state)
{
	struct utrace_module_options options = {.size = sizeof(options)};
	struct talk_world *talk = *state;
	struct image_world world;
	utrace_module *program;
	utrace_module *added;
	uint64_t pc;

	image_start(&world, talk, "stack_walk-stripped", NULL);
	assert_true(utrace_image_modules(world.image, &program, 1) > 1);
	options.bias = utrace_module_bias(program);
	talk_ok(talk, utrace_image_add_file(world.image, UTRACE_VICTIMS "/stack_walk-linked.debug", &options, &added,
					    &talk->error));
	pc = utrace_frame_pc(image_find_frame(&world, 0, "main"));
	assert_ptr_equal(utrace_module_at(world.image, pc), added);
	assert_string_equal(utrace_frame_unwinder(image_find_frame(&world, 0, "main")), "cfi");
	image_finish(&world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_made_code),
		TEST(test_object_file),
		TEST(test_debug_file),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
