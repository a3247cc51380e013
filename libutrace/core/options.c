/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * core/options.c - see options.h.
 */
#include "core/options.h"

#include <string.h>

#include "backend/sink.h"

int ut__options_copy(void *copy, size_t size, const void *options, struct utrace_error *error)
{
	size_t given;

	memset(copy, 0, size);
	if (!options) {
		memcpy(copy, &size, sizeof(size));
		return UTRACE_OK;
	}
	memcpy(&given, options, sizeof(given));
	if (given < sizeof(given) || given > 4096)
		return ut__fail(error, UTRACE_INVALID, 0,
				"The options' member `size` is %zu; it must be the sizeof of the struct.", given);
	for (size_t i = size; i < given; i++) {
		if (((const unsigned char *)options)[i])
			return ut__fail(
				error, UTRACE_INVALID, 0,
				"The options ask for something at byte %zu that this version of the library does "
				"not know.",
				i);
	}
	memcpy(copy, options, given < size ? given : size);
	memcpy(copy, &size, sizeof(size));
	return UTRACE_OK;
}
