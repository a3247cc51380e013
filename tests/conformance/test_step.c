/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_step.c - single steps: one instruction each, whatever it is, and nothing of it is visible.
 * (process-control rows 8, 17, 23)
 */
#include "support_talk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_LABELS 10

static const struct utrace_resume_options step = {.size = sizeof(step), .how = UTRACE_STEP};

/* Where the instructions of each sequence are; see the victim. */
struct labels {
	uint64_t address[6][MAX_LABELS];
	int count[6];
	uint64_t handler;
};

static void read_labels(struct talk_world *world, struct labels *labels)
{
	memset(labels, 0, sizeof(*labels));
	for (int i = 1; i <= 5; i++) {
		char *place, *end;

		/* The lines are in the pipe when the first mark is reached, so no event is needed for them. */
		place = (char *)talk_line(&world->victim, NULL);
		assert_int_equal(strncmp(place, "labels ", 7), 0);
		assert_int_equal(strtol(place + 7, &end, 10), i);
		while (*end)
			labels->address[i][labels->count[i]++] = strtoull(end, &end, 16);
	}
	assert_int_equal(sscanf(talk_line(&world->victim, NULL), "handler %lx", &labels->handler), 1);
}

static uint64_t pc_of(struct talk_world *world)
{
	uint64_t pc = 0;

	talk_ok(world, utrace_register_get(world->event.thread, UTRACE_REG_PC, &pc, &world->error));
	return pc;
}

static void spawn(struct talk_world *world, uint64_t more, const char *how)
{
	struct utrace_spawn_options options = {.size = sizeof(options)};
	const char *const argv[] = {TALK_PROGRAM("step_asm"), how, NULL};

	options.events.stop = UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_EXIT) | more;
	talk_spawn(world, &options, argv);
}

static void go_to_mark(struct talk_world *world, int mark)
{
	talk_until_call(world, UTRACE_EVENT_SYSCALL_EXIT, SYS_getppid, mark);
}

static void set_quiet(struct talk_world *world, uint64_t stop)
{
	struct utrace_event_masks masks = {.stop = stop};

	talk_ok(world, utrace_process_set_events(world->victim.process, &masks, &world->error));
}

/* One step, told as such. */
static void one_step(struct talk_world *world)
{
	talk_resume(world, &step);
	talk_next(world);
	assert_string_equal(utrace_reason_name(world->event.reason), "stepped");
	assert_true(world->event.flags & UTRACE_EVENT_HELD);
}

static void walk(struct talk_world *world, const struct labels *labels, int sequence)
{
	assert_int_equal(pc_of(world), labels->address[sequence][0]);
	for (int i = 1; i < labels->count[sequence]; i++) {
		one_step(world);
		assert_int_equal(pc_of(world), labels->address[sequence][i]);
	}
}

static void finish(struct talk_world *world, const char *ok)
{
	talk_resume(world, NULL);
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, ok);
}

/* jmp, call, a repeated one, a nop of five bytes. */
static void test_plain_instructions(void **state)
{
	struct talk_world *world = *state;
	struct labels labels;

	spawn(world, 0, NULL);
	go_to_mark(world, 1);
	read_labels(world, &labels);
	walk(world, &labels, 1);
	finish(world, "ok all");
}

/* A system call is one instruction; with calls of interest its stops are told on the way. */
static void test_over_system_calls(void **state)
{
	struct talk_world *world = *state;
	struct labels labels;

	spawn(world, 0, NULL);
	go_to_mark(world, 2);
	read_labels(world, &labels);
	set_quiet(world, UTRACE_EVENTS_NONE);
	walk(world, &labels, 2);
	finish(world, "ok all");
}

/* pushf must not show the trap flag, and popf must not end the stepping. */
static void test_over_pushf_and_popf(void **state)
{
	struct talk_world *world = *state;
	struct labels labels;
	uint64_t flags = 0;

	spawn(world, 0, NULL);
	go_to_mark(world, 3);
	read_labels(world, &labels);
	walk(world, &labels, 3);
	talk_ok(world, utrace_register_get_name(world->event.thread, "rax", &flags, &world->error));
	assert_int_equal(flags & 0x100, 0);
	talk_ok(world, utrace_register_get(world->event.thread, UTRACE_REG_FLAGS, &flags, &world->error));
	assert_int_equal(flags & 0x100, 0);
	finish(world, "ok all");
}

/* Row 8: the int3 is the tracee's own: a SIGNAL with the PC behind it, then its handler. */
static void test_own_int3(void **state)
{
	struct talk_world *world = *state;
	struct labels labels;

	spawn(world, UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL), NULL);
	go_to_mark(world, 4);
	read_labels(world, &labels);
	set_quiet(world, UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL));
	one_step(world);
	assert_int_equal(pc_of(world), labels.address[4][1]);
	talk_resume(world, &step);
	assert_int_equal(talk_next(world)->reason, UTRACE_EVENT_SIGNAL);
	assert_int_equal(world->event.u.signal.info.si_signo, SIGTRAP);
	assert_int_equal(world->event.u.signal.info.si_code, SI_KERNEL);
	assert_int_equal(pc_of(world), labels.address[4][2]);
	finish(world, "ok all");
}

/*
 * "A signal that is delivered first ends the step at its handler"; then on through rt_sigreturn to where it came
 * from.
 */
static void test_fault_handler_and_sigreturn(void **state)
{
	struct talk_world *world = *state;
	struct labels labels;
	int steps = 0;

	spawn(world, UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL), NULL);
	go_to_mark(world, 5);
	read_labels(world, &labels);
	set_quiet(world, UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL));
	one_step(world);
	assert_int_equal(pc_of(world), labels.address[5][1]);
	talk_resume(world, &step);
	assert_int_equal(talk_next(world)->reason, UTRACE_EVENT_SIGNAL);
	assert_int_equal(world->event.u.signal.info.si_signo, SIGSEGV);
	assert_int_equal(pc_of(world), labels.address[5][1]);
	one_step(world);
	assert_int_equal(pc_of(world), labels.handler);
	/* The victim fails if the trap flag stands in the frame. */
	while (pc_of(world) != labels.address[5][2] && steps++ < 5000)
		one_step(world);
	assert_true(steps < 5000);
	one_step(world);
	assert_int_equal(pc_of(world), labels.address[5][3]);
	finish(world, "ok all");
}

/*
 * A signal from outside that comes in while the thread is held: the next step ends at its handler, its first
 * instruction.
 */
static void test_signal_during_step(void **state)
{
	struct talk_world *world = *state;
	struct labels labels;

	spawn(world, UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL), NULL);
	go_to_mark(world, 1);
	read_labels(world, &labels);
	set_quiet(world, UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL));
	one_step(world);
	assert_int_equal(kill(world->victim.pid, SIGUSR1), 0);
	talk_resume(world, &step);
	talk_next(world);
	if (world->event.reason == UTRACE_EVENT_STEPPED) {
		talk_resume(world, &step);
		talk_next(world);
	}
	assert_int_equal(world->event.reason, UTRACE_EVENT_SIGNAL);
	assert_int_equal(world->event.u.signal.info.si_signo, SIGUSR1);
	one_step(world);
	assert_int_equal(pc_of(world), labels.handler);
	/* The victim counts SIGUSR1 as the second of its "other" signals, so its end is not looked at. */
	talk_resume(world, NULL);
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
	talk_finish(world);
}

/* The same if the signal is of no interest: the step must not be forgotten on the way. */
static void test_untold_signal_during_step(void **state)
{
	struct talk_world *world = *state;
	struct labels labels;

	spawn(world, 0, NULL);
	go_to_mark(world, 1);
	read_labels(world, &labels);
	one_step(world);
	assert_int_equal(kill(world->victim.pid, SIGUSR1), 0);
	one_step(world);
	if (pc_of(world) == labels.address[1][2])
		one_step(world);
	assert_int_equal(pc_of(world), labels.handler);
	talk_resume(world, NULL);
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
	talk_finish(world);
}

/* Row 23: SIGTRAP is blocked in the victim; a step must not unblock it nor take its handler away. The victim looks. */
static void test_blocked_trap_stays_blocked(void **state)
{
	struct talk_world *world = *state;
	struct labels labels;

	spawn(world, 0, "blocked");
	go_to_mark(world, 1);
	read_labels(world, &labels);
	walk(world, &labels, 1);
	finish(world, "ok blocked");
}

/* Every round the thread is killed at another point of a step. */
static void test_kill_while_stepping(void **state)
{
	struct talk_world *world = *state;

	for (int round = 0; round < 30; round++) {
		int ends = 0, status = -1;

		spawn(world, 0, NULL);
		go_to_mark(world, 1);
		for (int i = 0; i < round; i++) {
			talk_resume(world, &step);
			talk_next(world);
		}
		if (round % 2)
			talk_resume(world, &step);
		assert_int_equal(kill(world->victim.pid, SIGKILL), 0);
		if (round % 3 == 0 && world->event.thread)
			(void)utrace_thread_resume(world->event.thread, &step, NULL);
		while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
			if (world->event.flags & UTRACE_EVENT_HELD)
				(void)utrace_thread_resume(world->event.thread, &step, NULL);
			if (world->event.reason == UTRACE_EVENT_PROCESS_END) {
				status = world->event.u.exit.wait_status;
				ends++;
			}
		}
		assert_int_equal(ends, 1);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		talk_forget(&world->victim);
	}
}

/*
 * fork, clone and vfork with exec are stepped over: the children aren't stepped and end well, and so does the
 * parent.
 */
static void test_over_fork_clone_and_vfork(void **state)
{
	struct talk_world *world = *state;
	int created = 0, steps = 0;
	pid_t parent;

	spawn(world, UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE), "children");
	go_to_mark(world, 6);
	parent = world->event.tid;
	set_quiet(world, UTRACE_EVENT_BIT(UTRACE_EVENT_CREATE) | UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL));
	while (world->event.reason != UTRACE_EVENT_PROCESS_END || world->event.pid != parent) {
		struct utrace_event *event = &world->event;
		bool own = event->tid == parent;

		/* SIGCHLD comes, a SIGTRAP does not, and the children don't give steps. */
		assert_true(event->reason != UTRACE_EVENT_SIGNAL || event->u.signal.info.si_signo == SIGCHLD);
		assert_true(event->reason != UTRACE_EVENT_STEPPED || own);
		steps += event->reason == UTRACE_EVENT_STEPPED;
		created += event->reason == UTRACE_EVENT_CREATE;
		if (event->flags & UTRACE_EVENT_HELD)
			talk_ok(world, utrace_thread_resume(event->thread, own ? &step : NULL, &world->error));
		if (event->reason == UTRACE_EVENT_CREATE)
			talk_ok(world, utrace_thread_resume(event->u.create.thread, NULL, &world->error));
		talk_next(world);
	}
	assert_int_equal(world->event.u.exit.wait_status, 0);
	assert_int_equal(created, 3);
	assert_true(steps > 1000);
	while (strncmp(talk_line(&world->victim, NULL), "ok ", 3))
		assert_true(world->victim.line[0] != '(');
	assert_string_equal(world->victim.line, "ok children");
}

/* A step that ends in a new program: told as EXEC, or as STEPPED there; the program runs on without a SIGTRAP. */
static void test_over_exec(void **state)
{
	struct talk_world *world = *state;
	bool exec = false;

	spawn(world, UTRACE_EVENT_BIT(UTRACE_EVENT_EXEC) | UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL), "exec");
	go_to_mark(world, 8);
	for (int steps = 0; !exec && steps < 100000; steps++) {
		talk_resume(world, &step);
		exec = talk_next(world)->reason == UTRACE_EVENT_EXEC;
		assert_true(world->event.reason != UTRACE_EVENT_SIGNAL);
	}
	assert_true(exec);
	for (int i = 0; i < 10; i++) {
		talk_resume(world, &step);
		talk_next(world);
		assert_true(world->event.reason != UTRACE_EVENT_SIGNAL);
	}
	talk_resume(world, NULL);
	assert_int_equal(talk_finish(world), 0);
	for (int i = 0; i < 6; i++)
		talk_line(&world->victim, NULL);
	talk_expect(&world->victim, NULL, "ok exec");
}

/* The step of a thread whose process is asked to stop: both are told, in one event or in two, each once. */
static void test_stop_request_during_step(void **state)
{
	struct talk_world *world = *state;
	struct labels labels;
	utrace_thread *thread;

	spawn(world, 0, NULL);
	go_to_mark(world, 1);
	read_labels(world, &labels);
	thread = utrace_thread_ref(world->event.thread);
	for (int i = 1; i < labels.count[1]; i++) {
		uint64_t request = 0;

		talk_resume(world, &step);
		if (utrace_thread_stop(thread, UTRACE_STOP_NOW, &request, NULL) < 0)
			request = 0;
		talk_next(world);
		while (request && !(world->event.flags & UTRACE_EVENT_ANSWERS)) {
			talk_resume(world, NULL);
			talk_next(world);
		}
		if (world->event.reason == UTRACE_EVENT_STOPPED && pc_of(world) == labels.address[1][i - 1])
			one_step(world);
		assert_int_equal(pc_of(world), labels.address[1][i]);
	}
	utrace_thread_unref(thread);
	finish(world, "ok all");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plain_instructions),
		TEST(test_over_system_calls),
		TEST(test_over_pushf_and_popf),
		TEST(test_own_int3),
		TEST(test_fault_handler_and_sigreturn),
		TEST(test_signal_during_step),
		TEST(test_untold_signal_during_step),
		TEST(test_blocked_trap_stays_blocked),
		TEST(test_kill_while_stepping),
		TEST(test_over_fork_clone_and_vfork),
		TEST(test_over_exec),
		TEST(test_stop_request_during_step),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
