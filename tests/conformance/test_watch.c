/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_watch.c - watchpoints and hardware breakpoints: in every thread, at any place, and how many there are.
 */
#include "support_break.h"

#include <string.h>

struct place {
	uint64_t block;
	uint64_t function;
};

static struct place start(struct talk_world *world, const char *program, uint64_t stop)
{
	const char *const argv[] = {program, NULL};
	struct utrace_attach_options options = {.size = sizeof(options), .events.stop = stop};
	struct place place;

	if (!break_can_watch(world))
		skip();
	talk_start(&world->victim, argv);
	place.block = break_address(&world->victim, "block");
	place.function = break_address(&world->victim, "function");
	talk_attach(world, &options);
	return place;
}

static struct place start_usual(struct talk_world *world)
{
	return start(world, TALK_PROGRAM("brk_watch"), UTRACE_EVENTS_NONE);
}

static utrace_breakpoint *watch(struct talk_world *world, uint32_t kind, uint64_t address, uint32_t length)
{
	struct utrace_breakpoint_options options = {.kind = kind, .address = address, .length = length};

	return break_insert(world, &options);
}

static void expect_watch(struct talk_world *world, utrace_breakpoint *breakpoint)
{
	break_expect_reason(world, "watchpoint");
	assert_ptr_equal(world->event.u.breakpoint.breakpoint, breakpoint);
	assert_int_equal(world->event.u.breakpoint.address, utrace_breakpoint_address(breakpoint));
}

/* What the victim is told to do happens without a hit. */
static void expect_quiet(struct talk_world *world, const char *tell, const char *answer)
{
	utrace_breakpoint *all[8];
	uint64_t hits[8];
	int count = utrace_process_breakpoints(world->victim.process, all, 8, &world->error);

	for (int i = 0; i < count; i++)
		hits[i] = utrace_breakpoint_hits(all[i]);
	talk_tell(&world->victim, tell);
	talk_expect(&world->victim, world->session, answer);
	for (int i = 0; i < count; i++) {
		assert_int_equal(utrace_breakpoint_hits(all[i]), hits[i]);
		utrace_breakpoint_unref(all[i]);
	}
}

static void quit(struct talk_world *world)
{
	talk_tell(&world->victim, "q");
	talk_finish_well(world);
	talk_expect(&world->victim, NULL, "done q");
}

static void write_is_told(struct talk_world *world, struct place place)
{
	utrace_breakpoint *breakpoint = watch(world, UTRACE_WATCH_WRITE, place.block, 4);
	uint32_t value = 0;

	talk_tell(&world->victim, "wa4");
	expect_watch(world, breakpoint);
	assert_int_equal(utrace_memory_read(world->victim.process, place.block, &value, 4, &world->error), 4);
	assert_int_equal(value, 0x11223344);
	talk_resume(world, NULL);
	talk_expect(&world->victim, NULL, "done w");
	expect_quiet(world, "ra1", "done r");
	expect_quiet(world, "we4", "done w");
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 1);
	break_remove(world, breakpoint);
	expect_quiet(world, "wa4", "done w");
	quit(world);
}

static void test_write(void **state)
{
	write_is_told(*state, start_usual(*state));
}

static void test_write_in_32_bit_program(void **state)
{
	write_is_told(*state, start(*state, TALK_PROGRAM("brk_watch_32"), UTRACE_EVENTS_NONE));
}

static void test_access(void **state)
{
	struct talk_world *world = *state;
	struct place place = start_usual(world);
	utrace_breakpoint *breakpoint = watch(world, UTRACE_WATCH_ACCESS, place.block, 8);

	talk_tell(&world->victim, "rd1");
	expect_watch(world, breakpoint);
	talk_resume(world, NULL);
	talk_expect(&world->victim, NULL, "done r");
	expect_quiet(world, "ri1", "done r");
	break_remove(world, breakpoint);
	quit(world);
}

static void test_unaligned_and_full(void **state)
{
	struct talk_world *world = *state;
	struct place place = start_usual(world);
	utrace_breakpoint *breakpoint = watch(world, UTRACE_WATCH_WRITE, place.block + 3, 8);
	struct utrace_breakpoint_options fifth = {
		.size = sizeof(fifth), .kind = UTRACE_WATCH_WRITE, .address = place.block + 32, .length = 1};
	utrace_breakpoint *more = NULL;
	static const char *const inside[] = {"wd1", "wk1", "we4", "wi1"};

	for (size_t i = 0; i < 4; i++) {
		talk_tell(&world->victim, inside[i]);
		expect_watch(world, breakpoint);
		talk_resume(world, NULL);
		talk_expect(&world->victim, NULL, "done w");
	}
	expect_quiet(world, "wc1", "done w");
	expect_quiet(world, "wl1", "done w");
	talk_fails(world, UTRACE_BUSY, utrace_breakpoint_insert(world->victim.process, &fifth, &more, &world->error));
	assert_non_null(strstr(world->error.text, "debug registers"));
	assert_null(more);
	break_remove(world, breakpoint);
	talk_ok(world, utrace_breakpoint_insert(world->victim.process, &fifth, &more, &world->error));
	break_remove(world, more);
	quit(world);
}

static void test_four_and_the_fifth(void **state)
{
	struct talk_world *world = *state;
	struct place place = start_usual(world);
	struct utrace_breakpoint_options options = {.size = sizeof(options), .kind = UTRACE_WATCH_WRITE, .length = 8};
	utrace_breakpoint *four[4], *fifth = NULL;

	for (uint64_t i = 0; i < 4; i++)
		four[i] = watch(world, UTRACE_WATCH_WRITE, place.block + 8 * i, 8);
	options.address = place.block + 32;
	talk_fails(world, UTRACE_BUSY,
		   utrace_breakpoint_insert(world->victim.process, &options, &fifth, &world->error));
	talk_tell(&world->victim, "wy1");
	expect_watch(world, four[3]);
	talk_resume(world, NULL);
	talk_expect(&world->victim, NULL, "done w");
	for (uint64_t i = 0; i < 4; i++)
		break_remove(world, four[i]);
	quit(world);
}

static void test_new_thread(void **state)
{
	struct talk_world *world = *state;
	struct place place = start_usual(world);
	utrace_breakpoint *breakpoint = watch(world, UTRACE_WATCH_WRITE, place.block, 8);

	talk_tell(&world->victim, "t");
	expect_watch(world, breakpoint);
	assert_int_not_equal(world->event.tid, world->event.pid);
	talk_resume(world, NULL);
	while (utrace_session_next(world->session, &world->event, 200, &world->error) == 1)
		assert_string_equal(utrace_reason_name(world->event.reason), "thread-exit");
	talk_expect(&world->victim, NULL, "done t");
	break_remove(world, breakpoint);
	quit(world);
}

/* A fork's child has none, unless it was asked for. */
static void test_fork(void **state)
{
	struct talk_world *world = *state;
	struct place place = start_usual(world);
	struct utrace_breakpoint_options options = {
		.kind = UTRACE_WATCH_WRITE, .address = place.block, .length = 4, .inherited = 1};
	utrace_breakpoint *breakpoint = watch(world, UTRACE_WATCH_WRITE, place.block, 4);
	pid_t parent = world->victim.pid;
	int hits = 0;

	talk_tell(&world->victim, "f");
	talk_expect(&world->victim, world->session, "done f");
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 0);
	break_remove(world, breakpoint);
	breakpoint = break_insert(world, &options);
	talk_tell(&world->victim, "fq");
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		if (world->event.reason == UTRACE_EVENT_WATCHPOINT) {
			assert_int_not_equal(world->event.pid, parent);
			assert_ptr_not_equal(world->event.u.breakpoint.breakpoint, breakpoint);
			hits++;
			talk_resume(world, NULL);
		}
	}
	assert_int_equal(hits, 1);
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 0);
	utrace_breakpoint_unref(breakpoint);
	assert_int_equal(talk_reap_status(&world->victim), 0);
}

/* What the kernel does for the thread is seen by some backends. */
static void test_kernel_writes(void **state)
{
	struct talk_world *world = *state;
	struct place place = start_usual(world);
	utrace_breakpoint *breakpoint = watch(world, UTRACE_WATCH_ACCESS, place.block, 8);

	if (utrace_session_capabilities(world->session) & UTRACE_CAN_WATCH_CALLS) {
		talk_tell(&world->victim, "k");
		expect_watch(world, breakpoint);
		talk_resume(world, NULL);
		talk_expect(&world->victim, world->session, "done k");
	} else {
		expect_quiet(world, "k", "done k");
	}
	break_remove(world, breakpoint);
	quit(world);
}

static void test_hardware_breakpoint(void **state)
{
	struct talk_world *world = *state;
	struct place place = start_usual(world);
	utrace_breakpoint *breakpoint = watch(world, UTRACE_BREAKPOINT_HARDWARE, place.function, 0);

	for (int i = 0; i < 2; i++) {
		talk_tell(&world->victim, "c");
		break_expect(world, breakpoint, 1);
		talk_resume(world, NULL);
		talk_expect(&world->victim, NULL, "done c");
	}
	break_remove(world, breakpoint);
	expect_quiet(world, "c", "done c");
	quit(world);
}

/* Some hypervisors lose what says which register it was. The program must not die of it. */
static void test_lost_status(void **state)
{
	static const char *const as[] = {"l1", "l2"}; /* TRAP_BRKPT, TRAP_TRACE */
	struct talk_world *world = *state;
	struct place place = start_usual(world);
	utrace_breakpoint *breakpoint;

	if (strcmp(utrace_session_backend(world->session), "ptrace") != 0)
		skip(); /* the kernel's own watchpoints don't come as signals */
	breakpoint = watch(world, UTRACE_WATCH_WRITE, place.block, 4);
	for (int i = 0; i < 2; i++) {
		talk_tell(&world->victim, as[i]);
		expect_watch(world, breakpoint);
		talk_resume(world, NULL);
		talk_expect(&world->victim, NULL, "done l");
	}
	break_remove(world, breakpoint);
	for (int i = 0; i < 2; i++)
		expect_quiet(world, as[i], "done l");
	quit(world);
}

static void test_step_with_watch(void **state)
{
	static const struct utrace_resume_options step = {.size = sizeof(step), .how = UTRACE_STEP};
	struct talk_world *world = *state;
	struct place place = start_usual(world);
	utrace_breakpoint *stop = watch(world, UTRACE_BREAKPOINT_HARDWARE, place.function, 0);
	utrace_breakpoint *stack;
	uint64_t pc;

	talk_tell(&world->victim, "c");
	break_expect(world, stop, 1);
	/* The return address is on top of the stack: it is read by the return. */
	stack = watch(world, UTRACE_WATCH_ACCESS, break_register(world, world->event.thread, UTRACE_REG_SP), 8);
	for (;;) {
		pc = break_pc(world);
		talk_resume(world, &step);
		talk_next(world);
		if (world->event.reason == UTRACE_EVENT_WATCHPOINT)
			break;
		assert_string_equal(utrace_reason_name(world->event.reason), "stepped");
	}
	assert_true(break_pc(world) < pc || break_pc(world) > pc + 64);
	assert_ptr_equal(world->event.u.breakpoint.breakpoint, stack);
	break_remove(world, stack);
	break_remove(world, stop);
	talk_resume(world, NULL);
	talk_expect(&world->victim, NULL, "done c");
	quit(world);
}

/* Detaching leaves none behind: the victim would die of it. */
static void test_detach(void **state)
{
	struct talk_world *world = *state;
	struct place place = start_usual(world);
	utrace_breakpoint *breakpoint = watch(world, UTRACE_WATCH_ACCESS, place.block, 8);

	talk_ok(world, utrace_detach(world->victim.process, UTRACE_DETACH_RUNNING, &world->error));
	talk_tell(&world->victim, "wa4q");
	talk_expect(&world->victim, NULL, "done w");
	talk_expect(&world->victim, NULL, "done q");
	talk_reap(&world->victim);
	assert_int_equal(utrace_breakpoint_is_inserted(breakpoint), 0);
	talk_fails(world, UTRACE_NOT_ATTACHED, utrace_breakpoint_set_enabled(breakpoint, 1, &world->error));
	utrace_breakpoint_unref(breakpoint);
}

/* A backend without debug registers says so, and the process is none the worse. */
static void test_absent(void **state)
{
	struct talk_world *world = *state;
	struct utrace_breakpoint_options options = {.size = sizeof(options)};
	utrace_breakpoint *none = NULL;
	uint64_t block;

	if (break_can_watch(world))
		skip();
	talk_start(&world->victim, (const char *const[]){TALK_PROGRAM("brk_watch"), NULL});
	block = break_address(&world->victim, "block");
	options.address = break_address(&world->victim, "function");
	talk_attach(world, &(struct utrace_attach_options){.size = sizeof(struct utrace_attach_options),
							   .events.stop = UTRACE_EVENTS_NONE});
	options.kind = UTRACE_BREAKPOINT_HARDWARE;
	talk_fails(world, UTRACE_UNSUPPORTED,
		   utrace_breakpoint_insert(world->victim.process, &options, &none, &world->error));
	options = (struct utrace_breakpoint_options){
		.size = sizeof(options), .kind = UTRACE_WATCH_WRITE, .address = block, .length = 4};
	talk_fails(world, UTRACE_UNSUPPORTED,
		   utrace_breakpoint_insert(world->victim.process, &options, &none, &world->error));
	assert_null(none);
	expect_quiet(world, "wa4", "done w");
	quit(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_write, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_write_in_32_bit_program, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_access, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_unaligned_and_full, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_four_and_the_fifth, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_new_thread, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_fork, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_kernel_writes, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_hardware_breakpoint, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_lost_status, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_step_with_watch, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_detach, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_absent, talk_setup, talk_teardown),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
