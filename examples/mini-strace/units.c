/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/units.c - numbers and durations on the command line.
 */
#include "units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	double nanoseconds;
	int digits;
} units[] = {{"s", 1e9, 0}, {"ms", 1e6, 3}, {"us", 1e3, 6}, {"ns", 1, 9}};

bool number_parse(const char *text, int64_t least, int64_t most, int64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	return !errno && end != text && !*end && *value >= least && *value <= most;
}

bool duration_parse(const char *text, int64_t *nanoseconds)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || !(value >= 0))
		return false;
	if (!*end)
		end = "us";
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].name, end) != 0)
			continue;
		value *= units[i].nanoseconds;
		if (value > (double)INT64_MAX / 2)
			return false;
		*nanoseconds = (int64_t)(value + 0.5);
		return true;
	}
	return false;
}

bool precision_parse(const char *text, int *digits)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].name, text) == 0) {
			*digits = units[i].digits;
			return true;
		}
	}
	return false;
}
