/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_killed.c - the tracer is killed by SIGKILL at random moments of what it does all the while: the tracee goes on as if
 * nothing had been, or is gone, as its end policy says.
 *
 * The victim checks what each of its calls gives, and counts. A few rounds; 1,000 with UTRACE_TEST_FULL.
 */
#include "support_talk.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BIT   UTRACE_EVENT_BIT
#define CALLS (BIT(UTRACE_EVENT_SYSCALL_ENTRY) | BIT(UTRACE_EVENT_SYSCALL_EXIT))

enum { COUNT = 20, RANDOM_NS = 30000000 };

/* What the tracer does. */
struct work {
	struct utrace_event_masks events;
	uint32_t policy;
	uint32_t how;        /* each resume */
	bool replace;        /* results of calls, by what they are */
	bool has_breakpoint; /* on the victim's function */
	uint32_t kind;       /* of it */
	uint64_t capability; /* that it takes for LET_RUN */
};

static void act(const struct work *work, const struct utrace_event *event)
{
	const struct utrace_resume_options how = {.size = sizeof(how), .how = work->how};

	if (!(event->flags & UTRACE_EVENT_HELD))
		return;
	if (work->replace && event->reason == UTRACE_EVENT_SYSCALL_EXIT && event->u.syscall.number == SYS_getppid)
		(void)utrace_syscall_set_result(event->thread, event->u.syscall.result, NULL);
	if (work->how && event->reason == UTRACE_EVENT_SIGNAL)
		(void)utrace_thread_resume(event->thread, NULL, NULL);
	else
		(void)utrace_thread_resume(event->thread, &how, NULL);
}

/* In a forked tracer, until it is killed. */
static void trace(const struct work *work, pid_t victim, uint64_t address, int ready)
{
	struct utrace_attach_options options = {
		.size = sizeof(options), .end_policy = work->policy, .events = work->events, .hold = work->how != 0};
	struct utrace_breakpoint_options at = {.size = sizeof(at), .address = address, .kind = work->kind};
	struct utrace_event event = UTRACE_EVENT_INIT;
	utrace_session *session = talk_open_in_child();
	utrace_breakpoint *breakpoint;
	utrace_process *process;

	alarm(TALK_WATCH);
	if (utrace_attach(session, victim, &options, &process, NULL))
		_exit(1);
	if (work->has_breakpoint && utrace_breakpoint_insert(process, &at, &breakpoint, NULL))
		_exit(2);
	if (write(ready, "r", 1) != 1)
		_exit(3);
	for (;;) {
		if (utrace_session_next(session, &event, 1000, NULL) == 1)
			act(work, &event);
	}
}

static pid_t start_tracer(const struct work *work, pid_t victim, uint64_t address)
{
	int ready[2];
	char byte;
	pid_t tracer;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	tracer = fork();
	if (!tracer)
		trace(work, victim, address, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return tracer;
}

static void kill_at_random(pid_t tracer)
{
	const struct timespec moment = {.tv_nsec = random() % RANDOM_NS};
	int status;

	(void)nanosleep(&moment, NULL);
	assert_int_equal(kill(tracer, SIGKILL), 0);
	assert_int_equal(waitpid(tracer, &status, 0), tracer);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/*
 * What it is told to do, its answers of COUNT each, and the same again with nobody about.  A signal that a tracer on ptrace
 * holds it at is lost with the tracer, so there it takes none.
 */
static void expect_whole(struct talk *victim, bool signals)
{
	static const char *const with[] = {"0 0", "20 0", "20 20", "20 20", "40 20", "40 40", NULL};
	static const char *const without[] = {"0 0", "0 20", "0 20", "0 40", NULL};
	const char *const *lines = signals ? with : without;

	talk_tell(victim, signals ? "cswg" : "cwg");
	while (*lines)
		talk_expect(victim, NULL, *lines++);
	talk_reap(victim);
}

static void kill_once(struct talk_world *world, const struct work *work, bool signals)
{
	struct talk *victim = &world->victim;
	uint64_t address;
	pid_t tracer;

	talk_start_ready(victim, (const char *const[]){TALK_PROGRAM("rec_work"), "20", NULL});
	address = strtoull(talk_line(victim, NULL), NULL, 16);
	tracer = start_tracer(work, victim->pid, address);
	talk_tell(victim, signals ? "csw" : "cw");
	kill_at_random(tracer);
	if (work->policy == UTRACE_END_LET_RUN) {
		expect_whole(victim, signals);
	} else {
		int status = talk_reap_status(victim);

		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	talk_forget(victim);
}

static void kill_often(void **state, const struct work *work)
{
	struct talk_world *world = *state;
	bool signals = utrace_session_capabilities(world->session) & UTRACE_CAN_END_STEPS;
	bool can = !work->capability || (utrace_session_capabilities(world->session) & work->capability);
	int rounds = talk_is_full() ? 1000 : 10;

	if (!can && work->policy == UTRACE_END_LET_RUN)
		skip();
	utrace_session_close(world->session);
	world->session = NULL;
	for (int i = 0; i < rounds; i++) {
		/* The watch is for one round. */
		talk_watch();
		kill_once(world, work, signals);
	}
}

static void test_trace(void **state)
{
	kill_often(state, &(struct work){{.stop = CALLS | BIT(UTRACE_EVENT_SIGNAL)}, .policy = UTRACE_END_LET_RUN});
}

static void test_trace_and_end(void **state)
{
	kill_often(state, &(struct work){{.stop = CALLS | BIT(UTRACE_EVENT_SIGNAL)}, .policy = UTRACE_END_KILL});
}

static void test_record(void **state)
{
	kill_often(state, &(struct work){{UTRACE_EVENTS_NONE, CALLS | BIT(UTRACE_EVENT_SIGNAL)},
					 .policy = UTRACE_END_LET_RUN});
}

static void test_tamper(void **state)
{
	kill_often(state, &(struct work){{.stop = CALLS}, .policy = UTRACE_END_LET_RUN, .replace = true});
}

/* On ptrace the trap of a step that is under way stays behind, and kills. */
static void test_step(void **state)
{
	kill_often(state, &(struct work){{.stop = UTRACE_EVENTS_NONE},
					 .policy = UTRACE_END_LET_RUN,
					 .how = UTRACE_STEP,
					 .capability = UTRACE_CAN_END_STEPS});
}

static void test_step_and_end(void **state)
{
	kill_often(state, &(struct work){{.stop = UTRACE_EVENTS_NONE}, .policy = UTRACE_END_KILL, .how = UTRACE_STEP});
}

/* One of the hardware's goes with the session; a trap in memory can't, so such a tracee is to be killed. */
static void test_break(void **state)
{
	kill_often(state, &(struct work){{.stop = UTRACE_EVENTS_NONE},
					 .policy = UTRACE_END_LET_RUN,
					 .has_breakpoint = true,
					 .kind = UTRACE_BREAKPOINT_HARDWARE,
					 .capability = UTRACE_CAN_END_STEPS});
}

static void test_break_and_end(void **state)
{
	kill_often(state,
		   &(struct work){{.stop = UTRACE_EVENTS_NONE}, .policy = UTRACE_END_KILL, .has_breakpoint = true});
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_trace), TEST(test_trace_and_end), TEST(test_record), TEST(test_tamper),
		TEST(test_step),  TEST(test_step_and_end),  TEST(test_break),  TEST(test_break_and_end),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
