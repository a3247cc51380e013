/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * life.c - threads and processes that begin and end in the ways that tracers get wrong.  life WAY [COUNT]
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *sleep_on(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void *run_echo(void *unused)
{
	execl("/bin/echo", "echo", "new program", (char *)NULL);
	return unused;
}

static void *say_last(void *unused)
{
	char state[64] = "";

	/* The leader must really be gone first: its state is then Z. */
	while (!strstr(state, ") Z")) {
		FILE *file = fopen("/proc/self/stat", "r");

		if (!file || !fgets(state, sizeof(state), file))
			exit(1);
		fclose(file);
	}
	puts("last thread");
	exit(7);
	return unused;
}

static int exec_by_thread(int count)
{
	pthread_t thread;

	for (int i = 0; i < count; i++)
		pthread_create(&thread, NULL, sleep_on, NULL);
	pthread_create(&thread, NULL, run_echo, NULL);
	sleep_on(NULL);
	return 1;
}

static int leader_first(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, say_last, NULL);
	pthread_exit(NULL);
}

static int forks(int count)
{
	int good = 0;
	int status;

	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(i % 100);
		good += waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == i % 100;
	}
	printf("%d good\n", good);
	return good != count;
}

static int vfork_exec(void)
{
	pid_t pid = vfork();
	int status;

	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(9);
	}
	return waitpid(pid, &status, 0) != pid || status;
}

static int raw_clone(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags, 0, 0, 0, 0);
	int status;

	if (pid == 0)
		syscall(SYS_exit_group, 3);
	return waitpid((pid_t)pid, &status, __WALL) != pid || WEXITSTATUS(status) != 3;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";
	int count = argc > 2 ? atoi(argv[2]) : 10;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(way, "exec-by-thread") == 0)
		return exec_by_thread(count);
	if (strcmp(way, "leader-first") == 0)
		return leader_first();
	if (strcmp(way, "forks") == 0)
		return forks(count);
	if (strcmp(way, "vfork") == 0)
		return vfork_exec();
	if (strcmp(way, "clone") == 0)
		return raw_clone(SIGUSR1);
	if (strcmp(way, "untraced") == 0)
		return raw_clone(CLONE_UNTRACED | SIGCHLD);
	if (strcmp(way, "wait") == 0)
		sleep_on(NULL);
	return 2;
}
