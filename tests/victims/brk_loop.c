/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * brk_loop THREADS ROUNDS: each thread calls target() so many times.  Tells its address first, waits for a byte, and tells
 * the sum of what the calls returned.
 */
#include <pthread.h>

#include "att_common.h"

static long rounds;

__attribute__((noinline)) long target(long x)
{
	__asm__ volatile("" : "+r"(x));
	return x + 1;
}

static void *work(void *unused)
{
	long sum = 0;

	(void)unused;
	for (long i = 0; i < rounds; i++)
		sum += target(i);
	return (void *)sum;
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 1;
	pthread_t ids[64];
	long total = 0;
	char byte;

	rounds = argc > 2 ? atol(argv[2]) : 10;
	say("target %lx\n", (unsigned long)target);
	CHECK(read(0, &byte, 1) == 1);
	for (int i = 1; i < threads; i++)
		CHECK(!pthread_create(&ids[i], NULL, work, NULL));
	total = (long)work(NULL);
	for (int i = 1; i < threads; i++) {
		void *sum;

		CHECK(!pthread_join(ids[i], &sum));
		total += (long)sum;
	}
	say("total %ld\n", total);
	return 0;
}
