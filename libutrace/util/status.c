/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/status.c - errors and the size-first rule.  An error struct is written only here, and only on failure.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/status.h"

int ut__fail(struct utrace_error *error, int status, int sys_errno, const char *text, ...)
{
	va_list args;

	if (!error)
		return status;
	*error = (struct utrace_error){.status = status, .sys_errno = sys_errno};
	va_start(args, text);
	(void)vsnprintf(error->text, sizeof(error->text), text, args);
	va_end(args);
	return status;
}

enum { STRUCT_MAX = 4096 };

static int bad_size(struct utrace_error *error, size_t given)
{
	return ut__fail(error, UTRACE_INVALID, 0, "The struct's member `size` is %zu; it must be its sizeof.", given);
}

int ut__options_copy(void *full, size_t size, const void *options, struct utrace_error *error)
{
	size_t given;

	memset(full, 0, size);
	memcpy(full, &size, sizeof(size));
	if (!options)
		return UTRACE_OK;
	memcpy(&given, options, sizeof(given));
	if (given < sizeof(given) || given > STRUCT_MAX)
		return bad_size(error, given);
	for (size_t i = size; i < given; i++) {
		if (((const unsigned char *)options)[i])
			return ut__fail(error, UTRACE_INVALID, 0,
					"The options ask for something at byte %zu that this version of the library "
					"does not know.",
					i);
	}
	memcpy(full, options, given < size ? given : size);
	memcpy(full, &size, sizeof(size));
	return UTRACE_OK;
}

int ut__store(void *out, const void *full, size_t size, struct utrace_error *error)
{
	size_t given;

	memcpy(&given, out, sizeof(given));
	if (given < sizeof(given) || given > STRUCT_MAX)
		return bad_size(error, given);
	memset(out, 0, given);
	memcpy(out, full, given < size ? given : size);
	memcpy(out, &given, sizeof(given));
	return UTRACE_OK;
}

int ut__store_nth(void *array, size_t n, const void *full, size_t size)
{
	size_t given;
	char *element;

	memcpy(&given, array, sizeof(given));
	if (given < sizeof(given) || given > STRUCT_MAX)
		return -1;
	element = (char *)array + n * given;
	memset(element, 0, given);
	memcpy(element, full, given < size ? given : size);
	memcpy(element, &given, sizeof(given));
	return 0;
}
