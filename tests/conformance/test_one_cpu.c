/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_one_cpu.c - enum utrace_one_cpu: what the tracee can see of it (nothing), that it is undone, and that nobody waits for long
 * because of it.
 */
#include "support_talk.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

/* Takes CAP_SYS_NICE out of the thread's effective set, or gives back what was there; false if it never was. */
static bool set_privilege(bool on)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	const uint32_t bit = UINT32_C(1) << CAP_SYS_NICE;

	assert_int_equal(syscall(SYS_capget, &header, data), 0);
	data[0].effective = on ? data[0].effective | (data[0].permitted & bit) : data[0].effective & ~bit;
	assert_int_equal(syscall(SYS_capset, &header, data), 0);
	return data[0].permitted & bit;
}

/* A bound session that may use one CPU; the test is skipped where it can't. */
static void open_session(struct talk_world *world)
{
	struct utrace_session_options options = {
		.size = sizeof(options), .threading = UTRACE_THREADS_BOUND, .one_cpu = UTRACE_ONE_CPU_AUTO};

	utrace_session_close(world->session);
	talk_ok(world, utrace_session_open(&options, &world->session, &world->error));
	if (!(utrace_session_capabilities(world->session) & UTRACE_CAN_ONE_CPU))
		skip();
}

/* The tracer thread can come back from SCHED_IDLE. */
static void reopen(struct talk_world *world)
{
	if (!set_privilege(true))
		skip();
	open_session(world);
}

/* It can't, so tracees are pinned. */
static void reopen_unprivileged(struct talk_world *world)
{
	(void)set_privilege(false);
	open_session(world);
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
	spawn_calls(world, "5000");
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

/* However a stop was found, it is told once, and the end of a thread that is killed in it, too. */
static void test_held_stop_is_told_once(void **state)
{
	struct talk_world *world = *state;
	int status;

	reopen(world);
	spawn_calls(world, "100000");
	for (int round = 0; round < 200; round++) {
		(void)serve_until_idle(world);
		for (int i = 0; i < 3; i++) {
			talk_next(world);
			talk_resume(world, NULL);
		}
		talk_next(world);
		for (int i = 0; i < 2; i++) {
			struct utrace_event event = UTRACE_EVENT_INIT;

			assert_int_equal(utrace_session_next(world->session, &event, 0, &world->error), 0);
		}
		talk_resume(world, NULL);
	}
	talk_next(world);
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
	status = talk_finish(world);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
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
	(void)talk_finish(world);
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
	(void)talk_finish(world);
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
	spawn_calls(world, "5000");
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

static void spawn_masks(struct talk_world *world, uint32_t policy)
{
	struct utrace_spawn_options options = {
		.size = sizeof(options), .end_policy = policy, .events = {.stop = CALLS}};

	talk_spawn(world, &options, (const char *const[]){TALK_PROGRAM("one_cpu"), "2", NULL});
}

/* Whether the next tracee that stops is bound to one CPU. */
static bool next_is_pinned(struct talk_world *world)
{
	struct schedule tracee;

	talk_resume(world, NULL);
	talk_next(world);
	if (!(world->event.flags & UTRACE_EVENT_HELD))
		return false;
	tracee = schedule_of(world->event.tid);
	return CPU_COUNT(&tracee.mask) == 1;
}

/* Until a tracee is pinned, which takes a turn of the guard; on a busy machine the program may end before. */
static pid_t spawn_until_pinned(struct talk_world *world, uint32_t policy)
{
	spawn_masks(world, policy);
	while (!next_is_pinned(world)) {
		if (world->event.reason != UTRACE_EVENT_PROCESS_END || world->event.pid != world->victim.pid)
			continue;
		assert_int_equal(world->event.u.exit.wait_status, 0);
		talk_forget(&world->victim);
		spawn_masks(world, policy);
	}
	return world->event.tid;
}

/* Its own mask, its children's, its threads', behind execve, and what it sets itself. */
static void test_tracee_sees_its_own_mask(void **state)
{
	struct talk_world *world = *state;

	reopen(world);
	spawn_masks(world, UTRACE_END_KILL);
	talk_finish_well(world);
	talk_forget(&world->victim);
	reopen_unprivileged(world);
	(void)spawn_until_pinned(world, UTRACE_END_KILL);
	talk_resume(world, NULL);
	talk_finish_well(world);
}

static void test_unpinned_at_detach(void **state)
{
	struct talk_world *world = *state;
	struct schedule before = schedule_of(0);
	struct schedule after;
	pid_t tid;

	reopen_unprivileged(world);
	tid = spawn_until_pinned(world, UTRACE_END_LET_RUN);
	talk_ok(world, utrace_detach(world->victim.process, UTRACE_DETACH_STOPPED, &world->error));
	after = schedule_of(tid);
	assert_same(&after, &before);
	after = schedule_of(0);
	assert_same(&after, &before);
	assert_int_equal(kill(tid, SIGKILL), 0);
	assert_int_equal(waitpid(tid, NULL, __WALL), tid);
}

/* When the tracee does not stop any more, as when it sleeps or computes, both are put back without anybody's doing. */
static void test_unpinned_when_idle(void **state)
{
	struct talk_world *world = *state;
	struct schedule before = schedule_of(0);
	struct schedule tracee;
	pid_t tid;

	reopen_unprivileged(world);
	tid = spawn_until_pinned(world, UTRACE_END_KILL);
	do {
		(void)usleep(1000);
		tracee = schedule_of(tid);
	} while (CPU_COUNT(&tracee.mask) == 1);
	assert_same(&tracee, &before);
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
	(void)talk_finish(world);
}

/* In a forked tracer: serves until the tracee is pinned, and is then killed by its own hand. */
static void pin_and_die(struct talk_world *world, int tell)
{
	struct utrace_session_options options = {
		.size = sizeof(options), .threading = UTRACE_THREADS_BOUND, .one_cpu = UTRACE_ONE_CPU_AUTO};
	struct utrace_spawn_options spawn = {
		.size = sizeof(spawn), .end_policy = UTRACE_END_LET_RUN, .events = {.stop = CALLS}};
	const char *const argv[] = {TALK_PROGRAM("call_many"), "100000000", NULL};
	utrace_process *process;
	pid_t tid;

	spawn.argv = argv;
	if (utrace_session_open(&options, &world->session, NULL) ||
	    utrace_spawn(world->session, &spawn, &process, NULL))
		_exit(1);
	while (!next_is_pinned(world))
		;
	tid = world->event.tid;
	if (write(tell, &tid, sizeof(tid)) == sizeof(tid))
		(void)kill(getpid(), SIGKILL);
	_exit(1);
}

/* The guard is another process: the tracer itself can do nothing any more. */
static void test_unpinned_when_the_tracer_is_killed(void **state)
{
	struct talk_world *world = *state;
	struct schedule before = schedule_of(0);
	struct schedule after;
	int ends[2];
	pid_t tracer;
	pid_t tid;

	reopen_unprivileged(world);
	utrace_session_close(world->session);
	world->session = NULL;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	tracer = fork();
	if (!tracer)
		pin_and_die(world, ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], &tid, sizeof(tid)), sizeof(tid));
	close(ends[0]);
	assert_int_equal(waitpid(tracer, NULL, 0), tracer);
	do {
		(void)usleep(1000);
		after = schedule_of(tid);
	} while (CPU_COUNT(&after.mask) == 1);
	assert_same(&after, &before);
	assert_int_equal(kill(tid, SIGKILL), 0);
}

static int teardown(void **state)
{
	(void)set_privilege(true);
	return talk_teardown(state);
}

static void test_unknown_value(void **state)
{
	struct talk_world *world = *state;
	struct utrace_session_options options = {.size = sizeof(options), .one_cpu = 99};
	utrace_session *session;

	talk_fails(world, UTRACE_INVALID, utrace_session_open(&options, &session, &world->error));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_begins_and_is_undone),
		TEST(test_held_stop_is_told_once),
		TEST(test_spawned_inherits_nothing),
		TEST(test_put_back_when_idle),
		TEST(test_idle_costs_nothing),
		TEST(test_tracee_sees_its_own_mask),
		TEST(test_unpinned_at_detach),
		TEST(test_unpinned_when_idle),
		TEST(test_unpinned_when_the_tracer_is_killed),
		TEST(test_unknown_value),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
