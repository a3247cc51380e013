/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_tracer.c - the tracer's own troubles: killed, stopped, out of descriptors, under a storm of signals, forking;
 * and its memory. (process-control rows 1, 17, 18)
 */
#include "support_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIT   UTRACE_EVENT_BIT
#define CALLS (BIT(UTRACE_EVENT_SYSCALL_ENTRY) | BIT(UTRACE_EVENT_SYSCALL_EXIT))

static void without_session(struct talk_world *world)
{
	utrace_session_close(world->session);
	world->session = NULL;
}

/* In a forked tracer: takes events until it is killed. */
static void serve_for_ever(utrace_session *session)
{
	struct utrace_event event = UTRACE_EVENT_INIT;

	for (;;) {
		if (utrace_session_next(session, &event, 1000, NULL) == 1 && (event.flags & UTRACE_EVENT_HELD))
			utrace_thread_resume(event.thread, NULL, NULL);
	}
}

static pid_t start_attaching_tracer(pid_t victim, uint64_t events, uint32_t policy, int ready)
{
	struct utrace_attach_options options = {
		.size = sizeof(options), .end_policy = policy, .events = {.stop = events}};
	utrace_session *session;
	utrace_process *process;
	pid_t tracer = fork();

	if (tracer)
		return tracer;
	session = talk_open_in_child();
	if (utrace_attach(session, victim, &options, &process, NULL) || write(ready, "r", 1) != 1)
		_exit(1);
	serve_for_ever(session);
	_exit(0);
}

static void kill_attached_tracer(struct talk_world *world, uint64_t events, uint32_t policy)
{
	int ready[2];
	pid_t tracer;
	char byte;

	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("sig_report"), NULL});
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	tracer = start_attaching_tracer(world->victim.pid, events, policy, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	/* It works while it is traced. */
	talk_tell(&world->victim, "kpr");
	talk_expect(&world->victim, NULL, "took 10/0/0/0/me");
	assert_int_equal(kill(tracer, SIGKILL), 0);
	assert_int_equal(waitpid(tracer, NULL, 0), tracer);
}

/* Row 18: attached processes go on. */
static void test_killed_tracer_lets_attached_run(void **state)
{
	static const uint64_t events[] = {UTRACE_EVENTS_NONE, CALLS | BIT(UTRACE_EVENT_SIGNAL)};
	struct talk_world *world = *state;

	without_session(world);
	for (int i = 0; i < 2; i++) {
		kill_attached_tracer(world, events[i], UTRACE_END_DEFAULT);
		talk_tell(&world->victim, "qpre");
		talk_expect(&world->victim, NULL, "took 34/-1/42/0/me");
		talk_expect(&world->victim, NULL, "ok end");
		talk_reap(&world->victim);
		talk_forget(&world->victim);
	}
}

static void test_killed_tracer_kills_by_policy(void **state)
{
	struct talk_world *world = *state;
	int status;

	without_session(world);
	kill_attached_tracer(world, UTRACE_EVENTS_NONE, UTRACE_END_KILL);
	status = talk_reap_status(&world->victim);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* In a forked tracer; the victim's output is the pipe that the test reads. */
static void spawn_and_serve(int in, int out, uint32_t policy)
{
	const char *const argv[] = {TALK_PROGRAM("stop_mixed"), "8", NULL};
	struct utrace_spawn_fd fds[] = {{.from = in, .to = 0}, {.from = out, .to = 1}};
	struct utrace_spawn_options options = {.size = sizeof(options),
					       .argv = argv,
					       .fds = fds,
					       .fd_count = 2,
					       .end_policy = policy,
					       .events = {.stop = CALLS | BIT(UTRACE_EVENT_CREATE)}};
	struct utrace_event event = UTRACE_EVENT_INIT;
	utrace_session *session = talk_open_in_child();
	utrace_process *process;

	if (utrace_spawn(session, &options, &process, NULL))
		_exit(1);
	close(in);
	close(out);
	for (;;) {
		if (utrace_session_next(session, &event, 1000, NULL) != 1)
			continue;
		if (event.flags & UTRACE_EVENT_HELD)
			utrace_thread_resume(event.thread, NULL, NULL);
		if (event.reason == UTRACE_EVENT_CREATE && event.u.create.thread)
			utrace_thread_resume(event.u.create.thread, NULL, NULL);
	}
}

static void kill_spawning_tracer(struct talk_world *world, uint32_t policy)
{
	int in[2], out[2];
	pid_t tracer;

	without_session(world);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	tracer = fork();
	if (!tracer) {
		close(in[1]);
		close(out[0]);
		spawn_and_serve(in[0], out[1], policy);
	}
	close(in[0]);
	close(out[1]);
	world->victim.in = in[1];
	world->victim.out = out[0];
	talk_expect(&world->victim, NULL, "ready");
	assert_int_equal(kill(tracer, SIGKILL), 0);
	assert_int_equal(waitpid(tracer, NULL, 0), tracer);
}

/* Row 18: spawned ones end with their tracer: the pipe's other side closes without an "ok". */
static void test_killed_tracer_takes_spawned_along(void **state)
{
	struct talk_world *world = *state;

	kill_spawning_tracer(world, UTRACE_END_DEFAULT);
	talk_expect(&world->victim, NULL, "(end of file)");
}

static void test_killed_tracer_lets_spawned_run_by_policy(void **state)
{
	struct talk_world *world = *state;

	kill_spawning_tracer(world, UTRACE_END_LET_RUN);
	talk_tell(&world->victim, "g");
	talk_expect(&world->victim, NULL, "ok 8");
	talk_expect(&world->victim, NULL, "(end of file)");
}

static void spawn(struct talk_world *world, uint64_t stop, const char *name, const char *one)
{
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = stop}};
	char path[256];
	const char *const argv[] = {path, one, NULL};

	snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, name);
	talk_spawn(world, &options, argv);
}

/* Entries of getppid that are told until everything has ended. */
static int count_calls(struct talk_world *world)
{
	int count = 0, got;

	while ((got = utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error)) != 0) {
		if (got == UTRACE_INTERRUPTED)
			continue;
		talk_ok(world, got);
		count += world->event.reason == UTRACE_EVENT_SYSCALL_ENTRY &&
			 world->event.u.syscall.number == SYS_getppid;
		talk_resume(world, NULL);
	}
	assert_int_equal(utrace_session_process_count(world->session, NULL), 0);
	return count;
}

/* Row 1: the host's own children are the host's to wait for, whatever the session does meanwhile. */
static void test_host_forks_and_execs(void **state)
{
	enum { CHILDREN = 50 };
	struct talk_world *world = *state;
	pid_t children[CHILDREN];

	spawn(world, CALLS, "call_many", "100");
	for (int i = 0; i < CHILDREN; i++) {
		talk_next(world);
		talk_resume(world, NULL);
		children[i] = fork();
		if (!children[i]) {
			/* Half of them become another program, with the session's descriptors gone. */
			if (i % 2)
				execl("/bin/sh", "sh", "-c", "exit 9", NULL);
			_exit(9);
		}
	}
	assert_true(count_calls(world) >= 3 * 100);
	talk_expect(&world->victim, NULL, "ok 100");
	for (int i = 0; i < CHILDREN; i++) {
		int status = 0;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 9);
	}
}

/* A program that the host starts must not inherit what the session has open. */
static void test_descriptors_are_close_on_exec(void **state)
{
	struct talk_world *world = *state;
	int inherited = 0;

	spawn(world, UTRACE_EVENTS_NONE, "att_blocked", "read");
	talk_expect(&world->victim, world->session, "ready");
	(void)utrace_memory_read(world->victim.process, 0x1000, &inherited, 1, NULL);
	for (int i = 3; i < 256; i++) {
		int flags = fcntl(i, F_GETFD);
		char path[64], target[256];
		ssize_t length;

		if (flags < 0 || (flags & FD_CLOEXEC))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", i);
		length = readlink(path, target, sizeof(target) - 1);
		target[length > 0 ? length : 0] = 0;
		/* What was there before the session is the environment's. */
		if (strstr(target, "/proc/") || strstr(target, "anon_inode"))
			inherited++;
	}
	assert_int_equal(inherited, 0);
	talk_tell(&world->victim, "g");
	assert_int_equal(talk_finish(world), 0);
}

/* Tries everything that needs descriptors with only so many left. -1 if something failed in another way than it may. */
static int try_with_descriptors(int left)
{
	const char *const argv[] = {TALK_PROGRAM("call_many"), "1", NULL};
	struct utrace_spawn_options options = {.size = sizeof(options), .argv = argv};
	struct utrace_event event = UTRACE_EVENT_INIT;
	struct utrace_error error = {0};
	utrace_session *session = NULL;
	utrace_process *process = NULL;
	struct rlimit limit = {0, 4096};
	int lowest = dup(1);
	int status;

	close(lowest);
	limit.rlim_cur = (rlim_t)(lowest + left);
	if (setrlimit(RLIMIT_NOFILE, &limit))
		return -1;
	status = utrace_session_open(NULL, &session, &error);
	if (!status)
		status = utrace_spawn(session, &options, &process, &error);
	if (!status) {
		bool ended = false;
		char byte;

		(void)utrace_memory_read(process, 0x400000, &byte, 1, NULL);
		while (utrace_session_next(session, &event, TALK_PATIENCE, NULL) == 1) {
			if (event.flags & UTRACE_EVENT_HELD)
				utrace_thread_resume(event.thread, NULL, NULL);
			if (event.reason == UTRACE_EVENT_CREATE && event.u.create.thread)
				utrace_thread_resume(event.u.create.thread, NULL, NULL);
			ended |= event.reason == UTRACE_EVENT_PROCESS_END;
		}
		if (!ended)
			status = UTRACE_TIMED_OUT;
	}
	utrace_event_clear(&event);
	utrace_process_unref(process);
	utrace_session_close(session);
	if (status && status != UTRACE_NO_DESCRIPTOR)
		print_error("with %d descriptors left: %s: %s\n", left, utrace_status_name(status), error.text);
	/* With some left over, it works; with none, it can't. */
	return !status || status == UTRACE_NO_DESCRIPTOR ? 0 : -1;
}

static void test_out_of_descriptors(void **state)
{
	struct talk_world *world = *state;

	without_session(world);
	for (int left = 0; left < 12; left++) {
		pid_t child = fork();
		int status = -1;

		if (!child) {
			int null = open("/dev/null", O_WRONLY);

			alarm(TALK_WATCH);
			dup2(null, 1);
			close(null);
			_exit(try_with_descriptors(left) ? 1 : 0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

static atomic_int storm_over;
static atomic_int storm_taken;
static pthread_t stormed;

static void take_storm(int signal)
{
	(void)signal;
	atomic_fetch_add(&storm_taken, 1);
}

static void *make_storm(void *unused)
{
	while (!atomic_load(&storm_over)) {
		pthread_kill(stormed, SIGUSR1);
		sched_yield();
	}
	return unused;
}

/* Signals with a handler all the time: UTRACE_INTERRUPTED at most, and no event lost or doubled. */
static void test_signal_storm(void **state)
{
	struct sigaction action = {.sa_handler = take_storm}, old;
	struct talk_world *world = *state;
	pthread_t storm;
	int count;

	sigaction(SIGUSR1, &action, &old);
	atomic_store(&storm_over, 0);
	stormed = pthread_self();
	assert_int_equal(pthread_create(&storm, NULL, make_storm, NULL), 0);
	spawn(world, CALLS, "call_many", "300");
	count = count_calls(world);
	atomic_store(&storm_over, 1);
	pthread_join(storm, NULL);
	sigaction(SIGUSR1, &old, NULL);
	/* So many in each of three, and the expected value once in each of two. */
	assert_int_equal(count, 900 + 2);
	assert_true(atomic_load(&storm_taken) > 0);
	talk_expect(&world->victim, NULL, "ok 300");
}

/* A helper stops and continues the tracer all the time. */
static void test_stopped_and_continued(void **state)
{
	struct talk_world *world = *state;
	pid_t tracer = getpid(), helper;
	struct timespec moment = {.tv_nsec = 200000};
	int count;

	without_session(world);
	helper = fork();
	if (!helper) {
		alarm(TALK_WATCH);
		for (int i = 0; i < 100; i++) {
			kill(tracer, SIGSTOP);
			nanosleep(&moment, NULL);
			kill(tracer, SIGCONT);
			nanosleep(&moment, NULL);
		}
		_exit(0);
	}
	world->session = talk_open();
	spawn(world, CALLS, "call_many", "500");
	count = count_calls(world);
	assert_int_equal(waitpid(helper, NULL, 0), helper);
	assert_int_equal(count, 1500 + 2);
	talk_expect(&world->victim, NULL, "ok 500");
}

/* Kilobytes; 0 where a sanitizer keeps freed memory, so that the comparisons hold. */
static long resident(void)
{
#ifdef __SANITIZE_ADDRESS__
	return 0;
#endif
	long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "re");

	assert_non_null(statm);
	assert_int_equal(fscanf(statm, "%*d %ld", &pages), 1);
	fclose(statm);
	return pages * 4;
}

static int run_calls(struct talk_world *world, const char *count)
{
	int calls;

	spawn(world, CALLS, "call_many", count);
	calls = count_calls(world);
	talk_forget(&world->victim);
	return calls;
}

static void test_memory_is_flat_over_calls(void **state)
{
	struct talk_world *world = *state;
	const char *count = talk_is_full() ? "170000" : "1500";
	long before;

	run_calls(world, "300");
	before = resident();
	/* Entry and exit of two calls in each of three tasks: a million calls if it is to be all. */
	assert_true(run_calls(world, count) >= 3 * atoi(count));
	assert_in_range(resident(), 0, before + 1024);
}

static void run_threads(struct talk_world *world, const char *count)
{
	spawn(world, BIT(UTRACE_EVENT_CREATE), "att_threads", count);
	talk_tell(&world->victim, "e");
	assert_int_equal(talk_finish(world), 0);
	talk_forget(&world->victim);
}

static void test_memory_is_flat_over_threads(void **state)
{
	struct talk_world *world = *state;
	long before;

	run_threads(world, "200");
	before = resident();
	run_threads(world, talk_is_full() ? "10000" : "1500");
	assert_in_range(resident(), 0, before + 1024);
}

/* Sessions opened and closed leave nothing: no memory, no descriptor, no child. */
static void test_sessions_leave_nothing(void **state)
{
	struct talk_world *world = *state;
	long before = 0;

	for (int i = 0; i < 300; i++) {
		without_session(world);
		world->session = talk_open();
		if (i == 50)
			before = resident();
		if (i % 10 == 0)
			run_calls(world, "1");
	}
	assert_in_range(resident(), 0, before + 2048);
	without_session(world);
	assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	assert_int_equal(errno, ECHILD);
}

/* utrace_session_open's UTRACE_WRONG_STATE: the kernel would not tell how tracees end. */
static void test_ignored_sigchld(void **state)
{
	struct talk_world *world = *state;
	utrace_session *session = NULL;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
	int status;

	without_session(world);
	sigaction(SIGCHLD, &ignore, &old);
	status = utrace_session_open(NULL, &session, &world->error);
	sigaction(SIGCHLD, &old, NULL);
	talk_fails(world, UTRACE_WRONG_STATE, status);
	assert_null(session);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_killed_tracer_lets_attached_run),
		TEST(test_killed_tracer_kills_by_policy),
		TEST(test_killed_tracer_takes_spawned_along),
		TEST(test_killed_tracer_lets_spawned_run_by_policy),
		TEST(test_host_forks_and_execs),
		TEST(test_descriptors_are_close_on_exec),
		TEST(test_out_of_descriptors),
		TEST(test_signal_storm),
		TEST(test_stopped_and_continued),
		TEST(test_memory_is_flat_over_calls),
		TEST(test_memory_is_flat_over_threads),
		TEST(test_sessions_leave_nothing),
		TEST(test_ignored_sigchld),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
