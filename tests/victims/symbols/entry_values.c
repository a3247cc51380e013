/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * entry_values.c - optimised functions whose arguments are kept, changed, lost, passed on the stack, and passed by a jump.
 */
#include <stdio.h>
#include <unistd.h>

#define APART __attribute__((noinline, noipa))

volatile int sink;

APART void entry_wait(void);
APART int entry_jumped(int given);
APART int entry_jumper(int given);
APART int entry_lost(int given);
APART int entry_changed(int given);
APART int entry_kept(long given);
APART int entry_many(int a, int b, int c, int d, int e, int f, int g, int given);

void entry_wait(void)
{
	char byte;

	printf("ready\n");
	fflush(stdout);
	sink += (int)read(0, &byte, 1);
}

int entry_jumped(int given)
{
	entry_wait();
	return given + sink;
}

int entry_jumper(int given)
{
	sink++;
	return entry_jumped(given + 1);
}

int entry_lost(int given)
{
	sink = given;
	return entry_jumper(30) + sink;
}

int entry_changed(int given)
{
	int result;

	given += sink + 1;
	result = entry_lost(20);
	return result + given;
}

int entry_kept(long given)
{
	return entry_changed(10) + (int)given;
}

int entry_many(int a, int b, int c, int d, int e, int f, int g, int given)
{
	sink = a + b + c + d + e + f + g + given;
	return entry_kept(5) + 1;
}

int main(void)
{
	sink = entry_many(1, 2, 3, 4, 5, 6, 7, 8);
	sink = 0;
	return sink;
}
