/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_cycle.c - what a cycle of stop, resume and wait costs a tracer in system calls: on utrace(2), one.
 *
 * The tracer under test is a child, and its system calls are counted by a session on ptrace; both are this library.
 */
#include "support_talk.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS = 200 };

/* Takes the events of the victim's calls, each of which holds it, between two calls that mark begin and end. */
static int take_all(utrace_session *session)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	int status = 0;

	(void)syscall(SYS_getpgid, 0);
	for (int i = 0; i < 2 * CALLS && !status; i++) {
		if (utrace_session_next(session, &event, -1, NULL) != 1 || !(event.flags & UTRACE_EVENT_HELD) ||
		    event.u.syscall.number != SYS_getppid)
			status = 4;
		else if (utrace_thread_resume(event.thread, NULL, NULL))
			status = 5;
	}
	(void)syscall(SYS_getpgid, 0);
	utrace_event_clear(&event);
	return status;
}

/* The child: traces a victim of its own. Its exit status tells what went wrong. */
static void trace(int go)
{
	struct utrace_session_options options = {.size = sizeof(options),
						 .threading = UTRACE_THREADS_BOUND,
						 .backend = UTRACE_BACKEND_KERNEL,
						 .defer = 1};
	struct utrace_attach_options attach = {.size = sizeof(attach)};
	struct talk victim = {.in = -1, .out = -1};
	utrace_filter *filter = utrace_filter_create();
	utrace_session *session;
	char byte;
	int status;

	alarm(TALK_WATCH);
	if (read(go, &byte, 1) != 1 || utrace_session_open(&options, &session, NULL) ||
	    utrace_filter_add_name(filter, "getppid", NULL))
		_exit(2);
	talk_start_ready(&victim, (const char *const[]){TALK_PROGRAM("rec_work"), "200", NULL});
	attach.events.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_ENTRY) | UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_EXIT);
	attach.filter = filter;
	if (utrace_attach(session, victim.pid, &attach, &victim.process, NULL))
		_exit(3);
	talk_tell(&victim, "c");
	status = take_all(session);
	utrace_process_unref(victim.process);
	utrace_session_close(session);
	utrace_filter_destroy(filter);
	talk_tell(&victim, "g");
	waitpid(victim.pid, NULL, 0);
	_exit(status);
}

static bool has_kernel(void)
{
	struct utrace_session_options options = {.size = sizeof(options), .backend = UTRACE_BACKEND_KERNEL};
	utrace_session *session = NULL;
	bool found = !utrace_session_open(&options, &session, NULL);

	utrace_session_close(session);
	return found;
}

/* Counts the child's system calls between its two marks. */
static int count_calls(struct talk_world *world)
{
	int marks = 0, count = 0;

	while (marks < 2) {
		struct utrace_event *event = talk_next(world);

		assert_int_equal(event->reason, UTRACE_EVENT_SYSCALL_ENTRY);
		if (event->u.syscall.number == SYS_getpgid)
			marks++;
		else if (marks)
			count++;
	}
	return count;
}

static void test_one_call_a_cycle(void **state)
{
	struct utrace_session_options on_ptrace = {.size = sizeof(on_ptrace),
						   .threading = UTRACE_THREADS_BOUND,
						   .backend = UTRACE_BACKEND_PTRACE,
						   .no_follow = 1};
	const struct utrace_attach_options options = {
		.size = sizeof(options), .events = {UTRACE_EVENTS_NONE, UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_ENTRY)}};
	struct talk_world *world = *state;
	int go[2];

	utrace_session_close(world->session);
	world->session = NULL;
	if (!has_kernel())
		skip();
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	world->victim.pid = fork();
	if (!world->victim.pid)
		trace(go[0]);
	world->victim.started = true;
	talk_ok(world, utrace_session_open(&on_ptrace, &world->session, &world->error));
	talk_attach(world, &options);
	assert_int_equal(write(go[1], "g", 1), 1);
	/* A resume goes with the wait for the next event, of which one may bring two. */
	assert_in_range(count_calls(world), CALLS, 2 * CALLS + 1);
	close(go[0]);
	close(go[1]);
	talk_finish_well(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_call_a_cycle, talk_setup, talk_teardown),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
