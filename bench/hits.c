/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hits N [THREADS]: calls hit() N times in each thread.
 */
#include <pthread.h>
#include <stdlib.h>

static long rounds;

__attribute__((noinline)) long hit(long x)
{
	__asm__ volatile("" : "+r"(x));
	return x + 1;
}

static void *work(void *unused)
{
	long sum = 0;

	for (long i = 0; i < rounds; i++)
		sum += hit(i);
	return sum == -1 ? unused : NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[256];
	int count = argc > 2 ? atoi(argv[2]) : 1;

	rounds = argc > 1 ? atol(argv[1]) : 1;
	for (int i = 1; i < count && i < 256; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	work(NULL);
	for (int i = 1; i < count && i < 256; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
