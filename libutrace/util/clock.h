/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/clock.h - CLOCK_MONOTONIC in nanoseconds; a deadline of UINT64_MAX is never.
 */
#ifndef UT_UTIL_CLOCK_H
#define UT_UTIL_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t ut__clock_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline struct timespec ut__clock_timespec(uint64_t ns)
{
	return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
}

/* timeout_ms as poll(2) has it: negative is never. */
static inline uint64_t ut__clock_deadline(int timeout_ms)
{
	if (timeout_ms < 0)
		return UINT64_MAX;
	return ut__clock_now() + (uint64_t)timeout_ms * 1000000u;
}

#endif
