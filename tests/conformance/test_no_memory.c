/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_no_memory.c - the tracer runs out of memory, at each allocation that it makes: every call says so or works, no
 * event of an end is lost, and nothing is left behind.
 *
 * The allocator of this program is the C library's, but for the allocation that is to fail.
 */
#include "support_talk.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 0
#else
#define OWN_ALLOCATOR 1
#endif

/* How many allocations still succeed, and how many fail after these; below zero: none is counted. */
static atomic_long good = -1, bad;

#if OWN_ALLOCATOR
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);

static bool may_allocate(void)
{
	if (atomic_load(&good) < 0)
		return true;
	if (atomic_fetch_sub(&good, 1) > 0)
		return true;
	atomic_fetch_add(&good, 1);
	if (atomic_fetch_sub(&bad, 1) > 0) {
		errno = ENOMEM;
		return false;
	}
	atomic_store(&good, -1);
	return true;
}

void *malloc(size_t size)
{
	return may_allocate() ? __libc_malloc(size) : NULL;
}

void *calloc(size_t count, size_t size)
{
	return may_allocate() ? __libc_calloc(count, size) : NULL;
}

void *realloc(void *pointer, size_t size)
{
	return may_allocate() ? __libc_realloc(pointer, size) : NULL;
}
#endif

static void fail_after(long count, long failures)
{
	atomic_store(&bad, failures);
	atomic_store(&good, count);
}

/* Whether the shortage has been met; ends it. */
static bool end_shortage(long failures)
{
	bool met = atomic_load(&bad) < failures;

	atomic_store(&good, -1);
	return met;
}

/* A thread that can't be made is a shortage too. */
static void check_status(int status, const struct utrace_error *error)
{
	bool no_thread = status == UTRACE_SYSTEM && (error->sys_errno == EAGAIN || error->sys_errno == ENOMEM);

	if (status < 0 && status != UTRACE_NO_MEMORY && !no_thread)
		fail_msg("%s: %s", utrace_status_name(status), error->text);
}

/* Runs to the end; what could not be told for want of memory is said, and the rest goes on. */
static int run_to_end(utrace_session *session)
{
	struct utrace_event event = UTRACE_EVENT_INIT;
	struct utrace_error error = {0};
	int got, ends = 0;

	while ((got = utrace_session_next(session, &event, TALK_PATIENCE, &error))) {
		check_status(got, &error);
		if (got != 1)
			continue;
		ends += event.reason == UTRACE_EVENT_PROCESS_END;
		if (event.flags & UTRACE_EVENT_HELD)
			(void)utrace_thread_resume(event.thread, NULL, NULL);
		if (event.reason == UTRACE_EVENT_CREATE && (event.flags & UTRACE_EVENT_HELD) && event.u.create.thread)
			(void)utrace_thread_resume(event.u.create.thread, NULL, NULL);
	}
	utrace_event_clear(&event);
	return ends;
}

static void run_session(const char *const argv[])
{
	const char *threading = getenv("UTRACE_TEST_THREADING");
	struct utrace_session_options how = {
		.size = sizeof(how),
		.threading = threading && !strcmp(threading, "any") ? UTRACE_THREADS_ANY : UTRACE_THREADS_BOUND};
	struct utrace_spawn_options options = {
		.size = sizeof(options),
		.argv = argv,
		.events = {.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE) | UTRACE_EVENT_BIT(UTRACE_EVENT_EXITING),
			   .record = UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL)}};
	struct utrace_error error = {0};
	utrace_session *session = NULL;
	utrace_process *process = NULL;
	int status = utrace_session_open(&how, &session, &error);

	check_status(status, &error);
	if (status)
		return;
	status = utrace_spawn(session, &options, &process, &error);
	check_status(status, &error);
	if (!status)
		assert_true(run_to_end(session) >= 1);
	utrace_process_unref(process);
	utrace_session_close(session);
}

/* Each allocation fails alone, or in two runs of failures, which overlap by half. */
static void try_each(const char *const argv[], long failures)
{
	long count = 0;

	if (!OWN_ALLOCATOR)
		skip();
	do {
		fail_after(count, failures);
		count += (failures + 1) / 2;
		run_session(argv);
		/* Children of the program that were let go for want of memory end by themselves. */
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	} while (end_shortage(failures) && count < 2000);
	assert_true(count > 5 && count < 2000);
}

static void test_one_failure(void **state)
{
	struct talk_world *world = *state;

	utrace_session_close(world->session);
	world->session = NULL;
	try_each((const char *const[]){TALK_PROGRAM("child_ways"), "grandchild", NULL}, 1);
}

static void test_failures_in_a_row(void **state)
{
	struct talk_world *world = *state;

	utrace_session_close(world->session);
	world->session = NULL;
	try_each((const char *const[]){TALK_PROGRAM("att_threads"), "16", NULL}, 7);
}

/* The victim lives on, whatever of the attach could not be had. */
static void test_attach(void **state)
{
	const struct utrace_attach_options options = {.size = sizeof(options), .hold = 1};
	struct talk_world *world = *state;
	long count = 0;

	if (!OWN_ALLOCATOR)
		skip();
	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("stop_mixed"), "4", NULL});
	do {
		utrace_process *process = NULL;
		int status;

		fail_after(count++, 1);
		status = utrace_attach(world->session, world->victim.pid, &options, &process, &world->error);
		check_status(status, &world->error);
		if (!status)
			talk_ok(world, utrace_detach(process, UTRACE_DETACH_RUNNING, &world->error));
		(void)run_to_end(world->session);
		utrace_process_unref(process);
	} while (end_shortage(1) && count < 200);
	assert_true(count > 5 && count < 200);
	talk_tell(&world->victim, "g");
	talk_expect(&world->victim, NULL, "ok 4");
	talk_reap(&world->victim);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_failure),
		TEST(test_failures_in_a_row),
		TEST(test_attach),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
