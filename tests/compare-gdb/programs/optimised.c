/* SPDX-License-Identifier: BSD-2-Clause */
/* optimised.c - inlined functions, values in registers, tail calls; built with -O2. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pair {
	long first, second;
};

static inline __attribute__((always_inline)) long twice(long value)
{
	long doubled = value * 2;

	printf("%ld\n", doubled);
	return doubled;
}

__attribute__((noinline)) static long leaf(long a, long b)
{
	printf("leaf %ld %ld\n", a, b);
	return a - b;
}

__attribute__((noinline)) static long outer(struct pair *pair, long factor)
{
	long start = twice(pair->first);
	long rest = leaf(start, factor);

	return rest + pair->second;
}

__attribute__((noinline)) static size_t text_length(const char *text)
{
	return strlen(text) + 1;
}

int main(int argc, char **argv)
{
	struct pair pair = {argc, 10};
	long result = outer(&pair, argc + 4);

	printf("%ld %zu\n", result, text_length(argv[0]) > 0 ? (size_t)1 : (size_t)0);
	return 0;
}
