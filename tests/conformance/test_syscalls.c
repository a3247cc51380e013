/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_syscalls.c - editing calls, running calls in the tracee, filters, and other seccomp filters next to ours.
 * (process-control rows 7, 19, 21, 22)
 */
#include "support_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENTRY UTRACE_EVENT_SYSCALL_ENTRY
#define EXIT  UTRACE_EVENT_SYSCALL_EXIT
#define BIT   UTRACE_EVENT_BIT
#define CALLS (BIT(ENTRY) | BIT(EXIT))

static const uint64_t no_args[6];

static void spawn_filtered(struct talk_world *world, uint64_t stop, const utrace_filter *filter, const char *name,
			   const char *one, const char *two)
{
	struct utrace_spawn_options options = {.size = sizeof(options), .events = {.stop = stop}, .filter = filter};
	char path[256];
	const char *const argv[] = {path, one, two, NULL};

	snprintf(path, sizeof(path), "%s/%s", UTRACE_VICTIMS, name);
	talk_spawn(world, &options, argv);
}

static void spawn(struct talk_world *world, uint64_t stop, const char *name, const char *one)
{
	spawn_filtered(world, stop, NULL, name, one, NULL);
}

static void finish(struct talk_world *world, const char *ok)
{
	talk_resume(world, NULL);
	assert_int_equal(talk_finish(world), 0);
	while (strcmp(talk_line(&world->victim, NULL), ok)) {
		if (world->victim.line[0] == '(' || !strncmp(world->victim.line, "bad", 3))
			fail_msg("the victim says \"%s\"", world->victim.line);
		if (!strcmp(world->victim.buffer, "") && !world->victim.filled)
			fail_msg("the victim's last line is \"%s\"", world->victim.line);
	}
}

static void rewrite(struct talk_world *world, long number, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t args[6] = {a, b, c};

	talk_ok(world, utrace_syscall_rewrite(world->event.thread, number, args, &world->error));
}

static void skip_with(struct talk_world *world, long number, int64_t first, int64_t result)
{
	talk_until_call(world, ENTRY, number, first);
	talk_ok(world, utrace_syscall_skip(world->event.thread, result, &world->error));
	talk_resume(world, NULL);
	talk_until(world, EXIT);
	assert_true(world->event.u.syscall.number == number);
	assert_true(world->event.u.syscall.result == result);
	assert_int_equal(world->event.u.syscall.is_error, result < 0 && result >= -4095);
	talk_resume(world, NULL);
}

static void replace_with(struct talk_world *world, int64_t first, int64_t result)
{
	talk_until_call(world, EXIT, SYS_getppid, first);
	talk_ok(world, utrace_syscall_set_result(world->event.thread, result, &world->error));
	talk_resume(world, NULL);
}

static void edit_calls(struct talk_world *world)
{
	talk_until_call(world, ENTRY, SYS_getppid, 1);
	rewrite(world, SYS_getpid, 0, 0, 0);
	talk_resume(world, NULL);
	/* "As called, before any edit." */
	assert_int_equal(talk_until(world, EXIT)->u.syscall.number, SYS_getppid);
	assert_int_equal(world->event.u.syscall.result, world->victim.pid);
	talk_resume(world, NULL);
	talk_until_call(world, ENTRY, SYS_getppid, 2);
	rewrite(world, -1, 0, 0, 0);
	talk_resume(world, NULL);
	assert_int_equal(talk_until(world, EXIT)->u.syscall.result, -ENOSYS);
	assert_true(world->event.u.syscall.is_error);
	talk_resume(world, NULL);
	talk_until_call(world, ENTRY, SYS_getppid, 3);
	rewrite(world, SYS_nanosleep, world->event.u.syscall.args[1], 0, 0);
	talk_resume(world, NULL);
	talk_until_call(world, ENTRY, SYS_write, -1);
	rewrite(world, SYS_write, 1, world->event.u.syscall.args[1], 10);
	talk_resume(world, NULL);
	skip_with(world, SYS_getppid, 4, 4242);
	skip_with(world, SYS_getppid, 5, -EACCES);
	skip_with(world, SYS_getppid, 6, -4095);
	skip_with(world, SYS_getppid, 7, -4096);
	skip_with(world, SYS_read, 0, 1);
	replace_with(world, 8, 777);
	replace_with(world, 9, -EPERM);
	replace_with(world, 10, -512);
	replace_with(world, 11, INT64_MIN);
}

/* Calls of a limited thread are not told, and those of the other threads are; once the limit is gone, they are again. */
static void test_thread_limit(void **state)
{
	struct talk_world *world = *state;
	pid_t limited = 0;
	int of_others = 0, of_limited = 0;

	spawn(world, CALLS | BIT(UTRACE_EVENT_CREATE) | BIT(UTRACE_EVENT_EXITING), "call_many", "200");
	while (talk_next(world)->reason != UTRACE_EVENT_PROCESS_END || world->event.process != world->victim.process) {
		const struct utrace_event_create *create = &world->event.u.create;

		if (world->event.reason == UTRACE_EVENT_CREATE && create->kind == UTRACE_CREATE_THREAD) {
			talk_ok(world,
				utrace_thread_limit_events(create->thread, BIT(UTRACE_EVENT_EXITING), &world->error));
			limited = create->child_tid;
		}
		if (world->event.reason == UTRACE_EVENT_CREATE)
			talk_ok(world, utrace_thread_resume(create->thread, NULL, &world->error));
		if (BIT(world->event.reason) & CALLS)
			*(world->event.tid == limited ? &of_limited : &of_others) += 1;
		if (world->event.reason == UTRACE_EVENT_EXITING && world->event.tid == limited)
			talk_ok(world,
				utrace_thread_limit_events(world->event.thread, UTRACE_EVENTS_ALL, &world->error));
		if (world->event.flags & UTRACE_EVENT_HELD)
			talk_resume(world, NULL);
	}
	assert_true(limited);
	assert_true(of_others >= 2 * 2 * 400);
	assert_int_equal(of_limited, 0);
	assert_string_equal(talk_line(&world->victim, NULL), "ok 200");
}

/* Row 21: rewrite, skip and replace; the victim knows what must come of each. */
static void test_edits(void **state)
{
	struct talk_world *world = *state;

	spawn(world, CALLS, "call_edit", NULL);
	talk_tell(&world->victim, "g");
	edit_calls(world);
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "arguments");
	talk_expect(&world->victim, NULL, "ok edit");
}

/* The same with a filter in the kernel that lets only these calls through to us. */
static void test_edits_under_kernel_filter(void **state)
{
	struct talk_world *world = *state;
	utrace_filter *filter = utrace_filter_create();

	talk_ok(world, utrace_filter_add_name(filter, "getppid", &world->error));
	talk_ok(world, utrace_filter_add_name(filter, "write", &world->error));
	talk_ok(world, utrace_filter_add_name(filter, "read", &world->error));
	spawn_filtered(world, CALLS, filter, "call_edit", NULL, NULL);
	utrace_filter_destroy(filter);
	talk_tell(&world->victim, "g");
	edit_calls(world);
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "arguments");
	talk_expect(&world->victim, NULL, "ok edit");
}

static void test_wrong_state(void **state)
{
	struct talk_world *world = *state;
	utrace_thread *thread;

	spawn(world, CALLS, "call_many", "2");
	thread = talk_until_call(world, ENTRY, SYS_getppid, -1)->thread;
	talk_fails(world, UTRACE_WRONG_STATE, utrace_syscall_set_result(thread, 1, &world->error));
	talk_resume(world, NULL);
	thread = talk_until_call(world, EXIT, SYS_getppid, -1)->thread;
	talk_fails(world, UTRACE_WRONG_STATE, utrace_syscall_skip(thread, 1, &world->error));
	talk_fails(world, UTRACE_WRONG_STATE, utrace_syscall_rewrite(thread, 1, no_args, &world->error));
	talk_fails(world, UTRACE_INVALID, utrace_syscall_rewrite(thread, 1, NULL, &world->error));
	utrace_thread_ref(thread);
	finish(world, "ok 2");
	talk_fails(world, UTRACE_DEAD, utrace_syscall_skip(thread, 1, &world->error));
	utrace_thread_unref(thread);
}

static int64_t inject(struct talk_world *world, long number, uint64_t a, uint64_t b)
{
	uint64_t args[6] = {a, b, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, (uint64_t)-1, 0};
	int64_t result = 0;

	talk_ok(world, utrace_syscall_inject(world->event.thread, number, args, &result, &world->error));
	return result;
}

/* Three calls, one of which fails, and all registers as before. */
static void inject_some(struct talk_world *world)
{
	uint8_t before[256], after[256];
	utrace_thread *thread = world->event.thread;
	int64_t address;

	talk_ok(world, utrace_regset_get(thread, UTRACE_REGSET_GENERAL, before, sizeof(before), &world->error));
	assert_int_equal(inject(world, SYS_getpid, 0, 0), world->victim.pid);
	address = inject(world, SYS_mmap, 0, 8192);
	assert_true(address > 0);
	assert_int_equal(utrace_memory_write(world->victim.process, (uint64_t)address, "there", 5, &world->error), 5);
	assert_int_equal(inject(world, SYS_munmap, (uint64_t)address, 8192), 0);
	talk_fails(world, UTRACE_FAULT,
		   utrace_memory_write(world->victim.process, (uint64_t)address, "there", 5, &world->error));
	assert_int_equal(inject(world, SYS_close, 9999, 0), -EBADF);
	talk_ok(world, utrace_regset_get(thread, UTRACE_REGSET_GENERAL, after, sizeof(after), &world->error));
	assert_memory_equal(before, after, sizeof(struct { uint64_t words[27]; }));
}

static void test_inject_at_exec_hold(void **state)
{
	struct talk_world *world = *state;
	struct utrace_spawn_options options = {.size = sizeof(options), .hold = 1};
	const char *const argv[] = {TALK_PROGRAM("call_many"), "3", NULL};

	talk_spawn(world, &options, argv);
	assert_int_equal(talk_next(world)->reason, UTRACE_EVENT_EXEC);
	/* The result of the execve itself shows only from now on. */
	assert_int_equal(inject(world, SYS_getpid, 0, 0), world->victim.pid);
	inject_some(world);
	finish(world, "ok 3");
}

/* The call that is under way is carried out afterwards, once, with its arguments. */
static void test_inject_at_entry_and_exit(void **state)
{
	struct talk_world *world = *state;
	int told = 0;

	spawn(world, CALLS, "call_many", "3");
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		bool call = world->event.reason == ENTRY || world->event.reason == EXIT;

		if (call && world->event.pid == world->victim.pid && world->event.u.syscall.number == SYS_getppid) {
			told++;
			inject_some(world);
		}
		talk_resume(world, NULL);
	}
	/* Injected calls aren't told: seven of the process itself (one of its thread), four of its thread. */
	assert_int_equal(told, 2 * (4 + 4));
	talk_expect(&world->victim, NULL, "ok 3");
}

static void test_edit_after_inject(void **state)
{
	struct talk_world *world = *state;

	spawn(world, CALLS, "call_edit", NULL);
	talk_until_call(world, ENTRY, SYS_getppid, 1);
	inject_some(world);
	rewrite(world, SYS_getpid, 0, 0, 0);
	inject_some(world);
	talk_resume(world, NULL);
	talk_until(world, EXIT);
	assert_int_equal(world->event.u.syscall.result, world->victim.pid);
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
	talk_resume(world, NULL);
	talk_finish(world);
}

static void test_inject_at_signal(void **state)
{
	struct talk_world *world = *state;

	spawn(world, BIT(UTRACE_EVENT_SIGNAL), "sig_report", NULL);
	talk_tell(&world->victim, "qsre");
	talk_until(world, UTRACE_EVENT_SIGNAL);
	inject_some(world);
	talk_resume(world, NULL);
	talk_until(world, UTRACE_EVENT_SIGNAL);
	inject_some(world);
	talk_resume(world, NULL);
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ready");
	talk_expect(&world->victim, NULL, "took 34/-1/42/0/me 11/1/0/10");
}

/* "Signals that come in meanwhile are delivered afterwards." */
static void test_signal_during_inject(void **state)
{
	struct talk_world *world = *state;

	spawn(world, BIT(UTRACE_EVENT_SIGNAL) | BIT(ENTRY), "sig_report", NULL);
	talk_tell(&world->victim, "p");
	talk_until_call(world, ENTRY, SYS_getppid, -1);
	assert_int_equal(kill(world->victim.pid, SIGUSR1), 0);
	inject_some(world);
	talk_resume(world, NULL);
	assert_int_equal(talk_until(world, UTRACE_EVENT_SIGNAL)->u.signal.info.si_signo, SIGUSR1);
	talk_resume(world, NULL);
	talk_tell(&world->victim, "re");
	assert_int_equal(talk_finish(world), 0);
	talk_expect(&world->victim, NULL, "ready");
	talk_expect(&world->victim, NULL, "took 10/0/0/0");
}

/* The call that was interrupted for it is restarted and ends well, with the rest of its time. */
static void inject_while_blocked(struct talk_world *world, const char *how, long number)
{
	utrace_thread *thread;
	char ok[64];

	spawn(world, UTRACE_EVENTS_NONE, "att_blocked", how);
	talk_expect(&world->victim, world->session, "ready");
	talk_serve_blocked(world, number);
	talk_ok(world, utrace_session_find_thread(world->session, world->victim.pid, &thread, &world->error));
	for (int i = 0; i < 3; i++) {
		talk_ok(world, utrace_thread_stop(thread, UTRACE_STOP_NOW, NULL, &world->error));
		talk_until(world, UTRACE_EVENT_STOPPED);
		inject_some(world);
		talk_resume(world, NULL);
	}
	utrace_thread_unref(thread);
	talk_tell(&world->victim, "g");
	assert_int_equal(talk_finish(world), 0);
	snprintf(ok, sizeof(ok), "ok %s", how);
	talk_expect(&world->victim, NULL, ok);
	talk_forget(&world->victim);
}

static void test_inject_in_blocked_calls(void **state)
{
	inject_while_blocked(*state, "read", SYS_read);
	inject_while_blocked(*state, "futex", SYS_futex);
	inject_while_blocked(*state, "ppoll", SYS_ppoll);
	inject_while_blocked(*state, "epoll-may-fail", SYS_epoll_wait);
}

static void test_inject_in_nanosleep(void **state)
{
	inject_while_blocked(*state, "nanosleep", SYS_nanosleep);
}

/* Its job stays stopped. */
static void inject_or_refuse(struct talk_world *world)
{
	uint64_t args[6] = {0};
	int64_t result;

	if (utrace_session_capabilities(world->session) & UTRACE_CAN_INJECT_STOPPED)
		inject_some(world);
	else
		talk_fails(world, UTRACE_WRONG_STATE,
			   utrace_syscall_inject(world->event.thread, SYS_getpid, args, &result, &world->error));
}

static void test_inject_at_job_stop(void **state)
{
	struct talk_world *world = *state;

	spawn(world, BIT(UTRACE_EVENT_JOB_STOP) | BIT(UTRACE_EVENT_JOB_CONTINUE), "att_job", "1");
	talk_until(world, UTRACE_EVENT_JOB_STOP);
	inject_or_refuse(world);
	talk_resume(world, NULL);
	assert_int_equal(utrace_session_next(world->session, &world->event, 20, &world->error), 0);
	talk_wait_state(world->victim.pid, "Tt");
	assert_int_equal(kill(world->victim.pid, SIGCONT), 0);
	talk_until(world, UTRACE_EVENT_JOB_CONTINUE);
	inject_some(world);
	talk_resume(world, NULL);
	talk_tell(&world->victim, "g");
	finish(world, "ok 1");
}

static void test_inject_after_step(void **state)
{
	struct talk_world *world = *state;
	struct utrace_resume_options step = {.size = sizeof(step), .how = UTRACE_STEP};

	spawn(world, BIT(EXIT), "call_many", "3");
	talk_until_call(world, EXIT, SYS_getppid, -1);
	for (int i = 0; i < 50; i++) {
		talk_resume(world, &step);
		assert_true(talk_next(world)->reason == UTRACE_EVENT_STEPPED || world->event.reason == EXIT);
		inject_some(world);
	}
	finish(world, "ok 3");
}

static void test_inject_refused(void **state)
{
	static const long numbers[] = {SYS_exit,  SYS_exit_group, SYS_execve,       SYS_fork, SYS_vfork,
				       SYS_clone, SYS_clone3,     SYS_rt_sigreturn, -1};
	struct talk_world *world = *state;
	utrace_thread *thread;
	int64_t result;

	spawn(world, CALLS, "call_many", "1");
	thread = talk_until_call(world, ENTRY, SYS_getppid, -1)->thread;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		talk_fails(world, UTRACE_WRONG_STATE,
			   utrace_syscall_inject(thread, numbers[i], no_args, &result, &world->error));
	talk_fails(world, UTRACE_INVALID, utrace_syscall_inject(thread, 0, NULL, &result, &world->error));
	talk_fails(world, UTRACE_INVALID, utrace_syscall_inject(thread, 0, no_args, NULL, &world->error));
	utrace_thread_ref(thread);
	finish(world, "ok 1");
	talk_fails(world, UTRACE_DEAD, utrace_syscall_inject(thread, SYS_getpid, no_args, &result, &world->error));
	utrace_thread_unref(thread);
}

/* The child runs in the parent's memory; the parent is inside a call that can't be left. */
static void test_inject_at_vfork_and_exiting(void **state)
{
	struct talk_world *world = *state;
	int64_t result;

	spawn(world, BIT(UTRACE_EVENT_CREATE) | BIT(UTRACE_EVENT_EXITING), "att_blocked", "vfork");
	talk_tell(&world->victim, "g");
	talk_until(world, UTRACE_EVENT_CREATE);
	talk_fails(world, UTRACE_WRONG_STATE,
		   utrace_syscall_inject(world->event.thread, SYS_getpid, no_args, &result, &world->error));
	talk_resume(world, NULL);
	talk_until(world, UTRACE_EVENT_EXITING);
	talk_fails(world, UTRACE_WRONG_STATE,
		   utrace_syscall_inject(world->event.thread, SYS_getpid, no_args, &result, &world->error));
	finish(world, "ok vfork");
}

static void expect_call80(struct talk_world *world, uint64_t number, const uint64_t *args)
{
	do {
		talk_resume(world, NULL);
		talk_until(world, ENTRY);
	} while (world->event.u.syscall.abi != UTRACE_ABI_I386);
	assert_int_equal(world->event.u.syscall.number, number);
	for (int i = 0; args && i < 5; i++)
		assert_int_equal(world->event.u.syscall.args[i], args[i]);
}

static void edit_i386(struct talk_world *world)
{
	uint64_t args[6];

	talk_until_call(world, ENTRY, 64, 1);
	/* The arguments stay, for they are registers that the victim has a use for. */
	memcpy(args, world->event.u.syscall.args, sizeof(args));
	talk_ok(world, utrace_syscall_rewrite(world->event.thread, 20, args, &world->error));
	talk_resume(world, NULL);
	talk_until_call(world, EXIT, 64, 2);
	talk_ok(world, utrace_syscall_set_result(world->event.thread, -EACCES, &world->error));
	talk_resume(world, NULL);
	skip_with(world, 64, 3, 4242);
}

/* Row 19: the ABI is the call's, not the program's; arguments are zero-extended. */
static void test_int80_from_64_bit_code(void **state)
{
	static const uint64_t args[5] = {0x11, 0x22, 0x33, 0x44, 0xffffffff};
	struct talk_world *world = *state;

	spawn(world, CALLS, "call_abi", NULL);
	expect_call80(world, 64, args);
	assert_string_equal(utrace_abi_name(world->event.u.syscall.abi), "i386");
	expect_call80(world, 4, NULL);
	talk_resume(world, NULL);
	talk_until_call(world, EXIT, 6, 9999);
	assert_int_equal(world->event.u.syscall.result, -EBADF);
	assert_true(world->event.u.syscall.is_error);
	talk_resume(world, NULL);
	edit_i386(world);
	finish(world, "ok abi");
}

static void test_i386_program(void **state)
{
	struct talk_world *world = *state;
	int told = 0;

	spawn(world, CALLS, "call_abi_32", NULL);
	while (told < 3) {
		talk_until_call(world, ENTRY, 64, -1);
		assert_int_equal(world->event.u.syscall.abi, UTRACE_ABI_I386);
		told++;
		if (world->event.u.syscall.args[0] == 0x11 && told == 3)
			assert_int_equal(world->event.u.syscall.args[4], 0x55);
		if (told < 3)
			talk_resume(world, NULL);
	}
	assert_int_equal(inject(world, 20, 0, 0), world->victim.pid);
	talk_resume(world, NULL);
	edit_i386(world);
	finish(world, "ok abi");
}

static utrace_filter *filter_of(const char *name)
{
	utrace_filter *filter = utrace_filter_create();

	assert_non_null(filter);
	assert_int_equal(utrace_filter_add_name(filter, name, NULL), 0);
	utrace_filter_allow_no_new_privs(filter); /* for users without the privilege */
	return filter;
}

/* Only wanted calls are told, of children and threads too, and the others don't stop the victim. */
static int count_told(struct talk_world *world, long number)
{
	int told = 0;

	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		if (world->event.reason == ENTRY || world->event.reason == EXIT) {
			assert_int_equal(world->event.u.syscall.number, number);
			told++;
		}
		talk_resume(world, NULL);
	}
	return told;
}

static void test_kernel_filter(void **state)
{
	struct talk_world *world = *state;
	utrace_filter *filter = filter_of("getuid");

	if (!(utrace_session_capabilities(world->session) & UTRACE_CAN_FILTER_SPAWNED))
		skip();
	utrace_filter_allow_no_new_privs(filter);
	spawn_filtered(world, CALLS, filter, "call_many", "20", NULL);
	utrace_filter_destroy(filter);
	assert_int_equal(utrace_process_filter_place(world->victim.process, &world->error), UTRACE_FILTER_IN_KERNEL);
	/* 20 of each of three, and one more in each for the expected value. */
	assert_int_equal(count_told(world, SYS_getuid), 2 * 3 * 21);
	talk_expect(&world->victim, NULL, "ok 20");
}

static void test_filter_absent(void **state)
{
	struct talk_world *world = *state;

	spawn(world, CALLS, "call_many", "1");
	assert_int_equal(utrace_process_filter_place(world->victim.process, &world->error), UTRACE_FILTER_ABSENT);
	finish(world, "ok 1");
}

/* Whether a filter in the kernel can be changed and taken away again. */
static bool filters_freely(struct talk_world *world)
{
	return utrace_session_capabilities(world->session) & UTRACE_CAN_FILTER_ATTACHED;
}

static void expect_in_library(struct talk_world *world)
{
	int place = utrace_process_filter_place(world->victim.process, &world->error);

	if (filters_freely(world)) {
		assert_int_equal(place, UTRACE_FILTER_IN_KERNEL);
		return;
	}
	memset(&world->error, 0, sizeof(world->error));
	assert_int_equal(utrace_process_filter_place(world->victim.process, &world->error), UTRACE_FILTER_IN_LIBRARY);
	assert_int_equal(world->error.status, 0);
	assert_true(world->error.text[0]);
}

/* A filter in the kernel would outlive the session. */
static void test_filter_of_let_run(void **state)
{
	struct talk_world *world = *state;
	utrace_filter *filter = filter_of("getuid");
	struct utrace_spawn_options options = {
		.size = sizeof(options), .events = {.stop = CALLS}, .filter = filter, .end_policy = UTRACE_END_LET_RUN};
	const char *const argv[] = {TALK_PROGRAM("call_many"), "5", NULL};

	talk_spawn(world, &options, argv);
	utrace_filter_destroy(filter);
	expect_in_library(world);
	assert_int_equal(count_told(world, SYS_getuid), 2 * 3 * 6);
	talk_expect(&world->victim, NULL, "ok 5");
}

/* Children that are let go would keep the filter. */
static void test_filter_with_no_follow(void **state)
{
	struct utrace_session_options session_options = {.size = sizeof(session_options), .no_follow = 1};
	struct talk_world *world = *state;
	utrace_filter *filter = filter_of("getuid");

	utrace_session_close(world->session);
	session_options.threading = UTRACE_THREADS_ANY;
	talk_ok(world, utrace_session_open(&session_options, &world->session, &world->error));
	spawn_filtered(world, CALLS, filter, "call_many", "5", NULL);
	utrace_filter_destroy(filter);
	expect_in_library(world);
	assert_int_equal(count_told(world, SYS_getuid), 2 * 2 * 6);
	talk_expect(&world->victim, NULL, "ok 5");
}

static void test_filter_of_attached(void **state)
{
	struct talk_world *world = *state;
	utrace_filter *filter = filter_of("getppid");
	struct utrace_attach_options options = {.size = sizeof(options), .events = {.stop = CALLS}, .filter = filter};

	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("sig_report"), NULL});
	talk_attach(world, &options);
	utrace_filter_destroy(filter);
	expect_in_library(world);
	talk_tell(&world->victim, "ppe");
	/* Each order makes two of them. */
	assert_int_equal(count_told(world, SYS_getppid), 2 * 4);
}

static void test_set_filter(void **state)
{
	struct talk_world *world = *state;
	utrace_filter *filter = filter_of("getppid");

	spawn(world, CALLS, "call_many", "5");
	talk_until_call(world, ENTRY, SYS_getuid, -1);
	talk_ok(world, utrace_process_set_filter(world->victim.process, filter, &world->error));
	utrace_filter_destroy(filter);
	expect_in_library(world);
	talk_resume(world, NULL);
	/* The exit of the call that stands is told or not. */
	while (talk_next(world)->reason != ENTRY)
		talk_resume(world, NULL);
	assert_int_equal(world->event.u.syscall.number, SYS_getppid);
	talk_ok(world, utrace_process_set_filter(world->victim.process, NULL, &world->error));
	assert_int_equal(utrace_process_filter_place(world->victim.process, NULL), UTRACE_FILTER_ABSENT);
	talk_resume(world, NULL);
	talk_until_call(world, ENTRY, SYS_getuid, -1);
	finish(world, "ok 5");
}

/* One that the kernel takes back is no hindrance: it is widened, and the process let go. */
static void change_and_leave(struct talk_world *world, const utrace_filter *wider)
{
	talk_ok(world, utrace_process_set_filter(world->victim.process, wider, &world->error));
	talk_resume(world, NULL);
	talk_until_call(world, ENTRY, SYS_getuid, -1);
	talk_ok(world, utrace_process_set_filter(world->victim.process, NULL, &world->error));
	talk_ok(world, utrace_process_set_end_policy(world->victim.process, UTRACE_END_LET_RUN, &world->error));
	talk_ok(world, utrace_detach(world->victim.process, UTRACE_DETACH_RUNNING, &world->error));
	talk_expect(&world->victim, NULL, "ok 5");
	talk_finish(world);
	assert_int_equal(talk_reap_status(&world->victim), 0);
}

/* Without its tracer, the filtered calls would fail. */
static void test_detach_under_kernel_filter(void **state)
{
	struct talk_world *world = *state;
	utrace_filter *filter = filter_of("getppid");
	utrace_filter *wider = filter_of("getuid");

	if (!(utrace_session_capabilities(world->session) & UTRACE_CAN_FILTER_SPAWNED))
		skip();
	spawn_filtered(world, CALLS, filter, "call_many", "5", NULL);
	talk_until_call(world, ENTRY, SYS_getppid, -1);
	if (filters_freely(world)) {
		change_and_leave(world, wider);
		utrace_filter_destroy(filter);
		utrace_filter_destroy(wider);
		return;
	}
	talk_fails(world, UTRACE_FILTERED, utrace_detach(world->victim.process, UTRACE_DETACH_RUNNING, &world->error));
	talk_fails(world, UTRACE_FILTERED,
		   utrace_process_set_end_policy(world->victim.process, UTRACE_END_LET_RUN, &world->error));
	talk_fails(world, UTRACE_FILTERED, utrace_process_set_filter(world->victim.process, wider, &world->error));
	talk_fails(world, UTRACE_FILTERED, utrace_process_set_filter(world->victim.process, NULL, &world->error));
	utrace_filter_destroy(filter);
	utrace_filter_destroy(wider);
	finish(world, "ok 5");
}

/* Row 22: nobody would answer for the child's filtered calls. */
static void test_untraced_child_under_filter(void **state)
{
	struct talk_world *world = *state;
	utrace_filter *filter = filter_of("getppid");

	talk_ok(world, utrace_filter_add_name(filter, "clone", &world->error));
	spawn_filtered(world, CALLS, filter, "call_many", "5", "untraced");
	utrace_filter_destroy(filter);
	finish(world, "ok 5");
}

/* The same if clone itself is not among the calls of interest. */
static void test_untraced_child_under_narrow_filter(void **state)
{
	struct talk_world *world = *state;
	utrace_filter *filter = filter_of("getppid");

	spawn_filtered(world, CALLS, filter, "call_many", "5", "untraced");
	utrace_filter_destroy(filter);
	finish(world, "ok 5");
}

static void run_seccomp(struct talk_world *world, const char *how, const char *filter_name)
{
	utrace_filter *filter = filter_name ? filter_of(filter_name) : NULL;
	char ok[32];
	int status;

	spawn_filtered(world, CALLS | BIT(UTRACE_EVENT_SIGNAL), filter, "call_seccomp", how, NULL);
	utrace_filter_destroy(filter);
	status = talk_finish(world);
	if (!strcmp(how, "kill")) {
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
		talk_expect(&world->victim, NULL, "before");
	} else {
		snprintf(ok, sizeof(ok), "ok %s", how);
		talk_expect(&world->victim, NULL, ok);
		assert_int_equal(status, 0);
	}
	talk_forget(&world->victim);
}

/* The tracee's own filters: without ours, with ours in another place, and with ours on the very same call. */
static void test_own_seccomp_filters(void **state)
{
	static const char *const hows[] = {"errno", "trap", "kill", "trace", "notify"};

	for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
		run_seccomp(*state, hows[i], NULL);
		run_seccomp(*state, hows[i], "getuid");
		run_seccomp(*state, hows[i], "getppid");
	}
}

static void test_table(void **state)
{
	(void)state;
	assert_int_equal(utrace_syscall_number(UTRACE_ABI_X86_64, "getppid"), SYS_getppid);
	assert_int_equal(utrace_syscall_number(UTRACE_ABI_I386, "getppid"), 64);
	assert_int_equal(utrace_syscall_number(UTRACE_ABI_X32, "getppid"), SYS_getppid);
	assert_int_equal(utrace_syscall_number(UTRACE_ABI_X86_64, "no_such_call"), UTRACE_NOT_FOUND);
	assert_int_equal(utrace_syscall_number(99, "read"), UTRACE_NOT_FOUND);
	assert_int_equal(utrace_syscall_number(UTRACE_ABI_X86_64, "waitpid"), UTRACE_NOT_FOUND);
	assert_int_equal(utrace_syscall_number(UTRACE_ABI_I386, "waitpid"), 7);
	assert_string_equal(utrace_abi_name(UTRACE_ABI_X86_64), "x86_64");
	assert_string_equal(utrace_abi_name(UTRACE_ABI_X32), "x32");
	assert_null(utrace_syscall_describe(UTRACE_ABI_X86_64, -1));
	assert_null(utrace_syscall_describe(UTRACE_ABI_X86_64, 1 << 20));
	assert_null(utrace_syscall_describe(99, 0));
	assert_null(utrace_syscall_describe(UTRACE_ABI_X86_64, (int64_t)1 << 33));
}

/* Every call that the table has is found again by its name, and is inside its ABI's limit. */
static void test_table_is_whole(void **state)
{
	static const uint32_t abis[] = {UTRACE_ABI_X86_64, UTRACE_ABI_X32, UTRACE_ABI_I386};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int limit = utrace_syscall_limit(abis[i]), described = 0;

		assert_true(limit > 400 && limit < 1024);
		assert_non_null(utrace_syscall_describe(abis[i], limit - 1));
		for (int number = 0; number < limit; number++) {
			const struct utrace_syscall_info *info = utrace_syscall_describe(abis[i], number);

			if (!info)
				continue;
			described++;
			assert_int_equal(utrace_syscall_number(abis[i], info->name), number);
			assert_true(info->arg_count <= 6);
			for (uint32_t arg = 0; arg < info->arg_count; arg++)
				assert_true(info->args[arg].name && info->args[arg].kind);
		}
		assert_true(described > 300);
	}
}

static void test_filter_sets(void **state)
{
	utrace_filter *filter = utrace_filter_create();
	struct utrace_error error;

	(void)state;
	assert_false(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_read));
	assert_int_equal(utrace_filter_add(filter, UTRACE_ABI_X86_64, SYS_read, &error), 0);
	assert_true(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_read));
	assert_false(utrace_filter_has(filter, UTRACE_ABI_I386, 3));
	assert_int_equal(utrace_filter_add_name(filter, "read", &error), 0);
	assert_true(utrace_filter_has(filter, UTRACE_ABI_I386, 3));
	talk_check_fails(UTRACE_NOT_FOUND, utrace_filter_add_name(filter, "no_such_call", &error), &error, "name",
			 __FILE__, __LINE__);
	talk_check_fails(UTRACE_NOT_FOUND, utrace_filter_add(filter, 99, 0, &error), &error, "abi", __FILE__, __LINE__);
	talk_check_fails(UTRACE_NOT_FOUND, utrace_filter_add(filter, UTRACE_ABI_X86_64, 1 << 20, &error), &error,
			 "number", __FILE__, __LINE__);
	talk_check_fails(UTRACE_NOT_FOUND, utrace_filter_add(filter, UTRACE_ABI_X86_64, -1, &error), &error, "-1",
			 __FILE__, __LINE__);
	utrace_filter_invert(filter);
	assert_false(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_read));
	assert_true(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_write));
	/* "Numbers that no table knows become in." */
	assert_true(utrace_filter_has(filter, UTRACE_ABI_X86_64, 1 << 20));
	utrace_filter_invert(filter);
	assert_true(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_read));
	assert_false(utrace_filter_has(filter, UTRACE_ABI_X86_64, 1 << 20));
	utrace_filter_add_class(filter, UTRACE_CLASS_NETWORK);
	assert_true(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_socket));
	assert_true(utrace_filter_has(filter, UTRACE_ABI_I386, 359));
	assert_false(utrace_filter_has(filter, UTRACE_ABI_X86_64, SYS_openat));
	utrace_filter_destroy(filter);
	utrace_filter_destroy(NULL);
}

static void test_number_beyond_the_limit(void **state)
{
	utrace_filter *filter = utrace_filter_create();
	struct utrace_error error = {0};
	int status = utrace_filter_add(filter, UTRACE_ABI_X86_64, utrace_syscall_limit(UTRACE_ABI_X86_64), &error);

	(void)state;
	utrace_filter_destroy(filter);
	talk_check_fails(UTRACE_NOT_FOUND, status, &error, "utrace_filter_add", __FILE__, __LINE__);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_thread_limit),
		TEST(test_edits),
		TEST(test_edits_under_kernel_filter),
		TEST(test_wrong_state),
		TEST(test_inject_at_exec_hold),
		TEST(test_inject_at_entry_and_exit),
		TEST(test_edit_after_inject),
		TEST(test_inject_at_signal),
		TEST(test_signal_during_inject),
		TEST(test_inject_in_blocked_calls),
		TEST(test_inject_in_nanosleep),
		TEST(test_inject_at_job_stop),
		TEST(test_inject_after_step),
		TEST(test_inject_refused),
		TEST(test_inject_at_vfork_and_exiting),
		TEST(test_int80_from_64_bit_code),
		TEST(test_i386_program),
		TEST(test_kernel_filter),
		TEST(test_filter_absent),
		TEST(test_filter_of_let_run),
		TEST(test_filter_with_no_follow),
		TEST(test_filter_of_attached),
		TEST(test_set_filter),
		TEST(test_detach_under_kernel_filter),
		TEST(test_untraced_child_under_filter),
		TEST(test_untraced_child_under_narrow_filter),
		TEST(test_own_seccomp_filters),
		TEST(test_table),
		TEST(test_table_is_whole),
		TEST(test_filter_sets),
		TEST(test_number_beyond_the_limit),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
