/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_permissions.c - who may not be attached to, and that the error says why. (process-control rows 2, 20, 24)
 *
 * What needs an unprivileged tracer is done by a forked helper, which drops its privileges, opens a session of its
 * own and reports by its exit status.  Forks are made while no session is open.
 */
#include "support_talk.h"

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, KERNEL_THREAD = 0x200000 };

/* What nobody runs, who may not see the folder of the tests. */
static struct talk_shared private_victim, calling_victim;

static const struct utrace_attach_options quiet = {.size = sizeof(quiet), .events = {.stop = UTRACE_EVENTS_NONE}};

/*
 * Tries to attach. 0 if it fails with this status and a text that has one of the words (up to "|"); else 1, and
 * says so.
 */
static int attach_fails(utrace_session *session, pid_t pid, int expected, const char *words)
{
	utrace_process *process = NULL;
	struct utrace_error error = {0};
	int status = utrace_attach(session, pid, &quiet, &process, &error);
	char list[128], *word, *rest = NULL;

	utrace_process_unref(process);
	if (status == expected && error.status == expected) {
		snprintf(list, sizeof(list), "%s", words);
		for (word = strtok_r(list, "|", &rest); word; word = strtok_r(NULL, "|", &rest)) {
			if (strcasestr(error.text, word))
				return 0;
		}
	}
	print_error("attaching to %d gave %s, expected was %s with one of \"%s\": %s\n", pid,
		    utrace_status_name(status), utrace_status_name(expected), words, error.text);
	return 1;
}

static void expect_fails(struct talk_world *world, pid_t pid, int expected, const char *words)
{
	assert_int_equal(attach_fails(world->session, pid, expected, words), 0);
}

static void without_session(struct talk_world *world)
{
	utrace_session_close(world->session);
	world->session = NULL;
}

static bool become_nobody(void)
{
	/* The change of user makes a process undumpable, which an ordinary one is not. */
	return !setgroups(0, NULL) && !setgid(NOBODY) && !setuid(NOBODY) && !prctl(PR_SET_DUMPABLE, 1) &&
	       geteuid() == NOBODY;
}

/* Runs the check in a helper of user nobody with a session of its own; `pid` is what it shall try. */
static void as_nobody(struct talk_world *world, int (*check)(utrace_session *, pid_t), pid_t pid)
{
	int status = -1;
	pid_t helper;

	if (geteuid())
		skip();
	without_session(world);
	helper = fork();
	if (!helper) {
		utrace_session *session;

		if (!become_nobody())
			_exit(2);
		session = talk_open_in_child();
		status = check(session, pid);
		utrace_session_close(session);
		_exit(status);
	}
	assert_int_equal(waitpid(helper, &status, 0), helper);
	assert_int_equal(status, 0);
}

/* Row 24. */
static void test_itself(void **state)
{
	expect_fails(*state, getpid(), UTRACE_INVALID, "itself");
}

static void *tell_tid_and_wait(void *argument)
{
	int *pipes = argument;
	pid_t tid = gettid();
	char byte;

	if (write(pipes[1], &tid, sizeof(tid)) != sizeof(tid) || read(pipes[2], &byte, 1) < 0)
		return argument;
	return NULL;
}

/* By the id of another thread of this program: just the same. */
static void test_own_thread(void **state)
{
	pthread_t thread;
	int pipes[4];
	pid_t tid = 0;

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(pipe(pipes + 2), 0);
	assert_int_equal(pthread_create(&thread, NULL, tell_tid_and_wait, pipes), 0);
	assert_int_equal(read(pipes[0], &tid, sizeof(tid)), sizeof(tid));
	expect_fails(*state, tid, UTRACE_INVALID, "itself");
	close(pipes[3]);
	pthread_join(thread, NULL);
	for (int i = 0; i < 3; i++)
		close(pipes[i]);
}

static void test_kernel_thread(void **state)
{
	unsigned long flags = 0;
	FILE *stat = fopen("/proc/2/stat", "re");

	if (stat) {
		if (fscanf(stat, "%*d %*s %*c %*d %*d %*d %*d %*d %lu", &flags) != 1)
			flags = 0;
		fclose(stat);
	}
	if (!(flags & KERNEL_THREAD))
		skip();
	expect_fails(*state, 2, UTRACE_DENIED, "kernel");
}

static void test_gone_and_never_been(void **state)
{
	struct talk_world *world = *state;
	utrace_process *none = NULL;
	pid_t child;
	int status;

	without_session(world);
	child = fork();
	if (!child)
		_exit(0);
	talk_wait_state(child, "Z");
	world->session = talk_open();
	/* First only its status is left, then nothing. */
	expect_fails(world, child, UTRACE_NO_PROCESS, "ended");
	assert_int_equal(waitpid(child, NULL, 0), child);
	expect_fails(world, child, UTRACE_NO_PROCESS, "no process");
	expect_fails(world, 0x3fffffff, UTRACE_NO_PROCESS, "no process");
	for (pid_t pid = 0; pid >= -2; pid--) {
		status = utrace_attach(world->session, pid, NULL, &none, &world->error);
		assert_true(status == UTRACE_INVALID || status == UTRACE_NO_PROCESS);
		assert_true(world->error.text[0]);
	}
}

static void test_twice_in_a_session(void **state)
{
	struct talk_world *world = *state;

	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("att_private"), NULL});
	talk_attach(world, &quiet);
	expect_fails(world, world->victim.pid, UTRACE_BUSY, "already");
	talk_tell(&world->victim, "g");
	talk_finish(world);
}

static void expect_traced_by(utrace_session *session, pid_t pid, pid_t culprit)
{
	struct utrace_error error = {0};
	utrace_process *process = NULL;
	char number[16];

	talk_check_fails(UTRACE_TRACED, utrace_attach(session, pid, &quiet, &process, &error), &error, "utrace_attach",
			 __FILE__, __LINE__);
	assert_int_equal(error.culprit, culprit);
	snprintf(number, sizeof(number), "%d", culprit);
	assert_non_null(strstr(error.text, number));
}

/* Row 20: another session of this very program; the culprit is this program. */
static void test_traced_by_another_session(void **state)
{
	struct utrace_session_options options = {.size = sizeof(options), .threading = UTRACE_THREADS_ANY};
	struct talk_world *world = *state;
	utrace_session *second = NULL;

	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("att_private"), NULL});
	talk_attach(world, &quiet);
	talk_ok(world, utrace_session_open(&options, &second, &world->error));
	if (!(utrace_session_capabilities(second) & UTRACE_CAN_SHARE_TRACEE))
		expect_traced_by(second, world->victim.pid, getpid());
	utrace_session_close(second);
	talk_tell(&world->victim, "g");
	talk_finish(world);
}

/* A helper that traces the victim with the system's own means until its pipe ends. */
static pid_t trace_from_helper(pid_t pid, int until)
{
	pid_t helper = fork();
	char byte;
	int ready[2];

	if (helper)
		return helper;
	alarm(TALK_WATCH);
	if (pipe(ready) || ptrace(PTRACE_SEIZE, pid, 0, 0) || read(until, &byte, 1) < 0)
		_exit(1);
	_exit(0);
}

static void wait_for_tracer(pid_t pid, pid_t tracer)
{
	char path[64], expected[32], line[128];
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	snprintf(expected, sizeof(expected), "TracerPid:\t%d\n", tracer);
	while (!found) {
		FILE *status = fopen(path, "re");

		while (fgets(line, sizeof(line), status))
			found |= !strcmp(line, expected);
		fclose(status);
	}
}

static void test_traced_by_another_process(void **state)
{
	struct talk_world *world = *state;
	pid_t helper;
	int until[2], status = -1;
	bool shares;

	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("att_private"), NULL});
	without_session(world);
	assert_int_equal(pipe2(until, 0), 0);
	helper = trace_from_helper(world->victim.pid, until[0]);
	wait_for_tracer(world->victim.pid, helper);
	world->session = talk_open();
	shares = utrace_session_capabilities(world->session) & UTRACE_CAN_SHARE_TRACEE;
	if (shares)
		talk_attach(world, &quiet);
	else
		expect_traced_by(world->session, world->victim.pid, helper);
	/* Not end of file, for the helper has the writing end too. */
	assert_int_equal(write(until[1], "g", 1), 1);
	assert_int_equal(waitpid(helper, &status, 0), helper);
	assert_int_equal(status, 0);
	close(until[0]);
	close(until[1]);
	/* Free again. */
	if (!shares)
		talk_attach(world, &quiet);
	talk_tell(&world->victim, "g");
	talk_finish(world);
}

/* In a child of the test: opens a session before or after the byte on `go`, then tries to trace its parent. */
static void try_parent(int ready, int go, bool early)
{
	utrace_session *session = NULL;
	char byte = 'r';
	int failed;

	alarm(TALK_WATCH);
	if (early)
		session = talk_open_in_child();
	if (write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 1)
		_exit(2);
	if (!early)
		session = talk_open_in_child();
	failed = attach_fails(session, getppid(), UTRACE_INVALID, "traces this program");
	utrace_session_close(session);
	_exit(failed);
}

static void trace_who_traces_back(struct talk_world *world, bool early)
{
	int ready[2], go[2], status;
	char byte;

	/* Where tracees are shared, nobody is told who else traces; SIGKILL ends both all the same. */
	if (utrace_session_capabilities(world->session) & UTRACE_CAN_SHARE_TRACEE)
		skip();
	without_session(world);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	world->victim.pid = fork();
	if (!world->victim.pid)
		try_parent(ready[1], go[0], early);
	world->victim.started = true;
	assert_int_equal(read(ready[0], &byte, 1), 1);
	world->session = talk_open();
	talk_attach(world, &quiet);
	assert_int_equal(write(go[1], "g", 1), 1);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
	status = talk_finish(world);
	waitpid(world->victim.pid, NULL, 0);
	world->victim.pid = 0;
	assert_int_equal(status, 0);
}

/* Row 24: the helper is traced from here and tries to trace back. */
static void test_own_tracer(void **state)
{
	trace_who_traces_back(*state, true);
}

/* A program that is being traced can open a session like any other. */
static void test_session_opened_while_traced(void **state)
{
	trace_who_traces_back(*state, false);
}

static int check_other_user(utrace_session *session, pid_t pid)
{
	return attach_fails(session, pid, UTRACE_DENIED, "user|CAP_SYS_PTRACE");
}

static void test_other_users_process(void **state)
{
	struct talk_world *world = *state;

	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("att_private"), NULL});
	as_nobody(world, check_other_user, world->victim.pid);
	talk_tell(&world->victim, "g");
	talk_reap(&world->victim);
}

static void test_pid_one(void **state)
{
	as_nobody(*state, check_other_user, 1);
}

static int check_own(utrace_session *session, pid_t pid)
{
	struct talk_world world = {.session = session, .event = UTRACE_EVENT_INIT};
	int status;

	(void)pid;
	world.victim.in = world.victim.out = -1;
	talk_start(&world.victim, (const char *const[]){private_victim.path, NULL});
	if (strcmp(talk_line(&world.victim, NULL), "ready"))
		return 3;
	status = utrace_attach(session, world.victim.pid, &quiet, &world.victim.process, &world.error);
	/* Yama's levels from 2 on forbid even that. */
	if (status < 0 && !strcasestr(world.error.text, "yama"))
		return 1;
	talk_tell(&world.victim, "g");
	while (utrace_session_next(session, &world.event, TALK_PATIENCE, NULL) == 1)
		;
	utrace_event_clear(&world.event);
	utrace_process_unref(world.victim.process);
	return strcmp(talk_line(&world.victim, NULL), "ok") != 0;
}

/* An unprivileged tracer can trace what is its own: so the refusals here are for their own reasons. */
static void test_own_process_of_nobody(void **state)
{
	as_nobody(*state, check_own, 0);
}

static int check_undumpable(utrace_session *session, pid_t pid)
{
	struct talk victim = {.in = -1, .out = -1};
	int failed;

	(void)pid;
	talk_start(&victim, (const char *const[]){private_victim.path, "dumpable", NULL});
	if (strcmp(talk_line(&victim, NULL), "ready"))
		return 3;
	failed = attach_fails(session, victim.pid, UTRACE_DENIED, "dumpable");
	talk_tell(&victim, "g");
	waitpid(victim.pid, NULL, 0);
	return failed;
}

static void test_undumpable(void **state)
{
	as_nobody(*state, check_undumpable, 0);
}

/* From outside, with privilege: allowed. */
static void test_into_user_namespace(void **state)
{
	struct talk_world *world = *state;

	if (geteuid())
		skip();
	talk_start(&world->victim, (const char *const[]){TALK_PROGRAM("att_private"), "userns", NULL});
	if (strcmp(talk_line(&world->victim, NULL), "ready")) {
		waitpid(world->victim.pid, NULL, 0);
		world->victim.pid = 0;
		skip();
	}
	talk_attach(world, &quiet);
	talk_tell(&world->victim, "g");
	assert_int_equal(talk_finish(world), 0);
}

/* From inside: whatever capabilities it has there, they don't count outside. */
static void test_out_of_user_namespace(void **state)
{
	struct talk_world *world = *state;
	int status = -1;
	pid_t helper;

	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("att_private"), NULL});
	without_session(world);
	helper = fork();
	if (!helper) {
		if (unshare(CLONE_NEWUSER))
			_exit(77);
		_exit(attach_fails(talk_open_in_child(), world->victim.pid, UTRACE_DENIED, "namespace"));
	}
	assert_int_equal(waitpid(helper, &status, 0), helper);
	talk_tell(&world->victim, "g");
	talk_reap(&world->victim);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/* Inside a new pid namespace with the old /proc: its ids would be those of others. */
static int open_under_foreign_proc(void)
{
	struct utrace_error error = {0};
	utrace_session *session = NULL;
	int status = utrace_session_open(NULL, &session, &error);

	return status == UTRACE_WRONG_STATE && !session && strstr(error.text, "pid namespace") ? 0 : 1;
}

static void test_foreign_proc(void **state)
{
	int status = -1;
	pid_t helper;

	without_session(*state);
	helper = fork();
	if (!helper) {
		pid_t first;

		if (unshare(CLONE_NEWPID))
			_exit(77);
		first = fork();
		if (!first)
			_exit(open_under_foreign_proc());
		waitpid(first, &status, 0);
		_exit(WEXITSTATUS(status));
	}
	assert_int_equal(waitpid(helper, &status, 0), helper);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/*
 * Row 20: an unprivileged program can't have the filter in the kernel unless it allows no_new_privs; the reason
 * says so.
 */
static int check_filter(utrace_session *session, pid_t pid)
{
	const char *const argv[] = {calling_victim.path, "1", NULL};
	bool no_need = utrace_session_capabilities(session) & UTRACE_CAN_FILTER_WITHOUT_NNP;
	int places[2] = {0, 0};

	(void)pid;
	for (int i = 0; i < 2; i++) {
		utrace_filter *filter = utrace_filter_create();
		struct utrace_spawn_options options = {.size = sizeof(options), .argv = argv, .filter = filter};
		utrace_process *process = NULL;
		struct utrace_error error = {0};

		if (utrace_filter_add_name(filter, "getuid", NULL))
			return 3;
		if (i)
			utrace_filter_allow_no_new_privs(filter);
		if (utrace_spawn(session, &options, &process, &error))
			return 4;
		places[i] = utrace_process_filter_place(process, &error);
		if (places[i] == UTRACE_FILTER_IN_LIBRARY && !error.text[0])
			return 5;
		utrace_filter_destroy(filter);
		utrace_process_unref(process);
	}
	return places[0] != (no_need ? UTRACE_FILTER_IN_KERNEL : UTRACE_FILTER_IN_LIBRARY) ||
	       places[1] != UTRACE_FILTER_IN_KERNEL;
}

static int share_victims(void **state)
{
	(void)state;
	talk_share(&private_victim, TALK_PROGRAM("att_private"), 0755);
	talk_share(&calling_victim, TALK_PROGRAM("call_many"), 0755);
	return 0;
}

static int unshare_victims(void **state)
{
	(void)state;
	talk_unshare(&private_victim);
	talk_unshare(&calling_victim);
	return 0;
}

static void test_filter_of_nobody(void **state)
{
	as_nobody(*state, check_filter, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_itself),
		TEST(test_own_thread),
		TEST(test_kernel_thread),
		TEST(test_gone_and_never_been),
		TEST(test_twice_in_a_session),
		TEST(test_traced_by_another_session),
		TEST(test_traced_by_another_process),
		TEST(test_own_tracer),
		TEST(test_session_opened_while_traced),
		TEST(test_other_users_process),
		TEST(test_pid_one),
		TEST(test_own_process_of_nobody),
		TEST(test_undumpable),
		TEST(test_into_user_namespace),
		TEST(test_out_of_user_namespace),
		TEST(test_foreign_proc),
		TEST(test_filter_of_nobody),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, share_victims, unshare_victims);
}
