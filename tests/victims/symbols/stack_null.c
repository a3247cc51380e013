/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stack_null.c - calls a function at address 0, whose caller is on the stack nevertheless.
 */
#include <stddef.h>

static void (*volatile nowhere)(int);

static __attribute__((noinline)) int null_caller(int x)
{
	nowhere(x);
	return x + 1;
}

int main(void)
{
	return null_caller(3) + 1;
}
