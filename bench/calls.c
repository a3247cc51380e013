/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench/calls.c - a loop of a system call that does nothing.  Usage: calls COUNT [attached]
 *
 * With "attached" it begins when somebody traces it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_traced(void)
{
	char line[256];
	int tracer = 0;
	FILE *status = fopen("/proc/self/status", "r");

	while (status && fgets(line, sizeof(line), status))
		(void)sscanf(line, "TracerPid: %d", &tracer);
	if (status)
		(void)fclose(status);
	return tracer;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;

	while (argc > 2 && !is_traced())
		(void)usleep(1000);
	while (count-- > 0)
		(void)syscall(SYS_getppid);
	return 0;
}
