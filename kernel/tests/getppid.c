// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints how many time-stamp ticks a getppid() takes that nobody watches. Under QEMU's -icount shift=0 a tick is an
 * instruction, so the number is exact; the smallest of many rounds has no timer interrupt in it.
 */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

enum { CALLS = 100, ROUNDS = 200 };

static unsigned long long round_of_calls(void)
{
	unsigned long long start = __rdtsc();

	for (int call = 0; call < CALLS; call++)
		syscall(SYS_getppid);
	return __rdtsc() - start;
}

int main(void)
{
	unsigned long long least = ~0ULL;

	for (int round = 0; round < ROUNDS; round++) {
		unsigned long long ticks = round_of_calls();

		if (ticks < least)
			least = ticks;
	}
	printf("%llu\n", least);
	return 0;
}
