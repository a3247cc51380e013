/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * support_talk.c - victims that speak.
 */
#include "support_talk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static struct utrace_session_options session_options(void)
{
	const char *threading = getenv("UTRACE_TEST_THREADING");
	struct utrace_session_options options = {.size = sizeof(options), .threading = UTRACE_THREADS_BOUND};

	if (threading && !strcmp(threading, "any"))
		options.threading = UTRACE_THREADS_ANY;
	return options;
}

utrace_session *talk_open(void)
{
	struct utrace_session_options options = session_options();
	utrace_session *session = NULL;
	struct utrace_error error;

	talk_check(utrace_session_open(&options, &session, &error), &error, "utrace_session_open", __FILE__, __LINE__);
	return session;
}

utrace_session *talk_open_in_child(void)
{
	struct utrace_session_options options = session_options();
	utrace_session *session = NULL;
	struct utrace_error error;

	alarm(TALK_WATCH);
	if (utrace_session_open(&options, &session, &error)) {
		print_error("utrace_session_open in a child gave %s: %s\n", utrace_status_name(error.status),
			    error.text);
		_exit(66);
	}
	return session;
}

int talk_setup(void **state)
{
	struct talk_world *world = calloc(1, sizeof(*world));

	talk_watch();
	alarm(talk_is_full() ? 1800 : TALK_WATCH);
	world->event = UTRACE_EVENT_INIT;
	world->victim.in = world->victim.out = world->second.in = world->second.out = -1;
	world->descriptors = count_descriptors();
	world->session = talk_open();
	*state = world;
	return 0;
}

static void end_victim(struct talk *talk)
{
	if (talk->started && talk->pid > 0) {
		kill(talk->pid, SIGKILL);
		waitpid(talk->pid, NULL, 0);
	}
	talk_forget(talk);
}

int talk_teardown(void **state)
{
	struct talk_world *world = *state;
	int before = world->descriptors, after;

	utrace_event_clear(&world->event);
	utrace_session_close(world->session);
	end_victim(&world->victim);
	end_victim(&world->second);
	after = count_descriptors();
	free(world);
	alarm(0);
	if (after != before)
		print_error("%d descriptors before the test, %d after it\n", before, after);
	/* Whatever is left over is a child that should have been reaped. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		before = -1;
	return after == before ? 0 : -1;
}

static void make_pipes(int pipes[2][2])
{
	assert_int_equal(pipe2(pipes[0], O_CLOEXEC), 0);
	assert_int_equal(pipe2(pipes[1], O_CLOEXEC), 0);
}

static void keep_pipes(struct talk *talk, int pipes[2][2])
{
	close(pipes[0][0]);
	close(pipes[1][1]);
	talk->in = pipes[0][1];
	talk->out = pipes[1][0];
	talk->filled = 0;
}

void talk_start(struct talk *talk, const char *const argv[])
{
	int pipes[2][2];

	make_pipes(pipes);
	talk->pid = fork();
	if (!talk->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(pipes[0][0], 0);
		dup2(pipes[1][1], 1);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	assert_true(talk->pid > 0);
	talk->started = true;
	keep_pipes(talk, pipes);
}

void talk_start_ready(struct talk *talk, const char *const argv[])
{
	talk_start(talk, argv);
	talk_expect(talk, NULL, "ready");
}

void talk_spawn(struct talk_world *world, const struct utrace_spawn_options *options, const char *const argv[])
{
	struct utrace_spawn_options own = {.size = sizeof(own)};
	struct utrace_spawn_fd fds[2];
	int pipes[2][2];

	if (options)
		own = *options;
	make_pipes(pipes);
	fds[0] = (struct utrace_spawn_fd){.from = pipes[0][0], .to = 0};
	fds[1] = (struct utrace_spawn_fd){.from = pipes[1][1], .to = 1};
	own.argv = argv;
	own.fds = fds;
	own.fd_count = 2;
	talk_ok(world, utrace_spawn(world->session, &own, &world->victim.process, &world->error));
	world->victim.pid = utrace_process_pid(world->victim.process);
	keep_pipes(&world->victim, pipes);
}

void talk_attach(struct talk_world *world, const struct utrace_attach_options *options)
{
	talk_ok(world,
		utrace_attach(world->session, world->victim.pid, options, &world->victim.process, &world->error));
}

void talk_tell(struct talk *talk, const char *bytes)
{
	/* Some victims need no telling and may have ended by themselves; how they ended is looked at elsewhere. */
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	ssize_t done = write(talk->in, bytes, strlen(bytes));

	(void)signal(SIGPIPE, before);
	assert_true(done == (ssize_t)strlen(bytes) || errno == EPIPE);
}

static bool take_line(struct talk *talk)
{
	char *end = memchr(talk->buffer, '\n', talk->filled);
	size_t length;

	if (!end)
		return false;
	length = (size_t)(end - talk->buffer);
	assert_true(length < sizeof(talk->line));
	memcpy(talk->line, talk->buffer, length);
	talk->line[length] = 0;
	talk->filled -= length + 1;
	memmove(talk->buffer, end + 1, talk->filled);
	return true;
}

/* Events that come meanwhile must not keep the victim from speaking. */
static void pass_events(struct talk *talk, utrace_session *session)
{
	struct utrace_event event = UTRACE_EVENT_INIT;

	while (utrace_session_next(session, &event, 1, NULL) == 1) {
		if (event.flags & UTRACE_EVENT_HELD)
			utrace_thread_resume(event.thread, NULL, NULL);
		if (event.reason == UTRACE_EVENT_CREATE && event.u.create.thread && (event.flags & UTRACE_EVENT_HELD))
			utrace_thread_resume(event.u.create.thread, NULL, NULL);
		if (event.reason == UTRACE_EVENT_PROCESS_END && event.pid == talk->pid) {
			talk->ended = true;
			talk->end_status = event.u.exit.wait_status;
		}
	}
	utrace_event_clear(&event);
}

const char *talk_line(struct talk *talk, utrace_session *session)
{
	struct pollfd out = {.fd = talk->out, .events = POLLIN};

	while (!take_line(talk)) {
		ssize_t got;

		if (session)
			pass_events(talk, session);
		if (poll(&out, 1, session ? 0 : -1) != 1)
			continue;
		got = read(talk->out, talk->buffer + talk->filled, sizeof(talk->buffer) - talk->filled);
		if (got <= 0)
			return "(end of file)";
		talk->filled += (size_t)got;
	}
	return talk->line;
}

void talk_expect(struct talk *talk, utrace_session *session, const char *line)
{
	assert_string_equal(talk_line(talk, session), line);
}

int talk_reap_status(struct talk *talk)
{
	int status = -1;

	assert_int_equal(waitpid(talk->pid, &status, 0), talk->pid);
	talk->pid = 0;
	return status;
}

void talk_reap(struct talk *talk)
{
	assert_int_equal(talk_reap_status(talk), 0);
}

void talk_finish_well(struct talk_world *world)
{
	assert_int_equal(talk_finish(world), 0);
	if (world->victim.started)
		waitpid(world->victim.pid, NULL, 0);
	world->victim.pid = 0;
}

void talk_forget(struct talk *talk)
{
	if (talk->in >= 0)
		close(talk->in);
	if (talk->out >= 0)
		close(talk->out);
	utrace_process_unref(talk->process);
	*talk = (struct talk){.in = -1, .out = -1};
}

/* Whoever is held can be killed by others at any moment, and is then dead or on its way. */
static void resume_thread(struct talk_world *world, utrace_thread *thread, const struct utrace_resume_options *options)
{
	int status = utrace_thread_resume(thread, options, &world->error);

	if (status != UTRACE_DEAD && status != UTRACE_NOT_STOPPED)
		talk_ok(world, status);
}

void talk_resume(struct talk_world *world, const struct utrace_resume_options *options)
{
	struct utrace_event *event = &world->event;

	if (!(event->flags & UTRACE_EVENT_HELD))
		return;
	if (event->thread)
		resume_thread(world, event->thread, options);
	if (event->reason == UTRACE_EVENT_CREATE && event->u.create.thread)
		resume_thread(world, event->u.create.thread, NULL);
}

struct utrace_event *talk_next(struct talk_world *world)
{
	int got = utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error);

	talk_ok(world, got);
	if (!got)
		fail_msg("no event is left");
	return &world->event;
}

struct utrace_event *talk_until(struct talk_world *world, uint32_t reason)
{
	while (talk_next(world)->reason != reason) {
		if (world->event.reason == UTRACE_EVENT_PROCESS_END && world->event.pid == world->victim.pid)
			fail_msg("the process ended (status %x) before %s", world->event.u.exit.wait_status,
				 utrace_reason_name(reason));
		talk_resume(world, NULL);
	}
	return &world->event;
}

struct utrace_event *talk_until_call(struct talk_world *world, uint32_t reason, long number, int64_t first)
{
	for (;;) {
		struct utrace_event *event = talk_until(world, reason);

		if (event->u.syscall.number == number && (first == -1 || event->u.syscall.args[0] == (uint64_t)first))
			return event;
		talk_resume(world, NULL);
	}
}

int talk_finish(struct talk_world *world)
{
	int status = world->victim.ended ? world->victim.end_status : -1, got;

	while ((got = utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error)) == 1) {
		talk_resume(world, NULL);
		if (world->event.reason == UTRACE_EVENT_PROCESS_END)
			status = world->event.u.exit.wait_status;
	}
	talk_ok(world, got);
	assert_int_equal(utrace_session_process_count(world->session, NULL), 0);
	return status;
}

static void read_proc(pid_t tid, const char *name, char *text, size_t size)
{
	char path[64];
	int file;
	ssize_t got = -1;

	snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file >= 0) {
		got = read(file, text, size - 1);
		close(file);
	}
	text[got > 0 ? got : 0] = 0;
}

bool talk_is_blocked(pid_t tid, long number)
{
	char text[256], expected[32], restarted[32];

	snprintf(restarted, sizeof(restarted), "%d ", SYS_restart_syscall);
	snprintf(expected, sizeof(expected), "%ld ", number);
	read_proc(tid, "syscall", text, sizeof(text));
	return !strncmp(text, expected, strlen(expected)) || !strncmp(text, restarted, strlen(restarted));
}

void talk_wait_blocked(pid_t tid, long number)
{
	while (!talk_is_blocked(tid, number))
		sched_yield();
}

void talk_serve_blocked(struct talk_world *world, long number)
{
	while (!talk_is_blocked(world->victim.pid, number)) {
		if (utrace_session_next(world->session, &world->event, 1, &world->error) == 1)
			talk_resume(world, NULL);
	}
}

void talk_wait_state(pid_t tid, const char *letters)
{
	char text[512];

	for (;;) {
		char *end;

		read_proc(tid, "stat", text, sizeof(text));
		end = strrchr(text, ')');
		if (end && end[2] && strchr(letters, end[2]))
			return;
		sched_yield();
	}
}

int talk_check(int status, const struct utrace_error *error, const char *what, const char *file, int line)
{
	if (status < 0) {
		print_error("%s gave %s: %s\n", what, utrace_status_name(status), error->text);
		_fail(file, line);
	}
	return status;
}

void talk_check_fails(int expected, int status, const struct utrace_error *error, const char *what, const char *file,
		      int line)
{
	if (status == expected && error->status == expected && error->text[0])
		return;
	print_error("%s gave %s (in the error: %s), expected was %s: %s\n", what, utrace_status_name(status),
		    utrace_status_name(error->status), utrace_status_name(expected), error->text);
	_fail(file, line);
}

bool talk_is_full(void)
{
	return getenv("UTRACE_TEST_FULL") != NULL;
}

void talk_choose_tests(void)
{
	const char *filter = getenv("UTRACE_TEST_FILTER");
	const char *left_out = getenv("UTRACE_TEST_LEAVE_OUT");

	if (filter)
		cmocka_set_test_filter(filter);
	if (left_out)
		cmocka_set_skip_filter(left_out);
}
