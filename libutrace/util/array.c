/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * util/array.c - arrays that grow by doubling.
 */
#include "util/array.h"

#include <stdlib.h>
#include <string.h>

bool ut__grow(void *array, size_t *room, size_t count, size_t element)
{
	size_t bigger = *room ? *room * 2 : 16;
	void *elements;

	if (count < *room)
		return true;
	/* Through bytes, for the pointer may be one to any type. */
	memcpy(&elements, array, sizeof(elements));
	elements = reallocarray(elements, bigger, element);
	if (!elements)
		return false;
	memcpy(array, &elements, sizeof(elements));
	*room = bigger;
	return true;
}
