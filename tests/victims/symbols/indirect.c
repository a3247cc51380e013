/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * indirect.c - a GNU indirect function of the program's own.  It prints what its resolver chose, and calls it for each "c" on descriptor 0.
 */
#include <stdio.h>
#include <unistd.h>

static __attribute__((noinline)) int chosen_one(int number)
{
	__asm__ volatile("" : "+r"(number));
	return number * 2;
}

static __attribute__((noinline, used)) int other_one(int number)
{
	__asm__ volatile("" : "+r"(number));
	return number + number;
}

__attribute__((used)) static int (*resolve_indirect(void))(int)
{
	return chosen_one;
}

int indirect(int number) __attribute__((ifunc("resolve_indirect")));

int main(void)
{
	char byte;

	(void)indirect(1);
	printf("ready\nchosen %lx\n", (unsigned long)chosen_one);
	fflush(stdout);
	while (read(0, &byte, 1) == 1 && byte == 'c') {
		printf("called %d\n", indirect(21));
		fflush(stdout);
	}
	return 0;
}
