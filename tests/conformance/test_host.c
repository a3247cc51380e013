/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_host.c - the program around the library: its forks, its threads, its shortages. (process-control rows 1, 15, 24)
 */
#include "support_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIT UTRACE_EVENT_BIT

static const struct utrace_attach_options quiet = {.size = sizeof(quiet), .events = {.stop = UTRACE_EVENTS_NONE}};

static int run_to_end(utrace_session *session)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	int calls = 0;

	while (utrace_session_next(session, &event, TALK_PATIENCE, NULL) == 1) {
		calls += event.reason == UTRACE_EVENT_SYSCALL_ENTRY && event.u.syscall.number == SYS_getuid;
		if (event.flags & UTRACE_EVENT_HELD)
			(void)utrace_thread_resume(event.thread, NULL, NULL);
		if (event.reason == UTRACE_EVENT_CREATE && event.u.create.thread)
			(void)utrace_thread_resume(event.u.create.thread, NULL, NULL);
	}
	utrace_event_clear(&event);
	return calls;
}

static int spawn_and_run(utrace_session *session, const char *const argv[], struct utrace_error *error)
{
	struct utrace_spawn_options options = {.size = sizeof(options), .argv = argv};
	utrace_process *process = NULL;
	int status = utrace_spawn(session, &options, &process, error);

	utrace_process_unref(process);
	return status ? status : run_to_end(session);
}

/* What a child of the host finds: sessions that are its parent's, and that it can't harm. */
static int look_around_in_child(struct talk_world *world)
{
	const char *const argv[] = {"/bin/true", NULL};
	struct utrace_error error = {0};
	utrace_process *process = NULL;
	utrace_session *own;

	if (utrace_session_process_count(world->session, &error) != UTRACE_WRONG_THREAD || !strstr(error.text, "child"))
		return 1;
	if (utrace_session_next(world->session, &world->event, 0, &error) != UTRACE_WRONG_THREAD)
		return 2;
	if (utrace_process_kill(world->victim.process, &error) != UTRACE_WRONG_THREAD)
		return 3;
	if (utrace_attach(world->session, world->second.pid, &quiet, &process, &error) != UTRACE_WRONG_THREAD)
		return 4;
	utrace_session_wake(world->session);
	utrace_session_close(world->session);
#ifdef __SANITIZE_THREAD__
	return 0; /* ThreadSanitizer ends a child of a program with threads that makes another */
#endif
	own = talk_open_in_child();
	if (spawn_and_run(own, argv, &error) < 0)
		return 5;
	utrace_session_close(own);
	return 0;
}

/* Row 1: a session belongs to the process that opened it; a child that the host forks can have its own. */
static void test_child_of_the_host(void **state)
{
	struct talk_world *world = *state;
	int status = -1;
	pid_t child;

	talk_start_ready(&world->second, (const char *const[]){TALK_PROGRAM("att_blocked"), "read", NULL});
	talk_spawn(world, NULL, (const char *const[]){TALK_PROGRAM("call_many"), "20", NULL});
	talk_until(world, UTRACE_EVENT_SYSCALL_ENTRY);
	child = fork();
	if (!child)
		_exit(look_around_in_child(world));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	/* Nothing has happened to the parent's. */
	talk_resume(world, NULL);
	talk_finish_well(world);
	talk_expect(&world->victim, NULL, "ok 20");
	talk_tell(&world->second, "g");
	talk_expect(&world->second, NULL, "ok read");
	talk_reap(&world->second);
}

static void *trace_one(void *threading)
{
	const char *const argv[] = {TALK_PROGRAM("call_many"), "100", NULL};
	struct utrace_session_options options = {.size = sizeof(options), .threading = (uint32_t)(uintptr_t)threading};
	struct utrace_error error = {0};
	utrace_session *session = NULL;
	long calls = -1;

	if (!utrace_session_open(&options, &session, &error))
		calls = spawn_and_run(session, argv, &error);
	utrace_session_close(session);
	return (void *)calls;
}

/* Sessions on several threads at once, of both kinds: none sees or takes what is another's. */
static void test_sessions_on_many_threads(void **state)
{
	enum { COUNT = 6 };
	pthread_t threads[COUNT];
	void *calls;

	(void)state;
	for (long i = 0; i < COUNT; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, trace_one,
				       (void *)(i % 2 ? (long)UTRACE_THREADS_ANY : (long)UTRACE_THREADS_BOUND)),
			0);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(pthread_join(threads[i], &calls), 0);
		assert_int_equal((long)calls, 300 + 3);
	}
}

static void *run_session(void *session)
{
	return (void *)(intptr_t)run_to_end(session);
}

static void *close_session(void *session)
{
	utrace_session_close(session);
	return NULL;
}

/* Row 15: opened by one thread, used by a second, closed by a third. */
static void test_session_given_away(void **state)
{
	const char *const argv[] = {TALK_PROGRAM("call_many"), "50", NULL};
	struct utrace_spawn_options options = {.size = sizeof(options), .argv = argv};
	struct talk_world *world = *state;
	utrace_session *session = NULL;
	utrace_process *process = NULL;
	pthread_t thread;
	void *calls;

	talk_ok(world, utrace_session_open(NULL, &session, &world->error));
	talk_ok(world, utrace_spawn(session, &options, &process, &world->error));
	assert_int_equal(pthread_create(&thread, NULL, run_session, session), 0);
	assert_int_equal(pthread_join(thread, &calls), 0);
	assert_int_equal((long)calls, 150 + 3);
	assert_int_equal(pthread_create(&thread, NULL, close_session, session), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_true(utrace_process_is_gone(process));
	utrace_process_unref(process);
}

static int lowest_free(void)
{
	int fd = dup(1);

	close(fd);
	return fd;
}

/* Attach and injected calls look into /proc: without a descriptor they say so, and the process is none the worse. */
static void try_with_descriptors(struct talk_world *world, int left)
{
	const uint64_t arguments[6] = {0};
	const struct utrace_attach_options hold = {.size = sizeof(hold), .hold = 1};
	struct rlimit before, limit;
	utrace_process *process = NULL;
	int64_t result;
	int status;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)(lowest_free() + left);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	status = utrace_attach(world->session, world->victim.pid, &hold, &process, &world->error);
	if (!status) {
		talk_until(world, UTRACE_EVENT_ATTACHED);
		if (utrace_syscall_inject(world->event.thread, SYS_getpid, arguments, &result, &world->error))
			assert_int_equal(world->error.status, UTRACE_NO_DESCRIPTOR);
		talk_ok(world, utrace_detach(process, UTRACE_DETACH_RUNNING, &world->error));
	} else {
		talk_fails(world, UTRACE_NO_DESCRIPTOR, status);
	}
	(void)talk_finish(world);
	utrace_process_unref(process);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(left || status);
}

static void test_attach_out_of_descriptors(void **state)
{
	struct talk_world *world = *state;

	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("stop_mixed"), "6", NULL});
	for (int left = 0; left < 5; left++)
		try_with_descriptors(world, left);
	talk_tell(&world->victim, "g");
	talk_expect(&world->victim, NULL, "ok 6");
	talk_reap(&world->victim);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_child_of_the_host),
		TEST(test_sessions_on_many_threads),
		TEST(test_session_given_away),
		TEST(test_attach_out_of_descriptors),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
