/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_condition_names.c - conditions on a program's variables: compiled from its debug information, evaluated by the library, and of
 * a hundred calls exactly one is told; for programs built in many ways.
 */
#include "support_break.h"
#include "support_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THE_ONE = 57 };

struct program {
	struct utrace_condition_step steps[128];
	size_t count;
};

struct place {
	struct image_world *world;
	uint64_t pc;
	struct program program;
};

static void add(struct place *place, uint32_t op, uint16_t size, uint16_t is_signed, uint64_t number)
{
	place->program.steps[place->program.count++] =
		(struct utrace_condition_step){.op = op, .size = size, .is_signed = is_signed, .number = number};
}

static void op(struct place *place, uint32_t number)
{
	add(place, number, 0, 0, 0);
}

static void constant(struct place *place, int64_t number)
{
	add(place, UTRACE_CONDITION_CONSTANT, 0, 0, (uint64_t)number);
}

static utrace_variable *variable(struct place *place, const char *name)
{
	utrace_variable *found;

	talk_ok(place->world->talk,
		utrace_variable_find_at(place->world->image, place->pc, name, &found, &place->world->talk->error));
	return found;
}

static void append(struct place *place, int count, const char *name)
{
	if (count <= 0)
		fail_msg("%s: %s", name, place->world->talk->error.text);
	place->program.count += (size_t)count;
}

static void value_of(struct place *place, const char *name, const struct utrace_variable_part *part)
{
	struct program *program = &place->program;

	append(place,
	       utrace_variable_value_steps(variable(place, name), place->pc, part, program->steps + program->count,
					   128 - program->count, &place->world->talk->error),
	       name);
}

static void address_of(struct place *place, const char *name)
{
	struct program *program = &place->program;

	append(place,
	       utrace_variable_address_steps(variable(place, name), place->pc, program->steps + program->count,
					     128 - program->count, &place->world->talk->error),
	       name);
}

static struct utrace_variable_part part_of(struct place *place, utrace_type *type, const char *name)
{
	struct utrace_member members[8] = {{.size = sizeof(members[0])}};
	utrace_type *full = utrace_type_complete(place->world->image, utrace_type_strip(type));
	size_t count = utrace_type_members(full, members, 8);

	for (size_t i = 0; i < count; i++) {
		if (members[i].name && strcmp(members[i].name, name) == 0)
			return (struct utrace_variable_part){
				.size = sizeof(struct utrace_variable_part),
				.offset = members[i].offset,
				.length = (uint32_t)utrace_type_size(members[i].type),
				.is_signed = (uint32_t)utrace_type_is_signed(utrace_type_strip(members[i].type))};
	}
	fail_msg("no member %s", name);
	return (struct utrace_variable_part){0};
}

/* ---- conditions that hold for one call of a round ---- */

static void is_number(struct place *place)
{
	value_of(place, "number", NULL);
	constant(place, THE_ONE);
	op(place, UTRACE_CONDITION_EQUAL);
}

static void is_pointed_to(struct place *place)
{
	utrace_type *node = utrace_type_target(utrace_variable_type(variable(place, "node")));
	struct utrace_variable_part part = part_of(place, node, "small");

	value_of(place, "node", NULL);
	constant(place, (int64_t)part.offset);
	op(place, UTRACE_CONDITION_ADD);
	add(place, UTRACE_CONDITION_LOAD, 2, 1, 0);
	constant(place, -THE_ONE);
	op(place, UTRACE_CONDITION_EQUAL);
}

static void is_member(struct place *place)
{
	struct utrace_variable_part part = part_of(place, utrace_variable_type(variable(place, "two")), "second");

	value_of(place, "two", &part);
	constant(place, THE_ONE * 1000);
	op(place, UTRACE_CONDITION_EQUAL);
}

static void is_negative(struct place *place)
{
	value_of(place, "letter", NULL);
	constant(place, -THE_ONE);
	op(place, UTRACE_CONDITION_EQUAL);
	value_of(place, "wide", NULL);
	constant(place, (int64_t)((uint64_t)-THE_ONE << 20));
	op(place, UTRACE_CONDITION_EQUAL);
	op(place, UTRACE_CONDITION_AND);
}

static void are_globals(struct place *place)
{
	value_of(place, "global_number", NULL);
	constant(place, THE_ONE);
	op(place, UTRACE_CONDITION_EQUAL);
	value_of(place, "file_byte", NULL);
	constant(place, (unsigned char)(THE_ONE + 200));
	op(place, UTRACE_CONDITION_EQUAL);
	op(place, UTRACE_CONDITION_AND);
}

static void is_element(struct place *place)
{
	address_of(place, "table");
	value_of(place, "number", NULL);
	constant(place, 10);
	add(place, UTRACE_CONDITION_REMAINDER, 0, 1, 0);
	constant(place, 4);
	op(place, UTRACE_CONDITION_MULTIPLY);
	op(place, UTRACE_CONDITION_ADD);
	add(place, UTRACE_CONDITION_LOAD, 4, 1, 0);
	constant(place, THE_ONE);
	op(place, UTRACE_CONDITION_EQUAL);
}

static void is_thread_local(struct place *place)
{
	value_of(place, "thread_number", NULL);
	constant(place, THE_ONE);
	op(place, UTRACE_CONDITION_EQUAL);
}

static void is_loaded_thread_local(struct place *place)
{
	value_of(place, "tls_loaded", NULL);
	constant(place, THE_ONE);
	op(place, UTRACE_CONDITION_EQUAL);
}

static void is_computed(struct place *place)
{
	value_of(place, "doubled", NULL);
	constant(place, THE_ONE * 2);
	op(place, UTRACE_CONDITION_EQUAL);
	value_of(place, "inner", NULL);
	constant(place, THE_ONE & 7);
	op(place, UTRACE_CONDITION_EQUAL);
	op(place, UTRACE_CONDITION_AND);
}

/* ---- rounds ---- */

static int take_first(const struct utrace_location *location, void *data)
{
	*(uint64_t *)data = location->address;
	return 1;
}

/* The number of the call that the program stands in, by its frame. */
static void check_number(struct image_world *world)
{
	struct talk_world *talk = world->talk;
	utrace_variable *number;
	utrace_stack *stack;
	int value = 0;

	talk_ok(talk, utrace_stack_open(world->image, talk->event.thread, NULL, &stack, &talk->error));
	talk_ok(talk,
		utrace_variable_find(world->image, utrace_stack_frame(stack, 0), "number", &number, &talk->error));
	assert_int_equal(
		utrace_variable_read(number, utrace_stack_frame(stack, 0), &value, sizeof(value), &talk->error), 4);
	assert_int_equal(value, THE_ONE);
	utrace_stack_close(stack);
}

static void check_round(struct image_world *world, uint64_t pc, void (*compile)(struct place *))
{
	struct place place = {.world = world, .pc = pc};
	struct utrace_breakpoint_options options = {.address = pc};
	struct talk_world *talk = world->talk;
	utrace_breakpoint *breakpoint;

	compile(&place);
	options.steps = place.program.steps;
	options.step_count = place.program.count;
	breakpoint = break_insert(talk, &options);
	talk_tell(&talk->victim, "r");
	break_expect(talk, breakpoint, 1);
	assert_int_equal(talk->event.flags & UTRACE_EVENT_CONDITION_FAILED, 0);
	check_number(world);
	talk_resume(talk, NULL);
	talk_expect(&talk->victim, talk->session, "done");
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 1);
	break_remove(talk, breakpoint);
}

static void check_refused(struct image_world *world, uint64_t pc)
{
	struct place place = {.world = world, .pc = pc};
	struct utrace_variable_part part = {.size = sizeof(part), .length = 3};
	struct utrace_condition_step steps[4];
	struct talk_world *talk = world->talk;
	utrace_variable *number = variable(&place, "number");

	talk_fails(talk, UTRACE_INVALID, utrace_variable_value_steps(number, 0, NULL, steps, 4, &talk->error));
	talk_fails(talk, UTRACE_INVALID, utrace_variable_value_steps(number, pc, &part, steps, 4, &talk->error));
	part = (struct utrace_variable_part){.size = sizeof(part), .length = 4, .offset = 2};
	talk_fails(talk, UTRACE_INVALID, utrace_variable_value_steps(number, pc, &part, steps, 4, &talk->error));
	talk_fails(talk, UTRACE_INVALID,
		   utrace_variable_value_steps(variable(&place, "table"), pc, NULL, steps, 4, &talk->error));
	assert_true(utrace_variable_value_steps(variable(&place, "global_number"), 0, NULL, steps, 0, &talk->error) >
		    0);
	talk_fails(talk, UTRACE_NOT_FOUND,
		   utrace_variable_find_at(world->image, pc, "nonsense", &number, &talk->error));
}

static void check(void **state, const char *name, const char *library)
{
	static void (*const of_visit[])(struct place *) = {is_number,   is_pointed_to, is_member,
							   is_negative, are_globals,   is_element};
	struct talk_world *talk = *state;
	struct image_world world;
	char path[512];
	uint64_t visit = 0;
	uint64_t compute = 0;

	(void)snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, library ? library : "");
	image_start(&world, talk, name, library ? path : NULL);
	assert_int_equal(utrace_function_each(world.image, "visit", take_first, &visit, &talk->error), 1);
	assert_int_equal(utrace_line_each(world.image, "conditions.c", image_mark("symbols/conditions.c", "compute"),
					  take_first, &compute, &talk->error),
			 1);
	check_refused(&world, visit);
	talk_ok(talk, utrace_process_resume(talk->victim.process, NULL));
	for (size_t i = 0; i < sizeof(of_visit) / sizeof(of_visit[0]); i++)
		check_round(&world, visit, of_visit[i]);
	/* clang says nothing of what it has optimised away there. */
	if (!strstr(name, "-clang"))
		check_round(&world, compute, is_computed);
	if (!strstr(name, "-32"))
		check_round(&world, visit, is_thread_local);
	if (library)
		check_round(&world, visit, is_loaded_thread_local);
	image_finish(&world);
}

static void test_O2(void **state)
{
	check(state, "conditions-O2", NULL);
}

static void test_dwarf4(void **state)
{
	check(state, "conditions-dwarf4", NULL);
}

static void test_split5(void **state)
{
	check(state, "conditions-split5", NULL);
}

static void test_nopie(void **state)
{
	check(state, "conditions-nopie", NULL);
}

static void test_static(void **state)
{
	check(state, "conditions-static", NULL);
}

static void test_32(void **state)
{
	check(state, "conditions-32", NULL);
}

static void test_O0_with_library(void **state)
{
	check(state, "conditions-O0", "libtls_loaded_64.so");
}

/* What other tools than the compiler make, where they are. */
static void check_if_there(void **state, const char *name)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, name);
	if (access(path, X_OK))
		skip();
	check(state, name, "libtls_loaded_64.so");
}

static void test_clang(void **state)
{
	check_if_there(state, "conditions-clang");
}

static void test_packaged4(void **state)
{
	check_if_there(state, "conditions-packaged4");
}

static void test_packaged5(void **state)
{
	check_if_there(state, "conditions-packaged5");
}

/* In registers there is no address; and a thread without an instance of the variable fails the condition, which is told. */
static void test_what_steps_cannot(void **state)
{
	struct talk_world *talk = *state;
	struct image_world world;
	struct place place = {.world = &world};
	struct utrace_condition_step steps[4];

	image_start(&world, talk, "conditions-O2", NULL);
	assert_int_equal(utrace_function_each(world.image, "visit", take_first, &place.pc, &talk->error), 1);
	talk_fails(talk, UTRACE_WRONG_STATE,
		   utrace_variable_address_steps(variable(&place, "number"), place.pc, steps, 4, &talk->error));
	talk_fails(talk, UTRACE_NOT_FOUND,
		   utrace_variable_find_at(world.image, place.pc, "doubled", &(utrace_variable *){NULL}, &talk->error));
	image_finish(&world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_O2),
		TEST(test_dwarf4),
		TEST(test_split5),
		TEST(test_nopie),
		TEST(test_static),
		TEST(test_32),
		TEST(test_O0_with_library),
		TEST(test_clang),
		TEST(test_packaged4),
		TEST(test_packaged5),
		TEST(test_what_steps_cannot),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
