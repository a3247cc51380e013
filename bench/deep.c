/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * deep.c THREADS - threads that wait, each at the bottom of 25 frames; "ready" once all do.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile int sink;
static pthread_barrier_t barrier;

static __attribute__((noinline)) int deep(int n)
{
	if (n)
		return deep(n - 1) + sink;
	pthread_barrier_wait(&barrier);
	pause();
	return 0;
}

static void *run(void *unused)
{
	sink += deep(20);
	return unused;
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 1000;
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 65536);
	pthread_barrier_init(&barrier, NULL, (unsigned)threads + 1);
	for (int i = 0; i < threads; i++)
		pthread_create(&thread, &attributes, run, NULL);
	pthread_barrier_wait(&barrier);
	printf("ready\n");
	fflush(stdout);
	pause();
	return 0;
}
