/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/message.c - what the tool says of itself, on stderr.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "tool.h"

static void vsay(const char *format, va_list args)
{
	(void)fprintf(stderr, "mini-strace: ");
	(void)vfprintf(stderr, format, args);
	(void)fprintf(stderr, "\n");
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
	(void)fprintf(stderr, "Try 'mini-strace -h' for more information.\n");
	va_end(args);
	exit(1);
}
