/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mini-strace/decode/set.c - looking up named constants.
 */
#include <string.h>

#include "decode/set.h"

const struct set *set_find(const char *name)
{
	size_t low = 0;
	size_t high = all_sets_count;

	while (name && low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, all_sets[middle]->name);

		if (!order)
			return all_sets[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *set_name(const struct set *set, uint64_t value)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->constants[i].value == value)
			return set->constants[i].name;
	}
	return NULL;
}
