// SPDX-License-Identifier: GPL-2.0-only
/* A program to be debugged: calls, a signal, a thread, a child and an exit status, the same on every run. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int caught;
static volatile int counter;

static void handler(int signal)
{
	caught += signal;
}

__attribute__((noinline)) static int add(int left, int right)
{
	counter++;
	return left + right;
}

static void *body(void *unused)
{
	counter = add(counter, 10);
	return unused;
}

int main(void)
{
	pthread_t thread;
	char text[32];
	pid_t child;
	int status;

	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	pthread_create(&thread, NULL, body, NULL);
	pthread_join(thread, NULL);
	child = fork();
	if (child == 0)
		_exit(add(3, 4));
	waitpid(child, &status, 0);
	snprintf(text, sizeof(text), "%d %d %d", caught, counter, WEXITSTATUS(status));
	puts(text);
	return (int)strlen(text);
}
