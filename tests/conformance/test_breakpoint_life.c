/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_breakpoint_life.c - breakpoints through fork, vfork, clone and exec, through memory that comes and goes, signals and
 * restarted system calls. (process-control rows 8, 13)
 */
#include "support_break.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

struct life {
	uint64_t target, call, many, page;
};

static void read_life(struct talk_world *world, struct life *life)
{
	life->target = break_address(&world->victim, "target");
	life->call = break_address(&world->victim, "call");
	life->many = break_address(&world->victim, "many");
	life->page = break_address(&world->victim, "page");
}

static struct life start_with(struct talk_world *world, uint64_t stop)
{
	const char *const argv[] = {TALK_PROGRAM("brk_life"), NULL};
	struct utrace_attach_options options = {.size = sizeof(options), .events.stop = stop};
	struct life life;

	talk_start(&world->victim, argv);
	read_life(world, &life);
	talk_attach(world, &options);
	return life;
}

static struct life start(struct talk_world *world)
{
	return start_with(world, UTRACE_EVENTS_NONE);
}

/* The victim does it, with everything resumed, and answers. */
static void does(struct talk_world *world, const char *tell, const char *answer)
{
	talk_tell(&world->victim, tell);
	talk_expect(&world->victim, world->session, answer);
}

static void quit(struct talk_world *world)
{
	talk_tell(&world->victim, "q");
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1)
		talk_resume(world, NULL);
	assert_int_equal(talk_reap_status(&world->victim), 0);
}

static void reopen(struct talk_world *world, uint32_t no_follow)
{
	const char *threading = getenv("UTRACE_TEST_THREADING");
	struct utrace_session_options options = {
		.size = sizeof(options),
		.threading = threading && !strcmp(threading, "any") ? UTRACE_THREADS_ANY : UTRACE_THREADS_BOUND,
		.no_follow = no_follow};

	utrace_session_close(world->session);
	talk_ok(world, utrace_session_open(&options, &world->session, &world->error));
}

/* The next hit, which must come from the victim itself or from a child of it. */
static void expect_hit_of(struct talk_world *world, bool child)
{
	do {
		talk_next(world);
		if (world->event.reason != UTRACE_EVENT_BREAKPOINT && (world->event.flags & UTRACE_EVENT_HELD))
			talk_resume(world, NULL);
	} while (world->event.reason != UTRACE_EVENT_BREAKPOINT);
	assert_int_equal(world->event.pid != world->victim.pid, child);
}

static void test_fork_child_has_its_own(void **state)
{
	struct talk_world *world = *state;
	int mark;
	struct utrace_breakpoint_options options = {.address = start(world).target, .data = &mark};
	struct utrace_breakpoint_options private = {.address = options.address, .not_inherited = 1};
	utrace_breakpoint *breakpoint = break_insert(world, &options), *mine = break_insert(world, &private);
	utrace_breakpoint *all[4] = {NULL};

	talk_tell(&world->victim, "f");
	expect_hit_of(world, true);
	assert_ptr_not_equal(world->event.u.breakpoint.breakpoint, breakpoint);
	assert_int_equal(world->event.u.breakpoint.count, 1);
	assert_ptr_equal(utrace_breakpoint_data(world->event.u.breakpoint.breakpoint), &mark);
	assert_ptr_equal(utrace_breakpoint_process(world->event.u.breakpoint.breakpoint), world->event.process);
	assert_int_equal(utrace_process_breakpoints(world->event.process, all, 4, &world->error), 1);
	assert_ptr_equal(all[0], world->event.u.breakpoint.breakpoint);
	utrace_breakpoint_unref(all[0]);
	talk_resume(world, NULL);
	talk_expect(&world->victim, world->session, "done f 0");
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 0);
	/* The parent still has both. */
	talk_tell(&world->victim, "c");
	expect_hit_of(world, false);
	assert_int_equal(world->event.u.breakpoint.count, 2);
	break_remove(world, breakpoint);
	break_remove(world, mine);
	talk_resume(world, NULL);
	talk_expect(&world->victim, world->session, "done c 0");
	quit(world);
}

/* A child that nobody follows has clean memory; one that shares the parent's is not killed by a trap in it either. */
static void unfollowed(struct talk_world *world, const char *tell, const char *answer)
{
	utrace_breakpoint *breakpoint;

	reopen(world, 1);
	breakpoint = break_at(world, start(world).target);
	does(world, tell, answer);
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 0);
	assert_int_equal(utrace_breakpoint_is_inserted(breakpoint), 1);
	talk_tell(&world->victim, "c");
	break_expect(world, breakpoint, 1);
	talk_resume(world, NULL);
	talk_expect(&world->victim, world->session, "done c 0");
	break_remove(world, breakpoint);
	quit(world);
}

static void test_unfollowed_fork(void **state)
{
	unfollowed(*state, "f", "done f 0");
}

static void test_unfollowed_vfork(void **state)
{
	unfollowed(*state, "v", "done v 0");
}

static void test_unfollowed_vfork_exec(void **state)
{
	unfollowed(*state, "x", "done x 0");
}

/* A vfork child shares the memory, and so the breakpoints. */
static void test_vfork_shares(void **state)
{
	struct talk_world *world = *state;
	utrace_breakpoint *breakpoint = break_at(world, start(world).target);

	talk_tell(&world->victim, "v");
	expect_hit_of(world, true);
	assert_ptr_equal(world->event.u.breakpoint.breakpoint, breakpoint);
	talk_resume(world, NULL);
	talk_expect(&world->victim, world->session, "done v 0");
	does(world, "x", "done x 0");
	talk_tell(&world->victim, "c");
	expect_hit_of(world, false);
	assert_ptr_equal(world->event.u.breakpoint.breakpoint, breakpoint);
	talk_resume(world, NULL);
	talk_expect(&world->victim, world->session, "done c 0");
	break_remove(world, breakpoint);
	quit(world);
}

static void test_clone_vm_shares(void **state)
{
	struct talk_world *world = *state;
	utrace_breakpoint *breakpoint = break_at(world, start(world).target);

	talk_tell(&world->victim, "l");
	expect_hit_of(world, true);
	assert_ptr_equal(world->event.u.breakpoint.breakpoint, breakpoint);
	break_remove(world, breakpoint);
	talk_resume(world, NULL);
	talk_expect(&world->victim, world->session, "done l 0");
	does(world, "c", "done c 0");
	quit(world);
}

/* A child that is let go while it shares the memory finds no trap in it, and the parent has it back later. */
static void test_detach_vfork_child(void **state)
{
	struct talk_world *world = *state;
	struct life life = start_with(world, UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE));
	utrace_breakpoint *breakpoint = break_at(world, life.target);
	utrace_process *child;

	talk_tell(&world->victim, "v");
	talk_until(world, UTRACE_EVENT_CREATE);
	child = utrace_process_ref(world->event.u.create.process);
	talk_ok(world, utrace_detach(child, UTRACE_DETACH_RUNNING, &world->error));
	utrace_process_unref(child);
	talk_ok(world, utrace_thread_resume(world->event.thread, NULL, &world->error));
	talk_expect(&world->victim, world->session, "done v 0");
	assert_int_equal(utrace_breakpoint_hits(breakpoint), 0);
	talk_tell(&world->victim, "c");
	expect_hit_of(world, false);
	break_remove(world, breakpoint);
	talk_resume(world, NULL);
	talk_expect(&world->victim, world->session, "done c 0");
	quit(world);
}

/* A fork's child that is let go later has its memory cleaned then. */
static void test_detach_fork_child(void **state)
{
	struct talk_world *world = *state;
	struct life life = start_with(world, UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE));
	utrace_breakpoint *breakpoint = break_at(world, life.target);
	utrace_process *child;

	talk_tell(&world->victim, "f");
	talk_until(world, UTRACE_EVENT_CREATE);
	child = utrace_process_ref(world->event.u.create.process);
	talk_ok(world, utrace_detach(child, UTRACE_DETACH_RUNNING, &world->error));
	utrace_process_unref(child);
	talk_ok(world, utrace_thread_resume(world->event.thread, NULL, &world->error));
	talk_expect(&world->victim, world->session, "done f 0");
	break_remove(world, breakpoint);
	quit(world);
}

static void test_exec_ends_them(void **state)
{
	struct talk_world *world = *state;
	struct utrace_breakpoint_options second = {.kind = break_can_watch(world) ? UTRACE_BREAKPOINT_HARDWARE
										  : UTRACE_BREAKPOINT_SOFTWARE};
	struct life life = start_with(world, UTRACE_EVENT_BIT(UTRACE_EVENT_EXEC));
	utrace_breakpoint *breakpoint = break_at(world, life.target), *watch;
	utrace_breakpoint *all[2];

	second.address = life.many;
	watch = break_insert(world, &second);
	talk_tell(&world->victim, "e");
	break_expect_reason(world, "exec");
	talk_fails(world, UTRACE_DEAD, utrace_breakpoint_set_enabled(breakpoint, 1, &world->error));
	talk_fails(world, UTRACE_DEAD, utrace_breakpoint_set_enabled(watch, 1, &world->error));
	assert_int_equal(utrace_breakpoint_is_inserted(breakpoint), 0);
	assert_int_equal(utrace_process_breakpoints(world->victim.process, all, 2, &world->error), 0);
	talk_ok(world, utrace_breakpoint_remove(breakpoint, &world->error));
	talk_resume(world, NULL);
	talk_serve_blocked(world, 0);
	read_life(world, &life);
	utrace_breakpoint_unref(breakpoint);
	utrace_breakpoint_unref(watch);
	breakpoint = break_at(world, life.target);
	talk_tell(&world->victim, "c");
	expect_hit_of(world, false);
	break_remove(world, breakpoint);
	talk_resume(world, NULL);
	talk_expect(&world->victim, world->session, "done c 0");
	quit(world);
}

/* SIGTRAP by kill is a signal as any other, also at a breakpoint's side. */
static void test_sigtrap_is_a_signal(void **state)
{
	struct talk_world *world = *state;
	struct life life = start_with(world, UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL));
	utrace_breakpoint *breakpoint = break_at(world, life.target);

	talk_tell(&world->victim, "s");
	break_expect_reason(world, "signal");
	assert_int_equal(world->event.u.signal.info.si_signo, SIGTRAP);
	talk_resume(world, NULL);
	talk_expect(&world->victim, world->session, "done s 1");
	break_remove(world, breakpoint);
	quit(world);
}

/* A call that signals interrupt and the kernel restarts is made once. */
static void test_restarted_call(void **state)
{
	struct talk_world *world = *state;
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options options = {
		.address = start(world).call, .condition = break_count_and_refuse, .data = &counted};
	utrace_breakpoint *breakpoint = break_insert(world, &options);

	does(world, "r", "done r 0");
	assert_int_equal(counted, 1);
	break_remove(world, breakpoint);
	quit(world);
}

/* Signals with handlers come in all the time: each call of the function is still told once. */
static void test_signal_storm(void **state)
{
	struct talk_world *world = *state;
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options options = {
		.address = start(world).target, .condition = break_count_and_refuse, .data = &counted};
	utrace_breakpoint *breakpoint = break_insert(world, &options);

	does(world, "t", "done t 0");
	assert_int_equal(counted, 20000);
	break_remove(world, breakpoint);
	quit(world);
}

static void test_ten_thousand(void **state)
{
	enum { MANY = 10000 };
	struct talk_world *world = *state;
	uint64_t many = start(world).many;
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options options = {.condition = break_count_and_refuse, .data = &counted};
	utrace_breakpoint **breakpoints = calloc(MANY, sizeof(*breakpoints));
	unsigned char *code = calloc(1, MANY);

	for (uint64_t i = 0; i < MANY; i++) {
		options.address = many + i;
		breakpoints[i] = break_insert(world, &options);
	}
	assert_int_equal(utrace_memory_read(world->victim.process, many, code, MANY, &world->error), MANY);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(code[i], 0x90);
	does(world, "m", "done m 0");
	assert_int_equal(counted, MANY);
	for (int i = 0; i < MANY; i++)
		break_remove(world, breakpoints[i]);
	does(world, "m", "done m 0");
	assert_int_equal(counted, MANY);
	free(code);
	free((void *)breakpoints);
	quit(world);
}

/* Code that the program writes, unmaps and maps anew. */
static void test_changing_code(void **state)
{
	struct talk_world *world = *state;
	struct life life = start(world);
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options options = {
		.address = life.page, .condition = break_count_and_refuse, .data = &counted};
	utrace_breakpoint *breakpoint = break_insert(world, &options);
	unsigned char byte;

	does(world, "p", "value 1");
	talk_expect(&world->victim, world->session, "done p 0");
	assert_int_equal(counted, 1);
	/* Overwritten: the new code runs as it is, and is seen as it is. */
	does(world, "o", "done o 0");
	assert_int_equal(utrace_breakpoint_is_inserted(breakpoint), 0);
	does(world, "p", "value 2");
	talk_expect(&world->victim, world->session, "done p 0");
	assert_int_equal(counted, 1);
	talk_ok(world, utrace_breakpoint_set_enabled(breakpoint, 1, &world->error));
	does(world, "p", "value 2");
	talk_expect(&world->victim, world->session, "done p 0");
	assert_int_equal(counted, 2);
	/* Unmapped: nothing there to be read, nor to be put back. */
	does(world, "u", "done u 0");
	assert_int_equal(utrace_breakpoint_is_inserted(breakpoint), 0);
	talk_fails(world, UTRACE_FAULT, utrace_memory_read(world->victim.process, life.page, &byte, 1, &world->error));
	talk_fails(world, UTRACE_FAULT, utrace_breakpoint_set_enabled(breakpoint, 1, &world->error));
	does(world, "n", "done n 0");
	talk_ok(world, utrace_breakpoint_set_enabled(breakpoint, 1, &world->error));
	does(world, "p", "value 1");
	talk_expect(&world->victim, world->session, "done p 0");
	assert_int_equal(counted, 3);
	does(world, "u", "done u 0");
	break_remove(world, breakpoint);
	quit(world);
}

/* The last byte of a page, an instruction across both, and the first byte of the next. */
static void test_page_edges(void **state)
{
	struct talk_world *world = *state;
	uint64_t edge = start(world).page + 4096;
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options options = {.condition = break_count_and_refuse, .data = &counted};
	utrace_breakpoint *breakpoints[3];

	for (uint64_t i = 0; i < 3; i++) {
		/* the nop, the xor that begins on the last byte, the return */
		options.address = edge - 2 + i + (i == 2);
		breakpoints[i] = break_insert(world, &options);
	}
	does(world, "b", "value 0");
	talk_expect(&world->victim, world->session, "done b 0");
	assert_int_equal(counted, 3);
	for (int i = 0; i < 3; i++)
		break_remove(world, breakpoints[i]);
	quit(world);
}

static void test_closed_library(void **state)
{
	struct talk_world *world = *state;
	uint64_t address;
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options options = {.condition = break_count_and_refuse, .data = &counted};
	utrace_breakpoint *breakpoint;

	(void)start(world);
	for (int i = 0; i < 2; i++) {
		talk_tell(&world->victim, "d");
		address = strtoull(talk_line(&world->victim, world->session) + 4, NULL, 16);
		options.address = address;
		breakpoint = break_insert(world, &options);
		does(world, "x", "done d 0");
		assert_int_equal(counted, i + 1);
		assert_int_equal(utrace_breakpoint_is_inserted(breakpoint), 0);
		break_remove(world, breakpoint);
	}
	quit(world);
}

static int take_symbol(const struct utrace_symbol *symbol, void *data)
{
	*(uint64_t *)data = symbol->address;
	return 1;
}

static void test_vdso(void **state)
{
	struct talk_world *world = *state;
	_Atomic(uint64_t) counted = 0;
	struct utrace_breakpoint_options options = {.condition = break_count_and_refuse, .data = &counted};
	utrace_symbols *symbols = NULL;
	utrace_image *image = NULL;
	utrace_breakpoint *breakpoint;

	(void)start(world);
	talk_ok(world, utrace_symbols_create(NULL, &symbols, &world->error));
	talk_ok(world, utrace_image_open(symbols, world->victim.process, &image, &world->error));
	assert_int_equal(utrace_symbol_each(image, NULL, "__vdso_clock_gettime", take_symbol, &options.address), 1);
	breakpoint = break_insert(world, &options);
	does(world, "k", "done k 0");
	assert_true(counted >= 1);
	break_remove(world, breakpoint);
	utrace_image_close(image);
	utrace_symbols_unref(symbols);
	quit(world);
}

static void test_wrong_use(void **state)
{
	struct talk_world *world = *state;
	struct life life = start(world);
	struct utrace_breakpoint_options options = {.size = sizeof(options), .address = 16};
	utrace_breakpoint *none = NULL;

	talk_fails(world, UTRACE_FAULT,
		   utrace_breakpoint_insert(world->victim.process, &options, &none, &world->error));
	assert_int_equal(world->error.address, 16);
	options.address = life.target;
	options.kind = 9;
	talk_fails(world, UTRACE_INVALID,
		   utrace_breakpoint_insert(world->victim.process, &options, &none, &world->error));
	options.kind = UTRACE_WATCH_WRITE;
	options.length = 9;
	talk_fails(world, UTRACE_INVALID,
		   utrace_breakpoint_insert(world->victim.process, &options, &none, &world->error));
	options.length = 0;
	talk_fails(world, UTRACE_INVALID,
		   utrace_breakpoint_insert(world->victim.process, &options, &none, &world->error));
	assert_null(none);
	quit(world);
	options.kind = UTRACE_BREAKPOINT_SOFTWARE;
	talk_fails(world, UTRACE_DEAD, utrace_breakpoint_insert(world->victim.process, &options, &none, &world->error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fork_child_has_its_own, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_unfollowed_fork, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_unfollowed_vfork, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_unfollowed_vfork_exec, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_vfork_shares, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_clone_vm_shares, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_detach_vfork_child, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_detach_fork_child, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_exec_ends_them, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_sigtrap_is_a_signal, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_restarted_call, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_signal_storm, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_ten_thousand, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_changing_code, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_page_edges, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_closed_library, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_vdso, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_wrong_use, talk_setup, talk_teardown),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
