/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench/calls.c - a loop of a system call that does nothing.  Usage: calls COUNT
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;

	while (count-- > 0)
		(void)syscall(SYS_getppid);
	return 0;
}
