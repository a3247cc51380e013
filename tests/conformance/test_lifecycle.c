/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_lifecycle.c - sessions, spawn, children, exec and ends: every thread and process begins once and ends once.
 * (process-control rows 1, 2, 3, 9, 10, 12, 15, 18, 22, 24)
 */
#include "support_talk.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a whole run has told. */
struct tally {
	int created[5];      /* by enum utrace_create_kind */
	int thread_exits[5]; /* by enum utrace_exit_cause */
	int process_ends;
	int execs;
	int vfork_dones;
	int last_status;
	pid_t exec_old, exec_new;
	bool leader_exit_before_end;
};

static void count(struct tally *tally, const struct utrace_event *event)
{
	switch (event->reason) {
	case UTRACE_EVENT_CREATE:
		tally->created[event->u.create.kind]++;
		break;
	case UTRACE_EVENT_EXEC:
		tally->execs++;
		tally->exec_old = event->u.exec.old_tid;
		tally->exec_new = event->u.exec.new_tid;
		break;
	case UTRACE_EVENT_VFORK_DONE:
		tally->vfork_dones++;
		break;
	case UTRACE_EVENT_THREAD_EXIT:
		assert_true(utrace_thread_is_gone(event->thread));
		tally->thread_exits[event->u.exit.cause]++;
		if (event->tid == event->pid && tally->process_ends == 0)
			tally->leader_exit_before_end = true;
		break;
	case UTRACE_EVENT_PROCESS_END:
		tally->process_ends++;
		tally->last_status = event->u.exit.wait_status;
		break;
	default:
		break;
	}
}

static struct tally run_all(struct talk_world *world)
{
	struct tally tally = {0};

	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		count(&tally, &world->event);
		talk_resume(world, NULL);
	}
	assert_int_equal(utrace_session_process_count(world->session, NULL), 0);
	return tally;
}

static struct tally run_life(struct talk_world *world, const char *way, const char *number, uint64_t stop)
{
	const char *const argv[] = {TALK_PROGRAM("life"), way, number, NULL};
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = stop}};

	talk_spawn(world, &options, argv);
	return run_all(world);
}

/* Row 9. */
static void test_exec_by_another_thread(void **state)
{
	struct talk_world *world = *state;
	struct tally tally = run_life(world, "exec-by-thread", "50", 0);

	assert_int_equal(tally.created[UTRACE_CREATE_THREAD], 51);
	if (tally.thread_exits[UTRACE_EXIT_EXEC] != 51)
		print_error("exits by cause: %d %d %d %d %d\n", tally.thread_exits[0], tally.thread_exits[1],
			    tally.thread_exits[2], tally.thread_exits[3], tally.thread_exits[4]);
	assert_int_equal(tally.thread_exits[UTRACE_EXIT_EXEC], 51);
	assert_int_equal(tally.execs, 2);
	assert_int_equal(tally.exec_new, world->victim.pid);
	assert_int_not_equal(tally.exec_old, tally.exec_new);
	assert_int_equal(tally.process_ends, 1);
	talk_expect(&world->victim, NULL, "new program");
}

/* Row 10. */
static void test_leader_exits_first(void **state)
{
	struct talk_world *world = *state;
	struct tally tally = run_life(world, "leader-first", NULL, 0);

	assert_true(tally.leader_exit_before_end);
	assert_int_equal(tally.thread_exits[UTRACE_EXIT_SELF], 2);
	assert_int_equal(WEXITSTATUS(tally.last_status), 7);
	talk_expect(&world->victim, NULL, "last thread");
}

/* Row 12: one CREATE for each of 2,000 short children, each with one end. */
static void test_many_short_children(void **state)
{
	struct talk_world *world = *state;
	struct tally tally =
		run_life(world, "forks", "2000", UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE) | UTRACE_EVENTS_NONE);

	assert_int_equal(tally.created[UTRACE_CREATE_FORK], 2000);
	assert_int_equal(tally.process_ends, 2001);
	assert_int_equal(tally.thread_exits[UTRACE_EXIT_SELF], 2001);
	talk_expect(&world->victim, NULL, "2000 good");
}

static void test_vfork(void **state)
{
	struct tally tally = run_life(*state, "vfork", NULL, 0);

	assert_int_equal(tally.created[UTRACE_CREATE_VFORK], 1);
	assert_int_equal(tally.vfork_dones, 1);
	assert_int_equal(tally.execs, 2);
	assert_int_equal(tally.last_status, 0);
}

static void test_clone_with_another_signal(void **state)
{
	struct tally tally = run_life(*state, "clone", NULL, 0);

	assert_int_equal(tally.created[UTRACE_CREATE_CLONE], 1);
	assert_int_equal(tally.process_ends, 2);
}

/* Row 22: where calls are traced, CLONE_UNTRACED does not help a child to escape. */
static void test_untraced_child_is_traced(void **state)
{
	struct tally tally = run_life(*state, "untraced", NULL, 0);

	assert_int_equal(tally.created[UTRACE_CREATE_FORK], 1);
	assert_int_equal(tally.process_ends, 2);
	assert_int_equal(tally.last_status, 0);
}

/* Row 3: SIGKILL while held, at every kind of event that comes. */
static void test_kill_while_held(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("life"), "vfork", NULL};

	for (int at = 0; at < 40; at++) {
		struct tally tally = {0};

		talk_spawn(world, NULL, argv);
		for (int i = 0; i <= at; i++) {
			if (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) != 1)
				break;
			count(&tally, &world->event);
			if (i < at)
				talk_resume(world, NULL);
		}
		(void)kill(world->victim.pid, SIGKILL);
		talk_resume(world, NULL);
		while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
			count(&tally, &world->event);
			talk_resume(world, NULL);
		}
		assert_int_equal(tally.process_ends, 1 + tally.created[UTRACE_CREATE_VFORK]);
		assert_int_equal(utrace_session_process_count(world->session, NULL), 0);
		assert_true(utrace_process_is_gone(world->victim.process));
		talk_forget(&world->victim);
	}
}

/* Row 2: not stopped, dead, and not ours are three errors. */
static void test_three_errors(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("life"), "wait", NULL};
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = UTRACE_EVENTS_NONE}};
	utrace_thread *thread;
	utrace_thread *nobody;
	uint64_t value;

	talk_spawn(world, &options, argv);
	assert_int_equal(utrace_process_threads(world->victim.process, &thread, 1, NULL), 1);
	talk_fails(world, UTRACE_NOT_STOPPED, utrace_register_get(thread, UTRACE_REG_PC, &value, &world->error));
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
	(void)run_all(world);
	talk_fails(world, UTRACE_DEAD, utrace_register_get(thread, UTRACE_REG_PC, &value, &world->error));
	talk_fails(world, UTRACE_DEAD, utrace_process_kill(world->victim.process, &world->error));
	talk_fails(world, UTRACE_NO_PROCESS, utrace_session_find_thread(world->session, 1, &nobody, &world->error));
	utrace_thread_unref(thread);
}

static void expect_exec_error(struct talk_world *world, const char *program, int error_number)
{
	const char *const argv[] = {program, NULL};
	struct utrace_spawn_options options = {.size = sizeof(options), .argv = argv};
	utrace_process *process;

	talk_fails(world, UTRACE_EXEC_FAILED, utrace_spawn(world->session, &options, &process, &world->error));
	assert_int_equal(world->error.sys_errno, error_number);
	assert_non_null(strstr(world->error.text, program));
	assert_int_equal(utrace_session_next(world->session, &world->event, 0, NULL), 0);
}

static void test_spawn_errors(void **state)
{
	struct talk_world *world = *state;

	expect_exec_error(world, "/no/such/program", ENOENT);
	expect_exec_error(world, "no-such-program-in-path", ENOENT);
	expect_exec_error(world, "/etc/passwd", EACCES);
}

/* Row 1: a child of the host's own, a zombie too, stays the host's. */
static void test_children_of_the_host(void **state)
{
	struct talk_world *world = *state;
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(42);
	(void)run_life(world, "forks", "20", 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 42);
}

/* Row 1: the descriptor; row 15: any thread. */
static void test_descriptor(void **state)
{
	const char *const argv[] = {"/bin/true", NULL};
	struct utrace_spawn_options options = {.size = sizeof(options), .argv = argv};
	struct utrace_event event = UTRACE_EVENT_INIT;
	struct utrace_error error = {0};
	utrace_session *session;
	utrace_process *process;
	struct pollfd fd = {.events = POLLIN};

	(void)state;
	assert_int_equal(utrace_session_open(NULL, &session, &error), 0);
	fd.fd = utrace_session_fd(session, &error);
	assert_true(fd.fd >= 0);
	assert_int_equal(poll(&fd, 1, 0), 0);
	assert_int_equal(utrace_spawn(session, &options, &process, &error), 0);
	for (int ends = 0; !ends;) {
		assert_int_equal(poll(&fd, 1, TALK_PATIENCE), 1);
		assert_int_equal(utrace_session_next(session, &event, 0, &error), 1);
		ends = event.reason == UTRACE_EVENT_PROCESS_END;
		if (event.flags & UTRACE_EVENT_HELD)
			(void)utrace_thread_resume(event.thread, NULL, NULL);
	}
	assert_int_equal(poll(&fd, 1, 0), 0);
	utrace_event_clear(&event);
	utrace_process_unref(process);
	utrace_session_close(session);
}

static void *call_from_elsewhere(void *argument)
{
	struct talk_world *world = argument;

	return (void *)(intptr_t)utrace_session_process_count(world->session, &world->error);
}

static void test_other_threads(void **state)
{
	struct talk_world *world = *state;
	bool any = utrace_session_capabilities(world->session) & UTRACE_CAN_SESSION_FD;
	pthread_t thread;
	void *result;

	assert_int_equal(pthread_create(&thread, NULL, call_from_elsewhere, world), 0);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_int_equal((int)(intptr_t)result, any ? 0 : UTRACE_WRONG_THREAD);
}

static void test_timeout_and_wake(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("life"), "wait", NULL};
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = UTRACE_EVENTS_NONE}};

	talk_spawn(world, &options, argv);
	assert_int_equal(utrace_session_next(world->session, &world->event, 0, NULL), 0);
	assert_int_equal(utrace_session_next(world->session, &world->event, 30, NULL), 0);
	utrace_session_wake(world->session);
	assert_int_equal(utrace_session_next(world->session, &world->event, -1, NULL), 0);
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
	(void)run_all(world);
}

/* Where sessions can share, the second one watches too and its end is nothing to the first; else the error names who has it. */
static void attach_twice(struct talk_world *world, utrace_session *other)
{
	utrace_process *process;

	if (utrace_session_capabilities(other) & UTRACE_CAN_SHARE_TRACEE) {
		talk_ok(world, utrace_attach(other, world->victim.pid, NULL, &process, &world->error));
		utrace_process_unref(process);
		return;
	}
	talk_fails(world, UTRACE_TRACED, utrace_attach(other, world->victim.pid, NULL, &process, &world->error));
	assert_int_equal(world->error.culprit, getpid());
	assert_non_null(strstr(world->error.text, "traced already"));
}

/* Row 24, and who has it already. */
static void test_refusals(void **state)
{
	struct talk_world *world = *state;
	const char *const argv[] = {TALK_PROGRAM("life"), "wait", NULL};
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = UTRACE_EVENTS_NONE}};
	utrace_session *other;
	utrace_process *process;

	talk_fails(world, UTRACE_INVALID, utrace_attach(world->session, getpid(), NULL, &process, &world->error));
	talk_spawn(world, &options, argv);
	talk_fails(world, UTRACE_BUSY, utrace_attach(world->session, world->victim.pid, NULL, &process, &world->error));
	assert_int_equal(utrace_session_open(NULL, &other, &world->error), 0);
	attach_twice(world, other);
	utrace_session_close(other);
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
	(void)run_all(world);
}

/* Rows 15 and base.h: options that ask for more than this version knows are refused. */
static void test_options_grow(void **state)
{
	struct {
		struct utrace_session_options known;
		uint64_t more;
	} options = {.known = {.size = sizeof(options)}};
	struct utrace_error error;
	utrace_session *session;

	(void)state;
	assert_int_equal(utrace_session_open(&options.known, &session, &error), 0);
	utrace_session_close(session);
	options.more = 1;
	assert_int_equal(utrace_session_open(&options.known, &session, &error), UTRACE_INVALID);
	options.more = 0;
	options.known.backend = UTRACE_BACKEND_CORE + 1;
	assert_int_equal(utrace_session_open(&options.known, &session, &error), UTRACE_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_exec_by_another_thread),
		TEST(test_leader_exits_first),
		TEST(test_many_short_children),
		TEST(test_vfork),
		TEST(test_clone_with_another_signal),
		TEST(test_untraced_child_is_traced),
		TEST(test_kill_while_held),
		TEST(test_three_errors),
		TEST(test_spawn_errors),
		TEST(test_children_of_the_host),
		TEST(test_descriptor),
		TEST(test_other_threads),
		TEST(test_timeout_and_wake),
		TEST(test_refusals),
		TEST(test_options_grow),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
