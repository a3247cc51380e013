/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes many calls in a row, again and again, and looks at its affinity mask in between: in itself, in a child, in a thread and
 * behind execve it must be what it was, or what it has set itself.  argv[1]: how many rounds; argv[2]: set behind execve.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "att_common.h"

static cpu_set_t own;

static void be_busy(void)
{
	for (int i = 0; i < 400; i++)
		(void)syscall(SYS_getppid);
}

static void check_mask(void)
{
	cpu_set_t now;

	CHECK(!sched_getaffinity(0, sizeof(now), &now));
	CHECK(CPU_EQUAL(&now, &own));
}

static void *busy_thread(void *unused)
{
	check_mask();
	be_busy();
	check_mask();
	return unused;
}

static void check_child(void)
{
	int status;
	pid_t child = fork();

	if (!child) {
		busy_thread(NULL);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void check_thread(void)
{
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, busy_thread, NULL) && !pthread_join(thread, NULL));
}

/* One CPU less, or the same one if there is one only; it must stay so while calls are made. */
static void check_own_change(void)
{
	cpu_set_t all = own;

	for (int cpu = 0; CPU_COUNT(&own) > 1; cpu++)
		CPU_CLR(cpu, &own);
	CHECK(!sched_setaffinity(0, sizeof(own), &own));
	be_busy();
	check_mask();
	own = all;
	CHECK(!sched_setaffinity(0, sizeof(own), &own));
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 1;

	CHECK(!sched_getaffinity(0, sizeof(own), &own));
	for (int i = 0; i < rounds; i++) {
		be_busy();
		check_mask();
		be_busy();
		check_child();
		be_busy();
		check_thread();
		be_busy();
		check_own_change();
	}
	be_busy();
	if (argc < 3) {
		char cpus[16];

		(void)snprintf(cpus, sizeof(cpus), "%d", CPU_COUNT(&own));
		(void)execl(argv[0], argv[0], "1", cpus, (char *)NULL);
	}
	CHECK(argc == 3 && CPU_COUNT(&own) == atoi(argv[2]));
	say("ok\n");
	return 0;
}
