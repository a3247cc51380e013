/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stack_walk.c - a known stack: main, a library's callback, recursion, an inlined body, a signal handler (on its own
 * stack if argv[1] is "a").  Line numbers are marked, for the test looks them up by these words.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int sink;
static char alternate[65536];

static inline __attribute__((always_inline)) void walk_inlined(int x)
{
	char byte;

	sink += x;
	printf("ready\n"); /* mark: inlined */
	fflush(stdout);
	sink += (int)read(0, &byte, 1); /* mark: read */
}

static void walk_handler(int signal)
{
	walk_inlined(signal); /* mark: call of inlined */
	sink++;
}

static __attribute__((noinline)) int walk_recursive(int n)
{
	if (n)
		return walk_recursive(n - 1) + sink; /* mark: recursion */
	raise(SIGUSR1);
	return sink;
}

static __attribute__((noinline)) int walk_compare(const void *a, const void *b)
{
	(void)b;
	return walk_recursive(3) + *(const int *)a;
}

int main(int argc, char **argv)
{
	stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
	struct sigaction action = {.sa_handler = walk_handler};
	int values[2] = {2, 1};

	if (argc > 1 && strcmp(argv[1], "a") == 0) {
		sigaltstack(&stack, NULL);
		action.sa_flags = SA_ONSTACK;
	}
	sigaction(SIGUSR1, &action, NULL);
	qsort(values, 2, sizeof(values[0]), walk_compare);
	return 0;
}
