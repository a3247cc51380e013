/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_attach.c - attach and detach: nothing of it is visible to the tracee, no thread is missed and none is left
 * stopped. (process-control rows 4, 6, 11, 16, 17)
 */
#include "support_talk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct utrace_attach_options quiet = {.size = sizeof(quiet), .events = {.stop = UTRACE_EVENTS_NONE}};

/* Takes what is left after a detach; it must be the terminal events, of which the process's is last and comes once. */
static void take_detached(struct talk_world *world)
{
	int ends = 0, got;

	while ((got = utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error)) == 1) {
		assert_int_equal(ends, 0);
		assert_true(world->event.reason == UTRACE_EVENT_THREAD_EXIT ||
			    world->event.reason == UTRACE_EVENT_PROCESS_END);
		if (world->event.reason == UTRACE_EVENT_THREAD_EXIT) {
			assert_true(world->event.u.exit.cause == UTRACE_EXIT_DETACHED ||
				    world->event.u.exit.cause == UTRACE_EXIT_SELF);
		} else {
			assert_int_equal(world->event.u.exit.cause, UTRACE_EXIT_DETACHED);
			ends++;
		}
	}
	talk_ok(world, got);
	assert_int_equal(ends, 1);
}

static void detach(struct talk_world *world, uint32_t mode)
{
	talk_ok(world, utrace_detach(world->victim.process, mode, &world->error));
	take_detached(world);
	assert_true(utrace_process_is_gone(world->victim.process));
	utrace_process_unref(world->victim.process);
	world->victim.process = NULL;
}

/* Row 11: threads come and go all the while. */
static void test_thousand_threads_hundred_rounds(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("att_threads"), "1000", NULL};

	talk_start_ready(&world->victim, argv);
	for (int round = 0; round < 100; round++) {
		struct utrace_attach_options options = {.size = sizeof(options)};

		options.events.stop = round % 2 ? UTRACE_EVENTS_NONE : UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE);
		talk_attach(world, &options);
		for (int i = 0; i < round % 7; i++) {
			if (utrace_session_next(world->session, &world->event, 0, &world->error) == 1)
				talk_resume(world, NULL);
		}
		detach(world, UTRACE_DETACH_RUNNING);
	}
	talk_tell(&world->victim, "e");
	assert_int_equal(strncmp(talk_line(&world->victim, NULL), "ok ", 3), 0);
	talk_reap(&world->victim);
}

/* Row 11: as many threads as that, all there at once: each is held and let go, four times. */
static void test_thousand_living_threads(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("end_ways"), "group", "1000", NULL};
	const struct utrace_attach_options hold = {.size = sizeof(hold), .hold = 1, .events = quiet.events};

	talk_start_ready(&world->victim, argv);
	for (int round = 0; round < 4; round++) {
		talk_attach(world, &hold);
		for (int held = 0; held < 1001; held++)
			assert_int_equal(talk_next(world)->reason, UTRACE_EVENT_ATTACHED);
		assert_int_equal(utrace_process_is_stopped(world->victim.process, NULL), 1);
		assert_int_equal(utrace_process_threads(world->victim.process, NULL, 0, NULL), 1001);
		if (round % 2)
			assert_int_equal(utrace_process_resume(world->victim.process, NULL), 1001);
		detach(world, UTRACE_DETACH_RUNNING);
	}
	talk_tell(&world->victim, "g");
	assert_int_equal(WEXITSTATUS(talk_reap_status(&world->victim)), 5);
}

/* Reads /proc/PID/task: how many of the threads there does the session not know? */
static int count_unknown(struct talk_world *world)
{
	char command[64], line[32];
	int unknown = 0;
	FILE *list;

	snprintf(command, sizeof(command), "ls /proc/%d/task", world->victim.pid);
	list = popen(command, "r");
	while (fgets(line, sizeof(line), list)) {
		utrace_thread *thread = NULL;

		if (utrace_session_find_thread(world->session, atoi(line), &thread, NULL) < 0)
			unknown++;
		utrace_thread_unref(thread);
	}
	pclose(list);
	return unknown;
}

/* A thread that was just ending when it was found is the only one that may tell something else. */
static int is_attached(const struct utrace_event *event)
{
	if (event->reason == UTRACE_EVENT_THREAD_EXIT)
		return 0;
	assert_int_equal(event->reason, UTRACE_EVENT_ATTACHED);
	assert_true(event->flags & UTRACE_EVENT_HELD);
	return 1;
}

/* Row 11: with hold, every thread that lives is known and tells ATTACHED once, while others are being made. */
static void test_hold_knows_every_thread(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("stop_mixed"), "40", "churn", NULL};
	struct utrace_attach_options options = {.size = sizeof(options), .hold = 1};
	int threads, told = 0;

	options.events.stop = UTRACE_EVENTS_NONE;
	talk_start_ready(&world->victim, argv);
	talk_attach(world, &options);
	threads = talk_ok(world, utrace_process_threads(world->victim.process, NULL, 0, &world->error));
	assert_true(threads >= 42);
	while (talk_ok(world, utrace_process_is_stopped(world->victim.process, &world->error)) != 1)
		told += is_attached(talk_next(world));
	assert_int_equal(count_unknown(world), 0);
	while (utrace_session_next(world->session, &world->event, 0, &world->error) == 1)
		told += is_attached(&world->event);
	/* More were told than live if one of them ended in between. */
	assert_true(told >= talk_ok(world, utrace_process_threads(world->victim.process, NULL, 0, &world->error)));
	talk_ok(world, utrace_process_resume(world->victim.process, &world->error));
	detach(world, UTRACE_DETACH_RUNNING);
	talk_tell(&world->victim, "g");
	talk_expect(&world->victim, NULL, "ok 40");
	talk_reap(&world->victim);
}

/* Row 17: held threads are let go by the detach itself. */
static void test_detach_of_held_threads(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("stop_mixed"), "20", NULL};
	struct utrace_attach_options options = {.size = sizeof(options), .hold = 1};

	talk_start_ready(&world->victim, argv);
	talk_attach(world, &options);
	talk_until(world, UTRACE_EVENT_ATTACHED);
	detach(world, UTRACE_DETACH_RUNNING);
	talk_tell(&world->victim, "g");
	talk_expect(&world->victim, NULL, "ok 20");
	talk_reap(&world->victim);
}

static void attach_to_stopped_job(struct talk_world *world, bool hold)
{
	const char *const argv[] = {TALK_PROGRAM("att_job"), "1", NULL};
	struct utrace_attach_options options = {.size = sizeof(options), .hold = hold};
	int status = 0;

	talk_start_ready(&world->victim, argv);
	assert_int_equal(waitpid(world->victim.pid, &status, WUNTRACED), world->victim.pid);
	assert_true(WIFSTOPPED(status));
	talk_attach(world, &options);
	for (int i = 0; i < 3 && utrace_session_next(world->session, &world->event, hold && !i ? -1 : 0, NULL) == 1;
	     i++)
		talk_resume(world, NULL);
	detach(world, UTRACE_DETACH_RUNNING);
	talk_wait_state(world->victim.pid, "T");
	assert_int_equal(kill(world->victim.pid, SIGCONT), 0);
	talk_expect(&world->victim, NULL, "continued");
	talk_tell(&world->victim, "g");
	talk_expect(&world->victim, NULL, "ok 1");
	talk_reap(&world->victim);
}

/* Row 6: a stopped job stays stopped over attach and detach, and SIGCONT then works. */
static void test_stopped_job_stays_stopped(void **state)
{
	attach_to_stopped_job(*state, false);
}

static void test_stopped_job_stays_stopped_held(void **state)
{
	attach_to_stopped_job(*state, true);
}

static void attach_while_blocked(struct talk_world *world, const char *how, long number, bool hold, uint64_t events)
{
	const char *const argv[] = {TALK_PROGRAM("att_blocked"), how, NULL};
	struct utrace_attach_options options = {.size = sizeof(options), .hold = hold};
	char ok[64];

	options.events.stop = events;
	talk_start_ready(&world->victim, argv);
	talk_wait_blocked(world->victim.pid, number);
	for (int round = 0; round < 5; round++) {
		talk_attach(world, &options);
		while (hold && talk_until(world, UTRACE_EVENT_ATTACHED)->tid != world->victim.pid)
			talk_resume(world, NULL);
		detach(world, UTRACE_DETACH_RUNNING);
	}
	talk_tell(&world->victim, "g");
	snprintf(ok, sizeof(ok), "ok %s", how);
	talk_expect(&world->victim, NULL, ok);
	talk_reap(&world->victim);
	talk_forget(&world->victim);
}

/* Row 16: no call that the kernel restarts returns an error, at any strength. */
static void test_attach_while_blocked(void **state)
{
	for (int hold = 0; hold < 2; hold++) {
		attach_while_blocked(*state, "read", SYS_read, hold, UTRACE_EVENTS_NONE);
		attach_while_blocked(*state, "nanosleep", SYS_nanosleep, hold, UTRACE_EVENTS_NONE);
		attach_while_blocked(*state, "futex", SYS_futex, hold, UTRACE_EVENTS_NONE);
		attach_while_blocked(*state, "ppoll", SYS_ppoll, hold, UTRACE_EVENTS_NONE);
	}
	attach_while_blocked(*state, "read", SYS_read, true, UTRACE_EVENTS_DEFAULT);
	attach_while_blocked(*state, "nanosleep", SYS_nanosleep, false, UTRACE_EVENTS_DEFAULT);
}

/* signal(7) lists epoll_wait among those that a stop interrupts, and utrace_attach allows it with hold. */
static void test_attach_while_in_epoll_may_interrupt(void **state)
{
	attach_while_blocked(*state, "epoll-may-fail", SYS_epoll_wait, true, UTRACE_EVENTS_NONE);
}

/* A mask without system calls needs no stop, so there is no EINTR, not even in epoll_wait. */
static void test_quiet_attach_does_not_interrupt_epoll(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("att_blocked"), "epoll", NULL};

	talk_start_ready(&world->victim, argv);
	talk_wait_blocked(world->victim.pid, SYS_epoll_wait);
	talk_attach(world, &quiet);
	assert_int_equal(utrace_session_next(world->session, &world->event, 0, &world->error), 0);
	talk_tell(&world->victim, "g");
	talk_finish_well(world);
	talk_expect(&world->victim, NULL, "ok epoll");
}

static pid_t only_child(pid_t parent)
{
	char path[64];
	int child = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", parent, parent);
	while (!child) {
		FILE *list = fopen(path, "r");

		assert_non_null(list);
		if (fscanf(list, "%d", &child) != 1)
			child = 0;
		fclose(list);
	}
	return child;
}

/* The parent waits in D state for its vfork child; no stop can reach it, and attach must not wait for one for ever. */
static void test_attach_in_vfork_wait(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("att_blocked"), "vfork", NULL};

	talk_start_ready(&world->victim, argv);
	talk_wait_blocked(only_child(world->victim.pid), SYS_read);
	talk_attach(world, &quiet);
	talk_tell(&world->victim, "g");
	talk_finish_well(world);
	talk_expect(&world->victim, NULL, "ok vfork");
}

/* Detach has to wait until the child has gone; the child is told to go first. */
static void test_detach_in_vfork_wait(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("att_blocked"), "vfork", NULL};

	talk_start_ready(&world->victim, argv);
	talk_wait_blocked(only_child(world->victim.pid), SYS_read);
	talk_attach(world, &quiet);
	talk_ok(world, utrace_detach(world->victim.process, UTRACE_DETACH_RUNNING, &world->error));
	talk_tell(&world->victim, "g");
	take_detached(world);
	talk_expect(&world->victim, NULL, "ok vfork");
	talk_reap(&world->victim);
}

static void test_pidfd(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("att_blocked"), "read", NULL};
	struct utrace_attach_options options = quiet;
	utrace_process *none = NULL;
	int right, wrong;

	talk_start_ready(&world->victim, argv);
	talk_start_ready(&world->second, argv);
	right = (int)syscall(SYS_pidfd_open, world->victim.pid, 0);
	wrong = (int)syscall(SYS_pidfd_open, world->second.pid, 0);
	options.pidfd = wrong;
	talk_fails(world, UTRACE_NO_PROCESS,
		   utrace_attach(world->session, world->victim.pid, &options, &none, &world->error));
	options.pidfd = right;
	talk_attach(world, &options);
	detach(world, UTRACE_DETACH_RUNNING);
	close(right);
	close(wrong);
	talk_tell(&world->victim, "g");
	talk_expect(&world->victim, NULL, "ok read");
	talk_reap(&world->victim);
}

/* The descriptor's process has ended, whoever has the pid now. */
static void test_pidfd_of_the_dead(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("att_blocked"), "read", NULL};
	struct utrace_attach_options options = quiet;
	utrace_process *none = NULL;
	pid_t pid;

	talk_start_ready(&world->victim, argv);
	pid = world->victim.pid;
	options.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	talk_tell(&world->victim, "g");
	talk_reap(&world->victim);
	talk_fails(world, UTRACE_NO_PROCESS, utrace_attach(world->session, pid, &options, &none, &world->error));
	close(options.pidfd);
}

static void test_detach_stopped(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("stop_mixed"), "10", NULL};
	int status = 0;

	talk_start_ready(&world->victim, argv);
	talk_attach(world, &quiet);
	detach(world, UTRACE_DETACH_STOPPED);
	assert_int_equal(waitpid(world->victim.pid, &status, WUNTRACED), world->victim.pid);
	assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	assert_int_equal(kill(world->victim.pid, SIGCONT), 0);
	talk_tell(&world->victim, "g");
	talk_expect(&world->victim, NULL, "ok 10");
	talk_reap(&world->victim);
}

/*
 * Row 17: a signal that was told and not resumed is delivered by the detach, with its siginfo; another that
 * waits too.
 */
static void test_detach_delivers_pending(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("sig_report"), NULL};
	struct utrace_attach_options options = {.size = sizeof(options)};
	const char *line;

	options.events.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL);
	talk_start_ready(&world->victim, argv);
	talk_attach(world, &options);
	talk_tell(&world->victim, "q");
	talk_until(world, UTRACE_EVENT_SIGNAL);
	assert_int_equal(kill(world->victim.pid, SIGUSR2), 0);
	detach(world, UTRACE_DETACH_RUNNING);
	talk_tell(&world->victim, "re");
	line = talk_line(&world->victim, NULL);
	assert_non_null(strstr(line, "/-1/42/0/me"));
	assert_non_null(strstr(line, "12/0/0/0"));
	talk_expect(&world->victim, NULL, "ok end");
	talk_reap(&world->victim);
}

/* Row 17, 23: half-way through a sequence of steps. */
static void test_detach_while_stepping(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("sig_report"), NULL};
	struct utrace_resume_options step = {.size = sizeof(step), .how = UTRACE_STEP};
	struct utrace_attach_options options = {.size = sizeof(options), .hold = 1};

	options.events.stop = UTRACE_EVENTS_NONE;
	talk_start_ready(&world->victim, argv);
	for (int round = 0; round < 30; round++) {
		talk_attach(world, &options);
		talk_until(world, UTRACE_EVENT_ATTACHED);
		talk_tell(&world->victim, "p");
		for (int i = 0; i < round; i++) {
			talk_resume(world, &step);
			talk_until(world, UTRACE_EVENT_STEPPED);
		}
		/* Every other time the step is under way, or over and not taken. */
		if (round % 2)
			talk_resume(world, &step);
		detach(world, UTRACE_DETACH_RUNNING);
	}
	talk_tell(&world->victim, "re");
	talk_expect(&world->victim, NULL, "took nothing");
	talk_expect(&world->victim, NULL, "ok end");
	talk_reap(&world->victim);
}

/* Row 1: who made a child can wait for it, also if a session of the same program watched it to its end. */
static void test_host_child_is_not_reaped(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("att_blocked"), "read", NULL};

	talk_start_ready(&world->victim, argv);
	talk_attach(world, &quiet);
	talk_tell(&world->victim, "g");
	assert_int_equal(talk_finish(world), 0);
	talk_reap(&world->victim);
}

/* Closing the session is the same as detaching for a process that was attached. */
static void test_close_lets_run(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("stop_mixed"), "10", NULL};
	struct utrace_attach_options options = {.size = sizeof(options), .hold = 1};

	talk_start_ready(&world->victim, argv);
	talk_attach(world, &options);
	talk_next(world);
	utrace_event_clear(&world->event);
	utrace_session_close(world->session);
	world->session = NULL;
	talk_fails(world, UTRACE_NOT_ATTACHED, utrace_process_kill(world->victim.process, &world->error));
	talk_tell(&world->victim, "g");
	talk_expect(&world->victim, NULL, "ok 10");
	talk_reap(&world->victim);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_thousand_living_threads),
		TEST(test_thousand_threads_hundred_rounds),
		TEST(test_hold_knows_every_thread),
		TEST(test_detach_of_held_threads),
		TEST(test_stopped_job_stays_stopped),
		TEST(test_stopped_job_stays_stopped_held),
		TEST(test_attach_while_blocked),
		TEST(test_attach_while_in_epoll_may_interrupt),
		TEST(test_quiet_attach_does_not_interrupt_epoll),
		TEST(test_attach_in_vfork_wait),
		TEST(test_detach_in_vfork_wait),
		TEST(test_pidfd),
		TEST(test_pidfd_of_the_dead),
		TEST(test_detach_stopped),
		TEST(test_detach_delivers_pending),
		TEST(test_detach_while_stepping),
		TEST(test_host_child_is_not_reaped),
		TEST(test_close_lets_run),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
