/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes children in the ways that tracers get wrong, and checks that each ends as it should.  child_ways WAY [ARGUMENT]
 * "ok WAY" is its last line.
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "att_common.h"

static volatile int shared;
static char stack[65536] __attribute__((aligned(16)));

static void expect_exit(pid_t pid, int code)
{
	int status = 0;

	CHECK(waitpid(pid, &status, __WALL) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == code);
}

static void expect_signal(pid_t pid, int signal)
{
	int status = 0;

	CHECK(waitpid(pid, &status, __WALL) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == signal);
}

static void vfork_exits(void)
{
	pid_t child = vfork();

	if (!child)
		_exit(5);
	expect_exit(child, 5);
}

static void vfork_execs(void)
{
	pid_t child = vfork();

	if (!child) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(9);
	}
	expect_exit(child, 0);
}

static void vfork_crashes(void)
{
	pid_t child = vfork();

	if (!child) {
		__asm__ volatile("ud2");
		_exit(9);
	}
	expect_signal(child, SIGILL);
}

static void vfork_is_killed(void)
{
	pid_t child = vfork();

	if (!child) {
		kill((pid_t)syscall(SYS_getpid), SIGKILL);
		_exit(9);
	}
	expect_signal(child, SIGKILL);
}

/* The child of a vfork child, while both parents wait. */
static void vfork_nested(void)
{
	pid_t child = vfork();

	if (!child) {
		pid_t inner = vfork();
		int status = 0;

		if (!inner)
			_exit(6);
		_exit(waitpid(inner, &status, 0) == inner && WEXITSTATUS(status) == 6 ? 7 : 8);
	}
	expect_exit(child, 7);
}

static int set_shared(void *value)
{
	shared = (int)(intptr_t)value;
	return 3;
}

/* Two processes, one memory. */
static void shares_memory(void)
{
	pid_t child = clone(set_shared, stack + sizeof(stack), CLONE_VM | SIGCHLD, (void *)4711);

	CHECK(child > 0);
	expect_exit(child, 3);
	CHECK(shared == 4711);
}

/* A child makes a child for its own parent. */
static void is_made_for_parent(void)
{
	int pipes[2];
	pid_t child, sibling = 0;

	CHECK(!pipe(pipes));
	child = fork();
	if (!child) {
		sibling = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
		if (!sibling)
			_exit(12);
		_exit(write(pipes[1], &sibling, sizeof(sibling)) == sizeof(sibling) ? 11 : 13);
	}
	CHECK(read(pipes[0], &sibling, sizeof(sibling)) == sizeof(sibling));
	expect_exit(child, 11);
	expect_exit(sibling, 12);
}

/* It has number 1 inside, another outside. */
static void is_first_of_namespace(void)
{
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);

	if (!child) {
		pid_t inner;

		if (syscall(SYS_getpid) != 1)
			_exit(1);
		inner = fork();
		if (!inner)
			_exit(getpid() == 2 ? 4 : 5);
		expect_exit(inner, 4);
		_exit(14);
	}
	CHECK(child > 0);
	expect_exit(child, 14);
}

static void is_born_into_cgroup(const char *directory)
{
	int cgroup = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)(unsigned int)cgroup};
	char path[512], member[32];
	pid_t child;
	int file;

	CHECK(cgroup >= 0);
	child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (!child) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
		file = open(path, O_RDONLY);
		_exit(file >= 0 && read(file, member, sizeof(member)) > 0 && atoi(member) == getpid() ? 15 : 16);
	}
	CHECK(child > 0);
	expect_exit(child, 15);
}

/* The grandchild outlives both; the pipe tells when it is over. */
static void is_daemon(void)
{
	int pipes[2];
	pid_t child;
	char byte = 0;

	CHECK(!pipe(pipes));
	child = fork();
	if (!child) {
		pid_t parent = getpid();

		if (setsid() < 0 || fork())
			_exit(17);
		while (getppid() == parent)
			sched_yield();
		_exit(write(pipes[1], "d", 1) == 1 ? 18 : 19);
	}
	expect_exit(child, 17);
	CHECK(read(pipes[0], &byte, 1) == 1 && byte == 'd');
}

static void is_grandchild(void)
{
	pid_t child = fork();

	if (!child) {
		pid_t inner = fork();

		if (!inner)
			_exit(21);
		expect_exit(inner, 21);
		_exit(20);
	}
	expect_exit(child, 20);
}

/* The same number again and again. */
static void has_reused_number(int count)
{
	pid_t number = fork();

	if (!number)
		_exit(0);
	expect_exit(number, 0);
	for (int i = 0; i < count; i++) {
		struct clone_args args = {
			.exit_signal = SIGCHLD, .set_tid = (uint64_t)(uintptr_t)&number, .set_tid_size = 1};
		pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

		if (!child)
			_exit(i % 100);
		/* Somebody else's by now: then another one. */
		if (child < 0 && errno == EEXIST) {
			i--;
			number = fork();
			if (!number)
				_exit(0);
			expect_exit(number, 0);
			continue;
		}
		CHECK(child == number);
		expect_exit(child, i % 100);
	}
}

static void spend_time(void)
{
	struct rusage usage;

	do {
		/* Few calls, for each may cost a tracer's time. */
		for (volatile int i = 0; i < 1000000; i++)
			;
		CHECK(!getrusage(RUSAGE_SELF, &usage));
	} while (usage.ru_utime.tv_sec * 1000000L + usage.ru_utime.tv_usec < 20000);
}

/* Status and usage, as the parent that waits is told: once with WNOWAIT, and once for good. */
static void is_waited_for(void)
{
	struct rusage usage = {0};
	siginfo_t info = {0};
	int status = 0;
	pid_t child = fork();

	if (!child) {
		spend_time();
		_exit(22);
	}
	CHECK(!waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
	CHECK(info.si_pid == child && info.si_code == CLD_EXITED && info.si_status == 22);
	CHECK(wait4(child, &status, 0, &usage) == child && WEXITSTATUS(status) == 22);
	CHECK(usage.ru_utime.tv_sec * 1000000L + usage.ru_utime.tv_usec >= 20000);
	CHECK(wait4(child, &status, 0, &usage) == -1 && errno == ECHILD);
	child = fork();
	if (!child) {
		raise(SIGTERM);
		_exit(9);
	}
	expect_signal(child, SIGTERM);
}

/* A zombie that its parent takes its time to reap. */
static void is_zombie(void)
{
	pid_t child = fork();

	if (!child)
		_exit(23);
	say("zombie %d\n", child);
	CHECK(wait_byte() == 'g');
	expect_exit(child, 23);
}

/*
 * The creator hardly gets a CPU, its child does: it has ended long before the creator comes to tell of it.  A woken child
 * takes the CPU from a SCHED_IDLE creator within fork(2), and then there is somebody who computes. (sched(7))
 */
static void is_of_starved_creator(void)
{
	const struct sched_param none = {0};
	cpu_set_t all;
	cpu_set_t one;
	pid_t busy;
	pid_t child;

	CHECK(!sched_getaffinity(0, sizeof(all), &all));
	CPU_ZERO(&one);
	for (int cpu = 0; !CPU_COUNT(&one); cpu++) {
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &one);
	}
	CHECK(!sched_setaffinity(0, sizeof(one), &one));
	busy = fork();
	if (!busy) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			;
	}
	CHECK(!sched_setscheduler(0, SCHED_IDLE | SCHED_RESET_ON_FORK, &none));
	child = fork();
	if (!child)
		_exit(5);
	CHECK(!kill(busy, SIGKILL));
	expect_exit(child, 5);
	expect_signal(busy, SIGKILL);
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {
	{"vfork-exits", vfork_exits},
	{"vfork-execs", vfork_execs},
	{"vfork-crashes", vfork_crashes},
	{"vfork-killed", vfork_is_killed},
	{"vfork-nested", vfork_nested},
	{"memory", shares_memory},
	{"parent", is_made_for_parent},
	{"namespace", is_first_of_namespace},
	{"daemon", is_daemon},
	{"grandchild", is_grandchild},
	{"waited", is_waited_for},
	{"zombie", is_zombie},
	{"starved", is_of_starved_creator},
};

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";

	if (!strcmp(way, "cgroup"))
		is_born_into_cgroup(argc > 2 ? argv[2] : "");
	else if (!strcmp(way, "reused"))
		has_reused_number(argc > 2 ? atoi(argv[2]) : 10);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!strcmp(way, ways[i].name))
			ways[i].run();
	}
	say("ok %s\n", way);
	return 0;
}
