/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/units.h - numbers and durations on the command line.
 */
#ifndef MINI_STRACE_UNITS_H
#define MINI_STRACE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

/* A decimal number from least to most; false for anything else. */
bool number_parse(const char *text, int64_t least, int64_t most, int64_t *value);
/* "1.5ms", in nanoseconds; microseconds if no unit is given. */
bool duration_parse(const char *text, int64_t *nanoseconds);
/* "s", "ms", "us", "ns" as digits behind the point: 0, 3, 6, 9. */
bool precision_parse(const char *text, int *digits);

#endif
