/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/message.c - what the tool says of itself, on stderr.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "tool.h"

/* In one write, so that lines of others on the same stderr stay whole. */
static void vsay(const char *format, va_list args)
{
	char line[1024];

	(void)vsnprintf(line, sizeof(line), format, args);
	(void)fprintf(stderr, "mini-strace: %s\n", line);
	(void)fflush(stderr); /* which is buffered where lines go to it */
}

void note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsay(format, args);
	va_end(args);
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsay(format, args);
	va_end(args);
	exit(1);
}

void usage_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsay(format, args);
	va_end(args);
	(void)fprintf(stderr, "Try 'mini-strace -h' for more information.\n");
	exit(1);
}
