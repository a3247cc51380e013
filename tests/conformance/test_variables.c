/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_variables.c - types and variables of programs built in many ways: what values.c says is what is read.
 */
#include "support_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static utrace_variable *find(struct image_world *world, utrace_frame *frame, const char *name)
{
	utrace_variable *variable;

	talk_ok(world->talk, utrace_variable_find(world->image, frame, name, &variable, &world->talk->error));
	assert_string_equal(utrace_variable_name(variable), name);
	return variable;
}

static int64_t number(struct image_world *world, utrace_frame *frame, const char *name)
{
	utrace_variable *variable = find(world, frame, name);
	int64_t size = utrace_type_size(utrace_variable_type(variable));
	int64_t value = 0;

	assert_true(size > 0 && size <= 8);
	if (utrace_variable_read(variable, frame, &value, sizeof(value), &world->talk->error) != size)
		fail_msg("%s: %s", name, world->talk->error.text);
	if (size < 8 && utrace_type_is_signed(utrace_variable_type(variable)))
		value = (int64_t)((uint64_t)value << (64 - size * 8)) >> (64 - size * 8);
	return value;
}

static void expect_print(utrace_type *type, const char *variable, const char *expected)
{
	char *text = utrace_type_print(type, variable);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static struct utrace_member member(utrace_type *type, const char *name)
{
	struct utrace_member members[16];
	size_t count;

	members[0].size = sizeof(members[0]);
	count = utrace_type_members(type, members, 16);
	for (size_t i = 0; i < count; i++) {
		if (name ? members[i].name && strcmp(members[i].name, name) == 0 : !members[i].name)
			return members[i];
	}
	fail_msg("no member %s", name ? name : "without name");
	return members[0];
}

static void check_types(struct image_world *world)
{
	struct utrace_enumerator colours[4];
	utrace_type *outer;
	utrace_type *inner;
	utrace_type *type;

	talk_ok(world->talk, utrace_type_find(world->image, 0, "struct outer", &outer, &world->talk->error));
	assert_int_equal(utrace_type_kind(outer), UTRACE_TYPE_STRUCT);
	expect_print(member(outer, "self").type, "self", "struct outer *self");
	expect_print(member(outer, "matrix").type, "matrix", "int matrix[2][3]");
	expect_print(member(outer, "colour").type, NULL, "enum colour");
	expect_print(member(outer, "callback").type, NULL, "callback_t");
	type = utrace_type_strip(member(outer, "callback").type);
	expect_print(type, "f", "int (*f)(const char *, ...)");
	type = member(outer, "matrix").type;
	assert_int_equal(utrace_type_length(type), 2);
	assert_int_equal(utrace_type_length(utrace_type_target(type)), 3);
	assert_int_equal(utrace_type_size(type), 24);
	inner = utrace_type_strip(member(outer, "inner").type);
	assert_int_equal(member(inner, "low").bit_size, 3);
	assert_int_equal(member(inner, "low").offset, 4);
	assert_int_equal(member(inner, "low").bit_offset, 0);
	assert_int_equal(member(inner, "high").bit_size, 7);
	assert_int_equal(member(inner, "high").offset * 8 + member(inner, "high").bit_offset, 4 * 8 + 5);
	assert_int_equal(member(utrace_type_strip(member(inner, NULL).type), "anonymous").offset, 0);
	colours[0].size = sizeof(colours[0]);
	assert_int_equal(utrace_type_enumerators(utrace_type_strip(member(outer, "colour").type), colours, 4), 3);
	assert_string_equal(colours[1].name, "GREEN");
	assert_int_equal(colours[1].value, 5);
	assert_int_equal(colours[2].value, -1);
	talk_ok(world->talk, utrace_type_find(world->image, 0, "unsigned long", &type, &world->talk->error));
	assert_false(utrace_type_is_signed(type));
	talk_ok(world->talk, utrace_type_find(world->image, 0, "count_t *", &type, &world->talk->error));
	expect_print(type, NULL, "count_t *");
	assert_ptr_equal(utrace_type_target(utrace_type_pointer_to(type)), type);
	talk_fails(world->talk, UTRACE_NOT_FOUND,
		   utrace_type_find(world->image, 0, "struct nonsense", &type, &world->talk->error));
}

static void check_globals(struct image_world *world)
{
	struct utrace_place place = {.size = sizeof(place)};
	utrace_variable *variable;
	unsigned char bytes[256];
	uint64_t text;
	char string[16];
	int value;

	assert_int_equal(number(world, NULL, "global_number"), 42);
	variable = find(world, NULL, "global_outer");
	assert_true(utrace_variable_read(variable, NULL, bytes, sizeof(bytes), &world->talk->error) > 16);
	assert_memory_equal(bytes, "abc", 4);
	text = (uint64_t)number(world, NULL, "file_text");
	assert_int_equal(
		utrace_memory_read_string(utrace_image_process(world->image), text, string, sizeof(string), NULL), 6);
	assert_string_equal(string, "a text");
	talk_ok(world->talk,
		utrace_variable_find_in(world->image, "values.c", "file_text", &variable, &world->talk->error));
	talk_fails(world->talk, UTRACE_NOT_FOUND,
		   utrace_variable_find_in(world->image, "other.c", "file_text", &variable, &world->talk->error));
	variable = find(world, NULL, "global_number");
	value = 43;
	talk_ok(world->talk, utrace_variable_write(variable, NULL, &value, sizeof(value), &world->talk->error));
	assert_int_equal(number(world, NULL, "global_number"), 43);
	talk_ok(world->talk, utrace_variable_place(variable, NULL, &place, &world->talk->error));
	assert_int_equal(place.kind, UTRACE_PLACE_MEMORY);
	expect_print(utrace_variable_type(find(world, NULL, "nobody")), NULL, "struct only_declared *");
	assert_int_equal(utrace_type_size(utrace_type_target(utrace_variable_type(find(world, NULL, "nobody")))), -1);
}

static void check_locals(struct image_world *world, const char *way)
{
	utrace_frame *frame = image_find_frame(world, 0, "values_wait");
	utrace_variable *variables[16];
	int count = utrace_frame_variables(frame, variables, 16, &world->talk->error);
	bool is_turned;

	talk_ok(world->talk, count < 0 ? count : 0);
	/* counter and the inner local, i, the outer local and byte, the three arguments. */
	assert_int_equal(count, 8);
	assert_int_equal(utrace_variable_depth(variables[0]), 2);
	assert_int_equal(utrace_variable_depth(variables[2]), 1);
	/* In the order of the debug information, which gcc turns round in a copy of a function. */
	is_turned = strcmp(utrace_variable_name(variables[5]), "third") == 0;
	assert_string_equal(utrace_variable_name(variables[is_turned ? 7 : 5]), "first");
	assert_string_equal(utrace_variable_name(variables[is_turned ? 5 : 7]), "third");
	assert_true(utrace_variable_is_argument(variables[5]) && !utrace_variable_is_argument(variables[4]));
	assert_int_equal(number(world, frame, "counter"), 23);
	assert_int_equal(number(world, frame, "local"), 20);
	/* gcc 12's split DWARF has the address in the file where the offset in the block belongs. */
	if (strncmp(way, "split", 5) != 0)
		assert_int_equal(number(world, frame, "thread_number"), 77);
}

static void check_arguments(struct image_world *world)
{
	utrace_frame *frame = image_find_frame(world, 0, "values_wait");
	uint64_t address = (uint64_t)number(world, frame, "third");
	struct utrace_place place = {.size = sizeof(place)};

	talk_ok(world->talk,
		utrace_variable_place(find(world, NULL, "global_outer"), NULL, &place, &world->talk->error));
	assert_int_equal(address, place.address);
	assert_int_equal(number(world, frame, "first"), 10);
	assert_int_equal(number(world, frame, "second"), 20);
	frame = image_find_frame(world, 0, "values_gone");
	assert_int_equal(number(world, frame, "passed"), 1234);
	assert_int_equal((uint64_t)number(world, frame, "where"), place.address);
	assert_int_equal(number(world, image_find_frame(world, 0, "main"), "count"), 1000);
}

static void check_way(void **state, const char *way)
{
	struct image_world world;
	char name[64];

	(void)snprintf(name, sizeof(name), "values-%s", way);
	image_start(&world, *state, name, NULL);
	check_types(&world);
	check_globals(&world);
	check_locals(&world, way);
	check_arguments(&world);
	image_finish(&world);
}

#define WAY(way)                                                                                                       \
	static void test_values_##way(void **state)                                                                    \
	{                                                                                                              \
		check_way(state, #way);                                                                                \
	}

WAY(O0)
WAY(O2)
WAY(dwarf2)
WAY(dwarf3)
WAY(dwarf4)
WAY(dwarf5)
WAY(split4)
WAY(split5)
WAY(nopie)
WAY(static)
WAY(compressed)
WAY(32)
WAY(linked)

/* ---- values at the entry of a function ---- */

static void expect_entry(struct image_world *world, const char *function, int64_t expected)
{
	utrace_frame *frame = image_find_frame(world, 0, function);
	utrace_variable *variable = find(world, frame, "given");
	int64_t size = utrace_type_size(utrace_variable_type(variable));
	int64_t value = 0;

	if (utrace_variable_read_entry(variable, frame, &value, sizeof(value), &world->talk->error) != size)
		fail_msg("%s: %s", function, world->talk->error.text);
	assert_int_equal(value, expected);
}

static void expect_no_entry(struct image_world *world, const char *function, const char *name, const char *why)
{
	utrace_frame *frame = image_find_frame(world, 0, function);
	int64_t value = 0;

	talk_fails(world->talk, UTRACE_NOT_FOUND,
		   utrace_variable_read_entry(find(world, frame, name), frame, &value, sizeof(value),
					      &world->talk->error));
	assert_non_null(strstr(world->talk->error.text, why));
}

static void check_entry(void **state, const char *program)
{
	struct image_world world;
	utrace_frame *frame;
	int64_t value = 0;

	image_start(&world, *state, program, NULL);
	expect_entry(&world, "entry_lost", 20);
	expect_entry(&world, "entry_changed", 10);
	expect_entry(&world, "entry_kept", 5);
#ifndef __clang__ /* which says nothing of what it passes on the stack */
	expect_entry(&world, "entry_many", 8);
#endif
	expect_no_entry(&world, "entry_jumped", "given", "jumped here");
	expect_no_entry(&world, "entry_changed", "result", "argument");
	frame = image_find_frame(&world, 0, "entry_kept");
	assert_int_equal(number(&world, frame, "given"), 5);
	talk_fails(world.talk, UTRACE_INVALID,
		   utrace_variable_read_entry(find(&world, frame, "given"), NULL, &value, sizeof(value),
					      &world.talk->error));
	image_finish(&world);
}

static void test_entry_values(void **state)
{
	check_entry(state, "entry_values-64");
}

static void test_entry_values_32(void **state)
{
#ifdef __clang__
	skip();
#endif
	check_entry(state, "entry_values-32");
}

/* A function that has jumped on: asked for, it has a frame, and what it passed on is known through it. */
static void test_tail_call(void **state)
{
	struct utrace_unwind_options options = {.size = sizeof(options), .tail_calls = 1};
	struct image_world world;
	utrace_frame *jumped;
	utrace_frame *jumper;

#ifdef __clang__
	skip();
#endif
	image_start(&world, *state, "entry_values-64", NULL);
	assert_int_equal(utrace_stack_open(world.image, world.thread, &options, &world.stack, &world.talk->error), 0);
	jumped = image_find_frame(&world, 0, "entry_jumped");
	jumper = image_find_frame(&world, 0, "entry_jumper");
	assert_string_equal(utrace_frame_unwinder(jumper), "tail-call");
	assert_int_equal(utrace_frame_number(jumper), utrace_frame_number(jumped) + 1);
	assert_int_equal(utrace_frame_number(image_find_frame(&world, 0, "entry_lost")),
			 utrace_frame_number(jumper) + 1);
	assert_int_equal(utrace_frame_cfa(jumper), utrace_frame_cfa(jumped));
	expect_entry(&world, "entry_jumped", 31);
	expect_entry(&world, "entry_jumper", 30);
	image_finish(&world);
}

static void test_no_entry_values(void **state)
{
	struct image_world world;

	image_start(&world, *state, "values-O0", NULL);
	expect_no_entry(&world, "values_gone", "passed", "not known");
	image_finish(&world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_values_O0),       TEST(test_values_O2),         TEST(test_values_dwarf2),
		TEST(test_values_dwarf3),   TEST(test_values_dwarf4),     TEST(test_values_dwarf5),
		TEST(test_values_split4),   TEST(test_values_split5),     TEST(test_values_nopie),
		TEST(test_values_static),   TEST(test_values_compressed), TEST(test_values_32),
		TEST(test_values_linked),   TEST(test_entry_values),      TEST(test_entry_values_32),
		TEST(test_no_entry_values), TEST(test_tail_call),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
