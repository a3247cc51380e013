/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * att_common.h - what the victims share: a check that ends them, a line that tells, a byte that lets them go on.
 *
 * A victim speaks on descriptor 1 with write(2) only, so that its system calls are the ones that its source shows.
 */
#ifndef VICTIM_ATT_COMMON_H
#define VICTIM_ATT_COMMON_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			fail(#condition, __LINE__);                                                                    \
	} while (0)

static inline __attribute__((format(printf, 1, 2))) void say(const char *format, ...)
{
	char line[512];
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	if (write(1, line, (size_t)length) != length)
		_exit(98);
}

static inline void fail(const char *what, int line)
{
	say("bad line %d: %s (errno %d)\n", line, what, errno);
	_exit(99);
}

/* Blocks until the tracer's side says go on; the byte tells how. End of file, when the other side is gone, is 'e'. */
static inline int wait_byte(void)
{
	char byte;
	ssize_t got = read(0, &byte, 1);

	CHECK(got >= 0);
	return got ? byte : 'e';
}

#endif
