/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_breakpoint_code.c - breakpoints on code that is special: system calls of 32-bit code, the dynamic linker while it loads the
 * program, and functions that the linker chooses.
 */
#include "support_break.h"
#include "support_image.h"

#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

/* ---- system calls of 32-bit code ---- */

static utrace_breakpoint *start_32(struct talk_world *world, uint64_t *entry)
{
	const char *const argv[] = {TALK_PROGRAM("brk_call_32"), NULL};
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = UTRACE_EVENTS_NONE}};
	utrace_breakpoint *breakpoint;

	talk_spawn(world, &options, argv);
	breakpoint = break_at(world, break_address(&world->victim, "interrupt"));
	*entry = break_address(&world->victim, "entry");
	return breakpoint;
}

static void test_interrupt(void **state)
{
	struct talk_world *world = *state;
	utrace_breakpoint *breakpoint;
	uint64_t entry;

	breakpoint = start_32(world, &entry);
	for (int i = 0; i < 3; i++) {
		talk_tell(&world->victim, "g");
		break_expect(world, breakpoint, 1);
		talk_resume(world, NULL);
		talk_expect(&world->victim, world->session, "same");
	}
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 3);
	break_remove(world, breakpoint);
	talk_tell(&world->victim, "e");
	talk_finish_well(world);
}

/* sysenter or syscall, whichever the processor's vendor has: after both the kernel goes on at an address of its own. */
static uint64_t find_fast_call(struct talk_world *world, uint64_t entry)
{
	unsigned char code[32];

	talk_ok(world, utrace_memory_read(world->victim.process, entry, code, sizeof(code), &world->error) ==
				       (ssize_t)sizeof(code)
			       ? 0
			       : UTRACE_FAULT);
	for (size_t i = 0; i + 1 < sizeof(code); i++) {
		if (code[i] == 0x0f && (code[i + 1] == 0x34 || code[i + 1] == 0x05))
			return entry + i;
	}
	return 0;
}

static void test_kernel_entry(void **state)
{
	struct talk_world *world = *state;
	utrace_breakpoint *interrupt;
	utrace_breakpoint *breakpoint;
	uint64_t entry;
	uint64_t address;

	interrupt = start_32(world, &entry);
	break_remove(world, interrupt);
	address = entry ? find_fast_call(world, entry) : 0;
	if (address) {
		breakpoint = break_at(world, address);
		talk_tell(&world->victim, "g");
		break_expect(world, breakpoint, 1);
		talk_resume(world, NULL);
		/* The program's own C library comes this way too. */
		for (int i = 0; i < 100 && utrace_breakpoint_hits(breakpoint) < 4; i++) {
			if (utrace_session_next(world->session, &world->event, 100, NULL) == 1)
				talk_resume(world, NULL);
		}
		assert_true(utrace_breakpoint_hits(breakpoint) >= 2);
		break_remove(world, breakpoint);
		talk_expect(&world->victim, world->session, "same");
	}
	talk_tell(&world->victim, "e");
	talk_finish_well(world);
}

/* ---- the dynamic linker ---- */

static void spawn_image(struct image_world *world, struct talk_world *talk, const char *const argv[])
{
	struct utrace_spawn_options options = {.size = sizeof(options),
					       .events = {.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_EXEC)}};

	*world = (struct image_world){.talk = talk};
	talk_spawn(talk, &options, argv);
	(void)talk_until(talk, UTRACE_EVENT_EXEC);
	talk_ok(talk, utrace_symbols_create(NULL, &world->symbols, &talk->error));
	talk_ok(talk, utrace_image_open(world->symbols, talk->victim.process, &world->image, &talk->error));
}

static void close_image(struct image_world *world)
{
	utrace_image_close(world->image);
	utrace_symbols_unref(world->symbols);
}

static int take_address(const struct utrace_symbol *symbol, void *data)
{
	*(uint64_t *)data = symbol->address;
	return 1;
}

/* From its first instruction, when nothing is relocated yet, to where it tells of what it has loaded. */
static void test_dynamic_linker(void **state)
{
	const char *const argv[] = {TALK_PROGRAM("conditions-O0"), UTRACE_VICTIMS "/libtls_loaded_64.so", NULL};
	struct talk_world *talk = *state;
	struct image_world world;
	utrace_breakpoint *first;
	utrace_breakpoint *loaded;
	uint64_t address = 0;
	uint64_t told = 0;

	spawn_image(&world, talk, argv);
	first = break_at(talk, break_pc(talk));
	assert_int_equal(utrace_symbol_each(world.image, NULL, "_dl_debug_state", take_address, &address), 1);
	loaded = break_at(talk, address);
	talk_resume(talk, NULL);
	break_expect(talk, first, 1);
	talk_resume(talk, NULL);
	while (told < 4) {
		break_expect(talk, loaded, 1);
		talk_ok(talk, utrace_image_library_event(world.image, &address, &talk->error));
		assert_int_equal(address, utrace_breakpoint_address(loaded));
		told++;
		talk_resume(talk, NULL);
	}
	/* Twice for the program and its libraries, twice for what it opens. */
	talk_expect(&talk->victim, talk->session, "ready");
	assert_int_equal(utrace_breakpoint_hits(first), 1);
	break_remove(talk, first);
	break_remove(talk, loaded);
	close_image(&world);
	talk_tell(&talk->victim, "e");
	talk_finish_well(talk);
}

/* ---- indirect functions ---- */

struct places {
	struct utrace_location all[4];
	size_t count;
};

static int take_place(const struct utrace_location *location, void *data)
{
	struct places *places = data;

	if (places->count < 4)
		places->all[places->count] = *location;
	places->count++;
	return 0;
}

/* Where the program's own call of it goes: "chosen HEX" is what the resolver chose. */
static void check_indirect(void **state, const char *name)
{
	char path[512];
	const char *const argv[] = {path, NULL};
	struct talk_world *talk = *state;
	struct image_world world = {.talk = talk};
	struct places places = {.count = 0};
	utrace_breakpoint *breakpoint;
	uint64_t chosen;

	(void)snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, name);
	talk_start_ready(&talk->victim, argv);
	chosen = break_address(&talk->victim, "chosen");
	image_hold(&world);
	assert_int_equal(utrace_function_each(world.image, "indirect", take_place, &places, &talk->error), 0);
	assert_int_equal(places.count, 1);
	assert_int_equal(places.all[0].entry, chosen);
	assert_int_equal(places.all[0].is_indirect, 0);
	breakpoint = break_at(talk, places.all[0].address);
	talk_tell(&talk->victim, "c");
	talk_ok(talk, utrace_process_resume(talk->victim.process, NULL));
	break_expect(talk, breakpoint, 1);
	break_remove(talk, breakpoint);
	talk_resume(talk, NULL);
	talk_expect(&talk->victim, talk->session, "called 42");
	image_finish(&world);
}

static void test_indirect(void **state)
{
	check_indirect(state, "indirect-O0");
}

static void test_indirect_optimised(void **state)
{
	check_indirect(state, "indirect-O2");
}

static void test_indirect_static(void **state)
{
	check_indirect(state, "indirect-static");
}

static void test_indirect_32(void **state)
{
	check_indirect(state, "indirect-32");
}

/* The C library's, which has no debug information here: one place, in it, that is no resolver. */
static void test_indirect_of_library(void **state)
{
	struct utrace_symbol symbol = {.size = sizeof(symbol)};
	struct talk_world *talk = *state;
	struct image_world world;
	struct places places = {.count = 0};

	image_start(&world, talk, "stack_walk-O0", NULL);
	assert_int_equal(utrace_function_each(world.image, "strlen", take_place, &places, &talk->error), 0);
	assert_true(places.count >= 1);
	for (size_t i = 0; i < places.count && i < 4; i++) {
		assert_int_equal(places.all[i].is_indirect, 0);
		talk_ok(talk, utrace_symbol_at(world.image, places.all[i].entry, &symbol, &talk->error));
		assert_int_not_equal(symbol.kind, UTRACE_SYMBOL_IFUNC);
	}
	image_finish(&world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_interrupt),   TEST(test_kernel_entry),        TEST(test_dynamic_linker),
		TEST(test_indirect),    TEST(test_indirect_optimised),  TEST(test_indirect_static),
		TEST(test_indirect_32), TEST(test_indirect_of_library),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
