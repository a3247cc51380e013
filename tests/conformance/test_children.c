/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_children.c - fork, vfork and clone in all their ways: no child is missed, doubled or left behind, and its parent
 * is told of its end as if nobody traced it. (process-control rows 1, 3, 12, 22)
 */
#include "support_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIT UTRACE_EVENT_BIT

static struct utrace_spawn_options mask(uint64_t stop)
{
	return (struct utrace_spawn_options){.size = sizeof(struct utrace_spawn_options), .events = {.stop = stop}};
}

static struct ledger run_way_with(struct talk_world *world, const char *way, const char *argument, uint64_t stop)
{
	const char *const argv[] = {TALK_PROGRAM("child_ways"), way, argument, NULL};
	struct utrace_spawn_options options = mask(stop);
	struct ledger ledger;
	char ok[64];

	talk_spawn(world, &options, argv);
	ledger = ledger_of_run(world);
	snprintf(ok, sizeof(ok), "ok %s", way);
	talk_expect(&world->victim, NULL, ok);
	assert_int_equal(ledger.status, 0);
	talk_forget(&world->victim);
	return ledger;
}

/* Every way twice: with all events of interest, and with children only. */
static struct ledger run_way(struct talk_world *world, const char *way)
{
	struct ledger all = run_way_with(world, way, NULL, 0);
	struct ledger few = run_way_with(world, way, NULL, BIT(UTRACE_EVENT_CREATE));

	assert_memory_equal(all.created, few.created, sizeof(all.created));
	assert_memory_equal(all.exits, few.exits, sizeof(all.exits));
	return all;
}

static void test_vfork_child_exits(void **state)
{
	struct ledger ledger = run_way(*state, "vfork-exits");

	assert_int_equal(ledger.created[UTRACE_CREATE_VFORK], 1);
	assert_int_equal(ledger.told[UTRACE_EVENT_VFORK_DONE], 1);
	assert_int_equal(ledger.processes, 2);
}

static void test_vfork_child_execs(void **state)
{
	struct ledger ledger = run_way(*state, "vfork-execs");

	assert_int_equal(ledger.created[UTRACE_CREATE_VFORK], 1);
	assert_int_equal(ledger.told[UTRACE_EVENT_VFORK_DONE], 1);
	assert_int_equal(ledger.told[UTRACE_EVENT_EXEC], 2);
}

static void test_vfork_child_crashes(void **state)
{
	struct ledger ledger = run_way(*state, "vfork-crashes");

	assert_int_equal(ledger.created[UTRACE_CREATE_VFORK], 1);
	assert_int_equal(ledger.told[UTRACE_EVENT_VFORK_DONE], 1);
	/* SIGILL, and SIGCHLD for the parent. */
	assert_int_equal(ledger.told[UTRACE_EVENT_SIGNAL], 2);
}

static void test_vfork_child_is_killed(void **state)
{
	struct ledger ledger = run_way(*state, "vfork-killed");

	assert_int_equal(ledger.created[UTRACE_CREATE_VFORK], 1);
	assert_int_equal(ledger.told[UTRACE_EVENT_VFORK_DONE], 1);
	assert_int_equal(ledger.exits[UTRACE_EXIT_GROUP], 1);
}

static void test_vfork_child_of_vfork_child(void **state)
{
	struct ledger ledger = run_way(*state, "vfork-nested");

	assert_int_equal(ledger.created[UTRACE_CREATE_VFORK], 2);
	assert_int_equal(ledger.told[UTRACE_EVENT_VFORK_DONE], 2);
}

/* CLONE_VM without CLONE_THREAD is a process of its own. */
static void test_shared_memory(void **state)
{
	struct ledger ledger = run_way(*state, "memory");

	assert_int_equal(ledger.created[UTRACE_CREATE_FORK], 1);
	assert_int_equal(ledger.processes, 2);
}

static void test_clone_parent(void **state)
{
	struct ledger ledger = run_way(*state, "parent");

	assert_int_equal(ledger.created[UTRACE_CREATE_FORK] + ledger.created[UTRACE_CREATE_CLONE], 2);
	assert_int_equal(ledger.processes, 3);
}

/* The child of such a namespace has an id in the session's, which is what is told. */
static void test_pid_namespace(void **state)
{
	if (geteuid())
		skip();
	assert_int_equal(run_way(*state, "namespace").processes, 3);
}

static bool find_cgroups(char *path, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	bool found = false;

	while (mounts && !found && (entry = getmntent(mounts))) {
		found = !strcmp(entry->mnt_type, "cgroup2");
		if (found)
			snprintf(path, size, "%s/utrace-test-%d", entry->mnt_dir, getpid());
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

static void test_clone_into_cgroup(void **state)
{
	char path[512];
	struct ledger ledger;

	if (!find_cgroups(path, sizeof(path)) || mkdir(path, 0755))
		skip();
	ledger = run_way_with(*state, "cgroup", path, 0);
	assert_int_equal(ledger.processes, 2);
	/* It is empty from the moment the kernel has forgotten the child. */
	while (rmdir(path) && errno == EBUSY)
		sched_yield();
	assert_int_equal(access(path, F_OK), -1);
}

/* The creator's event comes late, when its child has been told without it and has ended. */
static void test_starved_creator(void **state)
{
	struct ledger ledger = run_way(*state, "starved");

	assert_int_equal(ledger.processes, 3);
}

/* Followed beyond its parent's and its grandparent's end. */
static void test_daemon(void **state)
{
	struct ledger ledger = run_way(*state, "daemon");

	assert_int_equal(ledger.created[UTRACE_CREATE_FORK], 2);
	assert_int_equal(ledger.processes, 3);
}

/* A child that is let go takes its own children along: nothing more is told of either. */
static void test_children_of_unfollowed(void **state)
{
	struct utrace_session_options session_options = {
		.size = sizeof(session_options), .threading = UTRACE_THREADS_ANY, .no_follow = 1};
	struct talk_world *world = *state;
	struct ledger ledger;

	utrace_session_close(world->session);
	talk_ok(world, utrace_session_open(&session_options, &world->session, &world->error));
	ledger = run_way_with(world, "grandchild", NULL, 0);
	assert_int_equal(ledger.unfollowed, 1);
	assert_int_equal(ledger.processes, 1);
}

/* Handles of those that had the number before stay dead. */
static void test_reused_number(void **state)
{
	const char *const argv[] = {TALK_PROGRAM("child_ways"), "reused", "200", NULL};
	struct talk_world *world = *state;
	struct utrace_spawn_options options = mask(BIT(UTRACE_EVENT_CREATE));
	struct ledger ledger;
	utrace_process *first = NULL;
	char byte;

	if (geteuid())
		skip();
	talk_spawn(world, &options, argv);
	ledger = ledger_start(world);
	while (utrace_session_next(world->session, &world->event, TALK_PATIENCE, &world->error) == 1) {
		ledger_add(&ledger, &world->event);
		if (world->event.reason == UTRACE_EVENT_CREATE && !first)
			first = utrace_process_ref(world->event.u.create.process);
		else if (world->event.reason == UTRACE_EVENT_CREATE) {
			assert_ptr_not_equal(world->event.u.create.process, first);
			talk_fails(world, UTRACE_DEAD, utrace_memory_read(first, 0x400000, &byte, 1, &world->error));
			talk_fails(world, UTRACE_DEAD, utrace_process_kill(first, &world->error));
		}
		talk_resume(world, NULL);
	}
	utrace_process_unref(first);
	ledger_check(&ledger);
	assert_int_equal(ledger.status, 0);
	assert_true(ledger.processes >= 202);
}

/* Inside a pid namespace whose numbers wrap round several times; ids are those of that namespace. */
static int run_in_small_namespace(void)
{
	struct talk_world world = {.event = UTRACE_EVENT_INIT};
	const char *const argv[] = {TALK_PROGRAM("life"), "forks", "1000", NULL};
	struct utrace_spawn_options options = mask(BIT(UTRACE_EVENT_CREATE));
	int file, ends = 0, most = 0;

	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("proc", "/proc", "proc", 0, NULL))
		return 77;
	/* Since Linux 6.14 the limit is the namespace's own. */
	file = open("/proc/sys/kernel/pid_max", O_WRONLY | O_CLOEXEC);
	if (file < 0 || write(file, "400", 3) != 3)
		return 77;
	close(file);
	world.victim.in = world.victim.out = -1;
	world.session = talk_open_in_child();
	options.argv = argv;
	if (utrace_spawn(world.session, &options, &world.victim.process, &world.error))
		return 3;
	while (utrace_session_next(world.session, &world.event, TALK_PATIENCE, &world.error) == 1) {
		ends += world.event.reason == UTRACE_EVENT_PROCESS_END;
		most = world.event.pid > most ? world.event.pid : most;
		talk_resume(&world, NULL);
	}
	return ends == 1001 && most < 400 ? 0 : 4;
}

static bool pid_max_is_local(void)
{
	int major = 0, minor = 0;
	FILE *release = fopen("/proc/sys/kernel/osrelease", "re");

	if (!release || fscanf(release, "%d.%d", &major, &minor) != 2)
		major = 0;
	if (release)
		fclose(release);
	return major > 6 || (major == 6 && minor >= 14);
}

static void test_numbers_wrap(void **state)
{
	struct talk_world *world = *state;
	int status = -1;
	pid_t helper;

	if (geteuid() || !pid_max_is_local())
		skip();
	utrace_session_close(world->session);
	world->session = NULL;
	helper = fork();
	if (!helper) {
		int null = open("/dev/null", O_WRONLY);
		pid_t first;

		dup2(null, 1);
		if (unshare(CLONE_NEWPID | CLONE_NEWNS))
			_exit(77);
		first = fork();
		if (!first)
			_exit(run_in_small_namespace());
		waitpid(first, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 5);
	}
	assert_int_equal(waitpid(helper, &status, 0), helper);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/* The parent that waits sees the right status and usage, and the child once. */
static void test_parent_waits(void **state)
{
	assert_int_equal(run_way(*state, "waited").processes, 3);
}

/* A child that has ended and that its parent has not reaped yet can't be attached to; the parent still can reap it. */
static void test_zombie(void **state)
{
	const char *const argv[] = {TALK_PROGRAM("child_ways"), "zombie", NULL};
	struct talk_world *world = *state;
	utrace_process *none = NULL;
	pid_t zombie = 0;

	talk_start(&world->victim, argv);
	assert_int_equal(sscanf(talk_line(&world->victim, NULL), "zombie %d", &zombie), 1);
	talk_wait_state(zombie, "Z");
	talk_fails(world, UTRACE_NO_PROCESS, utrace_attach(world->session, zombie, NULL, &none, &world->error));
	assert_non_null(strstr(world->error.text, "parent"));
	talk_tell(&world->victim, "g");
	talk_expect(&world->victim, NULL, "ok zombie");
	talk_reap(&world->victim);
}

/* SIGKILL while threads are being made: a thread that is dead before anybody has seen it is still a thread. */
static void kill_while_threads_are_made(struct talk_world *world, int events)
{
	const char *const argv[] = {TALK_PROGRAM("att_threads"), "100000000", NULL};
	struct utrace_spawn_options options = mask(BIT(UTRACE_EVENT_CREATE));
	struct ledger ledger;

	talk_spawn(world, &options, argv);
	ledger = ledger_start(world);
	for (int i = 0; i < events; i++) {
		ledger_add(&ledger, talk_next(world));
		talk_resume(world, NULL);
	}
	assert_int_equal(kill(world->victim.pid, SIGKILL), 0);
	ledger_run(&ledger, world);
	ledger_check(&ledger);
	assert_int_equal(ledger.processes, 1);
	assert_int_equal(ledger.created[UTRACE_CREATE_THREAD], ledger.threads);
	assert_true(WIFSIGNALED(ledger.status));
	talk_forget(&world->victim);
}

static void test_killed_while_threads_are_made(void **state)
{
	for (int round = 0; round < 60; round++)
		kill_while_threads_are_made(*state, 20 + round);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_vfork_child_exits),
		TEST(test_vfork_child_execs),
		TEST(test_vfork_child_crashes),
		TEST(test_vfork_child_is_killed),
		TEST(test_vfork_child_of_vfork_child),
		TEST(test_shared_memory),
		TEST(test_clone_parent),
		TEST(test_pid_namespace),
		TEST(test_clone_into_cgroup),
		TEST(test_daemon),
		TEST(test_children_of_unfollowed),
		TEST(test_reused_number),
		TEST(test_numbers_wrap),
		TEST(test_parent_waits),
		TEST(test_zombie),
		TEST(test_killed_while_threads_are_made),
		TEST(test_starved_creator),
	};

	talk_choose_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
