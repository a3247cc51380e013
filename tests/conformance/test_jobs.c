/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_jobs.c - job control as people use it: a shell on a terminal, pipelines that are stopped, put into the background
 * and brought back, while all of them are traced. (process-control row 6)
 */
#include "support_ledger.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIT UTRACE_EVENT_BIT

struct console {
	struct talk_world *world;
	struct ledger ledger;
	int master;
	size_t filled;
	char text[16384];
};

static void start_shell(struct console *console, struct talk_world *world, uint64_t stop)
{
	const char *const argv[] = {"/bin/bash", "--norc", "--noprofile", "--noediting", "-i", NULL};
	const char *const envp[] = {"PATH=/usr/bin:/bin", "PS1=", "LC_ALL=C", NULL};
	struct utrace_spawn_options options = {
		.size = sizeof(options), .argv = argv, .envp = envp, .events = {.stop = stop}};

	*console = (struct console){.world = world};
	console->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(console->master >= 0 && !grantpt(console->master) && !unlockpt(console->master));
	options.terminal = open(ptsname(console->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(options.terminal >= 0);
	talk_ok(world, utrace_spawn(world->session, &options, &world->victim.process, &world->error));
	close(options.terminal);
	world->victim.pid = utrace_process_pid(world->victim.process);
	console->ledger = ledger_start(world);
}

static void type(struct console *console, const char *text)
{
	assert_int_equal(write(console->master, text, strlen(text)), strlen(text));
}

/* Serves the session until the terminal has shown this; forgets what came before it. */
static void expect(struct console *console, const char *wanted)
{
	struct pollfd out = {.fd = console->master, .events = POLLIN};
	struct talk_world *world = console->world;
	char *found;

	while (!(found = strstr(console->text, wanted))) {
		ssize_t got;

		while (utrace_session_next(world->session, &world->event, 1, NULL) == 1) {
			ledger_add(&console->ledger, &world->event);
			talk_resume(world, NULL);
		}
		if (poll(&out, 1, 0) != 1)
			continue;
		got = read(console->master, console->text + console->filled,
			   sizeof(console->text) - console->filled - 1);
		assert_true(got > 0);
		console->filled += (size_t)got;
		console->text[console->filled] = 0;
	}
	found += strlen(wanted);
	console->filled = strlen(found);
	memmove(console->text, found, console->filled + 1);
}

static void end_shell(struct console *console)
{
	type(console, "exit 3\n");
	ledger_run(&console->ledger, console->world);
	assert_int_equal(WEXITSTATUS(console->ledger.status), 3);
	close(console->master);
}

/* Ctrl-Z, fg, Ctrl-Z, fg, and its regular end. */
static void stop_and_continue(struct console *console)
{
	type(console, "\032");
	expect(console, "Stopped");
	type(console, "fg\n");
	expect(console, "cat | cat\r\n");
	type(console, "second\n");
	expect(console, "second\r\n");
	type(console, "\032");
	expect(console, "Stopped");
	type(console, "fg\n");
	expect(console, "cat | cat\r\n");
	type(console, "\004");
	type(console, "echo over $?\n");
	expect(console, "over 0\r\n");
}

static void run_shell(struct talk_world *world, uint64_t stop, struct ledger *ledger)
{
	struct console console;

	start_shell(&console, world, stop);
	type(&console, "stty -echo; echo quiet\n");
	expect(&console, "quiet\r\n");
	expect(&console, "quiet\r\n");
	type(&console, "cat | cat\n");
	type(&console, "first\n");
	expect(&console, "first\r\n");
	stop_and_continue(&console);
	end_shell(&console);
	*ledger = console.ledger;
}

/* Row 6: two processes stop twice and go on twice, each time told once. */
static void test_pipeline_is_stopped_and_continued(void **state)
{
	struct ledger ledger;

	run_shell(*state,
		  BIT(UTRACE_EVENT_CREATE) | BIT(UTRACE_EVENT_SIGNAL) | BIT(UTRACE_EVENT_JOB_STOP) |
			  BIT(UTRACE_EVENT_JOB_CONTINUE),
		  &ledger);
	ledger_check(&ledger);
	assert_int_equal(ledger.told[UTRACE_EVENT_JOB_STOP], 4);
	assert_int_equal(ledger.told[UTRACE_EVENT_JOB_CONTINUE], 4);
}

/* The same with every call and signal told. */
static void test_pipeline_with_all_events(void **state)
{
	struct ledger ledger;

	run_shell(*state, 0, &ledger);
	ledger_check(&ledger);
	assert_int_equal(ledger.told[UTRACE_EVENT_JOB_STOP], 4);
}

/* The same if nothing of it is of interest: the job does as its shell wants. */
static void test_pipeline_unseen(void **state)
{
	struct ledger ledger;

	run_shell(*state, UTRACE_EVENTS_NONE, &ledger);
	assert_int_equal(ledger.told[UTRACE_EVENT_JOB_STOP], 0);
}

/* A read from the background stops its job (SIGTTIN), which the shell then brings back. */
static void test_background_read(void **state)
{
	struct talk_world *world = *state;
	struct console console;

	start_shell(&console, world, BIT(UTRACE_EVENT_CREATE) | BIT(UTRACE_EVENT_JOB_STOP));
	type(&console, "stty -echo; echo quiet\n");
	expect(&console, "quiet\r\n");
	expect(&console, "quiet\r\n");
	type(&console, "cat & wait %1; fg\n");
	expect(&console, "cat\r\n");
	type(&console, "third\n");
	expect(&console, "third\r\n");
	type(&console, "\004");
	type(&console, "echo over $?\n");
	expect(&console, "over 0\r\n");
	end_shell(&console);
	ledger_check(&console.ledger);
	assert_int_equal(console.ledger.told[UTRACE_EVENT_JOB_STOP], 1);
}

/* Stopped while it is attached, let go, and continued by somebody who knows nothing of that. */
static void test_stopped_then_detached(void **state)
{
	const struct utrace_attach_options options = {.size = sizeof(options),
						      .events = {.stop = BIT(UTRACE_EVENT_JOB_STOP)}};
	struct talk_world *world = *state;

	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("att_blocked"), "read", NULL});
	for (int resumed = 0; resumed < 2; resumed++) {
		talk_attach(world, &options);
		assert_int_equal(kill(world->victim.pid, SIGSTOP), 0);
		talk_until(world, UTRACE_EVENT_JOB_STOP);
		if (resumed)
			talk_resume(world, NULL);
		talk_ok(world, utrace_detach(world->victim.process, UTRACE_DETACH_RUNNING, &world->error));
		(void)talk_finish(world);
		utrace_process_unref(world->victim.process);
		world->victim.process = NULL;
		talk_wait_state(world->victim.pid, "T");
		assert_int_equal(kill(world->victim.pid, SIGCONT), 0);
		talk_wait_state(world->victim.pid, "S");
	}
	talk_tell(&world->victim, "g");
	talk_expect(&world->victim, NULL, "ok read");
	talk_reap(&world->victim);
}

/* Row 8: SIGTRAP belongs to the program, whether it ignores, blocks, takes or waits for it. */
static void test_trap_signal_is_the_programs(void **state)
{
	static const uint64_t masks[] = {0, UTRACE_EVENTS_NONE, BIT(UTRACE_EVENT_SIGNAL)};
	const char *const argv[] = {TALK_PROGRAM("sig_trap"), NULL};
	struct talk_world *world = *state;

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = masks[i]}};

		talk_spawn(world, &options, argv);
		assert_int_equal(talk_finish(world), 0);
		talk_expect(&world->victim, NULL, "ignored");
		talk_expect(&world->victim, NULL, "ok trap");
		talk_forget(&world->victim);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pipeline_is_stopped_and_continued),
		TEST(test_pipeline_with_all_events),
		TEST(test_pipeline_unseen),
		TEST(test_background_read),
		TEST(test_stopped_then_detached),
		TEST(test_trap_signal_is_the_programs),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
