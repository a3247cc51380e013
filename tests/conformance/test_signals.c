/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_signals.c - signals and job control: each is told once, with its siginfo, and the tracee gets what was chosen.
 * (process-control rows 5, 6, 8, 16)
 */
#include "support_talk.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIGNAL_BIT UTRACE_EVENT_BIT(UTRACE_EVENT_SIGNAL)
#define JOB_BITS   (UTRACE_EVENT_BIT(UTRACE_EVENT_JOB_STOP) | UTRACE_EVENT_BIT(UTRACE_EVENT_JOB_CONTINUE))
#define CALL_BITS  (UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_ENTRY) | UTRACE_EVENT_BIT(UTRACE_EVENT_SYSCALL_EXIT))

static void spawn(struct talk_world *world, uint64_t stop, const char *name, const char *argument)
{
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = stop}};
	char path[256];
	const char *const argv[] = {path, argument, NULL};

	snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, name);
	talk_spawn(world, &options, argv);
}

static siginfo_t *next_signal(struct talk_world *world, int signal)
{
	siginfo_t *info = &talk_until(world, UTRACE_EVENT_SIGNAL)->u.signal.info;

	assert_true(world->event.flags & UTRACE_EVENT_HELD);
	assert_int_equal(info->si_signo, signal);
	return info;
}

static void expect_report(struct talk_world *world, const char *line)
{
	talk_tell(&world->victim, "re");
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ready");
	talk_expect(&world->victim, NULL, line);
	talk_expect(&world->victim, NULL, "ok end");
}

/* kill, sigqueue and a fault, each as the kernel made it. */
static void test_siginfo_told(void **state)
{
	struct talk_world *world = *state;
	siginfo_t *info;

	spawn(world, SIGNAL_BIT, "sig_report", NULL);
	talk_tell(&world->victim, "kqs");
	info = next_signal(world, SIGUSR1);
	assert_int_equal(info->si_code, SI_USER);
	assert_int_equal(info->si_pid, world->victim.pid);
	talk_resume(world, NULL);
	info = next_signal(world, SIGRTMIN);
	assert_int_equal(info->si_code, SI_QUEUE);
	assert_int_equal(info->si_value.sival_int, 42);
	talk_resume(world, NULL);
	info = next_signal(world, SIGSEGV);
	assert_int_equal(info->si_code, SEGV_MAPERR);
	assert_ptr_equal(info->si_addr, (void *)0x10);
	talk_resume(world, NULL);
	expect_report(world, "took 10/0/0/0/me 34/-1/42/0/me 11/1/0/10");
}

static void test_drop(void **state)
{
	struct talk_world *world = *state;
	struct utrace_resume_options drop = {.size = sizeof(drop), .signal = UTRACE_SIGNAL_DROP};

	spawn(world, SIGNAL_BIT, "sig_report", NULL);
	talk_tell(&world->victim, "kq");
	next_signal(world, SIGUSR1);
	talk_resume(world, &drop);
	next_signal(world, SIGRTMIN);
	talk_resume(world, NULL);
	expect_report(world, "took 34/-1/42/0/me");
}

static void test_replace(void **state)
{
	struct talk_world *world = *state;
	siginfo_t info = {.si_signo = SIGUSR2, .si_code = SI_QUEUE};
	struct utrace_resume_options replace = {
		.size = sizeof(replace), .signal = UTRACE_SIGNAL_REPLACE, .info = &info};

	info.si_value.sival_int = 99;
	spawn(world, SIGNAL_BIT, "sig_report", NULL);
	talk_tell(&world->victim, "k");
	next_signal(world, SIGUSR1);
	talk_resume(world, &replace);
	expect_report(world, "took 12/-1/99/0");
}

/* REPLACE has nothing to replace elsewhere; without info it can't be done. */
static void test_replace_errors(void **state)
{
	struct talk_world *world = *state;
	siginfo_t info = {.si_signo = SIGUSR2, .si_code = SI_QUEUE};
	struct utrace_resume_options replace = {
		.size = sizeof(replace), .signal = UTRACE_SIGNAL_REPLACE, .info = &info};

	spawn(world, SIGNAL_BIT | CALL_BITS, "sig_report", NULL);
	talk_until(world, UTRACE_EVENT_SYSCALL_ENTRY);
	talk_fails(world, UTRACE_WRONG_STATE, utrace_thread_resume(world->event.thread, &replace, &world->error));
	replace.info = NULL;
	replace.signal = UTRACE_SIGNAL_INJECT;
	talk_fails(world, UTRACE_INVALID, utrace_thread_resume(world->event.thread, &replace, &world->error));
	replace.signal = 77;
	talk_fails(world, UTRACE_INVALID, utrace_thread_resume(world->event.thread, &replace, &world->error));
	talk_tell(&world->victim, "e");
	talk_resume(world, NULL);
	assert_int_equal(talk_finish(world), 0);
}

static const siginfo_t *injected(void)
{
	static siginfo_t info = {.si_signo = SIGUSR2, .si_code = SI_QUEUE};

	info.si_value.sival_int = 55;
	return &info;
}

static void inject_at_call(struct talk_world *world, uint32_t reason)
{
	struct utrace_resume_options inject = {
		.size = sizeof(inject), .signal = UTRACE_SIGNAL_INJECT, .info = injected()};

	spawn(world, SIGNAL_BIT | CALL_BITS, "sig_report", NULL);
	talk_tell(&world->victim, "p");
	talk_until_call(world, reason, SYS_getppid, -1);
	talk_resume(world, &inject);
	expect_report(world, "took 12/-1/55/0");
}

static void test_inject_at_entry(void **state)
{
	inject_at_call(*state, UTRACE_EVENT_SYSCALL_ENTRY);
}

static void test_inject_at_exit(void **state)
{
	inject_at_call(*state, UTRACE_EVENT_SYSCALL_EXIT);
}

/* The handlers block everything, so the order is that of delivery. "With a SIGNAL event, before the one that came." */
static void test_inject_at_signal(void **state)
{
	struct talk_world *world = *state;
	struct utrace_resume_options inject = {
		.size = sizeof(inject), .signal = UTRACE_SIGNAL_INJECT, .info = injected()};

	spawn(world, SIGNAL_BIT, "sig_report", NULL);
	talk_tell(&world->victim, "q");
	next_signal(world, SIGRTMIN);
	talk_resume(world, &inject);
	expect_report(world, "took 12/-1/55/0 34/-1/42/0/me");
}

/* The read goes on after the handler (SA_RESTART) and gets its byte. */
static void test_inject_at_stop_request(void **state)
{
	struct talk_world *world = *state;
	struct utrace_resume_options inject = {
		.size = sizeof(inject), .signal = UTRACE_SIGNAL_INJECT, .info = injected()};
	utrace_thread *thread;

	spawn(world, SIGNAL_BIT, "sig_report", NULL);
	talk_expect(&world->victim, world->session, "ready");
	talk_wait_blocked(world->victim.pid, SYS_read);
	talk_ok(world, utrace_session_find_thread(world->session, world->victim.pid, &thread, &world->error));
	talk_ok(world, utrace_thread_stop(thread, UTRACE_STOP_NOW, NULL, &world->error));
	utrace_thread_unref(thread);
	talk_until(world, UTRACE_EVENT_STOPPED);
	talk_resume(world, &inject);
	talk_tell(&world->victim, "re");
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "took 12/-1/55/0");
}

/* Order and values: looked at here and by the victim. */
static void test_thousand_queued(void **state)
{
	struct talk_world *world = *state;

	spawn(world, SIGNAL_BIT, "sig_queue", "1000");
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(next_signal(world, SIGRTMIN)->si_value.sival_int, i);
		talk_resume(world, NULL);
	}
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ok 1000");
}

/* Signals that are not wanted pass by themselves, and so do they when only told. */
static void test_queued_unseen_and_recorded(void **state)
{
	struct talk_world *world = *state;
	struct utrace_spawn_options options = {.size = sizeof(options)};
	const char *const argv[] = {TALK_PROGRAM("sig_queue"), "1000", NULL};
	int told = 0;

	options.events = (struct utrace_event_masks){.record = SIGNAL_BIT};
	talk_spawn(world, &options, argv);
	while (talk_next(world)->reason != UTRACE_EVENT_PROCESS_END) {
		if (world->event.reason != UTRACE_EVENT_SIGNAL)
			continue;
		assert_false(world->event.flags & UTRACE_EVENT_HELD);
		assert_int_equal(world->event.u.signal.info.si_value.sival_int, told++);
	}
	assert_int_equal(told, 1000);
	talk_expect(&world->victim, NULL, "ok 1000");
}

/* Row 8: a SIGTRAP that kill(2) sent is a signal, also while the thread is stepped, and so is an int3. */
static void test_trap_by_kill_is_a_signal(void **state)
{
	struct talk_world *world = *state;
	struct utrace_resume_options step = {.size = sizeof(step), .how = UTRACE_STEP};
	int traps = 0, steps = 0;

	spawn(world, SIGNAL_BIT | CALL_BITS, "sig_report", NULL);
	talk_tell(&world->victim, "titre");
	talk_until_call(world, UTRACE_EVENT_SYSCALL_ENTRY, SYS_kill, -1);
	for (int i = 0; i < 40; i++) {
		talk_resume(world, &step);
		talk_next(world);
		steps += world->event.reason == UTRACE_EVENT_STEPPED;
		if (world->event.reason == UTRACE_EVENT_SIGNAL) {
			assert_int_equal(world->event.u.signal.info.si_code, SI_USER);
			traps++;
		}
	}
	assert_int_equal(traps, 1);
	assert_true(steps > 10);
	talk_resume(world, NULL);
	assert_int_equal(next_signal(world, SIGTRAP)->si_code, SI_KERNEL);
	talk_resume(world, NULL);
	assert_int_equal(next_signal(world, SIGTRAP)->si_code, SI_USER);
	talk_resume(world, NULL);
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ready");
	talk_expect(&world->victim, NULL, "took 5/0/0/0/me 5/128/0/0 5/0/0/0/me");
}

/* Row 6: told, stays stopped when resumed, goes on at SIGCONT and that is told. */
static void test_job_control(void **state)
{
	struct talk_world *world = *state;

	spawn(world, JOB_BITS, "att_job", "3");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(talk_until(world, UTRACE_EVENT_JOB_STOP)->u.job.signal, SIGSTOP);
		talk_resume(world, NULL);
		assert_int_equal(utrace_session_next(world->session, &world->event, 20, &world->error), 0);
		assert_int_equal(kill(world->victim.pid, SIGCONT), 0);
		talk_until(world, UTRACE_EVENT_JOB_CONTINUE);
		talk_resume(world, NULL);
	}
	talk_tell(&world->victim, "g");
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ready");
	for (int i = 0; i < 3; i++)
		talk_expect(&world->victim, NULL, "continued");
	talk_expect(&world->victim, NULL, "ok 3");
}

/* The same if job control is not of interest: the job stops and goes on as if untraced. */
static void test_job_control_unseen(void **state)
{
	struct talk_world *world = *state;

	spawn(world, UTRACE_EVENTS_NONE, "att_job", "1");
	talk_expect(&world->victim, world->session, "ready");
	while (utrace_session_next(world->session, &world->event, 0, NULL) == 1)
		talk_resume(world, NULL);
	talk_tell(&world->victim, "g");
	/* SIGCONT before the stop is lost, so it is sent until it has worked. */
	while (utrace_session_next(world->session, &world->event, 5, NULL) != 1 ||
	       world->event.reason != UTRACE_EVENT_PROCESS_END)
		kill(world->victim.pid, SIGCONT);
	assert_int_equal(world->event.u.exit.wait_status, 0);
}

/* Row 23: SIGSTOP while the thread is held: told after the resume, then as any other. SIGCONT takes it back. */
static void test_stop_from_outside_while_held(void **state)
{
	struct talk_world *world = *state;

	spawn(world, SIGNAL_BIT | JOB_BITS | CALL_BITS, "sig_report", NULL);
	talk_tell(&world->victim, "p");
	talk_until_call(world, UTRACE_EVENT_SYSCALL_ENTRY, SYS_getppid, -1);
	assert_int_equal(kill(world->victim.pid, SIGSTOP), 0);
	talk_resume(world, NULL);
	talk_until(world, UTRACE_EVENT_JOB_STOP);
	talk_resume(world, NULL);
	assert_int_equal(kill(world->victim.pid, SIGCONT), 0);
	talk_until(world, UTRACE_EVENT_JOB_CONTINUE);
	talk_resume(world, NULL);
	/* Both in one hold: the second takes back the first. */
	talk_tell(&world->victim, "p");
	talk_until_call(world, UTRACE_EVENT_SYSCALL_ENTRY, SYS_getppid, -1);
	assert_int_equal(kill(world->victim.pid, SIGSTOP), 0);
	assert_int_equal(kill(world->victim.pid, SIGCONT), 0);
	talk_resume(world, NULL);
	expect_report(world, "took nothing");
}

static void wait_and_signal(struct talk_world *world, const char *program, const char *how, long number, bool stops)
{
	char ok[64];

	spawn(world, SIGNAL_BIT, program, how);
	talk_expect(&world->victim, world->session, "ready");
	for (int i = 0; stops && i < 5; i++) {
		utrace_thread *thread;

		talk_wait_blocked(world->victim.pid, number);
		talk_ok(world, utrace_session_find_thread(world->session, world->victim.pid, &thread, &world->error));
		talk_ok(world, utrace_thread_stop(thread, UTRACE_STOP_NOW, NULL, &world->error));
		utrace_thread_unref(thread);
		talk_until(world, UTRACE_EVENT_STOPPED);
		talk_resume(world, NULL);
	}
	assert_int_equal(kill(world->victim.pid, SIGUSR1), 0);
	next_signal(world, SIGUSR1);
	/* The others don't read, and may have ended before it is written. */
	if (number == SYS_read)
		talk_tell(&world->victim, "g");
	talk_resume(world, NULL);
	assert_int_equal(talk_finish(world), 0);
	snprintf(ok, sizeof(ok), "ok %s", how);
	talk_expect(&world->victim, NULL, ok);
	talk_forget(&world->victim);
}

/* The handler runs with the call's mask; the old one is back afterwards. */
static void test_masks_of_sigsuspend_and_ppoll(void **state)
{
	wait_and_signal(*state, "sig_mask", "sigsuspend", SYS_rt_sigsuspend, true);
	wait_and_signal(*state, "sig_mask", "ppoll", SYS_ppoll, true);
	wait_and_signal(*state, "sig_mask", "sigsuspend", SYS_rt_sigsuspend, false);
}

/* Row 16: stopped five times, then ended by a signal: the rest of the time is right. */
static void test_restart_with_right_rest(void **state)
{
	wait_and_signal(*state, "sig_restart", "nanosleep", SYS_nanosleep, true);
	wait_and_signal(*state, "sig_restart", "clock_nanosleep", SYS_clock_nanosleep, true);
	wait_and_signal(*state, "sig_restart", "read", SYS_read, true);
}

/* The sleep isn't made longer or shorter by stops: the victim looks at the clock. */
static void test_nanosleep_sleeps_its_time(void **state)
{
	struct talk_world *world = *state;

	spawn(world, SIGNAL_BIT, "att_blocked", "nanosleep");
	talk_expect(&world->victim, world->session, "ready");
	for (int i = 0; i < 20; i++) {
		utrace_thread *thread;

		talk_ok(world, utrace_session_find_thread(world->session, world->victim.pid, &thread, &world->error));
		talk_ok(world, utrace_thread_stop(thread, UTRACE_STOP_NOW, NULL, &world->error));
		utrace_thread_unref(thread);
		talk_until(world, UTRACE_EVENT_STOPPED);
		talk_resume(world, NULL);
	}
	talk_tell(&world->victim, "g");
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ok nanosleep");
}

static void test_fault_in_handler_on_alternate_stack(void **state)
{
	static const long addresses[] = {0x10, 0x20, 0x28};
	struct talk_world *world = *state;

	spawn(world, SIGNAL_BIT, "sig_altstack", NULL);
	for (int i = 0; i < 3; i++) {
		assert_ptr_equal(next_signal(world, SIGSEGV)->si_addr, (void *)addresses[i]);
		talk_resume(world, NULL);
	}
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ok altstack");
}

/* A signal that kills is told before it does. */
static void test_fatal_signal(void **state)
{
	struct talk_world *world = *state;
	int status;

	spawn(world, SIGNAL_BIT, "att_blocked", "read");
	talk_expect(&world->victim, world->session, "ready");
	assert_int_equal(kill(world->victim.pid, SIGTERM), 0);
	next_signal(world, SIGTERM);
	talk_resume(world, NULL);
	status = talk_finish(world);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_siginfo_told),
		TEST(test_drop),
		TEST(test_replace),
		TEST(test_replace_errors),
		TEST(test_inject_at_entry),
		TEST(test_inject_at_exit),
		TEST(test_inject_at_signal),
		TEST(test_inject_at_stop_request),
		TEST(test_thousand_queued),
		TEST(test_queued_unseen_and_recorded),
		TEST(test_trap_by_kill_is_a_signal),
		TEST(test_job_control),
		TEST(test_job_control_unseen),
		TEST(test_stop_from_outside_while_held),
		TEST(test_masks_of_sigsuspend_and_ppoll),
		TEST(test_restart_with_right_rest),
		TEST(test_nanosleep_sleeps_its_time),
		TEST(test_fault_in_handler_on_alternate_stack),
		TEST(test_fatal_signal),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
