/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_odd_calls.c - calls that become others, every error there is, and calls that the kernel does not make.
 * (process-control rows 7, 19, 21)
 */
#include "support_ledger.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define ENTRY UTRACE_EVENT_SYSCALL_ENTRY
#define EXIT  UTRACE_EVENT_SYSCALL_EXIT
#define BIT   UTRACE_EVENT_BIT
#define CALLS (BIT(ENTRY) | BIT(EXIT))

static void spawn_with(struct talk_world *world, const char *way, uint64_t stop, const char *const names[])
{
	const char *const argv[] = {TALK_PROGRAM("call_odd"), way, NULL};
	utrace_filter *filter = names ? utrace_filter_create() : NULL;
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = stop}, .filter = filter};

	for (; names && *names; names++)
		talk_ok(world, utrace_filter_add_name(filter, *names, &world->error));
	talk_spawn(world, &options, argv);
	utrace_filter_destroy(filter);
}

static void become(struct talk_world *world, long number)
{
	const struct utrace_event *event = talk_until_call(world, ENTRY, SYS_getppid, -1);

	talk_ok(world, utrace_syscall_rewrite(event->thread, number, event->u.syscall.args, &world->error));
	talk_resume(world, NULL);
}

static void finish(struct talk_world *world, const char *line)
{
	talk_resume(world, NULL);
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, line);
}

static void get_every_error(struct talk_world *world, const char *const names[])
{
	spawn_with(world, "errno", CALLS, names);
	for (int64_t error = 1; error <= 4096; error++) {
		if (error % 2) {
			talk_until_call(world, ENTRY, SYS_getppid, error);
			talk_ok(world, utrace_syscall_skip(world->event.thread, -error, &world->error));
			talk_resume(world, NULL);
		}
		talk_until_call(world, EXIT, SYS_getppid, error);
		if (error % 2 == 0)
			talk_ok(world, utrace_syscall_set_result(world->event.thread, -error, &world->error));
		else
			assert_int_equal(world->event.u.syscall.is_error, error <= 4095);
		talk_resume(world, NULL);
	}
	finish(world, "ok errno");
	talk_forget(&world->victim);
}

/* Row 21: every error, by skipping and by replacing, with calls stopped at in both ways. */
static void test_every_error(void **state)
{
	get_every_error(*state, NULL);
	get_every_error(*state, (const char *const[]){"getppid", NULL});
}

/* The child is told of like any other, and what it sees is the call's second return. */
static void test_becomes_clone(void **state)
{
	struct talk_world *world = *state;
	struct ledger ledger;

	spawn_with(world, "clone", CALLS | BIT(UTRACE_EVENT_CREATE), NULL);
	ledger = ledger_start(world);
	become(world, SYS_clone);
	ledger_run(&ledger, world);
	ledger_check(&ledger);
	assert_int_equal(ledger.created[UTRACE_CREATE_FORK], 1);
	assert_int_equal(ledger.status, 0);
	talk_expect(&world->victim, NULL, "ok clone");
}

static void test_becomes_execve(void **state)
{
	struct talk_world *world = *state;
	struct ledger ledger;

	spawn_with(world, "execve", CALLS | BIT(UTRACE_EVENT_EXEC), NULL);
	become(world, SYS_execve);
	ledger = ledger_start(world);
	ledger_run(&ledger, world);
	ledger_check(&ledger);
	assert_int_equal(ledger.told[UTRACE_EVENT_EXEC], 1);
	assert_int_equal(ledger.status, 0);
	talk_expect(&world->victim, NULL, "ok execve");
}

/*
 * In the handler there is one ordinary call and then the one that leaves it.  A call is run inside the tracee at each of
 * the first one's stops.
 */
static void leave_handler(struct talk_world *world)
{
	const uint64_t none[6] = {0};
	int64_t result = 0;

	for (uint32_t reason = ENTRY; reason <= EXIT; reason++) {
		talk_until_call(world, reason, SYS_getppid, 77);
		talk_ok(world, utrace_syscall_inject(world->event.thread, SYS_getpid, none, &result, &world->error));
		assert_int_equal(result, world->victim.pid);
		talk_resume(world, NULL);
	}
	talk_until_call(world, ENTRY, SYS_getppid, -1); /* the check of the first one's result */
	talk_resume(world, NULL);
	become(world, SYS_rt_sigreturn);
}

static void test_becomes_sigreturn(void **state)
{
	struct talk_world *world = *state;

	spawn_with(world, "sigreturn", CALLS, NULL);
	for (int i = 0; i < 3; i++)
		leave_handler(world);
	finish(world, "ok sigreturn");
}

/* A stop that is asked for while it waits leaves it what it has become. */
static void test_becomes_one_that_waits(void **state)
{
	struct talk_world *world = *state;

	spawn_with(world, "block", CALLS, NULL);
	become(world, SYS_read);
	talk_serve_blocked(world, SYS_read);
	for (int i = 0; i < 5; i++) {
		/* It may be held already, at the entry of the call as it is made again. */
		while (!talk_ok(world, utrace_process_stop(world->victim.process, UTRACE_STOP_NOW, &world->error))) {
			talk_next(world);
			talk_resume(world, NULL);
		}
		while (!(talk_next(world)->flags & UTRACE_EVENT_ANSWERS))
			talk_resume(world, NULL);
		talk_resume(world, NULL);
		talk_serve_blocked(world, SYS_read);
	}
	talk_tell(&world->victim, "b");
	finish(world, "ok block");
}

/* Row 19: told as what it is, also by a kernel that then refuses it. */
static void test_x32_call(void **state)
{
	struct talk_world *world = *state;

	spawn_with(world, "x32", CALLS, NULL);
	while (talk_until(world, ENTRY)->u.syscall.abi != UTRACE_ABI_X32)
		talk_resume(world, NULL);
	assert_int_equal(world->event.u.syscall.number, SYS_getppid);
	talk_resume(world, NULL);
	talk_until(world, EXIT);
	assert_int_equal(world->event.u.syscall.abi, UTRACE_ABI_X32);
	if (!(utrace_session_capabilities(world->session) & UTRACE_CAN_TRACE_X32))
		assert_int_equal(world->event.u.syscall.result, -ENOSYS);
	finish(world, "ok x32");
}

/* Neither enters the kernel as a call; a filter in the kernel sees the first, and nothing of it may come amiss. */
static void test_fixed_page_and_vdso(void **state)
{
	static const char *const names[] = {"time", "getppid", NULL};
	struct talk_world *world = *state;

	for (int filtered = 0; filtered < 2; filtered++) {
		int ordinary = 0;

		spawn_with(world, "vsyscall", CALLS, filtered ? names : NULL);
		while (talk_next(world)->reason != UTRACE_EVENT_PROCESS_END) {
			ordinary += world->event.reason == EXIT && world->event.u.syscall.number == SYS_getppid &&
				    world->event.u.syscall.args[0] == 78;
			talk_resume(world, NULL);
		}
		assert_int_equal(world->event.u.exit.wait_status, 0);
		if (!strcmp(talk_line(&world->victim, NULL), "no page"))
			skip();
		assert_string_equal(world->victim.line, "ok vsyscall");
		assert_int_equal(ordinary, 1);
		talk_forget(&world->victim);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_error),         TEST(test_becomes_clone), TEST(test_becomes_execve),
		TEST(test_becomes_sigreturn),   TEST(test_x32_call),      TEST(test_becomes_one_that_waits),
		TEST(test_fixed_page_and_vdso),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
