/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit/util/test_procfs.c - what /proc says is read right, also of a thread whose name is made to be misread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/procfs.h"

static void reads_own_status(void **state)
{
	(void)state;
	assert_int_equal(ut__procfs_status(getpid(), "Tgid"), getpid());
	assert_int_equal(ut__procfs_status(getpid(), "PPid"), getppid());
	assert_int_equal(ut__procfs_status(getpid(), "TracerPid"), 0);
	assert_int_equal(ut__procfs_status(getpid(), "Tgi"), -1);
	assert_int_equal(ut__procfs_status(getpid(), "Nonsense"), -1);
}

static void is_not_fooled_by_names(void **state)
{
	unsigned long flags = 1;
	char letter = 0;

	(void)state;
	assert_int_equal(prctl(PR_SET_NAME, ") Z 1 2 3 4 5 9"), 0);
	assert_true(ut__procfs_stat(getpid(), &letter, &flags));
	assert_int_equal(letter, 'R');
	assert_int_equal(flags & UT__PF_KTHREAD, 0);
	assert_true(ut__procfs_cpu(getpid()) >= 0);
	assert_int_equal(prctl(PR_SET_NAME, "x\nTracerPid:\t7"), 0);
	assert_int_equal(ut__procfs_status(getpid(), "TracerPid"), 0);
}

static void knows_zombies_and_the_gone(void **state)
{
	unsigned long flags;
	siginfo_t info;
	char letter = 0;
	pid_t child = fork();

	(void)state;
	if (!child)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	assert_true(ut__procfs_stat(child, &letter, &flags));
	assert_int_equal(letter, 'Z');
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(ut__procfs_stat(child, &letter, &flags));
	assert_int_equal(ut__procfs_status(child, "Tgid"), -1);
	assert_int_equal(ut__procfs_each_task(child, NULL, NULL), -1);
}

static void cuts_what_is_too_long(void **state)
{
	char small[8], whole[4096];
	ssize_t length = ut__procfs_read("/proc/self/status", whole, sizeof(whole));

	(void)state;
	assert_true(length > 100 && length < (ssize_t)sizeof(whole));
	assert_int_equal(whole[length], 0);
	assert_int_equal(ut__procfs_read("/proc/self/status", small, sizeof(small)), sizeof(small) - 1);
	assert_int_equal(small[sizeof(small) - 1], 0);
	assert_memory_equal(small, whole, sizeof(small) - 1);
	assert_int_equal(ut__procfs_read("/proc/self/no-such-file", small, sizeof(small)), -1);
}

static void *wait_at(void *barrier)
{
	pthread_barrier_wait(barrier);
	pthread_barrier_wait(barrier);
	return NULL;
}

static void add_tid(void *sum, pid_t tid)
{
	*(long *)sum += tid;
}

static void visits_every_task(void **state)
{
	pthread_barrier_t barrier;
	pthread_t threads[3];
	long sum = 0;

	(void)state;
	assert_int_equal(pthread_barrier_init(&barrier, NULL, 4), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, wait_at, &barrier), 0);
	pthread_barrier_wait(&barrier);
	/* The sanitizers have threads of their own. */
	assert_true(ut__procfs_each_task(getpid(), add_tid, &sum) >= 4);
	assert_true(sum > 3L * getpid());
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&barrier);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_own_status),           cmocka_unit_test(is_not_fooled_by_names),
		cmocka_unit_test(knows_zombies_and_the_gone), cmocka_unit_test(cuts_what_is_too_long),
		cmocka_unit_test(visits_every_task),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
