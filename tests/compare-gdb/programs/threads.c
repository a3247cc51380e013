/* SPDX-License-Identifier: BSD-2-Clause */
/* threads.c - three workers that wait for each other, each with its own variables. */
#include <pthread.h>
#include <stdio.h>

static pthread_barrier_t barrier;
static __thread int own = 100;
static int results[4];

static void work(int number)
{
	own += number;
	results[number] = own;
	(void)pthread_barrier_wait(&barrier);
}

static void *run(void *argument)
{
	work((int)(long)argument);
	(void)pthread_barrier_wait(&barrier);
	return NULL;
}

static void check(int total)
{
	printf("total %d\n", total);
}

int main(void)
{
	pthread_t threads[3];
	int total = 0;

	(void)pthread_barrier_init(&barrier, NULL, 4);
	for (long i = 0; i < 3; i++)
		(void)pthread_create(&threads[i], NULL, run, (void *)(i + 1));
	(void)pthread_barrier_wait(&barrier);
	for (int i = 1; i < 4; i++)
		total += results[i];
	check(total);
	(void)pthread_barrier_wait(&barrier);
	for (int i = 0; i < 3; i++)
		(void)pthread_join(threads[i], NULL);
	return 0;
}
