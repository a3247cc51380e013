/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_one_cpu.c - enum utrace_one_cpu: what the tracee can see of it (nothing), that it is undone, and that nobody waits for long
 * because of it.
 */
#include "support_talk.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define BIT   UTRACE_EVENT_BIT
#define CALLS (BIT(UTRACE_EVENT_SYSCALL_ENTRY) | BIT(UTRACE_EVENT_SYSCALL_EXIT))

/* What a thread's scheduling is: of the tracer, or of a tracee as others see it. */
struct schedule {
	int policy;
	int nice;
	cpu_set_t mask;
};

static struct schedule schedule_of(pid_t tid)
{
	struct schedule now = {.policy = sched_getscheduler(tid), .nice = getpriority(PRIO_PROCESS, (id_t)tid)};

	assert_int_equal(sched_getaffinity(tid, sizeof(now.mask), &now.mask), 0);
	return now;
}

static void assert_same(const struct schedule *is, const struct schedule *was)
{
	assert_int_equal(is->policy, was->policy);
	assert_int_equal(is->nice, was->nice);
	assert_true(CPU_EQUAL(&is->mask, &was->mask));
}

/* A bound session that may use one CPU; the test is skipped where it can't. */
static void reopen(struct talk_world *world)
{
	struct utrace_session_options options = {
		.size = sizeof(options), .threading = UTRACE_THREADS_BOUND, .one_cpu = UTRACE_ONE_CPU_AUTO};

	utrace_session_close(world->session);
	talk_ok(world, utrace_session_open(&options, &world->session, &world->error));
	if (!(utrace_session_capabilities(world->session) & UTRACE_CAN_ONE_CPU))
		skip();
}

static void spawn_calls(struct talk_world *world, const char *count)
{
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = CALLS}};

	talk_spawn(world, &options, (const char *const[]){TALK_PROGRAM("call_many"), count, NULL});
}

/* Serves the session until the calling thread has become SCHED_IDLE. */
static pid_t serve_until_idle(struct talk_world *world)
{
	do {
		talk_next(world);
		talk_resume(world, NULL);
	} while (sched_getscheduler(0) != SCHED_IDLE);
	return world->event.tid;
}

static void test_begins_and_is_undone(void **state)
{
	struct talk_world *world = *state;
	struct schedule before = schedule_of(0);
	struct schedule after;
	struct schedule during;
	struct schedule tracee;
	pid_t tid;

	reopen(world);
	after = schedule_of(0);
	assert_same(&after, &before);
	spawn_calls(world, "1000");
	tid = serve_until_idle(world);
	during = schedule_of(0);
	assert_int_equal(CPU_COUNT(&during.mask), 1);
	/* Nothing of the tracee has changed. */
	tracee = schedule_of(tid);
	assert_same(&tracee, &before);
	talk_finish_well(world);
	utrace_session_close(world->session);
	world->session = NULL;
	after = schedule_of(0);
	assert_same(&after, &before);
}

static void test_spawned_inherits_nothing(void **state)
{
	struct talk_world *world = *state;
	struct schedule before = schedule_of(0);
	struct schedule second;
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = UTRACE_EVENTS_NONE}};
	const char *const argv[] = {TALK_PROGRAM("stop_spin"), NULL};
	utrace_process *process;

	reopen(world);
	spawn_calls(world, "100000");
	(void)serve_until_idle(world);
	options.argv = argv;
	talk_ok(world, utrace_spawn(world->session, &options, &process, &world->error));
	second = schedule_of(utrace_process_pid(process));
	assert_same(&second, &before);
	talk_ok(world, utrace_process_kill(process, &world->error));
	utrace_process_unref(process);
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
}

/* When the tracee sleeps, the tracer thread is put back although it does nothing itself. */
static void test_put_back_when_idle(void **state)
{
	struct talk_world *world = *state;
	struct schedule before = schedule_of(0);
	struct schedule after;

	reopen(world);
	spawn_calls(world, "100000");
	(void)serve_until_idle(world);
	/* The tracee is held now, or in its next stop: no event is taken. */
	while (sched_getscheduler(0) == SCHED_IDLE)
		(void)usleep(1000);
	do
		after = schedule_of(0);
	while (CPU_COUNT(&after.mask) == 1);
	assert_same(&after, &before);
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
}

static double seconds(clockid_t clock)
{
	struct timespec now;

	assert_int_equal(clock_gettime(clock, &now), 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A session whose tracee sleeps uses no CPU: it neither looks actively nor wakes up. */
static void test_idle_costs_nothing(void **state)
{
	struct talk_world *world = *state;
	struct utrace_attach_options options = {.size = sizeof(options), .events = {.stop = UTRACE_EVENTS_NONE}};
	double used;

	reopen(world);
	spawn_calls(world, "2000");
	(void)serve_until_idle(world);
	talk_finish_well(world);
	talk_forget(&world->victim);
	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("sig_report"), NULL});
	talk_attach(world, &options);
	used = seconds(CLOCK_THREAD_CPUTIME_ID);
	assert_int_equal(utrace_session_next(world->session, &world->event, 1000, &world->error), 0);
	used = seconds(CLOCK_THREAD_CPUTIME_ID) - used;
	assert_true(used < 0.02);
}

static void test_unknown_value(void **state)
{
	struct talk_world *world = *state;
	struct utrace_session_options options = {.size = sizeof(options), .one_cpu = 99};
	utrace_session *session;

	talk_fails(world, UTRACE_INVALID, utrace_session_open(&options, &session, &world->error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_begins_and_is_undone, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_spawned_inherits_nothing, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_put_back_when_idle, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_idle_costs_nothing, talk_setup, talk_teardown),
		cmocka_unit_test_setup_teardown(test_unknown_value, talk_setup, talk_teardown),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
