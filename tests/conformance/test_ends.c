/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_ends.c - every end, at every moment: one terminal event for each thread and process, no call that hangs.
 * (process-control rows 3, 5, 10, 16, 23)
 */
#include "support_ledger.h"

#include <dirent.h>
#include <fcntl.h>
#include <mntent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIT UTRACE_EVENT_BIT

static const struct utrace_attach_options quiet = {.size = sizeof(quiet), .events = {.stop = UTRACE_EVENTS_NONE}};

static struct utrace_spawn_options mask(uint64_t stop)
{
	return (struct utrace_spawn_options){.size = sizeof(struct utrace_spawn_options), .events = {.stop = stop}};
}

static void spawn(struct talk_world *world, uint64_t stop, const char *const argv[])
{
	struct utrace_spawn_options options = mask(stop);

	talk_spawn(world, &options, argv);
}

/* Starts a victim that will come to this event; what it does on its way is in the mask, for the ledger. */
static void start_towards(struct talk_world *world, uint32_t reason)
{
	const struct utrace_resume_options step = {.size = sizeof(step), .how = UTRACE_STEP};
	const struct utrace_attach_options hold = {.size = sizeof(hold), .hold = 1};
	uint64_t stop = BIT(reason) | BIT(UTRACE_EVENT_CREATE);

	switch (reason) {
	case UTRACE_EVENT_STOPPED:
		spawn(world, stop, (const char *const[]){TALK_PROGRAM("life"), "wait", NULL});
		talk_ok(world, utrace_process_stop(world->victim.process, UTRACE_STOP_NOW, &world->error));
		break;
	case UTRACE_EVENT_JOB_STOP:
		spawn(world, stop, (const char *const[]){TALK_PROGRAM("life"), "wait", NULL});
		assert_int_equal(kill(world->victim.pid, SIGSTOP), 0);
		break;
	case UTRACE_EVENT_STEPPED:
		spawn(world, BIT(UTRACE_EVENT_EXEC), (const char *const[]){"/bin/true", NULL});
		talk_until(world, UTRACE_EVENT_EXEC);
		talk_resume(world, &step);
		break;
	case UTRACE_EVENT_ATTACHED:
		talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("att_blocked"), "read", NULL});
		talk_attach(world, &hold);
		break;
	case UTRACE_EVENT_EXITING:
		spawn(world, stop, (const char *const[]){"/bin/true", NULL});
		break;
	case UTRACE_EVENT_VFORK_DONE:
		spawn(world, stop, (const char *const[]){TALK_PROGRAM("child_ways"), "vfork-exits", NULL});
		break;
	default:
		spawn(world, stop, (const char *const[]){TALK_PROGRAM("child_ways"), "waited", NULL});
		break;
	}
}

/* Carries a victim to where it is held by this event, which stays in world->event. */
static struct ledger reach(struct talk_world *world, uint32_t reason)
{
	struct ledger ledger;

	start_towards(world, reason);
	ledger = ledger_start(world);
	for (;;) {
		ledger_add(&ledger, talk_next(world));
		if (world->event.reason == reason)
			break;
		talk_resume(world, NULL);
	}
	assert_true(world->event.flags & UTRACE_EVENT_HELD);
	return ledger;
}

static void expect_one_of(int status, int first, int second, int third)
{
	if (status < 0 && status != first && status != second && status != third)
		fail_msg("%s was not expected of a thread that is killed", utrace_status_name(status));
}

/* Row 3: each call of a thread that dies under one's hands comes back with a result or a clear status. */
static void poke(struct talk_world *world, utrace_thread *thread)
{
	const struct utrace_resume_options step = {.size = sizeof(step), .how = UTRACE_STEP};
	utrace_process *process = utrace_thread_process(thread);
	const uint64_t arguments[6] = {0};
	unsigned char set[4096];
	uint64_t value = 0;
	int64_t result;

	expect_one_of(utrace_register_get(thread, UTRACE_REG_PC, &value, NULL), UTRACE_DEAD, UTRACE_NOT_STOPPED, 0);
	expect_one_of(utrace_register_set(thread, UTRACE_REG_PC, value, NULL), UTRACE_DEAD, UTRACE_NOT_STOPPED, 0);
	expect_one_of((int)utrace_regset_get(thread, UTRACE_REGSET_FLOAT, set, sizeof(set), NULL), UTRACE_DEAD,
		      UTRACE_NOT_STOPPED, 0);
	expect_one_of((int)utrace_memory_read(process, value, set, 16, NULL), UTRACE_DEAD, UTRACE_FAULT, 0);
	expect_one_of(utrace_thread_stop(thread, UTRACE_STOP_NOW, NULL, NULL), UTRACE_DEAD, UTRACE_BUSY, 0);
	expect_one_of(utrace_syscall_set_result(thread, 0, NULL), UTRACE_DEAD, UTRACE_NOT_STOPPED, UTRACE_WRONG_STATE);
	expect_one_of(utrace_syscall_inject(thread, SYS_getpid, arguments, &result, NULL), UTRACE_DEAD,
		      UTRACE_NOT_STOPPED, UTRACE_WRONG_STATE);
	expect_one_of(utrace_thread_resume(thread, &step, &world->error), UTRACE_DEAD, UTRACE_NOT_STOPPED, 0);
	expect_one_of(utrace_process_kill(process, NULL), UTRACE_DEAD, 0, 0);
}

static void kill_at(struct talk_world *world, uint32_t reason, bool poked)
{
	struct ledger ledger = reach(world, reason);

	assert_int_equal(kill(world->event.pid, SIGKILL), 0);
	if (poked)
		poke(world, world->event.thread);
	if (reason == UTRACE_EVENT_CREATE && poked)
		talk_ok(world, utrace_thread_resume(world->event.u.create.thread, NULL, &world->error));
	if (!poked)
		talk_resume(world, NULL);
	ledger_run(&ledger, world);
	ledger_check(&ledger);
	if (world->victim.started)
		waitpid(ledger.pid, NULL, 0);
	talk_forget(&world->victim);
}

/* SIGKILL in each state that an event holds a thread in. */
static void test_kill_at_each_event(void **state)
{
	for (uint32_t reason = UTRACE_EVENT_SYSCALL_ENTRY; reason <= UTRACE_EVENT_ATTACHED; reason++) {
		if (reason == UTRACE_EVENT_JOB_CONTINUE || reason == UTRACE_EVENT_THREAD_EXIT ||
		    reason == UTRACE_EVENT_PROCESS_END)
			continue;
		kill_at(*state, reason, false);
		kill_at(*state, reason, true);
	}
}

/* Resumed, but still in its job-control stop; and continued, when that has been told. */
static void test_kill_in_job_stop(void **state)
{
	struct talk_world *world = *state;

	for (int continued = 0; continued < 2; continued++) {
		struct ledger ledger;

		spawn(world, BIT(UTRACE_EVENT_JOB_STOP) | BIT(UTRACE_EVENT_JOB_CONTINUE),
		      (const char *const[]){TALK_PROGRAM("life"), "wait", NULL});
		ledger = ledger_start(world);
		assert_int_equal(kill(world->victim.pid, SIGSTOP), 0);
		talk_until(world, UTRACE_EVENT_JOB_STOP);
		talk_resume(world, NULL);
		if (continued) {
			assert_int_equal(kill(world->victim.pid, SIGCONT), 0);
			talk_until(world, UTRACE_EVENT_JOB_CONTINUE);
		}
		assert_int_equal(kill(world->victim.pid, SIGKILL), 0);
		talk_resume(world, NULL);
		ledger_run(&ledger, world);
		ledger_check(&ledger);
		assert_int_equal(WTERMSIG(ledger.status), SIGKILL);
		talk_forget(&world->victim);
	}
}

/* By the very call that is run inside it: the call says so, and the ends follow. */
static void test_kill_inside_inject(void **state)
{
	struct talk_world *world = *state;
	struct ledger ledger;
	int64_t result;

	for (int entry = 0; entry < 2; entry++) {
		ledger = reach(world, entry ? UTRACE_EVENT_SYSCALL_ENTRY : UTRACE_EVENT_EXEC);
		const uint64_t arguments[6] = {(uint64_t)world->victim.pid, SIGKILL};

		talk_fails(world, UTRACE_DEAD,
			   utrace_syscall_inject(world->event.thread, SYS_kill, arguments, &result, &world->error));
		ledger_run(&ledger, world);
		ledger_check(&ledger);
		assert_int_equal(WTERMSIG(ledger.status), SIGKILL);
		talk_forget(&world->victim);
	}
}

/* Some events have been taken, others not; those that wait are still told, before the ends. */
static void test_kill_with_events_untaken(void **state)
{
	struct talk_world *world = *state;
	struct ledger ledger;

	spawn(world, UTRACE_EVENTS_NONE, (const char *const[]){TALK_PROGRAM("end_ways"), "group", "20", NULL});
	talk_expect(&world->victim, world->session, "ready");
	ledger = ledger_start(world);
	ledger.threads = 20;
	assert_int_equal(talk_ok(world, utrace_process_stop(world->victim.process, UTRACE_STOP_NOW, &world->error)),
			 21);
	while (utrace_process_is_stopped(world->victim.process, NULL) == 0 && ledger.told[UTRACE_EVENT_STOPPED] < 5)
		ledger_add(&ledger, talk_next(world));
	talk_ok(world, utrace_process_kill(world->victim.process, &world->error));
	ledger_run(&ledger, world);
	ledger_check(&ledger);
	assert_int_equal(WTERMSIG(ledger.status), SIGKILL);
}

/* One thread's exit_group ends the others, which are held. */
static void test_exit_group_while_others_are_held(void **state)
{
	struct talk_world *world = *state;
	struct ledger ledger;
	utrace_thread *first = NULL;

	spawn(world, UTRACE_EVENTS_NONE, (const char *const[]){TALK_PROGRAM("end_ways"), "group", "20", NULL});
	talk_expect(&world->victim, world->session, "ready");
	ledger = ledger_start(world);
	ledger.threads = 20;
	assert_int_equal(talk_ok(world, utrace_process_stop(world->victim.process, UTRACE_STOP_NOW, &world->error)),
			 21);
	while (ledger.told[UTRACE_EVENT_STOPPED] < 21) {
		ledger_add(&ledger, talk_next(world));
		if (world->event.tid == world->victim.pid)
			first = utrace_thread_ref(world->event.thread);
	}
	assert_int_equal(utrace_process_is_stopped(world->victim.process, NULL), 1);
	talk_ok(world, utrace_thread_resume(first, NULL, &world->error));
	utrace_thread_unref(first);
	talk_tell(&world->victim, "g");
	ledger_run(&ledger, world);
	ledger_check(&ledger);
	assert_int_equal(ledger.exits[UTRACE_EXIT_GROUP], 20);
	assert_int_equal(ledger.exits[UTRACE_EXIT_SELF], 1);
	assert_int_equal(WEXITSTATUS(ledger.status), 5);
}

/* Row 5: a thread ends by itself while it is asked to stop: the request is answered, by a stop or by the end. */
static void test_thread_ends_while_stop_is_pending(void **state)
{
	enum { COUNT = 60 };
	struct talk_world *world = *state;
	uint64_t answered = 0, asked = 0;
	struct ledger ledger;

	spawn(world, UTRACE_EVENTS_NONE, (const char *const[]){TALK_PROGRAM("end_ways"), "turns", "60", NULL});
	talk_expect(&world->victim, world->session, "ready");
	ledger = ledger_start(world);
	ledger.threads = COUNT;
	for (int i = 0; i < COUNT; i++) {
		int got;

		talk_tell(&world->victim, "g");
		got = utrace_process_stop(world->victim.process, UTRACE_STOP_NOW, &world->error);
		if (got == UTRACE_DEAD && i == COUNT - 1)
			break; /* the program ends with its last turn */
		asked += (uint64_t)talk_ok(world, got);
		while (answered < asked) {
			ledger_add(&ledger, talk_next(world));
			answered += world->event.flags & UTRACE_EVENT_ANSWERS ? 1 : 0;
			talk_resume(world, NULL);
		}
	}
	ledger_run(&ledger, world);
	ledger_check(&ledger);
	assert_int_equal(ledger.status, 0);
	assert_int_equal(answered, asked);
}

/* The only file in the directory, removed; its size, or -1. */
static long take_core(const char *directory)
{
	DIR *list = opendir(directory);
	struct dirent *entry;
	struct stat status;
	long size = -1;

	while ((entry = readdir(list))) {
		if (entry->d_name[0] == '.')
			continue;
		assert_int_equal(fstatat(dirfd(list), entry->d_name, &status, 0), 0);
		size = (long)status.st_size;
		assert_int_equal(unlinkat(dirfd(list), entry->d_name, 0), 0);
	}
	closedir(list);
	return size;
}

static bool cores_are_files(void)
{
	char pattern[128] = "";
	FILE *file = fopen("/proc/sys/kernel/core_pattern", "re");

	if (file && !fgets(pattern, sizeof(pattern), file))
		pattern[0] = 0;
	if (file)
		fclose(file);
	return !strncmp(pattern, "core", 4);
}

/* A hundred threads, one of which aborts: the kernel writes the core while all of them are traced. */
static void test_core_of_hundred_threads(void **state)
{
	char directory[] = "/tmp/utrace-test-XXXXXX";
	const char *const argv[] = {TALK_PROGRAM("end_ways"), "core", "100", directory, NULL};
	struct talk_world *world = *state;
	struct ledger ledger;
	long size;

	assert_non_null(mkdtemp(directory));
	spawn(world, BIT(UTRACE_EVENT_CREATE) | BIT(UTRACE_EVENT_SIGNAL), argv);
	ledger = ledger_start(world);
	talk_tell(&world->victim, "g");
	ledger_run(&ledger, world);
	ledger_check(&ledger);
	size = take_core(directory);
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(WTERMSIG(ledger.status), SIGABRT);
	assert_int_equal(ledger.threads, 100);
	assert_int_equal(ledger.exits[UTRACE_EXIT_SELF], 1);
	if (WCOREDUMP(ledger.status) && cores_are_files())
		assert_true(size > 100 * 4096);
}

/* A group of processes that can be frozen: in D state by version 1 of control groups, elsewhere by version 2. */
struct freezer {
	char path[512];
	bool first_version;
};

static bool find_freezer(struct freezer *freezer)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	bool found = false;

	while (mounts && !found && (entry = getmntent(mounts))) {
		freezer->first_version = !strcmp(entry->mnt_type, "cgroup") && hasmntopt(entry, "freezer");
		found = freezer->first_version || !strcmp(entry->mnt_type, "cgroup2");
		snprintf(freezer->path, sizeof(freezer->path), "%s/utrace-test-%d", entry->mnt_dir, getpid());
		found = found && mkdir(freezer->path, 0755) == 0;
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

static void write_freezer(const struct freezer *freezer, const char *name, const char *text)
{
	char path[600];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", freezer->path, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static bool is_frozen(const struct freezer *freezer)
{
	char path[600], text[256] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", freezer->path,
		 freezer->first_version ? "freezer.state" : "cgroup.events");
	file = fopen(path, "re");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = 0;
	fclose(file);
	return strstr(text, "FROZEN") || strstr(text, "frozen 1");
}

static void freeze(const struct freezer *freezer, pid_t pid)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", pid);
	write_freezer(freezer, "cgroup.procs", number);
	write_freezer(freezer, freezer->first_version ? "freezer.state" : "cgroup.freeze",
		      freezer->first_version ? "FROZEN" : "1");
	while (!is_frozen(freezer))
		sched_yield();
}

static void thaw(const struct freezer *freezer)
{
	write_freezer(freezer, freezer->first_version ? "freezer.state" : "cgroup.freeze",
		      freezer->first_version ? "THAWED" : "0");
}

/* Row 16: attach comes back though nothing can stop the thread; the stop that is asked for comes when it can. */
static void test_uninterruptible_sleep(void **state)
{
	struct talk_world *world = *state;
	struct freezer freezer;

	if (!find_freezer(&freezer))
		skip();
	talk_start_ready(&world->victim, (const char *const[]){TALK_PROGRAM("att_blocked"), "read", NULL});
	freeze(&freezer, world->victim.pid);
	talk_attach(world, &quiet);
	assert_int_equal(talk_ok(world, utrace_process_stop(world->victim.process, UTRACE_STOP_NOW, &world->error)), 1);
	if (freezer.first_version)
		assert_int_equal(utrace_session_next(world->session, &world->event, 20, &world->error), 0);
	thaw(&freezer);
	talk_until(world, UTRACE_EVENT_STOPPED);
	talk_resume(world, NULL);
	freeze(&freezer, world->victim.pid);
	talk_ok(world, utrace_detach(world->victim.process, UTRACE_DETACH_RUNNING, &world->error));
	thaw(&freezer);
	(void)talk_finish(world);
	talk_tell(&world->victim, "g");
	talk_expect(&world->victim, NULL, "ok read");
	talk_reap(&world->victim);
	while (rmdir(freezer.path))
		sched_yield();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kill_at_each_event),
		TEST(test_kill_in_job_stop),
		TEST(test_kill_inside_inject),
		TEST(test_kill_with_events_untaken),
		TEST(test_exit_group_while_others_are_held),
		TEST(test_thread_ends_while_stop_is_pending),
		TEST(test_core_of_hundred_threads),
		TEST(test_uninterruptible_sleep),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
